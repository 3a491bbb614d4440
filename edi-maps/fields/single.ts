// A field of one element: one text, one value.
import { SILENT, type Codec } from '../elements.js'
import {
  put,
  reportUnsayable,
  type Compare,
  type FieldNames,
  type LoadedField,
  type ReadField,
  type Reading,
  type Writing,
} from '../field.js'
import type { Field, Node } from '../map.js'
import { ownCode } from '../own-code.js'
import { sameValue, type Accessor } from '../path.js'
import type { Position } from '../segment.js'
import { belongsHere, checkWritten, placed, type PlacedField } from './placed.js'

export function loadSingle(field: Field, codec: Codec<unknown>, names: FieldNames): LoadedField {
  const place = placed(field, names)
  const isPlain =
    place.at[0]!.component === 0 &&
    !names.isShared &&
    field.required === undefined &&
    field.alternative !== true &&
    field.late !== true &&
    field.check === undefined
  const loaded: LoadedField = {
    ...place.facts,
    read: ownCode(isPlain ? readPlain : readAny, {
      ...place.at[0]!,
      positions: field.positions,
      required: field.required ?? false,
      isAlternative: field.alternative === true,
      isShared: names.isShared,
      isLate: field.late === true,
      check: field.check,
      id: names.id,
      key: names.keys[0]!,
      decode: codec.decode,
      encode: codec.encode,
      exact: codec.exact ?? (() => false),
      get: place.path.get,
      set: place.path.set,
      missing: (reading) => reading.missing(loaded, place.at[0]!),
    }),
    write: (writing, node, extras) => write(place, codec, writing, node, extras),
  }
  return loaded
}

/** What reading asks of a field. */
interface Facts extends Accessor, Required<Pick<Codec<unknown>, 'decode' | 'encode' | 'exact'>> {
  readonly element: number
  readonly component: number
  readonly positions: readonly Position[]
  readonly required: NonNullable<Field['required']>
  readonly isAlternative: boolean
  readonly isShared: boolean
  readonly isLate: boolean
  readonly check: Compare | undefined
  readonly id: string
  readonly key: string
  readonly missing: (reading: Reading) => void
}

/** Most fields: a whole element that nobody else tells and the document can be without. */
export const readPlain =
  ({ element, positions, key, decode, encode, exact, set }: Facts): ReadField =>
  (reading, node) => {
    const text = reading.elements.texts[element]!
    if (text === '') return false
    reading.positions = positions
    const value = decode(text, reading.report)
    if (value === undefined) {
      reading.keep(key, text)
      return false
    }
    set(node, value)
    if (!exact(text, value) && encode(value) !== text) reading.keep(key, text)
    return true
  }

export const readAny =
  ({
    element,
    component,
    positions,
    required,
    isAlternative,
    isShared,
    isLate,
    check,
    id,
    key,
    decode,
    encode,
    exact,
    get,
    set,
    missing,
  }: Facts): ReadField =>
  (reading, node) => {
    const { elements } = reading
    const text = component === 0 ? elements.texts[element]! : elements.component(element, component)
    if (text === '') {
      if (required === true) missing(reading)
      return false
    }
    if (isShared && get(node) !== undefined) {
      reading.keep(key, text)
      return false
    }
    reading.positions = positions
    const value = decode(text, reading.report)
    if (value === undefined) {
      if (required !== false) missing(reading)
      reading.keep(key, text)
      return false
    }
    if (isLate) {
      reading.later(() => {
        if (get(node) === undefined) set(node, value)
        return encode(get(node)) === text ? undefined : [key, text]
      })
      return true
    }
    set(node, value)
    if (check !== undefined) reading.check(node, check)
    if (!exact(text, value) && encode(value) !== text) reading.keep(key, text)
    if (isAlternative) reading.keep('at', id)
    return true
  }

function write(
  place: PlacedField,
  codec: Codec<unknown>,
  writing: Writing,
  node: Node,
  extras: Node | undefined,
): boolean {
  const { field, names, path, at } = place
  const value = path.get(node)
  const isHere = value !== undefined && belongsHere(place, extras)
  if (isHere) checkWritten(place, writing, node)
  const kept = extras?.[names.keys[0]!]
  if (typeof kept === 'string' && kept !== '') {
    // Kept text is written while it means the value that is there; or none, as nothing could be read from it; or
    // as the value was told by another segment.
    const isElsewhere = value !== undefined && !isHere
    if (isElsewhere || sameValue(codec.decode(kept, SILENT), value)) {
      put(writing, at[0]!, kept)
      return true
    }
  }
  if (!isHere) return false
  writing.positions = field.positions
  const text = codec.encode(value)
  if (text === undefined) {
    reportUnsayable(writing, value)
    return false
  }
  put(writing, at[0]!, text)
  return true
}
