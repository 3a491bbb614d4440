// Pull reading of byte streams: every reader of the codec takes its input from a ByteSource, whatever the borders of
// the chunks are, and holds no more than it asked for.
import { Malformed } from './failure.js'

/** Bytes in order; chunk borders carry no meaning. */
export type Chunks = AsyncIterable<Uint8Array>

/** A byte stream read by taking. `position` counts the bytes taken so far. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #held: Buffer[] = []
  #heldBytes = 0
  #ended = false
  position = 0

  constructor(chunks: Chunks) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Next run of bytes, at most `max`, as they came; undefined at the end. */
  async some(max = Infinity): Promise<Buffer | undefined> {
    const head = this.#held[0] ?? (await this.#pull())
    if (head === undefined || max <= 0) return undefined
    return this.#shift(head, Math.min(max, head.length))
  }

  /** Exactly `count` bytes. Throws Malformed when the stream ends before. */
  async take(count: number): Promise<Buffer> {
    const head = this.#held[0]
    if (head !== undefined && head.length >= count) return this.#shift(head, count)
    const parts: Buffer[] = []
    for (let missing = count; missing > 0;) {
      const part = await this.some(missing)
      if (part === undefined) throw new Malformed('ends too early', this.position)
      parts.push(part)
      missing -= part.length
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts, count)
  }

  /** The byte `ahead` positions on, without taking it; undefined past the end. `ahead` is meant to be small. */
  async peek(ahead = 0): Promise<number | undefined> {
    while (this.#heldBytes <= ahead) if ((await this.#pull()) === undefined) return undefined
    let index = ahead
    for (const chunk of this.#held) {
      if (index < chunk.length) return chunk[index]
      index -= chunk.length
    }
    return undefined
  }

  /** Up to `count` of the next bytes, without taking them; fewer only at the end. */
  async ahead(count: number): Promise<Buffer> {
    const parts: Buffer[] = []
    let size = 0
    while (size < count) {
      const part = await this.some(count - size)
      if (part === undefined) break
      parts.push(part)
      size += part.length
    }
    const bytes = Buffer.concat(parts)
    this.unread(bytes)
    return bytes
  }

  /** Puts bytes just taken back in front. */
  unread(bytes: Buffer): void {
    if (bytes.length === 0) return
    this.#held.unshift(bytes)
    this.#heldBytes += bytes.length
    this.position -= bytes.length
  }

  /** Everything that is left, chunk by chunk. */
  async *rest(): AsyncGenerator<Buffer, void, undefined> {
    for (let part = await this.some(); part !== undefined; part = await this.some()) yield part
  }

  /** Reads to the end and forgets: the layers above see every byte, and a failure costs what success costs. */
  async drain(): Promise<void> {
    while ((await this.some()) !== undefined);
  }

  #shift(head: Buffer, count: number): Buffer {
    this.position += count
    this.#heldBytes -= count
    if (count === head.length) {
      this.#held.shift()
      return head
    }
    this.#held[0] = head.subarray(count)
    return head.subarray(0, count)
  }

  async #pull(): Promise<Buffer | undefined> {
    while (!this.#ended) {
      const next = await this.#chunks.next()
      if (next.done === true) {
        this.#ended = true
        break
      }
      if (next.value.length === 0) continue
      const chunk = asBuffer(next.value)
      this.#held.push(chunk)
      this.#heldBytes += chunk.length
      return chunk
    }
    return undefined
  }
}

/** The same memory as a Buffer. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Bytes already in memory as Chunks. */
export async function* chunksOf(
  ...parts: Uint8Array[]
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* parts
}

/** All of `chunks` in memory. Throws Malformed over `max` bytes: nothing unbounded is ever gathered. */
export async function gather(chunks: Chunks, max: number): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of chunks) {
    size += part.length
    if (size > max) throw new Malformed(`more than ${max} bytes`, size)
    parts.push(part)
  }
  return Buffer.concat(parts, size)
}

/** Passes `chunks` on and shows each to `see` first. */
export async function* tap(
  chunks: Chunks,
  see: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const part of chunks) {
    see(part)
    yield part
  }
}

/** The same bytes in chunks of at least `size` but for the last: small pieces cost calls and framing. */
export async function* coalesce(
  chunks: Chunks,
  size = 65_536,
): AsyncGenerator<Buffer, void, undefined> {
  let parts: Uint8Array[] = []
  let held = 0
  for await (const part of chunks) {
    parts.push(part)
    held += part.length
    if (held < size) continue
    yield Buffer.concat(parts, held)
    parts = []
    held = 0
  }
  if (held > 0) yield Buffer.concat(parts, held)
}
