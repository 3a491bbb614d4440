// What the text of an element says: what the element is called, and what its code, number or date means.
import type { Dictionary } from './dictionary.js'
import { elementName } from './names.js'

type Standard = 'x12' | 'edifact'

export interface ElementWords {
  /** Number in the standard, e.g. `355`. */
  readonly ref?: string
  /** What the element is. */
  readonly name?: string
  /** What its code or number means. */
  readonly meaning?: string
}

/** EDIFACT counts the tag as the first element here; everywhere else the first is the one behind the tag. */
const ELEMENT_PLACE = '0098'

/** `element` and `component` count from 1; component 0 is an element that is not divided. */
export function elementWords(
  standard: Standard,
  dictionary: Dictionary,
  [tag, element, component]: readonly [tag: string, element: number, component: number],
  text: string,
): ElementWords {
  const facts = dictionary.facts(tag, element, component)
  if (facts === undefined) return {}
  const { ref, list, type, decimals = 0 } = facts
  const name = elementName(standard, dictionary, tag, element, component)
  const meaning =
    list?.meaning(text) ??
    (type === 'date' && /^\d{8}$/.test(text)
      ? `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`
      : type === 'implied' && decimals > 0 && /^-?\d+$/.test(text)
        ? (Number(text) / 10 ** decimals).toFixed(decimals)
        : ref === ELEMENT_PLACE && Number(text) > 1
          ? `element ${String(Number(text) - 1).padStart(2, '0')}`
          : undefined)
  return {
    ref,
    ...(name === undefined ? {} : { name }),
    ...(meaning === undefined ? {} : { meaning }),
  }
}
