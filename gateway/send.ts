// Step send: a Message of Odoo to bytes. The numbers it takes and the bytes that carry them are stored in one
// transaction; what cannot be written goes back to its owner and takes no number.
import type { Message } from '../edi-maps/canonical/message.js'
import type { AgreedDocument } from '../edi-maps/agreement.js'
import type { Issue } from '../edi-maps/issue.js'
import { partnerCode, type AgreementVersion } from './agreement.js'
import { misread, toldCheck, type CrossChecker } from './cross-check/index.js'
import type { Edi } from './edi.js'
import { messageOf } from './deliver.js'
import { PermanentError } from './errors.js'
import type { Fault } from './fault.js'
import { hasError } from './interchange-plan.js'
import type { NewId } from './ids.js'
import { MOST_CRASHES, type Step } from './step.js'
import { raiseAlert } from './store/alerts.js'
import type { Directory } from './store/agreements.js'
import { openNumbers } from './store/control-numbers.js'
import type { Db } from './store/db.js'
import type { Job } from './store/lanes.js'
import { messagePayload } from './store/message-payload.js'
import {
  moveMessage,
  readMessages,
  revisionKey,
  type MessageId,
  type MessageRow,
} from './store/messages.js'
import { reportBack } from './store/odoo-rows.js'
import { keysInOutbox, storeOutbox, type NewOutbox } from './store/outbox.js'
import type { Work } from './store/work.js'

export interface SendOptions {
  db: Db
  edi: Edi
  directory: () => Promise<Directory>
  newId: NewId
  /** Milliseconds since 1970. */
  now: () => number
  fault: Fault
  /** Reads what would be sent with other eyes. */
  crossCheck: CrossChecker['check']
}

type Prepared = { readonly id: MessageId } & (
  | { readonly kind: 'nothing' }
  | { readonly kind: 'held'; readonly reason: string; readonly issues: readonly Issue[] }
  | {
      readonly kind: 'ready'
      readonly message: Message
      readonly agreement: AgreementVersion
      readonly document: AgreedDocument
      readonly sending: number
      /** What the cross-check said. */
      readonly checked: string
    }
)

/** What would become of a Message: its bytes with the numbers given, or why it cannot be sent. Stores nothing. */
export interface DryRun {
  readonly bytes?: Uint8Array
  readonly issues: readonly Issue[]
  /** Why there is no agreement for it. */
  readonly missing?: string
}

/** Finds the agreement and writes with numbers 1; what Odoo's check shows is exactly what sending would find. */
export function dryRun(edi: Edi, directory: Directory, message: Message, now: number): DryRun {
  const found = agreementFor(edi, directory, message, now)
  if ('missing' in found) return { issues: [], missing: found.missing }
  const { bytes, issues } = edi.write(found.found.agreement, found.document, message.document, {
    now: new Date(now).toISOString(),
    interchange: 1,
    group: 1,
    message: 1,
  })
  return hasError(issues) ? { issues } : { bytes, issues }
}

const agreementFor = (edi: Edi, directory: Directory, message: Message, now: number) =>
  directory.book.outbound(
    message,
    ({ standard, ourRole }, document) =>
      edi.kindOf(standard, document.message, ourRole) === message.document.kind,
    new Date(now).toISOString().slice(0, 10),
  )

export function sendStep(options: SendOptions): Step<Prepared> {
  const { db, edi, directory, now, fault, crossCheck } = options

  const prepare = async (
    job: Job,
    rows: ReadonlyMap<string, MessageRow>,
    known: Directory,
  ): Promise<Prepared> => {
    const id = messageOf(job)
    const row = rows.get(revisionKey(id))
    const payload = row && (await messagePayload(db, row))
    if (!row || !payload) throw new PermanentError(`message ${id.id} has nothing to send`)
    if (row.state !== 'queued') return { id, kind: 'nothing' }
    const message = JSON.parse(payload.toString()) as Message
    const found = agreementFor(edi, known, message, now())
    if ('missing' in found) return { id, kind: 'held', reason: found.missing, issues: [] }
    const { bytes, issues } = dryRun(edi, known, message, now())
    const error = issues.find((issue) => issue.severity === 'error')
    if (error) return { id, kind: 'held', reason: error.text, issues }
    const { found: agreement, document } = found
    const { standard } = agreement.agreement
    const check = await crossCheck({ standard, bytes: bytes!, strict: true })
    if (check.result === 'different') return { id, kind: 'held', reason: misread(check), issues }
    const checked = toldCheck(check)
    const sending = Number(job.payload['sending'] ?? 1)
    return { id, kind: 'ready', message, agreement, document, sending, checked }
  }

  return {
    kind: 'send',
    mode: 'batch',
    concurrency: 1,
    maxFailures: 10,
    maxCrashes: MOST_CRASHES,
    open: async (jobs) => {
      const rows = await readMessages(db, jobs.map(messageOf))
      const known = await directory()
      return (job) => prepare(job, rows, known)
    },
    commit: async (work, jobs) => {
      const ready = jobs.flatMap(({ prepared }) => (prepared.kind === 'ready' ? [prepared] : []))
      await write(options, work, ready)
      for (const { prepared } of jobs)
        if (prepared.kind === 'held')
          await hold(work, prepared.id, prepared.reason, prepared.issues)
      fault('send-numbered')
    },
    dead: async (work, job, error) => {
      const id = messageOf(job)
      await moveMessage(work, id, 'dead', {
        stage: 'send',
        error: { owner: 'gateway', text: error },
      })
      await raiseAlert(work, {
        key: `dead ${id.id}.${id.revision}`,
        kind: 'message-dead',
        subject: `message ${id.id}`,
        text: error,
      })
      await reportBack(work, id)
    },
  }
}

async function hold(
  work: Work,
  id: MessageId,
  reason: string,
  issues: readonly Issue[],
): Promise<void> {
  await moveMessage(work, id, 'held', {
    stage: 'send',
    error: { owner: 'gateway', text: reason },
    issues,
  })
  await raiseAlert(work, {
    key: `held ${id.id}.${id.revision}`,
    kind: 'message-held',
    subject: `message ${id.id}`,
    text: `The message cannot be sent: ${reason}`,
  })
  await reportBack(work, id)
}

type Sendable = Extract<Prepared, { kind: 'ready' }>

/** Numbers, bytes and their transfer; what was made already takes no number. */
async function write(
  { edi, newId, now }: SendOptions,
  work: Work,
  ready: readonly Sendable[],
): Promise<void> {
  const book = await openNumbers(
    work,
    ready.map((one) => one.agreement.agreement),
  )
  const keyOf = ({ id, sending }: Sendable) => `${revisionKey(id)}.${sending}`
  const made = new Set(await keysInOutbox(work, ready.map(keyOf)))
  const outgoing: NewOutbox[] = []
  for (const one of ready) {
    if (made.has(keyOf(one))) continue
    made.add(keyOf(one))
    const { id, message, agreement: version, document, checked } = one
    const { agreement } = version
    const { standard } = agreement
    const groups = edi.groupsOf(agreement)
    const numbers = await book.take(agreement, { groups, messages: 1 })
    const { bytes, issues } = edi.write(agreement, document, message.document, {
      now: new Date(now()).toISOString(),
      ...numbers,
    })
    const groupType = edi.groupType(standard, document.message)
    const controls = {
      interchange: String(numbers.interchange),
      ...(groups > 0 ? { group: String(numbers.group) } : {}),
      message: String(numbers.message),
    }
    outgoing.push({
      id: newId(),
      idempotencyKey: keyOf(one),
      purpose: 'document',
      agreement: version,
      partner: partnerCode(agreement),
      channel: agreement.channel?.kind ?? 'mailbox',
      message: id,
      correlationId: message.correlationId,
      standard,
      sender: agreement.us.interchange.id,
      receiver: agreement.partner.interchange.id,
      test: agreement.environment === 'test',
      controls,
      ...(groupType === undefined ? {} : { groupType }),
      messageType: document.message,
      bytes,
      contentType: edi.contentType(standard),
    })
    await work.query(
      `update message set agreement_id = $3, agreement_version = $4, map_hash = $5, standard = $6, message_type = $7,
         message_version = $8, control_interchange = $9, control_group = $10, control_message = $11
       where id = $1 and revision = $2`,
      [
        id.id,
        id.revision,
        version.id,
        version.version,
        edi.mapHash(agreement, document),
        standard,
        document.message,
        document.version,
        controls.interchange,
        controls.group ?? null,
        controls.message,
      ],
    )
    await moveMessage(work, id, 'sent', { stage: 'send', detail: checked, issues })
    await reportBack(work, id)
  }
  await storeOutbox(work, outgoing)
  await book.save()
}
