// Tags as strings that are made once: the same few come millions of times, and a string that was looked up before is
// found again without being hashed.

const SIZE = 1024
const keys = new Int32Array(SIZE)
const texts = new Array<string>(SIZE).fill('')

/** The tag at `bytes[from, to)`, which in `text` stands at the same place. */
export function tagText(bytes: Uint8Array, text: string, from: number, to: number): string {
  const length = to - from
  if (length < 2 || length > 3) return text.slice(from, to)
  // With its length: a NUL and two letters are not the two letters.
  let key = (length << 24) | (bytes[from]! << 8) | bytes[from + 1]!
  if (length === 3) key |= bytes[from + 2]! << 16
  const place = (key ^ (key >> 6) ^ (key >> 13)) & (SIZE - 1)
  if (keys[place] !== key) {
    keys[place] = key
    texts[place] = text.slice(from, to)
  }
  return texts[place]!
}
