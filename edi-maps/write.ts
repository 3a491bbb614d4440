// Writing: makes the segments of one transaction from a Document along the same map that reads them. What reading
// kept in extras is put back to its place; what the map says is made from the canonical values.
import { append } from './append.js'
import {
  complaint,
  matches,
  setText,
  textIn,
  type AgreedPlace,
  type ElementDemand,
  type Elements,
  type PlaceDemand,
} from './agreed.js'
import type { Document } from './canonical/document.js'
import type { Report } from './elements.js'
import { componentOf, parsePosition, put } from './field.js'
import type { Level, Plan } from './hierarchy.js'
import { finding, type Issue, type IssueCode, type Severity } from './issue.js'
import { repetitionsOf } from './layout.js'
import { valuesAt } from './left-out.js'
import {
  componentCountKey,
  repetitionKey,
  type LoadedBinding,
  type LoadedBody,
  type LoadedMap,
  type LoadedSlot,
} from './load.js'
import type { Computing, Node } from './map.js'
import { nodePaths } from './node-paths.js'
import { extrasOf } from './path.js'
import type { ElementValue, Position, SegmentData } from './segment.js'

export interface WrittenTransaction {
  /** From after ST or UNH to before SE or UNT. */
  readonly segments: readonly SegmentData[]
  /** Findings about the document; with one of severity error it must not be sent. */
  readonly issues: readonly Issue[]
}

/** Writes one transaction. `layout` is the agreement's write hint; it wins over the document's own. */
export function writeTransaction(
  document: Document,
  loaded: LoadedMap,
  layout?: Readonly<Record<string, unknown>>,
): WrittenTransaction {
  const writer = new Writer(document as unknown as Node, loaded, layout)
  return { segments: writer.write(), issues: writer.issues }
}

class Writer {
  readonly issues: Issue[] = []
  private readonly loaded: LoadedMap
  private readonly standard: 'x12' | 'edifact'
  private readonly layout: Node | undefined
  private readonly plans = new Map<LoadedSlot, Plan>()
  private readonly counts = new Map<string, number>()
  document: Node
  private tree: string | undefined
  private out: SegmentData[] = []
  /** How often segments of the slot at hand were written that an agreement demands something of. */
  private met = new Map<PlaceDemand, number>()
  private readonly keptSegments = new Map<Node, ReadonlyMap<string, SegmentData[][]>>()

  /** The segment being written: `Writing` for the fields. */
  elements: Elements = []
  positions: readonly Position[] = []
  private tag = ''
  private node: Node
  /** Of the nodes of the document; made when the first finding asks. */
  private paths: ReadonlyMap<unknown, string> | undefined

  constructor(
    document: Node,
    loaded: LoadedMap,
    layout: Readonly<Record<string, unknown>> | undefined,
  ) {
    this.document = document
    this.node = document
    this.loaded = loaded
    this.standard = loaded.map.standard
    this.layout = layout
  }

  write(): SegmentData[] {
    for (const slot of this.loaded.body.slots) {
      if (slot.hierarchy !== undefined) this.plan(slot)
    }
    this.body(this.loaded.body, this.document)
    this.tellLeftOut()
    return this.out
  }

  private tellLeftOut(): void {
    const { id, version, leavesOut = [] } = this.loaded.map
    this.tag = ''
    for (const path of leavesOut.flatMap((one) => valuesAt(this.document, one))) {
      this.tell('value-left-out', `${id} ${version} has no place for ${path}.`, { path })
    }
  }

  /** Trees are planned before anything is written: elements before them (BSN05) depend on the tree. */
  private plan(slot: LoadedSlot): void {
    const { arrangement } = slot.hierarchy!.of
    const plan = arrangement.plan(
      this.document,
      this.layout,
      this.standard,
      (code, text, severity) => {
        this.tell(code, text, severity === undefined ? {} : { severity })
      },
    )
    this.document = plan.document
    this.paths = undefined
    this.tree = plan.tree
    this.plans.set(slot, plan)
  }

  private body(body: LoadedBody, node: Node): void {
    const extras = extrasOf(node, this.standard)
    for (const slot of body.slots) {
      const before = this.out.length
      if (slot.hierarchy === undefined) this.slot(slot, node, extras)
      else this.levels(slot)
      if (slot.isMandatory && this.out.length === before) {
        this.tag = slot.tag
        this.node = node
        this.tell('segment-missing', `The mandatory segment ${slot.tag} has nothing to say.`)
      }
    }
  }

  private slot(slot: LoadedSlot, node: Node, extras: Node | undefined): void {
    const { agreed } = slot
    if (agreed === undefined) {
      this.occurrencesOf(slot, node, extras)
      return
    }
    const outer = this.met
    this.met = new Map()
    this.occurrencesOf(slot, node, extras)
    this.judge(slot, agreed, node)
    this.met = outer
  }

  private occurrencesOf(slot: LoadedSlot, node: Node, extras: Node | undefined): void {
    const kept = extras?.['segments'] === undefined ? undefined : this.keptOf(node, extras, slot)
    const order = (extras?.['order'] as Node | undefined)?.[slot.id] as string[] | undefined
    if (order === undefined) {
      let count = 0
      for (const binding of slot.bindings) count += this.occurrences(binding, slot, node, extras)
      for (const segments of kept ?? []) {
        append(this.out, segments)
        count++
      }
      this.count(slot, count)
      return
    }
    this.ordered(slot, node, extras, kept ?? [], order)
  }

  private count(slot: LoadedSlot, count: number): void {
    if (slot.counter >= 0) this.counts.set(slot.id, (this.counts.get(slot.id) ?? 0) + count)
    if (count <= slot.max) return
    this.tag = slot.tag
    const code = slot.isLoop ? 'loop-repeats-too-often' : 'segment-repeats-too-often'
    this.tell(code, `${slot.tag} is there ${count} times; at most ${slot.max} are allowed.`)
  }

  /** Writes occurrences in the order in which they came; what is new stands at the end. */
  private ordered(
    slot: LoadedSlot,
    node: Node,
    extras: Node | undefined,
    kept: readonly (readonly SegmentData[])[],
    order: readonly string[],
  ): void {
    const { out } = this
    const queues = new Map<string, SegmentData[][]>()
    for (const binding of slot.bindings) {
      // A segment that says nothing but constants is there only if it came.
      if (binding.isAlways && !order.includes(binding.id)) continue
      const occurrences: SegmentData[][] = []
      this.occurrences(binding, slot, node, extras, occurrences)
      const queue = queues.get(binding.id) ?? []
      append(queue, occurrences)
      queues.set(binding.id, queue)
    }
    queues.set(
      slot.keptId,
      kept.map((segments) => [...segments]),
    )
    this.out = out
    const sorted = order.flatMap((id) => queues.get(id)?.splice(0, 1) ?? [])
    const rest = [...queues.values()].flat()
    for (const segments of [...sorted, ...rest]) append(out, segments)
    const count = sorted.length + rest.length
    this.count(slot, count)
  }

  /** Writes all occurrences of one binding; into `apart`, each by itself, where that is given. Gives their number. */
  private occurrences(
    binding: LoadedBinding,
    slot: LoadedSlot,
    owner: Node,
    extras: Node | undefined,
    apart?: SegmentData[][],
  ): number {
    const { list, view } = binding.of
    if (list === undefined && view === undefined) {
      const node = nodeOf(binding, owner)
      if (node === undefined) return 0
      const own = node === owner ? extras : extrasOf(node, this.standard)
      return this.occurrence(binding, slot, node, own, false, apart)
    }
    const items = (view === undefined ? binding.path!.get(owner) : view.of.split(owner)) as
      readonly Node[] | undefined
    let count = 0
    for (const item of items ?? []) {
      const own = extrasOf(item, this.standard)
      if (list !== undefined && !this.belongs(binding, item, own)) continue
      count += this.occurrence(binding, slot, item, own, true, apart)
    }
    return count
  }

  /** Which binding writes an item of a list: the one its extras name, otherwise the list's usual place. */
  private belongs(binding: LoadedBinding, item: Node, extras: Node | undefined): boolean {
    if (binding.of.list?.only?.(item) === false) return false
    const at = extras?.['at']
    // Other ids say where values of the item came, not the item itself.
    if (Array.isArray(at) && at.some((id: string) => this.loaded.bindings.has(id))) {
      return at.includes(binding.id)
    }
    return !binding.isAlternative
  }

  private occurrence(
    binding: LoadedBinding,
    slot: LoadedSlot,
    node: Node,
    extras: Node | undefined,
    isItem: boolean,
    apart: SegmentData[][] | undefined,
  ): number {
    if (apart !== undefined) this.out = []
    const elements = this.segment(binding, slot, node, extras, isItem)
    if (elements === undefined || !this.admit(slot, elements)) return 0
    const { out } = this
    const segment = this.finish(slot, elements, extras)
    // What is left of it after leaving elements out may be its qualifiers alone, which say nothing.
    if (slot.agreed?.elements.some(isLeftOut) === true && !slot.isLoop) {
      const isSaying = (text: ElementValue, n: number) =>
        n > 0 && text !== '' && !binding.conditions.some(({ element }) => element === n)
      if (!isItem && !segment.some(isSaying)) return 0
    }
    out.push(segment)
    if (binding.body !== undefined) this.body(binding.body, node)
    if (apart !== undefined) apart.push(this.out)
    return 1
  }

  /** One segment of a binding; undefined when the node has nothing to say in it. */
  private segment(
    binding: LoadedBinding,
    slot: LoadedSlot,
    node: Node,
    extras: Node | undefined,
    isItem: boolean,
  ): Elements | undefined {
    const elements: Elements = []
    this.elements = elements
    this.tag = slot.tag
    this.node = node
    let says = isItem || binding.isAlways
    for (const field of binding.fields) if (field.write(this, node, extras)) says = true
    for (const { element, component, first } of binding.conditions) {
      if (component === 0) elements[element] ??= first
      else if (componentOf(elements[element], component) === '') {
        put(this, { element, component }, first)
      }
    }
    const conflicts = slot.agreed === undefined ? [] : this.putConstants(slot.agreed, elements)
    let length = 0
    if (extras !== undefined) {
      const { keys, written } = binding
      for (let n = 1; n < keys.length; n++) {
        const kept = extras[keys[n]!]
        if (kept === undefined || (written[n] === true && kept !== '')) continue
        if (kept === '') {
          if (!isComputedAt(binding, n)) length = n
        } else if (elements[n] === undefined && (typeof kept === 'string' || Array.isArray(kept))) {
          elements[n] = kept as ElementValue
          says = true
        }
      }
      if (this.keptComponents(binding, extras)) says = true
    }
    if (!says) return undefined
    if (extras !== undefined) this.keptRepetitions(binding, extras)
    for (const conflict of conflicts) this.tellConflict(conflict, elements)
    while (elements.length <= length) elements.push('')
    return elements
  }

  /** Puts kept components to the elements whose other components fields have written. True when one says something. */
  private keptComponents({ parts, keys }: LoadedBinding, extras: Node): boolean {
    let says = false
    parts.forEach((of, element) => {
      of?.keys.forEach((key, component) => {
        const kept = extras[key]
        if (typeof kept !== 'string' || kept === '' || of.taken[component] === true) return
        if (componentOf(this.elements[element], component) !== '') return
        put(this, { element, component }, kept)
        says = true
      })
      const count = Number(extras[componentCountKey(keys[element]!)])
      if (count > 0 && componentOf(this.elements[element], count) === '') {
        put(this, { element, component: count }, '')
      }
    })
    return says
  }

  private keptRepetitions({ keys, taken }: LoadedBinding, extras: Node): void {
    const { elements } = this
    for (let n = 1; n < keys.length; n++) {
      if (taken[n] !== true) continue
      const others = extras[repetitionKey(keys[n]!)]
      if (Array.isArray(others)) {
        elements[n] = [...repetitionsOf(elements[n] ?? ''), ...(others as string[][])]
      }
    }
  }

  // What an agreement demands on top of the standard.

  private isAbout({ where, holds }: PlaceDemand | ElementDemand, elements: Elements): boolean {
    return (
      matches(where, (element, component) => textIn(elements, element, component)) &&
      holds?.(this.document) !== false
    )
  }

  /** Puts constants where nothing else was said; gives those that contradict what the document says. */
  private putConstants(agreed: AgreedPlace, elements: Elements): ElementDemand[] {
    const conflicts: ElementDemand[] = []
    for (const demand of agreed.elements) {
      const { constant, element, component } = demand
      if (constant === undefined || !this.isAbout(demand, elements)) continue
      const said = textIn(elements, element, component)
      if (said === '') setText(elements, element, component, constant)
      else if (said !== constant) conflicts.push(demand)
    }
    return conflicts
  }

  private tellConflict(demand: ElementDemand, elements: Elements): void {
    const said = textIn(elements, demand.element, demand.component)
    const text = `The document says ${said} where the agreement has ${demand.constant ?? ''}.`
    this.tellElement(demand, 'value-not-writable', text, said, demand.constant)
  }

  /** Whether a segment is written at all; counts it. */
  private admit(slot: LoadedSlot, elements: Elements): boolean {
    const { agreed } = slot
    if (agreed === undefined) return true
    const textAt = (element: number, component: number) => textIn(elements, element, component)
    if (agreed.drops.some((where) => matches(where, textAt))) return false
    const about = agreed.places.filter((demand) => this.isAbout(demand, elements))
    if (slot.hierarchy === undefined && about.some(({ use }) => use === 'unused')) return false
    for (const demand of about) this.met.set(demand, (this.met.get(demand) ?? 0) + 1)
    return true
  }

  /** A segment as the partner has it, from its elements as the map has them. */
  private finish(slot: LoadedSlot, elements: Elements, extras: Node | undefined): SegmentData {
    const { length } = elements
    const demands = slot.agreed?.elements.filter((demand) => this.isAbout(demand, elements))
    for (const demand of demands ?? []) this.finishElement(demand, elements, extras)
    let last = elements.length - 1
    if (demands?.some(isLeftOut) === true || elements.length > length) {
      while (last > 0 && (elements[last] ?? '') === '') last--
    }
    const segment: [string, ...ElementValue[]] = [slot.tag]
    for (let n = 1; n <= last; n++) segment.push(elements[n] ?? '')
    return segment
  }

  private finishElement(demand: ElementDemand, elements: Elements, extras: Node | undefined): void {
    const { id, element, component, cut, toWire, fromWire } = demand
    const said = textIn(elements, element, component)
    if (isLeftOut(demand)) {
      if (said !== '') setText(elements, element, component, '')
      return
    }
    let text = said
    if (said !== '') {
      const sent = (extras?.['sent'] as Node | undefined)?.[id]
      const isKept = typeof sent === 'string' && (fromWire?.(sent) ?? sent) === said
      text = isKept ? sent : (toWire?.(said) ?? said)
      if (!isKept && cut !== undefined && said.length > cut) {
        this.tellElement(demand, 'value-cut', `Cut to ${cut} characters.`, said)
      }
      if (text !== said) setText(elements, element, component, text)
    }
    const wrong = complaint(demand, text)
    if (wrong === undefined) return
    this.tellElement(demand, wrong.code, wrong.text, text, wrong.expected, 'error')
  }

  private tellElement(
    { element, component }: ElementDemand,
    code: IssueCode,
    text: string,
    value: string,
    expected?: string,
    severity?: Severity,
  ): void {
    const elementRef = this.loaded.dictionary.elementRef(this.tag, element)
    this.tell(code, text, {
      element,
      ...(component === 0 ? {} : { component }),
      ...(elementRef === undefined ? {} : { elementRef }),
      ...(value === '' ? {} : { value: value.slice(0, 99) }),
      ...(expected === undefined ? {} : { expected }),
      ...(severity === undefined ? {} : { severity }),
    })
  }

  /** What is required and was not written is made of its constants, where it has some. */
  private judge(slot: LoadedSlot, agreed: AgreedPlace, node: Node): void {
    this.tag = slot.tag
    this.node = node
    for (const demand of agreed.places) {
      const { name, use, max, holds } = demand
      const count = this.met.get(demand) ?? 0
      if (use === 'required' && count === 0 && holds?.(this.document) !== false) {
        if (slot.isLoop || !this.writeConstants(slot, agreed, demand)) {
          this.tell('segment-missing', `The agreement requires ${name} here.`)
        }
      }
      if (use === 'unused' && count > 0) {
        const text = `The agreement has no ${name}; choose another tree in its layout.`
        this.tell('segment-not-agreed', text, { severity: 'error' })
      }
      if (max !== undefined && count > max) {
        const code = slot.isLoop ? 'loop-repeats-too-often' : 'segment-repeats-too-often'
        this.tell(code, `${name} is there ${count} times; the agreement allows ${max}.`)
      }
    }
  }

  private writeConstants(slot: LoadedSlot, agreed: AgreedPlace, { where }: PlaceDemand): boolean {
    const elements: Elements = []
    for (const { element, component, texts } of where) {
      setText(elements, element, component, texts[0]!)
    }
    const before = elements.length
    this.putConstants(agreed, elements)
    if (elements.length === before) return false
    this.out.push(this.finish(slot, elements, undefined))
    return true
  }

  /** Kept segments of a slot, each occurrence with the segments of its loop. */
  private keptOf(node: Node, extras: Node, slot: LoadedSlot): SegmentData[][] | undefined {
    let bySlot = this.keptSegments.get(node)
    if (bySlot === undefined) {
      bySlot = groupKept(extras['segments'])
      this.keptSegments.set(node, bySlot)
    }
    const kept = bySlot.get(slot.id)
    if (slot.agreed === undefined) return kept
    return kept?.filter(([[, ...elements] = ['']]) => this.admit(slot, [undefined, ...elements]))
  }

  private levels(slot: LoadedSlot): void {
    const { levels } = this.plans.get(slot)!
    const { of, levels: bodies, unknown } = slot.hierarchy!
    for (const [n, level] of levels.entries()) {
      const elements: Elements = []
      elements[of.elements.id] = idOf(levels, n)
      elements[of.elements.parent] = level.parent < 0 ? '' : idOf(levels, level.parent)
      elements[of.elements.level] = level.code
      if (level.child !== undefined) elements[of.elements.child] = level.child
      while (elements.length > 1 && (elements.at(-1) ?? '') === '') elements.pop()
      this.tag = slot.tag
      this.node = level.node
      this.admit(slot, elements)
      this.out.push(this.finish(slot, elements, undefined))
      this.counts.set(slot.id, (this.counts.get(slot.id) ?? 0) + 1)
      this.body((bodies.get(level.code) ?? bodies.get('*'))?.body ?? unknown, level.node)
    }
    if (slot.agreed !== undefined) this.judge(slot, slot.agreed, this.document)
  }

  // What fields need of the writer (`Writing`).

  computing(): Computing {
    return { document: this.document, counts: this.counts, tree: this.tree }
  }

  readonly report: Report = (code, { text, value = '', expected, at = 0 }) => {
    const { element, component } = parsePosition(this.positions[at] ?? this.positions[0] ?? 0)
    const elementRef = this.loaded.dictionary.elementRef(this.tag, element)
    this.tell(code, text, {
      element,
      ...(component === 0 ? {} : { component }),
      ...(elementRef === undefined ? {} : { elementRef }),
      ...(value === '' ? {} : { value: value.slice(0, 99) }),
      ...(expected === undefined ? {} : { expected }),
    })
  }

  private tell(code: IssueCode, text: string, more: Partial<Issue> & { severity?: Severity }): void
  private tell(code: IssueCode, text: string): void
  private tell(code: IssueCode, text: string, more: Partial<Issue> = {}): void {
    const path = (this.paths ??= nodePaths(this.document)).get(this.node)
    this.issues.push(
      finding(this.standard, code, { offset: 0, end: 0, line: 0 }, text, {
        ...(this.tag === '' ? {} : { tag: this.tag }),
        ...(path === undefined || path === '' ? {} : { path }),
        ...more,
      }),
    )
  }
}

const isLeftOut = ({ isDropped, use }: ElementDemand) => isDropped === true || use === 'unused'

const idOf = (levels: readonly Level[], n: number) => levels[n]!.id ?? String(n + 1)

const isComputedAt = (binding: LoadedBinding, element: number) =>
  binding.fields.some((field) => 'key' in field && field.takes[0] === element)

/** The one node a binding without list is about. */
function nodeOf(binding: LoadedBinding, owner: Node): Node | undefined {
  const { within, beside } = binding.of
  if (beside !== undefined) return beside(owner)
  return within === undefined ? owner : (binding.path!.get(owner) as Node | undefined)
}

/** Kept segments by the slot they belong to: an entry of the slot begins an occurrence, entries below it follow. */
function groupKept(list: unknown): ReadonlyMap<string, SegmentData[][]> {
  const bySlot = new Map<string, SegmentData[][]>()
  let open: { id: string; segments: SegmentData[] } | undefined
  for (const entry of Array.isArray(list) ? list : []) {
    const [id, ...segment] = entry as [string, string, ...ElementValue[]]
    if (open !== undefined && id.startsWith(`${open.id}/`)) {
      open.segments.push(segment)
      continue
    }
    open = { id, segments: [segment] }
    const occurrences = bySlot.get(id)
    if (occurrences === undefined) bySlot.set(id, [open.segments])
    else occurrences.push(open.segments)
  }
  return bySlot
}
