// Segments to interchanges, groups and transactions, with every check the envelope allows, for both standards. Works
// segment by segment and holds no more than one transaction. What the standards have of their own is an EnvelopeDialect.
import { append } from './append.js'
import { finding, type Issue, type IssueCode } from './issue.js'
import { plural } from './plural.js'
import { SeenControls } from './seen-controls.js'
import type { Segment } from './segment.js'
import { TagNumbers } from './tag-key.js'
import type { EnvelopeEvent, EnvelopeReader, Group, Interchange, Transaction } from './standard.js'

type Level = 'interchange' | 'group' | 'transaction'

/** Says of one element or component of a header what is wrong with it. */
export type TellHeader = (
  code: IssueCode,
  at: number | readonly [element: number, component: number],
  text: string,
  expected?: string,
) => void

/** What a standard has of its own in its envelopes. Every trailer has its count in element 1 and its number in 2. */
export interface EnvelopeDialect {
  readonly standard: 'x12' | 'edifact'
  /** Headers and trailers. */
  readonly tags: Readonly<Record<Level | `${Level}End`, string>>
  /** Element of the header that has the control number. */
  readonly controlAt: Readonly<Record<Level, number>>
  readonly controls: Readonly<
    Record<'group' | 'transaction', { readonly pattern: RegExp; readonly expected: string }>
  >
  /** What findings call them. */
  readonly words: {
    readonly control: string
    readonly transaction: string
    readonly transactions: string
    readonly between: string
  }
  /** Transactions may stand without a group, their numbers differ in the whole interchange, and one must be there. */
  readonly hasPlainTransactions: boolean
  interchange(
    header: Segment,
  ): Omit<Interchange, 'groups' | 'issues' | 'interchangeAcks' | 'controlPlace'>
  checkInterchange(header: Segment, tell: TellHeader): void
  group(header: Segment): Omit<Group, 'transactions' | 'issues'>
  /** `tellInterchange` for what spoils more than the group. */
  checkGroup(group: Group, tell: TellHeader, tellInterchange: TellHeader): void
  transaction(header: Segment, group: Group): Omit<Transaction, 'segments' | 'issues'>
  checkTransaction(transaction: Transaction, group: Group, tell: TellHeader): void
  /** Other segments of the envelope; undefined: it has no place where it stands. */
  other?(
    tag: string,
    where: { readonly inGroup: boolean; readonly groupCount: number },
  ): 'acknowledgement' | 'passed over' | undefined
  /** What is wrong with a segment that is an acknowledgement; `segmentIndex` counts from 1 in the interchange. */
  checkAcknowledgement?(segment: Segment, segmentIndex: number): readonly Issue[]
}

/** The dialect of each standard. */
export type EnvelopeDialects = Readonly<Record<EnvelopeDialect['standard'], EnvelopeDialect>>

/** The same shape while it is being filled. */
type Filling<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K]
}

const OUTSIDE: ReadonlySet<IssueCode> = new Set(['data-outside-interchange', 'not-edi'])
const IN_TRANSACTION: ReadonlySet<string | undefined> = new Set(['segment', 'element'])
const DIGITS = /^\d+$/
const MAX_VALUE = 99

/** Control numbers agree when they are equal but for leading zeros. */
const sameNumber = (a: string, b: string): boolean =>
  a === b || (DIGITS.test(a) && DIGITS.test(b) && Number(a) === Number(b))

function tagNumbers(dialect: EnvelopeDialect): TagNumbers {
  const numbers = new TagNumbers()
  for (const tag of Object.values(dialect.tags)) numbers.add(tag)
  return numbers
}

/** Not made by spreading: each object would have a shape of its own then, which slows down all who look at it. */
function newTransaction(
  { type, control, version, association, agency }: Omit<Transaction, 'segments' | 'issues'>,
  header: Segment,
): Filling<Transaction> {
  const transaction: Filling<Transaction> = {
    type,
    control,
    version,
    segments: [header],
    issues: [],
  }
  if (association !== undefined) transaction.association = association
  if (agency !== undefined) transaction.agency = agency
  return transaction
}

/** Reads the envelopes of every standard it is given the dialect of. */
export class DialectReader implements EnvelopeReader {
  private readonly dialects: EnvelopeDialects
  /** Of the interchange being read, or of the one before. */
  private dialect: EnvelopeDialect
  /** Tags that end an open transaction when they come without its trailer, by dialect. */
  private readonly tagsOf: ReadonlyMap<EnvelopeDialect, TagNumbers>
  private envelopeTags: TagNumbers
  private readonly keep: boolean
  private out: EnvelopeEvent[] = []
  private interchange: Filling<Interchange> | undefined
  private groupCount = 0
  private groupControls = new SeenControls()
  private group: Filling<Group> | undefined
  /** The open group has a header of its own. */
  private hasHeader = false
  /** Of the interchange, and of its open group. */
  private transactionCount = 0
  private groupTransactions = 0
  private transactionControls = new SeenControls()
  private transaction: Filling<Transaction> | undefined
  private isMixed = false
  /** Number of the segment in the interchange, its header = 1. */
  private position = 0
  /** A segment out of place was told; those that follow it are not told again. */
  private isAstray = false
  private last: Segment | undefined

  /** `keep`: interchanges list their groups and groups their transactions. */
  constructor(dialects: EnvelopeDialects, keep: boolean) {
    this.dialects = dialects
    this.dialect = dialects.x12
    this.tagsOf = new Map(Object.values(dialects).map((dialect) => [dialect, tagNumbers(dialect)]))
    this.envelopeTags = this.tagsOf.get(this.dialect)!
    this.keep = keep
  }

  push(segments: readonly Segment[]): EnvelopeEvent[] {
    for (let at = 0; at < segments.length; at++) {
      at = this.takeContent(segments, at)
      if (at < segments.length) this.take(segments[at]!)
    }
    return this.flush()
  }

  /** Takes what stands in an open transaction from `from` on, and gives where that ends: most segments are of its kind. */
  private takeContent(segments: readonly Segment[], from: number): number {
    const { transaction, envelopeTags } = this
    if (transaction === undefined) return from
    let to = from
    for (; to < segments.length; to++) {
      const segment = segments[to]!
      const { tagKey } = segment
      if (tagKey === 0 || envelopeTags.get(tagKey) >= 0 || segment.issues.length > 0) break
    }
    if (to === from) return from
    // Its trailer too, where it is there; what it says is taken after that.
    const next = segments[to]
    const isTrailer = next?.tag === this.dialect.tags.transactionEnd && next.issues.length === 0
    const end = isTrailer ? to + 1 : to
    // Behind the header, which is the first, all are copied at once.
    if (
      from > 0 &&
      segments[from - 1] === transaction.segments.at(-1) &&
      transaction.segments.length === 1
    ) {
      transaction.segments = segments.slice(from - 1, end)
    } else for (let at = from; at < end; at++) transaction.segments.push(segments[at]!)
    this.position += to - from
    this.last = segments[to - 1]!
    return to
  }

  end(): EnvelopeEvent[] {
    const { standard, tags } = this.dialect
    const isTold = this.interchange?.issues.some((issue) => issue.code === 'interchange-cut-off')
    if (this.interchange !== undefined && this.last !== undefined && isTold === false) {
      const place = { offset: this.last.end, end: this.last.end, line: this.last.line }
      const text = `The input ends before the ${tags.interchangeEnd} segment.`
      this.interchange.issues.push(
        finding(standard, 'interchange-cut-off', place, text, {
          segment: this.last.number + 1,
          segmentIndex: this.position + 1,
          tag: tags.interchangeEnd,
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
    const { tag, standard } = segment
    if (standard !== this.dialect.standard) this.turnTo(standard, segment)
    const isHeader = tag === this.dialect.tags.interchange
    if (segment.issues.length > 0 && !isHeader) this.tellBytes(segment)
    if (tag === '' && segment.elementCount === 0) return
    this.position++
    if (this.transaction !== undefined && this.envelopeTags.get(segment.tagKey) < 0) {
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
    const { tags } = this.dialect
    if (tag === tags.interchange) {
      this.startInterchange(segment)
      return true
    }
    const { interchange, group, transaction } = this
    if (interchange === undefined) return false
    switch (tag) {
      case tags.group:
        this.startGroup(segment, interchange)
        return true
      case tags.transaction: {
        const isIn = group !== undefined || this.dialect.hasPlainTransactions
        if (isIn) this.startTransaction(segment, interchange)
        return isIn
      }
      case tags.transactionEnd:
        if (transaction !== undefined) this.endTransaction(segment, transaction)
        return transaction !== undefined
      case tags.groupEnd:
        if (group !== undefined && this.hasHeader) this.endGroup(segment, group)
        return group !== undefined && this.hasHeader
      case tags.interchangeEnd:
        this.endInterchange(segment, interchange)
        return true
      default: {
        const where = { inGroup: group !== undefined, groupCount: this.groupCount }
        const what = this.dialect.other?.(tag, where)
        if (what === 'acknowledgement') {
          interchange.interchangeAcks.push(segment)
          const found = this.dialect.checkAcknowledgement?.(segment, this.position) ?? []
          append(interchange.issues, found)
        }
        return what !== undefined
      }
    }
  }

  /** What follows is of another standard. The first of it is a header: a filler has the standard of what is before it. */
  private turnTo(standard: Segment['standard'], header: Segment): void {
    this.closeUnended(header)
    this.dialect = this.dialects[standard]
    this.envelopeTags = this.tagsOf.get(this.dialect)!
  }

  /** Closes an interchange that another begins in. */
  private closeUnended(header: Segment): void {
    if (this.interchange === undefined) return
    const { interchangeEnd } = this.dialect.tags
    const text = `A new interchange begins before the ${interchangeEnd} of the one before.`
    this.tell(this.interchange, 'control-structure-invalid', header, { text })
    this.closeInterchange(header)
  }

  private startInterchange(header: Segment): void {
    const { tags, controlAt } = this.dialect
    const element = controlAt.interchange
    this.closeUnended(header)
    for (const issue of header.issues) {
      if (OUTSIDE.has(issue.code)) this.out.push({ kind: 'outside', issue })
    }
    const interchange: Filling<Interchange> = {
      ...this.dialect.interchange(header),
      controlPlace: {
        ...header.range(element),
        line: header.line,
        segment: header.number,
        segmentIndex: 1,
        tag: tags.interchange,
        element,
      },
      interchangeAcks: [],
      groups: [],
      issues: header.issues
        .filter((issue) => !OUTSIDE.has(issue.code))
        .map((issue) => ({
          ...issue,
          segment: header.number,
          segmentIndex: 1,
          tag: tags.interchange,
        })),
    }
    this.position = 1
    this.groupCount = 0
    this.groupControls = new SeenControls()
    this.transactionCount = 0
    this.transactionControls = new SeenControls()
    this.isMixed = false
    this.interchange = interchange
    this.dialect.checkInterchange(header, this.teller(interchange, header))
    this.out.push({ kind: 'interchange', interchange })
  }

  private endInterchange(trailer: Segment, interchange: Filling<Interchange>): void {
    const { hasPlainTransactions, words } = this.dialect
    this.closeGroup(trailer)
    const isPlain = hasPlainTransactions && this.groupCount === 0
    const count = isPlain ? this.transactionCount : this.groupCount
    const what = isPlain ? words.transaction : 'functional group'
    if (!this.isCount(trailer, count)) {
      this.tellCount(interchange, 'group-count-mismatch', trailer, count, (said) => {
        return `${said}, the interchange has ${plural(count, what)}.`
      })
    }
    this.compareControl(interchange, 'interchange-control-mismatch', trailer, 'interchange', {
      control: interchange.control,
    })
    const isEmpty = hasPlainTransactions
      ? this.transactionCount === 0
      : this.groupCount + interchange.interchangeAcks.length === 0
    if (isEmpty) {
      const text = `The interchange holds no ${hasPlainTransactions ? words.transaction : 'functional group'}.`
      this.tell(interchange, 'interchange-empty', trailer, { text })
    }
    interchange.end = trailer.end
    this.closeInterchange(trailer)
  }

  /** `next`: the segment that ends it. */
  private closeInterchange(next: Segment | undefined): void {
    this.closeGroup(next)
    if (this.interchange !== undefined) {
      this.out.push({ kind: 'interchangeEnd', interchange: this.interchange })
    }
    this.interchange = undefined
  }

  private startGroup(header: Segment, interchange: Filling<Interchange>): void {
    const { dialect } = this
    this.closeGroup(header)
    const isBesidePlain = this.transactionCount > 0 && this.groupCount === 0
    this.groupCount++
    const group = this.openGroup(interchange, dialect.group(header), true)
    if (isBesidePlain) this.tellMixed(header)
    const { control = '' } = group
    this.checkControl(group, 'group', header, control, this.groupControls)
    this.groupControls.add(control)
    dialect.checkGroup(group, this.teller(group, header), this.teller(interchange, header))
    this.out.push({ kind: 'group', interchange, group })
  }

  private openGroup(
    interchange: Filling<Interchange>,
    head: Omit<Group, 'transactions' | 'issues'>,
    hasHeader: boolean,
  ): Filling<Group> {
    const group: Filling<Group> = { ...head, transactions: [], issues: [] }
    this.group = group
    this.hasHeader = hasHeader
    this.groupTransactions = 0
    if (!this.dialect.hasPlainTransactions) this.transactionControls = new SeenControls()
    if (this.keep) interchange.groups.push(group)
    return group
  }

  private endGroup(trailer: Segment, group: Filling<Group>): void {
    this.closeTransaction(trailer)
    const declared = trailer.get(1).trim()
    if (DIGITS.test(declared)) group.declaredCount = Number(declared)
    const count = this.groupTransactions
    if (!this.isCount(trailer, count)) {
      this.tellCount(group, 'transaction-count-mismatch', trailer, count, (said) => {
        return `${said}, the group has ${plural(count, this.dialect.words.transaction)}.`
      })
    }
    this.compareControl(group, 'group-control-mismatch', trailer, 'group', group)
    this.closeGroup(trailer)
  }

  /** Ends an open group; `next`: its trailer, or the segment that came instead. */
  private closeGroup(next: Segment | undefined): void {
    this.closeTransaction(next)
    const { interchange, group } = this
    if (interchange === undefined || group === undefined) return
    const { groupEnd } = this.dialect.tags
    if (this.hasHeader && next?.tag !== groupEnd) {
      this.tellMissing(group, 'group-trailer-missing', groupEnd, next)
    }
    this.group = undefined
    this.out.push({ kind: 'groupEnd', interchange, group })
  }

  private startTransaction(header: Segment, interchange: Filling<Interchange>): void {
    this.closeTransaction(header)
    if (this.group === undefined) {
      if (this.groupCount > 0) this.tellMixed(header)
      const plain = this.openGroup(interchange, {}, false)
      this.out.push({ kind: 'group', interchange, group: plain })
    }
    const group = this.group!
    const transaction = newTransaction(this.dialect.transaction(header, group), header)
    this.transactionCount++
    this.groupTransactions++
    this.transaction = transaction
    this.dialect.checkTransaction(transaction, group, this.teller(transaction, header))
    const { control } = transaction
    this.checkControl(transaction, 'transaction', header, control, this.transactionControls)
    this.transactionControls.add(control)
  }

  private endTransaction(trailer: Segment, transaction: Filling<Transaction>): void {
    const { tags, words } = this.dialect
    if (transaction.segments.at(-1) !== trailer) transaction.segments.push(trailer)
    const { length } = transaction.segments
    if (!this.isCount(trailer, length)) {
      this.tellCount(transaction, 'segment-count-mismatch', trailer, length, (said) => {
        const range = `from ${tags.transaction} to ${tags.transactionEnd}`
        return `${said}, the ${words.transaction} has ${plural(length, 'segment')} ${range}.`
      })
    }
    const code = 'transaction-control-mismatch'
    this.compareControl(transaction, code, trailer, 'transaction', transaction)
    this.closeTransaction(trailer)
  }

  /** Ends an open transaction; `next`: its trailer, or the segment that came instead. */
  private closeTransaction(next: Segment | undefined): void {
    const { interchange, group, transaction } = this
    if (interchange === undefined || group === undefined || transaction === undefined) return
    const { transactionEnd } = this.dialect.tags
    if (next?.tag !== transactionEnd) {
      this.tellMissing(transaction, 'transaction-trailer-missing', transactionEnd, next)
    }
    this.transaction = undefined
    if (this.keep) group.transactions.push(transaction)
    this.out.push({ kind: 'transaction', interchange, group, transaction })
  }

  private isCount(trailer: Segment, count: number): boolean {
    const declared = trailer.get(1).trim()
    return DIGITS.test(declared) && Number(declared) === count
  }

  private tellCount(
    owner: { issues: Issue[] },
    code: IssueCode,
    trailer: Segment,
    count: number,
    text: (said: string) => string,
  ): void {
    const said = `${trailer.tag}01 says ${trailer.get(1).trim() || 'nothing'}`
    this.tell(owner, code, trailer, { text: text(said), at: 1, expected: String(count) })
  }

  /** The trailer repeats the control number of its header. */
  private compareControl(
    owner: { issues: Issue[] },
    code: IssueCode,
    trailer: Segment,
    level: Level,
    { control = '' }: { readonly control?: string },
  ): void {
    const said = trailer.get(2).trim()
    if (sameNumber(said, control)) return
    const text = `${trailer.tag}02 is ${said || 'empty'}, ${this.nameOf(level)} is ${control || 'empty'}.`
    const expected = control || `what ${this.nameOf(level)} says`
    this.tell(owner, code, trailer, { text, at: 2, expected })
  }

  private checkControl(
    owner: { issues: Issue[] },
    level: 'group' | 'transaction',
    header: Segment,
    control: string,
    before: SeenControls,
  ): void {
    const { controls, controlAt, words, hasPlainTransactions } = this.dialect
    const { pattern, expected } = controls[level]
    const at = controlAt[level]
    if (!pattern.test(control)) {
      const text = `${this.nameOf(level)} ${control || '(empty)'} is no ${words.control}.`
      this.tell(owner, `${level}-control-number-invalid`, header, { text, at, expected })
    } else if (before.has(control)) {
      const isGroup = level === 'group'
      const what = isGroup ? 'functional groups' : words.transactions
      const where = isGroup || hasPlainTransactions ? 'interchange' : 'group'
      const text = `Two ${what} of the ${where} have the ${words.control} ${control}.`
      const own = `a ${words.control} of its own`
      this.tell(owner, `${level}-duplicate`, header, { text, at, expected: own })
    }
  }

  /** `ISA13`, `UNH01`. */
  private nameOf(level: Level): string {
    const { tags, controlAt } = this.dialect
    return tags[level] + String(controlAt[level]).padStart(2, '0')
  }

  /** An interchange has either groups or transactions on its first level; told once. */
  private tellMixed(segment: Segment): void {
    if (this.isMixed) return
    this.isMixed = true
    const { words } = this.dialect
    const text = `Some ${words.transactions} of the interchange stand in functional groups, others do not.`
    this.tell(this.interchange!, 'groups-and-messages-mixed', segment, { text })
  }

  private astray(segment: Segment): void {
    this.isAstray = true
    const { interchange } = this
    const { words } = this.dialect
    const where =
      this.group !== undefined ? `between ${words.transactions}` : `between ${words.between}`
    const text = `A segment ${segment.tag || 'without a tag'} has no place ${where}.`
    if (interchange !== undefined)
      this.tell(interchange, 'control-structure-invalid', segment, { text })
  }

  /** Findings of the byte level go to the innermost envelope that is open. */
  private tellBytes(segment: Segment): void {
    const { interchange, transaction } = this
    const { number, tag } = segment
    for (const issue of segment.issues) {
      if (OUTSIDE.has(issue.code) || interchange === undefined) {
        this.out.push({ kind: 'outside', issue })
      } else if (transaction !== undefined && IN_TRANSACTION.has(issue.ack?.level)) {
        const segmentIndex = transaction.segments.length + 1
        transaction.issues.push({ ...issue, segment: number, segmentIndex, tag })
      } else {
        const segmentIndex = this.position + 1
        interchange.issues.push({ ...issue, segment: number, segmentIndex, tag })
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
    const text = `The ${tag} segment is missing: ${came} instead.`
    owner.issues.push(
      finding(this.dialect.standard, code, place, text, {
        segment: next?.number ?? (this.last?.number ?? 0) + 1,
        segmentIndex: this.segmentIndex(owner) + (owner === this.transaction ? 1 : 0),
        tag,
      }),
    )
  }

  /** Number of the segment at hand as acknowledgements count it: in its transaction, elsewhere in the interchange. */
  private segmentIndex(owner: { issues: Issue[] }): number {
    const { transaction } = this
    return owner === transaction ? transaction.segments.length : this.position
  }

  private teller(owner: { issues: Issue[] }, segment: Segment): TellHeader {
    return (code, at, text, expected) =>
      this.tell(owner, code, segment, { text, at, ...(expected === undefined ? {} : { expected }) })
  }

  private tell(
    owner: { issues: Issue[] },
    code: IssueCode,
    segment: Segment,
    more: { text: string; at?: Parameters<TellHeader>[1]; expected?: string },
  ): void {
    const { text, at, expected = '' } = more
    const [element, component] = typeof at === 'object' ? at : [at, undefined]
    const place = element === undefined ? segment : segment.range(element, component)
    const value =
      element === undefined
        ? ''
        : component === undefined
          ? segment.raw(element)
          : segment.component(element, component)
    const { offset, end } = place
    owner.issues.push(
      finding(this.dialect.standard, code, { offset, end, line: segment.line }, text, {
        segment: segment.number,
        segmentIndex: this.segmentIndex(owner),
        tag: segment.tag,
        ...(element === undefined ? {} : { element }),
        ...(component === undefined ? {} : { component }),
        ...(value === '' ? {} : { value: value.slice(0, MAX_VALUE) }),
        ...(expected === '' ? {} : { expected }),
      }),
    )
  }
}
