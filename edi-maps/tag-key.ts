// Tags as numbers: they are compared and looked up without making a string.

/** A number for a tag of two or three bytes; 0 for any other. */
export function tagKey(bytes: Uint8Array, from: number, to: number): number {
  const length = to - from
  if (length < 2 || length > 3) return 0
  // With its length: a NUL and two letters are not the two letters.
  const key = (length << 24) | (bytes[from]! << 8) | bytes[from + 1]!
  return length === 3 ? key | (bytes[from + 2]! << 16) : key
}

const placeOf = (key: number): number => key ^ (key >> 6) ^ (key >> 13)

/** Numbers from 0 for some tags, found by their keys. */
export class TagNumbers {
  private readonly numbers = new Map<string, number>()
  private keys = new Int32Array(32)
  private found = new Int16Array(32)

  get size(): number {
    return this.numbers.size
  }

  /** Gives a tag a number, or the one it has. */
  add(tag: string): number {
    const known = this.numbers.get(tag)
    if (known !== undefined) return known
    const number = this.numbers.size
    this.numbers.set(tag, number)
    if (2 * this.numbers.size > this.keys.length) this.grow()
    else this.put(tag, number)
    return number
  }

  /** The number of the tag with that key; -1 when it has none. */
  get(key: number): number {
    const { keys } = this
    const mask = keys.length - 1
    for (let place = placeOf(key) & mask; keys[place] !== 0; place = (place + 1) & mask) {
      if (keys[place] === key) return this.found[place]!
    }
    return -1
  }

  private put(tag: string, number: number): void {
    const bytes = Uint8Array.from(tag, (character) => character.charCodeAt(0))
    const key = tagKey(bytes, 0, bytes.length)
    if (key === 0) throw new Error(`not a tag: ${tag}`)
    const mask = this.keys.length - 1
    let place = placeOf(key) & mask
    while (this.keys[place] !== 0) place = (place + 1) & mask
    this.keys[place] = key
    this.found[place] = number
  }

  private grow(): void {
    this.keys = new Int32Array(2 * this.keys.length)
    this.found = new Int16Array(this.keys.length)
    for (const [tag, number] of this.numbers) this.put(tag, number)
  }
}
