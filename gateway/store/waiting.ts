// What waits for an agreement or a connection, and goes on by itself when that is there.
import { closeAlert } from './alerts.js'
import { decisionAlert } from './interchanges.js'
import { intakeLane } from './mailbox.js'
import type { Work } from './work.js'

/** Interchanges that go on in one go; the others follow when it is looked again. */
const AT_ONCE = 5_000

interface Released {
  id: string
  inbox_id: string
  position: number
  correlation_id: string
  channel: string
  identity: string
  state: string
  reason: string
  agreement: string
}

/**
 * Translates interchanges for which an active agreement is in force now: those that had none, and those that came for
 * the other environment. Who may carry what is asked again, so what a stranger brought stays where it is. Gives how
 * many; `agreement` looks for that one only.
 */
export async function releaseInterchanges(
  work: Work,
  actor: string,
  agreement?: string,
): Promise<number> {
  const found = await work.query<Released>(
    `select i.id, i.inbox_id, i.position, i.state, i.reason, inbox.correlation_id, inbox.channel, inbox.identity,
       a.id as agreement
     from interchange i
     join inbox on inbox.id = i.inbox_id
     join agreement a on a.state = 'active' and a.body->>'standard' = i.standard
       and btrim(a.body#>>'{partner,interchange,id}') = i.sender
       and btrim(a.body#>>'{us,interchange,id}') = i.receiver
       and coalesce(btrim(a.body#>>'{partner,interchange,qualifier}'), i.sender_qualifier) = i.sender_qualifier
       and coalesce(btrim(a.body#>>'{us,interchange,qualifier}'), i.receiver_qualifier) = i.receiver_qualifier
       and a.body->>'environment' = case when i.test then 'test' else 'production' end
       and coalesce(a.body->>'validFrom', '') <= to_char(now() at time zone 'utc', 'YYYY-MM-DD')
     where i.state in ('unmatched', 'held') and ($1::text is null or a.id = $1)
       -- held although the environment fits: it was marked as information, which no agreement changes
       and not exists (
         select from agreement b where b.id = i.agreement_id and b.version = i.agreement_version
           and b.body->>'environment' = case when i.test then 'test' else 'production' end)
     order by inbox.received_at, i.inbox_id, i.position
     limit ${AT_ONCE} for update of i skip locked`,
    [agreement ?? null],
  )
  const released = [...new Map(found.map((row) => [row.id, row])).values()]
  if (released.length === 0) return 0
  await work.query(
    `update interchange set state = 'received', updated_at = now() where id = any($1::uuid[])`,
    [released.map((row) => row.id)],
  )
  for (const row of released) {
    work.enqueue({
      lane: intakeLane(row.identity, row.channel),
      kind: 'translate',
      payload: { inboxId: row.inbox_id, position: row.position },
    })
    work.event({
      correlationId: row.correlation_id,
      inboxId: row.inbox_id,
      interchangeId: row.id,
      stage: 'operator',
      state: 'received',
      actor,
      detail: `agreement ${row.agreement} is active`,
    })
  }
  const told = new Map(released.map((row) => [decisionAlert(row.state, row, row.reason), row]))
  for (const row of told.values()) await closeDecisionAlert(work, row, actor)
  return released.length
}

/** Closes what was told of interchanges that wait, when none is left; if one has to wait again, it is told again. */
export async function closeDecisionAlert(
  work: Work,
  row: { id: string; state: string; reason: string; channel: string; identity: string },
  actor: string,
): Promise<void> {
  const { id, state, reason, channel, identity } = row
  const others = await work.query(
    `select from interchange join inbox on inbox.id = inbox_id
     where interchange.state = $2 and reason = $3 and channel = $4 and identity = $5 and interchange.id <> $1 limit 1`,
    [id, state, reason, channel, identity],
  )
  if (others.length === 0) await closeAlert(work, decisionAlert(state, row, reason), actor)
}

/**
 * Inbound messages that were held before any try to deliver them: their connection was missing or of the other
 * environment. What a target refused has an attempt, and is a person's decision.
 */
const WAITING = `m.state = 'held' and m.direction = 'in' and m.error_owner = 'gateway' and m.agreement_id is not null
  and not exists (select from delivery_attempt d where d.message_id = m.id and d.revision = m.revision)
  and not exists (select from message newer where newer.id = m.id and newer.revision > m.revision)`

/** Agreements whose messages wait for a connection, by environment. */
export const waitingAgreements = (work: Work): Promise<{ agreement: string; test: boolean }[]> =>
  work.query(`select distinct m.agreement_id as agreement, m.test from message m where ${WAITING}`)

export interface WaitingMessage {
  readonly id: string
  readonly revision: number
  readonly correlation_id: string
  readonly document_number: string | null
}

/** Gives them to a target; the caller enqueues their delivery. Closes what was told of them when none is left. */
export async function releaseMessages(
  work: Work,
  { agreement, test }: { agreement: string; test: boolean },
  target: string,
): Promise<WaitingMessage[]> {
  const released = await work.query<WaitingMessage>(
    `update message set state = 'translated', target = $3, error = null, error_owner = null, updated_at = now()
     where (id, revision) in (
       select m.id, m.revision from message m where ${WAITING} and m.agreement_id = $1 and m.test = $2
       order by m.created_at, m.id limit ${AT_ONCE} for update skip locked)
     returning id, revision, correlation_id, document_number`,
    [agreement, test, target],
  )
  await closeWaitingAlert(work, agreement, 'gateway')
  return released
}

/** Closes what was told of messages that wait for a connection, when none of that agreement does any more. */
export async function closeWaitingAlert(
  work: Work,
  agreement: string,
  actor: string,
): Promise<void> {
  await work.query(
    `update alert set closed_at = now(), closed_by = $2
     where kind = 'message-held' and subject = $3 and closed_at is null
       and not exists (select from message m where ${WAITING} and m.agreement_id = $1)`,
    [agreement, actor, `agreement ${agreement}`],
  )
}
