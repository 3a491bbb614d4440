// A progress bar on standard error while a large input is worked on; nothing where it is no terminal or the input is small.
import { stat } from 'node:fs/promises'
import type { Writable } from 'node:stream'

const LARGE = 10_000_000
const WIDTH = 30
/** Takes the bar away, so that what is written next stands alone. */
export const CLEAR_LINE = '\r\x1b[K'

export const isTerminal = (stream: Writable): boolean => 'isTTY' in stream && stream.isTTY === true

export class ProgressBar {
  private readonly size: number
  private readonly stderr: Writable
  private shown = -1

  /** `size`: bytes of the input. */
  constructor(size: number, stderr: Writable) {
    this.size = size < LARGE || !isTerminal(stderr) ? 0 : size
    this.stderr = stderr
  }

  /** Shows that so many bytes are done. */
  show(done: number): void {
    const { size } = this
    if (size === 0) return
    const percent = Math.floor((100 * Math.min(done, size)) / size)
    if (percent === this.shown) return
    this.shown = percent
    const full = Math.round((WIDTH * percent) / 100)
    this.stderr.write(`\r${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percent} %`)
  }

  clear(): void {
    if (this.shown >= 0) this.stderr.write(CLEAR_LINE)
    this.shown = -1
  }
}

/** Passes the bytes of the file at `path` on. */
export async function* withProgress(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  stderr: Writable,
): AsyncGenerator<Uint8Array> {
  const { size } = path === '-' ? { size: 0 } : await stat(path).catch(() => ({ size: 0 }))
  const bar = new ProgressBar(size, stderr)
  let seen = 0
  try {
    for await (const chunk of bytes) {
      seen += chunk.length
      bar.show(seen)
      yield chunk
    }
  } finally {
    bar.clear()
  }
}
