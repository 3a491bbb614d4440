// Application acknowledgements of what we sent: finding the message one means, and moving its business state.
import type { AckEnvelope } from './acks.js'
import { raiseAlert } from './alerts.js'
import {
  moveMessage,
  tellBusiness,
  type MessageId,
  type MessageKey,
  type PlainIssue,
} from './messages.js'
import { reportBack } from './odoo-rows.js'
import { moveTransferred, plainNumber } from './outbox.js'
import type { Work } from './work.js'

/** One answer; at least one of `control`, `number` and `key` finds what it is for. */
export interface BusinessAnswer {
  readonly control?: {
    readonly interchange?: string
    readonly group?: string
    readonly message?: string
  }
  /** `856`, `DESADV`. */
  readonly messageType?: string
  /** Number of the document, or with `namesMessage` perhaps that of an interchange or message. */
  readonly number?: string
  readonly namesMessage: boolean
  /** The number as the search knows it, e.g. an order's. */
  readonly key?: MessageKey
  readonly verdict?: 'accepted' | 'rejected'
  readonly issues: readonly PlainIssue[]
}

interface Sent extends MessageId {
  readonly outbox_id: string
}

/** What was sent from exactly the receiver of the answer to exactly its sender; newest first. */
const SENT = `select outbox.id as outbox_id, message.id, message.revision from outbox
  join message on message.id = outbox.message_id and message.revision = outbox.revision
  where outbox.sender = $1 and outbox.receiver = $2 and outbox.test = $3 and purpose = 'document'
    and ($4::text is null or outbox.message_type = $4)`
const LOCKED = `order by outbox.created_at desc, outbox.id desc for update of outbox`

/**
 * Applies one answer to the message it means: found by the control numbers it names, else by its document number, else
 * by another number where only one message has it. Gives how many messages it was for: 0 or 1.
 */
export async function applyBusinessAnswer(
  work: Work,
  envelope: AckEnvelope,
  answer: BusinessAnswer,
): Promise<number> {
  const sent = await find(work, envelope, answer)
  if (sent === undefined) return 0
  const { id, revision } = sent
  const message = { id, revision }
  // Whoever judges a document has received it.
  const evidence = { business: answer.verdict ?? 'received' }
  await moveTransferred(work, [{ id: sent.outbox_id, evidence }])
  await moveMessage(work, message, 'transferred', { stage: 'business' })
  const { verdict, issues } = answer
  if (verdict !== undefined) {
    const reason = issues[0]?.text ?? 'no reason given'
    const isNew = await tellBusiness(work, message, verdict, {
      stage: 'business',
      ...(issues.length > 0 ? { issues } : {}),
      ...(verdict === 'rejected'
        ? { error: { owner: 'odoo', text: `The partner refuses the document: ${reason}` } }
        : {}),
    })
    if (isNew && verdict === 'rejected')
      await raiseAlert(work, {
        key: `business-rejected ${id}.${revision}`,
        kind: 'message-rejected',
        subject: `message ${id}`,
        text: `The partner refuses what message ${id} says: ${reason}`,
      })
  }
  await reportBack(work, message)
  return 1
}

async function find(
  work: Work,
  envelope: AckEnvelope,
  { control = {}, messageType, number, namesMessage, key }: BusinessAnswer,
): Promise<Sent | undefined> {
  const pair = [
    envelope.receiver.trim(),
    envelope.sender.trim(),
    envelope.test,
    messageType ?? null,
  ]
  const plain = (value: string | undefined) => (value === undefined ? null : plainNumber(value))
  if (control.interchange !== undefined || control.group !== undefined) {
    const rows = await work.query<Sent>(
      `${SENT} and ($5::text is null or outbox.control_interchange = $5)
         and ($6::text is null or outbox.control_group = $6)
         and ($7::text is null or outbox.control_message = $7) ${LOCKED}`,
      [...pair, plain(control.interchange), plain(control.group), plain(control.message)],
    )
    const found = only(rows)
    if (found !== undefined) return found
  }
  if (number !== undefined) {
    const rows = await work.query<Sent>(`${SENT} and message.document_number = $5 ${LOCKED}`, [
      ...pair,
      number,
    ])
    const found = only(rows)
    if (found !== undefined) return found
  }
  if (key !== undefined) {
    const rows = await work.query<Sent>(
      `${SENT} and exists (select from message_key where value = $5 and type = $6
         and message_id = message.id and message_key.revision = message.revision) ${LOCKED}`,
      [...pair, key.value, key.type],
    )
    const found = only(rows)
    if (found !== undefined) return found
  }
  if (!namesMessage || number === undefined) return undefined
  const rows = await work.query<Sent>(
    `${SENT} and (outbox.control_interchange = $5 or outbox.control_message = $5) ${LOCKED}`,
    [...pair, plainNumber(number)],
  )
  return only(rows)
}

/** The newest sending of the one message found; several messages mean that none is meant for sure. */
const only = (rows: readonly Sent[]): Sent | undefined =>
  rows.every(({ id }) => id === rows[0]!.id) ? rows[0] : undefined
