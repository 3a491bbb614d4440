import { beforeAll, expect, test } from '@jest/globals'
import { testDatabase, until } from '../../postgres.js'
import { GOLDEN_856, outgoing, RECEIVING, SENDING, x12Ack } from '../documents.js'
import { call, startProcess, type GatewayProcess } from '../process.js'

const { url } = await testDatabase()
let gateway: GatewayProcess
/** API keys. */
let retail: string
let supplier: string

const X12 = { 'Content-Type': 'application/edi-x12' }
const admin = (method: string, path: string, body?: unknown, headers = {}) =>
  call(gateway, gateway.key, method, path, body, headers)

/** A partner's client, as an administrator makes it. */
const client = async (id: string, sender: string, receiver: string) => {
  const { status, body } = await admin('POST', '/v1/clients', {
    id,
    name: id,
    scopes: ['mailbox:fetch', 'interchanges:write'],
    carries: [
      { sender: { qualifier: 'ZZ', id: sender }, receiver: { qualifier: 'ZZ', id: receiver } },
    ],
    environments: ['production'],
  })
  expect(status).toBe(201)
  return String(body['key'])
}

interface Waiting {
  id: string
  type: string
  messageId?: string
}
const waiting = async (key: string) =>
  (await call(gateway, key, 'GET', '/v1/mailbox')).body['items'] as Waiting[]
const stateOf = async (id: string) => (await admin('GET', `/v1/messages/${id}`)).body['state']

beforeAll(async () => {
  gateway = await startProcess({ DATABASE_URL: url, EDIGW_ODOO_URL: 'http://127.0.0.1:9' })
  for (const agreement of [SENDING, RECEIVING])
    await admin('PUT', `/v1/agreements/${agreement.id}?state=active`, agreement)
  retail = await client('retail', 'EXRETAIL', 'EXSUPPLIER')
  supplier = await client('supplier', 'EXSUPPLIER', 'EXRETAIL')
})

test('a document waits for the partner, who fetches it, takes it out and acknowledges it', async () => {
  const message = outgoing()
  await admin('POST', '/v1/messages', message, { 'Idempotency-Key': `${message.id}.1` })
  const item = await until('it waits', async () => (await waiting(retail))[0])
  expect(item).toMatchObject({ type: '856', messageId: message.id })
  expect(await stateOf(message.id)).toBe('sent')

  const bytes = await call(gateway, retail, 'GET', `/v1/mailbox/${item.id}`)
  expect(bytes.headers.get('content-type')).toBe('application/edi-x12')
  expect(bytes.body['text']).toContain(`BSN*00*${message.document.documentNumber}*`)
  expect(await waiting(retail)).toEqual([item])

  const takeOut = () => call(gateway, retail, 'DELETE', `/v1/mailbox/${item.id}`)
  expect(await takeOut()).toMatchObject({ status: 204 })
  expect(await takeOut()).toMatchObject({ status: 204 })
  expect(await waiting(retail)).toEqual([])
  expect(await stateOf(message.id)).toBe('transferred')
  await call(gateway, retail, 'POST', '/v1/interchanges', x12Ack({ control: 5, group: 1 }), X12)
  await until('it is accepted', async () => (await stateOf(message.id)) === 'accepted')
})

test('the acknowledgement of what a partner handed in waits for that partner alone', async () => {
  await call(gateway, supplier, 'POST', '/v1/interchanges', GOLDEN_856, X12)
  const item = await until('the 997 waits', async () => (await waiting(supplier))[0])
  expect(item.type).toBe('997')
  expect(await waiting(retail)).toEqual([])
  for (const method of ['GET', 'DELETE'])
    expect(await call(gateway, retail, method, `/v1/mailbox/${item.id}`)).toMatchObject({
      status: 404,
    })
  expect(await waiting(supplier)).toEqual([item])
})

test('a client that carries for nobody has no mailbox', async () => {
  const { body } = await admin('POST', '/v1/clients', {
    id: 'nobody',
    name: 'nobody',
    scopes: ['mailbox:fetch'],
  })
  expect(await call(gateway, String(body['key']), 'GET', '/v1/mailbox')).toMatchObject({
    status: 403,
  })
})
