// Messages: one row per id and revision. States move in these verbs only, and only forward.
import type { Message } from '../../edi-maps/canonical/message.js'
import type { InboundState, OdooState, OutboundState } from '../../edi-maps/canonical/states.js'
import type { Issue } from '../../edi-maps/issue.js'
import { rows } from './blobs.js'
import type { Queryable, Value } from './db.js'
import { payloadCells, PAYLOAD_COLUMNS, type PayloadRow } from './message-payload.js'
import type { Work } from './work.js'

export interface MessageId {
  readonly id: string
  readonly revision: number
}

/** Numbers a person searches by. */
export interface MessageKey {
  /** order, shipment, sscc, pro, bol, tracking, invoice … */
  readonly type: string
  readonly value: string
}

type About = Pick<
  NonNullable<Message['document']>,
  'kind' | 'function' | 'documentNumber' | 'documentDate'
>

export interface NewMessage {
  /** The Message without its document when none could be made. */
  readonly message: Omit<Message, 'document'> & Partial<Pick<Message, 'document'>>
  /** What a document that could not be made would have been, as far as that is known. */
  readonly about?: Partial<About>
  readonly state: InboundState | OutboundState
  /** JSON as it goes to or came from Odoo; absent when there is no document. */
  readonly payload?: string
  readonly target?: string
  readonly agreement?: { readonly id: string; readonly version: number; readonly mapHash?: string }
  readonly interchange?: { readonly id: string; readonly position: number }
  readonly standard?: string
  readonly messageType?: string
  readonly messageVersion?: string
  readonly controls?: { interchange?: string; group?: string; message?: string }
  readonly issues?: readonly (Issue | PlainIssue)[]
  readonly keys?: readonly MessageKey[]
  readonly error?: { readonly owner: ErrorOwner; readonly text: string }
}

/** An issue of something else than a document: the path is a JSON pointer or empty. */
export interface PlainIssue {
  readonly code: string
  readonly path?: string
  readonly text: string
}

/** One owner per error: who has to do something. */
export type ErrorOwner = 'gateway' | 'odoo' | 'channel' | 'partner'

/** Issues kept with a row; all are counted. */
const ISSUES_KEPT = 1000

export const issuesText = (issues: readonly unknown[]) =>
  JSON.stringify(issues.slice(0, ISSUES_KEPT))

/** Inserts messages; one that is there already is left alone. Gives the ids that were new. */
export async function insertMessages(
  work: Work,
  messages: readonly NewMessage[],
): Promise<MessageId[]> {
  const inserted: MessageId[] = []
  for (let at = 0; at < messages.length; at += 200)
    inserted.push(...(await insertSome(work, messages.slice(at, at + 200))))
  return inserted
}

async function insertSome(work: Work, messages: readonly NewMessage[]): Promise<MessageId[]> {
  const payloads = await payloadCells(work.tx, messages)
  const cells = messages.flatMap((one, n): Value[] => {
    const { message: m } = one
    const about: Partial<About> = m.document ?? one.about ?? {}
    return [
      m.id,
      m.revision,
      m.correlationId,
      m.direction,
      one.state,
      m.partner,
      m.ourRole,
      m.theirRole,
      m.company ?? null,
      m.test,
      one.target ?? null,
      one.agreement?.id ?? null,
      one.agreement?.version ?? null,
      one.agreement?.mapHash ?? null,
      one.interchange?.id ?? null,
      one.interchange?.position ?? null,
      one.standard ?? null,
      one.messageType ?? null,
      one.messageVersion ?? null,
      one.controls?.interchange ?? null,
      one.controls?.group ?? null,
      one.controls?.message ?? null,
      about.kind ?? null,
      about.function ?? null,
      about.documentNumber ?? null,
      about.documentDate ?? null,
      ...payloads[n]!,
      one.issues?.length ?? 0,
      issuesText(one.issues ?? []),
      one.error?.owner ?? null,
      one.error?.text ?? null,
    ]
  })
  const fresh = await work.query<MessageId>(
    `insert into message (id, revision, correlation_id, direction, state, partner, our_role, their_role, company,
       test, target, agreement_id, agreement_version, map_hash, interchange_id, position, standard, message_type,
       message_version, control_interchange, control_group, control_message, kind, document_function,
       document_number, document_date, payload, payload_key, payload_blob, payload_sha256, issue_count, issues,
       error_owner, error)
     values ${rows(messages.length, 34, CASTS)}
     on conflict do nothing returning id, revision`,
    cells,
  )
  const isNew = new Set(fresh.map(revisionKey))
  const keys = messages
    .filter(({ message }) => isNew.has(revisionKey(message)))
    .flatMap(({ message, keys = [] }) => {
      const distinct = new Map(keys.map((key) => [`${key.type}\n${key.value}`, key]))
      return [...distinct.values()].flatMap((key): Value[] => [
        key.value.slice(0, 200),
        key.type,
        message.id,
        message.revision,
      ])
    })
  for (let at = 0; at < keys.length; at += 8000) {
    const some = keys.slice(at, at + 8000)
    await work.query(
      `insert into message_key (value, type, message_id, revision)
       values ${rows(some.length / 4, 4, ['', '', '::uuid', '::integer'])} on conflict do nothing`,
      some,
    )
  }
  return fresh
}

const CASTS: string[] = []
CASTS[0] = '::uuid'
CASTS[1] = '::integer'
CASTS[9] = '::boolean'
CASTS[12] = '::integer'
CASTS[14] = '::uuid'
CASTS[15] = '::integer'
CASTS[26] = '::bytea'
CASTS[27] = '::uuid'
CASTS[28] = '::bytea'
CASTS[29] = '::bytea'
CASTS[30] = '::integer'

export interface MessageRow extends PayloadRow {
  readonly correlation_id: string
  readonly direction: 'in' | 'out'
  readonly state: InboundState | OutboundState
  readonly odoo_state: OdooState | null
  readonly business_state: 'none' | 'accepted' | 'rejected'
  readonly overdue: boolean
  readonly partner: string
  readonly test: boolean
  readonly target: string | null
  readonly agreement_id: string | null
  readonly agreement_version: number | null
  readonly interchange_id: string | null
  readonly position: number | null
  readonly message_type: string | null
  readonly kind: string | null
  readonly document_number: string | null
  readonly issues: string
  readonly error: string | null
}

export async function readMessage(
  db: Queryable,
  message: MessageId,
): Promise<MessageRow | undefined> {
  const [row] = (await readMessages(db, [message])).values()
  return row
}

/** How messages are told apart in memory and towards Odoo: `<id>.<revision>`. */
export const revisionKey = ({ id, revision }: MessageId) => `${id}.${revision}`

/** Those that are there, by `revisionKey`. */
export async function readMessages(
  db: Queryable,
  messages: readonly MessageId[],
): Promise<ReadonlyMap<string, MessageRow>> {
  const found = await db.query<MessageRow>(
    `select message.id, revision, correlation_id, direction, state, odoo_state, business_state, overdue, message.partner, test, target,
       agreement_id, agreement_version, interchange_id, position, message_type, kind, document_number, issues, error,
       ${PAYLOAD_COLUMNS}
     from message join unnest($1::uuid[], $2::integer[]) as wanted (id, revision) using (id, revision)
     left join data_key k on k.id = payload_key`,
    [messages.map((one) => one.id), messages.map((one) => one.revision)],
  )
  return new Map(found.map((row) => [revisionKey(row), row]))
}

/** The last documents of an agreement, newest revision of each, newest first. */
export const messagesUnder = (
  db: Queryable,
  agreement: string,
  last: number,
): Promise<MessageId[]> =>
  db.query(
    `select id, revision from message m
     where agreement_id = $1 and coalesce(kind, '') not in ('functionalAck', 'applicationAck')
       and revision = (select max(revision) from message where id = m.id)
     order by created_at desc, id desc limit $2`,
    [agreement, last],
  )

/** How far each state is; a message never goes back. Equal rank: the first one stays. */
const RANK: Readonly<Record<InboundState | OutboundState, number>> = {
  received: 0,
  queued: 0,
  translated: 1,
  sent: 1,
  transferred: 2,
  handed_over: 2,
  applied: 3,
  accepted: 3,
  accepted_with_errors: 3,
  rejected: 3,
  unmatched: 3,
  quarantined: 3,
  held: 2,
  dead: 2,
  cancelled: 3,
}
const before = (state: InboundState | OutboundState) =>
  Object.entries(RANK)
    .filter(([, rank]) => rank < RANK[state])
    .map(([name]) => name)

export interface Change {
  readonly stage: string
  readonly detail?: string
  readonly actor?: string
  readonly error?: { readonly owner: ErrorOwner; readonly text: string }
  readonly issues?: readonly (Issue | PlainIssue)[]
}

/**
 * Moves a message on and writes its history. False when it is that far already or further: then nothing is changed.
 */
export async function moveMessage(
  work: Work,
  { id, revision }: MessageId,
  to: InboundState | OutboundState,
  change: Change,
): Promise<boolean> {
  return changeMessage(work, { id, revision }, to, before(to), change)
}

/** Moves several messages on in the same way. */
export async function moveMessages(
  work: Work,
  messages: readonly MessageId[],
  to: InboundState | OutboundState,
  change: Change,
): Promise<void> {
  if (messages.length > 0) await changeMessages(work, messages, to, before(to), change)
}

/** A person's decision: from exactly these states, also backwards. */
export async function changeMessage(
  work: Work,
  message: MessageId,
  to: InboundState | OutboundState,
  from: readonly string[],
  change: Change,
): Promise<boolean> {
  return (await changeMessages(work, [message], to, from, change)) > 0
}

async function changeMessages(
  work: Work,
  messages: readonly MessageId[],
  to: InboundState | OutboundState,
  from: readonly string[],
  change: Change,
): Promise<number> {
  const moved = await work.query<MessageId & { correlation_id: string }>(
    `with one as (
       select id, revision from message
       where (id, revision) in (select * from unnest($1::uuid[], $2::integer[])) and state = any($4::text[])
       order by id, revision for update
     )
     update message set state = $3, updated_at = now(), error_owner = $5, error = $6, next_attempt_at = null,
       issues = coalesce($7, issues), issue_count = coalesce($8, issue_count)
     from one where message.id = one.id and message.revision = one.revision
     returning message.id, message.revision, correlation_id`,
    [
      messages.map((one) => one.id),
      messages.map((one) => one.revision),
      to,
      [...from],
      change.error?.owner ?? null,
      change.error?.text ?? null,
      change.issues ? issuesText(change.issues) : null,
      change.issues?.length ?? null,
    ],
  )
  const detail = change.detail ?? change.error?.text
  for (const { id, revision, correlation_id: correlationId } of moved)
    work.event({
      correlationId,
      messageId: id,
      revision,
      stage: change.stage,
      state: to,
      ...(change.actor === undefined ? {} : { actor: change.actor }),
      ...(detail === undefined ? {} : { detail }),
    })
  return moved.length
}

/** A try to hand a message over failed and will be made again: lists tell why and when. Its state stays. */
export async function noteRetry(
  work: Work,
  { id, revision }: MessageId,
  error: { readonly owner: ErrorOwner; readonly text: string },
  retryMs: number,
): Promise<void> {
  await work.query(
    `update message set error_owner = $3, error = $4, updated_at = now(),
       next_attempt_at = now() + make_interval(secs => $5::float8 / 1000)
     where id = $1 and revision = $2 and state in ('translated', 'sent')`,
    [id, revision, error.owner, error.text, retryMs],
  )
}

/** The channel has taken messages and their state stays until it says more: what failed before is over. */
export async function noteTaken(work: Work, messages: readonly MessageId[]): Promise<void> {
  if (messages.length > 0)
    await work.query(
      `update message set error_owner = null, error = null, next_attempt_at = null, updated_at = now()
       where (id, revision) in (select * from unnest($1::uuid[], $2::integer[])) and next_attempt_at is not null`,
      [messages.map((one) => one.id), messages.map((one) => one.revision)],
    )
}

/**
 * Tells what the partner's business says of a document, apart from its syntax state. A refusal stays, also when an
 * acceptance follows: a person has to look. False when it was told already.
 */
export async function tellBusiness(
  work: Work,
  { id, revision }: MessageId,
  to: 'accepted' | 'rejected',
  change: Change,
): Promise<boolean> {
  const from = to === 'rejected' ? ['none', 'accepted'] : ['none']
  const [told] = await work.query<{ correlation_id: string }>(
    `update message set business_state = $3, updated_at = now(), error_owner = coalesce($5, error_owner),
       error = coalesce($6, error), issues = coalesce($7, issues), issue_count = coalesce($8, issue_count)
     where id = $1 and revision = $2 and business_state = any($4::text[]) returning correlation_id`,
    [
      id,
      revision,
      to,
      from,
      change.error?.owner ?? null,
      change.error?.text ?? null,
      change.issues ? issuesText(change.issues) : null,
      change.issues?.length ?? null,
    ],
  )
  if (!told) return false
  work.event({
    correlationId: told.correlation_id,
    messageId: id,
    revision,
    stage: change.stage,
    state: to,
    ...(change.error === undefined ? {} : { detail: change.error.text }),
  })
  return true
}
