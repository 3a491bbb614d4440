// Step deliver: a message's JSON, byte for byte as stored, to its target. A repeat after a crash carries the same key;
// the target answers it with what it has.
import { ODOO_STATES, type OdooState } from '../edi-maps/canonical/states.js'
import { partnerCode, type GatewayAgreement } from './agreement.js'
import { PermanentError, describeError } from './errors.js'
import type { Fault } from './fault.js'
import type { Meter } from './meter.js'
import { CallError, TargetRefusedError, type OdooAnswer, type OdooClient } from './odoo.js'
import type { Step } from './step.js'
import type { Db } from './store/db.js'
import type { Job } from './store/lanes.js'
import { messagePayload } from './store/message-payload.js'
import {
  moveMessage,
  moveMessages,
  noteRetry,
  readMessages,
  revisionKey,
  type MessageId,
  type MessageRow,
} from './store/messages.js'
import { addAttempt, addAttempts } from './store/outbox.js'
import { raiseAlert } from './store/alerts.js'
import { pauseTarget } from './store/targets.js'
import type { Work } from './store/work.js'
import type { Targets } from './targets.js'

interface Delivered {
  readonly message: MessageId
  readonly target: string
  /** Absent: there was nothing to deliver any more. */
  readonly answer?: OdooAnswer
}

export interface DeliverOptions {
  db: Db
  odoo: OdooClient
  targets: Targets
  meter: Meter
  fault: Fault
  /** Calls at once (default 8). */
  concurrency?: number
}

/** What a job is about, as it was enqueued. */
export const messageOf = (job: Job): MessageId => ({
  id: String(job.payload['messageId']),
  revision: Number(job.payload['revision']),
})

/** Messages in one lane keep their order: all of a partner, all of one document, or each for itself. */
export function deliverLane(
  agreement: GatewayAgreement,
  message: { id: string; documentNumber: string | null },
): string {
  const partner = partnerCode(agreement)
  if (agreement.ordering === 'partner') return `deliver:${partner}`
  const key = agreement.ordering === 'none' ? message.id : (message.documentNumber ?? message.id)
  return `deliver:${partner}:${key.slice(0, 200)}`
}

export function deliverStep(options: DeliverOptions): Step<Delivered> {
  const { db, odoo, targets, meter, fault } = options

  const call = async (
    message: MessageId,
    rows: ReadonlyMap<string, MessageRow>,
  ): Promise<Delivered> => {
    const row = rows.get(revisionKey(message))
    const payload = row && (await messagePayload(db, row))
    if (!row?.target || !payload)
      throw new PermanentError(`message ${revisionKey(message)} has nothing to deliver`)
    const { target } = row
    if (row.state !== 'translated') return { message, target }
    await targets.admit(target)
    fault('deliver-before-call')
    try {
      const answer = await odoo.postMessage(target, {
        key: revisionKey(message),
        correlationId: row.correlation_id,
        body: payload,
      })
      fault('deliver-answered')
      targets.succeeded(target)
      meter.observe('gateway_odoo_call_seconds', answer.durationMs / 1000, { target })
      return { message, target, answer }
    } catch (error) {
      if (error instanceof CallError) targets.failed(target)
      throw error
    }
  }

  return {
    kind: 'deliver',
    mode: 'call',
    concurrency: options.concurrency ?? 8,
    // The bytes only pass through: a death here says nothing about them, so many are needed to give a message up.
    maxCrashes: 20,
    exclude: () => targets.closed(),
    open: async (jobs) => {
      const rows = await readMessages(db, jobs.map(messageOf))
      return (job) => call(messageOf(job), rows)
    },
    commit: async (work, jobs) => {
      const answered = jobs.flatMap(({ prepared }) =>
        prepared.answer ? [{ ...prepared, answer: prepared.answer }] : [],
      )
      await addAttempts(
        work,
        answered.map(({ message, target, answer }) => ({
          message,
          durationMs: answer.durationMs,
          destination: target,
          outcome: answer.accepted ? 'ok' : 'refused',
          status: answer.status,
          ...(answer.text === undefined ? {} : { detail: answer.text }),
        })),
      )
      const accepted = answered.filter(({ answer }) => answer.accepted)
      await moveMessages(
        work,
        accepted.map(({ message }) => message),
        'handed_over',
        { stage: 'deliver' },
      )
      for (const { message, answer } of accepted) await takeState(work, message, answer.body)
      for (const { message, target, answer } of answered)
        if (!answer.accepted) await hold(work, message, target, answer)
    },
    failed: async (work, job, error, retryMs) => {
      await failedCall(work, job, error)
      if (retryMs === undefined) return
      const owner = error instanceof CallError ? 'odoo' : 'gateway'
      await noteRetry(work, messageOf(job), { owner, text: describeError(error) }, retryMs)
    },
    dead: async (work, job, error) => {
      const message = messageOf(job)
      await moveMessage(work, message, 'dead', {
        stage: 'deliver',
        error: { owner: 'gateway', text: error },
      })
      await raiseAlert(work, {
        key: `dead ${revisionKey(message)}`,
        kind: 'message-dead',
        subject: `message ${message.id}`,
        text: error,
      })
    },
  }
}

async function hold(
  work: Work,
  message: MessageId,
  target: string,
  answer: OdooAnswer,
): Promise<void> {
  const text = answer.text ?? answer.code ?? `refused with ${answer.status}`
  await moveMessage(work, message, 'held', {
    stage: 'deliver',
    error: { owner: ownerOf(answer), text: `${target}: ${text}` },
  })
  await raiseAlert(work, {
    key: `held ${revisionKey(message)}`,
    kind: 'message-held',
    subject: `message ${message.id}`,
    text: `${target} did not take the message: ${text}`,
  })
}

/** Keeps the failed call for people; a target that refuses us is paused. */
export async function failedCall(work: Work, job: Job, error: unknown): Promise<void> {
  if (!(error instanceof CallError) && !(error instanceof TargetRefusedError)) return
  await addAttempt(
    work,
    { message: messageOf(job) },
    {
      durationMs: error.durationMs,
      destination: error instanceof TargetRefusedError ? error.target : 'odoo',
      outcome: error instanceof TargetRefusedError ? 'refused' : 'retry',
      detail: error.message,
      ...(error.status === undefined ? {} : { status: error.status }),
    },
  )
  if (error instanceof TargetRefusedError) await pauseTarget(work, error.target, error.message)
}

/** A repeat is answered with the state by now: what Odoo says of it is kept, as if it had reported. */
async function takeState(work: Work, message: MessageId, body: unknown): Promise<void> {
  const state = (body as { state?: unknown } | null)?.state
  const known = ODOO_STATES.find((one) => one === state)
  if (known) await setOdooState(work, message, 0, { state: known })
}

/** An error of the message's content is the gateway's to solve (map, agreement); of its order and age, Odoo's. */
const ownerOf = ({ status, code }: OdooAnswer) =>
  status === 409 && code !== 'environment_mismatch' && code !== 'idempotency_conflict'
    ? ('odoo' as const)
    : ('gateway' as const)

/** What Odoo says became of an inbound message. */
export interface OdooReport {
  readonly state: OdooState
  readonly records?: readonly unknown[]
  readonly error?: { readonly code?: string; readonly text?: string }
}

/**
 * Records a report; `number` counts the reports of one message, an older one than the last changes nothing. That Odoo
 * has the message is proof enough that it was handed over.
 */
export async function setOdooState(
  work: Work,
  message: MessageId,
  number: number,
  report: OdooReport,
): Promise<void> {
  const text = report.error?.text ?? null
  const [row] = await work.query<{ correlation_id: string }>(
    `update message set odoo_state = $3, odoo_report = $4, updated_at = now(),
       records = coalesce($5, records), error_owner = case when $6::text is null then null else 'odoo' end, error = $6
     where id = $1 and revision = $2 and direction = 'in' and odoo_report <= $4
     returning correlation_id`,
    [
      message.id,
      message.revision,
      report.state,
      number,
      report.records ? JSON.stringify(report.records) : null,
      text,
    ],
  )
  if (!row) return
  const to = report.state === 'applied' ? 'applied' : 'handed_over'
  await moveMessage(work, message, to, {
    stage: 'odoo',
    ...(text === null ? {} : { error: { owner: 'odoo', text } }),
  })
  if (report.state === 'applied') return
  work.event({
    correlationId: row.correlation_id,
    messageId: message.id,
    revision: message.revision,
    stage: 'odoo',
    state: report.state,
    ...(text === null ? {} : { detail: text }),
  })
}
