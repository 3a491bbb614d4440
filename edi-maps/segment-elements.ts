// The elements of the segment at hand as text, with what a check asks of every one of them. One object is used for all
// segments that are read one after the other: nothing is made anew but texts.
import type { Segment } from './segment.js'

/** Kinds of characters; bits. */
export const DIGIT = 1
export const POINT = 2
/** Letters and the blank. */
export const LETTER = 4
/** Every other character of ASCII that is printed. */
export const MARK = 8
const CONTROL = 16
/** Not ASCII. */
export const HIGH = 32
export const PRINTED = DIGIT | POINT | LETTER | MARK

/** The kind of a byte. */
export const KINDS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return HIGH
  if (byte < 0x20 || byte === 0x7f) return CONTROL
  if (byte >= 0x30 && byte <= 0x39) return DIGIT
  if (byte === 0x2e) return POINT
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
  return isLetter || byte === 0x20 ? LETTER : MARK
})

/**
 * What the texts of a segment are held against while they are read. For each element three numbers: kinds of characters
 * it may not have, least and greatest length.
 */
export type TextRules = Int32Array
const NO_RULES: TextRules = new Int32Array(0)

/** More elements than any segment of a standard has; what has more is seldom and wrong. */
const USUAL = 40
const NO_TEXTS = Array.from({ length: USUAL + 1 }, () => '')

export class SegmentElements {
  segment!: Segment
  /** How many elements there are. */
  count = 0
  /** Bit n - 1: element n is not empty. Only of the first 31 elements. */
  given = 0
  /** There are characters like the separator of repetitions. */
  mayRepeat = false
  /** Some text breaks the rules it was read with, or there is none for it. */
  isDoubtful = false
  /** Characters the texts are held to until one is found that is not among them (`Dictionary.allowedIn`). */
  allowed: Uint8Array | undefined = undefined
  /** By element, from 1; '' where there is none. */
  readonly texts: string[] = [...NO_TEXTS]
  /** One past the last text that is not '' for sure. */
  private filled = 1
  /** Components of the elements asked for so far. */
  private readonly divided: (readonly string[] | undefined)[] = []
  private isDivided = false

  /** Takes the elements of a segment. */
  read(segment: Segment, rules: TextRules = NO_RULES): this {
    this.segment = segment
    if (this.isDivided) {
      this.divided.length = 0
      this.isDivided = false
    }
    segment.elementsInto(this, rules)
    const { texts, count, filled } = this
    for (let n = count + 1; n < filled; n++) texts[n] = ''
    this.filled = count + 1
    return this
  }

  /** Text of an element, or of one of its components; component 0 is the whole element. */
  at(element: number, component: number): string {
    return component === 0 ? (this.texts[element] ?? '') : this.component(element, component)
  }

  component(element: number, component: number): string {
    return this.components(element)[component - 1] ?? ''
  }

  /** Components of an element (of its first repetition). */
  components(element: number): readonly string[] {
    this.isDivided = true
    return (this.divided[element] ??= this.segment.components(element))
  }

  /** Puts another text in the place of that of an element, or of one of its components. */
  replace(element: number, component: number, text: string): void {
    if (component > 0) {
      const components = [...this.components(element)]
      while (components.length < component) components.push('')
      components[component - 1] = text
      this.divided[element] = components
    } else if (element <= this.count) {
      this.texts[element] = text
      const bit = 1 << (element - 1)
      this.given = text === '' ? this.given & ~bit : this.given | bit
    }
  }
}
