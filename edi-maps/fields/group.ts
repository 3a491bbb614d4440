// A field of several elements: several texts, one value.
import { SILENT, type GroupCodec } from '../elements.js'
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
import { fromText, ownCode } from '../own-code.js'
import { sameValue, type Accessor } from '../path.js'
import type { Position } from '../segment.js'
import type { SegmentElements } from '../segment-elements.js'
import { belongsHere, checkWritten, placed, type PlacedField } from './placed.js'

type Texts = readonly string[]
/** As they are kept: only some of them. */
type Kept = readonly (string | undefined)[]

const NONE: Texts = []

export function loadGroup(
  field: Field,
  codec: GroupCodec<unknown>,
  names: FieldNames,
): LoadedField {
  const place = placed(field, names)
  const { keys } = names
  // Beside the value stand codes of what it is, and of its unit.
  const valueAt = Math.max(
    0,
    place.at.findIndex((_, n) => codec.refs?.[n] === undefined),
  )
  const keep = (reading: Reading, texts: Texts, usual: Texts) => {
    for (let n = 0; n < texts.length; n++) {
      if ((usual[n] ?? '') !== texts[n]) reading.keep(keys[n]!, texts[n])
    }
  }
  const loaded: LoadedField = {
    ...place.facts,
    read: ownCode(readGroup, {
      textsOf: textsAt(place.at),
      positions: field.positions,
      required: field.required ?? false,
      isAlternative: field.alternative === true,
      isShared: names.isShared,
      check: field.check,
      id: names.id,
      decode: codec.decode,
      exact: codec.exact ?? (() => false),
      get: place.path.get,
      set: place.path.set,
      missing: (reading) => reading.missing(loaded, place.at[valueAt]!),
      keepAll: (reading, texts) => keep(reading, texts, NONE),
      keepOther: (reading, texts, value) => keep(reading, texts, written(codec, value, texts)),
    }),
    write: (writing, node, extras) => write(place, codec, writing, node, extras),
  }
  return loaded
}

/** What reading asks of a field. */
interface Facts extends Accessor, Required<Pick<GroupCodec<unknown>, 'decode' | 'exact'>> {
  /** Its texts; undefined when all are empty. */
  readonly textsOf: (elements: SegmentElements) => string[] | undefined
  readonly positions: readonly Position[]
  readonly required: NonNullable<Field['required']>
  readonly isAlternative: boolean
  readonly isShared: boolean
  readonly check: Compare | undefined
  readonly id: string
  readonly missing: (reading: Reading) => void
  readonly keepAll: (reading: Reading, texts: Texts) => void
  /** Keeps the texts that would not be written for the value. */
  readonly keepOther: (reading: Reading, texts: Texts, value: unknown) => void
}

export const readGroup =
  ({
    textsOf,
    positions,
    required,
    isAlternative,
    isShared,
    check,
    id,
    decode,
    exact,
    get,
    set,
    missing,
    keepAll,
    keepOther,
  }: Facts): ReadField =>
  (reading, node) => {
    const texts = textsOf(reading.elements)
    if (texts === undefined) {
      if (required === true) missing(reading)
      return false
    }
    if (isShared && get(node) !== undefined) {
      keepAll(reading, texts)
      return false
    }
    reading.positions = positions
    const value = decode(texts, reading.report)
    if (value === undefined) {
      if (required !== false) missing(reading)
      keepAll(reading, texts)
      return false
    }
    set(node, value)
    if (check !== undefined) reading.check(node, check)
    if (!exact(texts, value)) keepOther(reading, texts, value)
    if (isAlternative) reading.keep('at', id)
    return true
  }

/** Takes the texts that stand at some places. */
function textsAt(places: PlacedField['at']): Facts['textsOf'] {
  const names = places.map((_, n) => `text${n}`)
  const gets = places.map(({ element, component }, n) =>
    component === 0
      ? `${names[n]} = elements.texts[${element}]`
      : `${names[n]} = elements.component(${element}, ${component})`,
  )
  return fromText(`(elements) => {
    const ${gets.join(', ')}
    return ${names.map((name) => `${name} === ''`).join(' && ')} ? undefined : [${names.join(', ')}]
  }`)
}

/** What would be written for a value, with the codes that were sent where they are not the preferred ones. */
function written(codec: GroupCodec<unknown>, value: unknown, texts: Texts): Texts {
  const usual = codec.encode(value, NONE, SILENT) ?? NONE
  if (codec.refs === undefined) return usual
  const kept = codec.refs.map((ref, n) =>
    ref !== undefined && usual[n] !== texts[n] ? texts[n] : undefined,
  )
  if (kept.every((text) => text === undefined)) return usual
  const again = codec.encode(value, kept, SILENT) ?? NONE
  return again.map((text, n) => (kept[n] === undefined ? text : usual[n]!))
}

function write(
  place: PlacedField,
  codec: GroupCodec<unknown>,
  writing: Writing,
  node: Node,
  extras: Node | undefined,
): boolean {
  const { field, names, path, at } = place
  const found = path.get(node)
  const value = found !== undefined && belongsHere(place, extras) ? found : undefined
  const isElsewhere = found !== undefined && value === undefined
  if (value !== undefined) checkWritten(place, writing, node)
  const kept = names.keys.map((key) => extras?.[key] as string | undefined)
  const hasKept = kept.some((text) => text !== undefined)
  if (value === undefined && !hasKept) return false
  writing.positions = field.positions
  const said = value === undefined ? NONE : codec.encode(value, NONE, writing.report)
  // A value that cannot be said may stand for a text nothing could be read from, or that has no word of its own.
  const texts = said ?? (hasKept && standsFor(codec, kept, value) ? NONE : undefined)
  if (texts === undefined) {
    reportUnsayable(writing, value)
    return false
  }
  const chosen = !hasKept
    ? texts
    : isElsewhere || said === undefined
      ? kept.map((text) => text ?? '')
      : choose(place, codec, value, texts, kept)
  let isWritten = false
  for (let n = 0; n < at.length; n++) {
    const text = chosen[n]
    if (text === undefined || text === '') continue
    put(writing, at[n]!, text)
    isWritten = true
  }
  return isWritten
}

function standsFor(codec: GroupCodec<unknown>, kept: Kept, value: unknown): boolean {
  const means = codec.decode(
    kept.map((text) => text ?? ''),
    SILENT,
  )
  return means === undefined || sameValue(means, value)
}

/** The texts with those kept from the source put in, as far as they still mean the value. */
function choose(
  { field, at }: PlacedField,
  codec: GroupCodec<unknown>,
  value: unknown,
  usual: Texts,
  kept: Kept,
): Texts {
  const codes = kept.map((text, n) => (codec.refs?.[n] === undefined ? undefined : text))
  const withCodes = value === undefined ? usual : (codec.encode(value, codes, SILENT) ?? usual)
  const all = at.map((_, n) => kept[n] ?? withCodes[n] ?? '')
  const means = codec.decode(all, SILENT)
  const isMeant = value === undefined ? means === undefined : agrees(field, codec, means, value)
  return isMeant ? all : withCodes
}

/** With the path '' the value is a part of the node: its own keys decide, and texts that mean nothing fit none. */
function agrees(
  { path }: Field,
  codec: GroupCodec<unknown>,
  means: unknown,
  value: unknown,
): boolean {
  if (path !== '') return sameValue(means, value)
  const part = means as Node | undefined
  const usual = codec.encode(value, NONE, SILENT)
  return part === undefined
    ? usual?.every((text) => text === '') === true
    : sameValue(codec.encode(part, NONE, SILENT), usual)
}
