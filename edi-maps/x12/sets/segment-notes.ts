// AK3 with its AK4 (IK3 with its IK4) as one item, and the flat list of errors an acknowledged transaction has.
import type { AckContext, AckError, Acknowledged } from '../../canonical/functional-ack.js'
import type { View } from '../../map.js'

/** A segment in error with the errors in its elements. Without `code` only its elements are. */
export interface SegmentNote {
  tag?: string
  segmentIndex?: number
  loop?: string
  code?: string
  elements: AckError[]
  contexts?: AckContext[]
  extras?: Record<string, unknown>
}

/** Names of the code lists of one acknowledgement set. */
export interface Schemes {
  readonly transaction: string
  readonly segment: string
  readonly element: string
  /** Element that holds the code of a segment's error, `AK304`. */
  readonly segmentCode: string
}

/** 720 and 620: the segment has errors in its elements. */
const HAS_ELEMENT_ERRORS = '8'

export const segmentNotes = (schemes: Schemes): View<Acknowledged, SegmentNote> => ({
  keepsExtras: true,
  split({ errors }) {
    const notes: SegmentNote[] = []
    for (const error of errors) {
      const { code, scheme, tag, segmentIndex, loop, extras, ...element } = error
      if (scheme === schemes.segment) {
        const x12 = extras?.['x12'] as Record<string, unknown> | undefined
        const { [schemes.segmentCode]: sent, ...kept } = x12 ?? {}
        notes.push({
          ...place(error),
          // Without code the element is not there, not even its separator.
          ...(sent === '' ? { extras: { ...extras, x12: kept } } : { code }),
          elements: [],
          ...(error.contexts === undefined ? {} : { contexts: error.contexts }),
          ...(extras === undefined || sent === '' ? {} : { extras }),
        })
      } else if (scheme === schemes.element) {
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
    const { code, contexts, extras, elements } = note
    errors.push({
      code: code ?? HAS_ELEMENT_ERRORS,
      scheme: schemes.segment,
      ...place(note),
      ...(contexts === undefined ? {} : { contexts }),
      ...noCode(code, extras, schemes),
    })
    for (const element of elements) errors.push({ ...element, ...place(note) })
    return true
  },
})

type Place = Pick<AckError, 'tag' | 'segmentIndex' | 'loop'>

const place = (of: { [K in keyof Place]?: Place[K] | undefined }): Place => ({
  ...(of.tag === undefined ? {} : { tag: of.tag }),
  ...(of.segmentIndex === undefined ? {} : { segmentIndex: of.segmentIndex }),
  ...(of.loop === undefined ? {} : { loop: of.loop }),
})

/** The extras of a segment's error; a code that was left out is remembered, as the error itself needs a code. */
function noCode(
  code: string | undefined,
  extras: Record<string, unknown> | undefined,
  { segmentCode }: Schemes,
): { extras?: Record<string, unknown> } {
  if (code !== undefined) return extras === undefined ? {} : { extras }
  const x12 = extras?.['x12'] as Record<string, unknown> | undefined
  return { extras: { ...extras, x12: { ...x12, [segmentCode]: '' } } }
}
