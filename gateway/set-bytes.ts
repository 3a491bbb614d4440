// One set within a stored payload: where it begins and ends is found by reading the envelopes again, since a place for
// every set would be a row for something people look at now and then.
import type { EnvelopeEvent } from '../edi-maps/standard.js'
import type { Edi } from './edi.js'
import { readEnvelopes } from './payload.js'
import { readBlobRange } from './store/blobs.js'
import type { Queryable } from './store/db.js'
import type { EnvelopeRow } from './store/interchange-search.js'

export interface FoundSet {
  /** Offsets in the payload: first byte of ST or UNH, one past SE or UNT. */
  start: number
  end: number
  event: Extract<EnvelopeEvent, { kind: 'transaction' }>
}

/** The set at a position of an interchange, counted from 1. Undefined when it is not there. */
export async function findSet(
  db: Queryable,
  edi: Edi,
  envelope: Pick<EnvelopeRow, 'start' | 'end'> & { sha256: Buffer },
  position: number,
): Promise<FoundSet | undefined> {
  const { sha256, start, end } = envelope
  let count = 0
  for await (const event of readEnvelopes(readBlobRange(db, sha256, start, end))) {
    if (event.kind !== 'transaction' || ++count < position) continue
    const { segments } = event.transaction
    const [first, last] = [segments[0], segments.at(-1)]
    if (first === undefined || last === undefined) return undefined
    return { start: start + first.offset, end: start + last.end, event }
  }
  return undefined
}
