// Finding payloads and the interchanges in them.
import type { Queryable, Value } from './db.js'
import { AT, plainKey, type SortKey } from './message-search.js'
import { plainNumber } from './outbox.js'

export interface InterchangeFilter {
  /** With or without leading zeros. */
  control?: string
  sender?: string
  receiver?: string
  /** Of a document in it. */
  number?: string
  state?: string
  channel?: string
  identity?: string
  test?: boolean
  /** Rejected as a whole, or sets in it are. */
  rejected?: boolean
  since?: string
  until?: string
}

/** One envelope of a payload; a payload without any (not translated yet, or no EDI) has one row without it. */
export interface FoundInterchange {
  /** Of the payload. */
  id: string
  interchangeId: string | null
  position: number | null
  state: string
  reason: string | null
  channel: string
  identity: string
  fileName: string | null
  standard: string | null
  sender: string | null
  receiver: string | null
  control: string | null
  test: boolean | null
  agreementId: string | null
  sets: number | null
  accepted: number | null
  rejected: number | null
  held: number | null
  issueCount: number | null
  receivedAt: Date
  at: string
}

/** Of a row `i` of interchange: its sets that wait for a person. All of them while it waits itself. */
const HELD = `lateral (
  select case when i.state in ('unmatched', 'quarantined', 'held', 'dead') then i.sets
    else (select count(*)::integer from message m where m.interchange_id = i.id and m.state in ('held', 'dead')
      and not exists (select from message newer where newer.id = m.id and newer.revision > m.revision))
  end as held) waiting`
const COUNTS = `sets, sets - sets_rejected - held as accepted, sets_rejected as rejected, held`

export async function searchInterchanges(
  db: Queryable,
  filter: InterchangeFilter,
  limit: number,
  after?: SortKey,
): Promise<FoundInterchange[]> {
  const values: Value[] = []
  const bind = (value: Value) => `$${values.push(value)}`
  const where: string[] = []
  const { control, sender, receiver, state, channel, identity, test, rejected, since, until } =
    filter
  if (filter.number !== undefined) {
    const number = bind(plainKey(filter.number))
    where.push(`i.id in (select interchange_id from waiting_key where value = ${number}
      union all select m.interchange_id from message_key k
        join message m on m.id = k.message_id and m.revision = k.revision where k.value = ${number})`)
  }
  if (control !== undefined) where.push(`i.control = ${bind(plainNumber(control))}`)
  if (sender !== undefined) where.push(`i.sender = ${bind(sender)}`)
  if (receiver !== undefined) where.push(`i.receiver = ${bind(receiver)}`)
  if (state !== undefined) where.push(`coalesce(i.state, b.state) = ${bind(state)}`)
  if (channel !== undefined) where.push(`b.channel = ${bind(channel)}`)
  if (identity !== undefined) where.push(`b.identity = ${bind(identity)}`)
  if (test !== undefined) where.push(`i.test = ${bind(test)}`)
  if (rejected !== undefined)
    where.push(
      `${rejected ? '' : 'not '}(coalesce(i.sets_rejected, 0) > 0 or coalesce(i.state, b.state) = 'rejected')`,
    )
  if (since !== undefined) where.push(`b.received_at >= ${bind(since)}::timestamptz`)
  if (until !== undefined) where.push(`b.received_at < ${bind(until)}::timestamptz`)
  const row = `coalesce(i.id, b.id)`
  if (after) {
    where.push(
      `(b.received_at, ${row}) < (${bind(after.at)}::timestamptz, ${bind(after.id)}::uuid)`,
    )
  }
  return db.query(
    `select b.id, i.id as "interchangeId", position, coalesce(i.state, b.state) as state,
       coalesce(i.reason, b.error) as reason, b.channel, b.identity, b.file_name as "fileName", standard, sender,
       receiver, control, test, agreement_id as "agreementId", ${COUNTS},
       issue_count as "issueCount", b.received_at as "receivedAt", ${AT('b.received_at')} as at
     from inbox b left join interchange i on i.inbox_id = b.id left join ${HELD} on true
     ${where.length > 0 ? `where ${where.join(' and ')}` : ''}
     order by b.received_at desc, ${row} desc limit ${bind(limit)}`,
    values,
  )
}

export interface PayloadRow {
  id: string
  channel: string
  identity: string
  fileName: string | null
  sha256: Buffer
  size: number
  state: string
  error: string | null
  correlationId: string
  receivedAt: Date
}

/** A payload by its own id or by that of an interchange in it; or the newest with that control number. */
export async function findPayload(
  db: Queryable,
  by: { id: string } | { control: string },
): Promise<{ payload: PayloadRow; interchangeId?: string } | undefined> {
  const [at] =
    'id' in by
      ? await db.query<{ inbox: string; interchange: string | null }>(
          `select inbox_id as inbox, id as interchange from interchange where id = $1
           union all select id, null from inbox where id = $1`,
          [by.id],
        )
      : await db.query<{ inbox: string; interchange: string | null }>(
          `select inbox_id as inbox, id as interchange from interchange where control = $1
           order by created_at desc, id desc limit 1`,
          [plainNumber(by.control)],
        )
  if (at === undefined) return undefined
  const [payload] = await db.query<PayloadRow>(
    `select id, channel, identity, file_name as "fileName", sha256, size, state, error,
       correlation_id as "correlationId", received_at as "receivedAt" from inbox where id = $1`,
    [at.inbox],
  )
  if (payload === undefined) return undefined
  return { payload, ...(at.interchange === null ? {} : { interchangeId: at.interchange }) }
}

export interface EnvelopeRow {
  id: string
  position: number
  standard: string
  senderQualifier: string
  sender: string
  receiverQualifier: string
  receiver: string
  control: string
  test: boolean
  agreementId: string | null
  agreementVersion: number | null
  state: string
  reason: string | null
  start: number
  end: number
  sets: number
  /** Sets that go on, were rejected, and wait for a person. */
  accepted: number
  rejected: number
  held: number
  /** Findings of envelope, groups and sets. */
  issueCount: number
  /** Those of envelope and groups. */
  issues: string
}

const ENVELOPE = `id, position, standard, sender_qualifier as "senderQualifier", sender,
  receiver_qualifier as "receiverQualifier", receiver, control, test, agreement_id as "agreementId",
  agreement_version as "agreementVersion", state, reason, start_offset as start, end_offset as "end", ${COUNTS},
  issue_count as "issueCount", issues`

export async function envelopesOf(db: Queryable, payloadId: string): Promise<EnvelopeRow[]> {
  return db.query(
    `select ${ENVELOPE} from interchange i cross join ${HELD} where inbox_id = $1 order by position limit 1000`,
    [payloadId],
  )
}

export async function findEnvelope(
  db: Queryable,
  id: string,
): Promise<(EnvelopeRow & { payloadId: string; sha256: Buffer }) | undefined> {
  const [row] = await db.query<EnvelopeRow & { payloadId: string; sha256: Buffer }>(
    `select ${ENVELOPE}, inbox_id as "payloadId",
       (select sha256 from inbox where inbox.id = inbox_id) as sha256
     from interchange i cross join ${HELD} where id = $1`,
    [id],
  )
  return row
}

/** Messages an interchange led to, newest revision of each. */
export async function messagesIn(
  db: Queryable,
  interchangeIds: readonly string[],
): Promise<
  {
    id: string
    revision: number
    interchangeId: string
    position: number
    state: string
    messageType: string | null
    documentNumber: string | null
  }[]
> {
  return db.query(
    `select distinct on (interchange_id, position) id, revision, interchange_id as "interchangeId", position, state,
       message_type as "messageType", document_number as "documentNumber"
     from message where interchange_id = any($1::uuid[])
     order by interchange_id, position, revision desc limit 5000`,
    [[...interchangeIds]],
  )
}
