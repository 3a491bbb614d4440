// Everything about one message, for the page a person opens: what it says, where it came from, what became of it.
import type { Queryable } from './db.js'

export interface MessageDetail {
  id: string
  revision: number
  direction: 'in' | 'out'
  state: string
  odooState: string | null
  businessState: string
  overdue: boolean
  partner: string
  ourRole: string
  theirRole: string
  company: string | null
  test: boolean
  target: string | null
  correlationId: string
  agreementId: string | null
  agreementVersion: number | null
  mapHash: string | null
  standard: string | null
  messageType: string | null
  messageVersion: string | null
  controlInterchange: string | null
  controlGroup: string | null
  controlMessage: string | null
  kind: string | null
  documentFunction: string | null
  documentNumber: string | null
  documentDate: string | null
  interchangeId: string | null
  position: number | null
  issues: string
  issueCount: number
  records: string | null
  errorOwner: string | null
  error: string | null
  nextAttemptAt: Date | null
  createdAt: Date
  updatedAt: Date
}

const DETAIL = `id, revision, direction, state, odoo_state as "odooState", business_state as "businessState", overdue,
  partner, our_role as "ourRole", their_role as "theirRole", company, test, target, correlation_id as "correlationId",
  agreement_id as "agreementId", agreement_version as "agreementVersion", map_hash as "mapHash", standard,
  message_type as "messageType", message_version as "messageVersion",
  coalesce(control_interchange, (select control from interchange where id = interchange_id)) as "controlInterchange",
  control_group as "controlGroup", control_message as "controlMessage", kind, document_function as "documentFunction",
  document_number as "documentNumber", document_date as "documentDate", interchange_id as "interchangeId", position,
  issues, issue_count as "issueCount", records, error_owner as "errorOwner", error,
  next_attempt_at as "nextAttemptAt", created_at as "createdAt",
  updated_at as "updatedAt"`

/** The newest revision, or the one asked for. */
export async function messageDetail(
  db: Queryable,
  id: string,
  revision?: number,
): Promise<MessageDetail | undefined> {
  const [row] = await db.query<MessageDetail>(
    `select ${DETAIL} from message where id = $1 and ($2::integer is null or revision = $2)
     order by revision desc limit 1`,
    [id, revision ?? null],
  )
  return row
}

export async function revisionsOf(
  db: Queryable,
  id: string,
): Promise<{ revision: number; state: string; createdAt: Date }[]> {
  return db.query(
    `select revision, state, created_at as "createdAt" from message where id = $1 order by revision`,
    [id],
  )
}

export async function keysOfMessage(
  db: Queryable,
  id: string,
  revision: number,
): Promise<{ type: string; value: string }[]> {
  return db.query(
    'select type, value from message_key where message_id = $1 and revision = $2 order by type, value limit 1000',
    [id, revision],
  )
}

export interface TimelineEntry {
  at: Date
  /** What the entry is about. */
  of: 'message' | 'interchange' | 'payload'
  stage: string
  state: string
  actor: string | null
  detail: string | null
}

/** History of the message and of the interchange and payload it came in, oldest first. */
export async function timelineOf(
  db: Queryable,
  id: string,
  revision: number,
): Promise<TimelineEntry[]> {
  return db.query(
    `with one as (select correlation_id, interchange_id from message where id = $1 and revision = $2)
     select at, case when message_id is not null then 'message' when interchange_id is not null then 'interchange'
       else 'payload' end as of, stage, state, actor, detail from (
       select e.* from stage_event e where message_id = $1 and revision = $2
       union all
       select e.* from stage_event e join one using (correlation_id)
       where message_id is null and (e.interchange_id is null or e.interchange_id = one.interchange_id)
     ) found order by id limit 1000`,
    [id, revision],
  )
}

export interface AttemptRow {
  at: Date
  durationMs: number
  destination: string
  outcome: string
  status: number | null
  detail: string | null
}

/** Tries to hand the message or the bytes made of it over, newest first. */
export async function attemptsOf(
  db: Queryable,
  id: string,
  revision: number,
): Promise<AttemptRow[]> {
  return db.query(
    `select at, duration_ms as "durationMs", destination, outcome, status, detail from delivery_attempt
     where (message_id = $1 and revision = $2)
        or outbox_id in (select id from outbox where message_id = $1 and revision = $2)
     order by id desc limit 200`,
    [id, revision],
  )
}

export interface SendingRow {
  id: string
  purpose: string
  /** `997`, `TA1`; of a document its set. */
  type: string | null
  control: string | null
  group: string | null
  state: string
  channel: string
  transmission: number
  sha256: Buffer
  size: number
  contentType: string
  /** What is wrong, or while it is tried again, why the last try failed. */
  error: string | null
  /** Tries to hand it over, of all its transmissions. */
  tries: number
  nextAttemptAt: Date | null
  /** What the channel keeps of the transfer: of AS2 the receipt, of SFTP the path, of HTTP the status. */
  evidence: Readonly<Record<string, unknown>> | null
  createdAt: Date
  transferredAt: Date | null
  dueAt: Date | null
  acknowledgedAt: Date | null
}

const SENDING = `o.id, purpose, message_type as type, control_interchange as control, control_group as "group", state,
  channel, transmission, sha256, size, content_type as "contentType", error, evidence,
  (select count(*) from delivery_attempt d where d.outbox_id = o.id) as tries,
  next_attempt_at as "nextAttemptAt", created_at as "createdAt",
  transferred_at as "transferredAt", due_at as "dueAt", fulfilled_at as "acknowledgedAt"`

/** Bytes made of an outbound message, newest first. */
export async function sendingsOf(
  db: Queryable,
  id: string,
  revision: number,
): Promise<SendingRow[]> {
  return db.query(
    `select ${SENDING} from outbox o left join ack_expectation a on a.outbox_id = o.id
     where o.message_id = $1 and o.revision = $2 order by o.created_at desc, o.id desc`,
    [id, revision],
  )
}

/** Acknowledgements made for an interchange, or for all of a payload. */
export async function acksFor(
  db: Queryable,
  of: { interchangeId: string } | { payloadId: string },
): Promise<SendingRow[]> {
  const [where, id] =
    'interchangeId' in of
      ? ['interchange_id = $1', of.interchangeId]
      : ['interchange_id in (select id from interchange where inbox_id = $1)', of.payloadId]
  return db.query(
    `select ${SENDING} from outbox o left join ack_expectation a on a.outbox_id = o.id
     where ${where} and purpose = 'ack' order by o.created_at, o.id`,
    [id],
  )
}
