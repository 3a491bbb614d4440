// What a map is: data that says, for one transaction set or message, where each segment stands and which canonical
// value each element is. The same table is read and written by read.ts and write.ts; nothing here does either.
import type { AgreedPlace, Holds } from './agreed.js'
import type { Kind } from './canonical/document.js'
import type { Role } from './canonical/message.js'
import type { CodeList } from './code-list.js'
import type { Codec, GroupCodec } from './elements.js'
import type { Arrangement } from './hierarchy.js'
import type { ReadEnvelope } from './read.js'
import type { Position } from './segment.js'

/** A canonical node of whatever type; the types of a table are checked where it is written (see `on`). */
export type Node = Record<string, unknown>

/** Mandatory or optional, as in the standard's tables. */
export type Usage = 'M' | 'O'

/** One canonical value and the element or elements that say it. */
export interface Field {
  readonly positions: readonly Position[]
  /** Path from the binding's node, e.g. `carrier.scac`. With `''` the value's keys are keys of the node itself. */
  readonly path: string
  /** How the value is got and set where a path alone cannot say it; `path` then only names it. */
  readonly through?: Through<Node, unknown>
  readonly codec: Codec<unknown> | GroupCodec<unknown>
  /** The document cannot be without it: a value that cannot be read is an error, and an empty element unless `ifSent`. */
  readonly required?: boolean | 'ifSent'
  /** Another field is the usual place of this value; the document remembers in `extras.<standard>.at` that it came here. */
  readonly alternative?: boolean
  /** Read when all else is: the value may be told by another place too, which then counts; this one keeps its text. */
  readonly late?: boolean
  /** The value is of the document, not of the segment's node. */
  readonly ofDocument?: boolean
  /** The field is there only for documents for which this holds. */
  readonly holds?: Holds
  /** Compares the value with the rest of the document when all is read, or when it is written; see `Mismatch`. */
  readonly check?: (node: Node, document: Node) => Mismatch | undefined
}

/** An amount that does not follow from the others: told as `amount-mismatch`, the value stays as it is. */
export interface Mismatch {
  readonly text: string
  readonly expected: string
}

/** A value that is made of a node, e.g. some of the items of a list. */
export interface Through<T, V> {
  get(node: T): V | undefined
  set(node: T, value: V): void
}

/** Pairs of qualifier and value, repeated over `from` … `to`, as a list of `{scheme, value}`. */
export interface PairsField {
  readonly pairs: { readonly from: number; readonly to: number }
  readonly path: string
  readonly list: CodeList
  /** Qualifiers by element: on writing that place is for the item of this scheme, whatever the order of the items. */
  readonly fixed?: Readonly<Record<number, string>>
  /** From this element on no further pair begins; an item without a place is left out. */
  readonly closedFrom?: number
}

/** What a computed element is computed from. */
export interface Computing {
  readonly document: Node
  /** How often a slot with `counted` was met or written, by its id. */
  readonly counts: ReadonlyMap<string, number>
  /** The hierarchy's tree as read or written, e.g. `SOTPI`. */
  readonly tree: string | undefined
}

/** An element that follows from the rest of the document (a count, a total): verified on reading, made on writing. */
export interface ComputedField {
  readonly computed: Position
  /** Undefined: cannot be said, the element stays empty. */
  readonly value: (from: Computing) => string | undefined
  /** Written where the document does not say otherwise. */
  readonly usual: boolean
  /** A value that is not as computed is reported as `total-mismatch`. */
  readonly verified: boolean
  /** Other ways to count that partners use; accepted silently and kept, by name. */
  readonly others?: Readonly<Record<string, (from: Computing) => string>>
}

/** Items made of a node's list on writing and taken into it on reading, where one segment is not one item. */
export interface View<T, I> {
  /** Items carry extras and the view keeps them; otherwise a segment that says more than the item is not taken. */
  readonly keepsExtras?: true
  split(owner: T): readonly I[]
  /** `nth` counts from 0 within the owner. False: does not fit here; the next binding is tried. */
  join(owner: T, item: I, nth: number): boolean
}

/** How one occurrence of a slot is read into a node and written from it. */
export interface Binding {
  /** Texts elements or components (`'1-1'`) must have: they choose the binding and are written. With several, the first is. */
  readonly when?: Readonly<Partial<Record<Position, string | readonly string[]>>>
  /** Written although it says nothing but constants, and taken when it has nothing else (UNS+S). */
  readonly always?: true
  /** Elements or components that must not be empty: a segment without them is another binding's, or kept. */
  readonly filled?: readonly Position[]
  /** Part of the node id behind the tag, e.g. `011` of `DTM-011`; made from `when` where not given. */
  readonly name?: string
  /** The node: an item of the list at `list`, an item of `view`, or what stands at `within` (default: the owner). */
  readonly list?: {
    readonly path: string
    readonly create: () => Node
    /** Which items are written here, where another binding writes the others. */
    readonly only?: (item: Node) => boolean
    /** Keys without which there is no item: the segment is then kept as it is. */
    readonly needs?: readonly string[]
  }
  readonly view?: { readonly create: () => Node; readonly of: View<Node, Node> }
  readonly within?: { readonly path: string; readonly create: () => Node }
  /** A node that another segment has made; without it the segment is kept. */
  readonly beside?: (owner: Node) => Node | undefined
  /** The list's usual place is another binding; items remember in `extras.<standard>.at` that they came here. */
  readonly alternative?: boolean
  readonly fields: readonly (Field | PairsField | ComputedField)[]
  /** For a loop: the slots after its first segment, relative to the node. */
  readonly body?: readonly Slot[]
  /** Made of the slot's binding without name, for one qualifier: in extras both name things alike. */
  readonly isPart?: boolean
}

/** One place in a set: a segment with its repetitions, or a loop that opens with it. Without bindings it is kept whole. */
export interface Slot {
  readonly tag: string
  /** Its node id where the tag alone does not tell it from another slot of the same body; default the tag. */
  readonly name?: string
  readonly usage: Usage
  readonly max: number
  readonly bindings: readonly Binding[]
  /** For a loop: the slots after its first segment, for bindings without a `body` of their own; kept whole without any. */
  readonly body?: readonly Slot[]
  readonly hierarchy?: Hierarchy
  /** Occurrences are counted for computed elements. */
  readonly counted?: boolean
  /** What an agreement demands here. */
  readonly agreed?: AgreedPlace
  /** For a loop whose occurrences an agreement drops: its slots, which keep nothing. */
  readonly dropped?: readonly Slot[]
}

/** Loops that nest by numbers in their opening segment (HL): each level has its own bindings. */
export interface Hierarchy {
  readonly elements: {
    readonly id: number
    readonly parent: number
    readonly level: number
    /** 0 where the standard has none. */
    readonly child: number
  }
  /** More than the first level may have no level above it. */
  readonly manyRoots?: true
  /** By level code: which canonical node a level is, and its slots; `*` for every code. */
  readonly levels: Readonly<Record<string, readonly Slot[]>>
  /** The slots of a level no table names: all kept whole. */
  readonly unknown: readonly Slot[]
  /** Which canonical node each level is, and how a tree is made of a document. */
  readonly arrangement: Arrangement
}

export interface TransactionMap {
  readonly standard: 'x12' | 'edifact'
  /** `856`, `DESADV`. */
  readonly id: string
  /** Functional group (GS01), where the standard has one. */
  readonly group?: string
  /** Release it is for, e.g. `004010`; a received version that begins with it is read with this map. */
  readonly version: string
  readonly kind: Kind
  /** For a message that says another thing when this one sends it (a DESADV of a warehouse). */
  readonly sender?: Role
  /** What a new document begins with, before anything is read: its `body`, and what the envelope alone says. */
  readonly create: (envelope: ReadEnvelope) => Node
  /** From after ST or UNH to before SE or UNT. */
  readonly body: readonly Slot[]
  /** Canonical paths this set has no place for, `body.shipments[].parties`; their values are told when it is written. */
  readonly leavesOut?: readonly string[]
  /** What a document cannot be without although no single segment must say it, and the tag that does. */
  readonly requires?: readonly { readonly path: string; readonly tag: string }[]
  /** What a document that was read says besides: values that stand in it already. */
  readonly finish?: (document: Node) => void
}

export const ANY = Infinity

/** A slot whose segments are kept as they are, without canonical meaning. */
export const kept = (tag: string, max = 1, usage: Usage = 'O'): SlotOf<unknown> => ({
  tag,
  usage,
  max,
  bindings: [],
})

/** A loop kept as it is: the tag that opens it and the slots in it. */
export const keptLoop = (tag: string, max: number, body: readonly Slot[]): SlotOf<unknown> => ({
  ...kept(tag, max),
  body,
})

/** A structure with bindings put to its slots by tag or name; one that is not in the structure is a mistake. */
export function bind<T>(
  structure: readonly SlotOf<unknown>[],
  bindings: Readonly<Record<string, readonly BindingOf<T>[]>>,
): SlotOf<T>[] {
  const nameOf = (slot: Slot) => slot.name ?? slot.tag
  for (const name of Object.keys(bindings)) {
    if (!structure.some((slot) => nameOf(slot) === name)) throw new Error(`no slot ${name} to bind`)
  }
  return structure.map((slot) => {
    const bound = Object.hasOwn(bindings, nameOf(slot)) ? bindings[nameOf(slot)] : undefined
    return bound === undefined ? slot : { ...slot, bindings: bound }
  })
}

type Plain = string | number | boolean
type Present<T> = Exclude<T, undefined>
/** Paths of values in T: `documentNumber`, `body.transport.carrier.scac`. Lists end a path. */
export type PathOf<T> = {
  [K in Exclude<keyof T & string, 'extras'>]: Present<T[K]> extends Plain | readonly unknown[]
    ? K
    : K | `${K}.${PathOf<Present<T[K]>>}`
}[Exclude<keyof T & string, 'extras'>]
/** The type of the value at a path. */
export type ValueAt<T, P extends string> = P extends `${infer K}.${infer Rest}`
  ? K extends keyof T
    ? ValueAt<Present<T[K]>, Rest>
    : never
  : P extends keyof T
    ? Present<T[P]>
    : never
type ItemAt<T, P extends string> = ValueAt<T, P> extends readonly (infer I)[] ? I : never
type ListPath<T> = { [P in PathOf<T>]: ItemAt<T, P> extends never ? never : P }[PathOf<T>]
type FieldOptions<T> = Pick<Field, 'required' | 'alternative'> & {
  readonly check?: (node: T, document: Node) => Mismatch | undefined
}
type BindingOptions = Pick<Binding, 'when' | 'filled' | 'name' | 'alternative' | 'always'>
/** For a segment that opens a loop: the slots in it. */
type LoopOptions<T> = BindingOptions & { readonly body?: readonly SlotOf<T>[] }

type ItemOptions<I> = BindingOptions & {
  readonly only?: (item: I) => boolean
  readonly needs?: readonly (keyof I & string)[]
}

/** A field or binding for nodes of type T: only for checking tables, it adds nothing at run time. */
export type FieldOf<T> = (Field | PairsField | ComputedField) & { readonly of?: (node: T) => void }
export type BindingOf<T> = Binding & { readonly of?: (node: T) => void }
export type SlotOf<T> = Slot & { readonly of?: (node: T) => void }

/** Writers of table rows for a canonical type: paths and codecs that do not fit it are compile errors. */
export function on<T>() {
  return {
    /** One element. */
    at: <P extends PathOf<T>>(
      position: Position,
      path: P,
      codec: Codec<ValueAt<T, P>>,
      options: FieldOptions<T> = {},
    ): FieldOf<T> => ({
      positions: [position],
      path,
      codec: codec as Codec<unknown>,
      ...(options as FieldOptions<Node>),
    }),
    /** Several elements that form one value. */
    group: <P extends PathOf<T>>(
      positions: readonly Position[],
      path: P,
      codec: GroupCodec<ValueAt<T, P>>,
      options: FieldOptions<T> = {},
    ): FieldOf<T> => ({
      positions,
      path,
      codec: codec as GroupCodec<unknown>,
      ...(options as FieldOptions<Node>),
    }),
    /** Several elements whose value gives several keys of the node itself. */
    spread: (positions: readonly Position[], codec: GroupCodec<Partial<T>>): FieldOf<T> => ({
      positions,
      path: '',
      codec: codec as GroupCodec<unknown>,
    }),
    /** Several elements whose value is got and set by code; `name` tells it in messages. */
    through: <V>(
      positions: readonly Position[],
      name: string,
      value: Through<T, V>,
      codec: GroupCodec<V>,
      options: FieldOptions<T> = {},
    ): FieldOf<T> => ({
      positions,
      path: name,
      through: value as Through<Node, unknown>,
      codec: codec as GroupCodec<unknown>,
      ...(options as FieldOptions<Node>),
    }),
    /** Pairs of qualifier and number as a list of `{scheme, value}`. */
    pairs: <P extends ListPath<T>>(
      from: number,
      to: number,
      path: P & (ItemAt<T, P> extends { scheme: string; value: string } ? P : never),
      list: CodeList,
    ): FieldOf<T> => ({ pairs: { from, to }, path, list }),
    /** Fields of the node itself. */
    self: (options: LoopOptions<T>, ...fields: FieldOf<T>[]): BindingOf<T> => ({
      ...options,
      fields,
    }),
    /** Fields of the node at a path, which is made when one of them has a value. */
    within: <P extends PathOf<T>>(
      path: P,
      create: () => ValueAt<T, P>,
      { body, ...options }: LoopOptions<ValueAt<T, P>>,
      ...fields: FieldOf<ValueAt<T, P>>[]
    ): BindingOf<T> => ({
      ...options,
      ...(body === undefined ? {} : { body }),
      within: { path, create: create as () => Node },
      fields: fields as unknown as Binding['fields'],
    }),
    /** Fields of a node that another segment has made. */
    beside: <N>(
      node: (owner: T) => N | undefined,
      { body, ...options }: LoopOptions<N>,
      ...fields: FieldOf<N>[]
    ): BindingOf<T> => ({
      ...options,
      ...(body === undefined ? {} : { body }),
      beside: node as (owner: Node) => Node | undefined,
      fields: fields as unknown as Binding['fields'],
    }),
    /** Each occurrence is an item of a list; `body` are the slots of the loop it opens. */
    each: <P extends ListPath<T>>(
      path: P,
      create: () => ItemAt<T, P>,
      { only, needs, ...options }: ItemOptions<ItemAt<T, P>>,
      fields: readonly FieldOf<ItemAt<T, P>>[],
      body?: readonly SlotOf<ItemAt<T, P>>[],
    ): BindingOf<T> => ({
      ...options,
      list: {
        path,
        create: create as () => Node,
        ...(only === undefined ? {} : { only: only as (item: Node) => boolean }),
        ...(needs === undefined ? {} : { needs }),
      },
      fields: fields as unknown as Binding['fields'],
      ...(body === undefined ? {} : { body }),
    }),
    /** Each occurrence is an item of a view. */
    view: <I>(
      view: View<T, I>,
      create: () => I,
      options: BindingOptions,
      fields: readonly FieldOf<I>[],
      body?: readonly SlotOf<I>[],
    ): BindingOf<T> => ({
      ...options,
      view: { of: view as unknown as View<Node, Node>, create: create as () => Node },
      fields: fields as unknown as Binding['fields'],
      ...(body === undefined ? {} : { body }),
    }),
  }
}
