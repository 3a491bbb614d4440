// What a person must look at: one open row per incident, counted up while it lasts.
import type { Queryable, Value } from './db.js'

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

/** The same for what a batch of work found, in one statement: incidents that came several times are counted so. */
export async function raiseAlerts(tx: Queryable, alerts: readonly NewAlert[]): Promise<void> {
  const byKey = new Map<string, { alert: NewAlert; count: number }>()
  for (const alert of alerts) {
    const { alert: first = alert, count = 0 } = byKey.get(alert.key) ?? {}
    byKey.set(alert.key, { alert: { ...first, text: alert.text }, count: count + 1 })
  }
  if (byKey.size === 0) return
  const list = [...byKey.values()]
  await tx.query(
    `insert into alert (key, kind, subject, text, count)
     select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[]) as new (key)
     order by new.key
     on conflict (key) where closed_at is null
       do update set count = alert.count + excluded.count, last_at = now(), text = excluded.text`,
    [
      list.map(({ alert }) => alert.key),
      list.map(({ alert }) => alert.kind),
      list.map(({ alert }) => alert.subject ?? null),
      list.map(({ alert }) => alert.text),
      list.map(({ count }) => count),
    ],
  )
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

export interface Alert {
  readonly id: number
  readonly kind: string
  readonly subject: string | null
  readonly text: string
  readonly count: number
  readonly openedAt: Date
  /** When it happened last. */
  readonly lastAt: Date
  readonly closedAt: Date | null
  readonly closedBy: string | null
}

const COLUMNS = `id, kind, subject, text, count, opened_at as "openedAt", last_at as "lastAt", closed_at as "closedAt",
  closed_by as "closedBy"`

/** The open alerts, oldest first. */
export const openAlerts = (db: Queryable): Promise<Alert[]> =>
  db.query(`select ${COLUMNS} from alert where closed_at is null order by opened_at, id`)

/** Alerts newest first, at most `limit`, of those before the id `before`. */
export async function listAlerts(
  db: Queryable,
  filter: { open?: boolean; kind?: string; before?: number },
  limit: number,
): Promise<Alert[]> {
  const values: Value[] = []
  const where = ['true']
  if (filter.open !== undefined) where.push(`closed_at is ${filter.open ? '' : 'not '}null`)
  if (filter.kind !== undefined) where.push(`kind = $${values.push(filter.kind)}`)
  if (filter.before !== undefined) where.push(`id < $${values.push(filter.before)}`)
  return db.query(
    `select ${COLUMNS} from alert where ${where.join(' and ')} order by id desc limit $${values.push(limit)}`,
    values,
  )
}

export async function findAlert(db: Queryable, id: number): Promise<Alert | undefined> {
  const [row] = await db.query<Alert>(`select ${COLUMNS} from alert where id = $1`, [id])
  return row
}

/** A person has looked; gives whether it was open. */
export async function closeAlertById(tx: Queryable, id: number, by: string): Promise<boolean> {
  const closed = await tx.query(
    `update alert set closed_at = now(), closed_by = $2 where id = $1 and closed_at is null returning id`,
    [id, by],
  )
  return closed.length > 0
}
