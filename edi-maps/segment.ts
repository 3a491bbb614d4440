// A segment as both syntaxes give it: tag and offsets into the block it was read from. Strings are made when asked
// for, so a caller that wants one element of every segment does not pay for the others.
import type { Delimiters } from './agreement.js'
import type { Issue } from './issue.js'
import type { SegmentLayout } from './layout.js'
import type { SegmentElements, TextRules } from './segment-elements.js'

/** `'3'` or `'03'` is element 3, `'3-2'` its component 2; counted from 1 as in the guides (BSN03 is `'3'`). */
export type Position = number | `${number}` | `${number}-${number}`

/** The control characters of one interchange, as byte text. `suffix` is what followed the first terminator. */
export type ServiceCharacters = Required<Pick<Delimiters, 'element' | 'component' | 'segment'>> &
  Omit<Delimiters, 'element' | 'component' | 'segment'>

/** An element to be written: text, or repetitions of components. */
export type ElementValue = string | readonly (readonly string[])[]

/** A segment to be written: tag, then elements from 1. */
export type SegmentData = readonly [tag: string, ...elements: ElementValue[]]

/**
 * One segment. All offsets are bytes in the input as it came. Values are unescaped text without the separators;
 * an absent or empty element is `''`.
 *
 * A tokenizer also gives *fillers*: segments with the tag `''` and no elements that carry bytes which are no
 * segment (what follows the last one, garbage between interchanges). So every byte of the input belongs to exactly
 * one segment: its gap `before`, or its own text.
 */
export interface Segment {
  /** Of the interchange it stands in; a filler has that of the interchange before it. */
  readonly standard: 'x12' | 'edifact'
  readonly tag: string
  /** A number for the tag (`tagKey`), to be compared and looked up without a string. */
  readonly tagKey: number
  /** First byte of the tag. */
  readonly offset: number
  /** One past the terminator (or past the last byte when it is missing). */
  readonly end: number
  /** Line of the tag, from 1. */
  readonly line: number
  /** Number of the segment in the input, from 1; a filler has the number of the segment after it. */
  readonly number: number
  /** Elements after the tag, trailing empty ones included. */
  readonly elementCount: number
  /** Bytes between the end of the segment before and this one, as byte text: line ends, blanks, byte order mark. */
  readonly before: string
  /** The service characters in force where it stands. */
  readonly characters: ServiceCharacters
  /** Findings of the byte level about this segment and the gap before it. */
  readonly issues: readonly Issue[]
  /** Text of an element (first repetition, separators of components still in it) or of one component of it. */
  get(at: Position): string
  /** Fills in the texts of all its elements, as `get` gives them; asked by `SegmentElements.read`. */
  elementsInto(elements: SegmentElements, rules: TextRules): void
  /** Text of one component; an element without component separators is its own component 1. */
  component(element: number, component: number, repetition?: number): string
  /** Text of an element as on the wire: separators of components and repetitions still in it. */
  raw(element: number): string
  /** Repetitions of an element, from 1 up; an empty element has 0. */
  repetitionCount(element: number): number
  /** Components of one repetition of an element, as text; an empty one has none. */
  components(element: number, repetition?: number): string[]
  /** Byte range of an element, or of one component of one repetition, without its separators. */
  range(element: number, component?: number, repetition?: number): { offset: number; end: number }
  /** What stands around and in it and is no data. */
  layout(): SegmentLayout
}
