// Transfers that are tried again and again: their last error, since when and the next try, by partner and channel.
import type { Queryable } from './db.js'
import type { Work } from './work.js'

/** Keeps why a try failed and when the next comes, until the bytes move on. */
export async function noteFailedTry(
  work: Work,
  outboxId: string,
  error: string,
  retryMs: number,
): Promise<void> {
  await work.query(
    `update outbox set error = $2, next_attempt_at = now() + make_interval(secs => $3::float8 / 1000)
     where id = $1 and state = 'sent'`,
    [outboxId, error, retryMs],
  )
}

/** Tries that failed since the bytes `o` of the outbox got through last: `tries` and `since`. */
const FAILED_TRIES = `select count(*) as tries, min(at) as since from delivery_attempt a
  where a.outbox_id = o.id and outcome = 'retry' and a.id > coalesce(
    (select max(id) from delivery_attempt b where b.outbox_id = o.id and b.outcome = 'ok'), 0)`

export interface FailingTransfers {
  partner: string
  channel: string
  /** How many keep failing. */
  count: number
  /** Most tries of one of them. */
  tries: number
  since: Date
  /** Of the one that is tried next. */
  error: string
  next: Date
}

/** An outage is short as a rule: what failed this often, or for this long, is not. */
const TRIES = 3
const MINUTES = 5

export const failingTransfers = (db: Queryable): Promise<FailingTransfers[]> =>
  db.query(
    `select partner, channel, count(*) as count, max(tries) as tries, min(since) as since,
       (array_agg(error order by next_attempt_at))[1] as error, min(next_attempt_at) as next
     from outbox o cross join lateral (${FAILED_TRIES}) failed
     where state = 'sent' and next_attempt_at is not null
       and (tries >= $1 or since < now() - make_interval(mins => $2::integer))
     group by partner, channel order by partner, channel`,
    [TRIES, MINUTES],
  )
