// Acknowledgements of what we sent: who waits for which, which one came, which did not.
import type { AckError, Acknowledged } from '../../edi-maps/canonical/functional-ack.js'
import { closeAlert, raiseAlert } from './alerts.js'
import { moveMessage, type MessageId, type PlainIssue } from './messages.js'
import { reportBack } from './odoo-rows.js'
import { moveTransferred, plainNumber } from './outbox.js'
import type { Work } from './work.js'

/** Starts the clock for the acknowledgement of a document that has reached the partner. */
export async function expectAck(
  work: Work,
  outboxId: string,
  message: MessageId,
  minutes: number,
): Promise<void> {
  await work.query(
    `insert into ack_expectation (outbox_id, message_id, revision, due_at)
     values ($1, $2, $3, now() + make_interval(mins => $4))
     on conflict (outbox_id) do update set due_at = excluded.due_at, overdue_at = null`,
    [outboxId, message.id, message.revision, minutes],
  )
}

const overdueAlert = (partner: string) => `ack-overdue ${partner}`

/** Flags what is due; gives how many. A flag, not a state: an acknowledgement that comes late counts as ever. */
export async function flagOverdue(work: Work): Promise<number> {
  const due = await work.query<MessageId & { outbox_id: string }>(
    `update ack_expectation set overdue_at = now() where outbox_id in (
       select outbox_id from ack_expectation
       where due_at < now() and fulfilled_at is null and overdue_at is null
       order by outbox_id limit 500 for update skip locked)
     returning outbox_id, message_id as id, revision`,
  )
  for (const message of due) {
    const [row] = await work.query<{ correlation_id: string; partner: string }>(
      `update message set overdue = true, updated_at = now() where id = $1 and revision = $2
       returning correlation_id, partner`,
      [message.id, message.revision],
    )
    work.event({
      correlationId: row!.correlation_id,
      messageId: message.id,
      revision: message.revision,
      stage: 'ack',
      state: 'overdue',
    })
    await raiseAlert(work, {
      key: overdueAlert(row!.partner),
      kind: 'ack-overdue',
      subject: `partner ${row!.partner}`,
      text: `Partner ${row!.partner} has not acknowledged message ${message.id} in time.`,
    })
    await reportBack(work, message)
  }
  return due.length
}

/** The envelope an acknowledgement came in: it counts only for what we sent to exactly its sender. */
export interface AckEnvelope {
  readonly sender: string
  readonly receiver: string
  readonly test: boolean
}

interface Answered {
  id: string
  message_id: string | null
  revision: number | null
  control_message: string | null
}

/**
 * Applies one entry of a TA1, 997 or CONTRL to the messages it answers. Gives how many it was for; none when we sent
 * nothing like it to that partner. A state once told stays: repeats and contradictions only leave history.
 * `answersBelow`: what it says of an interchange goes for its messages too, as in a CONTRL and not in a TA1.
 */
export async function applyAck(
  work: Work,
  envelope: AckEnvelope,
  entry: Acknowledged,
  answersBelow: boolean,
): Promise<number> {
  const rows = await work.query<Answered>(
    `select id, message_id, revision, control_message from outbox
     where sender = $1 and receiver = $2 and test = $3 and purpose = 'document'
       and ($4::text is null or (control_group = $4 and ($5::text is null or group_type = $5)))
       and ($6::text is null or control_interchange = $6)
       and ($7::text is null or (control_message = $7 and message_type = $8))
     order by id for update`,
    [
      envelope.receiver.trim(),
      envelope.sender.trim(),
      envelope.test,
      entry.group ? plainNumber(entry.group.control) : null,
      entry.group?.type ?? null,
      entry.interchange ? plainNumber(entry.interchange.control) : null,
      entry.transaction ? plainNumber(entry.transaction.control) : null,
      entry.transaction?.type ?? null,
    ],
  )
  for (const row of rows) await applyTo(work, row, entry, answersBelow)
  return rows.length
}

async function applyTo(
  work: Work,
  row: Answered,
  entry: Acknowledged,
  answersBelow: boolean,
): Promise<void> {
  // Whoever acknowledges has received, also when the answer to the transfer was lost.
  await moveTransferred(work, [{ id: row.id, evidence: { acknowledged: entry.status } }])
  if (row.message_id === null || row.revision === null) return
  const message = { id: row.message_id, revision: row.revision }
  const state = stateOf(entry, answersBelow)
  if (state === undefined) {
    await moveMessage(work, message, 'transferred', { stage: 'ack' })
    await reportBack(work, message)
    return
  }
  await work.query(
    'update ack_expectation set fulfilled_at = coalesce(fulfilled_at, now()) where outbox_id = $1',
    [row.id],
  )
  await endOverdue(work, message)
  const issues = entry.errors.map(ackIssue)
  await moveMessage(work, message, state, {
    stage: 'ack',
    ...(issues.length > 0 ? { issues } : {}),
    ...(state === 'rejected'
      ? { error: { owner: 'gateway', text: 'The partner rejected the document.' } }
      : {}),
  })
  if (state === 'rejected')
    await raiseAlert(work, {
      key: `rejected ${message.id}.${message.revision}`,
      kind: 'message-rejected',
      subject: `message ${message.id}`,
      text: `The partner rejected message ${message.id}: ${issues[0]?.text ?? 'no reason given'}`,
    })
  await reportBack(work, message)
}

/** Takes the flag off; the alert ends with the last overdue acknowledgement of the partner. */
async function endOverdue(work: Work, { id, revision }: MessageId): Promise<void> {
  const [late] = await work.query<{ partner: string }>(
    `update message set overdue = false where id = $1 and revision = $2 and overdue returning partner`,
    [id, revision],
  )
  if (!late) return
  const others = await work.query('select from message where overdue and partner = $1 limit 1', [
    late.partner,
  ])
  if (others.length === 0) await closeAlert(work, overdueAlert(late.partner), 'gateway')
}

/** Only an answer to the document itself decides; that an interchange arrived well is no verdict on it, unless it says so. */
function stateOf({ level, status }: Acknowledged, answersBelow: boolean) {
  if (status === 'rejected') return 'rejected'
  if (
    (level === 'interchange' && !answersBelow) ||
    status === 'received' ||
    status === 'partiallyAccepted'
  )
    return undefined
  return status === 'accepted' ? 'accepted' : 'accepted_with_errors'
}

function ackIssue(error: AckError): PlainIssue {
  const place = [
    error.segmentIndex === undefined ? '' : `segment ${error.segmentIndex}`,
    error.tag ?? '',
    error.element === undefined ? '' : `element ${error.element}`,
    error.component === undefined ? '' : `component ${error.component}`,
  ]
    .filter((part) => part !== '')
    .join(', ')
  const value = error.value === undefined ? '' : `, value ${error.value}`
  return {
    code: error.code,
    path: place,
    text: `error ${error.code} of list ${error.scheme}${place === '' ? '' : ` in ${place}`}${value}`,
  }
}
