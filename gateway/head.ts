// Keeps the first bytes of a stream that somebody else reads.

export class Head {
  private readonly chunks: Uint8Array[] = []
  private size = 0
  private readonly limit: number

  /** Keeps at most `limit` bytes. */
  constructor(limit: number) {
    this.limit = limit
  }

  /** The same bytes, noted as they pass. */
  async *of(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      const part = chunk.slice(0, this.limit - this.size)
      if (part.length > 0) this.chunks.push(part)
      this.size += part.length
      yield chunk
    }
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.chunks)
  }
}
