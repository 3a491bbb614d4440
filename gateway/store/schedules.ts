// Recurring work as rows: whichever process comes first after the time takes it, in every mode.
import type { Db, Queryable } from './db.js'

/** Adds or changes a schedule; a new one is due at once. */
export async function saveSchedule(db: Queryable, name: string, everyMs: number): Promise<void> {
  await db.query(
    `insert into schedule (name, every_ms, next_at) values ($1, $2, now())
     on conflict (name) do update set every_ms = excluded.every_ms,
       next_at = least(schedule.next_at, now() + make_interval(secs => excluded.every_ms / 1000.0))
       where schedule.every_ms <> excluded.every_ms`,
    [name, everyMs],
  )
}

/** Takes what is due among `names` and sets its next time; what dies on the way comes again after its period. */
export async function claimSchedules(db: Db, names: readonly string[]): Promise<string[]> {
  const due = await db.query<{ name: string }>(
    `update schedule set last_at = now(), next_at = now() + make_interval(secs => every_ms / 1000.0)
     where name in (
       select name from schedule where next_at <= now() and name = any($1::text[])
       order by next_at for update skip locked)
     returning name`,
    [[...names]],
  )
  return due.map((row) => row.name)
}

/** Keeps how the last run ended, for people. */
export async function noteRun(db: Queryable, name: string, error?: string): Promise<void> {
  await db.query('update schedule set last_error = $2 where name = $1', [name, error ?? null])
}
