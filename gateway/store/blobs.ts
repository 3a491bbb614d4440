// Payload bytes by their SHA-256, in parts of at most 256 KiB: never a large value in one row.
import type { Queryable, Tx, Value } from './db.js'
import type { Spool } from '../spool.js'

/** What names stored bytes: `sha256` is 32 bytes. */
export interface BlobRef {
  readonly sha256: Buffer
  readonly size: number
}

/** Bytes per part; the table refuses more. */
export const PART_BYTES = 262_144

/**
 * Stores several payloads in the caller's transaction; bytes that are there already are not written again. Rows go in
 * sorted by digest, so two transactions with the same payloads cannot wait for each other in a circle.
 */
export async function storeBlobs(tx: Tx, spools: readonly Spool[]): Promise<void> {
  const byDigest = new Map(spools.map((spool) => [spool.sha256.toString('hex'), spool]))
  if (byDigest.size === 0) return
  const sorted = [...byDigest.keys()].sort().map((digest) => byDigest.get(digest)!)
  const fresh = await tx.query<{ sha256: Buffer }>(
    `insert into blob (sha256, size) values ${rows(sorted.length, 2)}
     on conflict do nothing returning sha256`,
    sorted.flatMap((spool) => [spool.sha256, spool.size]),
  )
  const missing = new Set(fresh.map((row) => row.sha256.toString('hex')))
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
  for (const spool of sorted) {
    if (!missing.has(spool.sha256.toString('hex'))) continue
    let n = 0
    for await (const part of spool.parts(PART_BYTES)) {
      batch.push(spool.sha256, n++, part)
      bytes += part.length
      if (bytes >= PART_BYTES || batch.length >= 3000) await flush()
    }
  }
  await flush()
  await writing
}

/** The stored bytes part by part, in order. Rejects when the payload is not there or a part is missing. */
export async function* readBlob(db: Queryable, sha256: Uint8Array): AsyncGenerator<Buffer> {
  // Most payloads are one part: it comes along with the size.
  const [blob] = await db.query<{ size: number; bytes: Buffer | null }>(
    `select size, bytes from blob left join blob_part p on p.sha256 = blob.sha256 and n = 0
     where blob.sha256 = $1`,
    [sha256],
  )
  if (blob === undefined) throw new Error('the payload is not in the store')
  const count = Math.ceil(blob.size / PART_BYTES)
  for (let n = 0; n < count; n++) {
    const [part] =
      n === 0
        ? [blob]
        : await db.query<{ bytes: Buffer }>(
            'select bytes from blob_part where sha256 = $1 and n = $2',
            [sha256, n],
          )
    if (!part?.bytes) throw new Error(`part ${n} of ${count} of the payload is missing`)
    yield part.bytes
  }
}

/**
 * The bytes of payloads of one part each, by digest in hex, of the first ones up to `limit` bytes together; others are left
 * to `readBlob`.
 */
export async function readSmallBlobs(
  db: Queryable,
  blobs: readonly BlobRef[],
  limit: number,
): Promise<ReadonlyMap<string, Buffer>> {
  let bytes = 0
  const small = blobs.filter(({ size }) => size <= PART_BYTES && (bytes += size) <= limit)
  if (small.length === 0) return new Map()
  const parts = await db.query<{ sha256: Buffer; bytes: Buffer }>(
    'select sha256, bytes from blob_part where sha256 = any($1::bytea[]) and n = 0',
    [small.map(({ sha256 }) => sha256)],
  )
  return new Map(parts.map((part) => [part.sha256.toString('hex'), part.bytes]))
}

/** The bytes from `start` to before `end`; only the parts that hold them are read. */
export async function* readBlobRange(
  db: Queryable,
  sha256: Uint8Array,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  for (let n = Math.floor(start / PART_BYTES); n * PART_BYTES < end; n++) {
    const [part] = await db.query<{ bytes: Buffer }>(
      'select bytes from blob_part where sha256 = $1 and n = $2',
      [sha256, n],
    )
    if (part === undefined) throw new Error(`part ${n} of the payload is missing`)
    const from = n * PART_BYTES
    yield part.bytes.subarray(Math.max(0, start - from), Math.max(0, end - from))
  }
}

/** All bytes of one payload at once; for callers that have bounded its size. */
export async function readWholeBlob(db: Queryable, sha256: Uint8Array): Promise<Buffer> {
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
