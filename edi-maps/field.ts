// A field of a map, ready to be read and written: positions resolved, paths compiled, and the one rule by which
// nothing is lost: where writing the canonical value would not give the text that was sent, the text is kept in the
// node's extras, and written again as long as it still means that value.
import type { Holds } from './agreed.js'
import type { ProductId } from './canonical/values.js'
import {
  SILENT,
  checkProductId,
  codeFor,
  keepCode,
  type Codec,
  type GroupCodec,
  type Report,
} from './elements.js'
import type { IssueCode } from './issue.js'
import type { ComputedField, Computing, Field, Node, PairsField } from './map.js'
import { accessor, sameValue, type Accessor } from './path.js'
import type { ElementValue, Position } from './segment.js'

/** `Field.check`. */
export type Compare = NonNullable<Field['check']>

/** What fields read from: the elements of one segment from 1, and where to put what has no canonical place. */
interface Reading {
  /** Text of each element; index 0 is not used. */
  readonly elements: readonly string[]
  /** Text of one component. */
  component(element: number, component: number): string
  /** Puts a text into the extras of the node the segment belongs to. */
  keep(key: string, value: unknown): void
  /** What was read of the document so far. */
  readonly document: Node
  /** Positions of the field being read, for `report`. */
  positions: readonly Position[]
  readonly report: Report
  /** The field that was sent this value is required. */
  missing(field: LoadedField): void
  /** Does something when all else is read; what it gives is put into the extras of the segment's node. */
  later(act: () => readonly [key: string, text: string] | undefined): void
  /** A value that is to be compared with the rest of the document when all is read. */
  check(node: Node, compare: Compare): void
  /** What computed elements were sent as; compared at the end, when all is known. */
  sent(field: LoadedComputed, node: Node, text: string): void
}

/** What fields write to. */
export interface Writing {
  readonly document: Node
  /** Elements from 1; index 0 is not used. */
  readonly elements: (ElementValue | undefined)[]
  positions: readonly Position[]
  readonly report: Report
  computing(): Computing
}

export interface LoadedField {
  readonly id: string
  /** Elements it reads. */
  readonly takes: readonly number[]
  /** Whether it writes what was kept of its elements itself; otherwise the segment does. */
  readonly writesKept: boolean
  /** What is wrong with a value that cannot be read, where nothing more precise is known. */
  readonly unreadable: IssueCode
  /** True when it gave a canonical value. */
  read(reading: Reading, node: Node): boolean
  /** True when it wrote something that is not constant. */
  write(writing: Writing, node: Node, extras: Node | undefined): boolean
}

export interface LoadedComputed extends LoadedField {
  readonly key: string
  readonly field: ComputedField
}

/** Element and component of a position; component 0 is the whole element. */
export function parsePosition(position: Position): { element: number; component: number } {
  if (typeof position === 'number') return { element: position, component: 0 }
  const [element, component] = position.split('-')
  return { element: Number(element), component: component === undefined ? 0 : Number(component) }
}

/** How keys in extras and alternatives are named; given by the loader, which knows the whole table. */
export interface FieldNames {
  readonly id: string
  /** Key in extras for the n-th position of the field. */
  readonly keys: readonly string[]
  readonly standard: string
  /** Ids of the fields that are alternative places of the same value. */
  readonly alternatives: readonly string[]
  /** Its node may have got the value from another segment: the first one counts, others keep their text. */
  readonly isShared: boolean
}

const isGroup = (codec: Codec<unknown> | GroupCodec<unknown>): codec is GroupCodec<unknown> =>
  'width' in codec

export function loadField(field: Field, names: FieldNames): LoadedField {
  const loaded = isGroup(field.codec)
    ? new Group(field, field.codec, names)
    : new Single(field, field.codec, names)
  const { holds, ofDocument = false } = field
  return holds === undefined && !ofDocument ? loaded : bounded(loaded, ofDocument, holds)
}

/** A field that is not there for every document, or not about the segment's own node. */
function bounded(field: LoadedField, ofDocument: boolean, holds: Holds = () => true): LoadedField {
  const { id, takes, writesKept, unreadable } = field
  return {
    id,
    takes,
    writesKept,
    unreadable,
    read: (reading, node) =>
      holds(reading.document) && field.read(reading, ofDocument ? reading.document : node),
    write: (writing, node, extras) =>
      holds(writing.document) && field.write(writing, ofDocument ? writing.document : node, extras),
  }
}

abstract class Base implements LoadedField {
  readonly id: string
  readonly takes: readonly number[]
  readonly writesKept = true
  readonly unreadable: IssueCode
  protected readonly field: Field
  protected readonly names: FieldNames
  protected readonly path: Accessor
  protected readonly at: readonly { readonly element: number; readonly component: number }[]
  // What is asked of every value. Rows of a table have many shapes, and asking those takes most of the time.
  protected readonly positions: readonly Position[]
  protected readonly isRequired: boolean
  protected readonly isAlternative: boolean
  protected readonly isShared: boolean
  protected readonly comparison: Compare | undefined

  constructor(field: Field, names: FieldNames) {
    this.id = names.id
    this.field = field
    this.positions = field.positions
    this.isRequired = (field.required ?? false) !== false
    this.isAlternative = field.alternative === true
    this.isShared = names.isShared
    this.comparison = field.check
    this.unreadable = field.codec.unreadable ?? 'code-invalid'
    this.names = names
    this.path = field.through ?? accessor(field.path)
    this.at = field.positions.map(parsePosition)
    this.takes = [...new Set(this.at.map(({ element }) => element))]
  }

  abstract read(reading: Reading, node: Node): boolean
  abstract write(writing: Writing, node: Node, extras: Node | undefined): boolean

  /** Tells of an empty element where the document needs a value; always false, as nothing was read. */
  protected isMissing(reading: Reading): false {
    if (this.field.required === true) reading.missing(this)
    return false
  }

  /** Whether another segment has told the value already. */
  protected isTold(node: Node): boolean {
    return this.isShared && this.path.get(node) !== undefined
  }

  /** To be called when a value was set, with `reading.positions` those of the field. */
  protected checkRead(reading: Reading, node: Node): void {
    if (this.comparison !== undefined) reading.check(node, this.comparison)
  }

  protected checkWritten(writing: Writing, node: Node): void {
    const mismatch = this.comparison?.(node, writing.computing().document)
    if (mismatch === undefined) return
    writing.positions = this.positions
    writing.report('amount-mismatch', { at: this.positions.length - 1, ...mismatch })
  }

  /** Where the value is to be written here: not when the document says it came by another field. */
  protected belongsHere(extras: Node | undefined): boolean {
    const at = extras?.['at']
    const used = Array.isArray(at) ? at : []
    if (this.isAlternative) return used.includes(this.id)
    return used.length === 0 || !this.names.alternatives.some((id) => used.includes(id))
  }
}

const textAt = (reading: Reading, at: { element: number; component: number }): string =>
  at.component === 0
    ? (reading.elements[at.element] ?? '')
    : reading.component(at.element, at.component)

/** Text of a component of an element being written. */
export function componentOf(value: ElementValue | undefined, component: number): string {
  if (typeof value !== 'object') return component === 1 ? (value ?? '') : ''
  return value[0]?.[component - 1] ?? ''
}

/** Writes the text of an element, or of one of its components. */
export function put(
  writing: Pick<Writing, 'elements'>,
  at: { element: number; component: number },
  text: string,
): void {
  if (at.component === 0) {
    writing.elements[at.element] = text
    return
  }
  const present = writing.elements[at.element]
  const components =
    typeof present === 'string' ? [present] : present === undefined ? [] : [...present[0]!]
  for (let n = components.length; n < at.component; n++) components.push('')
  components[at.component - 1] = text
  writing.elements[at.element] = [components]
}

/** One element, one value. */
class Single extends Base {
  private readonly codec: Codec<unknown>
  private readonly decode: Codec<unknown>['decode']
  private readonly exact: Codec<unknown>['exact']
  private readonly isLate: boolean
  private readonly element: number
  private readonly component: number
  private readonly extrasKey: string

  constructor(field: Field, codec: Codec<unknown>, names: FieldNames) {
    super(field, names)
    this.codec = codec
    this.decode = codec.decode
    this.exact = codec.exact
    this.isLate = field.late === true
    this.element = this.at[0]!.element
    this.component = this.at[0]!.component
    this.extrasKey = names.keys[0]!
  }

  read(reading: Reading, node: Node): boolean {
    const { element, component } = this
    const text =
      component === 0 ? (reading.elements[element] ?? '') : reading.component(element, component)
    if (text === '') return this.isMissing(reading)
    if (this.isTold(node)) {
      reading.keep(this.extrasKey, text)
      return false
    }
    reading.positions = this.positions
    const value = this.decode(text, reading.report)
    if (value === undefined) {
      if (this.isRequired) reading.missing(this)
      reading.keep(this.extrasKey, text)
      return false
    }
    if (this.isLate) {
      reading.later(() => {
        if (this.path.get(node) === undefined) this.path.set(node, value)
        return this.codec.encode(this.path.get(node)) === text ? undefined : [this.extrasKey, text]
      })
      return true
    }
    this.path.set(node, value)
    this.checkRead(reading, node)
    if (this.exact?.(text, value) !== true && this.codec.encode(value) !== text) {
      reading.keep(this.extrasKey, text)
    }
    if (this.isAlternative) reading.keep('at', this.id)
    return true
  }

  write(writing: Writing, node: Node, extras: Node | undefined): boolean {
    const value = this.path.get(node)
    const isHere = value !== undefined && this.belongsHere(extras)
    if (isHere) this.checkWritten(writing, node)
    const kept = extras?.[this.extrasKey]
    if (typeof kept === 'string' && kept !== '') {
      // Kept text is written while it means the value that is there; or none, as nothing could be read from it; or
      // as the value was told by another segment.
      const isElsewhere = value !== undefined && !isHere
      if (isElsewhere || sameValue(this.codec.decode(kept, SILENT), value)) {
        put(writing, this.at[0]!, kept)
        return true
      }
    }
    if (!isHere) return false
    writing.positions = this.positions
    const text = this.codec.encode(value)
    if (text === undefined) {
      reportUnsayable(writing, value)
      return false
    }
    put(writing, this.at[0]!, text)
    return true
  }
}

function reportUnsayable(writing: Writing, value: unknown): void {
  const shown = typeof value === 'string' ? value : JSON.stringify(value)
  writing.report('value-not-writable', {
    text: `${shown} cannot be said in this element.`,
    value: shown,
  })
}

/** Several elements, one value. */
class Group extends Base {
  private readonly codec: GroupCodec<unknown>
  private readonly decode: GroupCodec<unknown>['decode']
  private readonly exact: GroupCodec<unknown>['exact']

  constructor(field: Field, codec: GroupCodec<unknown>, names: FieldNames) {
    super(field, names)
    this.codec = codec
    this.decode = codec.decode
    this.exact = codec.exact
  }

  read(reading: Reading, node: Node): boolean {
    const { at } = this
    const texts = [textAt(reading, at[0]!)]
    let isEmpty = texts[0] === ''
    for (let n = 1; n < at.length; n++) {
      const text = textAt(reading, at[n]!)
      if (text !== '') isEmpty = false
      texts.push(text)
    }
    if (isEmpty) return this.isMissing(reading)
    if (this.isTold(node)) {
      this.keepTexts(reading, texts, NONE)
      return false
    }
    reading.positions = this.positions
    const value = this.decode(texts, reading.report)
    if (value === undefined) {
      if (this.isRequired) reading.missing(this)
      this.keepTexts(reading, texts, [])
      return false
    }
    this.path.set(node, value)
    this.checkRead(reading, node)
    if (this.exact?.(texts, value) !== true) {
      this.keepTexts(reading, texts, this.written(value, texts))
    }
    if (this.isAlternative) reading.keep('at', this.id)
    return true
  }

  /** What would be written for a value, with the codes that were sent where they are not the preferred ones. */
  private written(value: unknown, texts: readonly string[]): readonly string[] {
    const { codec } = this
    const usual = codec.encode(value, NONE, SILENT) ?? NONE
    if (codec.refs === undefined) return usual
    const kept = codec.refs.map((ref, n) =>
      ref !== undefined && usual[n] !== texts[n] ? texts[n] : undefined,
    )
    if (kept.every((text) => text === undefined)) return usual
    const again = codec.encode(value, kept, SILENT) ?? NONE
    return again.map((text, n) => (kept[n] === undefined ? text : usual[n]!))
  }

  private keepTexts(reading: Reading, texts: readonly string[], usual: readonly string[]): void {
    for (let n = 0; n < texts.length; n++) {
      if ((usual[n] ?? '') !== texts[n]) reading.keep(this.names.keys[n]!, texts[n])
    }
  }

  write(writing: Writing, node: Node, extras: Node | undefined): boolean {
    const found = this.path.get(node)
    const value = found !== undefined && this.belongsHere(extras) ? found : undefined
    const isElsewhere = found !== undefined && value === undefined
    if (value !== undefined) this.checkWritten(writing, node)
    const kept = this.names.keys.map((key) => extras?.[key] as string | undefined)
    const hasKept = kept.some((text) => text !== undefined)
    if (value === undefined && !hasKept) return false
    writing.positions = this.positions
    const said = value === undefined ? NONE : this.codec.encode(value, NONE, writing.report)
    // A value that cannot be said may stand for a text nothing could be read from, or that has no word of its own.
    const texts = said ?? (hasKept && this.standsFor(kept, value) ? NONE : undefined)
    if (texts === undefined) {
      reportUnsayable(writing, value)
      return false
    }
    const chosen = !hasKept
      ? texts
      : isElsewhere || said === undefined
        ? kept.map((text) => text ?? '')
        : this.chosen(value, texts, kept)
    let isWritten = false
    for (let n = 0; n < this.at.length; n++) {
      const text = chosen[n]
      if (text === undefined || text === '') continue
      put(writing, this.at[n]!, text)
      isWritten = true
    }
    return isWritten
  }

  private standsFor(kept: readonly (string | undefined)[], value: unknown): boolean {
    const texts = kept.map((text) => text ?? '')
    const means = this.codec.decode(texts, SILENT)
    return means === undefined || sameValue(means, value)
  }

  /** The texts with those kept from the source put in, as far as they still mean the value. */
  private chosen(
    value: unknown,
    usual: readonly string[],
    kept: readonly (string | undefined)[],
  ): readonly string[] {
    const { codec } = this
    const codes = kept.map((text, n) => (codec.refs?.[n] === undefined ? undefined : text))
    const withCodes = value === undefined ? usual : (codec.encode(value, codes, SILENT) ?? usual)
    const all = this.at.map((_, n) => kept[n] ?? withCodes[n] ?? '')
    const means = codec.decode(all, SILENT)
    if (value === undefined ? means === undefined : this.agrees(means, value)) return all
    return withCodes
  }

  /** With the path '' the value is a part of the node: its own keys decide, and texts that mean nothing fit none. */
  private agrees(means: unknown, value: unknown): boolean {
    if (this.field.path !== '') return sameValue(means, value)
    const part = means as Node | undefined
    const usual = this.codec.encode(value, NONE, SILENT)
    return part === undefined
      ? usual?.every((text) => text === '') === true
      : sameValue(this.codec.encode(part, NONE, SILENT), usual)
  }
}

const NONE: readonly string[] = []

/** Pairs of qualifier and value ⇄ list of `{scheme, value}`. Empty pairs between others are kept as empty. */
export function loadPairs(
  field: PairsField,
  names: FieldNames,
  keyAt: (n: number) => string,
): LoadedField {
  const { from, to } = field.pairs
  const { fixed = {}, closedFrom = Infinity } = field
  const path = accessor(field.path)
  const takes: number[] = []
  for (let n = from; n <= to; n++) takes.push(n)
  const positions = takes.map((_, n) => takes.slice(n))
  return {
    id: names.id,
    takes,
    writesKept: false,
    unreadable: 'code-invalid',
    read(reading, node) {
      const { elements } = reading
      const last = Math.min(to, elements.length - 1)
      const items = path.get(node) as ProductId[]
      const before = items.length
      for (let n = from; n <= last; n += 2) {
        const qualifier = elements[n]!
        const value = elements[n + 1] ?? ''
        reading.positions = positions[n - from]!
        const scheme = qualifier === '' ? undefined : field.list.word(qualifier)
        if (scheme === undefined || value === '') {
          // Only what stands between filled elements says something; what follows the last one is not there.
          if (qualifier !== '' || n + 1 < elements.length) reading.keep(keyAt(n), qualifier)
          if (value !== '') reading.keep(keyAt(n + 1), value)
          continue
        }
        const item: ProductId = { scheme, value }
        keepCode(item, names.standard, field.list, scheme, qualifier)
        checkProductId(item, reading.report)
        items.push(item)
      }
      return items.length > before
    },
    write(writing, node, extras) {
      const items = (path.get(node) as readonly ProductId[] | undefined) ?? []
      const isFree = (n: number) => fixed[n] === undefined && extras?.[keyAt(n)] === undefined
      const fixedPlaces = new Map(Object.entries(fixed).map(([n, code]) => [code, Number(n)]))
      let n = from
      for (const item of items) {
        const qualifier = codeFor(item, names.standard, field.list, item.scheme)
        const own = qualifier === undefined ? undefined : fixedPlaces.get(qualifier)
        if (own !== undefined) fixedPlaces.delete(qualifier!)
        else while (n <= to && !isFree(n)) n += 2
        const at = own ?? n
        writing.positions = [at, at + 1]
        if (at > to || qualifier === undefined || (own === undefined && n >= closedFrom)) {
          if (closedFrom > to) reportUnsayable(writing, item)
          continue
        }
        checkProductId(item, writing.report)
        writing.elements[at] = qualifier
        writing.elements[at + 1] = item.value
        if (own === undefined) n += 2
      }
      return items.length > 0
    },
  }
}

/** A computed element. Its extras hold how it differs: '' = left out, text = sent though not usual, or both values. */
export function loadComputed(field: ComputedField, id: string, key: string): LoadedComputed {
  const at = parsePosition(field.computed)
  return {
    id,
    key,
    field,
    takes: [at.element],
    writesKept: true,
    unreadable: 'code-invalid',
    read(reading, node) {
      reading.sent(this, node, textAt(reading, at))
      return false
    },
    write(writing, _node, extras) {
      const hint = extras?.[key]
      if (hint === '' || (hint === undefined && !field.usual)) return false
      const text = field.value(writing.computing())
      const written =
        typeof hint === 'object' ? differing(field, hint as Node, text, writing) : text
      if (written === undefined || written === '') return false
      put(writing, at, written)
      return true
    },
  }
}

function differing(
  field: ComputedField,
  hint: Node,
  text: string | undefined,
  writing: Writing,
): string | undefined {
  const other = field.others?.[String(hint['counts'])]
  if (other !== undefined) return other(writing.computing())
  return hint['computed'] === (text ?? '') ? String(hint['sent']) : text
}

/** What to keep of a computed element that was sent as `text` where `computed` follows from the document. */
export function computedHint(
  { field }: LoadedComputed,
  text: string,
  computed: string | undefined,
  from: Computing,
): unknown {
  if (text === (computed ?? '')) return field.usual || text === '' ? undefined : text
  if (text === '') return field.usual ? '' : undefined
  for (const [name, other] of Object.entries(field.others ?? {})) {
    if (other(from) === text) return { counts: name }
  }
  return { sent: text, computed: computed ?? '' }
}
