// Short texts of elements that are made once: codes, units and small numbers come millions of times. Cutting one out of its
// block is as quick, but it takes memory each time, and a text that was looked up before is not hashed again.

/** Bytes of the longest text that is kept. */
export const COMMON = 4

const SIZE = 1024
const keys = new Int32Array(SIZE)
const texts = new Array<string>(SIZE).fill('')

/**
 * `text.slice(from, to)` of 1 to COMMON bytes that are ASCII. `key` is these bytes, the first highest; with leading NULs
 * it is that of a shorter text too, so the length is compared as well.
 */
export function commonText(key: number, text: string, from: number, to: number): string {
  const place = (Math.imul(key, 0x9e3779b1) >>> 22) & (SIZE - 1)
  const known = texts[place]!
  if (keys[place] === key && known.length === to - from) return known
  keys[place] = key
  return (texts[place] = text.slice(from, to))
}
