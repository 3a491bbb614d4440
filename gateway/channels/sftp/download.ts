// Reading a stored file at any offset: parts of the blob are fetched ahead of the reader, a few are kept.
import type { BlobRef } from '../../store/blobs.js'

/** Bytes per stored part, and a reader of one part (undefined: there is none). */
export interface PartSource {
  readonly partBytes: number
  read(sha256: Buffer, n: number): Promise<Buffer | undefined>
}

/** Parts fetched before they are asked for. */
const AHEAD = 3

export class Download {
  readonly #file: BlobRef
  readonly #source: PartSource
  readonly #parts = new Map<number, Promise<Buffer | undefined>>()
  /** Whether the last byte has been handed out. */
  complete = false

  constructor(file: BlobRef, source: PartSource) {
    this.#file = file
    this.#source = source
  }

  /** Up to `length` bytes from `offset`; fewer only at the end of the file, none behind it. */
  async read(offset: number, length: number): Promise<Buffer> {
    const { size } = this.#file
    const end = Math.min(offset + length, size)
    if (offset + length >= size) this.complete = true
    const pieces: Buffer[] = []
    for (let at = offset; at < end;) {
      const n = Math.floor(at / this.#source.partBytes)
      const part = await this.#part(n)
      const from = at - n * this.#source.partBytes
      const piece = part.subarray(from, from + end - at)
      if (piece.length === 0) throw new Error(`part ${n} of a stored file is too short`)
      pieces.push(piece)
      at += piece.length
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
  }

  async #part(n: number): Promise<Buffer> {
    const last = Math.ceil(this.#file.size / this.#source.partBytes) - 1
    for (const known of this.#parts.keys())
      if (known < n - 1 || known > n + AHEAD) this.#parts.delete(known)
    for (let wanted = n; wanted <= Math.min(n + AHEAD, last); wanted++)
      if (!this.#parts.has(wanted)) this.#parts.set(wanted, this.#fetch(wanted))
    const part = await this.#parts.get(n)
    if (part === undefined) throw new Error(`part ${n} of a stored file is missing`)
    return part
  }

  #fetch(n: number): Promise<Buffer | undefined> {
    const part = this.#source.read(this.#file.sha256, n)
    // A part nobody waits for any more may fail unheard; whoever asks again fetches it again.
    part.catch(() => this.#parts.delete(n))
    return part
  }
}
