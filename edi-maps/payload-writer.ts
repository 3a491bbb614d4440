// Segments of a payload back to bytes. Its interchanges may be of both standards, each with service characters of its own.
import type { Issue } from './issue.js'
import type { SegmentLayout } from './layout.js'
import type { Segment, SegmentData } from './segment.js'
import { syntaxOf } from './syntaxes.js'

export class PayloadWriter {
  private readonly writers = {
    x12: syntaxOf('x12').writer(),
    edifact: syntaxOf('edifact').writer(),
  }

  /** Findings on what was written so far. */
  get issues(): readonly Issue[] {
    return [...this.writers.x12.issues, ...this.writers.edifact.issues]
  }

  /** Byte text of one segment, as a `SegmentWriter` gives it. */
  write(standard: Segment['standard'], data: SegmentData, layout?: SegmentLayout): string {
    return this.writers[standard].write(data, layout)
  }
}
