import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import type { Message } from '../../edi-maps/canonical/message.js'
import type { GatewayAgreement } from '../../gateway/agreement.js'
import { edi } from '../../gateway/edi.js'
import { replayInterchange } from '../../gateway/operate.js'
import { previewReplay } from '../../gateway/replay-preview.js'
import { spoolOf } from '../../gateway/spool.js'
import { openAlerts } from '../../gateway/store/alerts.js'
import { readWholeBlob } from '../../gateway/store/blobs.js'
import { searchMessages } from '../../gateway/store/message-search.js'
import { messagePayload } from '../../gateway/store/message-payload.js'
import { readMessage } from '../../gateway/store/messages.js'
import { doWork } from '../../gateway/store/work.js'
import { localWake } from '../../gateway/wake.js'
import { emptyTables, testDatabase, until } from '../postgres.js'
import {
  GOLDEN_856,
  GOLDEN_997,
  GOLDEN_NOTICE,
  RECEIVING,
  SUPPLIER_IDENTITY,
  x12Notices,
} from './documents.js'
import { configure, testFlow, type TestFlow } from './flow.js'
import { startTarget, type Target } from './odoo-target.js'

const SENDER = { qualifier: '14', id: '4012345000009' }
const RECEIVER = { qualifier: '14', id: '4012345000016' }
/** Despatch advices of the same partner, by EDIFACT. */
const DESPATCH_ADVICES: GatewayAgreement = {
  ...RECEIVING,
  ...{ id: 'example-supplier-edifact', name: 'Example Supplier sends despatch advices' },
  ...{ standard: 'edifact', us: { interchange: RECEIVER }, partner: { interchange: SENDER } },
  documents: [{ direction: 'in', message: 'DESADV', version: 'D:96A:UN:EAN005' }],
}
/** The golden DESADV, written with characters that only its UNA tells. */
const GOLDEN_DESADV = readFileSync('test/golden/edifact/DESADV/cartons-d96a/in.edi', 'latin1')
const EDIFACT = `UNA^*.? '\n${GOLDEN_DESADV.replaceAll('+', '*').replaceAll(':', '^')}`

const { db } = await testDatabase()
let flow: TestFlow
let target: Target

beforeAll(async () => {
  target = await startTarget()
  flow = await testFlow({ db, targetUrl: target.url })
})
afterAll(async () => {
  await flow.stop()
  await target.close()
})
beforeEach(async () => {
  await emptyTables(
    db,
    `inbox, interchange, interchange_seen, message, outbox, job, lane, alert, control_number, agreement,
       channel_identity, blob`,
  )
  target.messages.clear()
  target.behaviour = () => undefined
  await configure(db, [RECEIVING], [SUPPLIER_IDENTITY])
})

interface InterchangeRow {
  id: string
  state: string
  reason: string | null
  issues: string
}
const interchangeOf = (inboxId: string) =>
  until('the interchange is translated', async () => {
    const [row] = await db.query<InterchangeRow>(
      `select interchange.id, interchange.state, reason, issues from interchange
       join inbox on inbox.id = inbox_id where inbox_id = $1 and inbox.state <> 'received'`,
      [inboxId],
    )
    return row
  })
const idle = () =>
  until(
    'no work is left',
    async () => (await db.query(`select from job where state = 'ready'`)).length === 0,
  )
const arrived = () => [...target.messages.values()].map((one) => JSON.parse(one.text) as Message)
const acks = async () => {
  const rows = await db.query<{ sha256: Buffer; message_type: string }>(
    `select sha256, message_type from outbox where purpose = 'ack' order by created_at, id`,
  )
  return Promise.all(
    rows.map(async (row) => ({
      type: row.message_type,
      text: (await readWholeBlob(db, row.sha256)).toString('latin1'),
    })),
  )
}
const states = () =>
  db.query<{ state: string; revision: number }>(
    'select state, revision from message order by position, revision',
  )
const alerts = async () =>
  (await db.query<{ kind: string }>('select kind from alert order by id')).map((one) => one.kind)

test('an 856 reaches the target as one message, and its 997 waits for the partner', async () => {
  const inboxId = await flow.bring(GOLDEN_856)
  expect((await interchangeOf(inboxId)).state).toBe('translated')
  await idle()
  const [message] = arrived()
  expect(arrived()).toHaveLength(1)
  expect(message).toMatchObject({
    revision: 1,
    direction: 'in',
    partner: 'example-supplier',
    ourRole: 'customer',
    theirRole: 'supplier',
    test: false,
    document: GOLDEN_NOTICE,
  })
  expect(await states()).toEqual([{ state: 'handed_over', revision: 1 }])
  const [ack] = await acks()
  const withoutClock = (text: string) =>
    text
      .replace(/\*\d{6}\*\d{4}\*U/, '*D*T*U')
      .replace(/\*\d{8}\*\d{4}\*1\*X/, '*D*T*1*X')
      .replace(/\n/g, '')
  expect(withoutClock(ack!.text)).toBe(withoutClock(GOLDEN_997))
  expect(await db.query('select state, channel from outbox')).toEqual([
    { state: 'awaiting', channel: 'mailbox' },
  ])
})

test('the text sent to the target is the text that is stored', async () => {
  await interchangeOf(await flow.bring(GOLDEN_856))
  await idle()
  const [{ id } = { id: '' }] = await db.query<{ id: string }>('select id from message')
  const row = await readMessage(db, { id, revision: 1 })
  expect(target.messages.get(`${id}.1`)?.text).toBe((await messagePayload(db, row!))?.toString())
})

test('a set in error never reaches the target; its siblings do, and the 997 says which', async () => {
  const text = x12Notices({ shipments: ['SHP-1', 'SHP-2', 'SHP-3'] })
  const broken = text
    .replace('BSN*00*SHP-2*20251230*1415*0001~\n', '')
    .replace('SE*41*0002', 'SE*40*0002')
  const row = await interchangeOf(await flow.bring(broken))
  expect(row.state).toBe('translated')
  await idle()
  expect(
    arrived()
      .map((one) => one.document.documentNumber)
      .sort(),
  ).toEqual(['SHP-1', 'SHP-3'])
  expect((await states()).map((one) => one.state)).toEqual([
    'handed_over',
    'rejected',
    'handed_over',
  ])
  const [ack] = await acks()
  expect(ack!.text).toMatch(/AK2\*856\*0001~\s*AK5\*A~/)
  expect(ack!.text).toMatch(/AK2\*856\*0002~\s*AK3\*BSN\*2\*\*3~\s*AK5\*R\*5~/)
  expect(ack!.text).toMatch(/AK9\*P\*3\*3\*2~/)
})

test('a control number that comes again is rejected with TA1 025 and has no effect', async () => {
  await interchangeOf(await flow.bring(x12Notices({ requestAck: true })))
  const row = await interchangeOf(
    await flow.bring(x12Notices({ requestAck: true, shipments: ['SHP-OTHER'] })),
  )
  expect(row.state).toBe('rejected')
  expect(JSON.parse(row.issues ?? '[]')).toContainEqual(
    expect.objectContaining({
      ...{ code: 'interchange-duplicate', segment: 1, tag: 'ISA', element: 13, line: 1 },
      ...{ offset: 90, end: 99, value: '000000101' },
    }),
  )
  await idle()
  expect(arrived().map((one) => one.document.documentNumber)).toEqual(['SHP-2025-0001'])
  const ta1s = (await acks()).filter((one) => one.type === 'ta1')
  expect(ta1s.map((one) => /TA1\*[^~]*/.exec(one.text)?.[0])).toEqual([
    'TA1*000000101*251230*1416*A*000',
    'TA1*000000101*251230*1416*R*025',
  ])
  expect((await acks()).filter((one) => one.type === '997')).toHaveLength(1)
})

test('an interchange that is twice in one payload has one effect, and the second is rejected with TA1 025', async () => {
  const inbox = await flow.bring(
    x12Notices({ requestAck: true }) +
      x12Notices({ requestAck: true, shipments: ['SHP-OTHER'] }) +
      x12Notices({ requestAck: true, control: 102, shipments: ['SHP-NEXT'] }),
  )
  await interchangeOf(inbox)
  await idle()
  expect(
    await db.query(
      'select position, state from interchange where inbox_id = $1 order by position',
      [inbox],
    ),
  ).toEqual([
    { position: 1, state: 'translated' },
    { position: 2, state: 'rejected' },
    { position: 3, state: 'translated' },
  ])
  expect(
    arrived()
      .map((one) => one.document.documentNumber)
      .sort(),
  ).toEqual(['SHP-2025-0001', 'SHP-NEXT'])
  const answers = (await acks()).map((one) => /TA1\*[^~]*|AK9\*[^~]*/.exec(one.text)?.[0])
  expect(answers).toEqual([
    'TA1*000000101*251230*1416*A*000',
    'AK9*A*1*1*1',
    'TA1*000000101*251230*1416*R*025',
    'TA1*000000102*251230*1416*A*000',
    'AK9*A*1*1*1',
  ])
  const numbers = (await acks()).map((one) => /ISA(?:\*[^*]*){12}\*(\d+)/.exec(one.text)?.[1])
  expect(numbers.map(Number)).toEqual([1, 2, 3, 4, 5])
})

test('two equal interchanges that come through two channels at once have one effect', async () => {
  await configure(db, [], [{ ...SUPPLIER_IDENTITY, channel: 'as2' }])
  const bring = (channel: string) =>
    flow.mailbox.deposit({
      channel,
      partnerId: 'supplier-client',
      dedupeKey: 'one',
      payload: spoolOf(Buffer.from(GOLDEN_856)),
      headers: {},
    })
  const both = await Promise.all([bring('rest'), bring('as2')])
  const rows = await Promise.all(both.map((one) => interchangeOf(one.messageId)))
  expect(rows.map((row) => row.state).sort()).toEqual(['rejected', 'translated'])
  await idle()
  expect(arrived()).toHaveLength(1)
})

test.each([
  ['an identity that may not carry these ids', 'quarantined', { sender: 'EXOTHER' }],
  ['a test interchange from an identity for production', 'quarantined', { usage: 'T' as const }],
  ['an interchange marked as information', 'held', { usage: 'I' as const }],
])('%s: no ack, no message, one alert', async (_title, state, options) => {
  for (const control of [1, 2]) {
    const row = await interchangeOf(await flow.bring(x12Notices({ ...options, control })))
    expect(row.state).toBe(state)
  }
  await idle()
  expect(await acks()).toEqual([])
  expect(await states()).toEqual([])
  expect(await alerts()).toEqual([`interchange-${state}`])
})

test('an unknown identity is quarantined, with the pair it would need', async () => {
  const row = await interchangeOf(await flow.bring(GOLDEN_856, 'nobody'))
  expect(row).toMatchObject({
    state: 'quarantined',
    reason:
      'the channel identity is unknown or not active: nothing says that it may carry ZZ:EXSUPPLIER>ZZ:EXRETAIL',
  })
})

test('an interchange of the other environment is held, also where an agreement exists for it', async () => {
  await configure(db, [], [{ ...SUPPLIER_IDENTITY, environments: ['production', 'test'] }])
  const row = await interchangeOf(await flow.bring(x12Notices({ usage: 'T' })))
  expect(row).toMatchObject({
    state: 'held',
    reason: 'a test interchange, but agreement example-supplier is for production',
  })
  expect(await acks()).toEqual([])
})

test('what no agreement is for waits unmatched, and is translated by itself once there is one', async () => {
  const carries = [{ sender: { id: 'EXNEW' }, receiver: { id: '*' } }, ...SUPPLIER_IDENTITY.carries]
  await configure(db, [], [{ ...SUPPLIER_IDENTITY, carries }])
  const inboxId = await flow.bring(x12Notices({ sender: 'EXNEW' }))
  const row = await interchangeOf(inboxId)
  expect(row.state).toBe('unmatched')
  expect(await acks()).toEqual([])
  expect(await openAlerts(db)).toMatchObject([
    { kind: 'interchange-unmatched', subject: `interchange ${row.id}` },
  ])
  const partner = { interchange: { qualifier: 'ZZ', id: 'EXNEW' } }
  await configure(db, [{ ...RECEIVING, id: 'example-new', partner }], [])
  await idle()
  expect((await interchangeOf(inboxId)).state).toBe('translated')
  expect(await openAlerts(db)).toEqual([])
  const events = await db.query(
    `select actor, detail from stage_event where interchange_id = $1 order by id`,
    [row.id],
  )
  expect(events).toContainEqual({ actor: 'test', detail: 'agreement example-new is active' })
  expect(arrived().map((one) => one.partner)).toEqual(['example-new'])
  expect(await acks()).toHaveLength(1)
})

test('one of the other environment goes on with an agreement for it; what is for information stays', async () => {
  await configure(db, [], [{ ...SUPPLIER_IDENTITY, environments: ['production', 'test'] }])
  const [waits, stays] = [
    await flow.bring(x12Notices({ control: 1, usage: 'T' })),
    await flow.bring(x12Notices({ control: 2, usage: 'I' })),
  ]
  expect((await interchangeOf(waits)).state).toBe('held')
  expect((await interchangeOf(stays)).state).toBe('held')
  await configure(db, [{ ...RECEIVING, id: 'example-test', environment: 'test' }], [])
  await idle()
  expect((await interchangeOf(waits)).state).toBe('translated')
  expect((await interchangeOf(stays)).state).toBe('held')
  expect((await openAlerts(db)).filter((one) => one.kind === 'interchange-held')).toMatchObject([
    { text: expect.stringContaining('information') },
  ])
})

test('a replay gives the same messages the next revision and sends no second ack', async () => {
  const row = await interchangeOf(await flow.bring(x12Notices({ shipments: ['SHP-1', 'SHP-2'] })))
  await idle()
  await doWork(db, localWake(), (work) => replayInterchange(work, row.id, 'test'))
  await idle()
  const keys = [...target.messages.keys()].sort()
  expect(keys.map((key) => key.split('.')[1])).toEqual(['1', '2', '1', '2'])
  expect(new Set(keys.map((key) => key.split('.')[0])).size).toBe(2)
  expect(await acks()).toHaveLength(1)
})

test('what is no EDI is rejected in words', async () => {
  const inboxId = await flow.bring('%PDF-1.7 not an interchange')
  await idle()
  const [row] = await db.query<{ state: string; error: string }>(
    'select state, error from inbox where id = $1',
    [inboxId],
  )
  expect(row!.state).toBe('rejected')
  expect(row!.error).toMatch(/not EDI/)
  expect(await alerts()).toEqual(['payload-rejected'])
})

test('bytes that belong to no interchange are told, whatever stands beside them', async () => {
  await interchangeOf(await flow.bring(`${x12Notices({ control: 1 })}-- page 2 of 2 --`))
  await idle()
  expect(arrived()).toHaveLength(1)
  expect(await alerts()).toEqual(['payload-partly-read'])
})

test('an interchange that holds nothing is rejected, by the TA1 it asks for', async () => {
  const empty = x12Notices({ requestAck: true }).replace(/GS\*[^]*(?=IEA)/, '')
  const row = await interchangeOf(await flow.bring(empty))
  expect(row).toMatchObject({
    state: 'rejected',
    reason: expect.stringContaining('no functional group'),
  })
  await idle()
  const sent = await acks()
  expect(sent.map(({ type }) => type)).toEqual(['ta1'])
  expect(sent[0]!.text).toMatch(/TA1\*000000101\*\d+\*\d+\*R\*024/)
})

test('an interchange that is cut off is rejected as a whole', async () => {
  const row = await interchangeOf(await flow.bring(GOLDEN_856.replace(/GE\*1[^]*/, '')))
  expect(row.state).toBe('rejected')
  await idle()
  expect(arrived()).toEqual([])
})

test('of two agreements with the same ids the one that lists the document is taken', async () => {
  const invoices = { direction: 'in' as const, message: '810', version: '004010' }
  await configure(db, [{ ...RECEIVING, id: 'a-invoices', documents: [invoices] }], [])
  await interchangeOf(await flow.bring(GOLDEN_856))
  await idle()
  expect(arrived().map((one) => one.partner)).toEqual(['example-supplier'])
})

test('several interchanges in one payload are each decided for themselves', async () => {
  const text =
    x12Notices({ control: 1 }) +
    x12Notices({ control: 2, sender: 'EXOTHER' }) +
    x12Notices({ control: 3 })
  await interchangeOf(await flow.bring(text))
  await idle()
  expect(await db.query('select position, state from interchange order by position')).toEqual([
    { position: 1, state: 'translated' },
    { position: 2, state: 'quarantined' },
    { position: 3, state: 'translated' },
  ])
  expect(arrived()).toHaveLength(2)
})

test('interchanges of both standards in one payload are each read, answered and replayed', async () => {
  const both = [...SUPPLIER_IDENTITY.carries, { sender: SENDER, receiver: RECEIVER }]
  await configure(db, [RECEIVING, DESPATCH_ADVICES], [{ ...SUPPLIER_IDENTITY, carries: both }])
  const [before, between, after] = [x12Notices({ control: 1 }), EDIFACT, x12Notices({ control: 3 })]
  await interchangeOf(await flow.bring(`${before}\r\n${between}${after}`))
  await idle()
  const rows = await db.query<{ id: string; part: string }>(
    'select id, state, standard, start_offset, end_offset from interchange order by position',
  )
  const start = before.length + 2
  expect(rows).toMatchObject([
    { state: 'translated', standard: 'x12', start_offset: 0 },
    { state: 'translated', standard: 'edifact', start_offset: start },
    { state: 'translated', standard: 'x12', start_offset: start + between.length },
  ])
  const families = arrived().map((one) => one.document.source?.family)
  expect(families.sort()).toEqual(['edifact', 'x12', 'x12'])
  expect((await acks()).map(({ type }) => type).sort()).toEqual(['997', '997', 'CONTRL'])
  expect(await alerts()).toEqual([])
  const preview = await previewReplay(
    { db, edi, directory: flow.directory, now: Date.now },
    rows[1]!.id,
    {},
  )
  expect(preview).toMatchObject({
    state: 'translated',
    sets: [{ type: 'DESADV', rejected: false }],
  })
})

test('a set the agreement does not list is rejected, and the 997 says it is not supported', async () => {
  await configure(db, [{ ...RECEIVING, documents: [] }], [])
  await interchangeOf(await flow.bring(GOLDEN_856))
  await idle()
  expect(arrived()).toEqual([])
  expect((await acks())[0]!.text).toMatch(/AK5\*R\*1/)
})

test('without a connection, or with one of the other environment, messages are held in plain sight', async () => {
  await configure(db, [{ ...RECEIVING, target: 'elsewhere' }], [])
  await interchangeOf(await flow.bring(GOLDEN_856))
  await idle()
  expect(await states()).toEqual([{ state: 'held', revision: 1 }])
  expect(await alerts()).toEqual(['message-held'])
  expect(arrived()).toEqual([])
})

test('held messages are delivered when the agreement names a connection that is there', async () => {
  await configure(db, [{ ...RECEIVING, target: 'elsewhere' }], [])
  await interchangeOf(await flow.bring(GOLDEN_856))
  await idle()
  expect(await openAlerts(db)).toMatchObject([{ subject: 'agreement example-supplier' }])
  await configure(db, [{ ...RECEIVING, name: 'with the connection that is there' }], [])
  await doWork(db, localWake(), (work) => flow.release(work))
  await idle()
  expect(arrived()).toHaveLength(1)
  expect(await openAlerts(db)).toEqual([])
})

test('held messages are delivered after a start with a connection of their environment', async () => {
  const restart = async (environment: 'test' | 'production') => {
    await flow.stop()
    flow = await testFlow({ db, targetUrl: target.url, environment })
  }
  await restart('test')
  await interchangeOf(await flow.bring(GOLDEN_856))
  await idle()
  expect(await states()).toEqual([{ state: 'held', revision: 1 }])
  await restart('production')
  await idle()
  expect(await states()).toEqual([{ state: 'handed_over', revision: 1 }])
  expect(await openAlerts(db)).toEqual([])
})

test('while the target is away a message tells why it waits and until when', async () => {
  let isAway = true
  target.behaviour = () => (isAway ? { status: 503 } : undefined)
  await interchangeOf(await flow.bring(GOLDEN_856))
  const listed = async () => (await searchMessages(db, { order: 'PO-4500012' }, 10))[0]
  const waiting = await until('the first try failed', async () => {
    const found = await listed()
    return found?.error ? found : undefined
  })
  expect(waiting).toMatchObject({
    state: 'translated',
    error: expect.stringContaining('503'),
    nextAttemptAt: expect.any(Date),
  })
  isAway = false
  await idle()
  expect(await listed()).toMatchObject({ state: 'handed_over', error: null, nextAttemptAt: null })
})

test('what the target refused stays held: to deliver it again is a decision', async () => {
  target.behaviour = () => ({ status: 422, body: { error: 'no' } })
  await interchangeOf(await flow.bring(GOLDEN_856))
  await idle()
  expect(await states()).toEqual([{ state: 'held', revision: 1 }])
  target.behaviour = () => undefined
  await doWork(db, localWake(), (work) => flow.release(work))
  await idle()
  expect(await states()).toEqual([{ state: 'held', revision: 1 }])
})
