// What segments and elements are called, in our own words. The names are data files beside their standard.
import type { Dictionary } from './dictionary.js'
import edifactNames from './edifact/names.json' with { type: 'json' }
import x12Names from './x12/names.json' with { type: 'json' }

interface Names {
  readonly segments: Readonly<Record<string, string>>
  /** By reference number in the standard, e.g. `355`. */
  readonly elements: Readonly<Record<string, string>>
  /** Of the envelope: names of the elements in order. */
  readonly envelope: Readonly<Record<string, readonly string[]>>
}
type Standard = 'x12' | 'edifact'
const NAMES: Readonly<Record<Standard, Names>> = { x12: x12Names, edifact: edifactNames }

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

export const segmentName = (standard: Standard, tag: string): string | undefined =>
  own(NAMES[standard].segments, tag)

/** Name of an element of an envelope segment (ISA, UNB, ST …), which no dictionary divides further. */
export const envelopeName = (standard: Standard, tag: string, element: number) =>
  own(NAMES[standard].envelope, tag)?.[element - 1]

/** Name of an element, or with a component (from 1) of that. */
export function elementName(
  standard: Standard,
  dictionary: Dictionary,
  tag: string,
  element: number,
  component = 0,
): string | undefined {
  const envelope = envelopeName(standard, tag, element)
  if (envelope !== undefined) return envelope
  const facts = dictionary.facts(tag, element, component)
  if (facts === undefined) return undefined
  return own(NAMES[standard].elements, facts.ref) ?? facts.list?.title
}
