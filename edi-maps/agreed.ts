// What an agreement demands of one place of a set on top of the standard. Made by override.ts, asked by read.ts and
// write.ts: between the partner's texts and those of the map stands one translation, used in both directions.
import { componentOf } from './field.js'
import type { Node } from './map.js'
import type { ElementValue } from './segment.js'

/** Texts elements must have for a demand to be about a segment; component 0 is the whole element. */
export type Matching = readonly {
  readonly element: number
  readonly component: number
  readonly texts: readonly string[]
}[]

/** Whether a demand holds for a document: on reading, for what was read of it so far. */
export type Holds = (document: Node) => boolean

/** How often segments of a place may or must come. */
export interface PlaceDemand {
  /** Node id, as the override names it. */
  readonly id: string
  /** For messages: `REF with 01 = IA`. */
  readonly name: string
  readonly where: Matching
  readonly use?: 'required' | 'unused'
  readonly max?: number
  readonly holds?: Holds
}

/** What one element must be, and how it is written differently from the standard. */
export interface ElementDemand {
  readonly id: string
  readonly where: Matching
  readonly element: number
  readonly component: number
  readonly use?: 'required' | 'optional' | 'unused'
  /** At most so many characters. */
  readonly max?: number
  readonly isDropped?: boolean
  readonly constant?: string
  readonly pattern?: { readonly test: RegExp; readonly text: string }
  /** Text of the standard's map to the partner's. */
  readonly toWire?: (text: string) => string
  /** The partner's text to that of the standard's map. */
  readonly fromWire?: (text: string) => string
  /** At most so many characters are written; the rest is cut off. */
  readonly cut?: number
  /** Codes of the partner that the standard's list need not have. */
  readonly known?: ReadonlySet<string>
  readonly holds?: Holds
}

/** Everything an agreement demands of a slot. */
export interface AgreedPlace {
  /** Segments that are passed over on reading and never written. */
  readonly drops: readonly Matching[]
  readonly places: readonly PlaceDemand[]
  /** In the order of the elements, so that qualifiers are translated before what depends on them. */
  readonly elements: readonly ElementDemand[]
}

/** Text of an element or component of the segment at hand. */
export type TextAt = (element: number, component: number) => string

export function matches(where: Matching, textAt: TextAt): boolean {
  for (const { element, component, texts } of where) {
    if (!texts.includes(textAt(element, component))) return false
  }
  return true
}

export type Elements = (ElementValue | undefined)[]

/** Text of an element or component (of the first repetition) to be written. */
export function textIn(elements: Elements, element: number, component: number): string {
  return componentOf(elements[element], component === 0 ? 1 : component)
}

/** Sets it; an element whose components are all empty becomes empty. */
export function setText(
  elements: Elements,
  element: number,
  component: number,
  text: string,
): void {
  const value = elements[element]
  if (component === 0 || (component === 1 && (value === undefined || typeof value === 'string'))) {
    elements[element] = text
    return
  }
  const [first = [], ...others] = typeof value === 'string' ? [[value]] : (value ?? [])
  const components = [...first]
  while (components.length < component) components.push('')
  components[component - 1] = text
  while (components.at(-1) === '') components.pop()
  elements[element] = components.length === 0 && others.length === 0 ? '' : [components, ...others]
}

/** What is wrong with a partner's text, as far as it can be said without the rest of the segment. */
export function complaint(
  { use, max, pattern }: ElementDemand,
  text: string,
):
  | {
      code: 'element-missing' | 'element-too-long' | 'value-not-agreed'
      text: string
      expected?: string
    }
  | undefined {
  if (text === '') {
    if (use !== 'required') return undefined
    return { code: 'element-missing', text: 'The agreement requires this element.' }
  }
  if (max !== undefined && text.length > max) {
    return {
      code: 'element-too-long',
      text: `The agreement allows ${max} characters here; this has ${text.length}.`,
      expected: `at most ${max} characters`,
    }
  }
  if (pattern !== undefined && !pattern.test.test(text)) {
    return {
      code: 'value-not-agreed',
      text: 'The value has not the form the agreement asks for.',
      expected: pattern.text,
    }
  }
  return undefined
}
