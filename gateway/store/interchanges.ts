// Envelopes found in payloads: one row each, which remembers what was decided and how far translating has come.
import type { Issue } from '../../edi-maps/issue.js'
import type { Interchange } from '../../edi-maps/standard.js'
import { rows } from './blobs.js'
import type { Queryable, Value } from './db.js'
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
type InterchangeState = (typeof INTERCHANGE_STATES)[number]

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

/** Gives the payloads that are there, by id. */
export async function readInboxes(
  db: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, InboxRow>> {
  const found = await db.query<InboxRow>(
    `select id, channel, identity, sha256, size, state, correlation_id, received_at from inbox
     where id = any($1::uuid[])`,
    [ids],
  )
  return new Map(found.map((row) => [row.id, row]))
}

export interface InboxMove {
  readonly id: string
  readonly state: InterchangeState
  readonly error?: string
}

export async function moveInboxes(work: Work, moves: readonly InboxMove[]): Promise<void> {
  await work.query(
    `update inbox set state = move.state, error = move.error
     from unnest($1::uuid[], $2::text[], $3::text[]) as move (id, state, error) where inbox.id = move.id`,
    [
      moves.map((one) => one.id),
      moves.map((one) => one.state),
      moves.map((one) => one.error ?? null),
    ],
  )
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
  readonly setsRejected: number
  /** Those of the envelope and its groups. */
  readonly issues: readonly Issue[]
  /** Findings within the sets, which stand with their messages. */
  readonly setIssueCount: number
}

/** Inserts rows, or changes those of an earlier try or of a replay. Gives their ids in the same order. */
export async function keepInterchanges(
  work: Work,
  changes: readonly InterchangeChange[],
): Promise<string[]> {
  const ids = new Map<string, string>()
  for (let at = 0; at < changes.length; at += 500) {
    const some = changes.slice(at, at + 500)
    const kept = await work.query<{ id: string; inbox_id: string; position: number }>(
      `insert into interchange (id, inbox_id, position, standard, sender_qualifier, sender, receiver_qualifier, receiver,
         control, test, agreement_id, agreement_version, state, reason, start_offset, end_offset, sets, sets_rejected,
         issue_count, issues)
       values ${rows(some.length, 20, INTERCHANGE_CASTS)}
       on conflict (inbox_id, position) do update set agreement_id = excluded.agreement_id,
         agreement_version = excluded.agreement_version, state = excluded.state, reason = excluded.reason,
         end_offset = excluded.end_offset, sets = excluded.sets, sets_rejected = excluded.sets_rejected,
         issue_count = excluded.issue_count, issues = excluded.issues, updated_at = now()
       returning id, inbox_id, position`,
      some.flatMap((row): Value[] => [
        row.id,
        row.inboxId,
        row.position,
        ...pairOf(row.interchange),
        row.agreement?.id ?? null,
        row.agreement?.version ?? null,
        row.state,
        row.reason ?? null,
        row.interchange.offset,
        row.interchange.end,
        row.sets,
        row.setsRejected,
        row.issues.length + row.setIssueCount,
        issuesText(row.issues),
      ]),
    )
    for (const row of kept) ids.set(`${row.inbox_id} ${row.position}`, row.id)
  }
  return changes.map((row) => ids.get(`${row.inboxId} ${row.position}`)!)
}

const INTERCHANGE_CASTS = [
  ...[
    '::uuid',
    '::uuid',
    '::integer',
    '',
    '',
    '',
    '',
    '',
    '',
    '::boolean',
    '',
    '::integer',
    '',
    '',
  ],
  ...['::bigint', '::bigint', '::integer', '::integer', '::integer', ''],
]

/** What a control number belongs to, and the number. */
const pairOf = (i: Interchange): [string, string, string, string, string, string, boolean] => [
  i.standard,
  i.sender.qualifier?.trim() ?? '',
  i.sender.id.trim(),
  i.receiver.qualifier?.trim() ?? '',
  i.receiver.id.trim(),
  plainNumber(i.control),
  i.test,
]

export interface Arrival {
  /** Row of the interchange. */
  readonly id: string
  readonly interchange: Interchange
  readonly lookBackDays: number
}

/**
 * Notes that these interchanges have been seen, the first of several equal ones first. Gives for each that came before
 * which one was seen with the same ids and control number within the look-back time; the row lock decides between two that
 * come at once.
 */
export async function seenBefore(
  work: Work,
  arrivals: readonly Arrival[],
): Promise<ReadonlyMap<string, string>> {
  const before = new Map<string, string>()
  for (const days of new Set(arrivals.map((one) => one.lookBackDays))) {
    const some = arrivals.filter((one) => one.lookBackDays === days)
    for (let at = 0; at < some.length; at += 500)
      for (const [id, other] of await noteSeen(work, some.slice(at, at + 500), days))
        before.set(id, other)
  }
  return before
}

async function noteSeen(
  work: Work,
  arrivals: readonly Arrival[],
  lookBackDays: number,
): Promise<[id: string, other: string][]> {
  const keyOf = (pair: readonly unknown[]) => JSON.stringify(pair)
  const first = new Map<string, Arrival>()
  for (const one of arrivals) {
    const key = keyOf(pairOf(one.interchange))
    if (!first.has(key)) first.set(key, one)
  }
  // Sorted, so that two batches with the same interchanges cannot wait for each other in a circle.
  const sorted = [...first.keys()].sort().map((key) => first.get(key)!)
  const noted = await work.query<{ interchange_id: string }>(
    `insert into interchange_seen (standard, sender_qualifier, sender, receiver_qualifier, receiver, control, test,
       interchange_id, seen_at)
     select arrived.*, now()
     from (values ${rows(sorted.length, 8, ['', '', '', '', '', '', '::boolean', '::uuid'])}) as arrived
     on conflict (standard, sender_qualifier, sender, receiver_qualifier, receiver, control, test)
       do update set interchange_id = excluded.interchange_id, seen_at = now()
       where interchange_seen.interchange_id = excluded.interchange_id
         or interchange_seen.seen_at < now() - make_interval(days => $${sorted.length * 8 + 1})
     returning interchange_id`,
    [...sorted.flatMap((one): Value[] => [...pairOf(one.interchange), one.id]), lookBackDays],
  )
  const isNoted = new Set(noted.map((row) => row.interchange_id))
  const repeats = arrivals.filter((one) => !isNoted.has(one.id))
  if (repeats.length === 0) return []
  const seen = await work.query<{ pair: unknown[]; interchange_id: string }>(
    `select json_build_array(standard, sender_qualifier, sender, receiver_qualifier, receiver, control, test) as pair,
       interchange_id
     from interchange_seen
     where (standard, sender_qualifier, sender, receiver_qualifier, receiver, control, test)
       in (${rows(repeats.length, 7, ['', '', '', '', '', '', '::boolean'])})`,
    repeats.flatMap((one): Value[] => pairOf(one.interchange)),
  )
  const others = new Map(seen.map((row) => [keyOf(row.pair), row.interchange_id]))
  return repeats.map((one) => [one.id, others.get(keyOf(pairOf(one.interchange)))!])
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

/** Messages interchanges led to before, newest revision of each position. */
export async function messagesOf(
  db: Queryable,
  interchangeIds: readonly string[],
): Promise<
  { interchange_id: string; id: string; revision: number; position: number; state: string }[]
> {
  if (interchangeIds.length === 0) return []
  return db.query(
    `select distinct on (interchange_id, position) interchange_id, id, revision, position, state from message
     where interchange_id = any($1::uuid[]) order by interchange_id, position, revision desc`,
    [interchangeIds],
  )
}
