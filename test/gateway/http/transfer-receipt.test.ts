// The receipt of an AS2 partner as a user of the API finds it.
import { beforeAll, expect, test } from '@jest/globals'
import { MASTER_KEY } from '../../master-key.js'
import { testDatabase, until } from '../../postgres.js'
import { sealer } from '../../../gateway/security/sealing.js'
import { as2Partners } from '../../../gateway/store/as2-partners.js'
import { ok } from '../../../gateway/channels/as2/incoming.js'
import { identity, type TestIdentity } from '../channels/as2/identities.js'
import { partnerServer } from '../channels/as2/partner-server.js'
import { outgoing, RECEIVING, SENDING, x12Notices } from '../documents.js'
import { call, startProcess, type GatewayProcess } from '../process.js'

const { db, url } = await testDatabase()
let gateway: GatewayProcess
let partner: TestIdentity

const get = (path: string) => call(gateway, gateway.key, 'GET', path)

beforeAll(async () => {
  const partners = as2Partners(sealer(MASTER_KEY))
  const notBefore = new Date(Date.now() - 60_000)
  const us = await identity('Example Supplier', { notBefore })
  partner = await identity('Example Retail', { notBefore })
  const server = await partnerServer(partner, us)
  server.answer = (message) => server.receipt(message).then(ok)
  await partners.saveKey(db, 'SUPPLIER', us)
  await partners.savePartner(db, {
    ...{ id: 'example-retail', name: 'RETAIL', station: 'SUPPLIER' },
    settings: { url: server.url, privateNetwork: true },
  })
  await partners.pinCertificate(db, 'example-retail', partner)
  gateway = await startProcess({ DATABASE_URL: url, EDIGW_ODOO_ENVIRONMENT: 'production' })
  for (const agreement of [RECEIVING, SENDING]) {
    const { status } = await call(
      ...([gateway, gateway.key, 'PUT', `/v1/agreements/${agreement.id}?state=active`] as const),
      { ...agreement, channel: { kind: 'as2', partner: 'example-retail' } },
    )
    expect(status).toBe(200)
  }
})

const evidence = () => ({
  messageId: expect.stringMatching(/^<.+@/),
  disposition: 'processed',
  micVerified: true,
  signedBy: partner.certificate.fingerprint,
  receiptId: expect.stringMatching(/^<receipt-/),
})

test('a message sent by AS2 shows its receipt, and gives it out as it came', async () => {
  const message = outgoing()
  const path = `/v1/messages/${message.id}`
  const pushed = await call(gateway, gateway.key, 'POST', '/v1/messages', message, {
    'Idempotency-Key': `${message.id}.1`,
  })
  expect(pushed.status).toBe(202)
  const { body } = await until('it is transferred', async () => {
    const page = await get(path)
    return page.body['state'] === 'transferred' && page
  })
  expect(body).toMatchObject({
    sendings: [{ state: 'transferred', transferredAt: expect.any(String), evidence: evidence() }],
    attempts: [{ outcome: 'ok', detail: expect.stringContaining('disposition processed') }],
  })
  const [sending] = body['sendings'] as { evidence: { messageId: string } }[]
  const receipt = await get(`${path}/receipt`)
  expect(receipt.status).toBe(200)
  expect(receipt.headers.get('content-type')).toMatch(/^multipart\/signed;.*boundary=/)
  expect(receipt.body['text']).toContain(`Original-Message-ID: ${sending!.evidence.messageId}`)
  expect((await call(gateway, '', 'GET', `${path}/receipt`)).status).toBe(401)
})

test('so does an acknowledgement; what came in itself has none', async () => {
  const handed = await call(gateway, gateway.key, 'POST', '/v1/interchanges', x12Notices({}), {
    'Content-Type': 'application/edi-x12',
  })
  const path = `/v1/interchanges/${String(handed.body['id'])}/acks`
  const { body } = await until('its 997 is transferred', async () => {
    const acks = await get(path)
    const [ack] = acks.body['items'] as { state: string }[]
    return ack?.state === 'transferred' && acks
  })
  expect(body).toMatchObject({ items: [{ error: null, tries: 1, evidence: evidence() }] })
  expect((await get(`${path}/997/receipt`)).body['text']).toContain('Original-Message-ID: <')
  const [inbound] = (await get('/v1/messages?direction=in')).body['items'] as { id: string }[]
  expect(await get(`/v1/messages/${inbound!.id}/receipt`)).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining('no receipt') },
  })
})
