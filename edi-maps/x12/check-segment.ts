// Checks one segment against the dictionary: what is missing, too many, too long or of the wrong type. Knows nothing
// of order, loops or code lists; those belong to the map.
import type { Standing } from '../dictionary.js'
import { named } from '../element-name.js'
import { finding, type Issue, type IssueCode } from '../issue.js'
import { plural } from '../plural.js'
import type { Segment } from '../segment.js'
import { CODE_LISTS } from './codes.js'
import type { ElementDefinition, SegmentDefinition, SyntaxNote } from './dictionary.js'
import names from './names.json' with { type: 'json' }

const MAX_VALUE = 99
const NAMES: Readonly<Record<string, string>> = names.elements
const UNREADABLE: ReadonlySet<IssueCode> = new Set(['date-invalid', 'time-invalid'])

/** Every finding of element level on `segment`; none = the segment is as the standard says. */
export function checkSegment(
  segment: Segment,
  definition: SegmentDefinition,
  standing: Standing,
): Issue[] {
  const issues: Issue[] = []
  const report: Report = (code, at, text, expected) => {
    const place = segment.range(at.element, at.component, at.repetition)
    issues.push(
      finding('x12', code, { ...place, line: segment.line }, text, {
        ...standing,
        tag: segment.tag,
        element: at.element,
        ...(at.component === undefined ? {} : { component: at.component }),
        ...(at.repetition === undefined ? {} : { repetition: at.repetition }),
        ...(at.ref === undefined ? {} : { elementRef: at.ref }),
        ...(at.value === undefined || at.value === ''
          ? {}
          : { value: at.value.slice(0, MAX_VALUE) }),
        ...(expected === undefined ? {} : { expected }),
        // A bad date where one must stand leaves nothing to work with; where it may stand the rest is still good.
        ...(at.mandatory === true && UNREADABLE.has(code) ? { severity: 'error' } : {}),
      }),
    )
  }
  const { elements } = definition
  const tag = segment.tag
  for (let n = 1; n <= elements.length; n++) {
    const element = elements[n - 1]!
    const raw = n <= segment.elementCount ? segment.raw(n) : ''
    if (raw === '') {
      if (element.mandatory) {
        report(
          'element-missing',
          { element: n, ref: element.ref },
          `${what(tag, n, element.ref)} must be given.`,
        )
      }
    } else if (element.components === undefined) {
      checkSimple(segment, n, element, raw, report)
    } else {
      checkComposite(segment, n, element, element.components, report)
    }
  }
  for (let n = elements.length + 1; n <= segment.elementCount; n++) {
    const value = segment.raw(n)
    if (value === '') continue
    report(
      'too-many-elements',
      { element: n, value },
      `${tag} has ${elements.length} elements; ${name(tag, n)} is one too many.`,
      `at most ${plural(elements.length, 'element')}`,
    )
    break
  }
  for (const note of definition.notes) checkNote(segment, elements, note, report)
  return issues
}

interface At {
  readonly element: number
  readonly component?: number
  readonly repetition?: number
  readonly ref?: string
  readonly value?: string
  readonly mandatory?: boolean
}
type Report = (code: IssueCode, at: At, text: string, expected?: string) => void

const name = (tag: string, element: number, component?: number) =>
  `${tag}${String(element).padStart(2, '0')}${component === undefined ? '' : `-${component}`}`

/** With what the element is. */
const what = (tag: string, element: number, ref: string, component?: number) =>
  named(tag, element, component, NAMES[ref] ?? CODE_LISTS.get(ref)?.title)

function checkSimple(
  segment: Segment,
  element: number,
  definition: ElementDefinition,
  raw: string,
  report: Report,
): void {
  if (segment.repetitionCount(element) > 1) {
    report(
      'too-many-repetitions',
      { element, repetition: 2, ref: definition.ref, value: raw },
      `${name(segment.tag, element)} does not repeat.`,
      'one',
    )
  }
  const value = segment.get(element)
  if (value !== '') checkValue(segment.tag, value, definition, { element }, report)
}

function checkComposite(
  segment: Segment,
  element: number,
  definition: ElementDefinition,
  parts: readonly ElementDefinition[],
  report: Report,
): void {
  const values = segment.components(element)
  for (let c = 1; c <= parts.length; c++) {
    const part = parts[c - 1]!
    const value = values[c - 1] ?? ''
    if (value !== '') checkValue(segment.tag, value, part, { element, component: c }, report)
    else if (part.mandatory) {
      report(
        'element-missing',
        { element, component: c, ref: definition.ref },
        `${what(segment.tag, element, part.ref, c)} must be given when ${name(segment.tag, element)} is.`,
      )
    }
  }
  if (values.length > parts.length) {
    report(
      'too-many-components',
      { element, component: parts.length + 1, ref: definition.ref },
      `${name(segment.tag, element)} has ${parts.length} components, this has ${values.length}.`,
      `at most ${plural(parts.length, 'component')}`,
    )
  }
}

const CONTROL = /[\u0000-\u001f\u007f]/
const INTEGER = /^-?\d+$/
const REAL = /^-?(\d+\.?\d*|\.\d+)(E-?\d+)?$/
const DIGITS = /^\d+$/

/** Type and length of one value; at most one finding, the gravest. */
function checkValue(
  tag: string,
  value: string,
  definition: ElementDefinition,
  at: At,
  report: Report,
): void {
  const { type, ref, mandatory } = definition
  const told = { ...at, ref, value, mandatory }
  const what = name(tag, at.element, at.component)
  let length = value.length
  switch (type) {
    case 'ID':
    case 'AN':
      if (CONTROL.test(value)) {
        return report(
          'character-invalid',
          told,
          `${what} contains a control character.`,
          'characters that are printed',
        )
      }
      break
    case 'R':
      if (!REAL.test(value)) {
        return report(
          'number-invalid',
          told,
          `${what} is not a number.`,
          'digits, with a decimal point where needed',
        )
      }
      length = value.replace(/[-.]|E.*/g, '').length
      break
    case 'DT':
      if (!isDate(value))
        return report(
          'date-invalid',
          told,
          `${what} is not a date.`,
          length > 6 ? 'CCYYMMDD' : 'YYMMDD',
        )
      break
    case 'TM':
      if (!isTime(value))
        return report('time-invalid', told, `${what} is not a time.`, 'HHMM, HHMMSS or HHMMSSDD')
      break
    case 'B':
      break
    default:
      if (!INTEGER.test(value)) {
        return report(
          'number-invalid',
          told,
          `${what} is not a whole number.`,
          'digits without a decimal point',
        )
      }
      length = value.startsWith('-') ? length - 1 : length
  }
  if (length > definition.max) {
    report(
      'element-too-long',
      told,
      `${what} has ${length} characters, at most ${definition.max} are allowed.`,
      `at most ${definition.max} characters`,
    )
  } else if (length < definition.min) {
    report(
      'element-too-short',
      told,
      `${what} has ${length} characters, at least ${definition.min} are needed.`,
      `at least ${definition.min} characters`,
    )
  }
}

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const twoDigits = (value: string, at: number): number =>
  value.charCodeAt(at) * 10 + value.charCodeAt(at + 1) - 528

/** CCYYMMDD or YYMMDD of a day that exists. */
export const isDate = (value: string): boolean =>
  DIGITS.test(value) && (value.length === 8 || value.length === 6) && isDay(value)

/** Whether six or eight digits are a day. */
export function isDay(value: string): boolean {
  const at = value.length - 4
  const month = twoDigits(value, at)
  const day = twoDigits(value, at + 2)
  if (month < 1 || month > 12 || day < 1 || day > DAYS[month - 1]!) return false
  if (month !== 2 || day < 29) return true
  const year = Number(value.slice(0, at))
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** HHMM, HHMMSS, HHMMSSD or HHMMSSDD. */
export const isTime = (value: string): boolean =>
  DIGITS.test(value) && value.length >= 4 && value.length <= 8 && isTimeOfDay(value)

/** Whether four to eight digits are a time. */
export const isTimeOfDay = (value: string): boolean =>
  value.length !== 5 &&
  twoDigits(value, 0) <= 23 &&
  twoDigits(value, 2) <= 59 &&
  (value.length < 6 || twoDigits(value, 4) <= 59)

/** A note is broken at one place: the element that is missing or the one that is too many. */
function checkNote(
  segment: Segment,
  definitions: readonly ElementDefinition[],
  note: SyntaxNote,
  report: Report,
): void {
  const { tag } = segment
  const given = (n: number) => n <= segment.elementCount && segment.raw(n) !== ''
  const names = (list: readonly number[]) => list.map((n) => name(tag, n)).join(', ')
  const missing = (element: number, text: string) =>
    report(
      'element-conditional-missing',
      { element, ref: definitions[element - 1]?.ref ?? '' },
      text,
      note.text,
    )
  const [first, ...others] = note.elements as [number, ...number[]]
  switch (note.kind) {
    case 'P': {
      const absent = note.elements.find((n) => !given(n))
      if (absent !== undefined && note.elements.some(given)) {
        missing(
          absent,
          `${names(note.elements)} go together: all or none; ${name(tag, absent)} is missing.`,
        )
      }
      break
    }
    case 'R':
      if (!note.elements.some(given))
        missing(first, `At least one of ${names(note.elements)} must be given.`)
      break
    case 'E': {
      const two = note.elements.filter(given)
      if (two.length > 1) {
        report(
          'element-excluded',
          { element: two[1]!, ref: definitions[two[1]! - 1]?.ref ?? '' },
          `Only one of ${names(note.elements)} may be given.`,
          note.text,
        )
      }
      break
    }
    case 'C': {
      const absent = others.find((n) => !given(n))
      if (given(first) && absent !== undefined) {
        missing(
          absent,
          `${name(tag, first)} needs ${names(others)} beside it; ${name(tag, absent)} is missing.`,
        )
      }
      break
    }
    case 'L':
      if (given(first) && !others.some(given)) {
        missing(others[0]!, `${name(tag, first)} needs at least one of ${names(others)} beside it.`)
      }
      break
    default:
      note.kind satisfies never
  }
}
