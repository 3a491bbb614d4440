// What reading and writing ask of a standard's dictionary: which segments and elements there are and what each
// element may hold. X12 answers from x12/dictionary, EDIFACT from its directories.
import type { CodeList } from './code-list.js'
import type { Issue } from './issue.js'
import type { SegmentElements, TextRules } from './segment-elements.js'

/** What the standard says of an element or component. Lengths are in characters; `list` are its codes. */
export interface ElementFacts {
  readonly ref: string
  readonly type: 'text' | 'decimal' | 'implied' | 'date' | 'time' | 'binary'
  /** Of type `implied`: how many decimals. */
  readonly decimals?: number
  readonly min: number
  readonly max: number
  readonly isMandatory: boolean
  readonly list?: CodeList
}

export interface Dictionary {
  /** Whether the standard has a segment of this tag, in whatever set. */
  knows(tag: string): boolean
  /** Whether an element is divided into components (or may be repeated). */
  isComposite(tag: string, element: number): boolean
  /** Reference number of the data element, e.g. `355`. */
  elementRef(tag: string, element: number): string | undefined
  /** Facts of an element, or with a component (from 1) of that; undefined where there is none. */
  facts(tag: string, element: number, component?: number): ElementFacts | undefined
  /**
   * By character code, those beyond ASCII at 128, 1 where an interchange of that version may have it; undefined where no
   * more is asked than that it is printed.
   */
  allowedIn?(version: string): Uint8Array | undefined
  /** The check of a segment's elements; undefined for a tag the standard does not know. Asked once per place in a map. */
  checkOf(tag: string): ElementCheck | undefined
}

export interface ElementCheck {
  /** What the elements are to be read with. */
  readonly rules?: TextRules
  /**
   * Adds what is wrong with the elements of a segment: missing, too long, wrong characters, no such date, a code that a
   * complete list does not have. `standing` is asked only when there is a finding.
   */
  tell(elements: SegmentElements, standing: () => Standing, issues: Issue[]): void
}

/** Where a segment stands: its number in the input and in the transaction (ST = 1), and its loop. */
export interface Standing {
  readonly segment?: number
  readonly segmentIndex: number
  readonly loop?: string
}
