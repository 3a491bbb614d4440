// A transaction with what goes along with every effect: history rows, new jobs and the wake-up after the commit. Rows
// are collected and written together at the end, jobs sorted by lane, so that batches neither deadlock nor chat.
import type { Wake } from '../wake.js'
import type { Db, Queryable, Tx } from './db.js'
import { addEvents, type StageEvent } from './events.js'
import { enqueue, type NewJob } from './lanes.js'

export interface Work extends Queryable {
  readonly tx: Tx
  enqueue(...jobs: readonly NewJob[]): void
  event(...events: readonly StageEvent[]): void
  /** Undoes rows, jobs and events of `inner` when it throws, and throws on. */
  savepoint<T>(inner: () => Promise<T>): Promise<T>
}

/** Runs `inner` and then writes what it collected; `last` runs after that, as the end of the transaction. */
export async function withWork<T>(
  tx: Tx,
  wake: Wake,
  inner: (work: Work) => Promise<T>,
  last?: () => Promise<void>,
): Promise<T> {
  const jobs: NewJob[] = []
  const events: StageEvent[] = []
  const result = await inner({
    query: (sql, values) => tx.query(sql, values),
    get keys() {
      return tx.keys
    },
    tx,
    enqueue: (...more) => void jobs.push(...more),
    event: (...more) => void events.push(...more),
    savepoint: async (part) => {
      const marks = [jobs.length, events.length] as const
      try {
        return await tx.savepoint(part)
      } catch (error) {
        jobs.length = marks[0]
        events.length = marks[1]
        throw error
      }
    },
  })
  await addEvents(tx, events)
  await enqueue(tx, jobs)
  await last?.()
  if (jobs.length > 0) tx.afterCommit(() => wake.publish(new Set(jobs.map((job) => job.kind))))
  return result
}

/** One transaction of its own. */
export function doWork<T>(db: Db, wake: Wake, inner: (work: Work) => Promise<T>): Promise<T> {
  return db.tx((tx) => withWork(tx, wake, inner))
}
