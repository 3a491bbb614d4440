// AK3 with its AK4 as one item, and the flat list of errors an acknowledged transaction has.
import type { AckError, Acknowledged } from '../../canonical/functional-ack.js'
import type { View } from '../../map.js'

/** A segment in error with the errors in its elements. Without `code` only its elements are. */
export interface SegmentNote {
  tag?: string
  segmentIndex?: number
  loop?: string
  code?: string
  elements: AckError[]
  extras?: Record<string, unknown>
}

const SEGMENT = 'x12-720'
const ELEMENT = 'x12-723'
/** 720: the segment has errors in its elements. */
const HAS_ELEMENT_ERRORS = '8'

export const segmentNotes: View<Acknowledged, SegmentNote> = {
  keepsExtras: true,
  split({ errors }) {
    const notes: SegmentNote[] = []
    for (const error of errors) {
      const { code, scheme, tag, segmentIndex, loop, extras, ...element } = error
      if (scheme === SEGMENT) {
        const x12 = extras?.['x12'] as Record<string, unknown> | undefined
        notes.push({
          ...place(error),
          ...(x12?.['AK304'] === '' ? {} : { code }),
          elements: [],
          ...(extras === undefined ? {} : { extras }),
        })
      } else if (scheme === ELEMENT) {
        let note = notes.at(-1)
        if (note === undefined || note.tag !== tag || note.segmentIndex !== segmentIndex) {
          note = { ...place({ tag, segmentIndex, loop }), code: HAS_ELEMENT_ERRORS, elements: [] }
          notes.push(note)
        }
        note.elements.push({
          code,
          scheme,
          ...element,
          ...(extras === undefined ? {} : { extras }),
        })
      }
    }
    return notes
  },
  join({ errors }, note) {
    const { code, extras, elements } = note
    errors.push({
      code: code ?? HAS_ELEMENT_ERRORS,
      scheme: SEGMENT,
      ...place(note),
      ...noCode(code, extras),
    })
    for (const element of elements) errors.push({ ...element, ...place(note) })
    return true
  },
}

type Place = Pick<AckError, 'tag' | 'segmentIndex' | 'loop'>

const place = (of: { [K in keyof Place]?: Place[K] | undefined }): Place => ({
  ...(of.tag === undefined ? {} : { tag: of.tag }),
  ...(of.segmentIndex === undefined ? {} : { segmentIndex: of.segmentIndex }),
  ...(of.loop === undefined ? {} : { loop: of.loop }),
})

/** The extras of a segment's error; an AK304 that was left out is remembered, as the error itself needs a code. */
function noCode(
  code: string | undefined,
  extras: Record<string, unknown> | undefined,
): { extras?: Record<string, unknown> } {
  if (code !== undefined) return extras === undefined ? {} : { extras }
  const x12 = extras?.['x12'] as Record<string, unknown> | undefined
  return { extras: { ...extras, x12: { ...x12, AK304: '' } } }
}
