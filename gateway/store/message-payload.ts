// The JSON of a message as it stands in its row: encrypted with its partner's key, or in parts where it is large.
import { ErasedError, PermanentError } from '../errors.js'
import { unwrap, wrap } from '../security/payload-cipher.js'
import { spoolOf, type Spool } from '../spool.js'
import { readWholeBlob, storeBlobs } from './blobs.js'
import type { DataKey } from './data-keys.js'
import type { Queryable, Tx } from './db.js'

/** What identifies a message among all. */
interface MessageId {
  readonly id: string
  readonly revision: number
}

/** A payload over this size is stored in parts. */
const INLINE_BYTES = 262_144

/** Columns `payload`, `payload_key`, `payload_blob` and `payload_sha256`. */
export type PayloadCells = readonly [Buffer | null, string | null, Buffer | null, Buffer | null]

const NOTHING: PayloadCells = [null, null, null, null]

/** Bound to its message: it opens in that row only. */
const about = ({ id, revision }: MessageId, keyId: string) =>
  `message ${id}.${revision} of ${keyId}`

export const sealPayload = (key: DataKey, id: MessageId, text: Uint8Array): Buffer =>
  wrap(key.secret, text, about(id, key.id))

/** Encrypts payloads for their rows; large ones are stored at once. */
export async function payloadCells(
  tx: Tx,
  messages: readonly {
    readonly message: MessageId & { readonly partner: string }
    readonly payload?: string
  }[],
): Promise<PayloadCells[]> {
  const cells: PayloadCells[] = []
  const large = new Map<string, Spool[]>()
  for (const { message, payload } of messages) {
    if (payload === undefined) {
      cells.push(NOTHING)
      continue
    }
    const spool = spoolOf(Buffer.from(payload))
    if (spool.size > INLINE_BYTES) {
      large.set(message.partner, [...(large.get(message.partner) ?? []), spool])
      cells.push([null, null, spool.sha256, spool.sha256])
      continue
    }
    const key = await tx.keys.hold(tx, message.partner)
    const sealed = sealPayload(key, message, Buffer.from(payload))
    cells.push([sealed, key.id, null, spool.sha256])
  }
  for (const [partner, spools] of large) await storeBlobs(tx, spools, partner)
  return cells
}

/** Columns of a message row that `messagePayload` needs; `data_key` is joined as k. */
export const PAYLOAD_COLUMNS =
  'payload, payload_key, payload_blob, payload_sha256, k.sealed as payload_key_sealed, k.erased_at as payload_erased_at'

export interface PayloadRow extends MessageId {
  readonly payload: Buffer | null
  readonly payload_key: string | null
  readonly payload_blob: Buffer | null
  readonly payload_sha256: Buffer | null
  readonly payload_key_sealed: Buffer | null
  readonly payload_erased_at: Date | null
}

/** The JSON text as it was given, byte for byte. Throws ErasedError, and PermanentError when it was altered. */
export async function messagePayload(db: Queryable, row: PayloadRow): Promise<Buffer | undefined> {
  const { payload, payload_key: keyId, payload_key_sealed: sealed } = row
  if (payload === null)
    return row.payload_blob === null ? undefined : readWholeBlob(db, row.payload_blob)
  if (row.payload_erased_at !== null) throw new ErasedError(row.payload_erased_at)
  const name = `the payload of message ${row.id}.${row.revision}`
  if (keyId === null || sealed === null) throw new PermanentError(`${name} has no key`)
  const key = db.keys.open(keyId, sealed)
  try {
    return unwrap(key.secret, payload, about(row, keyId))
  } catch (cause) {
    throw new PermanentError(`${name} was altered in the store`, { cause })
  }
}
