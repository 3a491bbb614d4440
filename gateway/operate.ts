// What a person can do with a message or interchange. Three verbs for outbound, never one "retry": Retransmit (same
// bytes, same numbers), Send again (same document, new numbers), and Correct, which is Odoo's. Replay is for inbound.
import type { AgreementVersion } from './agreement.js'
import { PermanentError } from './errors.js'
import { queueSend } from './outbound.js'
import { applyReceipt } from './transfer.js'
import { addAudit } from './store/audit.js'
import { closeAlert } from './store/alerts.js'
import { changeMessage, readMessage, type MessageId } from './store/messages.js'
import { reportBack } from './store/odoo-rows.js'
import {
  cancelHeldAcks,
  outboxOfMessage,
  readOutbox,
  queueTransfer,
  type OutboxRow,
} from './store/outbox.js'
import { intakeLane } from './store/mailbox.js'
import { closeDecisionAlert, closeWaitingAlert } from './store/waiting.js'
import type { Work } from './store/work.js'
import { readAgreement } from './store/agreements.js'

/** What a person said why; kept with the history and the audit row. */
const because = (what: string, reason?: string) =>
  reason === undefined ? what : `${what}: ${reason}`
const detailOf = (reason?: string) => (reason === undefined ? {} : { detail: { reason } })

/** What a partner was told stays, also when the replay finds otherwise: he has to hear of it another way. */
const asSent = (acks: string) => `the partner keeps the ${acks} it was sent before`

const name = ({ id, revision }: MessageId) => `message ${id}.${revision}`

async function outbound(work: Work, id: MessageId) {
  const row = await readMessage(work, id)
  if (!row || row.direction !== 'out') throw new PermanentError(`there is no outbound ${name(id)}`)
  return row
}

/**
 * Sends the bytes made last once more, unchanged. Each retransmission has a key of its own, so a partner that lost the
 * first takes it; its control numbers still tell a partner that did not.
 */
export async function retransmit(
  work: Work,
  id: MessageId,
  actor: string,
  reason?: string,
): Promise<string> {
  await outbound(work, id)
  const [last] = await outboxOfMessage(work, id)
  if (!last) throw new PermanentError(`nothing was sent of ${name(id)} yet`)
  await retransmitBytes(work, last)
  await changeMessage(work, id, 'sent', ['transferred', 'held', 'dead', 'sent'], {
    stage: 'operator',
    actor,
    detail: because('retransmit', reason),
  })
  await reportBack(work, id)
  await addAudit(work, {
    actor,
    action: 'message.retransmit',
    subject: name(id),
    ...detailOf(reason),
  })
  return last.id
}

/** The same for bytes without a message: an acknowledgement. */
export async function retransmitAck(
  work: Work,
  outboxId: string,
  actor: string,
  reason?: string,
): Promise<void> {
  const row = await readOutbox(work, outboxId)
  if (!row || row.purpose !== 'ack')
    throw new PermanentError(`there is no acknowledgement ${outboxId}`)
  await retransmitBytes(work, row)
  await addAudit(work, {
    actor,
    action: 'ack.retransmit',
    subject: `outbox ${outboxId}`,
    ...detailOf(reason),
  })
}

async function retransmitBytes(work: Work, row: OutboxRow): Promise<void> {
  const [open] = await work.query<{ transmission: number }>(
    `update outbox set state = 'sent', error = null, transmission = transmission + 1
     where id = $1 and state <> 'sent' returning transmission`,
    [row.id],
  )
  if (!open) throw new PermanentError('these bytes are on their way already')
  if (row.purpose === 'answer')
    throw new PermanentError('answers of a channel are sent by the channel alone')
  queueTransfer(work, row)
}

/** Writes the same document once more with new numbers, under the agreement as it is now. */
export async function sendAgain(
  work: Work,
  id: MessageId,
  actor: string,
  reason?: string,
): Promise<void> {
  const row = await outbound(work, id)
  const sendings = await outboxOfMessage(work, id)
  const states = [
    'sent',
    'transferred',
    'accepted',
    'accepted_with_errors',
    'rejected',
    'held',
    'dead',
  ]
  const changed = await changeMessage(work, id, 'queued', states, {
    stage: 'operator',
    actor,
    detail: because('send again', reason),
  })
  if (!changed) throw new PermanentError(`${name(id)} is ${row.state} and cannot be sent again`)
  queueSend(work, id, row.partner, sendings.length + 1)
  await closeAlert(work, `held ${id.id}.${id.revision}`, actor)
  await closeAlert(work, `rejected ${id.id}.${id.revision}`, actor)
  await closeAlert(work, `dead ${id.id}.${id.revision}`, actor)
  await reportBack(work, id)
  await addAudit(work, {
    actor,
    action: 'message.send-again',
    subject: name(id),
    ...detailOf(reason),
  })
}

/** Takes back what has not left yet. */
export async function cancelMessage(
  work: Work,
  id: MessageId,
  actor: string,
  reason?: string,
): Promise<void> {
  const row = await outbound(work, id)
  const cancelled = await changeMessage(work, id, 'cancelled', ['queued', 'held', 'dead'], {
    stage: 'operator',
    actor,
    detail: because('cancel', reason),
  })
  if (!cancelled) throw new PermanentError(`${name(id)} is ${row.state} and cannot be cancelled`)
  await closeAlert(work, `held ${id.id}.${id.revision}`, actor)
  await closeAlert(work, `dead ${id.id}.${id.revision}`, actor)
  await reportBack(work, id)
  await addAudit(work, { actor, action: 'message.cancel', subject: name(id), ...detailOf(reason) })
}

/** Delivers an inbound message that is held or dead once more, as it is. */
export async function deliverAgain(
  work: Work,
  id: MessageId,
  actor: string,
  reason?: string,
): Promise<void> {
  const row = await readMessage(work, id)
  if (!row || row.direction !== 'in' || row.target === null)
    throw new PermanentError(`there is no deliverable ${name(id)}`)
  const changed = await changeMessage(work, id, 'translated', ['held', 'dead'], {
    stage: 'operator',
    actor,
    detail: because('deliver again', reason),
  })
  if (!changed)
    throw new PermanentError(`${name(id)} is ${row.state} and cannot be delivered again`)
  work.enqueue({
    lane: `deliver:${row.partner}:${row.document_number ?? row.id}`.slice(0, 300),
    kind: 'deliver',
    payload: { messageId: id.id, revision: id.revision },
    target: row.target,
  })
  await closeAlert(work, `held ${id.id}.${id.revision}`, actor)
  await closeAlert(work, `dead ${id.id}.${id.revision}`, actor)
  if (row.agreement_id !== null) await closeWaitingAlert(work, row.agreement_id, actor)
  await addAudit(work, {
    actor,
    action: 'message.deliver-again',
    subject: name(id),
    ...detailOf(reason),
  })
}

/**
 * Translates an interchange again: by the agreement its ids lead to now, or by the version asked for. Messages it led
 * to before get the next revision; acknowledgements that were sent are not sent again, those that were held are made
 * anew.
 */
export async function replayInterchange(
  work: Work,
  interchangeId: string,
  actor: string,
  by: { agreement?: string; version?: number; reason?: string } = {},
): Promise<void> {
  const held = await cancelHeldAcks(work, interchangeId)
  const [row] = await work.query<{
    inbox_id: string
    position: number
    state: string
    reason: string | null
    channel: string
    identity: string
    correlation_id: string
    acks: string | null
  }>(
    `select inbox_id, position, interchange.state, reason, channel, identity, correlation_id,
       (select string_agg(distinct upper(message_type), ', ') from outbox
        where interchange_id = interchange.id and purpose = 'ack' and outbox.state <> 'cancelled') as acks
     from interchange join inbox on inbox.id = inbox_id where interchange.id = $1`,
    [interchangeId],
  )
  if (!row) throw new PermanentError(`there is no interchange ${interchangeId}`)
  if (row.state === 'received') throw new PermanentError('it is being translated right now')
  if (by.agreement !== undefined && !(await readAgreement(work, by.agreement, by.version)))
    throw new PermanentError(`agreement ${by.agreement} has no version ${by.version ?? ''}`.trim())
  work.enqueue({
    lane: intakeLane(row.identity, row.channel),
    kind: 'translate',
    payload: {
      inboxId: row.inbox_id,
      position: row.position,
      ...(by.agreement === undefined ? {} : { agreement: by.agreement }),
      ...(by.version === undefined ? {} : { version: by.version }),
    },
  })
  if (row.reason !== null)
    await closeDecisionAlert(work, { ...row, reason: row.reason, id: interchangeId }, actor)
  for (const { id } of held) await closeAlert(work, `ack-held ${id}`, actor)
  await closeAlert(work, `dead ${row.inbox_id}`, actor)
  work.event({
    correlationId: row.correlation_id,
    inboxId: row.inbox_id,
    interchangeId,
    stage: 'operator',
    state: 'received',
    actor,
    detail: [
      because('replay', by.reason),
      ...(row.acks === null ? [] : [asSent(row.acks)]),
      ...held.map(({ type }) => `the ${type} that was held is made anew`),
    ].join('; '),
  })
  await addAudit(work, {
    actor,
    action: 'interchange.replay',
    subject: `interchange ${interchangeId}`,
    detail: by,
  })
}

/** Translates a whole payload again that is dead or was refused as no EDI. */
export async function replayPayload(
  work: Work,
  inboxId: string,
  actor: string,
  reason?: string,
): Promise<void> {
  const [row] = await work.query<{ channel: string; identity: string; correlation_id: string }>(
    `update inbox set state = 'received', error = null where id = $1 and state in ('dead', 'rejected')
     returning channel, identity, correlation_id`,
    [inboxId],
  )
  if (!row) throw new PermanentError(`payload ${inboxId} is neither dead nor rejected`)
  work.enqueue({
    lane: intakeLane(row.identity, row.channel),
    kind: 'translate',
    payload: { inboxId },
  })
  await closeAlert(work, `dead ${inboxId}`, actor)
  work.event({
    correlationId: row.correlation_id,
    inboxId,
    stage: 'operator',
    state: 'received',
    actor,
    detail: because('replay', reason),
  })
  await addAudit(work, {
    actor,
    action: 'payload.replay',
    subject: `payload ${inboxId}`,
    ...detailOf(reason),
  })
}

/** The partner has fetched bytes that waited for it, and says so; once more changes nothing. */
export async function confirmFetched(
  work: Work,
  row: OutboxRow,
  version: AgreementVersion,
  client: string,
): Promise<void> {
  if (row.state === 'transferred') return
  await applyReceipt(work, row, { state: 'transferred', evidence: { fetchedBy: client } }, version)
}
