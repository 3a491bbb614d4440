// Segments to interchanges, groups and transaction sets, with every check the envelope allows (X12 ISA … IEA,
// GS … GE, ST … SE). Works segment by segment and holds no more than one transaction set.
import { finding, type Issue, type IssueCode } from '../issue.js'
import type { Segment } from '../segment.js'
import type {
  EnvelopeEvent,
  EnvelopeReader,
  Group,
  Interchange,
  Opened,
  Transaction,
} from '../standard.js'
import { checkHeader } from './check-header.js'
import { isDate, isTime } from './check-segment.js'
import { SETS_OF_GROUP } from './functional-groups.js'

/** Reads envelopes as the segments come. `keep`: interchanges list their groups and groups their transactions. */
export function envelopeReader({ keep = false }: { keep?: boolean } = {}): EnvelopeReader {
  return new X12EnvelopeReader(keep)
}

/** Reads the envelopes of a whole input. */
export function open(segments: readonly Segment[]): Opened {
  const reader = new X12EnvelopeReader(true)
  const events = [...reader.push(segments), ...reader.end()]
  return {
    interchanges: events.flatMap((e) => (e.kind === 'interchangeEnd' ? [e.interchange] : [])),
    issues: events.flatMap((e) => (e.kind === 'outside' ? [e.issue] : [])),
  }
}

/** The same shape while it is being filled. */
type Filling<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K]
}

/** Tags that end an open transaction set when they come without its SE. */
const ENVELOPE: ReadonlySet<string> = new Set(['ISA', 'GS', 'ST', 'SE', 'GE', 'IEA'])
const OUTSIDE: ReadonlySet<IssueCode> = new Set(['data-outside-interchange', 'not-edi'])
const DIGITS = /^\d+$/
const MAX_VALUE = 99

/** Control numbers agree when they are equal but for leading zeros. */
const sameNumber = (a: string, b: string): boolean =>
  a === b || (DIGITS.test(a) && DIGITS.test(b) && Number(a) === Number(b))

class X12EnvelopeReader implements EnvelopeReader {
  private readonly keep: boolean
  private out: EnvelopeEvent[] = []
  private interchange: Filling<Interchange> | undefined
  private groupCount = 0
  private groupControls = new Set<string>()
  private group: Filling<Group> | undefined
  private transactionCount = 0
  private transactionControls = new Set<string>()
  private transaction: Filling<Transaction> | undefined
  /** Number of the segment in the interchange, ISA = 1. */
  private position = 0
  /** A segment out of place was told; those that follow it are not told again. */
  private isAstray = false
  private last: Segment | undefined

  constructor(keep: boolean) {
    this.keep = keep
  }

  push(segments: readonly Segment[]): EnvelopeEvent[] {
    for (const segment of segments) this.take(segment)
    return this.flush()
  }

  end(): EnvelopeEvent[] {
    const isTold = this.interchange?.issues.some((issue) => issue.code === 'interchange-cut-off')
    if (this.interchange !== undefined && this.last !== undefined && isTold === false) {
      const place = { offset: this.last.end, end: this.last.end, line: this.last.line }
      this.interchange.issues.push(
        finding('x12', 'interchange-cut-off', place, 'The input ends before the IEA segment.', {
          segmentIndex: this.position + 1,
          tag: 'IEA',
        }),
      )
    }
    this.closeInterchange(undefined)
    return this.flush()
  }

  private flush(): EnvelopeEvent[] {
    const { out } = this
    this.out = []
    return out
  }

  private take(segment: Segment): void {
    const { tag } = segment
    if (segment.issues.length > 0 && tag !== 'ISA') this.tellBytes(segment)
    if (tag === '' && segment.elementCount === 0) return
    this.position++
    if (this.transaction !== undefined && !ENVELOPE.has(tag)) {
      this.transaction.segments.push(segment)
      this.last = segment
      return
    }
    const isPlaced = this.place(segment, tag)
    if (isPlaced) this.isAstray = false
    else if (!this.isAstray) this.astray(segment)
    if (this.interchange !== undefined) this.interchange.end = segment.end
    this.last = segment
  }

  /** False when the segment has no place where it stands. */
  private place(segment: Segment, tag: string): boolean {
    if (tag === 'ISA') {
      this.startInterchange(segment)
      return true
    }
    if (this.interchange === undefined) return false
    switch (tag) {
      case 'GS':
        this.startGroup(segment)
        return true
      case 'ST':
        if (this.group !== undefined) this.startTransaction(segment, this.group)
        return this.group !== undefined
      case 'SE': {
        const { transaction } = this
        if (transaction !== undefined) this.endTransaction(segment, transaction)
        return transaction !== undefined
      }
      case 'GE': {
        const { group } = this
        if (group !== undefined) this.endGroup(segment, group)
        return group !== undefined
      }
      case 'IEA':
        this.endInterchange(segment, this.interchange)
        return true
      case 'TA1':
        if (this.group === undefined) this.interchange.interchangeAcks.push(segment)
        return this.group === undefined
      case 'ISB':
      case 'ISE':
        return this.group === undefined && this.groupCount === 0
      default:
        return false
    }
  }

  private startInterchange(isa: Segment): void {
    if (this.interchange !== undefined) {
      this.tell(this.interchange, 'control-structure-invalid', isa, {
        text: 'A new interchange begins before the IEA of the one before.',
      })
      this.closeInterchange(isa)
    }
    const party = (qualifier: number) => {
      const value = isa.get(qualifier).trim()
      return { ...(value === '' ? {} : { qualifier: value }), id: isa.get(qualifier + 1).trim() }
    }
    for (const issue of isa.issues) {
      if (OUTSIDE.has(issue.code)) this.out.push({ kind: 'outside', issue })
    }
    const usage = isa.get(15).trim()
    const interchange: Filling<Interchange> = {
      standard: 'x12',
      offset: isa.offset,
      end: isa.end,
      characters: isa.characters,
      sender: party(5),
      receiver: party(7),
      control: isa.get(13).trim(),
      date: isa.get(9).trim(),
      time: isa.get(10).trim(),
      version: isa.get(12).trim(),
      acknowledgementRequested: isa.get(14).trim() === '1',
      test: usage === 'T',
      informationOnly: usage === 'I',
      interchangeAcks: [],
      groups: [],
      issues: isa.issues
        .filter((issue) => !OUTSIDE.has(issue.code))
        .map((issue) => ({ ...issue, segmentIndex: 1, tag: 'ISA' })),
    }
    this.position = 1
    this.groupCount = 0
    this.groupControls = new Set()
    this.interchange = interchange
    checkHeader(isa, (code, element, text, expected) =>
      this.tell(interchange, code, isa, {
        text,
        element,
        ...(expected === undefined ? {} : { expected }),
      }),
    )
    this.out.push({ kind: 'interchange', interchange })
  }

  private endInterchange(iea: Segment, interchange: Filling<Interchange>): void {
    this.closeGroup(iea)
    const [count, control] = [iea.get(1).trim(), iea.get(2).trim()]
    if (Number(count) !== this.groupCount || count === '') {
      this.tell(interchange, 'group-count-mismatch', iea, {
        element: 1,
        text: `IEA01 says ${count || 'nothing'}, the interchange has ${this.groupCount} functional groups.`,
        expected: String(this.groupCount),
      })
    }
    if (!sameNumber(control, interchange.control)) {
      this.tell(interchange, 'interchange-control-mismatch', iea, {
        element: 2,
        text: `IEA02 is ${control || 'empty'}, ISA13 is ${interchange.control || 'empty'}.`,
        expected: interchange.control,
      })
    }
    interchange.end = iea.end
    this.closeInterchange(iea)
  }

  /** `next`: the segment that ends it. */
  private closeInterchange(next: Segment | undefined): void {
    this.closeGroup(next)
    if (this.interchange !== undefined) {
      this.out.push({ kind: 'interchangeEnd', interchange: this.interchange })
    }
    this.interchange = undefined
  }

  private startGroup(gs: Segment): void {
    const interchange = this.interchange!
    this.closeGroup(gs)
    const part = (key: string, element: number) => {
      const value = gs.get(element).trim()
      return value === '' ? {} : { [key]: value }
    }
    const group: Filling<Group> = {
      ...part('type', 1),
      ...part('sender', 2),
      ...part('receiver', 3),
      ...part('date', 4),
      ...part('time', 5),
      ...part('control', 6),
      ...part('version', 8),
      transactions: [],
      issues: [],
    }
    this.groupCount++
    this.transactionCount = 0
    this.transactionControls = new Set()
    this.group = group
    const { type = '', control = '', version = '', date = '', time = '' } = group
    if (type === '' || version === '') {
      this.tell(interchange, 'interchange-content-invalid', gs, {
        element: type === '' ? 1 : 8,
        text: `The GS segment does not say ${type === '' ? 'what its group is of' : 'its version'}.`,
      })
    }
    if (!/^\d{1,9}$/.test(control)) {
      this.tell(group, 'group-control-number-invalid', gs, {
        element: 6,
        text: `GS06 ${control || '(empty)'} is no control number.`,
        expected: '1 to 9 digits',
      })
    } else if (this.groupControls.has(control)) {
      this.tell(group, 'group-duplicate', gs, {
        element: 6,
        text: `Two functional groups of the interchange have the control number ${control}.`,
      })
    }
    this.groupControls.add(control)
    if (!isDate(date) || !isTime(time)) {
      this.tell(group, 'group-date-invalid', gs, {
        element: isDate(date) ? 5 : 4,
        text: isDate(date) ? 'GS05 is not a time.' : 'GS04 is not a date.',
        expected: isDate(date) ? 'HHMM' : 'CCYYMMDD',
      })
    }
    if (this.keep) interchange.groups.push(group)
    this.out.push({ kind: 'group', interchange, group })
  }

  private endGroup(ge: Segment, group: Filling<Group>): void {
    this.closeTransaction(ge)
    const [count, control] = [ge.get(1).trim(), ge.get(2).trim()]
    if (DIGITS.test(count)) group.declaredCount = Number(count)
    if (group.declaredCount !== this.transactionCount) {
      this.tell(group, 'transaction-count-mismatch', ge, {
        element: 1,
        text: `GE01 says ${count || 'nothing'}, the group has ${this.transactionCount} transaction sets.`,
        expected: String(this.transactionCount),
      })
    }
    if (!sameNumber(control, group.control ?? '')) {
      this.tell(group, 'group-control-mismatch', ge, {
        element: 2,
        text: `GE02 is ${control || 'empty'}, GS06 is ${group.control ?? 'empty'}.`,
        expected: group.control ?? '',
      })
    }
    this.closeGroup(ge)
  }

  /** Ends an open group; `next`: its GE, or the segment that came instead. */
  private closeGroup(next: Segment | undefined): void {
    this.closeTransaction(next)
    const { interchange, group } = this
    if (interchange === undefined || group === undefined) return
    if (next?.tag !== 'GE') {
      this.tellMissing(group, 'group-trailer-missing', 'GE', next)
    }
    this.group = undefined
    this.out.push({ kind: 'groupEnd', interchange, group })
  }

  private startTransaction(st: Segment, group: Filling<Group>): void {
    this.closeTransaction(st)
    const type = st.get(1).trim()
    const control = st.get(2).trim()
    const implementation = st.get(3).trim()
    const transaction: Filling<Transaction> = {
      type,
      control,
      version: implementation || (group.version ?? ''),
      segments: [st],
      issues: [],
    }
    this.transactionCount++
    this.transaction = transaction
    const sets = SETS_OF_GROUP.get(group.type ?? '')
    if (!/^[0-9A-Z]{3}$/.test(type)) {
      this.tell(transaction, 'transaction-type-invalid', st, {
        element: 1,
        text: `ST01 ${type || '(empty)'} is no transaction set.`,
        expected: 'three digits, e.g. 856',
      })
    } else if (sets !== undefined && !sets.includes(type)) {
      this.tell(transaction, 'transaction-not-in-group', st, {
        element: 1,
        text: `A ${type} does not belong into a group of type ${group.type}.`,
        expected: sets.join(' or '),
      })
    }
    if (control === '' || control.length > 9) {
      this.tell(transaction, 'transaction-control-number-invalid', st, {
        element: 2,
        text: `ST02 ${control || '(empty)'} is no control number.`,
        expected: '4 to 9 characters',
      })
    } else if (this.transactionControls.has(control)) {
      this.tell(transaction, 'transaction-duplicate', st, {
        element: 2,
        text: `Two transaction sets of the group have the control number ${control}.`,
      })
    }
    this.transactionControls.add(control)
  }

  private endTransaction(se: Segment, transaction: Filling<Transaction>): void {
    transaction.segments.push(se)
    const [count, control] = [se.get(1).trim(), se.get(2).trim()]
    const { length } = transaction.segments
    if (Number(count) !== length || count === '') {
      this.tell(transaction, 'segment-count-mismatch', se, {
        element: 1,
        text: `SE01 says ${count || 'nothing'}, the set has ${length} segments from ST to SE.`,
        expected: String(length),
      })
    }
    if (!sameNumber(control, transaction.control)) {
      this.tell(transaction, 'transaction-control-mismatch', se, {
        element: 2,
        text: `SE02 is ${control || 'empty'}, ST02 is ${transaction.control || 'empty'}.`,
        expected: transaction.control,
      })
    }
    this.closeTransaction(se)
  }

  /** Ends an open set; `next`: its SE, or the segment that came instead. */
  private closeTransaction(next: Segment | undefined): void {
    const { interchange, group, transaction } = this
    if (interchange === undefined || group === undefined || transaction === undefined) return
    if (next?.tag !== 'SE') {
      this.tellMissing(transaction, 'transaction-trailer-missing', 'SE', next)
    }
    this.transaction = undefined
    if (this.keep) group.transactions.push(transaction)
    this.out.push({ kind: 'transaction', interchange, group, transaction })
  }

  private astray(segment: Segment): void {
    this.isAstray = true
    const { interchange } = this
    const where =
      this.group !== undefined ? 'between transaction sets' : 'between functional groups'
    const text = `A segment ${segment.tag || 'without a tag'} has no place ${where}.`
    if (interchange !== undefined)
      this.tell(interchange, 'control-structure-invalid', segment, { text })
  }

  /** Findings of the byte level go to the innermost envelope that is open. */
  private tellBytes(segment: Segment): void {
    const { interchange, transaction } = this
    for (const issue of segment.issues) {
      if (OUTSIDE.has(issue.code) || interchange === undefined) {
        this.out.push({ kind: 'outside', issue })
      } else if (transaction !== undefined && issue.ack?.level === 'segment') {
        const segmentIndex = transaction.segments.length + 1
        transaction.issues.push({ ...issue, segmentIndex, tag: segment.tag })
      } else {
        interchange.issues.push({ ...issue, segmentIndex: this.position + 1, tag: segment.tag })
      }
    }
  }

  private tellMissing(
    owner: { issues: Issue[] },
    code: IssueCode,
    tag: string,
    next: Segment | undefined,
  ): void {
    const at = next?.offset ?? this.last?.end ?? 0
    const place = { offset: at, end: at, line: next?.line ?? this.last?.line ?? 1 }
    const came = next === undefined ? 'the input ends' : `${next.tag} comes`
    owner.issues.push(
      finding('x12', code, place, `The ${tag} segment is missing: ${came} instead.`, {
        segmentIndex: this.segmentIndex(owner) + (owner === this.transaction ? 1 : 0),
        tag,
      }),
    )
  }

  /** Number of the segment at hand as acknowledgements count it: in its set from ST = 1, elsewhere from ISA = 1. */
  private segmentIndex(owner: { issues: Issue[] }): number {
    const { transaction } = this
    if (owner !== transaction) return this.position
    return transaction.segments.length
  }

  private tell(
    owner: { issues: Issue[] },
    code: IssueCode,
    segment: Segment,
    more: { text: string; element?: number; expected?: string },
  ): void {
    const { text, element, expected } = more
    const range =
      element === undefined ? { offset: segment.offset, end: segment.end } : segment.range(element)
    const value = element === undefined ? '' : segment.raw(element).slice(0, MAX_VALUE)
    owner.issues.push(
      finding('x12', code, { ...range, line: segment.line }, text, {
        segmentIndex: this.segmentIndex(owner),
        tag: segment.tag,
        ...(element === undefined ? {} : { element }),
        ...(value === '' ? {} : { value }),
        ...(expected === undefined || expected === '' ? {} : { expected }),
      }),
    )
  }
}
