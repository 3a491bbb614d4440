// Envelopes found in payloads: one row each, which remembers what was decided and how far translating has come.
import type { Issue } from '../../edi-maps/issue.js'
import type { Interchange } from '../../edi-maps/standard.js'
import type { Queryable } from './db.js'
import { issuesText } from './messages.js'
import { plainNumber } from './outbox.js'
import type { Work } from './work.js'

/** `received` while it is translated in slices. */
export const INTERCHANGE_STATES = [
  'received',
  'translated',
  'rejected',
  'unmatched',
  'quarantined',
  'held',
  'dead',
] as const
export type InterchangeState = (typeof INTERCHANGE_STATES)[number]

export interface InboxRow {
  readonly id: string
  readonly channel: string
  readonly identity: string
  readonly sha256: Buffer
  readonly size: number
  readonly state: string
  readonly correlation_id: string
  readonly received_at: Date
}

export async function readInbox(db: Queryable, id: string): Promise<InboxRow | undefined> {
  const [row] = await db.query<InboxRow>(
    `select id, channel, identity, sha256, size, state, correlation_id, received_at from inbox where id = $1`,
    [id],
  )
  return row
}

export async function moveInbox(
  work: Work,
  id: string,
  state: InterchangeState,
  error?: string,
): Promise<void> {
  await work.query('update inbox set state = $2, error = $3 where id = $1', [
    id,
    state,
    error ?? null,
  ])
}

/** Key of the alert about what one identity brings and the gateway does not translate, for one reason. */
export const decisionAlert = (
  state: string,
  { channel, identity }: Pick<InboxRow, 'channel' | 'identity'>,
  reason: string,
) => `${state} ${channel} ${identity}: ${reason}`

export interface InterchangeChange {
  readonly id: string
  readonly inboxId: string
  /** Place in the payload, from 1. */
  readonly position: number
  readonly interchange: Interchange
  readonly agreement?: { readonly id: string; readonly version: number }
  readonly state: InterchangeState
  readonly reason?: string
  readonly sets: number
  readonly issues: readonly Issue[]
}

/** Inserts the row, or changes the one of an earlier try or of a replay. Gives its id. */
export async function keepInterchange(work: Work, row: InterchangeChange): Promise<string> {
  const { interchange: i } = row
  const [kept] = await work.query<{ id: string }>(
    `insert into interchange (id, inbox_id, position, standard, sender_qualifier, sender, receiver_qualifier, receiver,
       control, test, agreement_id, agreement_version, state, reason, start_offset, end_offset, sets, issue_count, issues)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
     on conflict (inbox_id, position) do update set agreement_id = excluded.agreement_id,
       agreement_version = excluded.agreement_version, state = excluded.state, reason = excluded.reason,
       end_offset = excluded.end_offset, sets = excluded.sets, issue_count = excluded.issue_count,
       issues = excluded.issues, updated_at = now()
     returning id`,
    [
      row.id,
      row.inboxId,
      row.position,
      i.standard,
      i.sender.qualifier?.trim() ?? '',
      i.sender.id.trim(),
      i.receiver.qualifier?.trim() ?? '',
      i.receiver.id.trim(),
      plainNumber(i.control),
      i.test,
      row.agreement?.id ?? null,
      row.agreement?.version ?? null,
      row.state,
      row.reason ?? null,
      i.offset,
      i.end,
      row.sets,
      row.issues.length,
      issuesText(row.issues),
    ],
  )
  return kept!.id
}

/**
 * Notes that this interchange has been seen. Gives the one seen before with the same ids and control number within the
 * look-back time, if that is another one; the row lock decides between two that come at once.
 */
export async function seenBefore(
  work: Work,
  id: string,
  i: Interchange,
  lookBackDays: number,
): Promise<string | undefined> {
  const pair = [
    i.standard,
    i.sender.qualifier?.trim() ?? '',
    i.sender.id.trim(),
    i.receiver.qualifier?.trim() ?? '',
    i.receiver.id.trim(),
    plainNumber(i.control),
    i.test,
  ]
  const noted = await work.query(
    `insert into interchange_seen (standard, sender_qualifier, sender, receiver_qualifier, receiver, control, test,
       interchange_id, seen_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, now())
     on conflict (standard, sender_qualifier, sender, receiver_qualifier, receiver, control, test)
       do update set interchange_id = excluded.interchange_id, seen_at = now()
       where interchange_seen.interchange_id = excluded.interchange_id
         or interchange_seen.seen_at < now() - make_interval(days => $9)
     returning interchange_id`,
    [...pair, id, lookBackDays],
  )
  if (noted.length > 0) return undefined
  const [seen] = await work.query<{ interchange_id: string }>(
    `select interchange_id from interchange_seen where standard = $1 and sender_qualifier = $2 and sender = $3
       and receiver_qualifier = $4 and receiver = $5 and control = $6 and test = $7`,
    pair,
  )
  return seen!.interchange_id
}

/** How many sets of an interchange are stored already by this very job; another job starts anew. */
export async function slicesDone(
  db: Queryable,
  inboxId: string,
  position: number,
  job: string,
): Promise<{ id: string; done: number } | undefined> {
  const [row] = await db.query<{ id: string; done: number }>(
    `select id, sets_done as done from interchange
     where inbox_id = $1 and position = $2 and state = 'received' and sets_done_by = $3`,
    [inboxId, position, job],
  )
  return row
}

export async function keepSlices(work: Work, id: string, job: string, done: number): Promise<void> {
  await work.query('update interchange set sets_done = $3, sets_done_by = $2 where id = $1', [
    id,
    job,
    done,
  ])
}

/** Messages an interchange led to before, newest revision of each position. */
export async function messagesOf(
  db: Queryable,
  interchangeId: string,
): Promise<{ id: string; revision: number; position: number; state: string }[]> {
  return db.query(
    `select distinct on (position) id, revision, position, state from message
     where interchange_id = $1 order by position, revision desc`,
    [interchangeId],
  )
}
