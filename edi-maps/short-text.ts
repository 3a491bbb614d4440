// Texts of up to three letters as strings that are made once: tags and qualifiers, of which the same few come millions
// of times, and a string that was looked up before is found again without being hashed. For texts cut out of a string
// that is there already it does not pay: cutting is quicker (measured, 5 to 9 %).

/** Longest text kept. */
export const SHORT = 3

const SIZE = 1024
/** Bytes and length of the text at the same place. */
const keys = new Int32Array(SIZE)
const texts = new Array<string>(SIZE).fill('')

/** Byte text of `bytes[from, to)`, which are at most SHORT. */
export function shortText(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from
  if (length < 1) return ''
  const first = bytes[from]!
  if (length === 1) return String.fromCharCode(first)
  const second = bytes[from + 1]!
  const third = length === 2 ? 0 : bytes[from + 2]!
  // With its length: two letters are not the two letters and a NUL.
  const key = (length << 24) | (third << 16) | (second << 8) | first
  const place = (key ^ (key >> 5) ^ (key >> 11)) & (SIZE - 1)
  if (keys[place] !== key) {
    keys[place] = key
    texts[place] =
      length === 2 ? String.fromCharCode(first, second) : String.fromCharCode(first, second, third)
  }
  return texts[place]!
}
