// A finding for people who know no EDI: what is wrong, which value it is, where it stands, and what is to be done.
import type { Issue, Severity } from '../issue.js'
import { dictionaryFor } from '../maps.js'
import { elementName, segmentName } from '../names.js'
import type { Segment } from '../segment.js'
import { findingWords } from './finding-words.js'
import { facts, joined, type Fact } from './page.js'

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

/** `segments` are those of the document the finding is about, none for one about the envelope. */
export function findingNote(
  issue: Issue,
  standard: 'x12' | 'edifact',
  version: string | undefined,
  segments: readonly Segment[],
): FindingNote {
  const { severity, code, text, tag, element, component, value, expected } = issue
  const [what, todo] = findingWords(issue)
  const at = segments.find(({ offset, end }) => issue.offset >= offset && issue.offset < end)
  const name =
    tag === undefined || element === undefined
      ? undefined
      : nameOf(standard, dictionaryFor(standard, version), tag, element, component)
  const excerpt = at === undefined ? undefined : excerptOf(at, issue)
  return {
    severity,
    code,
    what,
    text,
    facts: facts([
      [
        'It is about',
        name ?? (code === 'segment-missing' ? segmentText(standard, tag) : undefined),
      ],
      ['It says', value === undefined ? undefined : `“${value}”`],
      ['Expected', expected !== undefined && RULE.test(expected) ? undefined : expected],
      ['Where', placeText(issue, standard, at)],
      ['What to do', todo],
    ]),
    ...(excerpt === undefined ? {} : { excerpt }),
  }
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
    line === 0 ? undefined : `${isMissing ? 'before ' : ''}line ${line}`,
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
