// Wake-ups: a hint that lanes of some kind have work. Losing, doubling or delaying one changes latency, never the
// result: the sweeper finds what nobody announced.
import type { JobKind } from './store/lanes.js'

export interface Wake {
  /** Says that there is work of these kinds; returns at once and never throws. Called after the commit. */
  publish(kinds: Iterable<JobKind>): void
  /** Calls `listener` for what any process published, until the wake is closed. */
  consume(listener: (kind: JobKind) => void): void
  close(): Promise<void>
  /** Why other processes are not woken now, in words; work is found all the same, later. */
  problem?(): string | undefined
}

/** Wake-ups within one process. Calls of one turn of the event loop are one. */
export function localWake(): Wake {
  const listeners: ((kind: JobKind) => void)[] = []
  const waiting = new Set<JobKind>()
  let timer: NodeJS.Immediate | undefined
  return {
    publish(kinds) {
      for (const kind of kinds) waiting.add(kind)
      timer ??= setImmediate(() => {
        timer = undefined
        const due = [...waiting]
        waiting.clear()
        for (const kind of due) for (const listener of listeners) listener(kind)
      })
    },
    consume: (listener) => {
      listeners.push(listener)
    },
    close: async () => {
      if (timer) clearImmediate(timer)
      listeners.length = 0
    },
  }
}
