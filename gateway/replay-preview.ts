// What an interchange would become if it were translated again, before anybody decides.
import type { Issue } from '../edi-maps/issue.js'
import type { Edi } from './edi.js'
import { PermanentError } from './errors.js'
import {
  InterchangeCollector,
  decide,
  envelopeIssues,
  hasError,
  type InterchangePlan,
  type SetPlan,
} from './interchange-plan.js'
import { readEnvelopes } from './payload.js'
import { readAgreement, type Directory } from './store/agreements.js'
import { readBlobRange } from './store/blobs.js'
import type { Db } from './store/db.js'
import { findEnvelope } from './store/interchange-search.js'
import { readInboxes } from './store/interchanges.js'

export interface ReplayPreview {
  /** `translated`, or why it would not be: `rejected`, `unmatched`, `quarantined`, `held`. */
  state: string
  reason?: string
  agreement?: { id: string; version: number }
  /** Of the interchange and its groups. */
  issues: readonly Issue[]
  setCount: number
  /** The first ones, in order. */
  sets: {
    position: number
    type: string
    control: string
    documentNumber?: string
    rejected: boolean
    issues: readonly Issue[]
  }[]
}

export interface PreviewOptions {
  db: Db
  edi: Edi
  directory: () => Promise<Directory>
  /** Milliseconds since 1970. */
  now: () => number
}

const SETS_TOLD = 200

/** Stores nothing. PermanentError when the interchange or the version asked for is not there. */
export async function previewReplay(
  { db, edi, directory, now }: PreviewOptions,
  interchangeId: string,
  by: { agreement?: string; version?: number },
): Promise<ReplayPreview> {
  const envelope = await findEnvelope(db, interchangeId)
  const inbox = envelope && (await readInboxes(db, [envelope.payloadId])).get(envelope.payloadId)
  if (!envelope || !inbox) throw new PermanentError(`there is no interchange ${interchangeId}`)
  const chosen =
    by.agreement === undefined ? undefined : await readAgreement(db, by.agreement, by.version)
  if (by.agreement !== undefined && !chosen)
    throw new PermanentError(`agreement ${by.agreement} has no version ${by.version ?? ''}`.trim())
  const known = await directory()
  const today = new Date(now()).toISOString().slice(0, 10)
  const { sha256, start, end } = envelope
  const sets: SetPlan[] = []
  let collector: InterchangeCollector | undefined
  for await (const event of readEnvelopes(readBlobRange(db, sha256, start, end))) {
    if (event.kind === 'interchange')
      collector = new InterchangeCollector(edi, 1, event.interchange, (interchange, first) =>
        decide(known, inbox, interchange, first, today, chosen),
      )
    else if (event.kind === 'group') collector?.startGroup(event.group)
    else if (event.kind === 'transaction' && collector) {
      collector.addTransaction(event.group, event.transaction)
      for (const set of collector.take('')) if (sets.length < SETS_TOLD) sets.push(set)
    }
  }
  if (!collector) throw new PermanentError('the interchange is not in its payload any more')
  return told(collector.finish(), sets)
}

function told(plan: InterchangePlan, sets: readonly SetPlan[]): ReplayPreview {
  const { decision, interchange, setCount } = plan
  const refused = hasError(interchange.issues)
  return {
    state: decision.state === 'translate' ? (refused ? 'rejected' : 'translated') : decision.state,
    ...('reason' in decision ? { reason: decision.reason } : {}),
    ...(decision.agreement === undefined
      ? {}
      : { agreement: { id: decision.agreement.id, version: decision.agreement.version } }),
    issues: envelopeIssues(plan),
    setCount,
    sets: [...sets, ...plan.answers]
      .slice(0, SETS_TOLD)
      .map(({ position, transaction, document, issues }) => ({
        position,
        type: transaction.type,
        control: transaction.control,
        ...(document === undefined ? {} : { documentNumber: document.documentNumber }),
        rejected: refused || plan.rejected.has(position) || hasError(issues),
        issues,
      })),
  }
}
