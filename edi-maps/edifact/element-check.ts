// Answers the map engine's questions about EDIFACT segments: which there are, and what is wrong with the elements of
// one. Knows nothing of order or groups; those belong to the map.
import { hasControl } from '../charset.js'
import { named } from '../element-name.js'
import type { Dictionary, ElementCheck, Standing } from '../dictionary.js'
import { emptySegment, isEmpty } from '../empty-segment.js'
import { CODE_LISTS } from './codes.js'
import { expectedCodes } from '../expected-codes.js'
import { finding, type Issue, type IssueCode, type Severity } from '../issue.js'
import { plural } from '../plural.js'
import type { Segment } from '../segment.js'
import {
  firstOutside,
  isUpperControl,
  isWithin,
  PRINTED,
  repertoireOf,
  type Repertoire,
} from './repertoire.js'
import type { SegmentElements } from '../segment-elements.js'
import {
  segmentsOf,
  type ElementDefinition,
  type SegmentDefinition,
  type ValueDefinition,
} from './dictionary.js'
import names from './names.json' with { type: 'json' }

/** The dictionary of a release: `D:96A`, `D:01B`, or of CONTRL `D:3`, `4:1`. */
export function edifactDictionary(release: string): Dictionary {
  const definitions = segmentsOf(release)
  const element = (tag: string, n: number) => definitions.get(tag)?.elements[n - 1]
  return {
    knows: (tag) => definitions.has(tag),
    isComposite: (tag, n) => element(tag, n)?.components !== undefined,
    elementRef: (tag, n) => element(tag, n)?.ref,
    facts(tag, n, component = 0) {
      const found = element(tag, n)
      const part = found?.components === undefined ? found : found.components[component - 1]
      if (part === undefined || (found?.components === undefined && component > 1)) return undefined
      const { ref, type, min, max, mandatory } = part
      const list = CODE_LISTS.get(ref)
      return {
        ref,
        type: type === 'digits' ? 'decimal' : 'text',
        min,
        max,
        isMandatory: mandatory,
        ...(list === undefined ? {} : { list }),
      }
    },
    allowedIn(version) {
      const allowed = repertoireOf(version)
      return allowed === PRINTED ? undefined : allowed
    },
    checkOf: (tag) => {
      const definition = definitions.get(tag)
      return definition === undefined ? undefined : checkOf(definition)
    },
  }
}

const MAX_VALUE = 99

/** Where in a segment, and what stands there. */
interface At {
  readonly element: number
  readonly component?: number
  readonly repetition?: number
  readonly ref: string
  readonly value?: string
}
type Report = (
  code: IssueCode,
  at: At,
  text: string,
  expected?: string,
  severity?: Severity,
) => void

/** Most segments of a partner are right, so a test that only says yes stands before the one that makes findings. */
function checkOf(definition: SegmentDefinition): ElementCheck {
  return {
    tell(elements, standing, issues) {
      if (isRight(elements, definition.elements)) return
      const before = issues.length
      const report = reporter(elements.segment, standing, issues)
      checkSegment(elements, definition, report)
      if (elements.allowed !== undefined)
        tellOutside(elements, elements.allowed, definition, report)
      if (issues.length === before && isEmpty(elements.segment))
        issues.push(emptySegment('edifact', elements.segment, standing()))
    },
  }
}

function isRight(elements: SegmentElements, definitions: readonly ElementDefinition[]): boolean {
  const { segment, texts, count, allowed = PRINTED } = elements
  const { component, repetition } = segment.characters
  if (repetition !== undefined || count > definitions.length) return false
  if (texts[1] === '' && isEmpty(segment)) return false
  for (let n = 1; n <= definitions.length; n++) {
    const definition = definitions[n - 1]!
    const text = texts[n]!
    if (text === '') {
      if (definition.mandatory) return false
      continue
    }
    const parts = definition.components
    if (parts === undefined) {
      if (text.includes(component) || !fits(text, definition, allowed)) return false
      continue
    }
    const values = elements.components(n)
    if (values.length > parts.length) return false
    for (let c = 0; c < parts.length; c++) {
      const part = parts[c]!
      const value = c < values.length ? values[c]! : ''
      if (value === '' ? part.mandatory : !fits(value, part, allowed)) return false
    }
  }
  return true
}

/** Whether a value has the type, length and characters of its definition. */
function fits(
  value: string,
  { type, min, max, codes }: ValueDefinition,
  allowed: Repertoire,
): boolean {
  if (codes !== undefined && !codes.has(value)) return false
  if (type === 'digits') {
    if (!isNumber(value)) return false
    const length = digitsOf(value)
    return length >= min && length <= max
  }
  const { length } = value
  if (length < min || length > max || !isWithin(value, allowed)) return false
  return type === 'any' || !NO_LETTERS.test(value)
}

function checkSegment(
  { segment, texts, count }: SegmentElements,
  { tag, elements }: SegmentDefinition,
  report: Report,
): void {
  for (let n = 1; n <= elements.length; n++) {
    const definition = elements[n - 1]!
    if ((texts[n] ?? '') === '' && segment.repetitionCount(n) === 0) {
      if (definition.mandatory) {
        report(
          'element-missing',
          { element: n, ref: definition.ref },
          missing(tag, n, definition.ref),
        )
      }
    } else checkElement(segment, n, definition, texts[n]!, report)
  }
  for (let n = elements.length + 1; n <= count; n++) {
    if (texts[n] === '') continue
    const text = `${tag} has ${elements.length} elements; ${name(tag, n)} is one too many.`
    const expected = `at most ${plural(elements.length, 'element')}`
    report('too-many-elements', { element: n, ref: '', value: segment.raw(n) }, text, expected)
    break
  }
}

/** Characters the syntax identifier has not: told at the first of a message, which is read all the same. */
function tellOutside(
  elements: SegmentElements,
  allowed: Repertoire,
  definition: SegmentDefinition,
  report: Report,
): void {
  const { segment, count } = elements
  for (let n = 1; n <= count; n++) {
    for (let r = 1; r <= segment.repetitionCount(n); r++) {
      for (const [c, value] of segment.components(n, r).entries()) {
        const char = firstOutside(value, allowed)
        if (char === undefined || !isWithin(char, PRINTED)) continue
        elements.allowed = undefined
        const { ref = '', components } = definition.elements[n - 1] ?? {}
        const at = {
          element: n,
          ...(components === undefined ? {} : { component: c + 1 }),
          ...(r === 1 ? {} : { repetition: r }),
          ref: components?.[c]?.ref ?? ref,
          value,
        }
        const named = isUpperControl(char)
          ? `character ${char.charCodeAt(0).toString(16).toUpperCase()} (hexadecimal), as UTF-8 would have`
          : `“${char}”`
        const text = `The character set the interchange names has no ${named}; the message is read all the same.`
        const expected = 'UNOC or UNOY in UNB01, or other characters'
        return report('character-invalid', at, text, expected, 'warning')
      }
    }
  }
}

function reporter(segment: Segment, standing: () => Standing, issues: Issue[]): Report {
  return (code, { element, component, repetition, ref, value }, text, expected, severity) => {
    const place = segment.range(element, component, repetition)
    issues.push(
      finding('edifact', code, { ...place, line: segment.line }, text, {
        ...standing(),
        tag: segment.tag,
        element,
        ...(component === undefined ? {} : { component }),
        ...(repetition === undefined ? {} : { repetition }),
        ...(ref === '' ? {} : { elementRef: ref }),
        ...(value === undefined || value === '' ? {} : { value: value.slice(0, MAX_VALUE) }),
        ...(expected === undefined ? {} : { expected }),
        ...(severity === undefined ? {} : { severity }),
      }),
    )
  }
}

const name = (tag: string, element: number, component?: number): string =>
  `${tag}${String(element).padStart(2, '0')}${component === undefined ? '' : `-${component}`}`

const NAMES: Readonly<Record<string, string>> = names.elements

/** With what the element is. */
const what = (tag: string, element: number, ref: string, component?: number) =>
  named(tag, element, component, NAMES[ref] ?? CODE_LISTS.get(ref)?.title)

const missing = (tag: string, element: number, ref: string): string =>
  `${what(tag, element, ref)} must be given.`

function checkElement(
  segment: Segment,
  n: number,
  definition: ElementDefinition,
  text: string,
  report: Report,
): void {
  const { components, repetitions, ref } = definition
  const count = segment.characters.repetition === undefined ? 1 : segment.repetitionCount(n)
  if (count > repetitions) {
    const at = { element: n, repetition: repetitions + 1, ref, value: segment.raw(n) }
    const often = repetitions === 1 ? 'does not repeat' : `may come ${repetitions} times`
    const expected = repetitions === 1 ? 'one' : `at most ${repetitions}`
    report('too-many-repetitions', at, `${name(segment.tag, n)} ${often}.`, expected)
  }
  for (let r = 1; r <= Math.min(count, repetitions); r++) {
    const repetition = r === 1 ? {} : { repetition: r }
    if (components !== undefined) {
      checkComposite(segment, { element: n, ref, ...repetition }, r, components, report)
    } else {
      const at = { element: n, ...repetition }
      const isWhole = r === 1 && !text.includes(segment.characters.component)
      const parts = isWhole ? [text] : segment.components(n, r)
      checkValue(segment.tag, parts[0] ?? '', definition, at, report)
      if (parts.length > 1) tooManyComponents(segment.tag, { ...at, ref }, 1, parts, report)
    }
  }
}

function checkComposite(
  segment: Segment,
  at: At,
  repetition: number,
  definitions: readonly ValueDefinition[],
  report: Report,
): void {
  const { tag } = segment
  const values = segment.components(at.element, repetition)
  for (let c = 1; c <= definitions.length; c++) {
    const definition = definitions[c - 1]!
    const value = values[c - 1] ?? ''
    if (value !== '') checkValue(tag, value, definition, { ...at, component: c }, report)
    else if (definition.mandatory) {
      const part = what(tag, at.element, definition.ref, c)
      const text = `${part} must be given when ${name(tag, at.element)} is.`
      report('element-missing', { ...at, component: c, ref: definition.ref }, text)
    }
  }
  if (
    values.length > definitions.length &&
    values.slice(definitions.length).some((v) => v !== '')
  ) {
    tooManyComponents(tag, at, definitions.length, values, report)
  }
}

function tooManyComponents(
  tag: string,
  at: At,
  allowed: number,
  values: readonly string[],
  report: Report,
): void {
  const what = name(tag, at.element)
  const can = allowed === 1 ? 'is not divided' : `has ${allowed} components`
  const text = `${what} ${can}, this has ${values.length} components.`
  report(
    'too-many-components',
    { ...at, component: allowed + 1, value: values[allowed] ?? '' },
    text,
    `at most ${plural(allowed, 'component')}`,
  )
}

const NUMBER = /^-?\d+(?:[.,]\d+)?$/
/** Anything but letters and the blank. */
const NO_LETTERS = /[\d\u0000-\u001f\u007f]/

/** Type and length of one value; at most one finding, the gravest. */
function checkValue(
  tag: string,
  value: string,
  { type, min, max, ref, codes }: ValueDefinition,
  at: Omit<At, 'ref' | 'value'>,
  report: Report,
): void {
  const told = { ...at, ref, value }
  const what = () => name(tag, at.element, at.component)
  let { length } = value
  if (type === 'digits') {
    if (!isNumber(value)) {
      const expected = 'digits, with a decimal mark between digits where needed'
      return report('number-invalid', told, `${what()} is not a number.`, expected)
    }
    length = digitsOf(value)
  } else if (type === 'letters' && NO_LETTERS.test(value)) {
    return report('character-invalid', told, `${what()} may have letters only.`, 'letters')
  } else if (hasControl(value)) {
    const expected = 'characters that are printed'
    return report('character-invalid', told, `${what()} contains a control character.`, expected)
  }
  if (length > max) {
    const text = `${what()} has ${length} characters, at most ${max} are allowed.`
    report('element-too-long', told, text, `at most ${max} characters`)
  } else if (length < min) {
    const text = `${what()} has ${length} characters, ${min} are needed.`
    report('element-too-short', told, text, `${min} characters`)
  } else if (codes !== undefined && !codes.has(value)) {
    const text = `${codes.title}: there is no code ${value}.`
    report('code-invalid', told, text, expectedCodes(codes, value), 'error')
  }
}

/** Whether a value is digits, with a sign and one decimal mark (point or comma) where needed. */
function isNumber(value: string): boolean {
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at)
    if (code < 48 || code > 57) return NUMBER.test(value)
  }
  return true
}

/** Sign and decimal mark do not count (ISO 9735 §10). */
function digitsOf(value: string): number {
  let count = 0
  for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) >= 48) count++
  return count
}
