// A copy of a map's table that an override may change, and the places in it that a node id names. Ids are those of
// the loaded map (`HL-S/N1/N3`, `BSN05`, `HL-S/DTM-011.02`); besides, `<segment>-<code>` names the segments with that
// qualifier where the table makes no difference between them (`HL-O/REF-IA`, `HL-S/N1-ST/N4`).
import type { TSchema } from '@sinclair/typebox'
import { DOCUMENT_SCHEMAS } from './canonical/document.js'
import { SILENT } from './elements.js'
import type { AgreedPlace, ElementDemand, Matching, PlaceDemand } from './agreed.js'
import type { Dictionary } from './dictionary.js'
import { parsePosition } from './field.js'
import type { Binding, Field, Hierarchy, Node, Slot, TransactionMap } from './map.js'
import { accessor, extrasOf } from './path.js'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export interface DraftPlace {
  drops: Matching[]
  places: PlaceDemand[]
  elements: ElementDemand[]
}
export interface DraftSlot extends Omit<
  Mutable<Slot>,
  'bindings' | 'body' | 'hierarchy' | 'agreed'
> {
  bindings: DraftBinding[]
  body?: DraftSlot[]
  hierarchy?: Omit<Hierarchy, 'levels'> & { readonly levels: Record<string, DraftSlot[]> }
  agreed?: DraftPlace
}
export interface DraftBinding extends Omit<Mutable<Binding>, 'fields' | 'body'> {
  fields: Binding['fields'][number][]
  body?: DraftSlot[]
}

/** What the segments of a place are about: a key that is equal for equal nodes, and the node's schema where known. */
export interface Owner {
  readonly key: string
  readonly schema: TSchema | undefined
}

/** One place a node id names. */
export interface Target {
  readonly slot: DraftSlot
  readonly owner: Owner
  /** Behind the tag: `ST` of `N1-ST`. */
  readonly name: string | undefined
  /** 0: the segment or loop itself. */
  readonly element: number
  readonly component: number
}

export const copySlots = (slots: readonly Slot[]): DraftSlot[] => slots.map(copySlot)

function copySlot({ bindings, body, hierarchy, agreed, ...slot }: Slot): DraftSlot {
  return {
    ...slot,
    bindings: bindings.map(copyBinding),
    ...(body === undefined ? {} : { body: copySlots(body) }),
    ...(agreed === undefined ? {} : { agreed: copyPlace(agreed) }),
    ...(hierarchy === undefined
      ? {}
      : {
          hierarchy: {
            ...hierarchy,
            levels: Object.fromEntries(
              Object.entries(hierarchy.levels).map(([level, slots]) => [level, copySlots(slots)]),
            ),
          },
        }),
  }
}

const copyPlace = ({ drops, places, elements }: AgreedPlace): DraftPlace => ({
  drops: [...drops],
  places: [...places],
  elements: [...elements],
})

function copyBinding({ fields, body, ...binding }: Binding): DraftBinding {
  return {
    ...binding,
    fields: [...fields],
    ...(body === undefined ? {} : { body: copySlots(body) }),
  }
}

interface Place {
  readonly slots: DraftSlot[]
  readonly owner: Owner
}

/** Finds the places of node ids in a draft. */
export class Places {
  readonly document: TSchema
  private readonly root: Place
  private readonly standard: string
  private readonly dictionary: Dictionary

  constructor(map: TransactionMap, body: DraftSlot[], dictionary: Dictionary) {
    this.document = DOCUMENT_SCHEMAS[map.kind]
    this.root = { slots: body, owner: { key: 'document', schema: this.document } }
    this.standard = map.standard
    this.dictionary = dictionary
  }

  /** The places an id names; none when there is no such node, a text when it says why not. */
  find(id: string): Target[] | string {
    const steps = id.split('/')
    const last = steps.pop()!
    let places: Place[] = [this.root]
    for (const step of steps) {
      const inner = this.enter(places, step)
      if (typeof inner === 'string') return inner
      places = inner
    }
    const targets: Target[] = []
    for (const place of places) {
      const found = this.target(place, last)
      if (typeof found === 'string') return found
      targets.push(...found)
    }
    return targets
  }

  /** The bodies a loop or level opens. */
  private enter(places: readonly Place[], step: string): Place[] | string {
    const inner: Place[] = []
    for (const { slots, owner } of places) {
      for (const slot of slotsFor(slots, step, LOOP)) {
        const name = step.slice(nameOf(slot).length + 1)
        const bodies = this.bodies(slot, name, owner)
        if (typeof bodies === 'string') return bodies
        inner.push(...bodies)
      }
    }
    return inner
  }

  private bodies(slot: DraftSlot, name: string, owner: Owner): Place[] | string {
    if (slot.hierarchy !== undefined) {
      // CPS has no level code: every level is the same.
      const level = name === '' ? '*' : name
      const { levels } = slot.hierarchy
      const slots = Object.hasOwn(levels, level) ? levels[level] : undefined
      return slots === undefined ? [] : [{ slots, owner: this.level(slot, level, owner) }]
    }
    if (name !== '') {
      const binding = this.bindingFor(slot, name)
      if (typeof binding === 'string') return binding
      if (slot.body !== undefined) binding.body ??= copySlots(slot.body)
      return binding.body === undefined
        ? []
        : [{ slots: binding.body, owner: this.nodeOf(binding, slot, owner) }]
    }
    const places: Place[] = []
    for (const binding of slot.bindings) {
      const slots = binding.body ?? slot.body
      if (slots !== undefined) places.push({ slots, owner: this.nodeOf(binding, slot, owner) })
    }
    if (slot.body !== undefined && !places.some(({ slots }) => slots === slot.body)) {
      places.push({ slots: slot.body, owner })
    }
    return places
  }

  private level({ tag, hierarchy }: DraftSlot, name: string, owner: Owner): Owner {
    const { documentLevel, lists } = hierarchy!.arrangement
    if (documentLevel === name) return owner
    const list = lists?.[name]
    return {
      key: `${tag}-${name}`,
      schema: list === undefined ? undefined : itemAt(this.document, list),
    }
  }

  /** The node a binding's fields and the slots of its loop are about. */
  nodeOf({ list, view, beside, within }: DraftBinding, { tag }: DraftSlot, owner: Owner): Owner {
    if (list !== undefined) {
      const schema = owner.schema === undefined ? undefined : itemAt(owner.schema, list.path)
      return { key: `${owner.key}.${list.path}[]`, schema }
    }
    if (view !== undefined || beside !== undefined) {
      return { key: `${owner.key} ${tag}`, schema: undefined }
    }
    if (within === undefined) return owner
    const schema = owner.schema === undefined ? undefined : schemaAt(owner.schema, within.path)
    return { key: `${owner.key}.${within.path}`, schema }
  }

  private target({ slots, owner }: Place, step: string): Target[] | string {
    for (const slot of slotsFor(slots, step, LAST)) {
      const { tag } = slot
      const match = LAST.exec(step.slice(nameOf(slot).length))
      const { name, element, component, plain, part } = match?.groups ?? {}
      if (slot.hierarchy !== undefined && name !== undefined && !(name in slot.hierarchy.levels))
        continue
      const n = Number(element ?? plain ?? 0)
      const c = Number(component ?? part ?? 0)
      if (n > 0) {
        const isComposite = this.dictionary.isComposite(tag, n)
        const at = isComposite && c === 0 ? 1 : c
        if (this.dictionary.facts(tag, n, at) === undefined) return `${tag} has no such element`
        return this.sameTag(slots, slot, { owner, name, element: n, component: at })
      }
      return this.sameTag(slots, slot, { owner, name, element: 0, component: 0 })
    }
    return []
  }

  /** Where a segment has several places in a row (before and after a loop, for example), an id names all of them. */
  private sameTag(
    slots: readonly DraftSlot[],
    of: DraftSlot,
    rest: Omit<Target, 'slot'>,
  ): Target[] | string {
    const same = slots.filter((slot) => nameOf(slot) === nameOf(of))
    if (rest.name !== undefined) {
      const wrong = same.map((slot) => this.qualifierProblem(slot, rest.name!))
      if (wrong.every((text) => text !== undefined)) return wrong[0]!
    }
    return same.map((slot) => ({ slot, ...rest }))
  }

  /** Why a code cannot be the first element of a segment. */
  private qualifierProblem(slot: DraftSlot, name: string): string | undefined {
    if (slot.hierarchy !== undefined || bindingNamed(slot, name) !== undefined) return undefined
    const facts = this.qualifier(slot.tag).facts
    if (facts === undefined) return `${slot.tag} has no first element`
    if (facts.list?.has(name) === true) return undefined
    if (facts.list?.closed === true) return `${facts.list.title} has no code ${name}`
    if (name.length >= facts.min && name.length <= facts.max) return undefined
    return `${name} cannot be the first element of ${slot.tag}: it has ${facts.min} to ${facts.max} characters`
  }

  private qualifier(tag: string) {
    const component = this.dictionary.isComposite(tag, 1) ? 1 : 0
    return { component, facts: this.dictionary.facts(tag, 1, component) }
  }

  /** What a segment must have to be meant by a target's name. */
  where({ slot, name }: Target): Matching {
    if (name === undefined) return []
    if (slot.hierarchy !== undefined) {
      return [{ element: slot.hierarchy.elements.level, component: 0, texts: [name] }]
    }
    const binding = bindingNamed(slot, name)
    if (binding?.when === undefined) {
      return [{ element: 1, component: this.qualifier(slot.tag).component, texts: [name] }]
    }
    return conditionsOf(binding)
  }

  /**
   * The binding a name is about. Where the table has none, one is made of the binding without name: the same fields
   * and slots, for the items with that qualifier only.
   */
  bindingFor(slot: DraftSlot, name: string): DraftBinding | string {
    const own = bindingNamed(slot, name)
    if (own !== undefined) return own
    const problem = this.qualifierProblem(slot, name)
    if (problem !== undefined) return problem
    const general = slot.bindings.find((one) => one.when === undefined && one.list !== undefined)
    if (general?.list === undefined) {
      return `${slot.tag} makes no difference by its first element; leave out -${name}`
    }
    const { component } = this.qualifier(slot.tag)
    const says = qualifierOf(general, this.standard, component)
    if (says === undefined)
      return `${slot.tag} makes no difference by its first element; leave out -${name}`
    const { only: others = () => true, ...list } = general.list
    const part: DraftBinding = {
      ...copyBinding(general),
      when: { [component === 0 ? 1 : `1-${component}`]: name },
      isPart: true,
      list: { ...list, only: (item) => others(item) && says(item) === name },
    }
    general.list = { ...list, only: (item) => others(item) && says(item) !== name }
    slot.bindings.splice(slot.bindings.indexOf(general), 0, part)
    return part
  }

  /** Bindings a rule about an element changes: that of the name, or all. */
  bindings(target: Target): readonly DraftBinding[] {
    const { slot, name } = target
    if (name === undefined) return slot.bindings
    const own = bindingNamed(slot, name)
    return own === undefined ? [] : [own]
  }
}

const LAST =
  /^(?:(?<plain>\d\d)(?:-(?<part>\d))?|(?:-(?<name>[^./]+))?(?:\.(?<element>\d\d)(?:-(?<component>\d))?)?)$/

/** What may stand behind the tag of a loop or level on the way: `-ST`. */
const LOOP = /^(?:-[^./]+)?$/

const nameOf = ({ name, tag }: DraftSlot) => name ?? tag

/** The slots whose name a step begins with and goes on as it may: those with the longest one, `MOA-S` before `MOA`. */
function slotsFor(slots: readonly DraftSlot[], step: string, rest: RegExp): DraftSlot[] {
  const found = slots.filter(
    (slot) => step.startsWith(nameOf(slot)) && rest.test(step.slice(nameOf(slot).length)),
  )
  const longest = Math.max(...found.map((slot) => nameOf(slot).length))
  return found.filter((slot) => nameOf(slot).length === longest)
}

const conditionsOf = ({ when }: Pick<Binding, 'when'>): Matching =>
  Object.entries(when ?? {}).map(([position, texts]) => ({
    ...parsePosition(position as `${number}`),
    texts: typeof texts === 'string' ? [texts] : (texts ?? []),
  }))

/** The binding whose id ends with the name. */
export const bindingNamed = (slot: DraftSlot, name: string): DraftBinding | undefined =>
  slot.bindings.find((one) => (one.name ?? conditionsOf(one)[0]?.texts[0]) === name)

/** How to tell the qualifier a list's item is written with: the code kept from its source, else the preferred one. */
function qualifierOf(
  { fields }: DraftBinding,
  standard: string,
  component: number,
): ((item: Node) => string | undefined) | undefined {
  for (const field of fields) {
    if (!('positions' in field)) continue
    const at = field.positions.findIndex((position) => {
      const found = parsePosition(position)
      return found.element === 1 && (found.component === component || component < 2)
    })
    if (at >= 0) return (item) => textOf(field, at, item, standard)
  }
  return undefined
}

function textOf(field: Field, at: number, item: Node, standard: string): string | undefined {
  const { codec } = field
  const value = (field.through ?? accessor(field.path)).get(item)
  if (value === undefined) return undefined
  const kept = (ref: string | undefined) => {
    const text = ref === undefined ? undefined : extrasOf(item, standard)?.[ref]
    return typeof text === 'string' ? text : undefined
  }
  if ('width' in codec) {
    const refs = field.positions.map((_, n) => kept(codec.refs?.[n]))
    return codec.encode(value, refs, SILENT)?.[at]
  }
  const own = kept(codec.ref)
  return own !== undefined && codec.decode(own, SILENT) === value ? own : codec.encode(value)
}

/** The schema at a path of keys. */
function schemaAt(schema: TSchema, path: string): TSchema | undefined {
  let at: TSchema | undefined = schema
  for (const key of path.split('.')) {
    at = (at?.['properties'] as Record<string, TSchema> | undefined)?.[key]
  }
  return at
}

const itemAt = (schema: TSchema, path: string) =>
  schemaAt(schema, path)?.['items'] as TSchema | undefined

/** Drops segments: their loops are walked through without a trace. */
export function dropAt(
  slot: DraftSlot,
  place: DraftPlace,
  where: DraftPlace['drops'][number],
): void {
  place.drops.push(where)
  const body = slot.body ?? slot.bindings.find((one) => one.body !== undefined)?.body
  if (body !== undefined) slot.dropped = body.map(silent)
}

function silent({ tag, max, body, bindings }: Slot): Slot {
  const inner = body ?? bindings.find((one) => one.body !== undefined)?.body
  return {
    tag,
    usage: 'O',
    max,
    bindings: [],
    agreed: { drops: [[]], places: [], elements: [] },
    ...(inner === undefined ? {} : { body: inner.map(silent), dropped: inner.map(silent) }),
  }
}
