// Segments to interchanges, groups and messages, with every check the envelope allows (ISO 9735: UNB … UNZ, UNG … UNE,
// UNH … UNT). Works segment by segment and holds no more than one message. Messages without UNG stand in a group
// that has neither type nor reference.
import { dateOf, timeOf } from '../elements.js'
import { finding, type Issue, type IssueCode } from '../issue.js'
import type { Segment } from '../segment.js'
import type {
  EnvelopeEvent,
  EnvelopeReader,
  Group,
  Interchange,
  InterchangeParty,
  Opened,
  Transaction,
} from '../standard.js'
import { checkHeader } from './check-header.js'
import { fullDate } from './envelope-date.js'

/** Reads envelopes as the segments come. `keep`: interchanges list their groups and groups their messages. */
export function envelopeReader({ keep = false }: { keep?: boolean } = {}): EnvelopeReader {
  return new EdifactEnvelopeReader(keep)
}

/** Reads the envelopes of a whole input. */
export function open(segments: readonly Segment[]): Opened {
  const reader = new EdifactEnvelopeReader(true)
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

/** Tags that end an open message when they come without its UNT. */
const ENVELOPE: ReadonlySet<string> = new Set(['UNB', 'UNG', 'UNH', 'UNT', 'UNE', 'UNZ'])
const OUTSIDE: ReadonlySet<IssueCode> = new Set(['data-outside-interchange', 'not-edi'])
const DIGITS = /^\d+$/
const MAX_VALUE = 99
const MAX_REFERENCE = 14

/** Position of a component that a finding is about; component 0 is the whole element. */
type At = readonly [element: number, component: number]

class EdifactEnvelopeReader implements EnvelopeReader {
  private readonly keep: boolean
  private out: EnvelopeEvent[] = []
  private interchange: Filling<Interchange> | undefined
  private groupCount = 0
  private groupControls = new Set<string>()
  private group: Filling<Group> | undefined
  /** The open group has a UNG of its own. */
  private hasHeader = false
  /** Messages of the interchange, and of its open group. */
  private messageCount = 0
  private groupMessages = 0
  private messageControls = new Set<string>()
  private isMixed = false
  private message: Filling<Transaction> | undefined
  /** Number of the segment in the interchange, UNB = 1. */
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
        finding('edifact', 'interchange-cut-off', place, 'The input ends before the UNZ segment.', {
          segmentIndex: this.position + 1,
          tag: 'UNZ',
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
    if (segment.issues.length > 0 && tag !== 'UNB') this.tellBytes(segment)
    if (tag === '' && segment.elementCount === 0) return
    this.position++
    if (this.message !== undefined && !ENVELOPE.has(tag)) {
      this.message.segments.push(segment)
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
    if (tag === 'UNB') {
      this.startInterchange(segment)
      return true
    }
    if (this.interchange === undefined) return false
    switch (tag) {
      case 'UNG':
        this.startGroup(segment)
        return true
      case 'UNH':
        this.startMessage(segment)
        return true
      case 'UNT': {
        const { message } = this
        if (message !== undefined) this.endMessage(segment, message)
        return message !== undefined
      }
      case 'UNE': {
        const { group, hasHeader } = this
        if (group !== undefined && hasHeader) this.endGroup(segment, group)
        return group !== undefined && hasHeader
      }
      case 'UNZ':
        this.endInterchange(segment, this.interchange)
        return true
      default:
        return false
    }
  }

  private startInterchange(unb: Segment): void {
    if (this.interchange !== undefined) {
      this.tell(this.interchange, 'control-structure-invalid', unb, {
        text: 'A new interchange begins before the UNZ of the one before.',
      })
      this.closeInterchange(unb)
    }
    for (const issue of unb.issues) {
      if (OUTSIDE.has(issue.code)) this.out.push({ kind: 'outside', issue })
    }
    const text = (element: number, component = 1) => unb.component(element, component).trim()
    const interchange: Filling<Interchange> = {
      standard: 'edifact',
      offset: unb.offset,
      end: unb.end,
      characters: unb.characters,
      sender: party(text(2, 1), text(2, 2), text(2, 3)),
      receiver: party(text(3, 1), text(3, 2), text(3, 3)),
      control: text(5),
      date: text(4, 1),
      time: text(4, 2),
      version: `${text(1, 1)}:${text(1, 2)}`,
      acknowledgementRequested: text(9) === '1',
      test: text(11) === '1',
      informationOnly: false,
      interchangeAcks: [],
      groups: [],
      issues: unb.issues
        .filter((issue) => !OUTSIDE.has(issue.code))
        .map((issue) => ({ ...issue, segmentIndex: 1, tag: 'UNB' })),
    }
    this.position = 1
    this.groupCount = 0
    this.groupControls = new Set()
    this.messageCount = 0
    this.messageControls = new Set()
    this.isMixed = false
    this.interchange = interchange
    checkHeader(unb, (code, { element, component }, message, expected) =>
      this.tell(interchange, code, unb, { text: message, at: [element, component], expected }),
    )
    this.out.push({ kind: 'interchange', interchange })
  }

  private endInterchange(unz: Segment, interchange: Filling<Interchange>): void {
    this.closeGroup(unz)
    const [declared, control] = [unz.get(1).trim(), unz.get(2).trim()]
    const hasGroups = this.groupCount > 0
    const count = hasGroups ? this.groupCount : this.messageCount
    if (!DIGITS.test(declared) || Number(declared) !== count) {
      const what = hasGroups ? 'functional groups' : 'messages'
      this.tell(interchange, 'group-count-mismatch', unz, {
        at: [1, 0],
        text: `UNZ01 says ${declared || 'nothing'}, the interchange has ${count} ${what}.`,
        expected: String(count),
      })
    }
    if (control !== interchange.control) {
      this.tell(interchange, 'interchange-control-mismatch', unz, {
        at: [2, 0],
        text: `UNZ02 is ${control || 'empty'}, UNB05 is ${interchange.control || 'empty'}.`,
        expected: interchange.control,
      })
    }
    if (this.messageCount === 0) {
      this.tell(interchange, 'interchange-empty', unz, {
        text: 'The interchange holds no message.',
      })
    }
    interchange.end = unz.end
    this.closeInterchange(unz)
  }

  /** `next`: the segment that ends it. */
  private closeInterchange(next: Segment | undefined): void {
    this.closeGroup(next)
    if (this.interchange !== undefined) {
      this.out.push({ kind: 'interchangeEnd', interchange: this.interchange })
    }
    this.interchange = undefined
  }

  private startGroup(ung: Segment): void {
    const interchange = this.interchange!
    this.closeGroup(ung)
    const part = (key: string, element: number, component = 1) => {
      const value = ung.component(element, component).trim()
      return value === '' ? {} : { [key]: value }
    }
    const version = [ung.component(7, 1).trim(), ung.component(7, 2).trim()].join(':')
    const group: Filling<Group> = {
      ...part('type', 1),
      ...part('sender', 2),
      ...part('receiver', 3),
      ...part('date', 4, 1),
      ...part('time', 4, 2),
      ...part('control', 5),
      ...(version === ':' ? {} : { version }),
      transactions: [],
      issues: [],
    }
    this.open(group, true)
    this.groupCount++
    const { type = '', control = '', date = '', time = '' } = group
    if (this.messageCount > this.groupMessages) this.tellMixed(ung)
    if (type === '') {
      this.tell(group, 'group-unsupported', ung, {
        at: [1, 1],
        text: 'The UNG segment does not say what its group is of.',
      })
    }
    if (control === '' || control.length > MAX_REFERENCE) {
      this.tell(group, 'group-control-number-invalid', ung, {
        at: [5, 1],
        text: `UNG05 ${control || '(empty)'} is no group reference.`,
        expected: '1 to 14 characters',
      })
    } else if (this.groupControls.has(control)) {
      this.tell(group, 'group-duplicate', ung, {
        at: [5, 1],
        text: `Two functional groups of the interchange have the reference ${control}.`,
      })
    }
    this.groupControls.add(control)
    const isDate = dateOf(fullDate(date)) !== undefined
    if (!isDate || timeOf(time) === undefined) {
      this.tell(group, 'group-date-invalid', ung, {
        at: [4, isDate ? 2 : 1],
        text: isDate ? 'UNG04-2 is not a time.' : 'UNG04-1 is not a date.',
        expected: isDate ? 'HHMM' : 'YYMMDD, in syntax version 4 CCYYMMDD',
      })
    }
    this.out.push({ kind: 'group', interchange, group })
  }

  /** The group that messages without UNG stand in. */
  private startPlain(): Filling<Group> {
    const interchange = this.interchange!
    const group: Filling<Group> = { transactions: [], issues: [] }
    this.open(group, false)
    this.out.push({ kind: 'group', interchange, group })
    return group
  }

  private open(group: Filling<Group>, hasHeader: boolean): void {
    this.group = group
    this.hasHeader = hasHeader
    this.groupMessages = 0
    if (this.keep) this.interchange!.groups.push(group)
  }

  private endGroup(une: Segment, group: Filling<Group>): void {
    this.closeMessage(une)
    const [count, control] = [une.get(1).trim(), une.get(2).trim()]
    if (DIGITS.test(count)) group.declaredCount = Number(count)
    if (group.declaredCount !== this.groupMessages) {
      this.tell(group, 'transaction-count-mismatch', une, {
        at: [1, 0],
        text: `UNE01 says ${count || 'nothing'}, the group has ${this.groupMessages} messages.`,
        expected: String(this.groupMessages),
      })
    }
    if (control !== (group.control ?? '')) {
      this.tell(group, 'group-control-mismatch', une, {
        at: [2, 0],
        text: `UNE02 is ${control || 'empty'}, UNG05 is ${group.control ?? 'empty'}.`,
        expected: group.control ?? '',
      })
    }
    this.closeGroup(une)
  }

  /** Ends an open group; `next`: its UNE, or the segment that came instead. */
  private closeGroup(next: Segment | undefined): void {
    this.closeMessage(next)
    const { interchange, group } = this
    if (interchange === undefined || group === undefined) return
    if (this.hasHeader && next?.tag !== 'UNE') {
      this.tellMissing(group, 'group-trailer-missing', 'UNE', next)
    }
    this.group = undefined
    this.out.push({ kind: 'groupEnd', interchange, group })
  }

  private startMessage(unh: Segment): void {
    this.closeMessage(unh)
    if (this.group === undefined && this.groupCount > 0) this.tellMixed(unh)
    const group = this.group ?? this.startPlain()
    const text = (element: number, component = 1) => unh.component(element, component).trim()
    const type = text(2)
    const control = text(1)
    const agency = text(2, 4)
    const association = text(2, 5)
    const release = [text(2, 2), text(2, 3)].join(':')
    const message: Filling<Transaction> = {
      type,
      control,
      version: release === ':' ? (group.version ?? '') : release,
      ...(association === '' ? {} : { association }),
      ...(agency === '' ? {} : { agency }),
      segments: [unh],
      issues: [],
    }
    this.messageCount++
    this.groupMessages++
    this.message = message
    if (!/^[A-Z]{6}$/.test(type)) {
      this.tell(message, 'transaction-type-invalid', unh, {
        at: [2, 1],
        text: `UNH02-1 ${type || '(empty)'} is no message type.`,
        expected: 'six letters, e.g. DESADV',
      })
    } else if (group.type !== undefined && group.type !== type) {
      this.tell(message, 'transaction-not-in-group', unh, {
        at: [2, 1],
        text: `A ${type} does not belong into a group of ${group.type}.`,
        expected: group.type,
      })
    }
    if (control === '' || control.length > MAX_REFERENCE) {
      this.tell(message, 'transaction-control-number-invalid', unh, {
        at: [1, 0],
        text: `UNH01 ${control || '(empty)'} is no message reference.`,
        expected: '1 to 14 characters',
      })
    } else if (this.messageControls.has(control)) {
      this.tell(message, 'transaction-duplicate', unh, {
        at: [1, 0],
        text: `Two messages of the interchange have the reference ${control}.`,
      })
    }
    this.messageControls.add(control)
  }

  private endMessage(unt: Segment, message: Filling<Transaction>): void {
    message.segments.push(unt)
    const [count, control] = [unt.get(1).trim(), unt.get(2).trim()]
    const { length } = message.segments
    if (!DIGITS.test(count) || Number(count) !== length) {
      this.tell(message, 'segment-count-mismatch', unt, {
        at: [1, 0],
        text: `UNT01 says ${count || 'nothing'}, the message has ${length} segments from UNH to UNT.`,
        expected: String(length),
      })
    }
    if (control !== message.control) {
      this.tell(message, 'transaction-control-mismatch', unt, {
        at: [2, 0],
        text: `UNT02 is ${control || 'empty'}, UNH01 is ${message.control || 'empty'}.`,
        expected: message.control,
      })
    }
    this.closeMessage(unt)
  }

  /** Ends an open message; `next`: its UNT, or the segment that came instead. */
  private closeMessage(next: Segment | undefined): void {
    const { interchange, group, message } = this
    if (interchange === undefined || group === undefined || message === undefined) return
    if (next?.tag !== 'UNT') {
      this.tellMissing(message, 'transaction-trailer-missing', 'UNT', next)
    }
    this.message = undefined
    if (this.keep) group.transactions.push(message)
    this.out.push({ kind: 'transaction', interchange, group, transaction: message })
  }

  /** An interchange has either groups or messages on its first level; told once. */
  private tellMixed(segment: Segment): void {
    if (this.isMixed) return
    this.isMixed = true
    this.tell(this.interchange!, 'groups-and-messages-mixed', segment, {
      text: 'Some messages of the interchange stand in functional groups, others do not.',
    })
  }

  private astray(segment: Segment): void {
    this.isAstray = true
    const { interchange } = this
    const text = `A segment ${segment.tag || 'without a tag'} has no place between messages.`
    if (interchange !== undefined)
      this.tell(interchange, 'control-structure-invalid', segment, { text })
  }

  /** Findings of the byte level go to the innermost envelope that is open. */
  private tellBytes(segment: Segment): void {
    const { interchange, message } = this
    for (const issue of segment.issues) {
      if (OUTSIDE.has(issue.code) || interchange === undefined) {
        this.out.push({ kind: 'outside', issue })
      } else if (message !== undefined && issue.ack?.level === 'segment') {
        const segmentIndex = message.segments.length + 1
        message.issues.push({ ...issue, segmentIndex, tag: segment.tag })
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
      finding('edifact', code, place, `The ${tag} segment is missing: ${came} instead.`, {
        segmentIndex: this.segmentIndex(owner) + (owner === this.message ? 1 : 0),
        tag,
      }),
    )
  }

  /** Number of the segment at hand as acknowledgements count it: in its message from UNH = 1, elsewhere from UNB = 1. */
  private segmentIndex(owner: { issues: Issue[] }): number {
    const { message } = this
    return owner === message ? message.segments.length : this.position
  }

  private tell(
    owner: { issues: Issue[] },
    code: IssueCode,
    segment: Segment,
    { text, at, expected }: { text: string; at?: At; expected?: string },
  ): void {
    const [element, component = 0] = at ?? []
    const place =
      element === undefined
        ? { offset: segment.offset, end: segment.end }
        : segment.range(element, component === 0 ? undefined : component)
    const value =
      element === undefined
        ? ''
        : component === 0
          ? segment.raw(element)
          : segment.component(element, component)
    owner.issues.push(
      finding('edifact', code, { ...place, line: segment.line }, text, {
        segmentIndex: this.segmentIndex(owner),
        tag: segment.tag,
        ...(element === undefined ? {} : { element }),
        ...(component === 0 ? {} : { component }),
        ...(value === '' ? {} : { value: value.slice(0, MAX_VALUE) }),
        ...(expected === undefined || expected === '' ? {} : { expected }),
      }),
    )
  }
}

const party = (id: string, qualifier: string, routing: string): InterchangeParty => ({
  ...(qualifier === '' ? {} : { qualifier }),
  id,
  ...(routing === '' ? {} : { routing }),
})
