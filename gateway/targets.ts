// What this process knows of its targets right now: which are paused, which just failed and rest for a while, and
// whether the database behind each was checked. Lanes of a target that is not open are not claimed.
import { PausedError } from './step.js'
import { RetryableError } from './errors.js'
import type { OdooClient } from './odoo.js'
import { doWork } from './store/work.js'
import { checkBinding, pauseTarget, readTargets, resumeTarget } from './store/targets.js'
import type { Db } from './store/db.js'
import type { Wake } from './wake.js'

export interface Targets {
  /** Targets nothing is claimed for at the moment. */
  closed(): readonly string[]
  /** Throws PausedError unless calls to the target are allowed now and its database is the bound one. */
  admit(id: string): Promise<void>
  succeeded(id: string): void
  /** A call failed with no answer or a 5xx: after a few in a row the target rests. */
  failed(id: string): void
  /** Reads the pauses anew; a paused target that answers again as it should is resumed. Called by a schedule. */
  refresh(): Promise<void>
}

export interface TargetsOptions {
  db: Db
  wake: Wake
  odoo: OdooClient
  random: () => number
  /** Failures in a row after which a target rests (default 5). */
  threshold?: number
  /** Longest rest in ms (default 60 000); rests double from a second. */
  maxRestMs?: number
  /** How long a checked database is believed to be the same, in ms (default 60 000). */
  checkEveryMs?: number
}

interface Known {
  failures: number
  restUntil: number
  checkedAt: number
  checking?: Promise<void>
  paused: boolean
}

export function openTargets(options: TargetsOptions): Targets {
  const {
    db,
    wake,
    odoo,
    random,
    threshold = 5,
    maxRestMs = 60_000,
    checkEveryMs = 60_000,
  } = options
  const known = new Map<string, Known>()
  const of = (id: string) => {
    let one = known.get(id)
    if (!one) {
      one = { failures: 0, restUntil: 0, checkedAt: -Infinity, paused: false }
      known.set(id, one)
    }
    return one
  }

  /** Compares the database with the bound one; pauses the target when it does not fit. */
  const check = async (id: string) => {
    const health = await odoo.health(id)
    const { database } = health
    const connection = odoo.connection(id)
    if (database && connection) {
      const reason =
        database.environment === connection.environment
          ? await doWork(db, wake, (work) => checkBinding(work, id, database))
          : `the connection is for ${connection.environment}, the database is ${database.environment}`
      if (reason !== undefined) {
        of(id).paused = true
        await doWork(db, wake, (work) => pauseTarget(work, id, reason))
        throw new PausedError(`${id} is paused: ${reason}`, { afterMs: 0 })
      }
    }
    of(id).checkedAt = performance.now()
  }

  const answersAgain = async (id: string) => {
    try {
      await check(id)
      return true
    } catch (error) {
      if (error instanceof RetryableError) return false // it stays paused, as it was
      throw error
    }
  }

  return {
    closed: () =>
      [...known]
        .filter(([, one]) => one.paused || one.restUntil > performance.now())
        .map(([id]) => id),
    admit: async (id) => {
      const one = of(id)
      if (one.paused) throw new PausedError(`${id} is paused`, { afterMs: 0 })
      const restMs = one.restUntil - performance.now()
      if (restMs > 0) throw new PausedError(`${id} rests after failures`, { afterMs: restMs })
      if (performance.now() - one.checkedAt < checkEveryMs) return
      one.checking ??= check(id).finally(() => delete one.checking)
      await one.checking
    },
    succeeded: (id) => {
      const one = of(id)
      one.failures = 0
      one.restUntil = 0
    },
    failed: (id) => {
      const one = of(id)
      one.failures++
      if (one.failures < threshold) return
      const rest = Math.min(maxRestMs, 1000 * 2 ** Math.min(one.failures - threshold, 10))
      one.restUntil = performance.now() + rest * (0.5 + random() / 2)
      one.checkedAt = -Infinity
    },
    refresh: async () => {
      const rows = await readTargets(db)
      const paused = new Set(
        rows.filter((row) => row.pausedReason !== undefined).map((row) => row.id),
      )
      for (const id of [...known.keys(), ...paused]) of(id).paused = paused.has(id)
      for (const id of paused) {
        if (!odoo.connection(id)) continue
        if (!(await answersAgain(id))) continue
        of(id).paused = false
        await doWork(db, wake, (work) => resumeTarget(work, wake, id, 'gateway'))
      }
    },
  }
}
