// The walk along the segments of one transaction: each finds its slot in the open loops, is checked, and is read by the
// binding that fits it.
import type { Document, PartialDocument } from '../canonical/document.js'
import type { Report } from '../elements.js'
import {
  parsePosition,
  type Compare,
  type LoadedComputed,
  type LoadedField,
  type Reading,
} from '../field.js'
import { HierarchyReader, type TellLevel } from '../hierarchy-reader.js'
import type { IssueCode } from '../issue.js'
import type { LoadedBinding, LoadedMap, LoadedSlot } from '../load.js'
import type { Node } from '../map.js'
import type { ReadEnvelope, ReadTrace } from '../read.js'
import { SegmentElements } from '../segment-elements.js'
import type { Position } from '../segment.js'
import type { ReadResult, Transaction } from '../standard.js'
import { accessor, makeExtras } from '../path.js'
import { Agreed } from './agreed.js'
import { Findings, isError } from './findings.js'
import { Frame } from './frame.js'
import { Kept } from './kept.js'
import { newDocument } from './new-document.js'
import { Outcome, type LateAct } from './outcome.js'
import { slotCode, type SlotReading } from './slot-code.js'
import { unreadField } from './unread.js'

export class Reader implements Reading, SlotReading {
  readonly elements = new SegmentElements()
  readonly document: Node
  positions: readonly Position[] = []
  private readonly transaction: Transaction
  private readonly loaded: LoadedMap
  private readonly standard: 'x12' | 'edifact'
  private readonly trace: ReadTrace | undefined
  private readonly findings: Findings
  private readonly outcome: Outcome
  readonly kept: Kept
  private agreedReader: Agreed | undefined = undefined
  /** How often slots were met that are counted. */
  private readonly counts: number[]
  private hierarchy: HierarchyReader | undefined = undefined
  private frame: Frame
  /** The node the segment at hand belongs to. */
  node: Node
  /** Where the findings on it begin. */
  private firstIssue = 0

  constructor(
    transaction: Transaction,
    envelope: ReadEnvelope,
    loaded: LoadedMap,
    trace?: ReadTrace,
  ) {
    const { dictionary, map } = loaded
    this.trace = trace
    this.elements.allowed = dictionary.allowedIn?.(envelope.interchange.version)
    this.transaction = transaction
    this.loaded = loaded
    this.standard = map.standard
    this.document = newDocument(transaction, envelope, loaded)
    this.findings = new Findings(map.standard, dictionary, transaction.segments[0]!)
    this.outcome = new Outcome(this.findings, loaded)
    this.kept = new Kept(this.elements, dictionary, map.standard)
    this.frame = new Frame(loaded.body, this.document, undefined, undefined)
    this.node = this.document
    this.counts = loaded.counted.map(() => 0)
  }

  read(): ReadResult {
    const { findings, loaded, transaction } = this
    const { segments } = transaction
    const { tags } = loaded
    const last = segments.length - 1
    for (let n = 1; n <= last; n++) {
      const segment = segments[n]!
      findings.segment = segment
      findings.segmentIndex = n + 1
      if (n === last && isTrailer(segment.tag)) break
      this.place(tags.get(segment.tagKey))
    }
    while (this.frame.parent !== undefined) this.closeFrame()
    this.leaveSlot(this.frame, this.frame.body.slots.length)
    this.judge()
    return this.result()
  }

  /** What can only be said when all is read. */
  private judge(): void {
    const { document, findings, outcome } = this
    findings.settle()
    const tree = this.hierarchy?.close(document, this.standard)
    outcome.finishLate()
    outcome.compareComputed(() => ({ document, counts: this.countsById(), tree }))
    this.agreedReader?.judge()
    this.loaded.map.finish?.(document)
    this.tellLacking()
    outcome.compareChecked(document)
    if (this.trace !== undefined) this.trace.document = document
  }

  private countsById(): Map<string, number> {
    return new Map(this.loaded.counted.map((id, n) => [id, this.counts[n]!]))
  }

  private tellLacking(): void {
    const { findings } = this
    if (findings.hasErrors) return
    findings.loop = undefined
    for (const { path, tag } of this.loaded.map.requires ?? []) {
      if (accessor(path).get(this.document) !== undefined) continue
      const text = `No ${tag} says what a document cannot be without.`
      findings.tell('segment-missing', text, { tag })
    }
  }

  private result(): ReadResult {
    const { document, findings, transaction } = this
    const { issues } = findings
    const isRejected =
      findings.hasErrors ||
      transaction.issues.some(isError) ||
      document['function'] === undefined ||
      document['documentNumber'] === undefined ||
      document['documentDate'] === undefined
    return isRejected
      ? { partial: document as unknown as PartialDocument, issues }
      : { document: document as unknown as Document, issues }
  }

  /** Finds the slot of a segment: the next fitting one in the innermost open loop, else in the loops around it. */
  private place(tag: number): void {
    for (let frame: Frame | undefined = this.frame; frame !== undefined; frame = frame.parent) {
      const at = frame.next(tag)
      if (at < 0) continue
      while (this.frame !== frame) this.closeFrame()
      this.enter(frame, at)
      return
    }
    this.misplaced(tag)
  }

  private misplaced(number: number): void {
    const { findings, loaded } = this
    const { tag } = findings.segment
    findings.loop = this.frame.loop
    if (!loaded.dictionary.knows(tag)) {
      findings.tell('segment-unknown', `${tag} is not a segment of this standard.`)
    } else if (number < 0) {
      findings.tell('segment-not-in-set', `${tag} has no place in ${loaded.map.id}.`)
    } else {
      for (let frame: Frame | undefined = this.frame; frame !== undefined; frame = frame.parent) {
        if (frame.body.byTag[number] === undefined) continue
        findings.takeBackMissing(tag, frame.loop)
        const after = frame.body.slots[frame.at]?.tag ?? ''
        const text = `${tag} has its place before ${after}.`
        findings.tell(
          'segment-out-of-order',
          text,
          after === '' ? {} : { expected: `before ${after}` },
        )
        return
      }
      findings.tell('segment-unexpected', `${tag} is not expected here.`)
    }
  }

  private enter(frame: Frame, at: number): void {
    const { elements, findings } = this
    const slot = frame.body.slots[at]!
    if (at !== frame.at) {
      this.leaveSlot(frame, at)
      frame.enter(at)
    }
    findings.loop = frame.loop
    if (++frame.count === slot.max + 1) this.tellTooMany(slot)
    if (slot.counter >= 0) this.counts[slot.counter]!++
    this.firstIssue = findings.issues.length
    const { check } = slot
    elements.read(findings.segment, check?.rules)
    check?.tell(elements, findings.standing, findings.issues)
    if (slot.agreed !== undefined && !this.agreed.agree(frame, slot, this.firstIssue)) {
      if (slot.dropped !== undefined) this.open(frame, slot.dropped, frame.node, slot.id)
    } else if (slot.hierarchy !== undefined) this.enterLevel(frame, slot)
    else this.bind(frame, slot)
  }

  private get agreed(): Agreed {
    return (this.agreedReader ??= new Agreed(this.elements, this.findings, this.document))
  }

  private tellTooMany({ max, isLoop, tag }: LoadedSlot): void {
    const times = max === 1 ? 'once' : `${max} times`
    const expected = max === 1 ? 'one' : `at most ${max}`
    if (isLoop) {
      const text = `The loop ${tag} may come ${times} here.`
      this.findings.tell('loop-repeats-too-often', text, { expected })
    } else {
      this.findings.tell('segment-repeats-too-often', `${tag} may come ${times} here.`, {
        expected,
      })
    }
  }

  private enterLevel(frame: Frame, slot: LoadedSlot): void {
    const hierarchy = (this.hierarchy ??= new HierarchyReader(slot))
    hierarchy.open(this.document, this.elements.texts, this.tellLevel)
    const { body, node, id } = hierarchy
    this.trace?.steps.push({ segmentIndex: this.findings.segmentIndex, id, node })
    this.open(frame, body, node, id)
  }

  private readonly tellLevel: TellLevel = (code, text, element) => {
    this.findings.tellElement(
      code,
      text,
      { element, component: 0 },
      this.elements.texts[element] ?? '',
    )
  }

  private bind(frame: Frame, slot: LoadedSlot): void {
    const { bindings } = slot
    if (bindings.length > 0) {
      const isRead =
        this.trace === undefined
          ? (slot.read ??= slotCode(slot, false))(this, frame)
          : (slot.readTraced ??= slotCode(slot, true))(this, frame)
      if (isRead) return
      frame.note(bindings.length)
    }
    const { node } = frame
    this.kept.keepSegment(node, slot)
    this.trace?.steps.push({ segmentIndex: this.findings.segmentIndex, id: slot.id, node })
    if (slot.body !== undefined) this.open(frame, slot.body, node, slot.id)
  }

  // What the code of a slot needs (`SlotReading`).

  keepRest(slot: LoadedSlot, binding: LoadedBinding): void {
    const constants = slot.agreed === undefined ? undefined : this.agreed.constants
    this.kept.keepRest(binding, constants)
  }

  putExtras(slot: LoadedSlot, node: Node): void {
    if (slot.agreed !== undefined) this.agreed.putInto(node, this.standard)
    this.kept.putInto(node)
  }

  noteRead(binding: LoadedBinding, node: Node): void {
    const { segmentIndex } = this.findings
    this.trace?.steps.push({ segmentIndex, id: binding.id, node, binding })
  }

  noteUnread(binding: LoadedBinding, n: number, node: Node): void {
    const issues = this.findings.issues.slice(this.firstIssue)
    const unread = unreadField(binding, n, node, this.elements, issues)
    if (unread !== undefined) this.trace?.unread?.push(unread)
  }

  get unreadCount(): number {
    return this.trace?.unread?.length ?? 0
  }

  openLoop(frame: Frame, binding: LoadedBinding, node: Node, close?: () => void): void {
    const { body, id } = binding
    if (body !== undefined) this.frame = new Frame(body, node, frame, id, close)
  }

  private open(frame: Frame, body: Frame['body'], node: Node, id: string): void {
    this.frame = new Frame(body, node, frame, id)
  }

  private closeFrame(): void {
    const { frame } = this
    this.leaveSlot(frame, frame.body.slots.length)
    frame.close?.()
    this.frame = frame.parent!
  }

  /** Called when a slot ends: keeps an order that writing would not give, and tells what is missing up to `next`. */
  private leaveSlot(frame: Frame, next: number): void {
    if (frame.first >= 0) this.keepOrder(frame)
    if (frame.body.isDemanding) this.tellMissing(frame, next)
  }

  private keepOrder(frame: Frame): void {
    const order = frame.unusualOrder
    if (order === undefined) return
    const { id, bindings, keptId } = frame.body.slots[frame.at]!
    const orders = (makeExtras(frame.node, this.standard)['order'] ??= {}) as Node
    orders[id] = order.map((place) => bindings[place]?.id ?? keptId)
  }

  private tellMissing(frame: Frame, next: number): void {
    const { at, body } = frame
    const { mandatory, required } = body
    for (let n = 0; n < mandatory.length; n++) {
      const place = mandatory[n]!
      if (place <= at || place >= next) continue
      const { tag } = body.slots[place]!
      this.findings.loop = frame.loop
      this.findings.tell('segment-missing', `The mandatory segment ${tag} is missing.`, { tag })
    }
    for (let n = 0; n < required.length; n++) {
      const place = required[n]!
      if (place >= Math.max(at, 0) && place < next) {
        this.agreed.askRequired(frame, body.slots[place]!)
      }
    }
  }

  // What fields need (`Reading`).

  keep(key: string, value: unknown): void {
    this.kept.keep(key, value)
  }

  later(act: LateAct): void {
    this.outcome.later(this.node, act)
  }

  check(node: Node, compare: Compare): void {
    const { positions } = this
    const { element, component } = parsePosition(positions[positions.length - 1] ?? 0)
    this.outcome.check(node, compare, positions, this.elements.at(element, component))
  }

  sent(field: LoadedComputed, node: Node, text: string): void {
    this.outcome.sent(field, node, text)
  }

  missing(field: LoadedField, place: { element: number; component: number }): void {
    const { elements, findings } = this
    // Those on the segment at hand: of a bad document there may be very many before them.
    const isTold = findings.issues
      .slice(this.firstIssue)
      .some(
        (issue) =>
          isError(issue) &&
          issue.segmentIndex === findings.segmentIndex &&
          field.takes.includes(issue.element ?? 0),
      )
    if (isTold) return
    const isEmpty = elements.texts[place.element] === ''
    const value = elements.at(place.element, place.component)
    const text =
      value === ''
        ? 'The document cannot be used without this value.'
        : `The document needs this value and cannot use ${value.slice(0, 99)}.`
    const code = value === '' ? 'element-missing' : field.unreadable
    const at = isEmpty ? { ...place, component: 0 } : place
    findings.tellElement(code, text, at, value, EXPECTED[code], 'error')
  }

  readonly report: Report = (code, { text, value = '', expected, at = 0 }) => {
    const place = parsePosition(this.positions[at] ?? this.positions[0] ?? 0)
    this.findings.tellElement(code, text, place, value, expected)
  }
}

/** What a value must be that the document needs. */
const EXPECTED: Readonly<Partial<Record<IssueCode, string>>> = {
  'number-invalid': 'a number, as 12 or 12.5',
  'date-invalid': 'a day that there is',
}

const isTrailer = (tag: string): boolean => tag === 'SE' || tag === 'UNT'
