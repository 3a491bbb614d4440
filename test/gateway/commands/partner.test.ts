// Erasing a partner while the gateway runs, as an operator does and sees it.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startReceiver, type Receiver } from '../../../gateway/receiver.js'
import { testDatabase, until } from '../../postgres.js'
import { RECEIVING, x12Notices } from '../documents.js'
import { call, edigw, startProcess, temporaryFolder, type GatewayProcess } from '../process.js'
import { join } from 'node:path'

const { url } = await testDatabase()
let gateway: GatewayProcess
let receiver: Receiver

const get = (path: string) => call(gateway, gateway.key, 'GET', path)
const partner = (...args: string[]) => edigw(['partner', ...args], { DATABASE_URL: url })

beforeAll(async () => {
  receiver = await startReceiver({
    port: 0,
    host: '127.0.0.1',
    environment: 'production',
    log: join(temporaryFolder(), 'log.jsonl'),
  })
  gateway = await startProcess({
    DATABASE_URL: url,
    EDIGW_ODOO_URL: receiver.url,
    EDIGW_ODOO_ENVIRONMENT: 'production',
  })
  await call(gateway, gateway.key, 'PUT', '/v1/agreements/example-supplier?state=active', RECEIVING)
}, 60_000)
afterAll(() => receiver.stop())

const notice = (control: number, shipment: string, sender = 'EXSUPPLIER') =>
  x12Notices({ control, shipments: [shipment], sender })
const handIn = async (text: string) => {
  const { body } = await call(gateway, gateway.key, 'POST', '/v1/interchanges', text, {
    'Content-Type': 'application/edi-x12',
  })
  return String(body['id'])
}
const handedOver = (shipment: string) =>
  until(
    `${shipment} handed over`,
    async () => {
      const { body } = await get(`/v1/messages?documentNumber=${shipment}&state=handed_over`)
      return (body['items'] as { id: string }[])[0]?.id
    },
    60_000,
  )

test('a partner’s payloads are gone for good, its messages stay with state and digest, and new ones come', async () => {
  const payload = await handIn(notice(1, 'SHP-GONE'))
  const id = await handedOver('SHP-GONE')
  const mixed = await handIn(notice(2, 'SHP-MIXED') + notice(3, 'SHP-FOREIGN', 'EXOTHER'))
  await handedOver('SHP-MIXED')

  const asked = await partner('erase', 'example-supplier')
  expect(asked).toMatchObject({ status: 1, stdout: '' })
  expect(asked.stderr).toMatch(/3 payloads and 2 messages .* with --yes/) // with the 997 of each
  expect((await get(`/v1/messages/${id}/raw`)).status).toBe(200)
  const told = await partner('erase', 'example-supplier', '--yes')
  expect(told.status).toBe(0)
  expect(told.stderr).toContain('1 payloads stay: they hold interchanges of other partners, too')

  const { status, body } = await get(`/v1/messages/${id}`)
  expect(status).toBe(200)
  expect(body).toMatchObject({
    state: 'handed_over',
    documentNumber: 'SHP-GONE',
    erasedAt: expect.stringMatching(/^\d{4}-/),
    acks: [{ type: '997', erasedAt: expect.stringMatching(/^\d{4}-/) }],
  })
  expect(body).not.toHaveProperty('message')
  expect(body).not.toHaveProperty('raw')
  const gone = {
    status: 410,
    body: { code: 'erased', detail: expect.stringMatching(/^the payload was erased on \d{4}-/) },
  }
  for (const path of [`messages/${id}/raw`, `interchanges/${payload}/raw`])
    expect(await get(`/v1/${path}`)).toMatchObject(gone)
  expect(await get(`/v1/interchanges/${payload}`)).toMatchObject({
    status: 200,
    body: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
  })
  expect((await get(`/v1/interchanges/${mixed}/raw`)).body['text']).toContain('EXOTHER')

  const next = await handIn(notice(4, 'SHP-NEXT'))
  const nextId = await handedOver('SHP-NEXT')
  expect((await get(`/v1/messages/${nextId}/raw`)).body['text']).toContain('SHP-NEXT')
  expect((await get(`/v1/interchanges/${next}/raw`)).status).toBe(200)
  const { stdout } = await partner('list')
  expect(stdout.match(/^example-supplier/gm)).toHaveLength(2)
  expect(stdout.match(/ erased \d{4}-/g)).toHaveLength(1)
  expect(await partner('erase', 'example-nobody', '--yes')).toMatchObject({ status: 1 })
}, 180_000)
