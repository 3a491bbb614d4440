// A step that only writes down what it did, and a process that works with it: for showing what workers guarantee.
import pino from 'pino'
import { faultAt } from '../../gateway/fault.js'
import { startWorker, type Worker } from '../../gateway/lanes.js'
import { silentMeter } from '../../gateway/meter.js'
import { PermanentError, RetryableError } from '../../gateway/errors.js'
import type { Step } from '../../gateway/step.js'
import { openDb, type Db } from '../../gateway/store/db.js'
import { localWake, type Wake } from '../../gateway/wake.js'

export const EFFECTS = `
  create table effect (id bigint generated always as identity primary key, lane text not null, n integer not null);
  create table call (id bigint generated always as identity primary key, lane text not null, n integer not null)`

export interface NotingOptions {
  db: Db
  mode: Step['mode']
  /** Runs in `prepare`, outside the transaction. */
  during?: (lane: string, n: number) => Promise<void> | void
  maxFailures?: number
  maxCrashes?: number
}

/** Notes each job in `effect` when it is committed; in mode `call` also in `call` when it was called. */
export function notingStep({ db, mode, during, ...limits }: NotingOptions): Step<number> {
  return {
    kind: 'translate',
    mode,
    concurrency: 6,
    maxCrashes: limits.maxCrashes ?? 3,
    ...(limits.maxFailures === undefined ? {} : { maxFailures: limits.maxFailures }),
    open:
      async () =>
      async ({ lane, payload }) => {
        const n = Number(payload['n'])
        await during?.(lane, n)
        if (mode === 'call') await db.query('insert into call (lane, n) values ($1, $2)', [lane, n])
        if (payload['fail'] === 'once' && !(await triedBefore(db, lane, n)))
          throw new RetryableError('not now', { afterMs: 10 })
        if (payload['fail'] === 'always') throw new RetryableError('never', { afterMs: 1 })
        if (payload['fail'] === 'permanent') throw new PermanentError('no use')
        return n
      },
    commit: async (work, jobs) => {
      for (const { job, prepared: n } of jobs) {
        if (job.payload['fail'] === 'in commit')
          await work.query('insert into effect (lane) values (null)')
        await work.query('insert into effect (lane, n) values ($1, $2)', [job.lane, n])
      }
    },
    dead: async (work, job, error) => {
      await work.query(`insert into alert (key, kind, text) values ($1, 'dead', $2)`, [
        `${job.lane} ${String(job.payload['n'])}`,
        error,
      ])
    },
  }
}

async function triedBefore(db: Db, lane: string, n: number): Promise<boolean> {
  const key = `tried ${lane} ${n}`
  const [known] = await db.query('select from alert where key = $1', [key])
  if (!known) await db.query(`insert into alert (key, kind, text) values ($1, 'tried', '')`, [key])
  return known !== undefined
}

/** A worker with short times, for tests. */
export function quickWorker(
  step: Step<number>,
  db: Db,
  more: { wake?: Wake; fault?: string; leaseMs?: number; die?: () => void } = {},
): Worker {
  return startWorker(step as Step, {
    db,
    wake: more.wake ?? localWake(),
    log: pino({ level: 'silent' }),
    meter: silentMeter,
    fault: faultAt(more.fault, more.die ?? (() => process.kill(process.pid, 'SIGKILL'))),
    random: Math.random,
    leaseMs: more.leaseMs ?? 1_000,
    sweepMs: 100,
  })
}

// As a program: node lane-worker.js <database url> <mode> [<fault> [<lane whose jobs kill>]]
if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [url = '', mode = 'batch', fault, poison] = process.argv.slice(2)
  const db = openDb(url, { max: 6 })
  const during = (lane: string) => {
    if (lane === poison) process.kill(process.pid, 'SIGKILL')
  }
  // Killed from outside, a lane may meet many deaths; only a job that kills is given up for it.
  const maxCrashes = poison ? 3 : 100
  const step = notingStep({ db, mode: mode === 'call' ? 'call' : 'batch', during, maxCrashes })
  quickWorker(step, db, fault ? { fault } : {})
  process.stdout.write('started\n')
}
