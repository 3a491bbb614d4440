// A field of one element: one text, one value.
import { SILENT, type Codec } from '../elements.js'
import {
  put,
  reportUnsayable,
  type FieldNames,
  type LoadedField,
  type ReadField,
  type Writing,
} from '../field.js'
import type { Field, Node } from '../map.js'
import { sameValue } from '../path.js'
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
    read: isPlain
      ? readPlain(place, codec)
      : readAny(place, codec, (reading) => reading.missing(loaded)),
    write: (writing, node, extras) => write(place, codec, writing, node, extras),
  }
  return loaded
}

/** Most fields: a whole element that nobody else tells and the document can be without. */
function readPlain({ field, names, path, at }: PlacedField, codec: Codec<unknown>): ReadField {
  const { positions } = field
  const { element } = at[0]!
  const key = names.keys[0]!
  const { decode, encode, exact = () => false } = codec
  const { set } = path
  return (reading, node) => {
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
}

function readAny(
  { field, names, path, at }: PlacedField,
  codec: Codec<unknown>,
  missing: (reading: Parameters<ReadField>[0]) => void,
): ReadField {
  const { positions, required, alternative, late, check } = field
  const { element, component } = at[0]!
  const { id, isShared } = names
  const key = names.keys[0]!
  const { decode, encode, exact = () => false } = codec
  const { get, set } = path
  return (reading, node) => {
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
      if (required !== undefined && required !== false) missing(reading)
      reading.keep(key, text)
      return false
    }
    if (late === true) {
      reading.later(() => {
        if (get(node) === undefined) set(node, value)
        return encode(get(node)) === text ? undefined : [key, text]
      })
      return true
    }
    set(node, value)
    if (check !== undefined) reading.check(node, check)
    if (!exact(text, value) && encode(value) !== text) reading.keep(key, text)
    if (alternative === true) reading.keep('at', id)
    return true
  }
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
