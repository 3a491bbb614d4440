// What the text of an element says: what the element is called, and what its code, number or date means.
import type { Dictionary } from './dictionary.js'
import edifactMeanings from './edifact/meanings.json' with { type: 'json' }
import { moment } from './edifact/elements.js'
import { SILENT } from './elements.js'
import { envelopeName, elementName } from './names.js'
import x12Meanings from './x12/meanings.json' with { type: 'json' }

type Standard = 'x12' | 'edifact'

export interface ElementWords {
  /** Number in the standard, e.g. `355`. */
  readonly ref?: string
  /** What the element is. */
  readonly name?: string
  /** What its code or number means. */
  readonly meaning?: string
}

/** Codes that no list of a map has, by element number or, in the envelope, by place: `ISA15`. */
const MEANINGS: Readonly<
  Record<Standard, Readonly<Record<string, Readonly<Record<string, string>>>>>
> = {
  x12: x12Meanings,
  edifact: edifactMeanings,
}

function meaningIn(standard: Standard, key: string, text: string): string | undefined {
  const codes = MEANINGS[standard][key]
  return codes !== undefined && Object.hasOwn(codes, text) ? codes[text] : undefined
}

/** Of an element of the envelope (ISA, UNB …), which no dictionary divides further. */
export function envelopeWords(
  standard: Standard,
  tag: string,
  element: number,
  text: string,
): ElementWords {
  const name = envelopeName(standard, tag, element)
  if (name === undefined) return {}
  const key = `${tag}${String(element).padStart(2, '0')}`
  const meaning =
    meaningIn(standard, key, text) ?? (name.startsWith('Date') ? dateIn(text) : undefined)
  return { name, ...(meaning === undefined ? {} : { meaning }) }
}

/** `251230`, `20251230` or `251230:1416` → `2025-12-30 14:16`. */
function dateIn(text: string): string | undefined {
  const [, year, month, day, hour, minute] =
    /^(\d{2}|\d{4})(\d{2})(\d{2})(?::(\d{2})(\d{2}))?$/.exec(text) ?? []
  if (year === undefined) return undefined
  const date = `${year.length === 2 ? '20' : ''}${year}-${month}-${day}`
  return hour === undefined ? date : `${date} ${hour}:${minute}`
}

/** Date (2380) of an EDIFACT composite, by the form (2379) that stands beside it. */
export const dateMeaning = (text: string, form: string | undefined): string | undefined =>
  moment.decode([text, form ?? ''], SILENT)?.replace('T', ' ')

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
    meaningIn(standard, ref, text) ??
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
