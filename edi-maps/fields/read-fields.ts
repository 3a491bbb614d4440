// Reading all fields of a segment: each where one of its elements is given.
import type { LoadedField, ReadField } from '../field.js'
import { fromText } from '../own-code.js'

/** Elements that have a bit in `SegmentElements.given`. */
const MASKED = 31

/** Bits of elements as in `SegmentElements.given`, of those that have one. */
export const bitsOf = (elements: readonly number[]): number =>
  elements.reduce((bits, n) => (n > MASKED ? bits : bits | (1 << (n - 1))), 0)

/** Bits of the elements of which one must be given that a field is read; ALWAYS where that does not matter. */
const askedOf = ({ isAlwaysRead, takes }: LoadedField): number =>
  isAlwaysRead || takes.some((n) => n > MASKED) ? ALWAYS : bitsOf(takes)
const ALWAYS = 0

/** Reads all fields in turn; true when one of them gave a value. A call for each stands in the text: none is in a loop. */
export function inTurn(fields: readonly LoadedField[]): ReadField {
  const asks = fields.map(askedOf)
  const steps = asks.map((ask, n) => {
    const call = `read${n}(reading, node)`
    return `if (${ask === ALWAYS ? call : `(given & ${ask}) !== 0 && ${call}`}) any = true`
  })
  const text = `([${asks.map((_, n) => `read${n}`).join(', ')}]) => (reading, node) => {
    const { given } = reading.elements
    let any = false
    ${steps.join('\n')}
    return any
  }`
  const inLoop =
    (reads: readonly ReadField[]): ReadField =>
    (reading, node) => {
      const { given } = reading.elements
      let any = false
      for (const [n, read] of reads.entries()) {
        const ask = asks[n]!
        if ((ask === ALWAYS || (ask & given) !== 0) && read(reading, node)) any = true
      }
      return any
    }
  return fromText(text, inLoop)(fields.map(({ read }) => read))
}
