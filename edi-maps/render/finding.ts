// A finding for people who know no EDI: what is wrong, which value it is, where it stands, and what is to be done.
import type { Issue, Severity } from '../issue.js'
import { acknowledgedWords } from '../acknowledged-words.js'
import { difference, rounded } from '../decimal.js'
import { dictionaryFor } from '../maps.js'
import { elementName, segmentName } from '../names.js'
import type { ReadTrace } from '../read.js'
import type { Segment } from '../segment.js'
import { segmentAt } from '../segment-at.js'
import { findingWords } from './finding-words.js'
import { isNumber } from './number-text.js'
import { facts, joined, type Fact } from './page.js'
import type { Subjects } from './subject.js'
import { lowered } from './wording.js'

export interface FindingNote {
  readonly severity: Severity
  /** Of the closed list, for who wants to look it up. */
  readonly code: Issue['code']
  /** A few words. */
  readonly what: string
  /** The finding's own sentence. */
  readonly text: string
  /** What is said and expected, where it stands, and what is to be done. */
  readonly facts: readonly Fact[]
  /** The segment it is in, as sent; `value` is the part that is wrong, empty where something is missing. */
  readonly excerpt?: { readonly before: string; readonly value: string; readonly after: string }
}

/** Where the finding was made: the segments of its document, none for one about the envelope, and what was read of it. */
export interface FindingPlace {
  readonly standard: 'x12' | 'edifact'
  readonly version?: string
  readonly segments: readonly Segment[]
  readonly trace?: ReadTrace
  /** Of what was read. */
  readonly subjects?: Subjects
  readonly isRefused?: boolean
}

export function findingNote(found: Issue, place: FindingPlace): FindingNote {
  const { standard, version, segments } = place
  const { severity, code, text } = found
  const [what, todo] = findingWords(found, place.isRefused)
  const at = segmentAt(segments, found.offset)
  const issue = at === undefined ? found : narrowed(found, at)
  const { tag, element, component, value } = issue
  const dictionary = dictionaryFor(standard, version)
  const name =
    tag === undefined || element === undefined
      ? undefined
      : nameOf(standard, dictionary, tag, element, component)
  const missing = code === 'segment-missing' ? segmentText(standard, tag) : undefined
  const subject = subjectIn(place, found)
  const excerpt = at === undefined ? undefined : excerptOf(at, issue)
  return {
    severity,
    code,
    what:
      subject === undefined ? what : `${what}: ${joined([name && lowered(name), subject], ' of ')}`,
    text,
    facts: facts([
      ['It is about', missing ?? (subject === undefined ? name : undefined)],
      ['It says', value === undefined ? undefined : `“${value}”`],
      ['Expected', expectedText(issue, place)],
      ['Difference', differenceText(issue)],
      ['Where', placeText(issue, standard, at)],
      ['What to do', todo],
      ['Acknowledgement', acknowledgedWords(issue, standard === 'x12' ? '997' : 'contrl')],
    ]),
    ...(excerpt === undefined ? {} : { excerpt }),
  }
}

function subjectIn({ trace, subjects }: FindingPlace, { segmentIndex }: Issue): string | undefined {
  if (trace === undefined || segmentIndex === undefined) return undefined
  // A missing segment is missed of what stands before it.
  const step = stepBefore(trace, segmentIndex)
  return step === undefined ? undefined : subjects?.of(step.node)
}

/** The last step up to a segment: they stand in the order of the segments. */
function stepBefore({ steps }: ReadTrace, segmentIndex: number): ReadTrace['steps'][0] | undefined {
  let [low, high] = [0, steps.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (steps[middle]!.segmentIndex <= segmentIndex) low = middle + 1
    else high = middle
  }
  return steps[low - 1]
}

/** EDIFACT: of a composite with a qualifier the number that is none, not all of it. */
function narrowed(issue: Issue, segment: Segment): Issue {
  const { code, element, component, repetition = 1, tag } = issue
  if (code !== 'number-invalid' || element === undefined || component !== undefined) return issue
  if (tag !== segment.tag) return issue
  const texts = segment.components(element, repetition)
  const at = texts.findIndex((text, n) => n > 0 && text !== '' && !NUMBER.test(text))
  const value = texts[at]
  if (value === undefined) return issue
  return { ...issue, ...segment.range(element, at + 1), component: at + 1, value }
}

const NUMBER = /^-?\d+(?:[.,]\d+)?$/

/** All codes of a list that is complete with what they mean; what else the finding says. */
function expectedText(issue: Issue, place: FindingPlace): string | undefined {
  const { code, expected, tag, element, component } = issue
  const { standard, version } = place
  if (expected !== undefined && RULE.test(expected)) return undefined
  if (code === 'number-invalid') return expected ?? 'a number, as 12 or 12.5'
  if (code === 'hierarchy-parent-unknown') return expected ?? levelsBefore(issue, place)
  if (code !== 'code-invalid' || tag === undefined || element === undefined) return expected
  const list = dictionaryFor(standard, version).facts(tag, element, component)?.list
  if (list?.closed !== true || list.codes.length > MANY) return expected
  return joined(
    [...list.codes].sort().map((one) => `${one} (${list.meaning(one) ?? ''})`),
    ', ',
  )
}

/** More codes than these are not all explained, and no more of the levels before. */
const MANY = 24

/** `1 (shipment), 2 (order PO-1)`: the levels that stand before the finding. */
function levelsBefore(
  { segmentIndex = 0, tag }: Issue,
  { standard, segments, trace, subjects }: FindingPlace,
): string | undefined {
  const kinds = standard === 'x12' ? dictionaryFor(standard).facts('HL', 3)?.list : undefined
  const before = segments
    .slice(0, segmentIndex - 1)
    .map((segment, n) => ({ segment, index: n + 1 }))
    .filter(({ segment }) => segment.tag === tag)
  const levels = before.slice(-MANY).map(({ segment, index }) => {
    const step = trace === undefined ? undefined : stepBefore(trace, index)
    const subject = step?.segmentIndex === index ? subjects?.of(step.node) : undefined
    const kind = kinds?.meaning(segment.get(3))
    const words = subject ?? kind
    return `${segment.get(1)}${words === undefined ? '' : ` (${words})`}`
  })
  return levels.length === 0 ? undefined : joined([before.length > MANY ? '…' : '', ...levels])
}

/** Of amounts and counts: what is said less what was expected. */
function differenceText({ code, value, expected }: Issue): string | undefined {
  if (code !== 'amount-mismatch' && code !== 'total-mismatch') return undefined
  if (value === undefined || expected === undefined) return undefined
  const said = value.replace(',', '.')
  if (!isNumber(said) || !isNumber(expected)) return undefined
  const [, fraction = ''] = expected.split('.')
  return rounded(difference(said, expected), fraction.length)
}

/** A composite is called by its first component. */
const nameOf = (
  ...[standard, dictionary, tag, element, component]: Parameters<typeof elementName>
) =>
  elementName(standard, dictionary, tag, element, component) ??
  elementName(standard, dictionary, tag, element, 1)

/** A syntax note of X12 as its guides write it (`P0102`); the finding's own sentence says it in words. */
const RULE = /^[PRECL](?:\d\d){2,}$/

const segmentText = (standard: 'x12' | 'edifact', tag: string | undefined): string | undefined => {
  const name = tag === undefined ? undefined : segmentName(standard, tag)
  return name === undefined ? tag : `${tag} “${name}”`
}

/** `line 16, segment SN1 “Quantity shipped of an article”, element 2 (bytes 446 to 451)`. */
function placeText(issue: Issue, standard: 'x12' | 'edifact', at: Segment | undefined): string {
  const { code, line, offset, end, element, component, repetition, path } = issue
  const isMissing = code === 'segment-missing'
  const segment = segmentText(standard, isMissing ? at?.tag : issue.tag)
  const place = joined([
    line === 0 ? undefined : `${isMissing ? 'before ' : ''}line ${line} of the file`,
    segment === undefined ? undefined : `segment ${segment}`,
    element === undefined ? undefined : `element ${element}`,
    component === undefined ? undefined : `component ${component}`,
    repetition === undefined || repetition === 1 ? undefined : `repetition ${repetition}`,
    path,
  ])
  if (line === 0) return place
  const bytes = end > offset + 1 ? `bytes ${offset} to ${end - 1}` : `byte ${offset}`
  return `${place} (${bytes})`
}

/** More of a segment than this is not shown around what is wrong. */
const MOST = 60

function excerptOf(segment: Segment, issue: Issue): FindingNote['excerpt'] {
  const { tag, elementCount, characters } = segment
  const isOther = issue.tag !== undefined && issue.tag !== tag
  if (issue.element === undefined || isOther) return undefined
  const count = Math.max(elementCount, issue.element)
  const texts = Array.from({ length: count }, (_, n) => segment.raw(n + 1))
  const at = issue.element - 1
  const text = texts[at] ?? ''
  const { from, to } = partIn(text, segment, issue)
  const separator = characters.element
  const before = [tag, ...texts.slice(0, at), text.slice(0, from)].join(separator)
  const after = [text.slice(to), ...texts.slice(at + 1)].join(separator)
  return {
    before: before.length > MOST ? `…${before.slice(-MOST)}` : before,
    value: shortened(text.slice(from, to)),
    after: shortened(after),
  }
}

/** Where in the text of an element the finding is; all of it where bytes are not characters. */
function partIn(text: string, segment: Segment, issue: Issue): { from: number; to: number } {
  const { offset, end } = segment.range(issue.element ?? 0)
  const isInside = issue.offset >= offset && issue.end <= end && end - offset === text.length
  return isInside && issue.end > issue.offset
    ? { from: issue.offset - offset, to: issue.end - offset }
    : { from: 0, to: text.length }
}

const shortened = (text: string) => (text.length > MOST ? `${text.slice(0, MOST)}…` : text)
