// Answers the map engine's questions about X12 segments. Most segments of a partner are right, so a quick test that
// only says yes or no stands before the check that makes the findings.
import { append } from '../append.js'
import type { CodeList } from '../code-list.js'
import type { Dictionary, ElementCheck, ElementFacts, Standing } from '../dictionary.js'
import { emptySegment, isEmpty } from '../empty-segment.js'
import { expectedCodes } from '../expected-codes.js'
import { finding, type Issue } from '../issue.js'
import { fromText } from '../own-code.js'
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
  type SyntaxNote,
} from './dictionary.js'

/** The dictionary of a release (`004010`, `005010`, any GS08). */
export function x12Dictionary(release: string): Dictionary {
  const definitions = segmentsOf(release)
  const checks = new Map<string, ElementCheck>()
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
      let check = checks.get(tag)
      if (check === undefined) checks.set(tag, (check = checkBy(definition)))
      return check
    },
  }
}

function checkBy(definition: SegmentDefinition): ElementCheck {
  const isRight = quickCheck(definition)
  return {
    rules: rulesOf(definition),
    tell(elements, standing, issues) {
      if (isRight(elements) && !isRepeated(elements)) return
      const before = issues.length
      append(issues, checkSegment(elements.segment, definition, standing()))
      append(issues, checkCodes(elements, definition, standing()))
      if (issues.length === before && isEmpty(elements.segment))
        issues.push(emptySegment('x12', elements.segment, standing()))
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

/** To be read with: a text that is not doubtful has the length and characters of its type. */
const rulesOf = ({ elements }: SegmentDefinition): TextRules =>
  Int32Array.from(
    elements.flatMap((element) => [ALL & ~allowed(element), element.min, element.max]),
  )

/** True only when the checks would find nothing in elements that were read with the rules. */
type IsRight = (elements: SegmentElements) => boolean

/** Tells quickly that a segment is right; where it does not, the checks that make findings say what is wrong. */
function quickCheck({ elements, notes }: SegmentDefinition): IsRight {
  const asked: ((text: string) => boolean)[] = []
  const wrong = elements.flatMap(({ type, ref }, n) => {
    const form = FORMS[type]
    const list = closedList(ref)
    return [...(form === undefined ? [] : [form]), ...(list === undefined ? [] : [list.has])].map(
      (ask) => `(given & ${bit(n + 1)}) !== 0 && !ask${asked.push(ask) - 1}(texts[${n + 1}])`,
    )
  })
  const mandatory = elements.reduce(
    (mask, element, n) => (element.mandatory ? mask | bit(n + 1) : mask),
    0,
  )
  const text = `([${asked.map((_, n) => `ask${n}`).join(', ')}]) => ({ isDoubtful, given, texts }) => {
    if (isDoubtful || given === 0 || (given & ${mandatory}) !== ${mandatory}) return false
    ${[...wrong, ...notes.map(brokenBy)].map((is) => `if (${is}) return false`).join('\n')}
    return true
  }`
  return fromText<(asked: readonly unknown[]) => IsRight>(text)(asked)
}

/** Bit of an element; no segment has more than 31. */
const bit = (element: number): number => 1 << (element - 1)

/** When elements that are given break a syntax note. */
function brokenBy({ kind, elements }: SyntaxNote): string {
  const all = elements.reduce((mask, element) => mask | bit(element), 0)
  const first = bit(elements[0]!)
  const found = `(given & ${all})`
  switch (kind) {
    case 'P':
      return `${found} !== 0 && ${found} !== ${all}`
    case 'R':
      return `${found} === 0`
    case 'E':
      return `(${found} & (${found} - 1)) !== 0`
    case 'C':
      return `(given & ${first}) !== 0 && ${found} !== ${all}`
    case 'L':
      return `${found} === ${first}`
    default:
      return kind satisfies never
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
