// Odoo's outbox: documents to send are taken over, reports on inbound messages are recorded, and what becomes of a
// document is reported back. Odoo is told only after our own commit; until then it keeps the row.
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { Message } from '../edi-maps/canonical/message.js'
import { ODOO_STATES } from '../edi-maps/canonical/states.js'
import { messageOf, setOdooState, failedCall, type OdooReport } from './deliver.js'
import { PermanentError } from './errors.js'
import type { Fault } from './fault.js'
import {
  CallError,
  TargetRefusedError,
  type LeasedRow,
  type OdooClient,
  type OutboxResult,
} from './odoo.js'
import { acceptOutbound, type OutboundProblem } from './outbound.js'
import { PausedError, type Step } from './step.js'
import { raiseAlert } from './store/alerts.js'
import type { Db } from './store/db.js'
import type { Job } from './store/lanes.js'
import { readMessage, type MessageId, type MessageRow } from './store/messages.js'
import { keepReported, readOdooRow } from './store/odoo-rows.js'
import { pauseTarget } from './store/targets.js'
import { doWork, type Work } from './store/work.js'
import type { Targets } from './targets.js'
import type { Wake } from './wake.js'

const LEASE_ROWS = 50
const LEASE_SECONDS = 120

export interface PollOptions {
  db: Db
  wake: Wake
  odoo: OdooClient
  targets: Targets
  fault: Fault
}

/** Takes everything there is in the outbox of one target. Gives how many rows there were. */
export async function pollOutbox(options: PollOptions, target: string): Promise<number> {
  const { db, wake, odoo, targets, fault } = options
  if (targets.closed().includes(target)) return 0
  let total = 0
  try {
    await targets.admit(target)
    for (;;) {
      const leased = await odoo.lease(target, LEASE_ROWS, LEASE_SECONDS)
      fault('outbox-leased')
      targets.succeeded(target)
      total += leased.length
      if (leased.length > 0) await takeRows(options, target, leased)
      if (leased.length < LEASE_ROWS) return total
    }
  } catch (error) {
    if (error instanceof CallError) targets.failed(target)
    if (error instanceof TargetRefusedError)
      await doWork(db, wake, (work) => pauseTarget(work, target, error.message))
    else if (!(error instanceof CallError) && !(error instanceof PausedError)) throw error
    return total
  }
}

/** Stores leased rows in one transaction; answers what has no message of its own to report by. */
async function takeRows(
  { db, wake, odoo, fault }: PollOptions,
  target: string,
  leased: readonly LeasedRow[],
): Promise<void> {
  const connection = odoo.connection(target)!
  const answers = await doWork(db, wake, async (work) => {
    const told: { row: LeasedRow; result: OutboxResult }[] = []
    for (const row of leased) {
      if (row.message !== undefined) {
        const { problems } = await acceptOutbound(work, {
          message: row.message,
          from: { connection, outboxId: row.id, leaseToken: row.leaseToken },
        })
        if (problems.length > 0) told.push({ row, result: refused('held', row, problems) })
      } else {
        const problems = await takeReport(work, row)
        told.push({
          row,
          result:
            problems.length > 0
              ? refused('rejected', row, problems)
              : { leaseToken: row.leaseToken, state: 'accepted' },
        })
      }
    }
    return told
  })
  fault('outbox-stored')
  for (const { row, result } of answers) await odoo.result(target, row.id, result)
}

const refused = (
  state: string,
  row: LeasedRow,
  issues: readonly OutboundProblem[],
): OutboxResult => ({ leaseToken: row.leaseToken, state, issues })

const ajv = new Ajv({ allErrors: true })
addFormats.default(ajv)
const isReport = ajv.compile<OdooReport & MessageId>({
  type: 'object',
  required: ['id', 'revision', 'state'],
  properties: {
    id: { type: 'string', pattern: (Message.properties.id as { pattern: string }).pattern },
    revision: { type: 'integer', minimum: 1 },
    state: { enum: [...ODOO_STATES] },
    records: { type: 'array' },
    error: {
      type: 'object',
      properties: { code: { type: 'string' }, text: { type: 'string' } },
    },
  },
})

async function takeReport(work: Work, row: LeasedRow): Promise<OutboundProblem[]> {
  if (!isReport(row.status))
    return (isReport.errors ?? []).map((error) => ({
      path: error.instancePath,
      code: error.keyword,
      text: error.message ?? 'is wrong',
    }))
  const number = Number(/\.s(\d+)$/.exec(row.idempotencyKey)?.[1] ?? 0)
  await setOdooState(work, row.status, number, row.status)
  return []
}

interface Reported {
  readonly message: MessageId
  /** What Odoo knows now; absent when there was nothing new to tell. */
  readonly told?: string
  readonly alert?: string
}

export interface ReportOptions {
  db: Db
  odoo: OdooClient
  targets: Targets
  fault: Fault
  concurrency?: number
}

/** Step report: the state of an outbound message as it is now; several changes since the last report are one. */
export function reportStep({
  db,
  odoo,
  targets,
  fault,
  concurrency,
}: ReportOptions): Step<Reported> {
  /** `said`: what the jobs of the same claim have told of each message; it is written behind the calls. */
  const report = async (job: Job, said: Map<string, string>): Promise<Reported> => {
    const message = messageOf(job)
    const key = `${message.id}.${message.revision}`
    const row = await readMessage(db, message)
    const known = await readOdooRow(db, message)
    if (!row || !known) throw new PermanentError(`message ${message.id} has no one to report to`)
    const result = reportOf(row)
    const told = JSON.stringify(result)
    if (told === (said.get(key) ?? known.reported)) return { message }
    await targets.admit(known.target)
    try {
      const answer = await odoo.result(known.target, known.outboxId, {
        ...(known.leaseToken === null ? {} : { leaseToken: known.leaseToken }),
        ...result,
      })
      fault('report-answered')
      targets.succeeded(known.target)
      if (answer.accepted) {
        said.set(key, told)
        return { message, told }
      }
      // Leased again since: that lease brings its own token and a report with it.
      if (answer.status === 409) return { message }
      return { message, told, alert: answer.text ?? `answered ${answer.status}` }
    } catch (error) {
      if (error instanceof CallError) targets.failed(known.target)
      throw error
    }
  }

  return {
    kind: 'report',
    mode: 'call',
    concurrency: concurrency ?? 4,
    maxCrashes: 20,
    exclude: () => targets.closed(),
    open: async () => {
      const said = new Map<string, string>()
      return (job) => report(job, said)
    },
    commit: async (work, jobs) => {
      for (const { prepared } of jobs) {
        const { message, told, alert } = prepared
        if (told !== undefined) await keepReported(work, message, told)
        if (alert !== undefined) await reportAlert(work, message, alert)
      }
    },
    failed: failedCall,
    dead: (work, job, error) => reportAlert(work, messageOf(job), error),
  }
}

const reportAlert = async (work: Work, { id }: MessageId, text: string) => {
  await raiseAlert(work, {
    key: `report ${id}`,
    kind: 'report-failed',
    subject: `message ${id}`,
    text: `Odoo could not be told what became of message ${id}: ${text}`,
  })
}

/** The state in the words of the contract, with what a person in Odoo needs to know. */
function reportOf(row: MessageRow): Omit<OutboxResult, 'leaseToken'> {
  const found = JSON.parse(row.issues) as { path?: string; code?: string; text?: string }[]
  const issues = found.slice(0, 100).map(({ path, code, text }) => ({
    path: path ?? '',
    code: code ?? '',
    text: text ?? '',
  }))
  if (issues.length === 0 && row.error !== null)
    issues.push({ path: '', code: row.state, text: row.error })
  return {
    state: row.state,
    gatewayMessageId: row.id,
    ...(issues.length > 0 ? { issues } : {}),
    ...(row.business_state === 'none' ? {} : { businessState: row.business_state }),
    ...(row.overdue ? { overdue: true } : {}),
  }
}
