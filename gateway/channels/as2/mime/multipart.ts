// Multipart bodies split into their parts as streams (RFC 2046 §5.1), every byte of a part as it came: the line break
// before a delimiter belongs to the delimiter, all others to the part. Lines may end in CRLF or LF.
import { type ByteSource, type Chunks } from '../bytes.js'
import { Malformed } from '../failure.js'

const LF = 0x0a
const CR = 0x0d
/** Blanks a delimiter line may carry behind the boundary. */
const MAX_PADDING = 256

/**
 * The parts in order; each must be read (what is left of it is skipped) before the next is asked for. Throws Malformed
 * when the closing delimiter is missing: a cut message must never look whole. The epilogue is read and ignored.
 */
export async function* splitParts(
  source: ByteSource,
  boundary: string | undefined,
): AsyncGenerator<Chunks, void, undefined> {
  // Wider than RFC 2046 allows, since products do not keep to 70, but nothing that a header could not carry.
  if (boundary === undefined || !/^[!-~ ]{0,199}[!-~]$/.test(boundary))
    throw new Malformed('multipart without a usable boundary', 0)
  const splitter = new Splitter(source, boundary)
  for (let next = await splitter.skip(); next === 'part'; next = await splitter.skip()) {
    splitter.start()
    yield splitter.read()
  }
  await source.drain()
}

/** What follows a delimiter: another part, or nothing but the epilogue. */
type Next = 'part' | 'end'

class Splitter {
  readonly #source: ByteSource
  readonly #delimiter: Buffer
  readonly #needle: Buffer
  #held: Buffer = Buffer.alloc(0)
  /** Set once the delimiter behind the current part has been taken. */
  #next: Next | undefined
  #atStart = true

  constructor(source: ByteSource, boundary: string) {
    this.#source = source
    this.#delimiter = Buffer.from(`--${boundary}`, 'latin1')
    this.#needle = Buffer.concat([Buffer.of(LF), this.#delimiter])
  }

  /** Begins the part behind the delimiter just taken. */
  start(): void {
    this.#next = undefined
    this.#atStart = true
  }

  /** Reads over what is left of the current part (at first: the preamble); says what follows it. */
  async skip(): Promise<Next> {
    const rest = this.read()
    while ((await rest.next()).done !== true);
    return this.#next!
  }

  /** What is left of the current part, up to the next delimiter. May be left early and asked for again. */
  async *read(): AsyncGenerator<Buffer, void, undefined> {
    if (this.#next !== undefined || (await this.#startsWithDelimiter())) return
    let from = 0
    for (;;) {
      const at = this.#held.indexOf(this.#needle, from)
      if (at >= 0) {
        const before = this.#held.subarray(0, this.#held[at - 1] === CR ? at - 1 : at)
        if (await this.#takeDelimiter(at + this.#needle.length)) {
          if (before.length > 0) yield before
          return
        }
        from = at + 1
        continue
      }
      // Kept back: a delimiter (and the CR before it) of which only the beginning has come.
      const safe = this.#held.length - this.#needle.length
      if (safe > 0) {
        const bytes = this.#held.subarray(0, safe)
        this.#held = this.#held.subarray(safe)
        yield bytes
      }
      from = 0
      if (!(await this.#more()))
        throw new Malformed('multipart without its closing delimiter', this.#source.position)
    }
  }

  /** A delimiter right where the part begins: the line break before it is the one that ended the line above. */
  async #startsWithDelimiter(): Promise<boolean> {
    if (!this.#atStart) return false
    this.#atStart = false
    const { length } = this.#delimiter
    while (this.#held.length < length && (await this.#more()));
    return this.#held.subarray(0, length).equals(this.#delimiter) && this.#takeDelimiter(length)
  }

  /** Whether the delimiter that ends at `at` is one, by the rest of its line; then all of it is taken. */
  async #takeDelimiter(at: number): Promise<boolean> {
    for (;;) {
      const line = this.#held.subarray(at, at + MAX_PADDING)
      const end = line.indexOf(LF)
      const text = line.subarray(0, end < 0 ? line.length : end).toString('latin1')
      const match = /^(--)?[ \t]*\r?$/.exec(text)
      if (match === null && text !== '-') return false
      const ended = end >= 0 || !(await this.#more())
      if (ended && match === null) return false
      if (ended) {
        this.#held = this.#held.subarray(at + (end < 0 ? line.length : end + 1))
        this.#next = match?.[1] === undefined ? 'part' : 'end'
        return true
      }
      if (line.length === MAX_PADDING) return false
    }
  }

  async #more(): Promise<boolean> {
    const chunk = await this.#source.some()
    if (chunk === undefined) return false
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk])
    return true
  }
}
