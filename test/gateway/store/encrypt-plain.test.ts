import { beforeAll, expect, test } from '@jest/globals'
import { createHash, randomFillSync } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { erasePartner } from '../../../gateway/store/erase.js'
import { PART_BYTES, readWholeBlob } from '../../../gateway/store/blobs.js'
import { messagePayload } from '../../../gateway/store/message-payload.js'
import { readMessage } from '../../../gateway/store/messages.js'
import { startProcess, temporaryFolder } from '../process.js'
import { testDatabase } from '../../postgres.js'

const { db, url } = await testDatabase({ empty: true })
const MIGRATIONS = new URL('../../../gateway/store/migrations/', import.meta.url)
const ID = '01900000-0000-7000-8000-00000000000'
const JSON_TEXT = '{"documentNumber":"SHP-1","note":"Löwe \\\\ \\"quoted\\""}'

const received = Buffer.from('ISA*received plain~')
const sent = randomFillSync(Buffer.alloc(2 * PART_BYTES + 10)) // three parts
const unknown = Buffer.from('ISA*nobody knows whose~')
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()

/** A database as the version before left it. */
beforeAll(async () => {
  await db.query(`create table schema_version (
    version integer primary key, name text not null, applied_at timestamptz not null default now())`)
  const names = (await readdir(MIGRATIONS)).filter((name) => name < '000006.sql').sort()
  for (const [n, name] of names.entries()) {
    await db.query(await readFile(new URL(name, MIGRATIONS), 'utf8'))
    await db.query('insert into schema_version (version, name) values ($1, $2)', [n + 1, name])
  }
  for (const bytes of [received, sent, unknown]) {
    const sha256 = digest(bytes)
    await db.query('insert into blob (sha256, size) values ($1, $2)', [sha256, bytes.length])
    for (let n = 0; n * PART_BYTES < bytes.length; n++)
      await db.query('insert into blob_part (sha256, n, bytes) values ($1, $2, $3)', [
        ...[sha256, n],
        bytes.subarray(n * PART_BYTES, (n + 1) * PART_BYTES),
      ])
  }
  await db.query(
    `insert into inbox (id, channel, identity, dedupe_key, sha256, size, headers, correlation_id, state)
     values ($1, 'rest', 'client', 'a', $2, $3, '{}', 'c', 'translated')`,
    [`${ID}1`, digest(received), received.length],
  )
  await db.query(
    `insert into interchange (id, inbox_id, position, standard, sender, receiver, control, test, state, start_offset,
       end_offset, sets) values ($1, $2, 1, 'x12', 'A', 'B', '1', false, 'translated', 0, 10, 1)`,
    [`${ID}2`, `${ID}1`],
  )
  await db.query(
    `insert into message (id, revision, correlation_id, direction, state, partner, our_role, their_role, test,
       interchange_id, payload)
     values ($1, 1, 'c', 'in', 'applied', 'example-supplier', 'customer', 'supplier', false, $2, $3)`,
    [`${ID}3`, `${ID}2`, JSON_TEXT],
  )
  await db.query(
    `insert into outbox (id, idempotency_key, purpose, partner, channel, correlation_id, test, sha256, size,
       content_type, state)
     values ($1, 'k', 'document', 'example-retail', 'mailbox', 'c', false, $2, $3, 'x', 'transferred')`,
    [`${ID}4`, digest(sent), sent.length],
  )
})

const left = async () => {
  const [row] = await db.query<{ n: number }>(
    'select (select count(*) from plain_blob) + (select count(*) from plain_message) as n',
  )
  return row!.n
}
const isPlain = async (bytes: Buffer) => {
  const [part] = await db.query<{ bytes: Buffer }>(
    'select bytes from blob_part where sha256 = $1 and n = 0',
    [digest(bytes)],
  )
  return part!.bytes.equals(bytes.subarray(0, PART_BYTES))
}
const blobText = async (bytes: Buffer) => (await readWholeBlob(db, digest(bytes))).equals(bytes)
const messageText = async () =>
  (await messagePayload(db, (await readMessage(db, { id: `${ID}3`, revision: 1 }))!))?.toString()

test('what was stored plain is encrypted at the start; a start that is killed goes on where it was', async () => {
  const folder = temporaryFolder()
  const env = { DATABASE_URL: url, EDIGW_FAULT: 'payload-encrypted:2' }
  await expect(startProcess(env, folder)).rejects.toThrow('exit null')
  expect(await left()).toBe(2)
  const plain = await Promise.all([received, sent, unknown].map(isPlain))
  expect(plain.filter((one) => one)).toHaveLength(1)

  await (await startProcess({ DATABASE_URL: url }, folder)).stop()
  expect(await left()).toBe(0)
  for (const bytes of [received, sent, unknown]) {
    expect(await isPlain(bytes)).toBe(false)
    expect(await blobText(bytes)).toBe(true)
  }
  expect(await messageText()).toBe(JSON_TEXT)
}, 120_000)

test('and belongs to its partner, as far as that is known', async () => {
  await erasePartner(db, 'example-supplier', 'test')
  await expect(blobText(received)).rejects.toThrow('was erased on')
  await expect(messageText()).rejects.toThrow('was erased on')
  expect(await blobText(sent)).toBe(true)
  await erasePartner(db, 'example-retail', 'test')
  await expect(blobText(sent)).rejects.toThrow('was erased on')
  expect(await blobText(unknown)).toBe(true)
})
