// What a version of an agreement would change in the last messages that were real, before it is activated: inbound sets
// are read again, outbound Documents are written again. Stores nothing and takes no number.
import type { Document } from '../edi-maps/canonical/document.js'
import type { Message } from '../edi-maps/canonical/message.js'
import type { Issue } from '../edi-maps/issue.js'
import { segmentsIn } from '../edi-maps/payload.js'
import type { AgreementVersion, GatewayAgreement } from './agreement.js'
import type { Edi } from './edi.js'
import { PermanentError } from './errors.js'
import { hasError } from './interchange-plan.js'
import type { Difference } from './json-difference.js'
import { replayDifference } from './replay-difference.js'
import { readAgreement } from './store/agreements.js'
import type { Queryable } from './store/db.js'
import { messagePayload } from './store/message-payload.js'
import { messagesUnder, readMessage, type MessageRow } from './store/messages.js'

export interface MessageDifference {
  readonly message: MessageRow
  /** `refused`: the version would not read or write it, though it was before. */
  readonly result: 'same' | 'different' | 'refused' | 'not comparable'
  /** Inbound: places in the Document (JSON pointers). Outbound: segments. */
  readonly differences: readonly Difference[]
  /** Errors the version would find. */
  readonly errors: readonly Issue[]
  /** Why it is not comparable. */
  readonly text?: string
}

type Outcome = Omit<MessageDifference, 'message'>

/** Goes through the last messages of the agreement, newest first; acknowledgements are not among them. */
export async function* agreementDifference(
  db: Queryable,
  edi: Edi,
  version: AgreementVersion,
  last: number,
): AsyncGenerator<MessageDifference> {
  for (const id of await messagesUnder(db, version.id, last)) {
    const message = await readMessage(db, id)
    if (message === undefined) continue
    const compare = message.direction === 'in' ? readAgain : writeAgain
    const result = await compare(db, edi, version, message).catch((error: unknown) => {
      if (error instanceof PermanentError) return notComparable(error.message) // also: it was erased
      throw error
    })
    yield { message, ...result }
  }
}

const notComparable = (text: string): Outcome => ({
  result: 'not comparable',
  differences: [],
  errors: [],
  text,
})

const outcome = (
  differences: readonly Difference[],
  issues: readonly Issue[],
  wasRefused: boolean,
): Outcome => {
  const errors = issues.filter(({ severity }) => severity === 'error')
  const isRefused = errors.length > 0
  if (isRefused) return { result: wasRefused ? 'same' : 'refused', differences: [], errors }
  return { result: differences.length > 0 ? 'different' : 'same', differences, errors }
}

async function readAgain(
  db: Queryable,
  edi: Edi,
  { id, version }: AgreementVersion,
  message: MessageRow,
): Promise<Outcome> {
  const found = await replayDifference(db, edi, message, { agreement: id, version })
  return outcome(found.differences, found.issues, message.state === 'rejected')
}

async function writeAgain(
  db: Queryable,
  edi: Edi,
  { agreement }: AgreementVersion,
  message: MessageRow,
): Promise<Outcome> {
  const payload = await messagePayload(db, message)
  const by = await readAgreement(db, message.agreement_id ?? '', message.agreement_version ?? 0)
  if (!payload || !by) return notComparable('it was never written')
  const { document } = JSON.parse(payload.toString()) as Message
  const before = written(edi, by.agreement, document)
  const after = written(edi, agreement, document)
  if (!after) return notComparable('the version has no such document going out')
  const differences = segmentDifference(before?.segments ?? [], after.segments)
  return outcome(differences, after.issues, before === undefined || hasError(before.issues))
}

const NUMBERS = { now: '2000-01-01T00:00:00Z', interchange: 1, group: 1, message: 1 }

function written(edi: Edi, agreement: GatewayAgreement, document: Document) {
  const { standard, ourRole } = agreement
  const agreed = agreement.documents.find(
    ({ direction, message }) =>
      direction === 'out' && edi.kindOf(standard, message, ourRole) === document.kind,
  )
  if (!agreed) return undefined
  const { bytes, issues } = edi.write(agreement, agreed, document, NUMBERS)
  const text = Buffer.from(bytes).toString('latin1')
  const segments = segmentsIn(bytes)
    .filter(({ tag }) => tag !== '')
    .map(({ offset, end }) => text.slice(offset, end).trim())
  return { segments, issues }
}

const tagOf = (segment: string) => /^\w+/.exec(segment)?.[0]

/** Segments that are only in one of two; one that is gone stands beside the next new one of its tag. */
function segmentDifference(before: readonly string[], after: readonly string[]): Difference[] {
  const added = [...after]
  const gone = before.filter((segment) => {
    const at = added.indexOf(segment)
    if (at >= 0) added.splice(at, 1)
    return at < 0
  })
  const changed = gone.map((segment): Difference => {
    const at = added.findIndex((one) => tagOf(one) === tagOf(segment))
    const [other] = at < 0 ? [] : added.splice(at, 1)
    return { path: tagOf(segment) ?? '', before: segment, ...(other ? { after: other } : {}) }
  })
  return [...changed, ...added.map((segment) => ({ path: tagOf(segment) ?? '', after: segment }))]
}
