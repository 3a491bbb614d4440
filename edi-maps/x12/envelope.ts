// The envelopes of X12: ISA … IEA, GS … GE, ST … SE, and TA1 between ISA and the first group.
import type { EnvelopeDialect } from '../envelope.js'
import type { Issue } from '../issue.js'
import type { Segment } from '../segment.js'
import { SegmentElements } from '../segment-elements.js'
import { checkHeader } from './check-header.js'
import { isDate, isTime } from './check-segment.js'
import { x12Dictionary } from './element-check.js'
import { SETS_OF_GROUP } from './functional-groups.js'

const party = (isa: Segment, qualifier: number) => {
  const value = isa.get(qualifier).trim()
  return { ...(value === '' ? {} : { qualifier: value }), id: isa.get(qualifier + 1).trim() }
}

/** TA1 is the same in all releases. */
const checkTa1 = x12Dictionary('004010').checkOf('TA1')
/** I18 of a TA1: what stands in the interchange is invalid. */
const CONTENT_INVALID = { level: 'interchange', code: '024' } as const

export const dialect: EnvelopeDialect = {
  standard: 'x12',
  tags: {
    interchange: 'ISA',
    interchangeEnd: 'IEA',
    group: 'GS',
    groupEnd: 'GE',
    transaction: 'ST',
    transactionEnd: 'SE',
  },
  controlAt: { interchange: 13, group: 6, transaction: 2 },
  controls: {
    group: { pattern: /^\d{1,9}$/, expected: '1 to 9 digits' },
    transaction: { pattern: /^.{1,9}$/, expected: '4 to 9 characters' },
  },
  words: {
    control: 'control number',
    transaction: 'set',
    transactions: 'transaction sets',
    between: 'functional groups',
  },
  hasPlainTransactions: false,
  interchange(isa) {
    const usage = isa.get(15).trim()
    return {
      standard: 'x12',
      offset: isa.offset,
      end: isa.end,
      characters: isa.characters,
      sender: party(isa, 5),
      receiver: party(isa, 7),
      control: isa.get(13).trim(),
      date: isa.get(9).trim(),
      time: isa.get(10).trim(),
      version: isa.get(12).trim(),
      acknowledgementRequested: isa.get(14).trim() === '1',
      test: usage === 'T',
      informationOnly: usage === 'I',
    }
  },
  checkInterchange: checkHeader,
  group(gs) {
    const part = (key: string, element: number) => {
      const value = gs.get(element).trim()
      return value === '' ? {} : { [key]: value }
    }
    return {
      ...part('type', 1),
      ...part('sender', 2),
      ...part('receiver', 3),
      ...part('date', 4),
      ...part('time', 5),
      ...part('control', 6),
      ...part('version', 8),
    }
  },
  checkGroup({ type = '', version = '', date = '', time = '' }, tell, tellInterchange) {
    if (type === '' || version === '') {
      const what = type === '' ? 'what its group is of' : 'its version'
      const at = type === '' ? 1 : 8
      const text = `The GS segment does not say ${what}.`
      const expected = type === '' ? 'a functional group, e.g. SH' : 'a version, e.g. 004010'
      tellInterchange('interchange-content-invalid', at, text, expected)
    }
    if (!isDate(date)) tell('group-date-invalid', 4, 'GS04 is not a date.', 'CCYYMMDD')
    else if (!isTime(time)) tell('group-date-invalid', 5, 'GS05 is not a time.', 'HHMM')
  },
  transaction(st, group) {
    const implementation = st.get(3).trim()
    return {
      type: st.get(1).trim(),
      control: st.get(2).trim(),
      version: implementation || (group.version ?? ''),
    }
  },
  checkTransaction({ type }, group, tell) {
    const sets = SETS_OF_GROUP.get(group.type ?? '')
    if (sets?.includes(type) === true) return
    if (!/^[0-9A-Z]{3}$/.test(type)) {
      const text = `ST01 ${type || '(empty)'} is no transaction set.`
      tell('transaction-type-invalid', 1, text, 'three digits, e.g. 856')
    } else if (sets !== undefined) {
      const text = `A ${type} does not belong into a group of type ${group.type}.`
      tell('transaction-not-in-group', 1, text, sets.join(' or '))
    }
  },
  other(tag, { inGroup, groupCount }) {
    if (inGroup) return undefined
    if (tag === 'TA1') return 'acknowledgement'
    return (tag === 'ISB' || tag === 'ISE') && groupCount === 0 ? 'passed over' : undefined
  },
  checkAcknowledgement(segment, segmentIndex) {
    const issues: Issue[] = []
    checkTa1?.tell(
      new SegmentElements().read(segment, checkTa1.rules),
      () => ({ segment: segment.number, segmentIndex }),
      issues,
    )
    return issues.map((issue) => ({ ...issue, ack: CONTENT_INVALID }))
  },
}
