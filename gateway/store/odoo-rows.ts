// How Odoo knows the messages it gave us, and what it was last told of each.
import type { Queryable } from './db.js'
import type { MessageId } from './messages.js'
import type { Work } from './work.js'

export interface OdooRow {
  readonly target: string
  readonly outboxId: string
  /** Token of the last lease; none when Odoo pushed the message. */
  readonly leaseToken: string | null
  /** The result Odoo has accepted last, as JSON. */
  readonly reported: string | null
}

export async function readOdooRow(
  db: Queryable,
  { id, revision }: MessageId,
): Promise<OdooRow | undefined> {
  const [row] = await db.query<OdooRow>(
    `select target, outbox_id as "outboxId", lease_token as "leaseToken", reported
     from odoo_outbox where message_id = $1 and revision = $2`,
    [id, revision],
  )
  return row
}

/** A message was leased or pushed (again): the state is to be told under the newest token. */
export async function keepOdooRow(
  work: Work,
  { id, revision }: MessageId,
  row: { target: string; outboxId: string; leaseToken?: string },
): Promise<void> {
  await work.query(
    `insert into odoo_outbox (message_id, revision, target, outbox_id, lease_token) values ($1, $2, $3, $4, $5)
     on conflict (message_id, revision) do update set target = excluded.target, outbox_id = excluded.outbox_id,
       lease_token = excluded.lease_token, reported = null`,
    [id, revision, row.target, row.outboxId, row.leaseToken ?? null],
  )
}

export async function keepReported(
  work: Work,
  { id, revision }: MessageId,
  reported: string,
): Promise<void> {
  await work.query('update odoo_outbox set reported = $3 where message_id = $1 and revision = $2', [
    id,
    revision,
    reported,
  ])
}

/** Queues a report of the message's state to the Odoo that gave it, if one did. */
export async function reportBack(work: Work, message: MessageId): Promise<void> {
  const row = await readOdooRow(work, message)
  if (row)
    work.enqueue({
      lane: `report:${message.id}`,
      kind: 'report',
      payload: { messageId: message.id, revision: message.revision },
      target: row.target,
    })
}
