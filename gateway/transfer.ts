// Step transfer: stored bytes through the agreement's channel. They never change; a try whose outcome is unknown is
// repeated with the same key.
import type { AgreementVersion } from './agreement.js'
import { MAX_BYTES, misread, toldCheck, type CrossChecker } from './cross-check/index.js'
import type { Channel, Payload, Receipt } from './channels/channel.js'
import { PermanentError, RetryableError, describeError } from './errors.js'
import type { Fault } from './fault.js'
import { backoff, type Step } from './step.js'
import { expectAck } from './store/acks.js'
import { readAgreement, type Directory } from './store/agreements.js'
import { closeAlert, raiseAlert } from './store/alerts.js'
import { readBlob, readWholeBlob } from './store/blobs.js'
import type { Db } from './store/db.js'
import { noteFailedTry } from './store/failing-transfers.js'
import type { Job } from './store/lanes.js'
import { changeMessage, moveMessage, noteRetry, noteTaken } from './store/messages.js'
import { reportBack } from './store/odoo-rows.js'
import {
  addAttempt,
  addAttempts,
  moveOutbox,
  moveOutboxes,
  moveTransferred,
  readOutbox,
  type Attempt,
  type OutboxRow,
} from './store/outbox.js'
import { writeWithin } from './store/within.js'
import type { Work } from './store/work.js'

export interface TransferOptions {
  db: Db
  channels: readonly Channel[]
  directory: () => Promise<Directory>
  fault: Fault
  random: () => number
  /** Reads an acknowledgement with other eyes before it goes out; documents were read before they took a number. */
  crossCheck: CrossChecker['check']
  concurrency?: number
}

interface Transferred {
  readonly row: OutboxRow
  readonly agreement: AgreementVersion | undefined
  /** Absent: there was nothing to do any more, or it is held. */
  readonly receipt?: Receipt
  /** Why it must not go out. */
  readonly held?: string
  /** What the cross-check said. */
  readonly checked?: string
  readonly durationMs: number
}

/** A failed try with its place in the attempt log. */
class TransferError extends RetryableError {
  readonly row: OutboxRow
  readonly durationMs: number

  constructor(cause: unknown, row: OutboxRow, durationMs: number, afterMs: number | undefined) {
    super(describeError(cause), { cause, ...(afterMs === undefined ? {} : { afterMs }) })
    this.row = row
    this.durationMs = durationMs
  }
}

/** Minutes within which a partner acknowledges, when the agreement does not say. */
const ACK_MINUTES = 1440
/** About a day of tries, then a person decides. */
const TRIES = 48

export function transferStep(options: TransferOptions): Step<Transferred> {
  const { db, channels, directory, fault, random } = options
  const byKind = new Map(channels.map((one) => [one.kind, one]))

  const send = async (job: Job, known: Directory): Promise<Transferred> => {
    // Read just before the call: what was cancelled a moment ago does not leave.
    const row = await readOutbox(db, String(job.payload['outboxId']))
    if (!row) throw new PermanentError('the bytes of this job are not in the store')
    const agreement = await agreementOf(db, known, row)
    if (row.state !== 'sent') return { row, agreement, durationMs: 0 }
    const kind = row.address ? row.channel : (agreement?.agreement.channel?.kind ?? 'mailbox')
    const channel = byKind.get(kind)
    if (!channel) throw new PermanentError(`there is no channel ${kind}`)
    const reading = await crossChecked(options, row)
    if ('held' in reading) return { row, agreement, durationMs: 0, ...reading }
    fault('transfer-before-call')
    const started = performance.now()
    try {
      const receipt = await channel.send(addressOf(row, agreement), payloadOf(db, row), {
        sendId: row.id,
        partner: row.partner,
        idempotencyKey: `${row.id}.${row.transmission}`,
        correlationId: row.correlation_id,
        contentType: row.content_type,
        fileName: `${row.message_type ?? 'interchange'}-${row.control_interchange ?? row.id}.edi`,
      })
      fault('transfer-answered')
      const durationMs = performance.now() - started
      if (receipt.state === 'refused' && receipt.retry)
        throw new TransferError(new Error(receipt.reason), row, durationMs, undefined)
      return { row, agreement, receipt, durationMs, ...reading }
    } catch (error) {
      if (error instanceof PermanentError || error instanceof TransferError) throw error
      const asked = error instanceof RetryableError ? error.afterMs : undefined
      // The first tries come quickly: most outages are short.
      const afterMs = asked ?? backoff(job.failures, random, 1_000)
      throw new TransferError(error, row, performance.now() - started, afterMs)
    }
  }

  return {
    kind: 'transfer',
    mode: 'call',
    concurrency: options.concurrency ?? 8,
    maxFailures: TRIES,
    maxCrashes: 20,
    open: async () => {
      const known = await directory()
      return (job) => send(job, known)
    },
    commit: async (work, jobs) => {
      const ended = jobs.flatMap(({ prepared }) =>
        prepared.receipt ? [{ ...prepared, receipt: prepared.receipt }] : [],
      )
      await addAttempts(
        work,
        ended.map(({ row, receipt, durationMs }) => ({
          ...aboutRow(row),
          durationMs,
          destination: row.channel,
          outcome: receipt.state === 'refused' ? 'refused' : 'ok',
          ...toldReceipt(receipt),
        })),
      )
      await writeWithin(
        work.tx,
        ended.flatMap(({ receipt }) => receipt.within ?? []),
      )
      const awaiting = ended.filter(({ receipt }) => receipt.state === 'awaiting')
      await moveOutboxes(
        work,
        awaiting.map(({ row }) => row.id),
        ['sent'],
        'awaiting',
      )
      await noteTaken(
        work,
        awaiting.flatMap(({ row }) => aboutRow(row).message ?? []),
      )
      for (const { row, checked } of awaiting) noteAwaiting(work, row, checked)
      await moveTransferred(
        work,
        ended.flatMap(({ row: { id }, receipt }) =>
          receipt.state === 'transferred' ? [{ id, evidence: receipt.evidence ?? null }] : [],
        ),
      )
      for (const { row, receipt, agreement, checked } of ended)
        if (receipt.state === 'transferred') await afterTransfer(work, row, agreement, checked)
        else if (receipt.state === 'refused') await giveUp(work, row, 'refused', receipt.reason)
      for (const { prepared } of jobs)
        if (prepared.held !== undefined) await hold(work, prepared.row, prepared.held)
    },
    failed: async (work, _job, error, retryMs) => {
      if (!(error instanceof TransferError)) return
      const { row, durationMs, message: text } = error
      const { channel: destination } = row
      const attempt = { durationMs, destination, outcome: 'retry', detail: text } as const
      await addAttempt(work, { outboxId: row.id }, attempt)
      if (retryMs === undefined) return
      await noteFailedTry(work, row.id, text, retryMs)
      const { message } = aboutRow(row)
      if (message !== undefined) await noteRetry(work, message, { owner: 'channel', text }, retryMs)
    },
    dead: async (work, job, error) => {
      const row = await readOutbox(work, String(job.payload['outboxId']))
      if (row) await giveUp(work, row, 'dead', error)
    },
  }
}

/** What a channel said of bytes, on the line of the attempt. */
function toldReceipt(receipt: Receipt): Pick<Attempt, 'detail' | 'status'> {
  switch (receipt.state) {
    case 'refused':
      return { detail: receipt.reason }
    case 'awaiting':
      return { detail: 'handed over; how it ends is told later' }
    case 'transferred': {
      const evidence = Object.entries(receipt.evidence ?? {})
      const status = receipt.evidence?.['status']
      return {
        ...(typeof status === 'number' ? { status } : {}),
        ...(evidence.length === 0
          ? {}
          : { detail: evidence.map(([name, value]) => `${name} ${String(value)}`).join(', ') }),
      }
    }
    default:
      return receipt satisfies never
  }
}

/** Settings of the agreement's channel, without the kind they are for; an answer brings its own address. */
function addressOf(row: OutboxRow, agreement: AgreementVersion | undefined): unknown {
  const settings: Record<string, unknown> = { ...agreement?.agreement.channel }
  delete settings['kind']
  return row.address ?? settings
}

const aboutRow = (row: OutboxRow) => ({
  outboxId: row.id,
  ...(row.message_id !== null && row.revision !== null
    ? { message: { id: row.message_id, revision: row.revision } }
    : {}),
})

const payloadOf = (db: Db, { sha256, size }: OutboxRow): Payload => ({
  sha256,
  size,
  read: () => readBlob(db, sha256),
})

/** The agreement as it is now, since an address may have changed; else the version the bytes were made with. */
async function agreementOf(
  db: Db,
  directory: Directory,
  row: OutboxRow,
): Promise<AgreementVersion | undefined> {
  if (row.agreement_id === null || row.agreement_version === null) return undefined
  return (
    directory.book.byId(row.agreement_id) ??
    (await readAgreement(db, row.agreement_id, row.agreement_version))
  )
}

/** Nothing for a document, which was checked before; `held`: why the acknowledgement must not go out. */
async function crossChecked(
  { db, crossCheck }: TransferOptions,
  { purpose, standard, sha256, size }: OutboxRow,
): Promise<{ held: string } | { checked?: string }> {
  if (purpose !== 'ack' || standard === null) return {}
  if (size > MAX_BYTES) return { checked: 'not cross-checked: it is large' }
  const bytes = await readWholeBlob(db, sha256)
  const check = await crossCheck({ standard, bytes, strict: true })
  return check.result === 'different' ? { held: misread(check) } : { checked: toldCheck(check) }
}

/** Keeps an acknowledgement back that a second reader reads otherwise: a person looks, the partner sees nothing. */
async function hold(work: Work, row: OutboxRow, reason: string): Promise<void> {
  if (!(await moveOutbox(work, row.id, ['sent'], 'refused', { error: reason }))) return
  const name = ackName(row)
  work.event({ ...ackEvent(row), state: 'held', detail: `${name}: ${reason}` })
  await raiseAlert(work, {
    key: `ack-held ${row.id}`,
    kind: 'ack-held',
    subject: subjectOf(row),
    text: `${name} for ${row.partner} is held: ${reason}`,
  })
}

/** What a row is sent for; a file sent by hand belongs to nothing but itself. */
function subjectOf(row: OutboxRow): string {
  if (row.message_id !== null) return `message ${row.message_id}`
  return row.interchange_id === null ? `outbox ${row.id}` : `interchange ${row.interchange_id}`
}

const ackName = (row: OutboxRow) =>
  `${row.message_type ?? row.purpose} ${row.control_interchange ?? ''}`.trim()

const ackEvent = (row: OutboxRow) => ({
  correlationId: row.correlation_id,
  ...(row.interchange_id === null ? {} : { interchangeId: row.interchange_id }),
  stage: 'transfer',
})

const noteAwaiting = (work: Work, row: OutboxRow, checked: string | undefined): void => {
  if (checked !== undefined)
    work.event({ ...ackEvent(row), state: 'awaiting', detail: `${ackName(row)}, ${checked}` })
}

/** Records what a channel told of bytes later. */
export async function applyReceipt(
  work: Work,
  row: OutboxRow,
  receipt: Receipt,
  agreement: AgreementVersion | undefined,
): Promise<void> {
  switch (receipt.state) {
    case 'awaiting':
      await moveOutbox(work, row.id, ['sent'], 'awaiting')
      return
    case 'refused':
      await giveUp(work, row, 'refused', receipt.reason)
      return
    case 'transferred':
      await moveTransferred(work, [{ id: row.id, evidence: receipt.evidence ?? null }])
      await afterTransfer(work, row, agreement)
      return
    default:
      receipt satisfies never
  }
}

/** What follows from a transfer. `checked`: what was found when the bytes were handed over. */
async function afterTransfer(
  work: Work,
  row: OutboxRow,
  agreement: AgreementVersion | undefined,
  checked?: string,
): Promise<void> {
  if (row.state !== 'sent' || row.transmission > 1) await endFailed(work, row)
  if (row.message_id === null || row.revision === null) {
    const detail = [ackName(row), checked].filter((part) => part !== undefined).join(', ')
    work.event({ ...ackEvent(row), state: 'transferred', detail })
    return
  }
  const message = { id: row.message_id, revision: row.revision }
  if (row.state === 'refused' || row.state === 'dead')
    await changeMessage(work, message, 'transferred', ['held', 'dead'], {
      stage: 'transfer',
      detail: 'the receipt came late',
    })
  else await moveMessage(work, message, 'transferred', { stage: 'transfer' })
  const acks = agreement?.agreement.acks
  const answers = acks?.functional !== 'never' && acks?.expected !== false
  if (answers) await expectAck(work, row.id, message, acks?.overdueAfterMinutes ?? ACK_MINUTES)
  await reportBack(work, message)
}

const failedAlert = (partner: string) => `transfer ${partner}`

/** What had failed got through: the alert ends with the last that did not. */
async function endFailed(work: Work, { id, partner }: OutboxRow): Promise<void> {
  const others = await work.query(
    `select from alert where key = $1 and closed_at is null and exists (
       select from outbox o left join message m on m.id = o.message_id and m.revision = o.revision
       where o.partner = $2 and o.id <> $3 and o.state in ('refused', 'dead')
         and (m.id is null or m.state in ('held', 'dead')))`,
    [failedAlert(partner), partner, id],
  )
  if (others.length === 0) await closeAlert(work, failedAlert(partner), 'gateway')
}

async function giveUp(
  work: Work,
  row: OutboxRow,
  state: 'refused' | 'dead',
  reason: string,
): Promise<void> {
  if (!(await moveOutbox(work, row.id, ['sent', 'awaiting'], state, { error: reason }))) return
  await raiseAlert(work, {
    key: failedAlert(row.partner),
    kind: 'transfer-failed',
    subject: subjectOf(row),
    text: `Bytes for ${row.partner} did not get through: ${reason}`,
  })
  if (row.message_id === null || row.revision === null) return
  const message = { id: row.message_id, revision: row.revision }
  await moveMessage(work, message, state === 'dead' ? 'dead' : 'held', {
    stage: 'transfer',
    error: { owner: 'channel', text: reason },
  })
  await reportBack(work, message)
}
