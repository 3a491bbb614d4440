// What interchanges lead to, written for a whole batch in a handful of statements: their rows, the messages with their
// deliveries, what they answer, and the acknowledgements. It runs in the transaction that ends the jobs.
import { finding, type Issue } from '../edi-maps/issue.js'
import type { Interchange, Transaction } from '../edi-maps/standard.js'
import { partnerCode, type AgreementVersion, type GatewayAgreement } from './agreement.js'
import { applyAnswers } from './answers.js'
import { deliverLane } from './deliver.js'
import type { Edi } from './edi.js'
import { reasonOf } from './finding-line.js'
import {
  earlierMessages,
  newMessage,
  type Earlier,
  type InboundOptions,
} from './inbound-message.js'
import {
  envelopeIssues,
  hasError,
  rejectAll,
  rejection,
  withRefusals,
  type InterchangePlan,
} from './interchange-plan.js'
import { type NewAlert, raiseAlert, raiseAlerts } from './store/alerts.js'
import { openNumbers, type NumberBook } from './store/control-numbers.js'
import {
  decisionAlert,
  keepInterchanges,
  seenBefore,
  type InboxRow,
  type InterchangeChange,
} from './store/interchanges.js'
import { insertMessages, issuesText, revisionKey, type NewMessage } from './store/messages.js'
import { keysInOutbox, storeOutbox, type NewOutbox } from './store/outbox.js'
import { keepWaitingKeys, type WaitingKey } from './store/waiting-keys.js'
import type { Work } from './store/work.js'

export interface EffectOptions extends InboundOptions {
  edi: Edi
  /** Milliseconds since 1970. */
  now: () => number
}

/** An interchange and the payload it came in. */
export interface Brought {
  readonly inbox: InboxRow
  readonly plan: InterchangePlan
}

/** One that has an agreement, with its row. */
interface Translated extends Brought {
  readonly version: AgreementVersion
  readonly row: string
}

const isRejected = ({ interchange }: InterchangePlan) => hasError(interchange.issues)

/** With all its sets rejected when its own errors do so. */
const settled = (plan: InterchangePlan) => (isRejected(plan) ? rejectAll(plan) : plan)

/** Default time within which a control number may not come again. */
const LOOK_BACK_DAYS = 90

/** Writes the effects of interchanges, in their order. */
export async function writeInterchanges(
  options: EffectOptions,
  work: Work,
  brought: readonly Brought[],
): Promise<void> {
  const book = await openNumbers(
    work,
    brought.flatMap(({ plan: { decision } }) =>
      decision.state === 'translate' ? [decision.agreement.agreement] : [],
    ),
  )
  const translated = await keepRows(options, work, brought)
  const earlier = await earlierMessages(
    work,
    translated.map((one) => one.row),
  )
  await storeMessages(options, work, translated, earlier)
  for (const { inbox, plan, version, row } of translated)
    await applyAnswers(options, work, inbox, plan, version, row, earlier(row))
  await acknowledge(options, work, book, translated)
}

/** Writes the rows of all; those nobody translates end here with an alert. */
async function keepRows(
  { newId }: EffectOptions,
  work: Work,
  brought: readonly Brought[],
): Promise<readonly Translated[]> {
  const rows = await keepInterchanges(
    work,
    brought.map(({ inbox, plan }) => changeOf(inbox, settled(plan), plan.slicedInto ?? newId())),
  )
  const translated: Translated[] = []
  const alerts: NewAlert[] = []
  for (const [n, { inbox, plan }] of brought.entries()) {
    const row = rows[n]!
    const { decision, interchange } = plan
    if (decision.state === 'translate') {
      translated.push({ inbox, plan: settled(plan), version: decision.agreement, row })
      continue
    }
    work.event({
      correlationId: inbox.correlation_id,
      inboxId: inbox.id,
      interchangeId: row,
      stage: 'translate',
      state: decision.state,
      detail: decision.reason,
    })
    alerts.push({
      key: decisionAlert(decision.state, inbox, decision.reason),
      kind: `interchange-${decision.state}`,
      subject: `interchange ${row}`,
      text: `Interchange ${interchange.control} waits: ${decision.reason}.${aboutText(plan.waiting)}`,
    })
  }
  await keepWaitingKeys(
    work,
    brought.map(({ plan }, n) => ({ interchangeId: rows[n]!, keys: plan.waiting })),
  )
  await raiseAlerts(work, alerts)
  const checked = await findDuplicates(work, translated)
  for (const { inbox, plan, row } of checked)
    work.event({
      correlationId: inbox.correlation_id,
      inboxId: inbox.id,
      interchangeId: row,
      stage: 'translate',
      state: isRejected(plan) ? 'rejected' : 'translated',
      ...(isRejected(plan) ? { detail: reasonOf(plan.interchange.issues) } : {}),
    })
  return checked
}

/** What a person asks for first; packages are many. */
const ASKED_FOR = new Set(['order', 'shipment', 'invoice'])

/** The first orders, shipments and invoices that wait, as a sentence. */
function aboutText(waiting: readonly WaitingKey[]): string {
  const asked = waiting.filter(({ type }) => ASKED_FOR.has(type))
  const names = [...new Set(asked.map(({ type, value }) => `${type} ${value}`))]
  if (names.length === 0) return ''
  const more = names.length > TOLD_NUMBERS ? ` and ${names.length - TOLD_NUMBERS} more` : ''
  return ` It is about ${names.slice(0, TOLD_NUMBERS).join(', ')}${more}.`
}
const TOLD_NUMBERS = 5

function changeOf(inbox: InboxRow, plan: InterchangePlan, id: string): InterchangeChange {
  const { decision, interchange } = plan
  const waits = decision.state !== 'translate'
  const reason = waits ? decision.reason : rejection(plan)
  return {
    id,
    inboxId: inbox.id,
    position: plan.position,
    interchange,
    ...(decision.agreement ? { agreement: decision.agreement } : {}),
    state: waits ? decision.state : isRejected(plan) ? 'rejected' : 'translated',
    ...(reason === undefined ? {} : { reason }),
    sets: plan.setCount,
    setsRejected: plan.rejected.size,
    issues: envelopeIssues(plan),
    setIssueCount: plan.setIssueCount,
  }
}

/** Marks those whose control number came before, and writes their rows once more. */
async function findDuplicates(
  work: Work,
  translated: readonly Translated[],
): Promise<readonly Translated[]> {
  const seen = await seenBefore(
    work,
    translated
      .filter(({ plan }) => !isRejected(plan))
      .map(({ row, plan, version }) => ({
        id: row,
        interchange: plan.interchange,
        lookBackDays: version.agreement.duplicates?.lookBackDays ?? LOOK_BACK_DAYS,
      })),
  )
  if (seen.size === 0) return translated
  const checked = translated.map((one): Translated => {
    const other = seen.get(one.row)
    if (other === undefined) return one
    const isError = one.version.agreement.duplicates?.interchange !== 'accept'
    const interchange = withDuplicate(one.plan.interchange, other, isError)
    return { ...one, plan: settled({ ...one.plan, interchange }) }
  })
  await keepInterchanges(
    work,
    checked
      .filter(({ row }) => seen.has(row))
      .map(({ inbox, plan, row }) => changeOf(inbox, plan, row)),
  )
  return checked
}

function withDuplicate(interchange: Interchange, other: string, isError: boolean): Interchange {
  const { standard, control, controlPlace, issues } = interchange
  const text = `Control number ${control} came before, in interchange ${other}.`
  const { offset, end, line, ...at } = controlPlace
  const issue = finding(standard, 'interchange-duplicate', { offset, end, line }, text, {
    ...(isError ? {} : { severity: 'warning' }),
    ...at,
    value: control,
  })
  return { ...interchange, issues: [...issues, issue] }
}

/** Errors of group and interchange are known when sets of a large interchange are stored already: told to those too. */
async function refuseSlices(
  work: Work,
  row: string,
  refusals: InterchangePlan['refusals'],
): Promise<void> {
  for (const { positions, issues } of refusals)
    await work.query(
      `update message set error_owner = 'partner', error = coalesce(error, $3), issue_count = issue_count + $4,
         issues = case when issue_count = 0 then $5 else (issues::jsonb || $5::jsonb)::text end
       where interchange_id = $1 and state = 'received' and ($2::integer[] is null or position = any($2::integer[]))`,
      [row, positions ? [...positions] : null, reasonOf(issues), issues.length, issuesText(issues)],
    )
}

/** A message as far as its history and its lane need it. */
interface Released {
  readonly id: string
  readonly revision: number
  readonly state: string
  readonly error: string | null
  readonly correlationId: string
  readonly documentNumber: string | null
}

/** Accepted sets become messages to deliver, rejected ones are kept with what is wrong with them. */
async function storeMessages(
  options: EffectOptions,
  work: Work,
  taken: readonly Translated[],
  earlier: (interchangeId: string) => Earlier,
): Promise<void> {
  const made = taken.map((one) => {
    const waiting = waitingReason(options, one.version.agreement)
    return { ...one, waiting, messages: messagesFor(options, one, waiting, earlier(one.row)) }
  })
  const fresh = new Set(
    (
      await insertMessages(
        work,
        made.flatMap((one) => one.messages),
      )
    ).map(revisionKey),
  )
  for (const one of made) {
    const { plan, version, row, waiting } = one
    const released =
      plan.slicedInto === undefined ? [] : await releaseSlices(work, row, plan, waiting)
    for (const { message, state, error } of one.messages)
      if (fresh.has(revisionKey(message)))
        released.push({
          ...message,
          state,
          error: error?.text ?? null,
          documentNumber: message.document?.documentNumber ?? null,
        })
    release(options, work, one, released)
    if (waiting !== undefined && released.some(({ state }) => state === 'held'))
      await raiseAlert(work, {
        key: `held ${version.id}: ${waiting}`,
        kind: 'message-held',
        subject: `agreement ${version.id}`,
        text: `Messages of agreement ${version.id} wait: ${waiting}.`,
      })
  }
}

function messagesFor(
  options: EffectOptions,
  { inbox, plan, version, row }: Translated,
  waiting: string | undefined,
  earlier: Earlier,
): NewMessage[] {
  return plan.sets.map((set) => {
    const told = withRefusals(set, plan.refusals)
    if (plan.rejected.has(set.position))
      return newMessage(options, inbox, version, row, told, earlier, 'rejected')
    if (waiting === undefined)
      return newMessage(options, inbox, version, row, told, earlier, 'translated')
    const message = newMessage(options, inbox, version, row, told, earlier, 'held')
    return { ...message, error: { owner: 'gateway', text: waiting } }
  })
}

/** The messages of earlier slices, which waited for the end of their interchange. */
async function releaseSlices(
  work: Work,
  row: string,
  { rejected, refusals }: InterchangePlan,
  waiting: string | undefined,
): Promise<Released[]> {
  await refuseSlices(work, row, refusals)
  const moved = await work.query<Released>(
    `update message set updated_at = now(),
       state = case when position = any($2::integer[]) then 'rejected' when $3::text is null then 'translated' else 'held' end,
       error_owner = case when position = any($2::integer[]) then 'partner' when $3::text is not null then 'gateway' end,
       error = case when position = any($2::integer[]) then error else $3 end
     where interchange_id = $1 and state = 'received'
     returning id, revision, state, error, correlation_id as "correlationId", document_number as "documentNumber"`,
    [row, [...rejected], waiting ?? null],
  )
  return moved.sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** History of messages, and the jobs that deliver them. */
function release(
  { targetOf }: EffectOptions,
  work: Work,
  { inbox, row, version }: Translated,
  released: readonly Released[],
): void {
  const target = targetOf(version.agreement)
  for (const [place, one] of released.entries()) {
    work.event({
      correlationId: one.correlationId,
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
        place,
        ...(target ? { target: target.id } : {}),
      })
  }
}

/** Why nothing of this agreement can be delivered, if so. */
function waitingReason({ targetOf }: EffectOptions, agreement: GatewayAgreement) {
  const target = targetOf(agreement)
  if (!target) return `there is no connection ${agreement.target ?? ''}`.trim()
  return target.environment === agreement.environment
    ? undefined
    : `agreement ${agreement.id} is for ${agreement.environment}, connection ${target.id} for ${target.environment}`
}

/** Stores the acknowledgements the agreements want, once: a replay does not answer again. */
async function acknowledge(
  { edi, newId, now }: EffectOptions,
  work: Work,
  book: NumberBook,
  translated: readonly Translated[],
): Promise<void> {
  const wanted = translated.flatMap((one) => {
    const { plan, version, row } = one
    const findings = (transaction: Transaction): readonly Issue[] =>
      plan.findings.get(transaction) ?? []
    return edi
      .acknowledge(version.agreement, plan.interchange, plan.groups, findings)
      .map((draft, n) => ({ ...one, draft, key: `ack ${row} ${draft.type} ${n + 1}` }))
  })
  const made = await keysInOutbox(
    work,
    wanted.map(({ key }) => key),
  )
  const outgoing: NewOutbox[] = []
  for (const { inbox, plan, version, row, draft, key } of wanted) {
    if (made.has(key)) continue
    const { agreement } = version
    const numbers = await book.take(agreement, draft.needs)
    outgoing.push({
      id: newId(),
      idempotencyKey: key,
      purpose: 'ack',
      agreement: version,
      partner: partnerCode(agreement),
      channel: agreement.channel?.kind ?? 'mailbox',
      interchangeId: row,
      correlationId: inbox.correlation_id,
      standard: agreement.standard,
      sender: plan.interchange.receiver.id,
      receiver: plan.interchange.sender.id,
      test: plan.interchange.test,
      controls: {
        interchange: String(numbers.interchange),
        ...(draft.needs.groups > 0 ? { group: String(numbers.group) } : {}),
      },
      messageType: draft.type,
      bytes: draft.write({ now: new Date(now()).toISOString(), ...numbers }),
      contentType: edi.contentType(agreement.standard),
    })
  }
  await storeOutbox(work, outgoing)
  await book.save()
}
