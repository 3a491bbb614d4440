// Numbers for metrics and back-pressure, asked for now and then.
import type { Queryable } from './db.js'

export interface StoreFigures {
  jobs: readonly { kind: string; count: number; oldestSeconds: number }[]
  lanesReady: number
  /** Messages that wait for a person. */
  attention: readonly { owner: string; state: string; direction: 'in' | 'out'; count: number }[]
  /** Acknowledgements that did not come in time. */
  overdue: readonly { partner: string; count: number }[]
  /** Interchanges that wait for a person: no agreement, not allowed, held. */
  waiting: readonly { state: string; count: number }[]
  /** What was rejected within the last day; nobody waits for it here. */
  rejected: readonly { what: 'interchanges' | 'messages'; count: number }[]
  /** Open alerts. */
  alerts: readonly { kind: string; count: number }[]
}

export async function storeFigures(db: Queryable): Promise<StoreFigures> {
  const [jobs, [lanes], attention, overdue, waiting, rejected, alerts] = await Promise.all([
    db.query<StoreFigures['jobs'][number]>(
      `select kind, count(*) as count, extract(epoch from now() - min(created_at))::float8 as "oldestSeconds"
       from job where state = 'ready' group by kind`,
    ),
    db.query<{ count: number }>(
      `select count(*) as count from lane
       where pending > 0 and paused_reason is null and ready_at <= now() and lease_until is null`,
    ),
    db.query<StoreFigures['attention'][number]>(
      `select coalesce(error_owner, 'gateway') as owner, state, direction, count(*) as count from message
       where state in ('held', 'dead', 'unmatched', 'quarantined') group by 1, 2, 3`,
    ),
    db.query<StoreFigures['overdue'][number]>(
      `select partner, count(*) as count from message where overdue group by partner`,
    ),
    db.query<StoreFigures['waiting'][number]>(
      `select state, count(*) as count from interchange
       where state in ('unmatched', 'quarantined', 'held', 'dead') group by state`,
    ),
    db.query<StoreFigures['rejected'][number]>(
      `select what, count from (
         select 'interchanges' as what, count(*) as count from interchange
         where state = 'rejected' and created_at > now() - interval '1 day'
         union all select 'messages', count(*) from message
         where state = 'rejected' and created_at > now() - interval '1 day') found where count > 0`,
    ),
    db.query<StoreFigures['alerts'][number]>(
      'select kind, count(*) as count from alert where closed_at is null group by kind',
    ),
  ])
  return { jobs, lanesReady: lanes?.count ?? 0, attention, overdue, waiting, rejected, alerts }
}

/** Payloads that were taken and wait to be translated, counted no further than `limit`. */
export async function untranslated(db: Queryable, limit: number): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*) as count from (
       select 1 from job where kind = 'translate' and state = 'ready' limit $1) waiting`,
    [limit],
  )
  return row?.count ?? 0
}
