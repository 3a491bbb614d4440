// What a person must look at: one open row per incident, counted up while it lasts.
import type { Queryable } from './db.js'

export interface NewAlert {
  /** Same key, same incident, e.g. `target-paused odoo`. */
  readonly key: string
  readonly kind: string
  /** What it is about, e.g. `message <id>`. */
  readonly subject?: string
  readonly text: string
}

/** Opens an alert or counts up the open one; gives whether it is new. */
export async function raiseAlert(tx: Queryable, alert: NewAlert): Promise<boolean> {
  const [row] = await tx.query<{ count: number }>(
    `insert into alert (key, kind, subject, text) values ($1, $2, $3, $4)
     on conflict (key) where closed_at is null
       do update set count = alert.count + 1, last_at = now(), text = excluded.text
     returning count`,
    [alert.key, alert.kind, alert.subject ?? null, alert.text],
  )
  return row!.count === 1
}

/** Opens an alert unless there was one of this key ever: for what is told once, not counted. */
export async function raiseAlertOnce(tx: Queryable, alert: NewAlert): Promise<void> {
  await tx.query(
    `insert into alert (key, kind, subject, text) select $1, $2, $3, $4
     where not exists (select from alert where key = $1)
     on conflict do nothing`,
    [alert.key, alert.kind, alert.subject ?? null, alert.text],
  )
}

/** Closes the open alert of a key; gives whether there was one. */
export async function closeAlert(tx: Queryable, key: string, by: string): Promise<boolean> {
  const closed = await tx.query(
    `update alert set closed_at = now(), closed_by = $2 where key = $1 and closed_at is null returning id`,
    [key, by],
  )
  return closed.length > 0
}

export interface OpenAlert {
  readonly kind: string
  readonly subject: string | null
  readonly text: string
  readonly count: number
  readonly since: Date
}

/** The open alerts, oldest first. */
export const openAlerts = (db: Queryable): Promise<OpenAlert[]> =>
  db.query<OpenAlert>(
    `select kind, subject, text, count, opened_at as since from alert where closed_at is null order by opened_at, id`,
  )
