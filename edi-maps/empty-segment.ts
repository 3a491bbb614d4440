// A segment that says nothing: its tag, and separators perhaps.
import type { Standing } from './dictionary.js'
import { finding, type Issue } from './issue.js'
import type { Segment } from './segment.js'

/** Whether none of its elements has a text. */
export function isEmpty(segment: Segment): boolean {
  for (let n = 1; n <= segment.elementCount; n++) if (segment.raw(n) !== '') return false
  return true
}

export const emptySegment = (
  standard: 'x12' | 'edifact',
  { tag, offset, end, line }: Segment,
  standing: Standing,
): Issue =>
  finding(standard, 'segment-empty', { offset, end, line }, `${tag} has no data.`, {
    ...standing,
    tag,
    expected: 'at least one element, or no segment',
  })
