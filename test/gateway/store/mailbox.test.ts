import { beforeEach, expect, test } from '@jest/globals'
import { randomFillSync } from 'node:crypto'
import type { Deposit } from '../../../gateway/channels/channel.js'
import { uuidSource } from '../../../gateway/ids.js'
import { spoolOf } from '../../../gateway/spool.js'
import { readWholeBlob } from '../../../gateway/store/blobs.js'
import type { Within } from '../../../gateway/channels/channel.js'
import { openMailbox } from '../../../gateway/store/mailbox.js'
import type { JobKind } from '../../../gateway/store/lanes.js'
import { emptyTables, testDatabase } from '../../postgres.js'

const { db } = await testDatabase()
const woken: JobKind[] = []
const mailbox = openMailbox({
  db,
  wake: {
    publish: (kinds) => woken.push(...kinds),
    consume: () => undefined,
    close: async () => undefined,
  },
  newId: uuidSource(Date.now, (bytes) => randomFillSync(bytes)),
})

const payload = (text: string) => spoolOf(Buffer.from(text))
const aDeposit = (dedupeKey: string, text: string, more: Partial<Deposit> = {}): Deposit => ({
  channel: 'rest',
  partnerId: 'example-retail',
  dedupeKey,
  payload: payload(text),
  headers: { 'content-type': 'application/edi-x12' },
  ...more,
})
const count = async (table: string) =>
  (await db.query<{ n: number }>(`select count(*) as n from ${table}`))[0]!.n

beforeEach(async () => {
  await emptyTables(db, 'inbox, blob, job, lane, mailbox_claim, outbox, stage_event')
  woken.length = 0
})

test('a deposit is durable with its job when it resolves, and wakes the translators', async () => {
  const deposited = await mailbox.deposit(aDeposit('a', 'ISA*first', { fileName: 'one.edi' }))
  expect(deposited.state).toBe('new')
  const [row] = await db.query<{ sha256: Buffer; file_name: string; state: string }>(
    'select sha256, file_name, state from inbox where id = $1',
    [deposited.messageId],
  )
  expect(row).toMatchObject({ file_name: 'one.edi', state: 'received' })
  expect((await readWholeBlob(db, row!.sha256)).toString()).toBe('ISA*first')
  expect(await db.query('select lane, seq, kind, payload from job')).toEqual([
    {
      lane: 'in:example-retail:rest',
      seq: 1,
      kind: 'translate',
      payload: { inboxId: deposited.messageId },
    },
  ])
  expect(woken).toEqual(['translate'])
})

test('a repeat gets the first answer and makes no second job, also within one batch', async () => {
  const answer = Buffer.from('MDN')
  const first = await Promise.all([
    mailbox.deposit(aDeposit('a', 'ISA*1', { answer })),
    mailbox.deposit(aDeposit('a', 'ISA*1', { answer: Buffer.from('another MDN') })),
    mailbox.deposit(aDeposit('b', 'ISA*2')),
  ])
  expect(first.map((d) => d.state)).toEqual(['new', 'duplicate', 'new'])
  expect(first[1]!.messageId).toBe(first[0]!.messageId)
  const later = await mailbox.deposit(aDeposit('a', 'ISA*1'))
  expect(later).toMatchObject({ state: 'duplicate', messageId: first[0]!.messageId })
  expect(later.answer?.toString()).toBe('MDN')
  expect(await count('job')).toBe(2)
})

test('a repeat with other bytes shows the digest of what is stored', async () => {
  await mailbox.deposit(aDeposit('a', 'ISA*1'))
  const other = await mailbox.deposit(aDeposit('a', 'ISA*2'))
  expect(other.sha256.equals(payload('ISA*1').sha256)).toBe(true)
})

test('the same key of another partner or channel is another delivery', async () => {
  const states = await Promise.all([
    mailbox.deposit(aDeposit('a', 'ISA*1')),
    mailbox.deposit(aDeposit('a', 'ISA*1', { partnerId: 'example-supplier' })),
    mailbox.deposit(aDeposit('a', 'ISA*1', { channel: 'as2' })),
  ])
  expect(states.map((d) => d.state)).toEqual(['new', 'new', 'new'])
  expect(await count('blob')).toBe(1)
})

test('payloads around the size of a part come back byte for byte', async () => {
  for (const size of [0, 1, 262_143, 262_144, 262_145, 3_000_000]) {
    const bytes = randomFillSync(Buffer.alloc(size))
    const { messageId } = await mailbox.deposit({
      ...aDeposit(`size ${size}`, ''),
      payload: spoolOf(bytes),
    })
    const [row] = await db.query<{ sha256: Buffer }>('select sha256 from inbox where id = $1', [
      messageId,
    ])
    expect((await readWholeBlob(db, row!.sha256)).equals(bytes)).toBe(true)
  }
})

test('one deposit the database cannot take does not spoil those that came with it', async () => {
  const results = await Promise.allSettled([
    mailbox.deposit(aDeposit('a', 'ISA*1')),
    mailbox.deposit(aDeposit('b', 'ISA*2', { fileName: 'nul\u0000byte.edi' })),
    mailbox.deposit(aDeposit('c', 'ISA*3')),
  ])
  expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await count('inbox')).toBe(2)
})

test('a claim is for one at a time, and after the deposit it gives the answer', async () => {
  const key = { channel: 'as2', partnerId: 'example-retail', dedupeKey: '<1@example>' }
  const claims = await Promise.all([mailbox.claim(key), mailbox.claim(key)])
  expect(claims.map((c) => c.state).sort()).toEqual(['busy', 'claimed'])
  await mailbox.release(key)
  expect((await mailbox.claim(key)).state).toBe('claimed')
  await mailbox.deposit({ ...aDeposit('', 'ISA*1', { answer: Buffer.from('MDN') }), ...key })
  const done = await mailbox.claim(key)
  expect(done.state === 'done' && done.answer?.toString()).toBe('MDN')
})

test('a claim whose holder died can be taken over when its lease is over', async () => {
  const key = { channel: 'as2', partnerId: 'example-retail', dedupeKey: '<2@example>' }
  await mailbox.claim(key)
  await db.query(`update mailbox_claim set lease_until = now() - interval '1 second'`)
  expect((await mailbox.claim(key)).state).toBe('claimed')
})

test('an answer to be sent later is stored and queued with the deposit, once', async () => {
  const answer = {
    idempotencyKey: 'mdn 1',
    payload: payload('MDN'),
    contentType: 'multipart/report',
    address: { url: 'https://partner.example/mdn' },
  }
  await mailbox.deposit(aDeposit('a', 'ISA*1', { alsoSend: [answer] }))
  await mailbox.deposit(aDeposit('a', 'ISA*1', { alsoSend: [answer] }))
  expect(await db.query('select purpose, state, address from outbox')).toEqual([
    { purpose: 'answer', state: 'sent', address: { url: 'https://partner.example/mdn' } },
  ])
  expect(await db.query(`select lane from job where kind = 'transfer'`)).toEqual([
    { lane: 'answer:example-retail:rest' },
  ])
})

test('rows of a channel are written in the transaction of a new deposit, and only there', async () => {
  const verb: Within<string>['write'] = async (tx, rows) => {
    const texts = rows.join()
    await tx.query(`insert into alert (key, kind, text) values ($1, 'test', $2)`, [texts, texts])
  }
  const within = (name: string) => (inboxId: string) => ({
    row: `${name} ${inboxId}`,
    write: verb,
  })
  const first = await mailbox.deposit(aDeposit('a', 'ISA*1', { within: within('a') }))
  await mailbox.deposit(aDeposit('a', 'ISA*1', { within: within('a') }))
  const written = () => db.query(`select text from alert where kind = 'test'`)
  expect(await written()).toEqual([{ text: `a ${first.messageId}` }])

  const failing = () => ({ row: '', write: () => Promise.reject(new Error('no such row')) })
  await expect(mailbox.deposit(aDeposit('b', 'ISA*2', { within: failing }))).rejects.toThrow(
    'no such row',
  )
  expect(await count('inbox')).toBe(1)
  await db.query(`delete from alert where kind = 'test'`)

  const several = await Promise.all(
    ['c', 'd'].map((key) => mailbox.deposit(aDeposit(key, `ISA*${key}`, { within: within(key) }))),
  )
  const told = (await written()) as { text: string }[]
  expect(
    told
      .flatMap(({ text }) => text.split(','))
      .sort()
      .join(),
  ).toBe(`c ${several[0]!.messageId},d ${several[1]!.messageId}`)
})

test('an answer that belongs to no deposit is queued once', async () => {
  const answer = {
    idempotencyKey: 'mdn 1',
    payload: payload('MDN'),
    contentType: 'multipart/report',
    address: { url: 'https://partner.example/mdn' },
    channel: 'as2',
    partnerId: 'example-retail',
  }
  await mailbox.answer(answer)
  await mailbox.answer(answer)
  expect(await count('outbox')).toBe(1)
  expect(await db.query('select lane, kind from job')).toEqual([
    { lane: 'answer:example-retail:as2', kind: 'transfer' },
  ])
  expect(woken).toEqual(['transfer'])
})
