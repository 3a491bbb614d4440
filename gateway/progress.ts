// A progress bar on standard error while a large file is read; nothing where it is no terminal or the file is small.
import { stat } from 'node:fs/promises'
import type { Writable } from 'node:stream'

const LARGE = 10_000_000
const WIDTH = 30
/** Takes the bar away, so that what is written next stands alone. */
export const CLEAR_LINE = '\r\x1b[K'

/** Passes the bytes of the file at `path` on. */
export async function* withProgress(
  bytes: AsyncIterable<Uint8Array>,
  path: string,
  stderr: Writable,
): AsyncGenerator<Uint8Array> {
  const isTerminal = 'isTTY' in stderr && stderr.isTTY === true
  const size = !isTerminal || path === '-' ? 0 : (await stat(path).catch(() => ({ size: 0 }))).size
  let seen = 0
  let shown = -1
  try {
    for await (const chunk of bytes) {
      seen += chunk.length
      const percent = size < LARGE ? -1 : Math.floor((100 * Math.min(seen, size)) / size)
      if (percent !== shown) {
        shown = percent
        const done = Math.round((WIDTH * percent) / 100)
        stderr.write(`\r${'█'.repeat(done)}${'░'.repeat(WIDTH - done)} ${percent} %`)
      }
      yield chunk
    }
  } finally {
    if (shown >= 0) stderr.write(CLEAR_LINE)
  }
}
