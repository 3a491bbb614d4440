// Payloads from before they were encrypted: done at the start, one after the other, each in a transaction of its own, so
// that a start that is killed goes on where it was.
import { randomBytes } from 'node:crypto'
import { PermanentError } from '../errors.js'
import type { Fault } from '../fault.js'
import { KEY_BYTES } from '../security/payload-cipher.js'
import { addBlobKeys, PART_BYTES, sealPart } from './blobs.js'
import type { Db, Tx } from './db.js'
import { sealPayload } from './message-payload.js'

const MESSAGES_AT_ONCE = 100

/** Encrypts what migration 000006 has listed; without anything in its lists it only looks. */
export async function encryptPlain(db: Db, fault?: Fault): Promise<void> {
  while (await db.tx(encryptBlob)) fault?.('payload-encrypted')
  while (await db.tx(encryptMessages)) fault?.('payload-encrypted')
}

async function encryptBlob(tx: Tx): Promise<boolean> {
  const [blob] = await tx.query<{ sha256: Buffer; size: number; partner: string | null }>(
    `select sha256, size, partner from plain_blob join blob using (sha256) order by sha256 limit 1
     for update of plain_blob`,
  )
  if (blob === undefined) return false
  const { sha256, size, partner } = blob
  const key = partner === null ? await tx.keys.own() : await tx.keys.hold(tx, partner)
  const secret = randomBytes(KEY_BYTES)
  await addBlobKeys(tx, [{ sha256, key, secret }])
  for (let n = 0; n * PART_BYTES < size; n++) {
    const [part] = await tx.query<{ bytes: Buffer }>(
      'select bytes from blob_part where sha256 = $1 and n = $2',
      [sha256, n],
    )
    if (part === undefined)
      throw new PermanentError(`part ${n + 1} of payload ${sha256.toString('hex')} is missing`)
    await tx.query('update blob_part set bytes = $3 where sha256 = $1 and n = $2', [
      sha256,
      n,
      sealPart(secret, blob, n, part.bytes),
    ])
  }
  await tx.query('delete from plain_blob where sha256 = $1', [sha256])
  return true
}

async function encryptMessages(tx: Tx): Promise<boolean> {
  const found = await tx.query<{ id: string; revision: number; partner: string; payload: Buffer }>(
    `select id, revision, partner, payload from plain_message join message using (id, revision)
     order by id, revision limit $1 for update of plain_message`,
    [MESSAGES_AT_ONCE],
  )
  for (const { id, revision, partner, payload } of found) {
    const key = await tx.keys.hold(tx, partner)
    await tx.query(
      'update message set payload = $3, payload_key = $4 where id = $1 and revision = $2',
      [id, revision, sealPayload(key, { id, revision }, payload), key.id],
    )
    await tx.query('delete from plain_message where id = $1 and revision = $2', [id, revision])
  }
  return found.length > 0
}
