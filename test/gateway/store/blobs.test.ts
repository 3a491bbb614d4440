import { beforeEach, expect, test } from '@jest/globals'
import { createHash, randomFillSync } from 'node:crypto'
import { ErasedError } from '../../../gateway/errors.js'
import { spoolOf } from '../../../gateway/spool.js'
import {
  giveBlobs,
  PART_BYTES,
  readBlobRange,
  readWholeBlob,
  storeBlobs,
} from '../../../gateway/store/blobs.js'
import { erasePartner, holdingsOf } from '../../../gateway/store/erase.js'
import { emptyTables, testDatabase, until } from '../../postgres.js'

const { db } = await testDatabase()

beforeEach(async () => {
  await emptyTables(db, 'blob')
  await db.query('delete from data_key where partner is not null')
})

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
const store = async (bytes: Uint8Array, partner?: string) => {
  await db.tx((tx) => storeBlobs(tx, [spoolOf(bytes)], partner))
  return digest(bytes)
}
const read = (sha256: Buffer) => readWholeBlob(db, sha256)
const erase = (partner: string) => erasePartner(db, partner, 'test')
const LONG = Buffer.concat(
  Array.from({ length: 12_000 }, (_, n) => Buffer.from(`REF*BM*example ${n} of many~\n`)),
).subarray(0, PART_BYTES + 5_000)
const partsOf = (sha256: Buffer) =>
  db.query<{ n: number; bytes: Buffer }>(
    'select n, bytes from blob_part where sha256 = $1 order by n',
    [sha256],
  )

test('what is in the table is not the text, and is read back as it was, also in the middle', async () => {
  const sha256 = await store(LONG, 'example-retail')
  const parts = await partsOf(sha256)
  expect(parts.map((part) => part.n)).toEqual([0, 1])
  for (const { bytes } of parts) expect(bytes.includes('example')).toBe(false)
  expect((await read(sha256)).equals(LONG)).toBe(true)
  const middle: Buffer[] = []
  for await (const part of readBlobRange(db, sha256, PART_BYTES - 10, PART_BYTES + 10))
    middle.push(part)
  expect(Buffer.concat(middle)).toEqual(LONG.subarray(PART_BYTES - 10, PART_BYTES + 10))
})

test('equal parts of one payload, and the same bytes stored again, do not look alike', async () => {
  const sha256 = await store(Buffer.alloc(2 * PART_BYTES), 'example-retail')
  const [first, second] = await partsOf(sha256)
  expect(first!.bytes.equals(second!.bytes)).toBe(false)
  await erase('example-retail')
  await store(Buffer.alloc(2 * PART_BYTES), 'example-retail')
  expect((await partsOf(sha256))[0]!.bytes.equals(first!.bytes)).toBe(false)
})

const HURT: [string, string, string][] = [
  [
    'a changed bit',
    `set bytes = set_bit(bytes, 99, 1 - get_bit(bytes, 99)) where n = 1`,
    'altered',
  ],
  ['a part that is too short', `set bytes = substr(bytes, 1, 100) where n = 0`, 'altered'],
  ['a part that is hardly there', `set bytes = '\\x00' where n = 0`, 'altered'],
  [
    'parts that have changed places',
    `set bytes = (select bytes from blob_part o where o.sha256 = blob_part.sha256 and o.n = 1 - blob_part.n)`,
    'altered',
  ],
]
test.each(HURT)('%s is told and nothing is given', async (_what, change, told) => {
  const sha256 = await store(LONG, 'example-retail')
  await db.query(`update blob_part ${change}`)
  await expect(read(sha256)).rejects.toThrow(
    new RegExp(`part [12] of 2 of payload ${sha256.toString('hex')} was ${told}`),
  )
})

test('a payload cut at a part, or in its size, is told', async () => {
  const sha256 = await store(LONG, 'example-retail')
  await db.query('delete from blob_part where n = 1')
  await expect(read(sha256)).rejects.toThrow(/part 2 of 2 of payload [0-9a-f]{64} is missing/)
  await db.query('update blob set size = $1', [PART_BYTES])
  await expect(read(sha256)).rejects.toThrow(/part 1 of 1 .* was altered/)
})

test('a part and a key of another payload do not open in this one', async () => {
  const one = await store(Buffer.from('ISA*one'), 'example-retail')
  const two = await store(Buffer.from('ISA*two'), 'example-retail')
  await db.query(
    'update blob_part set bytes = (select bytes from blob_part where sha256 = $2) where sha256 = $1',
    [one, two],
  )
  await expect(read(one)).rejects.toThrow('was altered')
  await db.query(
    'update blob_key set sealed = (select sealed from blob_key where sha256 = $2) where sha256 = $1',
    [one, two],
  )
  await expect(read(one)).rejects.toThrow('was altered')
  expect((await read(two)).toString()).toBe('ISA*two')
})

test('erased payloads say when; those of others stay; what comes then has a new key', async () => {
  const gone = await store(Buffer.from('ISA*gone'), 'example-retail')
  const kept = await store(Buffer.from('ISA*kept'), 'example-supplier')
  expect(await holdingsOf(db, 'example-retail')).toMatchObject({ payloads: 1 })
  expect(await erase('example-retail')).toBe(true)
  await expect(read(gone)).rejects.toThrow(ErasedError)
  const today = new Date().toISOString().slice(0, 10)
  await expect(read(gone)).rejects.toThrow(`the payload was erased on ${today.slice(0, 8)}`)
  expect((await read(kept)).toString()).toBe('ISA*kept')
  expect(await db.query('select size from blob where sha256 = $1', [gone])).toEqual([{ size: 8 }])

  const next = await store(Buffer.from('ISA*next'), 'example-retail')
  expect((await read(next)).toString()).toBe('ISA*next')
  await expect(read(gone)).rejects.toThrow(ErasedError)
  expect(await erase('example-supplier-of-nothing')).toBe(false)
})

test('bytes two partners gave are stored once and stay until both are erased', async () => {
  const bytes = Buffer.from('the same terms for all')
  const sha256 = await store(bytes, 'example-retail')
  await store(bytes, 'example-supplier')
  expect(await partsOf(sha256)).toHaveLength(1)
  expect(await holdingsOf(db, 'example-retail')).toMatchObject({ payloads: 0 })
  await erase('example-retail')
  expect((await read(sha256)).equals(bytes)).toBe(true)
  await erase('example-supplier')
  await expect(read(sha256)).rejects.toThrow(ErasedError)
  await store(bytes, 'example-retail')
  expect((await read(sha256)).equals(bytes)).toBe(true)
})

test('what the gateway keeps itself becomes the partner’s when it is known whose it is', async () => {
  const bytes = Buffer.from('ISA*whose')
  const sha256 = await store(bytes)
  expect(await holdingsOf(db, 'example-retail')).toBeUndefined()
  await db.tx((tx) => giveBlobs(tx, [{ sha256, partner: 'example-retail' }]))
  await db.tx((tx) => giveBlobs(tx, [{ sha256, partner: 'example-retail' }]))
  await store(bytes) // a repeat whose sender is not known yet keeps nothing alive
  expect((await read(sha256)).equals(bytes)).toBe(true)
  await erase('example-retail')
  await expect(read(sha256)).rejects.toThrow(ErasedError)
})

test('an erasure waits for what is being stored, and erases it', async () => {
  await store(Buffer.from('ISA*before'), 'example-retail')
  const bytes = Buffer.from('ISA*during')
  let erased: Promise<boolean> | undefined
  await db.tx(async (tx) => {
    await storeBlobs(tx, [spoolOf(bytes)], 'example-retail')
    erased = erase('example-retail')
    await until('the erasure waits', async () => {
      const waiting = await db.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
      return waiting.length > 0
    })
  })
  expect(await erased).toBe(true)
  await expect(read(digest(bytes))).rejects.toThrow(ErasedError)
})

test('a key made in a part of a transaction that is undone is not used further on', async () => {
  const bytes = Buffer.from('ISA*after')
  await db.tx(async (tx) => {
    await tx
      .savepoint(async () => {
        await storeBlobs(tx, [spoolOf(Buffer.from('ISA*undone'))], 'example-retail')
        throw new Error('undo')
      })
      .catch(() => undefined)
    await storeBlobs(tx, [spoolOf(bytes)], 'example-retail')
  })
  expect((await read(digest(bytes))).equals(bytes)).toBe(true)
})

test('many at once with the same partners and payloads neither lose nor double', async () => {
  const bytes = Array.from({ length: 6 }, (_, n) => randomFillSync(Buffer.alloc(1000 + n)))
  const spools = bytes.map((one) => spoolOf(one))
  await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      db.tx((tx) => storeBlobs(tx, n % 2 ? spools : spools.toReversed(), `p${n % 3}`)),
    ),
  )
  for (const one of bytes) expect((await read(digest(one))).equals(one)).toBe(true)
  expect(
    await db.query('select partner from data_key where partner is not null order by 1'),
  ).toEqual([{ partner: 'p0' }, { partner: 'p1' }, { partner: 'p2' }])
})
