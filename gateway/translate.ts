// Step translate: a payload to messages. Reading happens outside the transaction and touches nothing; then messages,
// acknowledgements and deliveries are written in the one transaction that ends the job.
import type { Document } from '../edi-maps/canonical/document.js'
import { finding, type Issue } from '../edi-maps/issue.js'
import type { Group, Interchange, Transaction } from '../edi-maps/standard.js'
import { partnerCode, type AgreementVersion, type GatewayAgreement } from './agreement.js'
import { businessAnswer } from './business-answer.js'
import type { Edi } from './edi.js'
import { PermanentError } from './errors.js'
import type { Fault } from './fault.js'
import { reasonOf } from './finding-line.js'
import { earlierMessages, newMessage, type InboundOptions } from './inbound-message.js'
import {
  InterchangeCollector,
  decide,
  envelopeIssues,
  hasError,
  rejectAll,
  rejection,
  withRefusals,
  type Decision,
  type InterchangePlan,
} from './interchange-plan.js'
import { readEnvelopes } from './payload.js'
import type { Step } from './step.js'
import { applyAck, type AckEnvelope } from './store/acks.js'
import { readAgreement, type Directory } from './store/agreements.js'
import { raiseAlert } from './store/alerts.js'
import { readBlob } from './store/blobs.js'
import { applyBusinessAnswer } from './store/business-answers.js'
import { lockNumbers, numberScope, takeNumbers } from './store/control-numbers.js'
import type { Db } from './store/db.js'
import {
  decisionAlert,
  keepInterchange,
  keepSlices,
  moveInbox,
  readInbox,
  seenBefore,
  slicesDone,
  type InboxRow,
} from './store/interchanges.js'
import { holdLane, type Job, type LaneHold } from './store/lanes.js'
import { insertMessages, issuesText, type NewMessage } from './store/messages.js'
import { isInOutbox, storeOutbox } from './store/outbox.js'
import { doWork, type Work } from './store/work.js'
import type { Wake } from './wake.js'

export interface TranslateOptions extends InboundOptions {
  db: Db
  wake: Wake
  edi: Edi
  directory: () => Promise<Directory>
  /** Milliseconds since 1970. */
  now: () => number
  fault: Fault
  /** Interchanges with more sets are stored in slices of this many (default 500). */
  sliceSets?: number
}

interface Prepared {
  readonly inbox: InboxRow
  readonly interchanges: readonly InterchangePlan[]
  /** Findings that belong to no interchange. */
  readonly outside: readonly Issue[]
}

/** Default time within which a control number may not come again. */
const LOOK_BACK_DAYS = 90

export function translateStep(options: TranslateOptions): Step<Prepared> {
  return {
    kind: 'translate',
    mode: 'batch',
    concurrency: 1,
    maxFailures: 10,
    maxCrashes: 3,
    prepare: (job, lane) => prepare(options, job, lane),
    weight: ({ inbox }) => inbox.size,
    lock: (work, prepared) =>
      lockNumbers(
        work,
        prepared.flatMap(({ interchanges }) =>
          interchanges.flatMap(({ decision }) =>
            decision.state === 'translate' ? [numberScope(decision.agreement.agreement)] : [],
          ),
        ),
      ),
    commit: (work, _job, prepared) => commit(options, work, prepared),
    dead: async (work, job, error) => {
      const id = String(job.payload['inboxId'])
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
      await moveInbox(work, id, 'dead', error)
      await raiseAlert(work, {
        key: `dead ${id}`,
        kind: 'payload-dead',
        subject: `payload ${id}`,
        text: `Payload ${id} could not be translated: ${error}`,
      })
    },
  }
}

const jobName = (job: Job) => `${job.lane}#${job.seq}`

async function prepare(options: TranslateOptions, job: Job, lane: LaneHold): Promise<Prepared> {
  const { db, edi, sliceSets = 500 } = options
  const inbox = await readInbox(db, String(job.payload['inboxId']))
  if (!inbox) throw new PermanentError('the payload of this job is not in the store')
  const decideFor = await decider(options, inbox, job)
  const only = job.payload['position']
  const interchanges: InterchangePlan[] = []
  const outside: Issue[] = []
  let current: InterchangeCollector | undefined
  let position = 0
  for await (const event of readEnvelopes(edi, readBlob(db, inbox.sha256))) {
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
  return { inbox, interchanges, outside }
}

/** How interchanges of this job find their agreement: by their ids, or by what a replay asks for. */
async function decider(
  { db, directory, now }: TranslateOptions,
  inbox: InboxRow,
  { payload }: Job,
): Promise<(interchange: Interchange, group: Group | undefined) => Decision> {
  const known = await directory()
  const today = new Date(now()).toISOString().slice(0, 10)
  if (typeof payload['agreement'] !== 'string')
    return (interchange, group) => decide(known, inbox, interchange, group, today)
  const id = payload['agreement']
  const version = typeof payload['version'] === 'number' ? payload['version'] : undefined
  const chosen = await readAgreement(db, id, version)
  if (!chosen) throw new PermanentError(`agreement ${id} has no version ${version ?? ''}`.trim())
  return (interchange, group) => decide(known, inbox, interchange, group, today, chosen)
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
    const row = await keepInterchange(work, {
      id: before?.id ?? newId(),
      inboxId: inbox.id,
      position,
      interchange,
      agreement: decision.agreement,
      state: 'received',
      sets: current.pending.at(-1)!.position,
      issues: interchange.issues,
    })
    const fresh = current.pending.filter((set) => set.position > (before?.done ?? 0))
    const replaced = await earlierMessages(work, row)
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

async function commit(
  options: TranslateOptions,
  work: Work,
  { inbox, interchanges, outside }: Prepared,
): Promise<void> {
  for (const plan of interchanges) await commitInterchange(options, work, inbox, plan)
  const [problem] = outside.filter((issue) => issue.severity === 'error')
  if (!problem && interchanges.length > 0) return moveInbox(work, inbox.id, 'translated')
  const text = problem?.text ?? 'The payload holds no interchange.'
  await moveInbox(work, inbox.id, 'rejected', text)
  work.event({
    correlationId: inbox.correlation_id,
    inboxId: inbox.id,
    stage: 'translate',
    state: 'rejected',
    detail: text,
  })
  await raiseAlert(work, {
    key: `not-edi ${inbox.channel} ${inbox.identity}`,
    kind: 'payload-rejected',
    subject: `payload ${inbox.id}`,
    text: `${inbox.identity} sent something that is not EDI: ${text}`,
  })
}

async function commitInterchange(
  options: TranslateOptions,
  work: Work,
  inbox: InboxRow,
  plan: InterchangePlan,
): Promise<void> {
  const { decision, position } = plan
  const id = plan.slicedInto ?? options.newId()
  if (decision.state !== 'translate') {
    const row = await keepInterchange(work, {
      id,
      inboxId: inbox.id,
      position,
      interchange: plan.interchange,
      ...(decision.agreement ? { agreement: decision.agreement } : {}),
      state: decision.state,
      reason: decision.reason,
      sets: plan.setCount,
      issues: envelopeIssues(plan),
    })
    work.event({
      correlationId: inbox.correlation_id,
      inboxId: inbox.id,
      interchangeId: row,
      stage: 'translate',
      state: decision.state,
      detail: decision.reason,
    })
    await raiseAlert(work, {
      key: decisionAlert(decision.state, inbox, decision.reason),
      kind: `interchange-${decision.state}`,
      subject: `interchange ${row}`,
      text: `Interchange ${plan.interchange.control} waits: ${decision.reason}.`,
    })
    return
  }
  await commitTranslated(options, work, inbox, plan, decision.agreement, id)
}

async function commitTranslated(
  options: TranslateOptions,
  work: Work,
  inbox: InboxRow,
  plan: InterchangePlan,
  version: AgreementVersion,
  newRow: string,
): Promise<void> {
  const { agreement } = version
  const isRejected = () => hasError(plan.interchange.issues)
  const keep = () => {
    if (isRejected()) plan = rejectAll(plan)
    const reason = rejection(plan)
    return keepInterchange(work, {
      id: newRow,
      inboxId: inbox.id,
      position: plan.position,
      interchange: plan.interchange,
      agreement: version,
      state: isRejected() ? 'rejected' : 'translated',
      ...(reason === undefined ? {} : { reason }),
      sets: plan.setCount,
      issues: envelopeIssues(plan),
    })
  }
  const row = await keep()
  if (!isRejected()) {
    const days = agreement.duplicates?.lookBackDays ?? LOOK_BACK_DAYS
    const other = await seenBefore(work, row, plan.interchange, days)
    if (other !== undefined) {
      const isError = agreement.duplicates?.interchange !== 'accept'
      plan = { ...plan, interchange: withDuplicate(plan.interchange, other, isError) }
      await keep()
    }
  }
  work.event({
    correlationId: inbox.correlation_id,
    inboxId: inbox.id,
    interchangeId: row,
    stage: 'translate',
    state: isRejected() ? 'rejected' : 'translated',
    ...(isRejected() ? { detail: reasonOf(plan.interchange.issues) } : {}),
  })
  await storeMessages(options, work, inbox, plan, version, row)
  await applyAnswers(options, work, inbox, plan, version, row)
  await answer(options, work, inbox, plan, version, row)
}

function withDuplicate(interchange: Interchange, other: string, isError: boolean): Interchange {
  const place = { offset: interchange.offset, end: interchange.offset, line: 1 }
  const issue = finding(
    interchange.standard,
    'interchange-duplicate',
    place,
    `Control number ${interchange.control} came before, in interchange ${other}.`,
    isError ? {} : { severity: 'warning' },
  )
  return { ...interchange, issues: [...interchange.issues, issue] }
}

/** Errors of group and interchange are known when sets of a large interchange are stored already: told to those too. */
async function refuseSlices(
  work: Work,
  { slicedInto, refusals }: InterchangePlan,
  row: string,
): Promise<void> {
  if (slicedInto === undefined) return
  for (const { positions, issues } of refusals)
    await work.query(
      `update message set error_owner = 'partner', error = coalesce(error, $3), issue_count = issue_count + $4,
         issues = case when issue_count = 0 then $5 else (issues::jsonb || $5::jsonb)::text end
       where interchange_id = $1 and state = 'received' and ($2::integer[] is null or position = any($2::integer[]))`,
      [row, positions ? [...positions] : null, reasonOf(issues), issues.length, issuesText(issues)],
    )
}

interface Stored {
  id: string
  revision: number
  correlation_id: string
  document_number: string | null
}

/** Accepted sets become messages to deliver, rejected ones are kept with what is wrong with them. */
async function storeMessages(
  options: TranslateOptions,
  work: Work,
  inbox: InboxRow,
  plan: InterchangePlan,
  version: AgreementVersion,
  row: string,
): Promise<void> {
  const earlier = await earlierMessages(work, row)
  const messages = plan.sets.map((set) =>
    newMessage(options, inbox, version, row, withRefusals(set, plan.refusals), earlier, 'received'),
  )
  await refuseSlices(work, plan, row)
  await insertMessages(work, messages)
  const rejected = [...plan.rejected]
  const waiting = waitingReason(options, version.agreement)
  const state = waiting === undefined ? 'translated' : 'held'
  const moved = await work.query<Stored & { state: string; error: string | null }>(
    `update message set updated_at = now(),
       state = case when position = any($2::integer[]) then 'rejected' else $3 end,
       error_owner = case when position = any($2::integer[]) then 'partner' when $4::text is not null then 'gateway' end,
       error = case when position = any($2::integer[]) then error else $4 end
     where interchange_id = $1 and state = 'received'
     returning id, revision, correlation_id, document_number, state, error`,
    [row, rejected, state, waiting ?? null],
  )
  const target = options.targetOf(version.agreement)
  moved.sort((a, b) => (a.id < b.id ? -1 : 1))
  for (const one of moved) {
    work.event({
      correlationId: one.correlation_id,
      inboxId: inbox.id,
      interchangeId: row,
      messageId: one.id,
      revision: one.revision,
      stage: 'translate',
      state: one.state,
      ...(one.error === null ? {} : { detail: one.error }),
    })
    if (one.state === 'translated')
      work.enqueue({
        lane: deliverLane(version.agreement, one),
        kind: 'deliver',
        payload: { messageId: one.id, revision: one.revision },
        ...(target ? { target: target.id } : {}),
      })
  }
  if (waiting !== undefined && moved.some((one) => one.state === 'held'))
    await raiseAlert(work, {
      key: `held ${version.id}: ${waiting}`,
      kind: 'message-held',
      subject: `agreement ${version.id}`,
      text: `Messages of agreement ${version.id} wait: ${waiting}.`,
    })
}

/** Why nothing of this agreement can be delivered, if so. */
function waitingReason({ targetOf }: TranslateOptions, agreement: GatewayAgreement) {
  const target = targetOf(agreement)
  if (!target) return `there is no connection ${agreement.target ?? ''}`.trim()
  return target.environment === agreement.environment
    ? undefined
    : `agreement ${agreement.id} is for ${agreement.environment}, connection ${target.id} for ${target.environment}`
}

/** Messages in one lane keep their order: all of a partner, all of one document, or each for itself. */
export function deliverLane(
  agreement: GatewayAgreement,
  message: { id: string; document_number: string | null },
): string {
  const partner = partnerCode(agreement)
  if (agreement.ordering === 'partner') return `deliver:${partner}`
  const key = agreement.ordering === 'none' ? message.id : (message.document_number ?? message.id)
  return `deliver:${partner}:${key.slice(0, 200)}`
}

/** Answers move what they answer; one that answers nothing we sent is kept for people to see. */
async function applyAnswers(
  options: TranslateOptions,
  work: Work,
  inbox: InboxRow,
  plan: InterchangePlan,
  version: AgreementVersion,
  row: string,
): Promise<void> {
  const { interchange } = plan
  const envelope = {
    sender: interchange.sender.id,
    receiver: interchange.receiver.id,
    test: interchange.test,
  }
  const unanswered = async (what: string) => {
    work.event({
      correlationId: inbox.correlation_id,
      inboxId: inbox.id,
      interchangeId: row,
      stage: 'ack',
      state: 'held',
      detail: `${what} answers nothing that was sent to this partner`,
    })
    await raiseAlert(work, {
      key: `ack-unmatched ${version.id}`,
      kind: 'ack-unmatched',
      subject: `interchange ${row}`,
      text: `${what} from ${interchange.sender.id.trim()} answers nothing that was sent there.`,
    })
  }
  const isRejected = hasError(interchange.issues)
  for (const entry of isRejected ? [] : options.edi.interchangeAcks(interchange))
    if ((await applyAck(work, envelope, entry, false)) === 0)
      await unanswered(`TA1 for interchange ${entry.interchange?.control ?? ''}`)

  const earlier = await earlierMessages(work, row)
  const messages: NewMessage[] = []
  for (const set of plan.answers) {
    const { document } = set
    let state: NewMessage['state'] = 'rejected'
    if (document !== undefined && !plan.rejected.has(set.position)) {
      const answered = await applyAnswer(work, envelope, set.transaction.type, document)
      state = answered > 0 ? 'applied' : 'held'
      if (answered === 0) await unanswered(`${set.transaction.type} ${document.documentNumber}`)
    }
    const told = withRefusals(set, plan.refusals)
    messages.push(newMessage(options, inbox, version, row, told, earlier, state))
  }
  await insertMessages(work, messages)
}

/** Gives how many of the messages we sent it was for. */
async function applyAnswer(
  work: Work,
  envelope: AckEnvelope,
  type: string,
  document: Document,
): Promise<number> {
  let answered = 0
  if (document.kind === 'functionalAck') {
    for (const entry of [...document.body.acknowledged].sort(byDetail))
      answered += await applyAck(work, envelope, entry, type === 'CONTRL')
  } else if (document.kind === 'applicationAck') {
    for (const entry of document.body.answers)
      answered += await applyBusinessAnswer(work, envelope, businessAnswer(entry))
  }
  return answered
}

/** What is said of a single set counts before what is said of its group. */
const DETAIL = { transaction: 0, group: 1, interchange: 2 } as const
const byDetail = (a: { level: keyof typeof DETAIL }, b: { level: keyof typeof DETAIL }) =>
  DETAIL[a.level] - DETAIL[b.level]

/** Stores the acknowledgements the agreement wants, once: a replay does not answer again. */
async function answer(
  options: TranslateOptions,
  work: Work,
  inbox: InboxRow,
  plan: InterchangePlan,
  version: AgreementVersion,
  row: string,
): Promise<void> {
  const { edi, newId, now } = options
  const { agreement } = version
  const { interchange } = plan
  const findings = (transaction: Transaction) => plan.findings.get(transaction) ?? []
  const drafts = edi.acknowledge(agreement, interchange, plan.groups, findings)
  if (drafts.length === 0) return
  for (const [n, draft] of drafts.entries()) {
    const key = `ack ${row} ${draft.type} ${n + 1}`
    if (await isInOutbox(work, key)) continue
    const numbers = await takeNumbers(work, agreement, draft.needs)
    const bytes = draft.write({ now: new Date(now()).toISOString(), ...numbers })
    await storeOutbox(work, {
      id: newId(),
      idempotencyKey: key,
      purpose: 'ack',
      agreement: version,
      partner: partnerCode(agreement),
      channel: agreement.channel?.kind ?? 'mailbox',
      interchangeId: row,
      correlationId: inbox.correlation_id,
      standard: agreement.standard,
      sender: interchange.receiver.id,
      receiver: interchange.sender.id,
      test: interchange.test,
      controls: {
        interchange: String(numbers.interchange),
        ...(draft.needs.groups > 0 ? { group: String(numbers.group) } : {}),
      },
      messageType: draft.type,
      bytes,
      contentType: edi.contentType(agreement.standard),
    })
  }
}
