// Receiving against a real database: what is stored, what is answered, and that a message counts once.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { randomBytes, randomFillSync } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chunksOf } from '../../../../gateway/channels/as2/bytes.js'
import { openCryptoPool } from '../../../../gateway/channels/as2/crypto-pool.js'
import type { HttpAnswer } from '../../../../gateway/channels/as2/incoming.js'
import { Headers } from '../../../../gateway/channels/as2/mime/headers.js'
import { createReceiver } from '../../../../gateway/channels/as2/receive.js'
import { seal, type SealOptions } from '../../../../gateway/channels/as2/seal.js'
import type { PartnerSettings } from '../../../../gateway/channels/as2/settings.js'
import { uuidSource } from '../../../../gateway/ids.js'
import { silentMeter } from '../../../../gateway/meter.js'
import { attempts } from '../../../../gateway/security/attempts.js'
import { hashPassword } from '../../../../gateway/security/password.js'
import { sealer } from '../../../../gateway/security/sealing.js'
import { as2Partners } from '../../../../gateway/store/as2-partners.js'
import { readWholeBlob } from '../../../../gateway/store/blobs.js'
import { openMailbox } from '../../../../gateway/store/mailbox.js'
import { localWake } from '../../../../gateway/wake.js'
import { emptyTables, testDatabase, until } from '../../../postgres.js'
import { cut } from './chunks.js'
import { receive as openBytes, sent } from './conversation.js'
import { identity, type TestIdentity } from './identities.js'

const { db } = await testDatabase()
const newId = uuidSource(Date.now, (bytes) => randomFillSync(bytes))
const partners = as2Partners(sealer(randomBytes(32)))
const wake = localWake()
const mailbox = openMailbox({ db, wake, newId })
const pool = openCryptoPool(2)
const spoolFolder = await mkdtemp(join(tmpdir(), 'edigw-receive-'))
const lines: unknown[] = []
let clock = new Date('2026-03-01T00:00:00Z')
const receiver = createReceiver({
  ...{ db, partners, mailbox, pool, newId, spoolFolder },
  now: () => clock,
  attempts: attempts({ now: () => clock.getTime() }),
  takeReport: async () => undefined,
  fault: () => undefined,
  log: { info: () => undefined, warn: (line: unknown) => void lines.push(line) },
  meter: silentMeter,
  busyMs: 20_000,
})
let us: TestIdentity
let partner: TestIdentity
let stranger: TestIdentity

const settings = async (more: PartnerSettings = {}, secrets?: { acceptPassword: string }) =>
  partners.savePartner(db, {
    ...{ id: 'example-supplier', name: 'SUPPLIER', station: 'RETAIL' },
    settings: more,
    ...(secrets === undefined ? {} : { secrets }),
  })

beforeAll(async () => {
  us = await identity('Example Retail')
  partner = await identity('Example Supplier')
  stranger = await identity('Somebody Else')
  await partners.saveKey(db, 'RETAIL', us)
  await settings()
  await partners.pinCertificate(db, 'example-supplier', partner)
})
beforeEach(async () => {
  await emptyTables(db, 'inbox, blob, job, lane, mailbox_claim, outbox, alert')
  lines.length = 0
  clock = new Date('2026-03-01T00:00:00Z')
  await settings()
})
afterAll(async () => {
  await mailbox.close()
  await wake.close()
  await pool.close()
  expect(await readdir(spoolFolder)).toEqual([])
  await rm(spoolFolder, { recursive: true })
})

const edi = Buffer.from('ISA*00*          *00*          *ZZ*SUPPLIER~'.repeat(20))
const payload = (bytes: Uint8Array = edi) => ({
  content: chunksOf(bytes),
  contentType: 'application/edi-x12',
  fileName: 'asn.edi',
})
const full = (): SealOptions => ({
  sign: { signer: partner, digest: 'sha256', signingTime: clock },
  encrypt: { recipients: [us.certificate], cipher: 'aes256-gcm', transport: 'rsa' },
})
const SIGNED_RECEIPT: [string, string][] = [
  ['Disposition-Notification-To', 'edi@supplier.example'],
  [
    'Disposition-Notification-Options',
    'signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=optional, SHA256',
  ],
]

interface Message {
  headers: [string, string][]
  body: Buffer
  mic: { digest: string; value: string }
}

async function message(
  id: string,
  options: SealOptions = full(),
  more: [string, string][] = SIGNED_RECEIPT,
  payloads = [payload()],
): Promise<Message> {
  const sealed = await sent(seal(payloads, options))
  return {
    ...sealed,
    headers: [
      ['AS2-Version', '1.2'],
      ['AS2-From', 'SUPPLIER'],
      ['AS2-To', 'RETAIL'],
      ['Message-ID', id],
      ...more,
      ...sealed.headers.map(([name, value]): [string, string] => [name, value]),
    ],
  }
}

const post = ({ headers, body }: Pick<Message, 'headers' | 'body'>, origin = '192.0.2.1') =>
  receiver({ headers: new Headers(headers), body: cut(body, 10_000), origin, correlationId: 'c-1' })

/** The receipt in an answer, verified with our certificate when it is signed. */
async function receiptOf(answer: HttpAnswer) {
  const side = { identities: [], pinned: [us.certificate] }
  const { report, signed } = await openBytes(side, answer.headers, () => chunksOf(answer.body))
  return { ...report!, signed: signed?.certificate.fingerprint === us.certificate.fingerprint }
}
const dispositionOf = async (answer: HttpAnswer) => {
  const { disposition } = await receiptOf(answer)
  return `${disposition?.type}/${disposition?.modifier}: ${disposition?.reason}`
}
const count = async (table: string) =>
  (await db.query<{ n: number }>(`select count(*) as n from ${table}`))[0]!.n

describe('a good message', () => {
  test('is stored with its record and its receipt, and answered with that receipt', async () => {
    const sending = await message('<1@supplier>')
    const answer = await post(sending)
    expect(answer.status).toBe(200)
    const receipt = await receiptOf(answer)
    expect(receipt).toMatchObject({
      signed: true,
      originalMessageId: '<1@supplier>',
      disposition: { type: 'processed', modifier: 'none' },
      mic: sending.mic,
    })
    expect(receipt.fields.find(([name]) => name === 'Received-Content-MIC')?.[1]).toBe(
      `${sending.mic.value}, SHA256`,
    )
    const [row] = await db.query<Record<string, unknown> & { sha256: Buffer }>(
      'select * from inbox',
    )
    expect(row).toMatchObject({
      channel: 'as2',
      identity: 'example-supplier',
      dedupe_key: '<1@supplier>',
      file_name: 'asn.edi',
      correlation_id: 'c-1',
      headers: { 'as2-from': 'SUPPLIER', 'content-type': 'application/edi-x12' },
    })
    expect((await readWholeBlob(db, row!.sha256)).equals(edi)).toBe(true)
    const [received] = await db.query('select * from as2_received')
    expect(received).toMatchObject({
      inbox_id: row!['id'],
      state: 'accepted',
      mic: `${sending.mic.digest} ${sending.mic.value}`,
      protection: {
        cipher: 'aes256-gcm',
        transport: 'rsa',
        digest: 'sha256',
        signedBy: partner.certificate.fingerprint,
      },
    })
    expect(await db.query('select lane, kind from job')).toEqual([
      { lane: 'in:example-supplier:as2', kind: 'translate' },
    ])
  })

  test('that comes again gets the same receipt byte for byte and is not taken twice', async () => {
    const first = await post(await message('<2@supplier>'))
    // Encrypted anew by the sender: other bytes, the same message.
    const again = await post(await message('<2@supplier>'))
    expect(again.body.equals(first.body)).toBe(true)
    expect(again.headers).toEqual(first.headers)
    expect(await count('inbox')).toBe(1)
    expect(await count('job')).toBe(1)
  })

  test('whose id comes again with other content is told to somebody and not taken', async () => {
    await post(await message('<6@supplier>'))
    await post(await message('<6@supplier>'))
    expect(await count("alert where kind = 'as2-reused-id'")).toBe(0)
    const other = [payload(Buffer.from('ISA*00*another~'))]
    const answer = await post(await message('<6@supplier>', full(), SIGNED_RECEIPT, other))
    expect(await dispositionOf(answer)).toBe('processed/none: ')
    expect(await count('inbox')).toBe(1)
    expect(await count("alert where kind = 'as2-reused-id'")).toBe(1)
  })

  test('fifty times at once is one delivery and fifty equal receipts', async () => {
    const sending = await message('<50@supplier>')
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(sending)))
    expect(
      new Set(answers.map(({ status, body }) => `${status} ${body.toString('hex')}`)).size,
    ).toBe(1)
    expect(answers[0]!.status).toBe(200)
    expect(await count('inbox')).toBe(1)
    expect(await count('as2_received')).toBe(1)
  }, 60_000)

  test('without a wish for a receipt is answered with nothing', async () => {
    const answer = await post(await message('<3@supplier>', full(), []))
    expect([answer.status, answer.body.length]).toEqual([200, 0])
    expect(await count('inbox')).toBe(1)
  })

  test('with attachments keeps them beside the first payload', async () => {
    const pdf = randomBytes(5000)
    const attachment = {
      content: chunksOf(pdf),
      contentType: 'application/pdf',
      fileName: '../x.pdf',
    }
    await post(await message('<4@supplier>', full(), SIGNED_RECEIPT, [payload(), attachment]))
    const [row] = await db.query<{ n: number; file_name: string; sha256: Buffer }>(
      'select * from as2_attachment',
    )
    expect(row).toMatchObject({ n: 2, content_type: 'application/pdf', file_name: 'x.pdf' })
    expect((await readWholeBlob(db, row!.sha256)).equals(pdf)).toBe(true)
  })

  test('of several megabytes goes through files and arrives whole', async () => {
    const large = randomBytes(3 << 20)
    const answer = await post(
      await message('<5@supplier>', full(), SIGNED_RECEIPT, [payload(large)]),
    )
    expect(await dispositionOf(answer)).toBe('processed/none: ')
    const [row] = await db.query<{ sha256: Buffer }>('select sha256 from inbox')
    expect((await readWholeBlob(db, row!.sha256)).equals(large)).toBe(true)
  })
})

describe('an asynchronous receipt', () => {
  const asking = (url: string): [string, string][] => [
    ...SIGNED_RECEIPT,
    ['Receipt-Delivery-Option', url],
  ]
  const addresses = async () =>
    (
      await db.query<{ address: { receiptTo: string } }>(
        'select address from outbox order by created_at',
      )
    ).map(({ address }) => address.receiptTo)

  test('is queued in the transaction of the message, to a server of the partner', async () => {
    await settings({ receiptUrls: ['https://as2.supplier.example:4080/'] })
    const url = 'https://as2.supplier.example:4080/mdn?x=1'
    const answer = await post(await message('<10@supplier>', full(), asking(url)))
    expect([answer.status, answer.body.length]).toEqual([200, 0])
    expect(await addresses()).toEqual([url])
    expect(await count("job where kind = 'transfer'")).toBe(1)
  })

  test.each([
    'http://as2.supplier.example:4080/mdn',
    'https://as2.supplier.example/mdn',
    'https://169.254.169.254/latest/meta-data',
    'https://user:pw@as2.supplier.example:4080/',
    'https://as2.supplier.example:4080@evil.example/',
    'file:///etc/passwd',
    'not a url',
  ])('asked to %s goes to the configured address instead', async (url) => {
    await settings({ receiptUrls: ['https://as2.supplier.example:4080/own'] })
    await post(await message(`<11-${newId()}@supplier>`, full(), asking(url)))
    expect(await addresses()).toEqual(['https://as2.supplier.example:4080/own'])
  })

  test('without any configured address is given in the answer', async () => {
    const answer = await post(
      await message('<12@supplier>', full(), asking('https://evil.example/')),
    )
    expect(await dispositionOf(answer)).toBe('processed/none: ')
    expect(await addresses()).toEqual([])
  })

  test('asked for again is sent again, but not for every repeat of a storm', async () => {
    await settings({ url: 'https://as2.supplier.example/' })
    const sending = await message(
      '<13@supplier>',
      full(),
      asking('https://as2.supplier.example/mdn'),
    )
    for (let n = 0; n < 4; n++) await post(sending)
    expect((await addresses()).length).toBe(2)
    expect(await count('(select distinct sha256 from outbox) as bytes')).toBe(1)
  })

  test('of a rejected message is queued too', async () => {
    await settings({ url: 'https://as2.supplier.example/' })
    const unsigned = { encrypt: full().encrypt! }
    await post(await message('<14@supplier>', unsigned, asking('https://as2.supplier.example/mdn')))
    expect((await addresses()).length).toBe(1)
    expect(await count('inbox')).toBe(0)
  })
})

describe('a message that is not accepted', () => {
  const rejected = async (sending: Pick<Message, 'headers' | 'body'>) => {
    const answer = await post(sending)
    expect(answer.status).toBe(200)
    expect((await receiptOf(answer)).signed).toBe(true)
    expect(await count('inbox')).toBe(0)
    expect(await count('mailbox_claim')).toBe(0)
    return dispositionOf(answer)
  }
  const encrypt = () => full().encrypt!
  const sign = () => full().sign!

  test.each<[string, () => SealOptions, string]>([
    ['not signed', () => ({ encrypt: encrypt() }), 'insufficient-message-security'],
    ['not encrypted', () => ({ sign: sign() }), 'insufficient-message-security'],
    [
      'signed with SHA-1',
      () => ({ encrypt: encrypt(), sign: { ...sign(), digest: 'sha1' } }),
      'insufficient-message-security',
    ],
    [
      '3DES',
      () => ({ sign: sign(), encrypt: { ...encrypt(), cipher: '3des' } }),
      'insufficient-message-security',
    ],
    [
      'signed by a stranger',
      () => ({ encrypt: encrypt(), sign: { ...sign(), signer: stranger } }),
      'authentication-failed',
    ],
    [
      'for somebody else',
      () => ({ sign: sign(), encrypt: { ...encrypt(), recipients: [stranger.certificate] } }),
      'decryption-failed',
    ],
  ])('%s', async (_, options, reason) => {
    expect(await rejected(await message('<20@supplier>', options()))).toBe(
      `processed/error: ${reason}`,
    )
    expect(await db.query('select state, disposition from as2_received')).toEqual([
      expect.objectContaining({ state: 'rejected' }),
    ])
    expect(await count("alert where kind = 'as2-rejected'")).toBe(1)
  })

  test('may be sent again under its id and be good', async () => {
    await rejected(await message('<21@supplier>', { encrypt: encrypt() }))
    expect(await dispositionOf(await post(await message('<21@supplier>')))).toBe('processed/none: ')
    expect(await count('as2_received')).toBe(2)
  })

  test('is accepted where the partner is allowed to', async () => {
    await settings({ accept: { unsigned: true, unencrypted: true } })
    const answer = await post(await message('<22@supplier>', {}))
    expect(await dispositionOf(answer)).toBe('processed/none: ')
  })

  test.each([
    ['signed-receipt-protocol=required, pgp-signature', 'unsupported format'],
    [
      'signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=required, md5',
      'unsupported mic-algorithms',
    ],
  ])('a receipt that cannot be given as required: %s', async (wish, reason) => {
    const answer = await post(
      await message('<23@supplier>', full(), [
        ['Disposition-Notification-To', 'x'],
        ['Disposition-Notification-Options', wish],
      ]),
    )
    expect(await dispositionOf(answer)).toBe(`failed/failure: ${reason}`)
    expect(await count('inbox')).toBe(0)
  })

  test('after ten that could not be decrypted the address waits, others do not', async () => {
    const bad = await message('<24@supplier>', {
      ...full(),
      encrypt: { ...encrypt(), recipients: [stranger.certificate] },
    })
    for (let n = 0; n < 10; n++) expect((await post(bad)).status).toBe(200)
    const answer = await post(bad)
    expect([answer.status, answer.headers]).toEqual([503, [['Retry-After', '1']]])
    expect((await post(await message('<25@supplier>'), '192.0.2.99')).status).toBe(200)
  })
})

describe('certificates over time', () => {
  test('an expired one is refused, and accepted with an alert once it was extended', async () => {
    clock = new Date('2028-03-01T00:00:00Z')
    const options = full()
    await partners.saveKey(db, 'RETAIL', { ...us, validFrom: new Date('2026-01-01') })
    const late = await identity('Example Retail', { notBefore: new Date('2027-06-01T00:00:00Z') })
    await partners.saveKey(db, 'RETAIL', late)
    const sending = () =>
      message('<30@supplier>', {
        ...options,
        encrypt: { ...options.encrypt!, recipients: [late.certificate] },
      })
    const side = { identities: [], pinned: [late.certificate] }
    const disposition = async (answer: HttpAnswer) =>
      (await openBytes(side, answer.headers, () => chunksOf(answer.body))).report?.disposition
    expect(await disposition(await post(await sending()))).toMatchObject({
      reason: 'authentication-failed',
    })
    const { fingerprint } = partner.certificate
    expect(
      await partners.extendCertificate(db, 'example-supplier', fingerprint, new Date('2028-06-01')),
    ).toBe(true)
    expect(await disposition(await post(await sending()))).toMatchObject({ modifier: 'none' })
    expect(await count("alert where kind = 'as2-expired'")).toBe(1)
  })
})

describe('callers', () => {
  test('without names or an id are told so', async () => {
    const { headers, body } = await message('<40@supplier>')
    for (const name of ['AS2-From', 'AS2-To', 'Message-ID']) {
      const answer = await post({ headers: headers.filter(([field]) => field !== name), body })
      expect(answer.status).toBe(400)
    }
    expect((await post({ headers: [...headers, ['as2-from', 'OTHER']], body })).status).toBe(400)
  })

  test('nobody knows get an unsigned refusal, in the answer only', async () => {
    const { headers, body } = await message('<41@supplier>', full(), [
      ...SIGNED_RECEIPT,
      ['Receipt-Delivery-Option', 'http://127.0.0.1:1/'],
    ])
    const unknown = headers.map(([n, v]): [string, string] => [
      n,
      n === 'AS2-From' ? 'supplier' : v,
    ])
    const answer = await post({ headers: unknown, body })
    expect(await dispositionOf(answer)).toBe('processed/error: authentication-failed')
    expect((await receiptOf(answer)).signed).toBe(false)
    expect(await count('outbox')).toBe(0)
    const plain = unknown.filter(([name]) => name !== 'Disposition-Notification-To')
    expect((await post({ headers: plain, body })).status).toBe(403)
  })

  test('that send to themselves are refused', async () => {
    const { headers, body } = await message('<42@supplier>')
    const same = headers.map(([n, v]): [string, string] => [n, n === 'AS2-From' ? 'RETAIL' : v])
    expect(await dispositionOf(await post({ headers: same, body }))).toBe(
      'failed/failure: sender-equals-receiver',
    )
  })

  test('are let in by address and password where the partner has them', async () => {
    await settings(
      { accept: { from: ['192.0.2.0/24', '2001:db8::/32'], user: 'supplier' } },
      { acceptPassword: await hashPassword('pass word') },
    )
    const sending = await message('<43@supplier>')
    const basic = (text: string): [string, string] => [
      'Authorization',
      `Basic ${Buffer.from(text).toString('base64')}`,
    ]
    const statusOf = async (auth: [string, string] | undefined, origin: string) =>
      (
        await post(
          { ...sending, headers: auth ? [...sending.headers, auth] : sending.headers },
          origin,
        )
      ).status
    expect(await statusOf(basic('supplier:pass word'), '198.51.100.1')).toBe(403)
    expect(await statusOf(undefined, '192.0.2.7')).toBe(401)
    expect(await statusOf(basic('supplier:wrong'), '192.0.2.7')).toBe(401)
    expect(await statusOf(basic('other:pass word'), '192.0.2.7')).toBe(401)
    expect(await statusOf(basic('supplier:pass word'), '::ffff:192.0.2.7')).toBe(200)
  })

  test('with a message over the limit are refused while it comes', async () => {
    await settings({ accept: { maxBytes: 1024 } })
    const sending = await message('<44@supplier>', full(), SIGNED_RECEIPT, [
      payload(randomBytes(5000)),
    ])
    await expect(post(sending)).rejects.toMatchObject({
      message: expect.stringContaining('larger than'),
    })
    expect((await post({ ...sending, body: Buffer.alloc(0) })).status).toBe(400)
  })

  test('with many messages at once are told to come later, others are not held up', async () => {
    const { headers } = await message('<45@supplier>')
    let end: () => void = () => undefined
    const ended = new Promise<void>((done) => (end = done))
    let begun = 0
    const slow = async function* (): AsyncGenerator<Buffer> {
      begun++
      await ended
      yield* []
    }
    const posted = Array.from({ length: 64 }, () =>
      receiver({
        ...{ headers: new Headers(headers), origin: '192.0.2.1', correlationId: 'c-1' },
        body: slow(),
      }),
    )
    await until('all are being received', () => begun === 64)
    const refused = await post({ headers, body: Buffer.from('x') })
    expect([refused.status, refused.headers]).toEqual([
      503,
      expect.arrayContaining([['Retry-After', '5']]),
    ])
    end()
    for (const answer of await Promise.all(posted)) expect(answer.status).toBe(400)
    expect((await post(await message('<46@supplier>'))).status).toBe(200)
  })
})
