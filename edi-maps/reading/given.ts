// Which elements are given, as bits.

/** How many bits a number has for such things: elements that have one in `SegmentElements.given`. */
export const MASKED = 31

/** Bits of elements as in `SegmentElements.given`, of those that have one. */
export const bitsOf = (elements: readonly number[]): number =>
  elements.reduce((bits, n) => (n > MASKED ? bits : bits | (1 << (n - 1))), 0)
