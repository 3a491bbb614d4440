// BER reader for what is too large to hold: elements are entered and left while the bytes go by, octet strings come
// out as a stream. Depth and the size of whatever is gathered are bounded.
import type { ByteSource } from '../bytes.js'
import { Malformed } from '../failure.js'
import { MAX_DEPTH } from './tree.js'
import { isConstructed, TAG, tagName } from './tags.js'

interface Frame {
  /** Position one past the content; undefined while the length is indefinite. */
  readonly end: number | undefined
  /** The nearest known end of this or an outer element. */
  readonly limit: number
}

/** Small segments are joined to at least this many bytes, so that one-byte segments do not multiply the work. */
const JOIN = 64 * 1024

/** A string of very many tiny segments is an attack on our time, not an encoder's choice (real ones use ≥ 1000). */
const MANY_SEGMENTS = 10_000
const MIN_MEAN_SEGMENT = 64

/** Reads one BER structure from front to back. All methods throw Malformed on wrong bytes. */
export class BerStream {
  readonly #source: ByteSource
  readonly #open: Frame[] = []

  constructor(source: ByteSource) {
    this.#source = source
  }

  /** Tag of the next element inside the innermost open one; undefined when that is at its end. */
  async peek(): Promise<number | undefined> {
    const frame = this.#open.at(-1)
    if (frame?.end !== undefined && this.#source.position >= frame.end) return undefined
    const tag = await this.#source.peek()
    if (tag === undefined && frame === undefined) return undefined
    if (tag === undefined || this.#source.position >= this.#limit())
      throw this.#bad('ends too early')
    return tag === 0 && frame !== undefined && frame.end === undefined ? undefined : tag
  }

  /** Enters the next element, which must be constructed and have `tag`. */
  async enter(tag: number, what: string): Promise<void> {
    await this.#expect(tag, what)
    this.#push(await this.#header())
  }

  /** Leaves the innermost open element, which must be at its end. */
  async leave(what: string): Promise<void> {
    if ((await this.peek()) !== undefined) throw this.#bad(`more than expected in ${what}`)
    const frame = this.#open.pop()
    if (frame !== undefined && frame.end === undefined) {
      const end = await this.#source.take(2)
      if (end[0] !== 0 || end[1] !== 0) throw this.#bad('end-of-contents expected')
    }
  }

  /** The next element whole, as it came, at most `max` bytes. */
  async element(max: number, what: string): Promise<Buffer> {
    const parts: Buffer[] = []
    await this.#gather(parts, { left: max }, this.#open.length, what)
    return Buffer.concat(parts)
  }

  /**
   * Contents of the next element, an octet string under `tag` (its primitive form; the constructed one is accepted
   * too), joined over all segments. Must be read to the end before anything else is read.
   */
  async *octets(tag: number, what: string): AsyncGenerator<Buffer, void, undefined> {
    const found = await this.peek()
    if (found !== tag && found !== (tag | 0x20)) await this.#expect(tag, what)
    const joined = new Joiner()
    const base = this.#open.length
    const start = this.#source.position
    let segments = 0
    const outer = await this.#header()
    if (!isConstructed(outer.tag)) yield* this.#content(outer.length)
    else {
      this.#push(outer)
      while (this.#open.length > base) {
        const next = await this.peek()
        if (next === undefined) await this.leave(what)
        else if (next === TAG.octetStringConstructed) this.#push(await this.#header())
        else {
          await this.#expect(TAG.octetString, what)
          const segment = await this.#header()
          if (
            ++segments > MANY_SEGMENTS &&
            this.#source.position - start < segments * MIN_MEAN_SEGMENT
          )
            throw this.#bad(`${what} is cut into tiny segments`)
          for await (const part of this.#content(segment.length)) {
            const full = joined.add(part)
            if (full !== undefined) yield full
          }
        }
      }
      const last = joined.end()
      if (last !== undefined) yield last
    }
  }

  async *#content(length: number | undefined): AsyncGenerator<Buffer, void, undefined> {
    for (let left = length ?? 0; left > 0;) {
      const part = await this.#source.some(left)
      if (part === undefined) throw this.#bad('ends too early')
      left -= part.length
      yield part
    }
  }

  async #gather(
    parts: Buffer[],
    room: { left: number },
    depth: number,
    what: string,
  ): Promise<void> {
    if (depth > MAX_DEPTH) throw this.#bad(`nested deeper than ${MAX_DEPTH}`)
    const head = await this.#header()
    parts.push(head.raw)
    room.left -= head.raw.length + (head.length ?? 2)
    if (room.left < 0) throw this.#bad(`${what} is too large`)
    if (head.length !== undefined) {
      parts.push(await this.#source.take(head.length))
      return
    }
    while ((await this.#source.peek()) !== 0) await this.#gather(parts, room, depth + 1, what)
    const end = await this.#source.take(2)
    if (end[1] !== 0) throw this.#bad('end-of-contents expected')
    parts.push(end)
  }

  async #header(): Promise<{ tag: number; length: number | undefined; raw: Buffer }> {
    const start = await this.#source.take(2)
    const tag = start[0]!
    if ((tag & 0x1f) === 0x1f) throw this.#bad('multi-byte tag')
    if (tag === 0) throw this.#bad('end-of-contents without an open element')
    const first = start[1]!
    if (first === 0x80) {
      if (!isConstructed(tag)) throw this.#bad('primitive of indefinite length')
      return { tag, length: undefined, raw: start }
    }
    if (first < 0x80) return this.#fitting(tag, first, start)
    const size = first & 0x7f
    if (size > 6) throw this.#bad('length field too long')
    const more = await this.#source.take(size)
    return this.#fitting(tag, more.readUIntBE(0, size), Buffer.concat([start, more]))
  }

  #fitting(tag: number, length: number, raw: Buffer) {
    if (this.#source.position + length > this.#limit())
      throw this.#bad(`${tagName(tag)} is longer than what holds it`)
    return { tag, length, raw }
  }

  #push(head: { length: number | undefined }): void {
    if (this.#open.length >= MAX_DEPTH) throw this.#bad(`nested deeper than ${MAX_DEPTH}`)
    const end = head.length === undefined ? undefined : this.#source.position + head.length
    this.#open.push({ end, limit: end ?? this.#limit() })
  }

  #limit(): number {
    return this.#open.at(-1)?.limit ?? Infinity
  }

  async #expect(tag: number, what: string): Promise<void> {
    const found = await this.peek()
    if (found === tag) return
    if (found === undefined) throw this.#bad(`${what} is missing`)
    throw this.#bad(`${what}: ${tagName(tag)} expected, ${tagName(found)} found`)
  }

  #bad(detail: string): Malformed {
    return new Malformed(detail, this.#source.position)
  }
}

class Joiner {
  #parts: Buffer[] = []
  #size = 0

  add(part: Buffer): Buffer | undefined {
    // Copied when tiny: a view would keep its whole chunk alive.
    this.#parts.push(part.length < 1024 ? Buffer.from(part) : part)
    this.#size += part.length
    return this.#size >= JOIN ? this.end() : undefined
  }

  end(): Buffer | undefined {
    if (this.#size === 0) return undefined
    const whole = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    this.#parts = []
    this.#size = 0
    return whole
  }
}
