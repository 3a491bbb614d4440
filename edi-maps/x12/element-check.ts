// Answers the map engine's questions about X12 segments. Most segments of a partner are right, so a quick test that
// only says yes or no stands before the check that makes the findings.
import { hasControl } from '../charset.js'
import type { CodeList } from '../code-list.js'
import type { Dictionary, ElementFacts } from '../dictionary.js'
import { expectedCodes } from '../expected-codes.js'
import { finding, type Issue } from '../issue.js'
import type { Segment } from '../segment.js'
import { checkSegment, isDate, isTime, type Standing } from './check-segment.js'
import { CODE_LISTS } from './codes.js'
import {
  segmentsOf,
  type ElementDefinition,
  type ElementType,
  type SegmentDefinition,
} from './dictionary.js'

/** The dictionary of a release (`004010`, `005010`, any GS08). */
export function x12Dictionary(release: string): Dictionary {
  const definitions = segmentsOf(release)
  const element = (tag: string, n: number) => definitions.get(tag)?.elements[n - 1]
  return {
    knows: (tag) => definitions.has(tag),
    isComposite: (tag, n) => element(tag, n)?.components !== undefined,
    elementRef: (tag, n) => element(tag, n)?.ref,
    facts(tag, n, component = 0) {
      const found = element(tag, n)
      const part = found?.components === undefined ? found : found.components[component - 1]
      if (found?.components === undefined && component > 1) return undefined
      return part === undefined ? undefined : factsOf(part)
    },
    checkOf(tag) {
      const definition = definitions.get(tag)
      if (definition === undefined) return undefined
      const quick = new QuickCheck(definition)
      return (segment, elements, standing, issues) => {
        if (quick.isRight(elements) && !mayRepeat(segment, elements)) return
        issues.push(...checkSegment(segment, definition, standing()))
        issues.push(...checkCodes(segment, elements, definition, standing()))
      }
    },
  }
}

function factsOf({ ref, type, min, max, mandatory }: ElementDefinition): ElementFacts {
  const list = CODE_LISTS.get(ref)
  return {
    ref,
    type: FACT_TYPES[type] ?? 'implied',
    ...(type.startsWith('N') ? { decimals: Number(type.slice(1)) } : {}),
    min,
    max,
    isMandatory: mandatory,
    ...(list === undefined ? {} : { list }),
  }
}

const FACT_TYPES: Readonly<Partial<Record<ElementType, ElementFacts['type']>>> = {
  ID: 'text',
  AN: 'text',
  R: 'decimal',
  DT: 'date',
  TM: 'time',
  B: 'binary',
}

/** Releases from 00402 on repeat elements; what stands behind the first repetition is not among `elements`. */
function mayRepeat(segment: Segment, elements: readonly string[]): boolean {
  if (segment.characters.repetition === undefined) return false
  return elements.some((text, n) => n > 0 && segment.raw(n) !== text)
}

/** Codes that are not in a complete list. Where the element must be there the segment cannot be used. */
function checkCodes(
  segment: Segment,
  elements: readonly string[],
  definition: SegmentDefinition,
  standing: Standing,
): Issue[] {
  const issues: Issue[] = []
  for (const [at, { ref, mandatory }] of definition.elements.entries()) {
    const value = elements[at + 1] ?? ''
    const list = closedList(ref)
    if (value === '' || list === undefined || list.has(value)) continue
    const place = { ...segment.range(at + 1), line: segment.line }
    issues.push(
      finding('x12', 'code-invalid', place, `${list.title}: there is no code ${value}.`, {
        ...standing,
        tag: segment.tag,
        element: at + 1,
        elementRef: ref,
        value: value.slice(0, MAX_VALUE),
        expected: expectedCodes(list, value),
        ...(mandatory ? { severity: 'error' } : {}),
      }),
    )
  }
  return issues
}

const MAX_VALUE = 99

function closedList(ref: string): CodeList | undefined {
  const list = CODE_LISTS.get(ref)
  return list?.closed === true ? list : undefined
}

/** The kinds of elements the quick test tells apart. */
const TEXT = 0
const REAL = 1
const WHOLE = 2
const DATE = 3
const TIME = 4
const OTHER = 5

class QuickCheck {
  private readonly kinds: Uint8Array
  private readonly min: Int32Array
  private readonly max: Int32Array
  private readonly mandatoryMask: number
  private readonly notes: Notes
  private readonly codes: readonly { readonly at: number; readonly list: CodeList }[]

  constructor(definition: SegmentDefinition) {
    const { elements } = definition
    this.notes = masks(definition)
    this.codes = elements.flatMap(({ ref }, n) => {
      const list = closedList(ref)
      return list === undefined ? [] : [{ at: n + 1, list }]
    })
    this.mandatoryMask = elements.reduce(
      (mask, { mandatory }, n) => (mandatory ? mask | (1 << n) : mask),
      0,
    )
    this.kinds = Uint8Array.from([OTHER, ...elements.map(kindOf)])
    this.min = Int32Array.from([0, ...elements.map(({ min }) => min)])
    this.max = Int32Array.from([0, ...elements.map(({ max }) => max)])
  }

  /** True only when the checks would find nothing; `elements` counts from 1. */
  isRight(elements: readonly string[]): boolean {
    const { kinds, min, max, codes } = this
    const count = elements.length
    if (count > kinds.length) return false
    let given = 0
    for (let n = 1; n < count; n++) {
      const text = elements[n]!
      const { length } = text
      if (length === 0) continue
      given |= 1 << (n - 1)
      if (length > max[n]! || length < min[n]!) return false
      switch (kinds[n]) {
        case TEXT:
          if (hasControl(text)) return false
          break
        case REAL:
          if (!isReal(text)) return false
          break
        case WHOLE:
          if (!isWhole(text)) return false
          break
        case DATE:
          if (!isDate(text)) return false
          break
        case TIME:
          if (!isTime(text)) return false
          break
        default:
          return false
      }
    }
    if ((given & this.mandatoryMask) !== this.mandatoryMask) return false
    for (let n = 0; n < codes.length; n++) {
      const code = elements[codes[n]!.at]
      if (code && !codes[n]!.list.has(code)) return false
    }
    return holds(this.notes, given)
  }
}

function kindOf({ type, components }: ElementDefinition): number {
  if (components !== undefined) return OTHER
  if (type === 'AN' || type === 'ID') return TEXT
  if (type === 'R') return REAL
  if (type === 'DT') return DATE
  if (type === 'TM') return TIME
  return type === 'B' ? OTHER : WHOLE
}

/** Digits with at most one point: the numbers that need no closer look. */
function isReal(text: string): boolean {
  let points = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 46) points++
    else if (code < 48 || code > 57) return false
  }
  return points <= 1 && text !== '.'
}

function isWhole(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return false
  }
  return true
}

/** Syntax notes as bit masks over the elements (bit 0 = element 1; no segment has more than 31): kind, first, all. */
type Notes = Int32Array

const ALL_OR_NONE = 0
const AT_LEAST_ONE = 1
const AT_MOST_ONE = 2
const ALL_WITH_FIRST = 3
const ONE_WITH_FIRST = 4
const NOTE_KINDS = {
  P: ALL_OR_NONE,
  R: AT_LEAST_ONE,
  E: AT_MOST_ONE,
  C: ALL_WITH_FIRST,
  L: ONE_WITH_FIRST,
} as const

function masks({ notes }: SegmentDefinition): Notes {
  return Int32Array.from(
    notes.flatMap(({ kind, elements }) => [
      NOTE_KINDS[kind],
      1 << (elements[0]! - 1),
      elements.reduce((mask, n) => mask | (1 << (n - 1)), 0),
    ]),
  )
}

function holds(notes: Notes, given: number): boolean {
  for (let n = 0; n < notes.length; n += 3) {
    const first = notes[n + 1]!
    const all = notes[n + 2]!
    const found = given & all
    switch (notes[n]) {
      case ALL_OR_NONE:
        if (found !== 0 && found !== all) return false
        break
      case AT_LEAST_ONE:
        if (found === 0) return false
        break
      case AT_MOST_ONE:
        if ((found & (found - 1)) !== 0) return false
        break
      case ALL_WITH_FIRST:
        if ((found & first) !== 0 && found !== all) return false
        break
      default:
        if ((found & first) !== 0 && found === first) return false
    }
  }
  return true
}
