import { afterAll, expect, test } from '@jest/globals'
import { edi } from '../../../gateway/edi.js'
import { replayInterchange } from '../../../gateway/operate.js'
import { doWork } from '../../../gateway/store/work.js'
import { localWake } from '../../../gateway/wake.js'
import { testDatabase, until } from '../../postgres.js'
import {
  GOLDEN_856,
  RECEIVING,
  RETAIL_IDENTITY,
  SENDING,
  SUPPLIER_IDENTITY,
  outgoing,
} from '../documents.js'
import { configure, testFlow } from '../flow.js'
import { startPartner, startTarget } from '../odoo-target.js'

const { db } = await testDatabase()
const target = await startTarget()
const partner = await startPartner()
let isDefective = true
const miscounted = (bytes: Uint8Array) => {
  if (!isDefective) return bytes
  const text = Buffer.from(bytes).toString('latin1')
  const wrong = text.replace(/SE\*(\d+)/, (_all, count: string) => `SE*${Number(count) + 1}`)
  return Buffer.from(wrong, 'latin1')
}
/** A writer with a defect: its SE01 counts one segment too many. */
const defective: typeof edi = {
  ...edi,
  write: (...args) => {
    const written = edi.write(...args)
    return { ...written, bytes: miscounted(written.bytes) }
  },
  acknowledge: (...args) =>
    edi
      .acknowledge(...args)
      .map((draft) => ({ ...draft, write: (numbers) => miscounted(draft.write(numbers)) })),
}
await configure(
  db,
  [SENDING, RECEIVING].map((one) => ({ ...one, channel: { kind: 'rest', url: partner.url } })),
  [RETAIL_IDENTITY, SUPPLIER_IDENTITY],
)
const flow = await testFlow({ db, targetUrl: target.url, more: { edi: defective } })
afterAll(async () => {
  await flow.stop()
  await target.close()
  await partner.close()
})

test('bytes a second reader does not accept are held for a person, take no number and are never sent', async () => {
  const row = target.queue(outgoing())
  await until('Odoo is told', () => row.results.some(({ state }) => state === 'held'))
  const [message] = await db.query<{ state: string; error: string }>(
    `select state, error from message where direction = 'out'`,
  )
  expect(message).toMatchObject({ state: 'held', error: expect.stringContaining('SE01') })
  expect(await db.query('select from outbox')).toEqual([])
  expect(partner.received).toEqual([])
  expect(await db.query(`select kind from alert where closed_at is null`)).toEqual([
    { kind: 'message-held' },
  ])
})

test('so is an acknowledgement, while what it acknowledges goes on', async () => {
  await db.query('delete from alert')
  await flow.bring(GOLDEN_856)
  const alerts = await until('the alert', async () => {
    const open = await db.query<{ kind: string; text: string }>('select kind, text from alert')
    return open.length > 0 && open
  })
  expect(alerts).toEqual([{ kind: 'ack-held', text: expect.stringContaining('SE01') }])
  expect(await db.query('select purpose, state from outbox')).toEqual([
    { purpose: 'ack', state: 'refused' },
  ])
  await until('it is handed over', () => target.messages.size === 1)
  expect(partner.received).toEqual([])
})

test('a replay makes the acknowledgement anew once the defect is gone, and only that one is sent', async () => {
  isDefective = false
  const [held] = await db.query<{ id: string; interchange_id: string; control: string }>(
    `select id, interchange_id, control_interchange as control from outbox where purpose = 'ack'`,
  )
  await doWork(db, localWake(), (work) => replayInterchange(work, held!.interchange_id, 'clerk'))
  const [ack] = await until('it is sent', () => partner.received.length > 0 && partner.received)
  expect(ack!.text).toMatch(/ST\*997\*/)
  const rows = await until('it has arrived', async () => {
    const acks = await db.query<{ state: string; control: string }>(
      `select state, control_interchange as control from outbox where purpose = 'ack' order by created_at`,
    )
    return acks[1]?.state === 'transferred' && acks
  })
  expect(rows).toEqual([
    { state: 'cancelled', control: held!.control },
    { state: 'transferred', control: String(Number(held!.control) + 1) },
  ])
  expect(await db.query('select kind from alert where closed_at is null')).toEqual([])
  const [told] = await db.query<{ detail: string }>(
    `select detail from stage_event where stage = 'operator'`,
  )
  expect(told!.detail).toBe('replay; the 997 that was held is made anew')
})
