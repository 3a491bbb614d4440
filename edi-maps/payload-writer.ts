// Segments of a payload back to bytes: its interchanges may be of both standards, so each header chooses who writes what
// follows it.
import type { Issue } from './issue.js'
import type { SegmentLayout } from './layout.js'
import type { Segment, SegmentData } from './segment.js'
import type { SegmentWriter } from './standard.js'
import { syntaxOf } from './syntaxes.js'

const HEADERS: Readonly<Record<string, Segment['standard']>> = { ISA: 'x12', UNB: 'edifact' }
const TRAILERS: ReadonlySet<string> = new Set(['IEA', 'UNZ'])

export class PayloadWriter {
  private readonly writers = {
    x12: syntaxOf('x12').writer(),
    edifact: syntaxOf('edifact').writer(),
  } satisfies Record<Segment['standard'], SegmentWriter>
  private standard: Segment['standard'] = 'x12'
  private isInside = false

  /** Findings on what was written so far. */
  get issues(): readonly Issue[] {
    return [...this.writers.x12.issues, ...this.writers.edifact.issues]
  }

  /** Byte text of one segment, as a `SegmentWriter` gives it; without `standard` that is told by the tag. */
  write(data: SegmentData, layout?: SegmentLayout, standard?: Segment['standard']): string {
    this.standard = standard ?? this.standardOf(data[0], layout)
    return this.writers[this.standard].write(data, layout)
  }

  /**
   * A header of the other standard counts where no interchange is open, or where its layout says that it is one. What
   * begins without a header is of the standard whose tags look like that.
   */
  private standardOf(tag: string, layout: SegmentLayout | undefined): Segment['standard'] {
    const isOutside = !this.isInside || layout?.characters !== undefined
    const header = isOutside ? HEADERS[tag] : undefined
    if (header !== undefined) this.isInside = true
    if (TRAILERS.has(tag)) this.isInside = false
    return header ?? (isOutside && /^UN[A-Z]$/.test(tag) ? 'edifact' : this.standard)
  }
}
