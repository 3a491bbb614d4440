import { afterAll, expect, test } from '@jest/globals'
import { edi } from '../../../gateway/edi.js'
import { testDatabase, until } from '../../postgres.js'
import { RETAIL_IDENTITY, SENDING, outgoing } from '../documents.js'
import { configure, testFlow } from '../flow.js'
import { startPartner, startTarget } from '../odoo-target.js'

const { db } = await testDatabase()
const target = await startTarget()
const partner = await startPartner()
/** A writer with a defect: its SE01 counts one segment too many. */
const defective: typeof edi = {
  ...edi,
  write: (...args) => {
    const written = edi.write(...args)
    const text = Buffer.from(written.bytes).toString('latin1')
    const wrong = text.replace(/SE\*(\d+)/, (_all, count: string) => `SE*${Number(count) + 1}`)
    return { ...written, bytes: Buffer.from(wrong, 'latin1') }
  },
}
await configure(
  db,
  [{ ...SENDING, channel: { kind: 'rest', url: partner.url } }],
  [RETAIL_IDENTITY],
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
