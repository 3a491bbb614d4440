// Answers the map engine's questions about X12 segments. Most segments of a partner are right, so a quick test that
// only says yes or no stands before the check that makes the findings.
import { append } from '../append.js'
import type { CodeList } from '../code-list.js'
import type { Dictionary, ElementFacts, Standing } from '../dictionary.js'
import { emptySegment, isEmpty } from '../empty-segment.js'
import { expectedCodes } from '../expected-codes.js'
import { finding, type Issue } from '../issue.js'
import {
  DIGIT,
  HIGH,
  LETTER,
  MARK,
  POINT,
  type SegmentElements,
  type TextRules,
} from '../segment-elements.js'
import { checkSegment, isDay, isTimeOfDay } from './check-segment.js'
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
      return {
        rules: quick.rules,
        tell(elements, standing, issues) {
          if (quick.isRight(elements) && !isRepeated(elements)) return
          const before = issues.length
          append(issues, checkSegment(elements.segment, definition, standing()))
          append(issues, checkCodes(elements, definition, standing()))
          if (issues.length === before && isEmpty(elements.segment))
            issues.push(emptySegment('x12', elements.segment, standing()))
        },
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

/** Releases from 00402 on repeat elements; what stands behind the first repetition is not among the texts. */
function isRepeated({ segment, count, texts, mayRepeat }: SegmentElements): boolean {
  if (!mayRepeat) return false
  for (let n = 1; n <= count; n++) if (segment.raw(n) !== texts[n]) return true
  return false
}

/** Codes that are not in a complete list. Where the element must be there the segment cannot be used. */
function checkCodes(
  { segment, texts }: SegmentElements,
  definition: SegmentDefinition,
  standing: Standing,
): Issue[] {
  const issues: Issue[] = []
  for (const [at, { ref, mandatory }] of definition.elements.entries()) {
    const value = texts[at + 1] ?? ''
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

/** Tells quickly that a segment is right; where it does not, the checks that make findings say what is wrong. */
class QuickCheck {
  /** To be read with: a text that is not doubtful has the length and characters of its type. */
  readonly rules: TextRules
  /** What some texts must be on top of that. */
  private readonly forms: readonly { readonly at: number; readonly form: Form }[]
  private readonly codes: readonly { readonly at: number; readonly list: CodeList }[]
  private readonly mandatory: number
  private readonly notes: Notes

  constructor(definition: SegmentDefinition) {
    const { elements } = definition
    this.rules = Int32Array.from(
      elements.flatMap((element) => [ALL & ~allowed(element), element.min, element.max]),
    )
    this.forms = elements.flatMap(({ type }, n) => {
      const form = FORMS[type]
      return form === undefined ? [] : [{ at: n + 1, form }]
    })
    this.codes = elements.flatMap(({ ref }, n) => {
      const list = closedList(ref)
      return list === undefined ? [] : [{ at: n + 1, list }]
    })
    this.mandatory = elements.reduce(
      (mask, { mandatory }, n) => (mandatory ? mask | (1 << n) : mask),
      0,
    )
    this.notes = masks(definition)
  }

  /** True only when the checks would find nothing in elements that were read with the rules. */
  isRight({ isDoubtful, given, texts }: SegmentElements): boolean {
    if (isDoubtful || given === 0 || (given & this.mandatory) !== this.mandatory) return false
    const { forms, codes } = this
    for (let n = 0; n < forms.length; n++) {
      const { at, form } = forms[n]!
      const text = texts[at]!
      if (text !== '' && !form(text)) return false
    }
    for (let n = 0; n < codes.length; n++) {
      const { at, list } = codes[n]!
      const code = texts[at]!
      if (code !== '' && !list.has(code)) return false
    }
    return holds(this.notes, given)
  }
}

const ALL = 0xff
const TEXT = DIGIT | POINT | LETTER | MARK | HIGH

/** What is right without a closer look: composites and binary data never are, nor numbers with a sign or an exponent. */
function allowed({ type, components }: ElementDefinition): number {
  if (components !== undefined || type === 'B') return 0
  if (type === 'AN' || type === 'ID') return TEXT
  return type === 'R' ? DIGIT | POINT : DIGIT
}

/** What a text of allowed characters must be. */
type Form = (text: string) => boolean

const FORMS: Readonly<Partial<Record<ElementType, Form>>> = {
  R: hasOnePoint,
  DT: (text) => (text.length === 8 || text.length === 6) && isDay(text),
  TM: (text) => text.length >= 4 && text.length <= 8 && isTimeOfDay(text),
}

/** Of digits and points: at most one is a point, and there are others. */
function hasOnePoint(text: string): boolean {
  let points = 0
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === 46) points++
  return points === 0 || (points === 1 && text.length > 1)
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
