// A map made ready: ids given to every node and field, fields compiled, slots indexed by tag. Done once per map and
// override; reading and writing then only walk what stands here.
import type { AgreedPlace } from './agreed.js'
import type { Dictionary, ElementCheck } from './dictionary.js'
import { parsePosition, type FieldNames, type LoadedComputed, type LoadedField } from './field.js'
import { loadComputed } from './fields/computed.js'
import { loadField } from './fields/load-field.js'
import { loadPairs } from './fields/pairs.js'
import type {
  Binding,
  ComputedField,
  Field,
  Hierarchy,
  Node,
  PairsField,
  Slot,
  TransactionMap,
} from './map.js'
import { accessor, type Accessor } from './path.js'
import { bitsOf } from './reading/given.js'
import type { ReadSlot } from './reading/slot-code.js'
import { roomy } from './roomy.js'
import type { Position } from './segment.js'
import { TagNumbers } from './tag-key.js'

export interface LoadedMap {
  readonly map: TransactionMap
  readonly dictionary: Dictionary
  readonly body: LoadedBody
  /** A number for every tag of the set, from 0. */
  readonly tags: TagNumbers
  readonly computed: readonly LoadedComputed[]
  /** Ids of the slots whose occurrences are counted. */
  readonly counted: readonly string[]
  /** Every node id and field id: what an override may name. */
  readonly ids: ReadonlySet<string>
  /** The ids of bindings among them. */
  readonly bindings: ReadonlySet<string>
}

export interface LoadedBody {
  readonly slots: readonly LoadedSlot[]
  /** Positions in `slots`, by the tag's number, ascending. */
  readonly byTag: readonly (readonly number[] | undefined)[]
  /** The position of the only slot, by the tag's number; NONE where there is none, SEVERAL where there are more. */
  readonly onlyByTag: Int16Array
  /** Something is told where a slot of it is left: there are mandatory or required ones. */
  readonly isDemanding: boolean
  /** Of each view among the bindings that it has taken no segment yet. */
  readonly noneJoined: readonly number[]
  /** Positions of mandatory slots, ascending. */
  readonly mandatory: readonly number[]
  /** Positions of slots an agreement requires something of, ascending. */
  readonly required: readonly number[]
}

export interface LoadedSlot {
  readonly id: string
  /** What stands for a segment kept whole where the order of occurrences is told; its bindings stand by their ids. */
  readonly keptId: string
  readonly tag: string
  readonly check: ElementCheck | undefined
  readonly max: number
  readonly isMandatory: boolean
  readonly isLoop: boolean
  /** Place in `LoadedMap.counted`; -1 where nobody asks how often it comes. */
  readonly counter: number
  readonly bindings: readonly LoadedBinding[]
  /** How they read a segment, without a trace and with one; made when first needed. */
  read: ReadSlot | undefined
  readTraced: ReadSlot | undefined
  /** Some of the bindings are written whatever the document says. */
  readonly hasAlways: boolean
  /** Of a loop kept whole. */
  readonly body: LoadedBody | undefined
  readonly hierarchy: LoadedHierarchy | undefined
  readonly agreed: AgreedPlace | undefined
  /** Of a loop with occurrences that are dropped. */
  readonly dropped: LoadedBody | undefined
}

export interface LoadedHierarchy {
  readonly of: Hierarchy
  readonly levels: ReadonlyMap<string, { readonly id: string; readonly body: LoadedBody }>
  readonly unknown: LoadedBody
}

export interface LoadedBinding {
  readonly id: string
  /** Its place among the slot's bindings. */
  readonly index: number
  readonly of: Binding
  // What reading asks of every segment; rows of a table have many shapes, and asking those takes longer.
  readonly list: Binding['list']
  /** Makes the node where it is not the owner. */
  readonly create: (() => Node) | undefined
  /** Keys without which there is no item. */
  readonly needs: readonly Accessor[]
  readonly view: Binding['view']
  /** A number of the view, from 0 in each body. */
  readonly viewIndex: number
  readonly within: Binding['within']
  readonly beside: Binding['beside']
  readonly isAlways: boolean
  readonly isAlternative: boolean
  readonly conditions: readonly {
    readonly element: number
    /** 0: the whole element. */
    readonly component: number
    /** The text written. */
    readonly first: string
    readonly texts: readonly string[]
  }[]
  /** Where there must be a text; component 0 is the whole element. */
  readonly filled: readonly { readonly element: number; readonly component: number }[]
  readonly path: Accessor | undefined
  readonly fields: readonly LoadedField[]
  readonly hasComputed: boolean
  /** By element: whether a field or condition reads it. */
  readonly taken: readonly boolean[]
  /** Bits of the elements of which there is nothing to keep when they are taken: not divided into components. */
  readonly wholly: number
  /** By element: whether what was kept of it is written by its field. */
  readonly written: readonly boolean[]
  readonly body: LoadedBody | undefined
  /** Keys in extras of elements without canonical place, by element. */
  readonly keys: readonly string[]
  /** By element, where fields or conditions are about its components: what holds of each of them. */
  readonly parts: readonly (LoadedParts | undefined)[]
}

/** Components of one element, from 1. */
export interface LoadedParts {
  readonly taken: readonly boolean[]
  readonly keys: readonly string[]
}

export function loadMap(map: TransactionMap, dictionary: Dictionary): LoadedMap {
  const loader = new Loader(map, dictionary)
  const body = loader.body(map.body, '', 'document')
  return {
    map,
    dictionary,
    body,
    tags: loader.tags,
    computed: loader.computed,
    counted: loader.counted,
    ids: loader.ids,
    bindings: loader.bindings,
  }
}

export const NONE = -1
export const SEVERAL = -2
/** As often as one likes; a small integer, as comparing with Infinity would be done in floating point. */
const OFTEN = 2 ** 30
/** No segment of X12 or EDIFACT has more elements (LIN has 31). */
const MAX_ELEMENTS = 40
/** No composite has more components (C210 has 10). */
const MAX_COMPONENTS = 15

const twoDigits = (n: number) => String(n).padStart(2, '0')

class Loader {
  readonly tags = new TagNumbers()
  readonly ids = new Set<string>()
  readonly bindings = new Set<string>()
  readonly computed: LoadedComputed[] = []
  readonly counted: string[] = []
  private views = 0
  private readonly map: TransactionMap
  private readonly dictionary: Dictionary
  /** Keys used in the extras of one kind of node, with the id that uses them. */
  private readonly keys = new Map<string, string>()
  /** Fields by owner and path: the usual place and the alternatives. */
  private readonly alternatives = new Map<string, string[]>()

  constructor(map: TransactionMap, dictionary: Dictionary) {
    this.map = map
    this.dictionary = dictionary
  }

  body(slots: readonly Slot[], prefix: string, owner: string): LoadedBody {
    const outer = this.views
    this.views = 0
    const loaded = slots.map((slot) => this.slot(slot, prefix, owner))
    const noneJoined = Array.from({ length: this.views }, () => 0)
    this.views = outer
    const byTag: number[][] = []
    for (const [at, { tag }] of loaded.entries()) (byTag[this.tags.add(tag)] ??= []).push(at)
    const mandatory = [...loaded.keys()].filter((at) => loaded[at]!.isMandatory)
    const required = [...loaded.keys()].filter((at) =>
      loaded[at]!.agreed?.places.some(({ use }) => use === 'required'),
    )
    const onlyByTag = Int16Array.from({ length: byTag.length }, (_, tag) => {
      const [first = NONE, second] = byTag[tag] ?? []
      return second === undefined ? first : SEVERAL
    })
    const isDemanding = mandatory.length > 0 || required.length > 0
    return { slots: loaded, byTag, onlyByTag, isDemanding, noneJoined, mandatory, required }
  }

  private slot(slot: Slot, prefix: string, owner: string): LoadedSlot {
    const id = prefix + (slot.name ?? slot.tag)
    this.ids.add(id)
    const bindings = slot.bindings.map((binding, index) =>
      this.binding(binding, index, slot, id, owner),
    )
    return {
      id,
      keptId: bindings.some((binding) => binding.id === id) ? `${id}-kept` : id,
      tag: slot.tag,
      check: this.dictionary.checkOf(slot.tag),
      max: Math.min(slot.max, OFTEN),
      isMandatory: slot.usage === 'M',
      isLoop:
        slot.body !== undefined || slot.bindings.some((binding) => binding.body !== undefined),
      counter: slot.counted === true ? this.counted.push(id) - 1 : -1,
      bindings,
      read: undefined,
      readTraced: undefined,
      hasAlways: bindings.some(({ isAlways }) => isAlways),
      body: slot.body === undefined ? undefined : this.body(slot.body, `${id}/`, owner),
      hierarchy: slot.hierarchy === undefined ? undefined : this.hierarchy(slot.hierarchy, id),
      agreed: slot.agreed,
      dropped: slot.dropped === undefined ? undefined : this.body(slot.dropped, `${id}/`, owner),
    }
  }

  private hierarchy(of: Hierarchy, id: string): LoadedHierarchy {
    const levels = new Map<string, { id: string; body: LoadedBody }>()
    for (const [level, slots] of Object.entries(of.levels)) {
      const levelId = `${id}-${level}`
      this.ids.add(levelId)
      const owner = of.arrangement.documentLevel === level ? 'document' : levelId
      levels.set(level, { id: levelId, body: this.body(slots, `${levelId}/`, owner) })
    }
    return { of, levels, unknown: this.body(of.unknown, `${id}/`, `${id} of unknown level`) }
  }

  private binding(
    binding: Binding,
    index: number,
    slot: Slot,
    slotId: string,
    owner: string,
  ): LoadedBinding {
    const loop = binding.body ?? slot.body
    const conditions = Object.entries(binding.when ?? {}).map(([position, when]) => {
      const texts = typeof when === 'string' ? [when] : (when ?? [])
      const { element, component } = parsePosition(position as Position)
      return { element, component, first: texts[0]!, texts }
    })
    const ownId = bindingId(slotId, binding)
    const id = binding.isPart === true ? slotId : ownId
    this.ids.add(ownId)
    this.bindings.add(ownId)
    const node = this.nodeOf(binding, id, owner)
    const making = binding.list ?? binding.view ?? binding.within
    const path = binding.list?.path ?? binding.within?.path
    const fields = binding.fields.map((field) => this.field(field, binding, id, node))
    const taken: boolean[] = []
    const written: boolean[] = []
    const parts = this.parts(binding, conditions, id, node)
    for (const { element } of conditions) taken[element] = written[element] = true
    for (const field of fields) {
      for (const element of field.takes) {
        taken[element] = true
        written[element] = field.writesKept
      }
    }
    const keys: string[] = []
    for (let n = 1; n <= MAX_ELEMENTS; n++) keys[n] = this.key(node, elementId(id, n))
    const whole = [...taken.keys()].filter((n) => taken[n] === true && parts[n] === undefined)
    return {
      id: ownId,
      index,
      of: binding,
      list: binding.list,
      create: making === undefined ? undefined : roomy(making.create),
      needs: (binding.list?.needs ?? []).map(accessor),
      view: binding.view,
      viewIndex: binding.view === undefined ? -1 : this.views++,
      within: binding.within,
      beside: binding.beside,
      isAlways: binding.always === true,
      isAlternative: binding.alternative === true,
      conditions,
      filled: (binding.filled ?? []).map(parsePosition),
      path: path === undefined ? undefined : accessor(path),
      fields,
      hasComputed: fields.some((field) => 'key' in field),
      taken,
      wholly: bitsOf(whole),
      written,
      body: loop === undefined ? undefined : this.body(loop, `${id}/`, node),
      keys,
      parts,
    }
  }

  /** Which components of which elements the fields and conditions of a binding are about. */
  private parts(
    { fields }: Binding,
    conditions: LoadedBinding['conditions'],
    id: string,
    node: string,
  ): (LoadedParts | undefined)[] {
    const positions = fields
      .flatMap((field) =>
        'positions' in field ? field.positions : 'computed' in field ? field.computed : [],
      )
      .map(parsePosition)
    const parts: { taken: boolean[]; keys: string[] }[] = []
    for (const { element, component } of [...conditions, ...positions]) {
      if (component === 0) continue
      const at = (parts[element] ??= { taken: [], keys: [] })
      at.taken[component] = true
    }
    parts.forEach(({ keys }, element) => {
      for (let c = 1; c <= MAX_COMPONENTS; c++) {
        keys[c] = this.key(node, `${elementId(id, element)}-${c}`)
      }
    })
    return parts
  }

  /** What kind of node the binding's fields and extras belong to. */
  private nodeOf(binding: Binding, id: string, owner: string): string {
    if (binding.list !== undefined) return `${owner}.${binding.list.path}[] of ${id}`
    if (binding.view !== undefined) return `view of ${id}`
    if (binding.beside !== undefined) return `node beside ${id}`
    return binding.within === undefined ? owner : `${owner}.${binding.within.path}`
  }

  private field(
    field: Field | PairsField | ComputedField,
    of: Binding,
    binding: string,
    node: string,
  ): LoadedField {
    if ('computed' in field) {
      const id = positionId(binding, field.computed)
      this.ids.add(id)
      const loaded = loadComputed(field, id, this.key(node, id), this.computed.length)
      this.computed.push(loaded)
      return loaded
    }
    if ('pairs' in field) {
      const id = elementId(binding, field.pairs.from)
      for (let n = field.pairs.from; n <= field.pairs.to; n++) this.ids.add(elementId(binding, n))
      const { standard } = this.map
      const names: FieldNames = { id, keys: [], standard, alternatives: [], isShared: false }
      return loadPairs(field, names, (n) => this.key(node, elementId(binding, n)))
    }
    const elements = field.positions.map((position) => positionId(binding, position))
    for (const id of elements) this.ids.add(id)
    const id = elements[0]!
    return loadField(field, {
      id,
      keys: elements.map((element, n) => this.key(node, element, refOf(field, n))),
      standard: this.map.standard,
      alternatives: this.alternativesOf(field, node, id),
      isShared:
        of.list === undefined && of.view === undefined && field.path !== '' && !field.through,
    })
  }

  /** The list is shared: fields loaded later still add to it. */
  private alternativesOf(field: Field, node: string, id: string): readonly string[] {
    const place = `${node} ${field.path}`
    let list = this.alternatives.get(place)
    if (list === undefined) this.alternatives.set(place, (list = []))
    if (field.alternative === true) list.push(id)
    return list
  }

  /** The first free of: the code's reference number, the id without its levels and loops, the whole id. */
  private key(node: string, id: string, ref?: string): string {
    const short = id.slice(id.lastIndexOf('/') + 1)
    for (const name of ref === undefined ? [short] : [ref, short]) {
      const place = `${node} ${name}`
      const user = this.keys.get(place)
      if (user === undefined || user === id) {
        this.keys.set(place, id)
        return name
      }
    }
    return id
  }
}

function refOf({ codec }: Field, n: number): string | undefined {
  return 'width' in codec ? codec.refs?.[n] : codec.ref
}

/** `BSN05` or, of a component, `BGM02-1`. */
function positionId(binding: string, position: Position): string {
  const { element, component } = parsePosition(position)
  return elementId(binding, element) + (component === 0 ? '' : `-${component}`)
}

/** Id of a binding: the slot's, with the binding's name or its first qualifier. */
function bindingId(slotId: string, { name, when }: Pick<Binding, 'name' | 'when'>): string {
  const [first] = Object.values(when ?? {})
  const own = name ?? (typeof first === 'string' ? first : first?.[0])
  return own === undefined ? slotId : `${slotId}-${own}`
}

/** `BSN05`; behind a qualified binding `DTM-011.02`. */
export function elementId(binding: string, element: number): string {
  const last = binding.slice(binding.lastIndexOf('/') + 1)
  return binding + (last.includes('-') ? '.' : '') + twoDigits(element)
}

/** Key in extras of the repetitions of an element behind the first, by the element's own key. */
export const repetitionKey = (key: string): string => `${key}*`

/** Key in extras of the number of components of an element whose last component is empty, by the element's own key. */
export const componentCountKey = (key: string): string => `${key}#`
