// Reading: walks the segments of one transaction along a loaded map, checks their structure, and fills a Document.
// What has no canonical place goes to the extras of the node it belongs to, with its place, so that write.ts gives
// the same segments again. Never throws for what a partner sent.
import {
  complaint,
  matches,
  type AgreedPlace,
  type ElementDemand,
  type PlaceDemand,
  type TextAt,
} from './agreed.js'
import type { Document, PartialDocument } from './canonical/document.js'
import type { Report } from './elements.js'
import {
  computedHint,
  parsePosition,
  type Compare,
  type LoadedComputed,
  type LoadedField,
} from './field.js'
import { HierarchyReader, type TellLevel } from './hierarchy-reader.js'
import { finding, type Issue, type IssueCode, type Severity } from './issue.js'
import {
  componentCountKey,
  repetitionKey,
  type LoadedBinding,
  type LoadedBody,
  type LoadedMap,
  type LoadedParts,
  type LoadedSlot,
} from './load.js'
import type { Computing, Node } from './map.js'
import { accessor, makeExtras } from './path.js'
import type { Position, Segment } from './segment.js'
import type { Group, Interchange, ReadResult, Transaction } from './standard.js'

/** The envelope a transaction came in: its control numbers and dates go into the Document. */
export interface ReadEnvelope {
  readonly interchange: Interchange
  readonly group: Group
}

/**
 * Reads one transaction. A finding of severity error (here or in the transaction's own findings) means the set is
 * to be rejected: then there is no document, only its part. `issues` are those found here, in order of the segments.
 */
export function readTransaction(
  transaction: Transaction,
  envelope: ReadEnvelope,
  loaded: LoadedMap,
  trace?: ReadTrace,
): ReadResult {
  return new Reader(transaction, envelope, loaded, trace).read()
}

/** What reading did with each segment, for explaining it; filled while reading. */
export interface ReadTrace {
  readonly steps: ReadStep[]
  /** Also of a transaction that is rejected, as far as it was read. */
  document?: Node
  /** Values that could not be read; of them there is nothing in the document. */
  readonly unread?: Unread[]
}

/** A text no value could be made of, and where in the document that would stand. */
export interface Unread {
  readonly node: Node
  /** Path from the node. */
  readonly path: string
  readonly text: string
  /** The text is readable, but another one is missing without which it is no value, e.g. the unit. */
  readonly isIncomplete: boolean
}

interface ReadStep {
  /** From 1 = ST or UNH. */
  readonly segmentIndex: number
  /** Node id in the map, as overrides name it. */
  readonly id: string
  /** What the segment is about. */
  readonly node: Node
  /** Undefined: the segment is kept as it is. */
  readonly binding?: LoadedBinding
}

/** An open loop (or the set itself): where in its body reading stands. */
interface Frame {
  readonly body: LoadedBody
  /** Map id of the loop; undefined for the set itself. */
  readonly loop: string | undefined
  /** The node its segments belong to. */
  readonly node: Node
  readonly parent: Frame | undefined
  /** The slot last met, -1 before the first, and how often in a row. */
  at: number
  count: number
  /** Places of the bindings that took the occurrences of this slot, in order. */
  order: number[] | undefined
  /** Joins per binding id of views. */
  joined: Map<string, number> | undefined
  /** How often segments came that an agreement demands something of. */
  met: Map<PlaceDemand, number> | undefined
  /** What to do when the loop ends. */
  readonly close: (() => void) | undefined
}

class Reader {
  readonly issues: Issue[] = []
  readonly document: Node
  readonly counts = new Map<string, number>()
  readonly standard: 'x12' | 'edifact'
  private readonly transaction: Transaction
  /** The interchange has a separator of repetitions. */
  private readonly mayRepeat: boolean
  private readonly loaded: LoadedMap
  private readonly trace: ReadTrace | undefined
  private hierarchy: HierarchyReader | undefined
  private readonly computed = new Map<
    LoadedComputed,
    { node: Node; text: string; segment: Segment }
  >()
  private readonly checks: Check[] = []
  private frame: Frame
  private tree: string | undefined

  /** The segment being read: `Reading` for the fields. */
  private segment!: Segment
  private segmentIndex = 0
  private elementCount = 0
  /** Components of the elements asked for so far. */
  private divided: (readonly string[] | undefined)[] = []
  elements: string[] = []
  positions: readonly Position[] = []
  /** The node the segment belongs to. */
  private node: Node = {}
  private readonly late: { readonly node: Node; readonly act: LateAct }[] = []
  private pending: Node | undefined
  /** The partner's texts that would not be written again, by the id of the demand. */
  private sentTexts: Record<string, string> | undefined
  /** Elements that are as the agreement has them; without canonical place there is nothing to keep of them. */
  private constants: Set<number> | undefined
  /** Where the findings on the segment being read begin. */
  private firstIssue = 0
  /** Demands that can only be judged when the whole document is known. */
  private readonly open: {
    readonly demand: PlaceDemand
    readonly tag: string
    readonly segment: Segment
    readonly index: number
    readonly loop: string | undefined
  }[] = []
  private loop: string | undefined
  private readonly standing = () => ({
    segment: this.segment.number,
    segmentIndex: this.segmentIndex,
    ...(this.loop === undefined ? {} : { loop: this.loop }),
  })

  constructor(
    transaction: Transaction,
    envelope: ReadEnvelope,
    loaded: LoadedMap,
    trace?: ReadTrace,
  ) {
    this.trace = trace
    this.transaction = transaction
    this.mayRepeat = transaction.segments[0]?.characters.repetition !== undefined
    this.loaded = loaded
    this.standard = loaded.map.standard
    this.document = newDocument(transaction, envelope, loaded)
    this.frame = this.newFrame(loaded.body, this.document, undefined, undefined)
  }

  read(): ReadResult {
    const { segments } = this.transaction
    for (let n = 1; n < segments.length; n++) {
      const segment = segments[n]!
      const { tag } = segment
      if (n === segments.length - 1 && (tag === 'SE' || tag === 'UNT')) break
      this.segment = segment
      this.segmentIndex = n + 1
      this.place(tag, this.loaded.tags.get(tag) ?? -1)
    }
    this.segment = segments[segments.length - 1]!
    this.segmentIndex = segments.length
    while (this.frame.parent !== undefined) this.closeFrame()
    this.leaveSlot(this.frame, this.frame.body.slots.length)
    this.tree = this.hierarchy?.close(this.document, this.standard)
    for (const { node, act } of this.late) {
      const kept = act()
      if (kept !== undefined) makeExtras(node, this.standard)[kept[0]] = kept[1]
    }
    this.compareComputed()
    this.judgeOpen()
    this.loaded.map.finish?.(this.document)
    this.tellLacking()
    this.compareChecked()
    if (this.trace !== undefined) this.trace.document = this.document
    return this.result()
  }

  private result(): ReadResult {
    const { issues, document } = this
    const isRejected =
      issues.some(isError) ||
      this.transaction.issues.some(isError) ||
      document['function'] === undefined ||
      document['documentNumber'] === undefined ||
      document['documentDate'] === undefined
    return isRejected
      ? { partial: document as unknown as PartialDocument, issues }
      : { document: document as unknown as Document, issues }
  }

  /** Finds the slot of a segment: the next fitting one in the innermost open loop, else in the loops around it. */
  private place(tag: string, number: number): void {
    for (let frame: Frame | undefined = this.frame; frame !== undefined; frame = frame.parent) {
      const at = nextSlot(frame, number)
      if (at < 0) continue
      while (this.frame !== frame) this.closeFrame()
      this.enter(frame, at)
      return
    }
    this.misplaced(tag, number)
  }

  private misplaced(tag: string, number: number): void {
    this.loop = this.frame.loop
    if (!this.loaded.dictionary.knows(tag)) {
      this.tell('segment-unknown', `${tag} is not a segment of this standard.`)
    } else if (number < 0) {
      this.tell('segment-not-in-set', `${tag} has no place in ${this.loaded.map.id}.`)
    } else {
      for (let frame: Frame | undefined = this.frame; frame !== undefined; frame = frame.parent) {
        if (frame.body.byTag[number] === undefined) continue
        this.takeBackMissing(tag, frame.loop)
        const after = frame.body.slots[frame.at]?.tag ?? ''
        this.tell('segment-out-of-order', `${tag} has its place before ${after}.`)
        return
      }
      this.tell('segment-unexpected', `${tag} is not expected here.`)
    }
  }

  /** A segment that comes too late was told to be missing where it should have been. */
  private takeBackMissing(tag: string, loop: string | undefined): void {
    const at = this.issues.findLastIndex(
      (issue) => issue.code === 'segment-missing' && issue.tag === tag && issue.loop === loop,
    )
    if (at >= 0) this.issues.splice(at, 1)
  }

  private enter(frame: Frame, at: number): void {
    const slot = frame.body.slots[at]!
    if (at !== frame.at) {
      this.leaveSlot(frame, at)
      frame.at = at
      frame.count = 0
    }
    frame.count++
    this.loop = frame.loop
    if (frame.count === slot.max + 1) {
      const times = slot.max === 1 ? 'once' : `${slot.max} times`
      if (slot.isLoop) {
        this.tell('loop-repeats-too-often', `The loop ${slot.tag} may come ${times} here.`)
      } else {
        this.tell('segment-repeats-too-often', `${slot.tag} may come ${times} here.`)
      }
    }
    if (slot.isCounted) this.counts.set(slot.id, (this.counts.get(slot.id) ?? 0) + 1)
    const { segment } = this
    const count = segment.elementCount
    const elements = new Array<string>(count + 1)
    elements[0] = ''
    for (let n = 1; n <= count; n++) elements[n] = segment.get(n)
    this.elements = elements
    this.divided = []
    this.elementCount = count
    this.firstIssue = this.issues.length
    this.sentTexts = undefined
    this.constants = undefined
    slot.check?.(segment, elements, this.standing, this.issues, this.componentsOf)
    if (slot.agreed !== undefined && !this.agree(frame, slot, slot.agreed)) return
    if (slot.hierarchy !== undefined) this.enterLevel(frame, slot)
    else this.bind(frame, slot)
  }

  private bind(frame: Frame, slot: LoadedSlot): void {
    for (const binding of slot.bindings) {
      if (!this.fits(binding)) continue
      this.pending = undefined
      const node = this.take(frame, slot, binding)
      if (node === undefined) continue
      this.noteOrder(frame, slot, binding.index)
      this.trace?.steps.push({ segmentIndex: this.segmentIndex, id: binding.id, node, binding })
      return
    }
    this.keepSegment(frame.node, slot)
    const { segmentIndex } = this
    this.trace?.steps.push({ segmentIndex, id: slot.id, node: frame.node })
    this.noteOrder(frame, slot, slot.bindings.length)
    if (slot.body !== undefined) this.frame = this.newFrame(slot.body, frame.node, frame, slot.id)
  }

  private fits(binding: LoadedBinding): boolean {
    const { conditions } = binding
    for (let n = 0; n < conditions.length; n++) {
      const { element, component, first, texts } = conditions[n]!
      const text = component === 0 ? this.elements[element] : this.component(element, component)
      if (text !== first && (texts.length === 1 || !texts.includes(text ?? ''))) return false
    }
    for (const { element, component } of binding.filled) {
      const text = component === 0 ? this.elements[element] : this.component(element, component)
      if (text === undefined || text === '') return false
    }
    return true
  }

  /** Reads the segment by one binding; undefined when it says nothing this binding has a place for. */
  private take(frame: Frame, slot: LoadedSlot, binding: LoadedBinding): Node | undefined {
    const { list, view, within, beside } = binding
    const owner = frame.node
    if (view !== undefined) return this.takeView(frame, slot, binding)
    let node = owner
    if (list !== undefined) node = list.create()
    else if (within !== undefined) {
      node = (binding.path!.get(owner) as Node | undefined) ?? within.create()
    } else if (beside !== undefined) {
      const found = beside(owner)
      if (found === undefined) return undefined
      node = found
    }
    // A binding to a single node takes one occurrence; the next one is another binding's, or kept.
    if (list === undefined && frame.order?.includes(binding.index) === true) return undefined
    const isRead = this.readFields(binding, node) || binding.isAlways
    const isNothing = list === undefined && !isRead && !hasComputed(binding)
    if (isNothing || list?.needs?.some((key) => !node[key]) === true) {
      if (this.trace?.unread?.some((one) => one.node === node) === true) {
        if (list !== undefined) pushTo(binding.path!.get(owner), node, owner, binding)
        else if (within !== undefined) binding.path!.set(owner, node)
      }
      return undefined
    }
    if (binding.isAlternative) this.keep('at', binding.id)
    this.putExtras(node)
    if (list !== undefined) pushTo(binding.path!.get(owner), node, owner, binding)
    else if (within !== undefined) binding.path!.set(owner, node)
    if (slot.isLoop) this.openLoop(frame, binding, node)
    return node
  }

  private takeView(frame: Frame, slot: LoadedSlot, binding: LoadedBinding): Node | undefined {
    const { of: view, create } = binding.view!
    const item = create()
    if (!this.readFields(binding, item) && !slot.isLoop) return undefined
    if (this.pending !== undefined && view.keepsExtras !== true && !slot.isLoop) return undefined
    this.putExtras(item)
    const joined = (frame.joined ??= new Map())
    const nth = joined.get(binding.id) ?? 0
    if (slot.isLoop) {
      joined.set(binding.id, nth + 1)
      this.openLoop(frame, binding, item, () => view.join(frame.node, item, nth))
      return item
    }
    if (!view.join(frame.node, item, nth)) return undefined
    joined.set(binding.id, nth + 1)
    return item
  }

  private putExtras(node: Node): void {
    const { pending, sentTexts } = this
    if (sentTexts !== undefined) {
      const extras = makeExtras(node, this.standard)
      extras['sent'] = { ...(extras['sent'] as Node | undefined), ...sentTexts }
    }
    if (pending === undefined) return
    const extras = makeExtras(node, this.standard)
    const before = extras['at']
    Object.assign(extras, pending)
    if (Array.isArray(before) && Array.isArray(pending['at'])) {
      extras['at'] = [...before, ...pending['at']]
    }
  }

  private openLoop(frame: Frame, binding: LoadedBinding, node: Node, close?: () => void): void {
    const { body } = binding
    if (body !== undefined) this.frame = this.newFrame(body, node, frame, binding.id, close)
  }

  private readFields(binding: LoadedBinding, node: Node): boolean {
    this.node = node
    const { fields, taken, parts } = binding
    const { elements, elementCount } = this
    const { mayRepeat } = this
    let isRead = false
    for (let n = 0; n < fields.length; n++) {
      if (fields[n]!.read(this, node)) isRead = true
      else if (this.trace?.unread !== undefined)
        this.noteUnread(binding, n, node, this.trace.unread)
    }
    for (let n = 1; n <= elementCount; n++) {
      if (taken[n] !== true) {
        if (elements[n] !== '' && this.constants?.has(n) !== true)
          this.keep(keyOf(binding, n), this.elementValue(n))
        continue
      }
      const divided = parts[n]
      if (divided !== undefined) this.keepComponents(binding, n, divided)
      if (mayRepeat && this.segment.repetitionCount(n) > 1) this.keepRepetitions(binding, n)
    }
    // An empty last element is nothing but its separator; kept, so that it is written again.
    if (elementCount > 0 && elements[elementCount] === '')
      this.keep(keyOf(binding, elementCount), '')
    return isRead
  }

  private noteUnread(binding: LoadedBinding, n: number, node: Node, unread: Unread[]): void {
    const field = binding.of.fields[n]!
    if (!('positions' in field)) return
    const { takes } = binding.fields[n]!
    const errors = this.issues
      .slice(this.firstIssue)
      .filter((issue) => isError(issue) && takes.includes(issue.element ?? 0))
    if (errors.length === 0) return
    const texts = field.positions
      .map(parsePosition)
      .filter((at) => !binding.conditions.some((one) => isAt(one, at)))
      .map((at) => ({ at, text: this.textAt(at.element, at.component) }))
    const said = texts.filter(({ text }) => text !== '')
    if (said.length === 0) return
    // Of a value in several elements the wrong one, or all there is where the wrong one is missing.
    const wrong = said.find(({ at }) =>
      errors.some(({ element, component = 0 }) => isAt({ element, component }, at)),
    )
    const isMissing = texts.some(
      ({ at, text }) => text === '' && errors.some((one) => isAt(one, at)),
    )
    unread.push({
      node: field.ofDocument === true ? this.document : node,
      path: field.path,
      text: (wrong ?? said[0]!).text,
      isIncomplete: wrong === undefined && isMissing,
    })
  }

  /** Components of an element that no field is about, and their number where the last is empty. */
  private keepComponents(binding: LoadedBinding, n: number, { taken, keys }: LoadedParts): void {
    const components = this.componentsOf(n)
    const { length } = components
    for (let c = 1; c <= length; c++) {
      const text = components[c - 1]!
      if (text !== '' && taken[c] !== true) this.keep(keys[c] ?? `${keys[1]}.${c}`, text)
    }
    if (components[length - 1] === '') {
      this.keep(componentCountKey(keyOf(binding, n)), String(length))
    }
  }

  /** Fields read the first repetition of an element; the others are kept. */
  private keepRepetitions(binding: LoadedBinding, n: number): void {
    const others: string[][] = []
    for (let r = 2; r <= this.segment.repetitionCount(n); r++) {
      others.push(this.segment.components(n, r))
    }
    this.keep(repetitionKey(keyOf(binding, n)), others)
  }

  /** An element as it is kept: text, or lists of components where the standard divides it or it is repeated. */
  private elementValue(n: number): unknown {
    const { segment } = this
    const isRepeated = this.mayRepeat && segment.repetitionCount(n) > 1
    if (!isRepeated && !this.loaded.dictionary.isComposite(segment.tag, n)) return this.elements[n]
    const repetitions: string[][] = []
    for (let r = 1; r <= segment.repetitionCount(n); r++) {
      repetitions.push(r === 1 ? [...this.componentsOf(n)] : segment.components(n, r))
    }
    return repetitions.length === 1 && repetitions[0]!.length === 1
      ? repetitions[0]![0]
      : repetitions
  }

  private keepSegment(node: Node, slot: LoadedSlot): void {
    if (slot.agreed !== undefined) {
      // What is kept whole is kept as the partner wrote it.
      this.divided = []
      this.elements = this.elements.map((_, n) => (n === 0 ? '' : this.segment.get(n)))
    }
    const extras = makeExtras(node, this.standard)
    const values: unknown[] = [slot.id, this.segment.tag]
    for (let n = 1; n <= this.elementCount; n++) {
      values.push(this.elements[n] === '' ? '' : this.elementValue(n))
    }
    const list = (extras['segments'] ??= []) as unknown[]
    list.push(values)
  }

  /** Remembers which bindings took the occurrences of a slot, where there is more than one way. */
  private noteOrder(frame: Frame, slot: LoadedSlot, index: number): void {
    if (slot.bindings.length > 0) (frame.order ??= []).push(index)
  }

  /** Called when a slot ends: keeps an order that writing would not give, and tells what is missing up to `next`. */
  private leaveSlot(frame: Frame, next: number): void {
    const { order, body } = frame
    if (order !== undefined) {
      const slot = body.slots[frame.at]!
      if (isUnusual(order, slot)) {
        const extras = makeExtras(frame.node, this.standard)
        const orders = (extras['order'] ??= {}) as Node
        orders[slot.id] = order.map((index) => slot.bindings[index]?.id ?? slot.keptId)
      }
      frame.order = undefined
    }
    const { mandatory } = body
    for (let n = 0; n < mandatory.length; n++) {
      const at = mandatory[n]!
      if (at <= frame.at || at >= next) continue
      const { tag } = body.slots[at]!
      this.loop = frame.loop
      this.tell('segment-missing', `The mandatory segment ${tag} is missing.`, { tag })
    }
    for (const at of body.required) {
      if (at >= Math.max(frame.at, 0) && at < next) this.askRequired(frame, body.slots[at]!)
    }
  }

  private closeFrame(): void {
    const { frame } = this
    this.leaveSlot(frame, frame.body.slots.length)
    frame.close?.()
    this.frame = frame.parent!
  }

  private newFrame(
    body: LoadedBody,
    node: Node,
    parent: Frame | undefined,
    loop: string | undefined,
    close?: () => void,
  ): Frame {
    return {
      body,
      loop,
      node,
      parent,
      at: -1,
      count: 0,
      order: undefined,
      joined: undefined,
      met: undefined,
      close,
    }
  }

  private readonly tellLevel: TellLevel = (code, text, element) => {
    this.tellElement(code, text, element, 0, this.elements[element] ?? '')
  }

  private enterLevel(frame: Frame, slot: LoadedSlot): void {
    const hierarchy = (this.hierarchy ??= new HierarchyReader(slot))
    const opened = hierarchy.open(this.document, this.elements, this.tellLevel)
    const { segmentIndex } = this
    this.trace?.steps.push({ segmentIndex, id: opened.id, node: opened.node })
    this.frame = this.newFrame(opened.body, opened.node, frame, opened.id)
  }

  // What an agreement demands on top of the standard.

  private readonly textAt: TextAt = (element, component) =>
    component === 0 ? (this.elements[element] ?? '') : this.component(element, component)

  /** Translates the partner's texts and checks them; false when the segment is to be passed over. */
  private agree(frame: Frame, slot: LoadedSlot, agreed: AgreedPlace): boolean {
    const { document, textAt } = this
    const holds = ({ where, holds }: PlaceDemand | ElementDemand) =>
      matches(where, textAt) && holds?.(document) !== false
    for (const demand of agreed.elements) if (holds(demand)) this.agreeElement(demand)
    if (agreed.drops.some((where) => matches(where, textAt))) {
      this.issues.length = this.firstIssue
      if (slot.dropped !== undefined) {
        this.frame = this.newFrame(slot.dropped, frame.node, frame, slot.id)
      }
      return false
    }
    for (const demand of agreed.places) {
      if (!holds(demand)) continue
      const met = (frame.met ??= new Map())
      const count = (met.get(demand) ?? 0) + 1
      met.set(demand, count)
      const { name, use, max } = demand
      if (use === 'unused') this.tell('segment-not-agreed', `The agreement has no ${name} here.`)
      else if (max !== undefined && count === max + 1) {
        const text = `The agreement allows ${name} ${max} times here.`
        this.tell(slot.isLoop ? 'loop-repeats-too-often' : 'segment-repeats-too-often', text)
      }
    }
    return true
  }

  private agreeElement(demand: ElementDemand): void {
    const { element, component, use, known, fromWire, toWire } = demand
    const sent = this.textAt(element, component)
    if (known?.has(sent) === true) this.lift(element, component, CODE_FINDINGS)
    if ((use === 'optional' || demand.isDropped === true) && sent === '')
      this.lift(element, component, MISSING)
    if (demand.isDropped === true) {
      this.replace(element, component, '')
      return
    }
    const tell = (code: IssueCode, text: string, expected?: string) =>
      this.tellElement(code, text, element, component, sent, expected)
    const wrong = complaint(demand, sent)
    if (wrong?.code === 'element-missing') this.lift(element, component, MISSING)
    if (wrong !== undefined) tell(wrong.code, wrong.text, wrong.expected)
    if (sent === '') return
    if (use === 'unused') tell('element-not-agreed', 'The agreement has no value here.')
    const { constant } = demand
    if (constant !== undefined && sent !== constant) {
      tell('value-not-agreed', `The agreement has ${constant} here.`, constant)
    }
    if (constant === sent && component === 0) (this.constants ??= new Set()).add(element)
    const text = fromWire === undefined ? sent : fromWire(sent)
    if (text !== sent) this.replace(element, component, text)
    const again = toWire === undefined ? text : toWire(text)
    if (again !== sent) (this.sentTexts ??= {})[demand.id] = sent
  }

  private replace(element: number, component: number, text: string): void {
    if (component === 0) {
      this.elements[element] = text
      return
    }
    const components = [...this.componentsOf(element)]
    while (components.length < component) components.push('')
    components[component - 1] = text
    this.divided[element] = components
  }

  /** Takes back what the standard found wrong and the agreement allows. */
  private lift(element: number, component: number, codes: ReadonlySet<IssueCode>): void {
    const { issues, firstIssue } = this
    const kept = issues
      .splice(firstIssue)
      .filter(
        (one) =>
          one.element !== element ||
          (one.component ?? component) !== component ||
          !codes.has(one.code),
      )
    issues.push(...kept)
  }

  private askRequired(frame: Frame, slot: LoadedSlot): void {
    for (const demand of slot.agreed!.places) {
      if (demand.use !== 'required' || (frame.met?.get(demand) ?? 0) > 0) continue
      this.loop = frame.loop
      const { tag } = slot
      const { segment, segmentIndex: index, loop } = this
      if (demand.holds === undefined) this.tellRequired(demand, tag)
      else this.open.push({ demand, tag, segment, index, loop })
    }
  }

  private tellRequired({ name }: PlaceDemand, tag: string): void {
    this.tell('segment-missing', `The agreement requires ${name} here.`, { tag })
  }

  private judgeOpen(): void {
    for (const { demand, tag, segment, index, loop } of this.open) {
      if (demand.holds?.(this.document) !== true) continue
      this.segment = segment
      this.segmentIndex = index
      this.loop = loop
      this.tellRequired(demand, tag)
    }
  }

  // What fields need of the reader (`Reading`).

  component(element: number, component: number): string {
    return this.componentsOf(element)[component - 1] ?? ''
  }

  private readonly componentsOf = (element: number): readonly string[] =>
    (this.divided[element] ??= this.segment.components(element))

  keep(key: string, value: unknown): void {
    const pending = (this.pending ??= {})
    if (key === 'at') pending['at'] = [...((pending['at'] as string[] | undefined) ?? []), value]
    else pending[key] = value
  }

  later(act: LateAct): void {
    this.late.push({ node: this.node, act })
  }

  check(node: Node, compare: Compare): void {
    const { segment, segmentIndex, loop, positions } = this
    const { element, component } = parsePosition(positions[positions.length - 1] ?? 0)
    const value = this.textAt(element, component)
    this.checks.push({ node, compare, segment, segmentIndex, loop, positions, value })
  }

  sent(field: LoadedComputed, node: Node, text: string): void {
    this.computed.set(field, { node, text, segment: this.segment })
  }

  missing(field: LoadedField): void {
    const element = field.takes[0]!
    const isTold = this.issues.some(
      (issue) =>
        isError(issue) &&
        issue.segmentIndex === this.segmentIndex &&
        field.takes.includes(issue.element ?? 0),
    )
    if (isTold) return
    const value = this.elements[element] ?? ''
    const text =
      value === ''
        ? 'The document cannot be used without this value.'
        : `The document needs this value and cannot use ${value.slice(0, 99)}.`
    const code = value === '' ? 'element-missing' : field.unreadable
    this.tellElement(code, text, element, 0, value, undefined, 'error')
  }

  readonly report: Report = (code, { text, value = '', expected, at = 0 }) => {
    const position = this.positions[at] ?? this.positions[0]
    const { element, component } = parsePosition(position ?? 0)
    this.tellElement(code, text, element, component, value, expected)
  }

  private tellElement(
    code: IssueCode,
    text: string,
    element: number,
    component: number,
    value: string,
    expected?: string,
    severity?: Severity,
  ): void {
    const { segment } = this
    const range = segment.range(element, component === 0 ? undefined : component)
    const elementRef = this.loaded.dictionary.elementRef(segment.tag, element)
    this.tell(code, text, {
      ...range,
      element,
      ...(component === 0 ? {} : { component }),
      ...(elementRef === undefined ? {} : { elementRef }),
      ...(value === '' ? {} : { value: value.slice(0, 99) }),
      ...(expected === undefined ? {} : { expected }),
      ...(severity === undefined ? {} : { severity }),
    })
  }

  private tell(code: IssueCode, text: string, more: Partial<Issue> = {}): void {
    const { segment } = this
    const { offset, end, line, tag } = segment
    this.issues.push(
      finding(this.standard, code, { offset, end, line }, text, {
        ...this.standing(),
        tag,
        ...more,
      }),
    )
  }

  private compareComputed(): void {
    const computing: Computing = { document: this.document, counts: this.counts, tree: this.tree }
    for (const field of this.loaded.computed) {
      const sent = this.computed.get(field)
      const text = sent?.text ?? ''
      if (text === '' && !field.field.usual) continue
      const value = field.field.value(computing)
      const hint = computedHint(field, text, value, computing)
      if (hint === undefined) continue
      makeExtras(sent?.node ?? this.document, this.standard)[field.key] = hint
      const isOther = typeof hint !== 'object' || hint === null || 'counts' in hint
      if (!field.field.verified || isOther || sent === undefined) continue
      this.segment = sent.segment
      this.segmentIndex = this.transaction.segments.indexOf(sent.segment) + 1
      const about = `${field.id} says ${text}, counted were ${value ?? 'none'}.`
      const { element, component } = parsePosition(field.field.computed)
      this.tellElement('total-mismatch', about, element, component, text, value)
    }
  }

  private tellLacking(): void {
    if (this.issues.some(isError)) return
    this.loop = undefined
    for (const { path, tag } of this.loaded.map.requires ?? []) {
      if (accessor(path).get(this.document) !== undefined) continue
      this.tell('segment-missing', `No ${tag} says what a document cannot be without.`, { tag })
    }
  }

  /** Amounts are compared when the whole document is known, and told where they stood. */
  private compareChecked(): void {
    for (const { node, compare, ...where } of this.checks) {
      const mismatch = compare(node, this.document)
      if (mismatch === undefined) continue
      this.segment = where.segment
      this.segmentIndex = where.segmentIndex
      this.loop = where.loop
      this.positions = where.positions
      // A field of qualifier and amount has the amount last.
      const at = where.positions.length - 1
      this.report('amount-mismatch', { value: where.value, at, ...mismatch })
    }
  }
}

type LateAct = () => readonly [key: string, text: string] | undefined

/** A value to be compared with the rest of its node, and where it stood. */
interface Check {
  readonly node: Node
  readonly compare: Compare
  readonly segment: Segment
  readonly segmentIndex: number
  readonly loop: string | undefined
  readonly positions: readonly Position[]
  readonly value: string
}

const CODE_FINDINGS: ReadonlySet<IssueCode> = new Set([
  'code-invalid',
  'element-too-short',
  'element-too-long',
])
const MISSING: ReadonlySet<IssueCode> = new Set(['element-missing'])

/** Beyond every segment of the standard an element only has its number; the dictionary has told it is too many. */
const keyOf = (binding: LoadedBinding, n: number) => binding.keys[n] ?? `${binding.id}.${n}`
interface Place {
  readonly element?: number | undefined
  readonly component?: number | undefined
}
const isAt = (one: Place, other: Place) =>
  one.element === other.element && (one.component ?? 0) === (other.component ?? 0)
const isError = (issue: Issue) => issue.severity === 'error'
const hasComputed = (binding: LoadedBinding) => binding.fields.some((field) => 'key' in field)

/** Whether occurrences, by the places of their bindings, are not those that writing would give. */
function isUnusual(order: readonly number[], { bindings }: LoadedSlot): boolean {
  for (let n = 1; n < order.length; n++) if (order[n]! < order[n - 1]!) return true
  return order[0] === bindings.length && bindings.some(({ isAlways }) => isAlways)
}

function pushTo(list: unknown, node: Node, owner: Node, binding: LoadedBinding): void {
  if (list === undefined) binding.path!.set(owner, [node])
  else (list as Node[]).push(node)
}

/** The slot a tag fits next in an open loop, or -1. A full slot gives way to a later one of the same tag. */
function nextSlot(frame: Frame, tag: number): number {
  const places = frame.body.byTag[tag]
  if (places === undefined) return -1
  for (let n = 0; n < places.length; n++) {
    const at = places[n]!
    if (at < frame.at) continue
    const isFull = at === frame.at && frame.count >= frame.body.slots[at]!.max
    if (isFull && n + 1 < places.length) continue
    return at
  }
  return -1
}

function newDocument(
  transaction: Transaction,
  { interchange, group }: ReadEnvelope,
  { map }: LoadedMap,
): Node {
  return {
    kind: map.kind,
    version: 1,
    function: undefined,
    documentNumber: undefined,
    documentDate: undefined,
    source: {
      family: map.standard,
      ...(transaction.version === '' ? {} : { release: transaction.version }),
      messageType: transaction.type,
      ...(transaction.association === undefined ? {} : { association: transaction.association }),
      ...controlOf(transaction, interchange, group),
    },
    parties: [],
    references: [],
    dates: [],
    notes: [],
    ...map.create({ interchange, group }),
  }
}

/** The numbers a Document came with; an interchange without one is rejected, and says nothing. */
function controlOf(transaction: Transaction, interchange: Interchange, group: Group): Node {
  if (interchange.control === '') return {}
  return {
    control: {
      interchange: interchange.control,
      ...(group.control === undefined ? {} : { group: group.control }),
      message: transaction.control,
    },
  }
}
