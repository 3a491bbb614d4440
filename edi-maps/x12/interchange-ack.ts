// TA1: the answer to one interchange, standing between ISA and the first group.
import type { FunctionalAck } from '../canonical/document.js'
import type { Acknowledged } from '../canonical/functional-ack.js'
import { dateOf, timeOf } from '../elements.js'
import type { Segment } from '../segment.js'
import type { Interchange } from '../standard.js'
import { INTERCHANGE_ANSWER } from './codes.js'

/** I18 note that says there is no error. */
const NO_ERROR = '000'
const YEAR_WINDOW = 50

/** Every TA1 of an interchange as a Document; one with an error answers nothing. */
export function readInterchangeAcks(interchange: Interchange): FunctionalAck[] {
  const errors = interchange.issues.filter(({ severity }) => severity === 'error')
  const isWrong = ({ offset, end }: Segment) =>
    errors.some((issue) => issue.tag === 'TA1' && issue.offset >= offset && issue.end <= end)
  const sound = interchange.interchangeAcks.filter((segment) => !isWrong(segment))
  return sound.map((segment) => ({
    kind: 'functionalAck',
    version: 1,
    function: 'original',
    documentNumber: segment.get(1),
    documentDate: envelopeDate(interchange.date, interchange.time) ?? '1970-01-01',
    source: {
      family: 'x12',
      messageType: 'TA1',
      control: { interchange: interchange.control, message: interchange.control },
    },
    parties: [],
    references: [],
    dates: [],
    notes: [],
    body: { acknowledged: [entryOf(segment)] },
  }))
}

function entryOf(segment: Segment): Acknowledged {
  const [control, date, time, code, note] = [1, 2, 3, 4, 5].map((n) => segment.get(n)) as [
    string,
    string,
    string,
    string,
    string,
  ]
  const status = INTERCHANGE_ANSWER.word(code) as Acknowledged['status']
  return {
    level: 'interchange',
    interchange: {
      control,
      ...(date === '' ? {} : { date }),
      ...(time === '' ? {} : { time }),
    },
    status,
    errors: note === '' || note === NO_ERROR ? [] : [{ code: note, scheme: 'x12-I18' }],
  }
}

/** ISO 8601 of an envelope's date (CCYYMMDD or YYMMDD) and time; undefined when there is no such day. */
export function envelopeDate(date = '', time = ''): string | undefined {
  const century = Number(date.slice(0, 2)) < YEAR_WINDOW ? '20' : '19'
  const day = dateOf(date.length === 6 ? century + date : date)
  const clock = timeOf(time)
  return day === undefined || clock === undefined ? day : `${day}T${clock}`
}
