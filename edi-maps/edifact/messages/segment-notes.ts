// UCS with its UCD as one item, and the flat list of errors an acknowledged message has.
import type { AckError, Acknowledged } from '../../canonical/functional-ack.js'
import type { View } from '../../map.js'

export const SCHEME = 'edifact-0085'
/** 0085: unspecified. Stands for a segment told without code and without elements. */
const UNSPECIFIED = '18'

/** A segment in error with the errors in its elements. Without `code` only its elements are. */
export interface SegmentNote {
  segmentIndex?: number
  code?: string
  elements: AckError[]
  extras?: Record<string, unknown>
}

/** An error about an element, or one whose place is only kept as text. */
const isElement = ({ element, extras }: AckError): boolean =>
  element !== undefined || extrasOf(extras)?.['UCD02-1'] !== undefined

const extrasOf = (extras: AckError['extras']) =>
  extras?.['edifact'] as Record<string, unknown> | undefined

export const segmentNotes: View<Acknowledged, SegmentNote> = {
  keepsExtras: true,
  split({ errors }) {
    const notes: SegmentNote[] = []
    for (const { segmentIndex, ...error } of errors) {
      if (segmentIndex === undefined || error.scheme !== SCHEME) continue
      const { code, extras } = error
      if (!isElement(error)) {
        const { UCS02, ...kept } = extrasOf(extras) ?? {}
        notes.push({
          segmentIndex,
          // Without code the element is not there, not even its separator.
          ...(UCS02 === '' ? { extras: { ...extras, edifact: kept } } : { code }),
          elements: [],
          ...(extras === undefined || UCS02 === '' ? {} : { extras }),
        })
        continue
      }
      const last = notes.at(-1)
      if (last?.segmentIndex === segmentIndex) last.elements.push(error)
      else notes.push({ segmentIndex, elements: [error] })
    }
    return notes
  },
  join({ errors }, { segmentIndex, code, elements, extras }) {
    const place = segmentIndex === undefined ? {} : { segmentIndex }
    if (code !== undefined || elements.length === 0) {
      errors.push({
        code: code ?? UNSPECIFIED,
        scheme: SCHEME,
        ...place,
        ...(code === undefined
          ? { extras: { ...extras, edifact: { ...extrasOf(extras), UCS02: '' } } }
          : extras === undefined
            ? {}
            : { extras }),
      })
    }
    for (const element of elements) errors.push({ ...element, ...place })
    return true
  },
}
