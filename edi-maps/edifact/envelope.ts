// The envelopes of EDIFACT (ISO 9735): UNB … UNZ, UNG … UNE, UNH … UNT. Messages without UNG stand in a group that has
// neither type nor reference.
import { dateOf, timeOf } from '../elements.js'
import type { EnvelopeDialect } from '../envelope.js'
import type { Segment } from '../segment.js'
import type { InterchangeParty } from '../standard.js'
import { checkHeader } from './check-header.js'
import { fullDate } from './envelope-date.js'

const REFERENCE = { pattern: /^.{1,14}$/, expected: '1 to 14 characters' }

const textsOf =
  (segment: Segment) =>
  (element: number, component = 1): string =>
    segment.component(element, component).trim()

/** The text at a place as a key of an object; nothing where it is empty. */
const partOf = (segment: Segment) => (key: string, element: number, component?: number) => {
  const value = textsOf(segment)(element, component)
  return value === '' ? {} : { [key]: value }
}

/** The UNA, which is needed to read the interchange by itself, with what stands between it and the UNB. */
const adviceBefore = ({ before }: Segment): string =>
  /(?<![A-Za-z0-9])UNA[^]{5,6}\s*$/.exec(before)?.[0] ?? ''

export const dialect: EnvelopeDialect = {
  standard: 'edifact',
  tags: {
    interchange: 'UNB',
    interchangeEnd: 'UNZ',
    group: 'UNG',
    groupEnd: 'UNE',
    transaction: 'UNH',
    transactionEnd: 'UNT',
  },
  controlAt: { interchange: 5, group: 5, transaction: 1 },
  controls: { group: REFERENCE, transaction: REFERENCE },
  words: {
    control: 'reference',
    transaction: 'message',
    transactions: 'messages',
    between: 'messages',
  },
  hasPlainTransactions: true,
  interchange(unb) {
    const text = textsOf(unb)
    const part = partOf(unb)
    const party = (element: number): InterchangeParty => ({
      ...part('qualifier', element, 2),
      id: text(element),
      ...part('routing', element, 3),
    })
    return {
      standard: 'edifact',
      offset: unb.offset - adviceBefore(unb).length,
      end: unb.end,
      characters: unb.characters,
      sender: party(2),
      receiver: party(3),
      control: text(5),
      date: text(4, 1),
      time: text(4, 2),
      version: `${text(1, 1)}:${text(1, 2)}`,
      acknowledgementRequested: text(9) === '1',
      test: text(11) === '1',
      informationOnly: false,
    }
  },
  checkInterchange: checkHeader,
  group(ung) {
    const text = textsOf(ung)
    const part = partOf(ung)
    const version = `${text(7, 1)}:${text(7, 2)}`
    return {
      ...part('type', 1),
      ...part('sender', 2),
      ...part('receiver', 3),
      ...part('date', 4, 1),
      ...part('time', 4, 2),
      ...part('control', 5),
      ...(version === ':' ? {} : { version }),
    }
  },
  checkGroup({ type = '', date = '', time = '' }, tell) {
    if (type === '') {
      tell('group-unsupported', 1, 'The UNG segment does not say what its group is of.')
    }
    if (dateOf(fullDate(date)) === undefined) {
      const expected = 'YYMMDD, in syntax version 4 CCYYMMDD'
      tell('group-date-invalid', [4, 1], 'UNG04-1 is not a date.', expected)
    } else if (timeOf(time) === undefined) {
      tell('group-date-invalid', [4, 2], 'UNG04-2 is not a time.', 'HHMM')
    }
  },
  transaction(unh, group) {
    const text = textsOf(unh)
    const part = partOf(unh)
    const release = `${text(2, 2)}:${text(2, 3)}`
    return {
      type: text(2),
      control: text(1),
      version: release === ':' ? (group.version ?? '') : release,
      ...part('association', 2, 5),
      ...part('agency', 2, 4),
    }
  },
  checkTransaction({ type }, group, tell) {
    if (!/^[A-Z0-9]{1,6}$/.test(type)) {
      const text = `UNH02-1 ${type || '(empty)'} is no message type.`
      tell('transaction-type-invalid', [2, 1], text, 'up to six letters, e.g. DESADV')
    } else if (group.type !== undefined && group.type !== type) {
      const text = `A ${type} does not belong into a group of ${group.type}.`
      tell('transaction-not-in-group', [2, 1], text, group.type)
    }
  },
}
