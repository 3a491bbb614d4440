// What must not pass: lies about layers, bombs, floods, signatures over something else; and what a partner learns of why.
import { beforeAll, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { chunksOf } from '../../../../gateway/channels/as2/bytes.js'
import { compress } from '../../../../gateway/channels/as2/cms/compressed-data.js'
import { encrypt } from '../../../../gateway/channels/as2/cms/encrypt.js'
import { signDetached, signOpaque } from '../../../../gateway/channels/as2/cms/sign.js'
import type { CipherName } from '../../../../gateway/channels/as2/cms/algorithms.js'
import { seal, type SealOptions } from '../../../../gateway/channels/as2/seal.js'
import { all, cut } from './chunks.js'
import { receive, sent, type Side, written } from './conversation.js'
import { identity, type TestIdentity } from './identities.js'

let us: TestIdentity
let partner: TestIdentity
let stranger: TestIdentity
let receiver: Side
const signingTime = new Date('2026-01-02T03:04:05Z')

beforeAll(async () => {
  us = await identity('Example Retail')
  partner = await identity('Example Supplier')
  stranger = await identity('Somebody Else')
  receiver = { identities: [us], pinned: [partner.certificate] }
})

const edi = () => ({
  content: chunksOf(Buffer.from('ISA*00~')),
  contentType: 'application/edi-x12',
})
const signing = (signer = partner) => ({ signer, digest: 'sha256' as const, signingTime })
const to = (recipient = us, cipher: CipherName = 'aes256-cbc') => ({
  recipients: [recipient.certificate],
  cipher,
  transport: 'rsa' as const,
})

const cms = (smimeType: string, bytes: Buffer) =>
  `Content-Type: application/pkcs7-mime; smime-type=${smimeType}\r\n\r\n${bytes.toString('latin1')}`
const inEnvelope = async (entity: string, cipher: CipherName = 'aes256-gcm') =>
  cms('enveloped-data', await all(encrypt(chunksOf(Buffer.from(entity, 'latin1')), to(us, cipher))))
const zipped = async (entity: string) =>
  cms('compressed-data', await all(compress(chunksOf(Buffer.from(entity, 'latin1')))))
const signed = async (entity: string, extra = '', signer = partner) => {
  const digest = createHash('sha256').update(Buffer.from(entity, 'latin1')).digest()
  const p7s = (await signDetached(digest, signing(signer))).toString('base64')
  return (
    'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=s\r\n\r\n' +
    `--s\r\n${entity}\r\n--s\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n` +
    `${p7s}\r\n${extra}--s--\r\n`
  )
}
const plain = 'Content-Type: application/edi-x12\r\n\r\nISA*00~'

async function open(text: string, options: Parameters<typeof receive>[3] = {}) {
  const { headers, body } = written(text)
  return receive(receiver, headers, body, options)
}

const unexpected = { code: 'unexpected-processing-error' }

describe('layers', () => {
  test('a signature inside another is refused', async () => {
    await expect(open(await signed(await signed(plain)))).rejects.toMatchObject(unexpected)
  })

  test('encryption inside a signature or a compression is refused', async () => {
    await expect(open(await signed(await inEnvelope(plain)))).rejects.toThrow(
      'inside another layer',
    )
    await expect(open(await zipped(await inEnvelope(plain)))).rejects.toThrow(
      'inside another layer',
    )
    await expect(open(await inEnvelope(await inEnvelope(plain)))).rejects.toThrow(
      'inside another layer',
    )
  })

  test('compression twice is refused as such, though the signature is good', async () => {
    const twice = await zipped(await signed(await zipped(plain)))
    await expect(open(twice)).rejects.toMatchObject({ code: 'decompression-failed' })
  })

  test('a part beside the signed one is refused, and what stands behind the last delimiter is not read', async () => {
    const sibling = '--s\r\nContent-Type: application/edi-x12\r\n\r\nISA*evil~\r\n'
    await expect(open(await signed(plain, sibling))).rejects.toThrow('more than two parts')
    const opened = await open(`${await signed(plain)}--s\r\n${plain}\r\n--s--\r\n`)
    expect(opened.payloads.map((p) => p.payload.toString())).toEqual(['ISA*00~'])
  })

  test.each(['enveloped-data', 'signed-data', 'compressed-data'])(
    'content of another type under smime-type %s is refused',
    async (said) => {
      const layers = {
        'enveloped-data': await all(encrypt(chunksOf(Buffer.from(plain)), to())),
        'signed-data': await all(signOpaque(chunksOf(Buffer.from(plain)), signing())),
        'compressed-data': await all(compress(chunksOf(Buffer.from(plain)))),
      }
      for (const [actual, bytes] of Object.entries(layers)) {
        const opened = open(cms(said, bytes))
        if (actual === said) expect((await opened).payloads.length).toBe(1)
        else await expect(opened).rejects.toMatchObject({ name: 'As2Failure' })
      }
    },
  )

  test('the bytes decide when no smime-type is given', async () => {
    const bytes = await all(signOpaque(chunksOf(Buffer.from(plain)), signing()))
    const opened = await open(
      `Content-Type: application/x-pkcs7-mime\r\n\r\n${bytes.toString('latin1')}`,
    )
    expect(opened.signed?.certificate).toBe(partner.certificate)
  })

  test('a signed message inside a plain multipart is a payload, not a signature', async () => {
    const inner = await signed(plain)
    const opened = await open(
      `Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n${inner}\r\n--m--\r\n`,
    )
    expect(opened.signed).toBeUndefined()
  })
})

describe('signatures', () => {
  test('by a certificate that is not pinned fail, also when the message brings the certificate', async () => {
    await expect(open(await signed(plain, '', stranger))).rejects.toMatchObject({
      code: 'authentication-failed',
    })
  })

  test('over other content fail as integrity', async () => {
    const message = (await signed(plain)).replace('ISA*00', 'ISA*01')
    await expect(open(message)).rejects.toMatchObject({ code: 'integrity-check-failed' })
  })

  test('with SHA-1 are refused where it is not allowed', async () => {
    const message = await sent(seal([edi()], { sign: { ...signing(), digest: 'sha1' } }))
    await expect(
      receive(receiver, message.headers, () => chunksOf(message.body), { allowSha1: false }),
    ).rejects.toMatchObject({ code: 'insufficient-message-security' })
  })

  test('of 64 KiB and more are refused', async () => {
    const long = (await signed(plain)).replace(
      '\r\n--s--',
      `${'\r\n'.repeat(10)}${'QUJD'.repeat(30_000)}\r\n--s--`,
    )
    await expect(open(long)).rejects.toMatchObject(unexpected)
  })
})

describe('a failure below an encryption', () => {
  const failures: [string, SealOptions, string][] = []
  beforeAll(() => {
    failures.push(
      ['a signature by a stranger', { sign: signing(stranger) }, 'authentication-failed'],
      ['SHA-1', { sign: { ...signing(), digest: 'sha1' } }, 'insufficient-message-security'],
    )
  })

  test('is told as such when the cipher is authenticated', async () => {
    for (const [, options, code] of failures) {
      const message = await sent(seal([edi()], { ...options, encrypt: to(us, 'aes256-gcm') }))
      await expect(
        receive(receiver, message.headers, () => chunksOf(message.body), { allowSha1: false }),
      ).rejects.toMatchObject({ code })
    }
  })

  test('is one and the same as a failed decryption when it is not, with the cause for our log', async () => {
    for (const [, options, code] of failures) {
      const message = await sent(seal([edi()], { ...options, encrypt: to() }))
      await expect(
        receive(receiver, message.headers, () => chunksOf(message.body), { allowSha1: false }),
      ).rejects.toMatchObject({ code: 'decryption-failed', cause: { code } })
    }
  })

  test('reads the whole message in every case, so that all failures take the same time', async () => {
    const long = { ...edi(), content: chunksOf(Buffer.alloc(300_000, 'x')) }
    const good = await sent(seal([long], { sign: signing(), encrypt: to() }))
    const flip = (at: number) => {
      const bytes = Buffer.from(good.body)
      bytes[at < 0 ? bytes.length + at : at]! ^= 1
      return bytes
    }
    const bodies = {
      'wrapped key': flip(good.body.indexOf(Buffer.from('04820100', 'hex')) + 50),
      'first block': flip(700),
      middle: flip(150_000),
      'last block': flip(-15),
      'another recipient': (
        await sent(
          seal([{ ...edi(), content: chunksOf(Buffer.alloc(300_000, 'x')) }], {
            sign: signing(),
            encrypt: to(stranger),
          }),
        )
      ).body,
    }
    for (const [, body] of Object.entries(bodies)) {
      let read = 0
      const counted = async function* () {
        for await (const part of cut(body, 10_000)) {
          read += part.length
          yield part
        }
      }
      await expect(receive(receiver, good.headers, counted)).rejects.toMatchObject({
        code: 'decryption-failed',
      })
      expect(read).toBe(body.length)
    }
  })
})

describe('limits', () => {
  test('payload bytes are counted after decompression', async () => {
    const zeros = `Content-Type: a/b\r\n\r\n${'\0'.repeat(300_000)}`
    await expect(open(await zipped(zeros), { maxBytes: 200_000 })).rejects.toMatchObject({
      code: 'decompression-failed',
    })
    await expect(open(zeros, { maxBytes: 200_000 })).rejects.toMatchObject(unexpected)
  })

  test('a bomb in a correctly signed message is told as one', async () => {
    const bomb = await zipped(`Content-Type: a/b\r\n\r\n${'\0'.repeat(30 << 20)}`)
    await expect(open(await signed(bomb))).rejects.toMatchObject({ code: 'decompression-failed' })
  })

  test('parts are counted and nesting is bounded', async () => {
    const many = `Content-Type: multipart/mixed; boundary=m\r\n\r\n${'--m\r\n\r\nx\r\n'.repeat(101)}--m--\r\n`
    await expect(open(many)).rejects.toThrow('more than 100 parts')
    let deep = 'Content-Type: text/plain\r\n\r\nx'
    for (let level = 0; level < 6; level++)
      deep = `Content-Type: multipart/mixed; boundary=b${level}\r\n\r\n--b${level}\r\n${deep}\r\n--b${level}--`
    await expect(open(deep)).rejects.toThrow('nested deeper than 5')
  })

  test('an error of ours is not taken for a bad message', async () => {
    const store = () => Promise.reject(new Error('disk full'))
    await expect(open(await signed(plain), { store })).rejects.toThrow('disk full')
    await expect(open(await inEnvelope(await signed(plain)), { store })).rejects.toThrow(
      'disk full',
    )
  })
})
