// POST /as2 of a running gateway, over real sockets.
import { beforeAll, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { connect } from 'node:net'
import { chunksOf } from '../../../gateway/channels/as2/bytes.js'
import { seal } from '../../../gateway/channels/as2/seal.js'
import { sealer } from '../../../gateway/security/sealing.js'
import { as2Partners } from '../../../gateway/store/as2-partners.js'
import { receive as open, sent } from '../channels/as2/conversation.js'
import { identity, type TestIdentity } from '../channels/as2/identities.js'
import { RECEIVING, SUPPLIER_IDENTITY, x12Notices } from '../documents.js'
import { configure } from '../flow.js'
import { MASTER_KEY } from '../../master-key.js'
import { testDatabase, until } from '../../postgres.js'
import { startProcess, type GatewayProcess } from '../process.js'

const { db, url } = await testDatabase()
let gateway: GatewayProcess
let us: TestIdentity
let partner: TestIdentity

beforeAll(async () => {
  const partners = as2Partners(sealer(MASTER_KEY))
  const notBefore = new Date(Date.now() - 60_000)
  us = await identity('Example Retail', { notBefore })
  partner = await identity('Example Supplier', { notBefore })
  await partners.saveKey(db, 'RETAIL', us)
  await partners.savePartner(db, {
    ...{ id: 'example-supplier', name: 'SUPPLIER', station: 'RETAIL', settings: {} },
  })
  await partners.pinCertificate(db, 'example-supplier', partner)
  gateway = await startProcess({
    DATABASE_URL: url,
    EDIGW_MAX_AS2_BYTES: '5000000',
  })
})

async function message(id: string, size = 2000, bytes: Buffer = randomBytes(size)) {
  const payload = { content: chunksOf(bytes), contentType: 'application/edi-x12' }
  const sealed = await sent(
    seal([payload], {
      sign: { signer: partner, digest: 'sha256', signingTime: new Date() },
      encrypt: { recipients: [us.certificate], cipher: 'aes256-cbc', transport: 'rsa' },
    }),
  )
  const headers: Record<string, string> = {
    'AS2-From': 'SUPPLIER',
    'AS2-To': 'RETAIL',
    'Message-ID': id,
    'Disposition-Notification-To': 'x',
    'Disposition-Notification-Options': 'signed-receipt-protocol=required, pkcs7-signature',
    ...Object.fromEntries(sealed.headers),
  }
  return { headers, body: sealed.body, mic: sealed.mic }
}

interface Reply {
  status: number
  headers: [string, string][]
  body: Buffer
}

/** Without Content-Length the body goes in chunks. */
const post = (headers: Record<string, string>, body: Buffer, chunked = false) =>
  new Promise<Reply>((resolve, reject) => {
    const length = chunked ? {} : { 'Content-Length': String(body.length) }
    const call = request(`${gateway.url}/as2`, {
      method: 'POST',
      headers: { ...headers, ...length },
    })
    call.on('error', reject)
    call.on('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const raw = response.rawHeaders
        const pairs = raw.flatMap((name, n): [string, string][] =>
          n % 2 === 0 ? [[name, raw[n + 1]!]] : [],
        )
        resolve({ status: response.statusCode!, headers: pairs, body: Buffer.concat(parts) })
      })
    })
    for (let at = 0; at < body.length; at += 7000) call.write(body.subarray(at, at + 7000))
    call.end()
  })

const receiptOf = async (reply: Reply) => {
  const side = { identities: [], pinned: [us.certificate] }
  return open(side, reply.headers, () => chunksOf(reply.body))
}

/** What the server says to bytes as they are. */
const raw = (text: string) =>
  new Promise<string>((resolve, reject) => {
    const { port, hostname } = new URL(gateway.url)
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', (part) => (answer += part.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
    socket.write(text)
  })

test.each([
  ['with a length', false],
  ['in chunks', true],
])('a message %s is answered with a signed receipt and translated', async (_, chunked) => {
  const id = `<${String(chunked)}@supplier>`
  const sending = await message(id)
  const reply = await post(sending.headers, sending.body, chunked)
  expect(reply.status).toBe(200)
  const receipt = await receiptOf(reply)
  expect(receipt.signed?.certificate.fingerprint).toBe(us.certificate.fingerprint)
  expect(receipt.report).toMatchObject({ originalMessageId: id, mic: sending.mic })
  await until('the payload is looked at', async () => {
    const [row] = await db.query<{ state: string }>(
      'select state from inbox where dedupe_key = $1',
      [id],
    )
    return row !== undefined && row.state !== 'received'
  })
})

test('a message over the limit is refused before it is read', async () => {
  const { headers } = await message('<large@supplier>', 10)
  const reply = await post(headers, Buffer.alloc(5_000_001))
  expect(reply.status).toBe(413)
})

test('a message that breaks off leaves nothing, and its sender may try again', async () => {
  const { headers, body } = await message('<broken@supplier>', 100_000)
  const lines = Object.entries({ ...headers, Host: 'x', 'Content-Length': String(body.length) })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const { port, hostname } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.write(`POST /as2 HTTP/1.1\r\n${head}\r\n`)
  socket.write(body.subarray(0, 50_000), () => socket.destroy())
  await until('the break is noticed', () =>
    gateway.log.some((line) => line['path'] === '/as2' && line['status'] !== 200),
  )
  const reply = await post(headers, body)
  expect((await receiptOf(reply)).report?.disposition).toMatchObject({ modifier: 'none' })
})

test.each([
  ['two lengths', 'Content-Length: 5\r\nContent-Length: 6\r\n'],
  ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
  ['a line break in a header', 'Message-ID: <1@x>\n X\r\n'],
])('a request with %s, which two servers could read differently, is refused', async (_, lines) => {
  const answer = await raw(
    `POST /as2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAS2-From: SUPPLIER\r\nAS2-To: RETAIL\r\n${lines}\r\n0\r\n\r\n`,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
})

test('an interchange of somebody else is quarantined: nothing happens but an alert', async () => {
  await configure(
    db,
    [RECEIVING],
    [{ ...SUPPLIER_IDENTITY, channel: 'as2', id: 'example-supplier' }],
  )
  const bytes = Buffer.from(x12Notices({ sender: 'EXOTHER', requestAck: true }))
  const { headers, body } = await message('<foreign@supplier>', 0, bytes)
  const reply = await post(headers, body)
  expect((await receiptOf(reply)).report?.disposition).toMatchObject({ modifier: 'none' })
  await until('it is quarantined', async () => {
    const [row] = await db.query<{ state: string }>(
      `select e.state from interchange e join inbox i on i.id = e.inbox_id where i.dedupe_key = '<foreign@supplier>'`,
    )
    return row?.state === 'quarantined'
  })
  const [made] = await db.query<{ n: number }>(
    `select (select count(*) from outbox) + (select count(*) from message) as n`,
  )
  expect(made!.n).toBe(0)
  const [alert] = await db.query<{ n: number }>(
    `select count(*) as n from alert where kind = 'interchange-quarantined'`,
  )
  expect(alert!.n).toBe(1)
})

test('only POST is served', async () => {
  const response = await fetch(`${gateway.url}/as2`)
  expect(response.status).toBeGreaterThanOrEqual(400)
})
