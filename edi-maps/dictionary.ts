// What reading and writing ask of a standard's dictionary: which segments and elements there are and what each
// element may hold. X12 answers from x12/dictionary, EDIFACT from its directories.
import type { Issue } from './issue.js'
import type { Segment } from './segment.js'

export interface Dictionary {
  /** Whether the standard has a segment of this tag, in whatever set. */
  knows(tag: string): boolean
  /** Whether an element is divided into components (or may be repeated). */
  isComposite(tag: string, element: number): boolean
  /** Reference number of the data element, e.g. `355`. */
  elementRef(tag: string, element: number): string | undefined
  /** The check of a segment's elements; undefined for a tag the standard does not know. Asked once per place in a map. */
  checkOf(tag: string): ElementCheck | undefined
}

/**
 * Adds what is wrong with the elements of a segment: missing, too long, wrong characters, no such date, a code that a
 * complete list does not have. `elements` are its texts from 1; `standing` is asked only when there is a finding.
 */
export type ElementCheck = (
  segment: Segment,
  elements: readonly string[],
  standing: () => { readonly segmentIndex: number; readonly loop?: string },
  issues: Issue[],
) => void
