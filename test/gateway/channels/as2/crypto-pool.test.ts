import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  Kept,
  OpenJob,
  PlainIdentity,
  SealJob,
} from '../../../../gateway/channels/as2/crypto-job.js'
import { type CryptoPool, openCryptoPool } from '../../../../gateway/channels/as2/crypto-pool.js'
import { identity, type TestIdentity } from './identities.js'

let folder: string
let pool: CryptoPool
let us: TestIdentity
let partner: TestIdentity

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edigw-as2-'))
  pool = openCryptoPool(2)
  us = await identity('Example Retail')
  partner = await identity('Example Supplier')
})
afterAll(async () => {
  await pool.close()
  await rm(folder, { recursive: true })
})

const plain = (of: TestIdentity): PlainIdentity => ({
  certificate: of.certificate.der,
  privateKey: of.privateKey,
})
const bytesOf = async (kept: Kept) =>
  'file' in kept ? readFile(kept.file) : Buffer.from(kept.bytes)

const sealing = (bytes: Buffer): SealJob => ({
  kind: 'seal',
  payloads: [
    {
      content: { bytes: Buffer.from(bytes) },
      contentType: 'application/edi-x12',
      fileName: 'asn.edi',
    },
  ],
  compress: 'before-signing',
  sign: {
    by: plain(partner),
    digest: 'sha256',
    scheme: 'rsa',
    form: 'detached',
    signingTime: new Date('2026-01-02T03:04:05Z'),
  },
  encrypt: {
    recipient: us.certificate.der,
    cipher: 'aes256-cbc',
    transport: 'rsa',
    recipientId: 'issuer-serial',
  },
  micDigest: 'sha256',
  folder,
})
const opening = (
  sealed: { headers: SealJobHeaders; body: Kept },
  more: Partial<OpenJob> = {},
): OpenJob => ({
  kind: 'open',
  headers: sealed.headers,
  body: sealed.body,
  identities: [plain(us)],
  pinned: [partner.certificate.der],
  allowSha1: false,
  allowTripleDes: false,
  micDigest: 'sha256',
  maxBytes: 1e9,
  folder,
  ...more,
})
type SealJobHeaders = OpenJob['headers']

describe('the threads', () => {
  test.each([
    ['small, in memory', 100_000],
    ['large, in files', 3_000_000],
  ])('seal and open a message: %s', async (_, size) => {
    const content = randomBytes(size)
    const sealed = await pool.run(sealing(content))
    const opened = await pool.run(opening(sealed))
    if (!opened.ok) throw new Error(opened.detail)
    const [payload] = opened.payloads
    expect((await bytesOf(payload!.payload)).equals(content)).toBe(true)
    expect(payload!.payload.size).toBe(size)
    expect(Buffer.from(payload!.payload.sha256)).toEqual(
      createHash('sha256').update(content).digest(),
    )
    expect(opened).toMatchObject({
      encrypted: { cipher: 'aes256-cbc', transport: 'rsa', by: us.certificate.fingerprint },
      signed: { digest: 'sha256', scheme: 'rsa', by: partner.certificate.fingerprint },
      compressed: true,
      mic: sealed.mic,
    })
    // The encryption is in definite lengths, which some products demand.
    expect((await bytesOf(sealed.body)).subarray(0, 2).toString('hex')).not.toBe('3080')
    expect((await readdir(folder)).length).toBe(size > 1 << 20 ? 2 : 0)
  })

  test('a bad message is an answer with the cause for the log, and leaves no file', async () => {
    const before = await readdir(folder)
    const sealed = await pool.run(sealing(randomBytes(3_000_000)))
    const opened = await pool.run(opening(sealed, { pinned: [us.certificate.der] }))
    expect(opened).toEqual({
      ok: false,
      code: 'decryption-failed',
      detail: 'signed by a certificate that is not pinned',
    })
    if ('file' in sealed.body) await rm(sealed.body.file)
    expect(await readdir(folder)).toEqual(before)
  })

  test('a folder that is gone is our failure, worth another try', async () => {
    const gone = { ...sealing(randomBytes(3_000_000)), folder: join(folder, 'gone') }
    await expect(pool.run(gone)).rejects.toMatchObject({ name: 'RetryableError' })
  })

  test('closing waits for running jobs and refuses new ones', async () => {
    const other = openCryptoPool(1)
    const running = other.run(sealing(randomBytes(500_000)))
    await other.close()
    expect((await running).body.size).toBeGreaterThan(500_000)
    await expect(other.run(sealing(Buffer.alloc(1)))).rejects.toThrow('shutting down')
  })
})
