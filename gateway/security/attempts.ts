// Slows down who presents wrong credentials: after some failures in a row the same origin waits, each time longer.

export interface Attempts {
  /** Milliseconds until this origin may try again; 0 now. */
  wait(origin: string): number
  failed(origin: string): void
  succeeded(origin: string): void
}

export interface AttemptsOptions {
  now: () => number
  /** Failures that are free (default 10). */
  free?: number
  /** First lock in ms, doubling with each further failure (default 1 s). */
  firstMs?: number
  /** Longest lock, and the time after which failures are forgotten (default 15 min). */
  maxMs?: number
  /** Origins remembered; beyond that the oldest is forgotten (default 10 000). */
  origins?: number
}

interface Failures {
  failures: number
  last: number
}

/** Remembers in this process only: behind several processes an origin has that many times the free failures. */
export function attempts(options: AttemptsOptions): Attempts {
  const { now, free = 10, firstMs = 1_000, maxMs = 900_000, origins = 10_000 } = options
  const records = new Map<string, Failures>()
  const lockOf = (failures: number) =>
    failures < free ? 0 : Math.min(firstMs * 2 ** (failures - free), maxMs)
  return {
    wait: (origin) => {
      const record = records.get(origin)
      return record === undefined ? 0 : Math.max(0, record.last + lockOf(record.failures) - now())
    },
    failed: (origin) => {
      const before = records.get(origin)
      const fresh = before === undefined || now() - before.last > maxMs
      records.delete(origin) // re-inserted last: the map's order is the order of forgetting
      records.set(origin, { failures: fresh ? 1 : before.failures + 1, last: now() })
      const oldest = records.size > origins ? records.keys().next() : undefined
      if (oldest?.done === false) records.delete(oldest.value)
    },
    succeeded: (origin) => {
      records.delete(origin)
    },
  }
}
