// Step translate: a payload to messages. Reading happens outside the transaction and touches nothing; then messages,
// acknowledgements and deliveries are written in the one transaction that ends the job.
import type { Issue } from '../edi-maps/issue.js'
import type { Interchange } from '../edi-maps/standard.js'
import { partnerCode } from './agreement.js'
import { PermanentError } from './errors.js'
import type { Fault } from './fault.js'
import { earlierMessages, newMessage } from './inbound-message.js'
import { writeInterchanges, type EffectOptions } from './interchange-effects.js'
import {
  InterchangeCollector,
  decide,
  type Decision,
  type First,
  type InterchangePlan,
} from './interchange-plan.js'
import { readEnvelopes } from './payload.js'
import type { RecentPayloads } from './recent-payloads.js'
import { MOST_CRASHES, type Step } from './step.js'
import { readAgreement, type Directory } from './store/agreements.js'
import { type NewAlert, raiseAlert, raiseAlerts } from './store/alerts.js'
import { giveBlobs, readBlob, readSmallBlobs } from './store/blobs.js'
import type { Db } from './store/db.js'
import {
  keepInterchanges,
  keepSlices,
  moveInboxes,
  readInboxes,
  slicesDone,
  type InboxMove,
  type InboxRow,
} from './store/interchanges.js'
import { holdLane, type Job, type LaneHold } from './store/lanes.js'
import { insertMessages } from './store/messages.js'
import { doWork, type Work } from './store/work.js'
import type { Wake } from './wake.js'

export interface TranslateOptions extends EffectOptions {
  db: Db
  wake: Wake
  directory: () => Promise<Directory>
  fault: Fault
  /** Payloads that were taken in a moment ago. */
  recent?: Pick<RecentPayloads, 'take'>
  /** Interchanges with more sets are stored in slices of this many (default 500). */
  sliceSets?: number
}

interface Prepared {
  readonly inbox: InboxRow
  readonly interchanges: readonly InterchangePlan[]
  /** Findings that belong to no interchange. */
  readonly outside: readonly Issue[]
  /** Whose payload it is, when all its interchanges are of one partner and not held back. */
  readonly partner?: string
}

/** Payloads of a batch that are read in one statement, all together. */
const READ_BYTES = 8 * 1024 * 1024

export function translateStep(options: TranslateOptions): Step<Prepared> {
  return {
    kind: 'translate',
    mode: 'batch',
    concurrency: 1,
    maxFailures: 10,
    maxCrashes: MOST_CRASHES,
    open: async (jobs) => {
      const { db, directory } = options
      const inboxes = await readInboxes(db, jobs.map(inboxOf))
      const bytes = await readPayloads(options, [...inboxes.values()])
      const known = await directory()
      return (job, lane) => {
        const inbox = inboxes.get(inboxOf(job))
        if (!inbox) throw new PermanentError('the payload of this job is not in the store')
        const whole = bytes.get(inbox.sha256.toString('hex'))
        return prepare(
          options,
          known,
          inbox,
          whole ? [whole] : readBlob(db, inbox.sha256),
          job,
          lane,
        )
      }
    },
    weight: ({ inbox }) => inbox.size,
    commit: (work, jobs) =>
      commit(
        options,
        work,
        jobs.map(({ prepared }) => prepared),
      ),
    dead: async (work, job, error) => {
      const id = inboxOf(job)
      await work.query(
        `update message set state = 'dead', updated_at = now() where state = 'received' and interchange_id in (
           select id from interchange where inbox_id = $1)`,
        [id],
      )
      await work.query(
        `update interchange set state = 'dead', reason = $2, updated_at = now()
         where inbox_id = $1 and state = 'received'`,
        [id, error],
      )
      await moveInboxes(work, [{ id, state: 'dead', error }])
      await raiseAlert(work, {
        key: `dead ${id}`,
        kind: 'payload-dead',
        subject: `payload ${id}`,
        text: `Payload ${id} could not be translated: ${error}`,
      })
    },
  }
}

/** Bytes of small payloads by digest in hex: of those just taken in from memory, else from the store. */
async function readPayloads(
  { db, recent }: TranslateOptions,
  inboxes: readonly InboxRow[],
): Promise<ReadonlyMap<string, Buffer>> {
  const known = new Map<string, Buffer>()
  for (const { sha256 } of inboxes) {
    const bytes = recent?.take(sha256)
    if (bytes !== undefined) known.set(sha256.toString('hex'), bytes)
  }
  const others = inboxes.filter(({ sha256 }) => !known.has(sha256.toString('hex')))
  for (const [digest, bytes] of await readSmallBlobs(db, others, READ_BYTES))
    known.set(digest, bytes)
  return known
}

const inboxOf = (job: Job) => String(job.payload['inboxId'])
const jobName = (job: Job) => `${job.lane}#${job.seq}`

async function prepare(
  options: TranslateOptions,
  known: Directory,
  inbox: InboxRow,
  payload: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  job: Job,
  lane: LaneHold,
): Promise<Prepared> {
  const { edi, sliceSets = 500 } = options
  const decideFor = await decider(options, known, inbox, job)
  const only = job.payload['position']
  const interchanges: InterchangePlan[] = []
  const outside: Issue[] = []
  let current: InterchangeCollector | undefined
  let position = 0
  for await (const event of readEnvelopes(payload)) {
    if (event.kind === 'outside') outside.push(event.issue)
    else if (event.kind === 'interchange')
      current = new InterchangeCollector(edi, ++position, event.interchange, decideFor)
    else if (current === undefined) continue
    else if (only !== undefined && only !== position) continue
    else if (event.kind === 'group') current.startGroup(event.group)
    else if (event.kind === 'transaction') {
      current.addTransaction(event.group, event.transaction)
      if (current.pending.length >= sliceSets) await storeSlice(options, inbox, current, job, lane)
    } else if (event.kind === 'interchangeEnd') interchanges.push(current.finish())
  }
  // A replay of one interchange among others says nothing of those.
  const partner = interchanges.length === position ? onlyPartner(interchanges) : undefined
  return { inbox, interchanges, outside, ...(partner === undefined ? {} : { partner }) }
}

function onlyPartner(interchanges: readonly InterchangePlan[]): string | undefined {
  const partners = new Set(
    interchanges.map(({ decision }) =>
      decision.state === 'translate' ? partnerCode(decision.agreement.agreement) : undefined,
    ),
  )
  return partners.size === 1 ? [...partners][0] : undefined
}

/** How interchanges of this job find their agreement: by their ids, or by what a replay asks for. */
async function decider(
  { db, now }: TranslateOptions,
  known: Directory,
  inbox: InboxRow,
  { payload }: Job,
): Promise<(interchange: Interchange, first: First) => Decision> {
  const today = new Date(now()).toISOString().slice(0, 10)
  if (typeof payload['agreement'] !== 'string')
    return (interchange, first) => decide(known, inbox, interchange, first, today)
  const id = payload['agreement']
  const version = typeof payload['version'] === 'number' ? payload['version'] : undefined
  const chosen = await readAgreement(db, id, version)
  if (!chosen) throw new PermanentError(`agreement ${id} has no version ${version ?? ''}`.trim())
  return (interchange, first) => decide(known, inbox, interchange, first, today, chosen)
}

/** Stores the sets read so far under the fence. They stay `received` until the envelope is closed. */
async function storeSlice(
  options: TranslateOptions,
  inbox: InboxRow,
  current: InterchangeCollector,
  job: Job,
  lane: LaneHold,
): Promise<void> {
  const { db, wake, newId, fault } = options
  const { decision, interchange, position } = current
  if (decision?.state !== 'translate') {
    current.take('')
    return
  }
  const before = await slicesDone(db, inbox.id, position, jobName(job))
  const id = await doWork(db, wake, async (work) => {
    const [kept] = await keepInterchanges(work, [
      {
        id: before?.id ?? newId(),
        inboxId: inbox.id,
        position,
        interchange,
        agreement: decision.agreement,
        state: 'received',
        sets: current.pending.at(-1)!.position,
        setsRejected: 0,
        issues: interchange.issues,
        setIssueCount: 0,
      },
    ])
    const row = kept!
    const fresh = current.pending.filter((set) => set.position > (before?.done ?? 0))
    const replaced = (await earlierMessages(work, [row]))(row)
    const messages = fresh.map((set) =>
      newMessage(options, inbox, decision.agreement, row, set, replaced, 'received'),
    )
    await insertMessages(work, messages)
    await keepSlices(
      work,
      row,
      jobName(job),
      Math.max(before?.done ?? 0, current.pending.at(-1)!.position),
    )
    await holdLane(work.tx, lane)
    return row
  })
  current.take(id)
  fault('slice-committed')
}

/** What is to be said of bytes between interchanges that nobody has read: there may be a document among them. */
function unreadAlert(inbox: Prepared['inbox'], outside: readonly Issue[]): NewAlert | undefined {
  const places = outside
    .filter(({ code }) => code === 'data-outside-interchange')
    .map(({ offset, end }) => `${offset} to ${end}`)
  if (places.length === 0) return undefined
  return {
    key: `payload-partly-read ${inbox.id}`,
    kind: 'payload-partly-read',
    subject: `payload ${inbox.id}`,
    text: `${inbox.identity} sent bytes that belong to no interchange (${places.join(', ')}): they were kept, not read.`,
  }
}

async function commit(
  options: TranslateOptions,
  work: Work,
  payloads: readonly Prepared[],
): Promise<void> {
  await writeInterchanges(
    options,
    work,
    payloads.flatMap(({ inbox, interchanges }) => interchanges.map((plan) => ({ inbox, plan }))),
  )
  const moves: InboxMove[] = []
  const alerts: NewAlert[] = []
  for (const { inbox, interchanges, outside } of payloads) {
    const [problem] = outside.filter((issue) => issue.severity === 'error')
    if (!problem && interchanges.length > 0) {
      moves.push({ id: inbox.id, state: 'translated' })
      const alert = unreadAlert(inbox, outside)
      if (alert !== undefined) alerts.push(alert)
      continue
    }
    const text = problem?.text ?? 'The payload holds no interchange.'
    moves.push({ id: inbox.id, state: 'rejected', error: text })
    work.event({
      correlationId: inbox.correlation_id,
      inboxId: inbox.id,
      stage: 'translate',
      state: 'rejected',
      detail: text,
    })
    alerts.push({
      key: `not-edi ${inbox.channel} ${inbox.identity}`,
      kind: 'payload-rejected',
      subject: `payload ${inbox.id}`,
      text: `${inbox.identity} sent something that is not EDI: ${text}`,
    })
  }
  await raiseAlerts(work, alerts)
  await moveInboxes(work, moves)
  await giveBlobs(
    work.tx,
    payloads.flatMap(({ inbox: { sha256 }, partner }) =>
      partner === undefined ? [] : [{ sha256, partner }],
    ),
  )
}
