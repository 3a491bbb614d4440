// State of the connections to Odoo: which database each is bound to, and whether it is paused. Lanes of a paused
// target stay where they are; nothing of it dies.
import { closeAlert, raiseAlert } from './alerts.js'
import { addAudit } from './audit.js'
import type { Queryable } from './db.js'
import type { Wake } from '../wake.js'
import type { Work } from './work.js'

export interface TargetState {
  readonly id: string
  /** The database it is bound to. */
  readonly bound?: SeenDatabase
  readonly pausedReason?: string
  readonly pausedAt?: Date
  readonly checkedAt?: Date
}

interface Row {
  id: string
  bound_uuid: string | null
  bound_url: string | null
  bound_environment: string | null
  paused_reason: string | null
  paused_at: Date | null
  checked_at: Date | null
}

export async function readTargets(db: Queryable): Promise<TargetState[]> {
  const rows = await db.query<Row>(
    'select id, bound_uuid, bound_url, bound_environment, paused_reason, paused_at, checked_at from target order by id',
  )
  return rows.map((row) => ({
    id: row.id,
    ...(row.bound_uuid === null
      ? {}
      : {
          bound: {
            uuid: row.bound_uuid,
            url: row.bound_url ?? '',
            environment: row.bound_environment ?? '',
          },
        }),
    ...(row.paused_reason === null ? {} : { pausedReason: row.paused_reason }),
    ...(row.paused_at === null ? {} : { pausedAt: row.paused_at }),
    ...(row.checked_at === null ? {} : { checkedAt: row.checked_at }),
  }))
}

const alertKey = (id: string) => `target-paused ${id}`

/** Stops calls to a target until it is resumed, with one alert. Pausing again keeps the first reason. */
export async function pauseTarget(work: Work, id: string, reason: string): Promise<void> {
  await work.query(
    `insert into target (id, paused_reason, paused_at) values ($1, $2, now())
     on conflict (id) do update set paused_reason = excluded.paused_reason, paused_at = now()
       where target.paused_reason is null`,
    [id, reason],
  )
  await raiseAlert(work, {
    key: alertKey(id),
    kind: 'target-paused',
    subject: `connection ${id}`,
    text: `Connection ${id} is paused: ${reason}`,
  })
}

/** Lets calls through again; what waited is due at once. False when it was not paused. */
export async function resumeTarget(
  work: Work,
  wake: Wake,
  id: string,
  actor: string,
): Promise<boolean> {
  const resumed = await work.query(
    `update target set paused_reason = null, paused_at = null
     where id = $1 and paused_reason is not null returning id`,
    [id],
  )
  if (resumed.length === 0) return false
  await work.query(
    `update lane set ready_at = now() where key in (
       select key from lane where target = $1 and pending > 0 and ready_at > now() order by key for update)`,
    [id],
  )
  await closeAlert(work, alertKey(id), actor)
  await addAudit(work, { actor, action: 'target.resume', subject: `connection ${id}` })
  work.tx.afterCommit(() => wake.publish(['deliver', 'report']))
  return true
}

/** What a target's health says of its database. */
export interface SeenDatabase {
  readonly uuid: string
  readonly url: string
  readonly environment: string
}

/**
 * Compares the database seen with the one bound; the first one seen is bound. Gives what does not fit: a restored or
 * copied database, or one of another environment.
 */
export async function checkBinding(
  work: Work,
  id: string,
  seen: SeenDatabase,
): Promise<string | undefined> {
  const [row] = await work.query<{ bound_uuid: string; bound_environment: string }>(
    `insert into target (id, bound_uuid, bound_url, bound_environment, checked_at)
     values ($1, $2, $3, $4, now())
     on conflict (id) do update set checked_at = now(),
       bound_uuid = coalesce(target.bound_uuid, excluded.bound_uuid),
       bound_url = coalesce(target.bound_url, excluded.bound_url),
       bound_environment = coalesce(target.bound_environment, excluded.bound_environment)
     returning bound_uuid, bound_environment`,
    [id, seen.uuid, seen.url, seen.environment],
  )
  if (row!.bound_uuid !== seen.uuid)
    return `it is another database (${seen.uuid}) than the one bound (${row!.bound_uuid})`
  if (row!.bound_environment !== seen.environment)
    return `the database is ${seen.environment} now, it was bound as ${row!.bound_environment}`
  return undefined
}

/** A manager's decision that the database there now is the right one; it is bound at the next contact. */
export async function rebindTarget(
  work: Work,
  wake: Wake,
  id: string,
  actor: string,
  reason: string,
): Promise<void> {
  await work.query(
    'update target set bound_uuid = null, bound_url = null, bound_environment = null where id = $1',
    [id],
  )
  await addAudit(work, {
    actor,
    action: 'target.rebind',
    subject: `connection ${id}`,
    detail: { reason },
  })
  await resumeTarget(work, wake, id, actor)
}
