// Sending against a real database and a partner's server: what leaves, what a receipt decides, and that tries repeat
// the same bytes.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { randomBytes, randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { as2Channel } from '../../../../gateway/channels/as2/channel.js'
import { openCryptoPool } from '../../../../gateway/channels/as2/crypto-pool.js'
import type { HttpAnswer } from '../../../../gateway/channels/as2/incoming.js'
import { ok, plain } from '../../../../gateway/channels/as2/incoming.js'
import { parseReceiptBytes } from '../../../../gateway/channels/as2/mdn/build.js'
import type { Modifier } from '../../../../gateway/channels/as2/mdn/disposition.js'
import { Headers } from '../../../../gateway/channels/as2/mime/headers.js'
import { openPoster } from '../../../../gateway/channels/as2/post.js'
import type { PartnerSecrets, PartnerSettings } from '../../../../gateway/channels/as2/settings.js'
import type { Payload, Receipt } from '../../../../gateway/channels/channel.js'
import { uuidSource } from '../../../../gateway/ids.js'
import { silentMeter } from '../../../../gateway/meter.js'
import { sealer } from '../../../../gateway/security/sealing.js'
import { spoolOf } from '../../../../gateway/spool.js'
import { as2Partners } from '../../../../gateway/store/as2-partners.js'
import { openMailbox } from '../../../../gateway/store/mailbox.js'
import { localWake } from '../../../../gateway/wake.js'
import { testDatabase } from '../../../postgres.js'
import { identity, type TestIdentity } from './identities.js'
import { type Arrived, partnerServer, type PartnerServer } from './partner-server.js'

const { db } = await testDatabase()
const newId = uuidSource(Date.now, (bytes) => randomFillSync(bytes))
const partners = as2Partners(sealer(randomBytes(32)))
const wake = localWake()
const intake = openMailbox({ db, wake, newId })
const pool = openCryptoPool(2)
const poster = openPoster()
const spoolFolder = await mkdtemp(join(tmpdir(), 'edigw-send-'))
const told: { id: string; receipt: Receipt }[] = []
const resent: string[] = []
let clock = new Date('2026-03-01T00:00:00Z')
const channel = as2Channel({
  ...{ db, partners, pool, poster, newId, spoolFolder },
  now: () => clock,
  log: { info: () => undefined, warn: () => undefined },
  meter: silentMeter,
  fault: () => undefined,
  receiptUrl: () => 'https://us.example/as2',
})
let us: TestIdentity
let partner: TestIdentity
let stranger: TestIdentity
let server: PartnerServer

const settings = (more: PartnerSettings = {}, secrets?: PartnerSecrets) =>
  partners.savePartner(db, {
    ...{ id: 'example-retail', name: 'RETAIL', station: 'SUPPLIER' },
    settings: { url: server.url, privateNetwork: true, ...more },
    ...(secrets === undefined ? {} : { secrets }),
  })

beforeAll(async () => {
  us = await identity('Example Supplier')
  partner = await identity('Example Retail')
  stranger = await identity('Somebody Else')
  server = await partnerServer(partner, us)
  await partners.saveKey(db, 'SUPPLIER', us)
  await settings()
  await partners.pinCertificate(db, 'example-retail', partner)
  await channel.start({
    ...intake,
    receipt: async (id, receipt) => void told.push({ id, receipt: await written(receipt) }),
    resend: async (id) => void resent.push(id),
  })
})
/** Writes the channel's row of a receipt as the flow does; gives what is left for the flow. */
async function written({ within, ...receipt }: Receipt): Promise<Receipt> {
  if (within !== undefined) await db.tx((tx) => within.write(tx, [within.row]))
  return receipt
}

const normal = (message: Arrived): Promise<HttpAnswer> => server.receipt(message).then(ok)
beforeEach(async () => {
  await db.query('truncate blob, outbox, alert cascade')
  clock = new Date('2026-03-01T00:00:00Z')
  server.arrived.length = told.length = resent.length = 0
  server.answer = normal
  await settings()
})
afterAll(async () => {
  poster.close()
  await intake.close()
  await pool.close()
  expect(await readdir(spoolFolder)).toEqual([])
  await rm(spoolFolder, { recursive: true })
})

const edi = Buffer.from('ISA*00*          *00*          *ZZ*SUPPLIER~'.repeat(20))
const payloadOf = (bytes: Buffer): Payload => ({
  sha256: spoolOf(bytes).sha256,
  size: bytes.length,
  async *read() {
    yield bytes
  },
})

/** A row of the outbox as the flow makes it. */
async function queued(): Promise<string> {
  await intake.answer({
    ...{ idempotencyKey: newId(), channel: 'as2', partnerId: 'example-retail' },
    ...{ payload: spoolOf(edi), contentType: 'application/edi-x12', address: {} },
  })
  const [row] = await db.query<{ id: string }>('select id from outbox order by created_at desc')
  return row!.id
}

const metaOf = (sendId: string, transmission = 1) => ({
  ...{ sendId, partner: 'example-retail', idempotencyKey: `${sendId}.${transmission}` },
  correlationId: 'c-1',
  ...{ contentType: 'application/edi-x12', fileName: 'asn.edi' },
})
const send = (sendId: string, bytes = edi, transmission = 1) =>
  channel
    .send({ partner: 'example-retail' }, payloadOf(bytes), metaOf(sendId, transmission))
    .then(written)

const stateOf = async () =>
  (
    await db.query<{ state: string; outcome: string | null }>('select state, outcome from as2_sent')
  )[0]
const alerts = async () =>
  (await db.query<{ kind: string }>('select kind from alert')).map(({ kind }) => kind)

describe('a message', () => {
  test('goes signed and encrypted and is transferred by its signed receipt, which is kept', async () => {
    const receipt = await send(await queued())
    const [message] = server.arrived
    expect(message).toMatchObject({ signed: true, encrypted: true, fileName: 'asn.edi' })
    expect(message!.payload!.equals(edi)).toBe(true)
    expect(Number(message!.headers.get('content-length'))).toBe(message!.body.length)
    expect(message!.headers.get('as2-to')).toBe('RETAIL')
    expect(receipt).toMatchObject({
      state: 'transferred',
      evidence: {
        messageId: message!.messageId,
        disposition: 'processed',
        micVerified: true,
        signedBy: partner.certificate.fingerprint,
        receiptId: expect.stringMatching(/^<receipt-/),
      },
    })
    const [row] = await db.query<{ mdn: Buffer; state: string }>('select mdn, state from as2_sent')
    expect(row!.state).toBe('transferred')
    const kept = await parseReceiptBytes(row!.mdn)
    expect(kept.fields.get('message-id')).toMatch(/^<receipt-/)
    expect(kept.body.toString()).toContain(`Original-Message-ID: ${message!.messageId}`)
  })

  test.each<[string, PartnerSettings, { signed: boolean; encrypted: boolean }]>([
    ['plain', { sign: 'none', encrypt: 'none' }, { signed: false, encrypted: false }],
    [
      'signed only',
      { encrypt: 'none', sign: { digest: 'sha512' } },
      { signed: true, encrypted: false },
    ],
    [
      'encrypted only',
      { sign: 'none', compress: 'before-signing' },
      { signed: false, encrypted: true },
    ],
    [
      'everything',
      {
        ...{ compress: 'after-signing', version: '1.3', chunked: true, user: 'me', subject: 'x' },
        sign: { scheme: 'pss', form: 'opaque' },
        encrypt: { cipher: 'aes256-gcm', transport: 'oaep-sha256', recipientId: 'key-id' },
      },
      { signed: true, encrypted: true },
    ],
  ])('goes as the partner wants it: %s', async (_, more, expected) => {
    await settings(more, { password: 'secret' })
    expect((await send(await queued())).state).toBe('transferred')
    expect(server.arrived[0]).toMatchObject(expected)
    const { headers } = server.arrived[0]!
    expect(headers.get('authorization')).toBe(more.user && 'Basic bWU6c2VjcmV0')
    expect(headers.get('transfer-encoding')).toBe(more.chunked ? 'chunked' : undefined)
  })

  test('of several megabytes goes through files', async () => {
    const large = randomBytes(5 << 20)
    expect((await send(await queued(), large)).state).toBe('transferred')
    expect(server.arrived[0]!.payload!.equals(large)).toBe(true)
  })

  test('is tried again with the same bytes under the same id, and not after its receipt', async () => {
    const id = await queued()
    server.answer = async () => plain(503, 'later')
    await expect(send(id)).rejects.toMatchObject({ name: 'RetryableError' })
    server.answer = normal
    expect((await send(id)).state).toBe('transferred')
    expect((await send(id)).state).toBe('transferred')
    const [first, second, ...more] = server.arrived
    expect(more).toEqual([])
    expect(second!.messageId).toBe(first!.messageId)
    expect(second!.body.equals(first!.body)).toBe(true)
  })

  test('that a person has sent once more gets a new id', async () => {
    const id = await queued()
    await send(id)
    await send(id, edi, 2)
    const [first, second] = server.arrived
    expect(second!.messageId).not.toBe(first!.messageId)
  })

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'a partner without a URL',
      () =>
        partners.savePartner(db, {
          id: 'example-retail',
          name: 'RETAIL',
          station: 'SUPPLIER',
          settings: {},
        }),
      /no URL/,
    ],
    [
      'a certificate that has expired',
      async () => (clock = new Date('2030-01-01T00:00:00Z')),
      /no valid key/,
    ],
  ])('is refused for %s', async (_, prepare, reason) => {
    const id = await queued()
    await prepare()
    expect(await send(id)).toEqual({
      state: 'refused',
      retry: false,
      reason: expect.stringMatching(reason),
    })
    expect(server.arrived).toEqual([])
  })
})

describe('an answer', () => {
  const told4xx = { name: 'PermanentError' }
  const later = { name: 'RetryableError' }
  test.each<[string, HttpAnswer, object]>([
    ['404', plain(404, 'no'), told4xx],
    ['302', { ...plain(302, ''), headers: [['Location', 'http://elsewhere.example/']] }, told4xx],
    ['500', plain(500, ''), later],
    ['429', { ...plain(429, ''), headers: [['Retry-After', '7']] }, { ...later, afterMs: 7000 }],
    ['200 without a receipt', plain(200, 'thank you'), later],
    [
      '200 with half a receipt',
      { ...plain(200, 'x'), headers: [['Content-Type', 'multipart/report; boundary=b']] },
      later,
    ],
    ['200 with a body without end', { ...plain(200, ''), body: Buffer.alloc(2 << 20) }, later],
  ])('%s', async (_, answer, error) => {
    server.answer = async () => answer
    await expect(send(await queued())).rejects.toMatchObject(error)
    expect((await stateOf())!.state).toBe('built')
    expect(server.arrived.length).toBe(1)
  })

  test('that never comes ends the try', async () => {
    await settings({ timeoutSeconds: 5 })
    let answer: (answer: HttpAnswer) => void = () => undefined
    server.answer = () => new Promise((resolve) => (answer = resolve))
    await expect(send(await queued())).rejects.toMatchObject({
      message: expect.stringContaining('no byte for 5'),
    })
    answer(plain(200, ''))
  })

  test('that nobody gives is worth another try', async () => {
    await settings({ url: 'http://127.0.0.1:1/' })
    await expect(send(await queued())).rejects.toMatchObject({
      ...later,
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test.each([
    'http://127.0.0.1:9/',
    'http://[::1]/',
    'http://169.254.169.254/',
    'http://localhost/',
    'http://0x7f.1/',
  ])('is not even asked for at %s, an address of our own network', async (url) => {
    await settings({ url, privateNetwork: false })
    await expect(send(await queued())).rejects.toMatchObject({
      name: 'PermanentError',
      message: expect.stringContaining('private network'),
    })
  })
})

describe('a receipt', () => {
  const answering = (more: Parameters<PartnerServer['receipt']>[1]) => {
    server.answer = async (message) => ok(await server.receipt(message, more))
  }
  const error = (text: 'decryption-failed' | 'authentication-failed'): Modifier => ({
    kind: 'error',
    text,
  })

  test.each<[string, Parameters<PartnerServer['receipt']>[1], string]>([
    ['with an error', { modifier: error('decryption-failed') }, 'decryption-failed'],
    [
      'with a failure',
      { modifier: { kind: 'failure', text: 'unsupported format' } },
      'unsupported format',
    ],
    ['with another MIC', { mic: { digest: 'sha256', value: 'AAAA' } }, 'MIC mismatch'],
  ])('%s refuses the message for good, in plain words', async (_, more, reason) => {
    answering(more)
    const id = await queued()
    const receipt = await send(id)
    expect(receipt).toMatchObject({
      state: 'refused',
      retry: false,
      reason: expect.stringContaining(reason),
    })
    expect(await stateOf()).toMatchObject({
      state: 'refused',
      outcome: expect.stringContaining(reason),
    })
    // The next try of the flow does not bother the partner.
    expect(await send(id)).toMatchObject({ state: 'refused' })
    expect(server.arrived.length).toBe(1)
  })

  test('with a warning transfers the message', async () => {
    answering({ modifier: { kind: 'warning', text: 'duplicate-document' } })
    expect(await send(await queued())).toMatchObject({
      state: 'transferred',
      evidence: { disposition: 'duplicate-document' },
    })
  })

  test.each<[string, () => Parameters<PartnerServer['receipt']>[1]]>([
    ['for another message', () => ({ originalMessageId: '<other@x>' })],
    [
      'signed by a stranger',
      () => ({ sign: { signer: stranger, digest: 'sha256', signingTime: clock } }),
    ],
    ['of ours, sent back', () => ({ sign: { signer: us, digest: 'sha256', signingTime: clock } })],
  ])('%s proves nothing: an alert, and the message is tried again', async (_, more) => {
    answering(more())
    await expect(send(await queued())).rejects.toMatchObject({ name: 'RetryableError' })
    expect(await alerts()).toEqual(['as2-receipt'])
    expect((await stateOf())!.state).toBe('built')
  })

  test('without a signature counts only where the partner is allowed to', async () => {
    server.answer = async (message) => {
      const { headers, body } = await server.receipt(message, {})
      const inner = /\r\n\r\n([^]*)\r\n--=_[^]*$/.exec(body.toString('latin1'))
      expect(inner).not.toBeNull()
      return unsigned(headers, body)
    }
    const id = await queued()
    await expect(send(id)).rejects.toMatchObject({ message: expect.stringContaining('not signed') })
    await settings({ accept: { unsignedReceipts: true } })
    expect((await send(id)).state).toBe('transferred')
  })

  /** The report out of a multipart/signed, as it would have been sent unsigned. */
  function unsigned(headers: HttpAnswer['headers'], body: Buffer): HttpAnswer {
    const text = body.toString('latin1')
    const boundary = /^--(\S+)\r\n/.exec(text)![1]!
    const part = text.split(`--${boundary}`)[1]!.slice(2, -2)
    const at = part.indexOf('\r\n\r\n')
    const type = /^Content-Type: (.*)$/m.exec(part.slice(0, at))![1]!
    return {
      status: 200,
      headers: [...headers.filter(([name]) => name !== 'Content-Type'), ['Content-Type', type]],
      body: Buffer.from(part.slice(at + 4), 'latin1'),
    }
  }
})

describe('an asynchronous receipt', () => {
  beforeEach(() => settings({ receipt: { mode: 'async', minutes: 30 } }))
  const handOver = async () => {
    server.answer = async () => ({ status: 204, headers: [], body: Buffer.alloc(0) })
    const id = await queued()
    const receipt = await send(id)
    expect(receipt).toEqual({ state: 'awaiting', until: new Date('2026-03-01T00:30:00Z') })
    return { id, message: server.arrived.at(-1)! }
  }
  const deliver = async (message: Arrived, more?: Parameters<PartnerServer['receipt']>[1]) => {
    const { headers, body } = await server.receipt(message, more)
    const result = await pool.run({
      ...{ kind: 'open', headers, body: { bytes: body }, identities: [] },
      ...{ pinned: [partner.certificate.der], allowSha1: false, allowTripleDes: false },
      ...{ micDigest: 'sha256', maxBytes: 1 << 20, folder: spoolFolder },
    })
    if (!result.ok) throw new Error(result.detail)
    const known = await partners.byId(db, 'example-retail')
    await channel.takeReport({ partner: known!, headers: new Headers(headers) }, result, body)
  }

  test('is asked for at our address and ends the message, once', async () => {
    const { id, message } = await handOver()
    expect(message.headers.get('receipt-delivery-option')).toBe('https://us.example/as2')
    await deliver(message)
    await deliver(message)
    expect(told).toEqual([{ id, receipt: expect.objectContaining({ state: 'transferred' }) }])
    expect((await stateOf())!.state).toBe('transferred')
  })

  test('finds its message also when brackets were lost on the way', async () => {
    const { message } = await handOver()
    await deliver(message, { originalMessageId: message.messageId.slice(1, -1) })
    expect(told.map(({ receipt }) => receipt.state)).toEqual(['transferred'])
  })

  test('that is negative refuses the message; one that comes later may still transfer it', async () => {
    const { message } = await handOver()
    await deliver(message, { modifier: { kind: 'error', text: 'authentication-failed' } })
    await deliver(message)
    expect(told.map(({ receipt }) => receipt.state)).toEqual(['refused', 'transferred'])
    expect((await stateOf())!.state).toBe('transferred')
  })

  test('for a message we never sent changes nothing', async () => {
    const { message } = await handOver()
    await deliver(message, { originalMessageId: '<never@us>' })
    expect(told).toEqual([])
  })

  test('that does not come has the message sent again, and after some times a person asked', async () => {
    const { id } = await handOver()
    await db.query(`update outbox set state = 'awaiting'`)
    const chase = () => channel.tasks![0]!.run()
    await db.query(`update as2_sent set deadline = now() + interval '1 minute'`)
    await chase()
    expect(resent).toEqual([])
    await db.query(`update as2_sent set deadline = now() - interval '1 minute'`)
    await chase()
    expect(resent).toEqual([id])
    await db.query('update as2_sent set tries = 5')
    await chase()
    expect(told).toEqual([
      { id, receipt: { state: 'refused', retry: false, reason: 'no receipt after 5 tries' } },
    ])
    expect((await stateOf())!.state).toBe('refused')
  })
})

describe('over TLS', () => {
  const seen: { client: string; authorization: string | undefined }[] = []
  let tls: Server
  let host: TestIdentity
  let client: TestIdentity
  let address: string
  beforeAll(async () => {
    const notBefore = new Date(Date.now() - 60_000)
    host = await identity('localhost', { notBefore })
    client = await identity('Example Supplier', { notBefore })
    const options = {
      ...{ key: host.privateKeyPem, cert: host.certificatePem, ca: client.certificatePem },
      ...{ requestCert: true, rejectUnauthorized: true },
    }
    tls = createServer(options, (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate()
      seen.push({ client: String(subject?.CN), authorization: request.headers.authorization })
      request.resume().on('end', () => response.writeHead(204).end())
    })
    tls.listen(0, 'localhost')
    await once(tls, 'listening')
    address = `https://localhost:${(tls.address() as AddressInfo).port}/as2`
  })
  afterAll(() => void tls.close())
  const withTls = (more: PartnerSettings, secrets: PartnerSecrets) =>
    partners.savePartner(db, {
      ...{ id: 'example-retail', name: 'RETAIL', station: 'SUPPLIER', secrets },
      settings: { url: address, privateNetwork: true, receipt: { mode: 'none' }, ...more },
    })
  const ours = () => ({ tlsCertificate: client.certificatePem, tlsKey: client.privateKeyPem })

  test('goes with our client certificate and password to a server we were told to trust', async () => {
    await withTls({ ca: host.certificatePem, user: 'us' }, { ...ours(), password: 'pw' })
    expect((await send(await queued())).state).toBe('transferred')
    expect(seen.at(-1)).toEqual({ client: 'Example Supplier', authorization: 'Basic dXM6cHc=' })
  })

  test.each<[string, () => Promise<void>]>([
    ['a server nobody vouches for', () => withTls({}, ours())],
    ['a server that wants a certificate of us', () => withTls({ ca: host.certificatePem }, {})],
  ])('does not go to %s', async (_, prepare) => {
    const before = seen.length
    await prepare()
    await expect(send(await queued())).rejects.toMatchObject({ name: 'RetryableError' })
    expect(seen.length).toBe(before)
  })
})

test('the end of keys and certificates is told once at each threshold', async () => {
  const check = () => channel.tasks!.find(({ name }) => name.includes('certificates'))!.run()
  const told = () =>
    db.query<{ text: string }>(`select text from alert where kind = 'as2-expiry' order by id`)
  await check()
  expect(await told()).toEqual([])
  for (const [time, count] of [
    ['2027-11-10', 2], // both, in 60 days
    ['2027-11-11', 2],
    ['2027-12-10', 4],
    ['2027-12-27', 6],
    ['2027-12-31', 8],
    ['2028-01-05', 10],
  ] as const) {
    clock = new Date(`${time}T12:00:00Z`)
    await check()
    await db.query(`update alert set closed_at = now(), closed_by = 'test'`)
    await check()
    expect([time, (await told()).length]).toEqual([time, count])
  }
  expect((await told()).at(-1)!.text).toMatch(/has expired on 2028-01-01/)
})

describe('our own asynchronous receipt', () => {
  const address = () => ({ partner: 'example-retail', receiptTo: `${server.url}/mdn` })
  const bytes = Buffer.from(
    'AS2-Version: 1.2\r\nAS2-From: SUPPLIER\r\nAS2-To: RETAIL\r\nMessage-ID: <m@us>\r\n' +
      'Content-Type: text/plain\r\n\r\nreport',
  )

  test('is posted as it is stored, and again until it is taken', async () => {
    const id = await queued()
    server.answer = async () => plain(500, 'down')
    await expect(channel.send(address(), payloadOf(bytes), metaOf(id))).rejects.toMatchObject({
      name: 'RetryableError',
    })
    server.answer = async () => plain(200, '')
    expect(await channel.send(address(), payloadOf(bytes), metaOf(id))).toMatchObject({
      state: 'transferred',
    })
    expect(server.arrived.map(({ body }) => body.toString())).toEqual(['report', 'report'])
    expect(server.arrived[1]!.messageId).toBe('<m@us>')
  })

  test('does not go to our own network when the partner has none there', async () => {
    await settings({ privateNetwork: false })
    await expect(
      channel.send(address(), payloadOf(bytes), metaOf(await queued())),
    ).rejects.toMatchObject({ name: 'PermanentError' })
  })
})
