// Payloads that were stored a moment ago, for the step of this process that reads them next: each is given once. What is
// not here is read from the store, which alone is the truth.
import type { Spool } from './spool.js'

export interface RecentPayloads {
  /** Holds a small payload that is committed; the oldest make room. */
  keep(payload: Pick<Spool, 'sha256' | 'bytes'>): void
  /** Its bytes, once. */
  take(sha256: Buffer): Buffer | undefined
}

export interface RecentOptions {
  /** Bytes held at most (default 16 MiB). */
  maxBytes?: number
  /** Larger payloads are not held (default 256 KiB). */
  maxEach?: number
  /** Nothing is held longer (default 10 s): the next step is mostly milliseconds away. */
  maxMs?: number
}

export function recentPayloads(options: RecentOptions = {}): RecentPayloads {
  const { maxBytes = 16 * 1024 * 1024, maxEach = 256 * 1024, maxMs = 10_000 } = options
  const held = new Map<string, { bytes: Buffer; until: number }>()
  let size = 0
  let timer: NodeJS.Timeout | undefined

  const drop = (key: string): Buffer | undefined => {
    const bytes = held.get(key)?.bytes
    held.delete(key)
    size -= bytes?.length ?? 0
    return bytes
  }
  const dropOld = () => {
    timer = undefined
    for (const [key, { until }] of held) {
      if (until > performance.now()) {
        timer = setTimeout(dropOld, maxMs).unref()
        return
      }
      drop(key)
    }
  }

  return {
    keep: ({ sha256, bytes }) => {
      if (bytes === undefined || bytes.length > maxEach) return
      const key = sha256.toString('hex')
      drop(key)
      held.set(key, { bytes, until: performance.now() + maxMs })
      size += bytes.length
      for (const oldest of held.keys()) {
        if (size <= maxBytes) break
        drop(oldest)
      }
      timer ??= setTimeout(dropOld, maxMs).unref()
    },
    take: (sha256) => drop(sha256.toString('hex')),
  }
}
