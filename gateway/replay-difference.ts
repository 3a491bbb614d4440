// What a replay would change in a message, before anybody decides: the set is read again by the version asked for and
// compared with the Document that was made of it.
import type { Message } from '../edi-maps/canonical/message.js'
import type { Issue } from '../edi-maps/issue.js'
import type { EnvelopeEvent } from '../edi-maps/standard.js'
import type { GatewayAgreement } from './agreement.js'
import type { Edi } from './edi.js'
import { PermanentError } from './errors.js'
import { errorsOf } from './interchange-plan.js'
import { jsonDifference, type Difference } from './json-difference.js'
import { readEnvelopes } from './payload.js'
import { readAgreement } from './store/agreements.js'
import { readBlobRange } from './store/blobs.js'
import type { Queryable } from './store/db.js'
import { findEnvelope, type EnvelopeRow } from './store/interchange-search.js'
import { messagePayload } from './store/message-payload.js'
import { readMessage, type MessageId } from './store/messages.js'

export interface ReplayDifference {
  agreement: { id: string; version: number }
  differences: Difference[]
  issues: readonly Issue[]
}

/** Stores nothing. PermanentError when the message cannot be replayed or the version is not there. */
export async function replayDifference(
  db: Queryable,
  edi: Edi,
  id: MessageId,
  by: { agreement?: string; version?: number },
): Promise<ReplayDifference> {
  const row = await readMessage(db, id)
  const envelope =
    row?.interchange_id == null ? undefined : await findEnvelope(db, row.interchange_id)
  if (!row || !envelope || row.position === null) {
    throw new PermanentError('only what came in as EDI can be replayed')
  }
  const agreementId = by.agreement ?? row.agreement_id
  const version =
    agreementId === null ? undefined : await readAgreement(db, agreementId, by.version)
  if (!version) throw new PermanentError('there is no such version of an agreement')
  const found = await readToEnd(db, edi, envelope, row.position)
  if (!found) throw new PermanentError('the set is not in its payload any more')
  const { interchange, group, transaction } = found
  const reading = edi.readSet(version.agreement, interchange, group, transaction)
  const around = [
    ...errorsOf(group.issues),
    ...errorsOf(interchange.issues),
    ...duplicate(envelope, version.agreement),
  ]
  const payload = await messagePayload(db, row)
  const before = payload && (JSON.parse(payload.toString()) as Message).document
  return {
    agreement: { id: version.id, version: version.version },
    differences: jsonDifference(before, reading.document && plain(reading.document)),
    issues: [...transaction.issues, ...reading.issues, ...around],
  }
}

/**
 * The set at a position of an interchange, when all of the interchange is read: its trailers may reject it. Read from the
 * beginning of the payload, so that findings have the places they had.
 */
async function readToEnd(
  db: Queryable,
  edi: Edi,
  { sha256, position: interchange, end }: EnvelopeRow & { sha256: Buffer },
  position: number,
): Promise<Extract<EnvelopeEvent, { kind: 'transaction' }> | undefined> {
  let interchanges = 0
  let sets = 0
  let found: Extract<EnvelopeEvent, { kind: 'transaction' }> | undefined
  for await (const event of readEnvelopes(readBlobRange(db, sha256, 0, end))) {
    if (event.kind === 'interchange') interchanges++
    else if (event.kind === 'transaction' && interchanges === interchange && ++sets === position)
      found = event
  }
  return found
}

/** Its control number is still one that came before, unless the agreement takes those by now. */
function duplicate({ issues }: EnvelopeRow, { duplicates }: GatewayAgreement): readonly Issue[] {
  if (duplicates?.interchange === 'accept') return []
  return (JSON.parse(issues) as Issue[]).filter(({ code }) => code === 'interchange-duplicate')
}

/** As JSON tells it: without keys that are undefined. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown
