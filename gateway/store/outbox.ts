// Bytes on their way to a partner: stored once with their numbers, sent as often as needed, never made again.
import type { GatewayAgreement } from '../agreement.js'
import { spoolOf } from '../spool.js'
import { rows, storeBlobs } from './blobs.js'
import type { Queryable, Value } from './db.js'
import type { NewJob } from './lanes.js'
import type { MessageId } from './messages.js'
import type { Work } from './work.js'

export interface NewOutbox {
  readonly id: string
  /** The same for what must be sent once, e.g. `<message id>.<revision>.<sending>` or `ack <interchange id> 997`. */
  readonly idempotencyKey: string
  readonly purpose: 'document' | 'ack'
  readonly agreement: { readonly id: string; readonly version: number }
  readonly partner: string
  /** Kind of the channel. */
  readonly channel: string
  readonly message?: MessageId
  /** The interchange an acknowledgement answers. */
  readonly interchangeId?: string
  readonly correlationId: string
  readonly standard: string
  /** Ids as the envelope carries them. */
  readonly sender: string
  readonly receiver: string
  readonly test: boolean
  readonly controls: { interchange: string; group?: string; message?: string }
  readonly groupType?: string
  readonly messageType?: string
  readonly bytes: Uint8Array
  readonly contentType: string
}

/** Lane in which bytes of an agreement go out, documents and acknowledgements apart. */
const transferLane = (row: Pick<NewOutbox, 'purpose' | 'partner' | 'agreement'>) =>
  row.purpose === 'ack' ? `ack:${row.partner}` : `transfer:${row.agreement.id}`

/** Stores bytes and queues their transfer. The caller has asked `keysInOutbox`; a race for a key fails here. */
export async function storeOutbox(work: Work, outgoing: readonly NewOutbox[]): Promise<void> {
  for (let at = 0; at < outgoing.length; at += 500)
    await storeSome(work, outgoing.slice(at, at + 500))
}

async function storeSome(work: Work, outgoing: readonly NewOutbox[]): Promise<void> {
  const spools = outgoing.map((row) => spoolOf(row.bytes))
  for (const partner of [...new Set(outgoing.map((row) => row.partner))].sort()) {
    const theirs = spools.filter((_, n) => outgoing[n]!.partner === partner)
    await storeBlobs(work.tx, theirs, partner)
  }
  await work.query(
    `insert into outbox (id, idempotency_key, purpose, agreement_id, agreement_version, partner, channel, message_id,
       revision, interchange_id, correlation_id, standard, sender, receiver, test, control_interchange,
       control_group, group_type, control_message, message_type, sha256, size, content_type)
     values ${rows(outgoing.length, 23, OUTBOX_CASTS)}`,
    outgoing.flatMap((row, n): Value[] => [
      row.id,
      row.idempotencyKey,
      row.purpose,
      row.agreement.id,
      row.agreement.version,
      row.partner,
      row.channel,
      row.message?.id ?? null,
      row.message?.revision ?? null,
      row.interchangeId ?? null,
      row.correlationId,
      row.standard,
      row.sender.trim(),
      row.receiver.trim(),
      row.test,
      plainNumber(row.controls.interchange),
      row.controls.group === undefined ? null : plainNumber(row.controls.group),
      row.groupType ?? null,
      row.controls.message === undefined ? null : plainNumber(row.controls.message),
      row.messageType ?? null,
      spools[n]!.sha256,
      spools[n]!.size,
      row.contentType,
    ]),
  )
  for (const row of outgoing) work.enqueue(transferJob(row.id, row.purpose, transferLane(row)))
}

const OUTBOX_CASTS = [
  ...['::uuid', '', '', '', '::integer', '', '', '::uuid', '::integer', '::uuid', '', '', '', ''],
  ...['::boolean', '', '', '', '', '', '::bytea', '::bigint', ''],
]

const transferJob = (outboxId: string, purpose: OutboxRow['purpose'], lane: string): NewJob => ({
  lane,
  kind: 'transfer',
  payload: { outboxId },
  priority: purpose === 'document' ? 5 : 0,
  policy: purpose === 'document' ? 'block' : 'park',
})

/** Lane of what a channel answers by itself. */
export const answerLane = (identity: string, channel: string) => `answer:${identity}:${channel}`

/** Queues the transfer of stored bytes once more. */
export function queueTransfer(work: Work, row: OutboxRow): void {
  const { id, purpose, agreement_id: agreement, agreement_version: version } = row
  const lane =
    purpose === 'answer' || agreement === null || version === null
      ? answerLane(row.partner, row.channel)
      : transferLane({ purpose, partner: row.partner, agreement: { id: agreement, version } })
  work.enqueue(transferJob(id, purpose, lane))
}

/** Which of these keys bytes were made for already: asked before their numbers are taken. */
export async function keysInOutbox(
  work: Work,
  idempotencyKeys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (idempotencyKeys.length === 0) return new Set()
  const found = await work.query<{ key: string }>(
    'select idempotency_key as key from outbox where idempotency_key = any($1::text[])',
    [idempotencyKeys],
  )
  return new Set(found.map((row) => row.key))
}

/** A control number without the zeros it may be padded with, so that 000000101 and 101 are the same. */
export const plainNumber = (control: string) => control.trim().replace(/^0+(?=.)/, '')

export type OutboxState = 'sent' | 'awaiting' | 'transferred' | 'refused' | 'dead' | 'cancelled'

export interface OutboxRow {
  readonly id: string
  readonly purpose: 'document' | 'ack' | 'answer'
  readonly agreement_id: string | null
  readonly agreement_version: number | null
  readonly partner: string
  readonly channel: string
  readonly address: Readonly<Record<string, unknown>> | null
  readonly message_id: string | null
  readonly revision: number | null
  readonly interchange_id: string | null
  readonly correlation_id: string
  readonly standard: 'x12' | 'edifact' | null
  readonly test: boolean
  readonly control_interchange: string | null
  readonly message_type: string | null
  readonly sha256: Buffer
  readonly size: number
  readonly content_type: string
  readonly state: OutboxState
  readonly transmission: number
}

const COLUMNS = `id, purpose, agreement_id, agreement_version, partner, channel, address, message_id, revision,
  interchange_id, correlation_id, standard, test, control_interchange, message_type, sha256, size, content_type, state, transmission`

export async function readOutbox(db: Queryable, id: string): Promise<OutboxRow | undefined> {
  const [row] = await db.query<OutboxRow>(`select ${COLUMNS} from outbox where id = $1`, [id])
  return row
}

export async function outboxByKey(
  db: Queryable,
  idempotencyKey: string,
): Promise<OutboxRow | undefined> {
  const [row] = await db.query<OutboxRow>(
    `select ${COLUMNS} from outbox where idempotency_key = $1`,
    [idempotencyKey],
  )
  return row
}

/** How a transfer ended or how its last try failed, for people. */
export async function transferOutcome(
  db: Queryable,
  id: string,
): Promise<{ evidence?: Readonly<Record<string, unknown>>; error?: string }> {
  const [row] = await db.query<{
    evidence: Readonly<Record<string, unknown>> | null
    error: string | null
  }>(
    `select evidence, coalesce(error, (select detail from delivery_attempt a where a.outbox_id = o.id
       order by at desc limit 1)) as error from outbox o where id = $1`,
    [id],
  )
  return {
    ...(row?.evidence ? { evidence: row.evidence } : {}),
    ...(row?.error ? { error: row.error } : {}),
  }
}

/** Bytes made for a message, newest first. */
export async function outboxOfMessage(db: Queryable, id: MessageId): Promise<OutboxRow[]> {
  return db.query(
    `select ${COLUMNS} from outbox where message_id = $1 and revision = $2 order by created_at desc, id desc`,
    [id.id, id.revision],
  )
}

/**
 * Takes back acknowledgements of an interchange that were held before any try to hand them over, so that others can be
 * made in their place. Gives their ids and types.
 */
export async function cancelHeldAcks(
  work: Work,
  interchangeId: string,
): Promise<{ id: string; type: string }[]> {
  return work.query(
    `update outbox set state = 'cancelled', idempotency_key = idempotency_key || ' cancelled ' || id
     where interchange_id = $1 and purpose = 'ack' and state = 'refused'
       and not exists (select from delivery_attempt a where a.outbox_id = outbox.id)
     returning id, upper(message_type) as type`,
    [interchangeId],
  )
}

export interface WaitingRow {
  readonly id: string
  readonly type: string | null
  readonly control: string | null
  readonly messageId: string | null
  readonly interchangeId: string | null
  readonly size: number
  readonly contentType: string
  readonly createdAt: Date
}

/** Versions of agreements under which bytes wait to be fetched. */
export const agreementsWaiting = (
  db: Queryable,
): Promise<{ id: string; version: number; body: GatewayAgreement }[]> =>
  db.query(
    `select id, version, body from agreement where (id, version) in (
       select agreement_id, agreement_version from outbox where channel = 'mailbox' and state = 'awaiting')`,
  )

/** Bytes of these agreements that wait to be fetched, oldest first. */
export const waitingOf = (
  db: Queryable,
  agreements: readonly { id: string; version: number }[],
  limit: number,
): Promise<WaitingRow[]> =>
  db.query(
    `select o.id, message_type as type, control_interchange as control, message_id as "messageId",
       interchange_id as "interchangeId", size, content_type as "contentType", created_at as "createdAt"
     from outbox o join unnest($1::text[], $2::integer[]) as mine (id, version)
       on o.agreement_id = mine.id and o.agreement_version = mine.version
     where channel = 'mailbox' and state = 'awaiting' order by created_at, o.id limit $3`,
    [agreements.map(({ id }) => id), agreements.map(({ version }) => version), limit],
  )

/** Moves bytes from one of `from` to `to`; false when they are in none of those states (any more). */
export async function moveOutbox(
  work: Work,
  id: string,
  from: readonly OutboxState[],
  to: OutboxState,
  more: { error?: string } = {},
): Promise<boolean> {
  return (await moveOutboxes(work, [id], from, to, more)) > 0
}

/** Moves all of these; gives how many were in one of the states of `from`. */
export async function moveOutboxes(
  work: Work,
  ids: readonly string[],
  from: readonly OutboxState[],
  to: OutboxState,
  more: { error?: string } = {},
): Promise<number> {
  if (ids.length === 0) return 0
  const moved = await work.query(
    `update outbox set state = $3, error = $4, next_attempt_at = null
     where id = any($1::uuid[]) and state = any($2::text[]) returning id`,
    [ids, [...from], to, more.error ?? null],
  )
  return moved.length
}

/** Marks all of these as transferred, also after they were given up: a receipt that comes late is still a receipt. */
export async function moveTransferred(
  work: Work,
  list: readonly { id: string; evidence: Readonly<Record<string, unknown>> | null }[],
): Promise<void> {
  if (list.length === 0) return
  await work.query(
    `update outbox set state = 'transferred', error = null, next_attempt_at = null,
       evidence = coalesce(new.evidence, outbox.evidence), transferred_at = coalesce(transferred_at, now())
     from unnest($1::uuid[], $2::jsonb[]) as new (id, evidence)
     where outbox.id = new.id and state in ('sent', 'awaiting', 'refused', 'dead')`,
    [
      list.map(({ id }) => id),
      list.map(({ evidence }) => (evidence === null ? null : JSON.stringify(evidence))),
    ],
  )
}

/** One try to reach Odoo or a partner, as it is shown to people. */
export interface Attempt {
  readonly durationMs: number
  /** Host or connection, never a URL with secrets. */
  readonly destination: string
  readonly outcome: 'ok' | 'retry' | 'refused'
  readonly status?: number
  readonly detail?: string
}

/** What an attempt was about. */
export interface Attempted {
  readonly message?: MessageId
  readonly outboxId?: string
}

export async function addAttempt(work: Work, about: Attempted, attempt: Attempt): Promise<void> {
  await addAttempts(work, [{ ...about, ...attempt }])
}

export async function addAttempts(
  work: Work,
  attempts: readonly (Attempted & Attempt)[],
): Promise<void> {
  if (attempts.length === 0) return
  await work.query(
    `insert into delivery_attempt (duration_ms, destination, message_id, revision, outbox_id, outcome, status, detail)
     values ${rows(attempts.length, 8, ['::integer', '', '::uuid', '::integer', '::uuid', '', '::integer', ''])}`,
    attempts.flatMap((one): Value[] => [
      Math.round(one.durationMs),
      one.destination,
      one.message?.id ?? null,
      one.message?.revision ?? null,
      one.outboxId ?? null,
      one.outcome,
      one.status ?? null,
      one.detail ?? null,
    ]),
  )
}
