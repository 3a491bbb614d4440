// Tags as strings that are made once: the same few come millions of times, and a string that was looked up before is
// found again without being hashed.
import { byteText } from './charset.js'

const SIZE = 1024
const keys = new Int32Array(SIZE)
const texts = new Array<string>(SIZE).fill('')

/** Byte text of the tag at `bytes[from, to)`. */
export function tagText(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from
  if (length < 2 || length > 3) return byteText(bytes, from, to)
  // With its length: a NUL and two letters are not the two letters.
  let key = (length << 24) | (bytes[from]! << 8) | bytes[from + 1]!
  if (length === 3) key |= bytes[from + 2]! << 16
  const place = (key ^ (key >> 6) ^ (key >> 13)) & (SIZE - 1)
  if (keys[place] !== key) {
    keys[place] = key
    texts[place] = byteText(bytes, from, to)
  }
  return texts[place]!
}
