// Payload bytes by their SHA-256, in parts of at most 256 KiB: never a large value in one row. Each payload is encrypted
// with a secret of its own; that one is sealed with the data key of everybody whose payload it is.
import { randomBytes } from 'node:crypto'
import { ErasedError, PermanentError } from '../errors.js'
import { decrypt, encrypt, KEY_BYTES, partNonce, unwrap, wrap } from '../security/payload-cipher.js'
import type { Spool } from '../spool.js'
import type { DataKey } from './data-keys.js'
import type { Queryable, Tx, Value } from './db.js'

/** What names stored bytes: `sha256` is 32 bytes. */
export interface BlobRef {
  readonly sha256: Buffer
  readonly size: number
}

/** Bytes per part; the table refuses more. */
export const PART_BYTES = 262_144
/** Small parts go together in one statement; one with several large parts is copied again and again while it is written. */
const STATEMENT_BYTES = 65_536

/**
 * Stores several payloads in the caller's transaction, encrypted with the key of `partner`, or with the gateway's own
 * where it is not known. Bytes that are there already are not written again. Rows go in sorted by digest, so two
 * transactions with the same payloads cannot wait for each other in a circle.
 */
export async function storeBlobs(
  tx: Tx,
  spools: readonly Spool[],
  partner?: string,
): Promise<void> {
  const byDigest = new Map(spools.map((spool) => [hex(spool.sha256), spool]))
  if (byDigest.size === 0) return
  const sorted = [...byDigest.keys()].sort().map((digest) => byDigest.get(digest)!)
  const key = partner === undefined ? await tx.keys.own() : await tx.keys.hold(tx, partner)
  const secrets = sorted.map(() => randomBytes(KEY_BYTES))
  const fresh = await tx.query<{ sha256: Buffer }>(
    `with given as (
       select * from unnest($1::bytea[], $2::bigint[], $3::bytea[]) as g (sha256, size, sealed)),
     fresh as (
       insert into blob (sha256, size) select sha256, size from given on conflict do nothing returning sha256)
     insert into blob_key (sha256, key_id, sealed)
       select sha256, $4, sealed from given join fresh using (sha256) returning sha256`,
    [
      sorted.map((spool) => spool.sha256),
      sorted.map((spool) => spool.size),
      sorted.map(({ sha256 }, n) => sealSecret(key, sha256, secrets[n]!)),
      key.id,
    ],
  )
  const missing = new Set(fresh.map((row) => hex(row.sha256)))
  if (missing.size < sorted.length)
    await share(tx, key, sorted, secrets, partner === undefined, missing)
  let batch: Value[] = []
  let bytes = 0
  let writing: Promise<unknown> = Promise.resolve()
  // The next parts are read while the server works on those before.
  const flush = async () => {
    await writing
    if (batch.length === 0) return
    const sql = `insert into blob_part (sha256, n, bytes) values ${rows(batch.length / 3, 3)}`
    writing = tx.query(sql, batch)
    writing.catch(() => undefined) // thrown where it is awaited
    batch = []
    bytes = 0
  }
  for (const [index, spool] of sorted.entries()) {
    if (!missing.has(hex(spool.sha256))) continue
    let n = 0
    for await (const part of spool.parts(PART_BYTES)) {
      batch.push(spool.sha256, n, sealPart(secrets[index]!, spool, n, part))
      n++
      bytes += part.length
      if (bytes >= STATEMENT_BYTES || batch.length >= 3000) await flush()
    }
  }
  await flush()
  await writing
}

/**
 * Bytes that are stored already become `key`'s as well, unless it is the gateway's own: that only keeps what nobody else
 * does. What was erased meanwhile is `missing` again and gets the secret given.
 */
async function share(
  tx: Tx,
  key: DataKey,
  spools: readonly Spool[],
  secrets: readonly Buffer[],
  isOwn: boolean,
  missing: Set<string>,
): Promise<void> {
  const known = spools
    .map(({ sha256 }, n) => ({ sha256, secret: secrets[n]! }))
    .filter(({ sha256 }) => !missing.has(hex(sha256)))
  const digests = known.map(({ sha256 }) => sha256)
  await tx.query('select from blob where sha256 = any($1) order by sha256 for no key update', [
    digests,
  ])
  const living = await livingKeys(tx, digests)
  const lost: Buffer[] = []
  const add: BlobKey[] = []
  for (const { sha256, secret } of known) {
    const [first, ...others] = living.get(hex(sha256)) ?? []
    if (first === undefined) {
      missing.add(hex(sha256))
      lost.push(sha256)
      add.push({ sha256, key, secret })
    } else if (!isOwn && ![first, ...others].some(({ keyId }) => keyId === key.id))
      add.push({ sha256, key, secret: first.secret })
  }
  if (lost.length > 0) {
    await tx.query('delete from blob_key where sha256 = any($1)', [lost])
    await tx.query('delete from blob_part where sha256 = any($1)', [lost])
  }
  await addBlobKeys(tx, add)
}

/**
 * Payloads the gateway kept under its own key become their partner's: the key is sealed anew, the bytes stay. Several
 * at once, so that a batch of work pays for it once.
 */
export async function giveBlobs(
  tx: Tx,
  gifts: readonly { readonly sha256: Buffer; readonly partner: string }[],
): Promise<void> {
  if (gifts.length === 0) return
  const own = await tx.keys.own()
  const living = await livingKeys(
    tx,
    gifts.map(({ sha256 }) => sha256),
  )
  const add: BlobKey[] = []
  for (const { sha256, partner } of gifts) {
    const key = await tx.keys.hold(tx, partner)
    const known = living.get(hex(sha256)) ?? []
    if (known[0] !== undefined && !known.some(({ keyId }) => keyId === key.id))
      add.push({ sha256, key, secret: known[0].secret })
  }
  await addBlobKeys(tx, add, own)
}

interface BlobKey {
  readonly sha256: Buffer
  readonly key: DataKey
  readonly secret: Buffer
}

/** Seals the secrets of payloads for their keys; `instead` loses the payloads by that. */
export async function addBlobKeys(
  tx: Tx,
  add: readonly BlobKey[],
  instead?: DataKey,
): Promise<void> {
  if (add.length === 0) return
  await tx.query(
    `with gone as (delete from blob_key where sha256 = any($1) and key_id = $4)
     insert into blob_key (sha256, key_id, sealed)
       select * from unnest($1::bytea[], $2::uuid[], $3::bytea[]) on conflict do nothing`,
    [
      add.map(({ sha256 }) => sha256),
      add.map(({ key }) => key.id),
      add.map(({ sha256, key, secret }) => sealSecret(key, sha256, secret)),
      instead?.id ?? null,
    ],
  )
}

/** Who can read payloads still, by digest. */
async function livingKeys(
  tx: Tx,
  digests: readonly Buffer[],
): Promise<Map<string, { keyId: string; secret: Buffer }[]>> {
  const found = await tx.query<{ sha256: Buffer; id: string; sealed: Buffer; dataKey: Buffer }>(
    `select b.sha256, k.id, b.sealed, k.sealed as "dataKey" from blob_key b join data_key k on k.id = b.key_id
     where b.sha256 = any($1) and k.erased_at is null order by b.sha256, k.created_at, k.id`,
    [[...digests]],
  )
  const living = new Map<string, { keyId: string; secret: Buffer }[]>()
  for (const { sha256, id, sealed, dataKey } of found) {
    const list = living.get(hex(sha256)) ?? []
    list.push({ keyId: id, secret: openSecret(tx.keys.open(id, dataKey), sha256, sealed) })
    living.set(hex(sha256), list)
  }
  return living
}

const hex = (sha256: Uint8Array) => Buffer.from(sha256).toString('hex')

const aboutBlob = (key: DataKey, sha256: Uint8Array) => `blob ${hex(sha256)} of ${key.id}`

const sealSecret = (key: DataKey, sha256: Uint8Array, secret: Buffer) =>
  wrap(key.secret, secret, aboutBlob(key, sha256))

const openSecret = (key: DataKey, sha256: Uint8Array, sealed: Uint8Array) =>
  unwrap(key.secret, sealed, aboutBlob(key, sha256))

/** Digest, size and number: a part opens at its place in its payload only, and the payload cannot be cut. */
const aboutPart = ({ sha256, size }: BlobRef, n: number) =>
  Buffer.from(`${hex(sha256)} ${size} ${n}`)

export const sealPart = (secret: Buffer, blob: BlobRef, n: number, part: Uint8Array) =>
  encrypt(secret, partNonce(n), part, aboutPart(blob, n))

interface PartRow {
  sha256: Buffer
  size: number
  bytes: Buffer | null
  keyId: string | null
  sealed: Buffer | null
  dataKey: Buffer | null
  erasedAt: Date | null
}

/** Part `n` of each payload as it is stored, with a key that opens it if there is one. */
const findParts = (db: Queryable, digests: readonly Buffer[], n: number) =>
  db.query<PartRow>(
    `select b.sha256, b.size, p.bytes, k.id as "keyId", k.sealed, k."dataKey", k."erasedAt" from blob b
     left join lateral (
       select d.id, bk.sealed, d.sealed as "dataKey", d.erased_at as "erasedAt"
       from blob_key bk join data_key d on d.id = bk.key_id
       where bk.sha256 = b.sha256 order by d.erased_at desc nulls first limit 1) k on true
     left join blob_part p on p.sha256 = b.sha256 and p.n = $2
     where b.sha256 = any($1)`,
    [[...digests], n],
  )

/** The bytes of part `n`, undefined beyond the end. */
function openPart(db: Queryable, row: PartRow, n: number): Buffer | undefined {
  const { sha256, size, bytes, keyId, sealed, dataKey, erasedAt } = row
  if (erasedAt !== null) throw new ErasedError(erasedAt)
  const count = Math.ceil(size / PART_BYTES)
  const name = `part ${n + 1} of ${count} of payload ${hex(sha256)}`
  if (bytes === null) {
    if (n < count) throw new PermanentError(`${name} is missing`)
    return undefined
  }
  if (keyId === null || sealed === null || dataKey === null)
    throw new PermanentError(`payload ${hex(sha256)} has no key`)
  const key = db.keys.open(keyId, dataKey)
  try {
    return decrypt(openSecret(key, sha256, sealed), partNonce(n), bytes, aboutPart(row, n))
  } catch (cause) {
    throw new PermanentError(`${name} was altered in the store`, { cause })
  }
}

/**
 * Part `n` (from 0): `PART_BYTES` but for the last, undefined beyond the end. `size` is the whole payload's. Throws
 * ErasedError when nobody has a key any more, PermanentError when what is stored is not what was.
 */
export async function readPart(
  db: Queryable,
  sha256: Buffer,
  n: number,
): Promise<{ size: number; bytes?: Buffer }> {
  const [row] = await findParts(db, [sha256], n)
  if (row === undefined) throw new Error('the payload is not in the store')
  const bytes = openPart(db, row, n)
  return { size: row.size, ...(bytes === undefined ? {} : { bytes }) }
}

/** The stored bytes part by part, in order. Throws as `readPart`. */
export async function* readBlob(db: Queryable, sha256: Buffer): AsyncGenerator<Buffer> {
  let end = 1
  for (let n = 0; n * PART_BYTES < end; n++) {
    const { size, bytes } = await readPart(db, sha256, n)
    end = size
    if (bytes !== undefined) yield bytes
  }
}

/**
 * The bytes of payloads of one part each, by digest in hex, of the first ones up to `limit` bytes together; others, and
 * those that cannot be read, are left to `readBlob`, which says why.
 */
export async function readSmallBlobs(
  db: Queryable,
  blobs: readonly BlobRef[],
  limit: number,
): Promise<ReadonlyMap<string, Buffer>> {
  let bytes = 0
  const small = blobs.filter(({ size }) => size <= PART_BYTES && (bytes += size) <= limit)
  const read = new Map<string, Buffer>()
  if (small.length === 0) return read
  const digests = small.map(({ sha256 }) => sha256)
  for (const row of await findParts(db, digests, 0)) {
    try {
      const part = openPart(db, row, 0)
      if (part !== undefined) read.set(hex(row.sha256), part)
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error
    }
  }
  return read
}

/** The bytes from `start` to before `end`; only the parts that hold them are read. */
export async function* readBlobRange(
  db: Queryable,
  sha256: Buffer,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  for (let n = Math.floor(start / PART_BYTES); n * PART_BYTES < end; n++) {
    const { bytes } = await readPart(db, sha256, n)
    if (bytes === undefined) return
    const from = n * PART_BYTES
    yield bytes.subarray(Math.max(0, start - from), Math.max(0, end - from))
  }
}

/** All bytes of one payload at once; for callers that have bounded its size. */
export async function readWholeBlob(db: Queryable, sha256: Buffer): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of readBlob(db, sha256)) parts.push(part)
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

/** `($1, $2), ($3, $4)`: placeholders for `count` rows of `width` values, with casts by column where one is needed. */
export function rows(count: number, width: number, casts: readonly string[] = []): string {
  const list: string[] = []
  for (let row = 0; row < count; row++) {
    const cells: string[] = []
    for (let cell = 1; cell <= width; cell++)
      cells.push(`$${row * width + cell}${casts[cell - 1] ?? ''}`)
    list.push(`(${cells.join(', ')})`)
  }
  return list.join(', ')
}
