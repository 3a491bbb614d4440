// Layout: what stands in an interchange and is not data. Segments with their layout are written back byte for byte;
// without it they are written in the one normal form.
import type { ElementValue, Segment, SegmentData, ServiceCharacters } from './segment.js'

export interface SegmentLayout {
  /** Bytes before the segment, as byte text: line ends, blanks, byte order mark, garbage. */
  readonly before?: string
  /** Line breaks that wrap the input: element (0 = the tag), bytes into it, the break. */
  readonly breaks?: readonly (readonly [element: number, at: number, bytes: string])[]
  /** Values that are ISO 8859-1 while others are UTF-8. */
  readonly latin1?: readonly (readonly [element: number, repetition: number, component: number])[]
  /** Values whose release characters stand where the normal form has none: the value as it came. */
  readonly escaped?: readonly (readonly [
    element: number,
    repetition: number,
    component: number,
    text: string,
  ])[]
  /** The terminator is missing. */
  readonly unterminated?: true
  /** Of an ISA: it has not its fixed width. */
  readonly irregular?: true
  /** Of a header: the service characters it sets. */
  readonly characters?: ServiceCharacters
}

/** Elements as repetitions of components, trailing empty ones included; an empty element is `[]`. */
export function elementsOf(segment: Segment): string[][][] {
  return Array.from({ length: segment.elementCount }, (_, e) =>
    Array.from({ length: segment.repetitionCount(e + 1) }, (_, r) =>
      segment.components(e + 1, r + 1),
    ),
  )
}

/** A segment as data to be written. */
export const dataOf = (segment: Segment): SegmentData => [segment.tag, ...elementsOf(segment)]

/** Whether a tokenizer gave bytes that are no segment. */
export const isFiller = (segment: Segment): boolean =>
  segment.tag === '' && segment.elementCount === 0

/** Repetitions of components of an element to be written. */
export const repetitionsOf = (value: ElementValue): readonly (readonly string[])[] =>
  typeof value === 'string' ? (value === '' ? [] : [[value]]) : value
