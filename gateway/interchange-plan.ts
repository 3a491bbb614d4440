// What is to become of one interchange, decided without the database: who it is between, whether it may be here, and
// what each of its sets was read into.
import type { Document, PartialDocument } from '../edi-maps/canonical/document.js'
import type { Issue } from '../edi-maps/issue.js'
import { plural } from '../edi-maps/plural.js'
import type { Group, Interchange, Transaction } from '../edi-maps/standard.js'
import {
  agreementBook,
  carriageProblem,
  type AgreementVersion,
  type EnvelopeIds,
} from './agreement.js'
import type { Edi } from './edi.js'
import { reasonOf } from './finding-line.js'
import { messageKeys } from './keys.js'
import type { Directory } from './store/agreements.js'
import type { WaitingKey } from './store/waiting-keys.js'

/** What stands first in an interchange; it decides between agreements of the same interchange ids. */
export interface First {
  readonly group?: Group
  /** Type of the first set: `856`, `DESADV`. */
  readonly message?: string
}

/** Whether an interchange is translated, and if not, why it waits. */
export type Decision =
  | { readonly state: 'translate'; readonly agreement: AgreementVersion }
  | {
      readonly state: 'unmatched' | 'quarantined' | 'held'
      readonly reason: string
      readonly agreement?: AgreementVersion
    }

/** One set and what it was read into. `transaction` is without its segments. */
export interface SetPlan {
  /** Place in the interchange, from 1. */
  readonly position: number
  readonly group: Group
  readonly transaction: Transaction
  readonly document?: Document
  /** What could be read of a set that has an error: its numbers say what is affected. */
  readonly partial?: PartialDocument
  /** Those of ST and SE (UNH, UNT) first, then those of its segments, then errors around it that reject it too. */
  readonly issues: readonly Issue[]
  readonly mapHash?: string
  /** It answers what we sent, and moves that. */
  readonly isAnswer: boolean
}

/** Errors of an envelope: they reject sets that may be good by themselves. */
export interface Refusal {
  /** Positions of the sets; absent: all of the interchange. */
  readonly positions?: ReadonlySet<number>
  readonly issues: readonly Issue[]
}

export interface InterchangePlan {
  /** Place in the payload, from 1. */
  readonly position: number
  readonly interchange: Interchange
  readonly decision: Decision
  /** With their transactions, those without segments. */
  readonly groups: readonly Group[]
  /** Numbers of documents in an interchange that waits. */
  readonly waiting: readonly WaitingKey[]
  /** Sets not stored yet: all of them, or the last slice of a large interchange. Answers stand apart. */
  readonly sets: readonly SetPlan[]
  readonly answers: readonly SetPlan[]
  readonly setCount: number
  readonly findings: ReadonlyMap<Transaction, readonly Issue[]>
  /** Rejected sets, by position, also of earlier slices. */
  readonly rejected: ReadonlySet<number>
  /** Errors of groups, and those of the interchange once they reject all. */
  readonly refusals: readonly Refusal[]
  /** The first set that has an error of its own. */
  readonly firstRejected?: { readonly position: number; readonly reason: string }
  /** Findings within sets, all together. */
  readonly setIssueCount: number
  /** Set when earlier slices are stored: the row they belong to. */
  readonly slicedInto?: string
}

export const hasError = (issues: readonly Issue[]) =>
  issues.some((issue) => issue.severity === 'error')

export const errorsOf = (issues: readonly Issue[]) =>
  issues.filter((issue) => issue.severity === 'error')

/** Findings of the interchange and its groups; those of a set stand with its message. */
export const envelopeIssues = ({ interchange, groups }: InterchangePlan): readonly Issue[] => [
  ...interchange.issues,
  ...groups.flatMap((group) => group.issues),
]

/** The plan of an interchange whose own errors reject every set in it. */
export function rejectAll(plan: InterchangePlan): InterchangePlan {
  const { interchange, setCount, refusals } = plan
  return {
    ...plan,
    rejected: new Set(Array.from({ length: setCount }, (_, n) => n + 1)),
    refusals: [...refusals, { issues: errorsOf(interchange.issues) }],
  }
}

/** Why nothing or not all of an interchange is delivered; undefined when nothing was rejected. */
export function rejection(plan: InterchangePlan): string | undefined {
  const { rejected, setCount, firstRejected } = plan
  const around = reasonOf(envelopeIssues(plan))
  if (hasError(plan.interchange.issues)) return around
  if (rejected.size === 0) return undefined
  const isOfGroup = around !== '' || firstRejected === undefined
  if (setCount === 1) return isOfGroup ? around : firstRejected.reason
  const what = `${rejected.size} of ${plural(setCount, 'set')} rejected`
  return isOfGroup
    ? `${what}: ${around}`
    : `${what}; set ${firstRejected.position}: ${firstRejected.reason}`
}

/** A set with the errors around it that reject it. */
export function withRefusals(set: SetPlan, refusals: readonly Refusal[]): SetPlan {
  const around = refusals
    .filter(({ positions }) => positions === undefined || positions.has(set.position))
    .flatMap(({ issues }) => issues)
  return around.length === 0 ? set : { ...set, issues: [...set.issues, ...around] }
}

/**
 * Who may bring it is asked first: what a stranger sends has no effect but an alert. `chosen` is the version a replay
 * asks for instead of the one in force; ids and environment must fit all the same.
 */
export function decide(
  directory: Directory,
  brought: { channel: string; identity: string },
  interchange: Interchange,
  { group, message }: First,
  today: string,
  chosen?: AgreementVersion,
): Decision {
  const ids: EnvelopeIds = {
    standard: interchange.standard,
    sender: interchange.sender,
    receiver: interchange.receiver,
    test: interchange.test,
    ...(group?.sender === undefined ? {} : { groupSender: group.sender }),
    ...(group?.receiver === undefined ? {} : { groupReceiver: group.receiver }),
    ...(message === undefined ? {} : { message }),
  }
  const identity = directory.identity(brought.channel, brought.identity)
  const problem = carriageProblem(identity, ids)
  if (problem !== undefined) return { state: 'quarantined', reason: problem }
  const match = chosen
    ? agreementBook([chosen]).inbound(ids, chosen.agreement.validFrom ?? today)
    : directory.book.inbound(ids, today)
  const pair = `from ${ids.sender.id.trim()} to ${ids.receiver.id.trim()}`
  if (!match)
    return { state: 'unmatched', reason: `there is no agreement for interchanges ${pair}` }
  if ('otherEnvironment' in match) {
    const { agreement } = match.otherEnvironment
    const seen = ids.test ? 'test' : 'production'
    return {
      state: 'held',
      reason: `a ${seen} interchange, but agreement ${agreement.id} is for ${agreement.environment}`,
      agreement: match.otherEnvironment,
    }
  }
  if (interchange.informationOnly)
    return {
      state: 'held',
      reason: 'the usage indicator says information, which is never acted upon',
      agreement: match.found,
    }
  return { state: 'translate', agreement: match.found }
}

/** Numbers kept of one interchange that waits: enough to find its documents, not to fill the store. */
const MOST_WAITING = 10_000

/** Collects one interchange from the events of the envelope reader. */
export class InterchangeCollector {
  readonly position: number
  readonly interchange: Interchange
  decision: Decision | undefined
  /** Sets that are read and not yet taken by `take`. */
  pending: SetPlan[] = []
  private readonly answers: SetPlan[] = []
  private readonly waiting: WaitingKey[] = []
  private readonly edi: Edi
  private readonly decideFor: (first: First) => Decision
  private readonly groups: { group: Group; transactions: Transaction[]; positions: number[] }[] = []
  private readonly findings = new Map<Transaction, readonly Issue[]>()
  private readonly rejected = new Set<number>()
  private firstRejected: InterchangePlan['firstRejected']
  private count = 0
  private setIssueCount = 0
  private slicedInto: string | undefined

  constructor(
    edi: Edi,
    position: number,
    interchange: Interchange,
    decideFor: (interchange: Interchange, first: First) => Decision,
  ) {
    this.edi = edi
    this.position = position
    this.interchange = interchange
    this.decideFor = (first) => decideFor(interchange, first)
  }

  startGroup(group: Group): void {
    this.groups.push({ group, transactions: [], positions: [] })
  }

  addTransaction(group: Group, transaction: Transaction): void {
    this.decision ??= this.decideFor({ group, message: transaction.type })
    const position = ++this.count
    const light: Transaction = { ...transaction, segments: [] }
    let entry = this.groups.at(-1)
    if (entry?.group !== group) {
      entry = { group, transactions: [], positions: [] }
      this.groups.push(entry)
    }
    entry.transactions.push(light)
    entry.positions.push(position)
    if (this.decision.state !== 'translate') {
      this.addWaiting(this.decision.agreement, position, group, transaction)
      return
    }
    const { agreement } = this.decision.agreement
    const reading = this.edi.readSet(agreement, this.interchange, group, transaction)
    const issues = [...transaction.issues, ...reading.issues]
    this.findings.set(light, issues)
    this.setIssueCount += issues.length
    if (hasError(issues)) {
      this.rejected.add(position)
      this.firstRejected ??= { position, reason: reasonOf(issues) }
    }
    const { document, partial = document } = reading
    const isAnswer = this.edi.isAnswer(this.interchange.standard, transaction.type)
    const list = isAnswer ? this.answers : this.pending
    list.push({
      position,
      group,
      transaction: light,
      issues,
      isAnswer,
      ...(document === undefined || hasError(issues) ? {} : { document }),
      ...(partial === undefined || !hasError(issues) ? {} : { partial }),
      ...(reading.mapHash === undefined ? {} : { mapHash: reading.mapHash }),
    })
  }

  private addWaiting(
    version: AgreementVersion | undefined,
    position: number,
    group: Group,
    transaction: Transaction,
  ): void {
    if (this.waiting.length >= MOST_WAITING) return
    const sender = version?.agreement.theirRole
    const about = this.edi.glance(this.interchange, group, transaction, sender)
    if (about === undefined) return
    const messageType = transaction.type
    for (const key of messageKeys(about)) this.waiting.push({ ...key, position, messageType })
  }

  /** Takes the sets read so far, to be stored as a slice of the row `into`. */
  take(into: string): SetPlan[] {
    this.slicedInto = into
    const taken = this.pending
    this.pending = []
    return taken
  }

  /** The interchange has ended: what its envelope says of groups and sets is complete now. */
  finish(): InterchangePlan {
    const [first] = this.groups
    const decision = (this.decision ??= this.decideFor(first ? { group: first.group } : {}))
    const groups = this.groups.map(({ group, transactions }): Group => ({ ...group, transactions }))
    const refusals: Refusal[] = []
    for (const { group, positions } of this.groups) {
      const issues = errorsOf(group.issues)
      if (issues.length === 0) continue
      for (const position of positions) this.rejected.add(position)
      refusals.push({ positions: new Set(positions), issues })
    }
    return {
      position: this.position,
      interchange: this.interchange,
      decision,
      groups,
      waiting: this.waiting,
      sets: this.pending,
      answers: this.answers,
      setCount: this.count,
      findings: this.findings,
      rejected: this.rejected,
      refusals,
      ...(this.firstRejected === undefined ? {} : { firstRejected: this.firstRejected }),
      setIssueCount: this.setIssueCount,
      ...(this.slicedInto === undefined ? {} : { slicedInto: this.slicedInto }),
    }
  }
}
