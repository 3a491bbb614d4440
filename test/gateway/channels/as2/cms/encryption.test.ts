import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { constants, createCipheriv, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto'
import * as der from '../../../../../gateway/channels/as2/asn1/write.js'
import { context } from '../../../../../gateway/channels/as2/asn1/tags.js'
import { ByteSource, type Chunks, chunksOf } from '../../../../../gateway/channels/as2/bytes.js'
import {
  type CipherName,
  CIPHERS,
  encodeCipher,
  OID,
} from '../../../../../gateway/channels/as2/cms/algorithms.js'
import {
  AttributesFirst,
  decrypt,
  type DecryptOptions,
} from '../../../../../gateway/channels/as2/cms/decrypt.js'
import { nameCertificate } from '../../../../../gateway/channels/as2/cms/certificate-name.js'
import { encrypt, type EncryptOptions } from '../../../../../gateway/channels/as2/cms/encrypt.js'
import {
  encodeTransport,
  type KeyTransport,
  proveTransport,
  unwrapKey,
  wrapKey,
} from '../../../../../gateway/channels/as2/cms/key-transport.js'
import { unwrapPkcs1 } from '../../../../../gateway/channels/as2/cms/pkcs1.js'
import { all, cut, cutAt } from '../chunks.js'
import { identity, type TestIdentity } from '../identities.js'
import { OpenSsl } from '../openssl.js'

let us: TestIdentity
let other: TestIdentity
let openssl: OpenSsl
const content = Buffer.from('Content-Type: text/plain\r\n\r\n' + 'ST*856*0001~'.repeat(500))

beforeAll(async () => {
  us = await identity('Example Retail')
  other = await identity('Example Supplier')
  openssl = await OpenSsl.start({
    'us.pem': us.certificatePem,
    'us.key': us.privateKeyPem,
    'other.pem': other.certificatePem,
    content,
  })
})
afterAll(() => openssl.close())

async function open(chunks: Chunks, options: Partial<DecryptOptions> = {}) {
  const source = new ByteSource(chunks)
  const opened = await decrypt(source, { identities: [us], allowTripleDes: true, ...options })
  return { ...opened, bytes: await all(opened.content) }
}

const seal = (options: Partial<EncryptOptions> = {}, bytes: Uint8Array = content) =>
  all(
    encrypt(chunksOf(bytes), {
      recipients: [us.certificate],
      cipher: 'aes256-cbc',
      transport: 'rsa',
      ...options,
    }),
  )

const ciphers = Object.keys(CIPHERS) as CipherName[]
const transports: KeyTransport[] = ['rsa', 'oaep-sha1', 'oaep-sha256', 'oaep-sha384', 'oaep-sha512']

const opensslTransport = (transport: KeyTransport): string[] =>
  transport === 'rsa'
    ? []
    : [
        ...['-keyopt', 'rsa_padding_mode:oaep'],
        ...['-keyopt', `rsa_oaep_md:${transport.slice(5)}`],
        ...['-keyopt', `rsa_mgf1_md:${transport.slice(5)}`],
      ]

describe('against openssl cms', () => {
  // Each cipher with one transport and each transport with one cipher, in both lengths: pairs that meet nowhere else.
  const pairs: [CipherName, KeyTransport][] = [
    ...ciphers.map((cipher): [CipherName, KeyTransport] => [cipher, 'rsa']),
    ...transports
      .slice(1)
      .map((transport): [CipherName, KeyTransport] => ['aes256-gcm', transport]),
    ['aes128-cbc', 'oaep-sha256'],
  ]

  test.each(pairs)('opens what openssl encrypts with %s and %s', async (cipher, transport) => {
    for (const length of [[], ['-stream']]) {
      const bytes = await openssl.cms(
        ...['-encrypt', '-binary', '-in', 'content', '-outform', 'DER', `-${CIPHERS[cipher].node}`],
        ...[...length, '-recip', 'us.pem', ...opensslTransport(transport)],
      )
      const opened = await open(cut(bytes, 777))
      expect(opened.bytes.equals(content)).toBe(true)
      expect(opened).toMatchObject({ cipher, transport })
      expect(opened.certificate).toBe(us.certificate)
    }
  })

  test.each(pairs)('openssl opens what is encrypted with %s and %s', async (cipher, transport) => {
    for (const length of [content.length, undefined]) {
      const options = length === undefined ? {} : { length }
      await openssl.write('sealed', await seal({ cipher, transport, ...options }))
      const opened = await openssl.cms(
        ...['-decrypt', '-binary', '-inform', 'DER', '-in', 'sealed'],
        ...['-recip', 'us.pem', '-inkey', 'us.key'],
      )
      expect(opened.equals(content)).toBe(true)
    }
  })

  test('recipients named by key identifier, and among others', async () => {
    const byKey = await openssl.cms(
      ...['-encrypt', '-binary', '-in', 'content', '-outform', 'DER', '-aes128', '-keyid'],
      ...['-recip', 'other.pem', '-recip', 'us.pem'],
    )
    expect((await open(chunksOf(byKey))).bytes.equals(content)).toBe(true)

    const recipients = [other.certificate, us.certificate]
    await openssl.write('sealed', await seal({ recipientId: 'key-id', recipients }))
    const opened = await openssl.cms(
      ...['-decrypt', '-binary', '-inform', 'DER', '-in', 'sealed', '-inkey', 'us.key'],
      ...['-recip', 'us.pem'],
    )
    expect(opened.equals(content)).toBe(true)
  })
})

describe('reading', () => {
  test('is the same for every cut, and every truncation fails', async () => {
    const small = Buffer.from('UNB+UNOC:3+A+B')
    for (const cipher of ['aes256-cbc', 'aes256-gcm'] as const) {
      const bytes = await seal({ cipher }, small)
      for (let at = 0; at <= bytes.length; at += 1)
        expect((await open(cutAt(bytes, at))).bytes).toEqual(small)
      for (let length = 0; length < bytes.length; length += 1)
        await expect(open(chunksOf(bytes.subarray(0, length)))).rejects.toThrow()
    }
  })

  test('empty content survives', async () => {
    for (const cipher of ciphers) {
      const bytes = await seal({ cipher, length: 0 }, Buffer.alloc(0))
      expect((await open(chunksOf(bytes))).bytes.length).toBe(0)
    }
  })

  test('authenticated attributes behind the content are found by a first pass and checked by a second', async () => {
    const bytes = withAttributes()
    const first = open(chunksOf(bytes))
    await expect(first).rejects.toThrow(AttributesFirst)
    const { attributes } = (await first.catch((error: unknown) => error)) as AttributesFirst
    expect((await open(chunksOf(bytes), { attributes })).bytes).toEqual(content)
    const others = Buffer.from(attributes).fill(0, attributes.length - 1)
    await expect(open(chunksOf(bytes), { attributes: others })).rejects.toMatchObject({
      code: 'decryption-failed',
    })
  })

  test('3DES is refused unless allowed', async () => {
    const bytes = await seal({ cipher: '3des' })
    await expect(open(chunksOf(bytes), { allowTripleDes: false })).rejects.toMatchObject({
      code: 'insufficient-message-security',
    })
  })

  test('GCM in EnvelopedData, which authenticates nothing, is refused', async () => {
    const bytes = await seal({ cipher: 'aes256-gcm', length: content.length })
    const asEnveloped = Buffer.from(bytes)
    const from = der.oid(OID.authEnvelopedData)
    const at = asEnveloped.indexOf(from)
    const rest = asEnveloped.subarray(at + from.length)
    const lied = Buffer.concat([
      Buffer.from('3080', 'hex'),
      der.oid(OID.envelopedData),
      rest,
      der.END,
    ])
    await expect(open(chunksOf(lied))).rejects.toMatchObject({ code: 'decryption-failed' })
  })

  test('more than 20 recipients are refused', async () => {
    const recipients = Array(21).fill(other.certificate) as TestIdentity['certificate'][]
    await expect(open(chunksOf(await seal({ recipients })))).rejects.toThrow(
      'more than 20 recipients',
    )
  })
})

describe('every decryption failure', () => {
  const tampered = async (cipher: CipherName, change: (bytes: Buffer) => void) => {
    const bytes = await seal({ cipher })
    change(bytes)
    return bytes
  }
  const flip = (fromEnd: number) => (bytes: Buffer) => {
    bytes[bytes.length - fromEnd]! ^= 1
  }
  const wrapped = (bytes: Buffer) => {
    // Inside the RSA-encrypted key: the only octet string of 256 bytes.
    const at = bytes.indexOf(Buffer.from('04820100', 'hex')) + 4
    bytes[at + 100]! ^= 1
  }

  test.each([
    ['a key wrapped wrongly', 'aes256-cbc', wrapped],
    ['broken padding', 'aes256-cbc', flip(20)],
    ['a key wrapped wrongly, GCM', 'aes256-gcm', wrapped],
    ['a changed ciphertext, GCM', 'aes256-gcm', flip(100)],
    ['a changed tag, GCM', 'aes256-gcm', flip(10)],
  ] as const)('gives one answer after reading everything: %s', async (_, cipher, change) => {
    const bytes = await tampered(cipher, change)
    const source = new ByteSource(cut(bytes, 100))
    const opened = await decrypt(source, { identities: [us] })
    const end = all(opened.content)
    // A wrong key may by chance (1 in 256) leave a valid padding; garbage then comes out, for the layers above.
    const outcome = await end.then(
      (garbage) => (garbage.equals(content) ? 'same' : 'failed'),
      (error: { code: string }) => error.code,
    )
    expect(['decryption-failed', cipher === 'aes256-cbc' ? 'failed' : '']).toContain(outcome)
    expect(source.position).toBe(bytes.length)
  })

  test('a message for somebody else reads to the end and fails like the rest', async () => {
    const bytes = await seal({ recipients: [other.certificate], cipher: 'aes128-gcm' })
    const source = new ByteSource(chunksOf(bytes))
    const opened = await decrypt(source, { identities: [us] })
    expect(opened.certificate).toBeUndefined()
    await expect(all(opened.content)).rejects.toMatchObject({ code: 'decryption-failed' })
    expect(source.position).toBe(bytes.length)
  })
})

describe('PKCS #1 v1.5 key transport', () => {
  const raw = (block: Buffer) =>
    publicEncrypt({ key: us.certificate.publicKey, padding: constants.RSA_NO_PADDING }, block)
  const block = (key: Buffer) =>
    Buffer.concat([Buffer.of(0, 2), Buffer.alloc(256 - 3 - key.length, 0xaa), Buffer.of(0), key])

  test('takes the padding off', () => {
    const key = randomBytes(32)
    expect(unwrapPkcs1(us.privateKey, raw(block(key)), 32)).toEqual(key)
  })

  test.each([
    ['first byte', (b: Buffer) => (b[0] = 1)],
    ['block type', (b: Buffer) => (b[1] = 1)],
    ['zero inside the padding', (b: Buffer) => (b[50] = 0)],
    ['no separator', (b: Buffer) => (b[256 - 33] = 7)],
  ])('gives a key that repeats for a wrong %s, never an error', (_, spoil) => {
    const key = randomBytes(32)
    const wrong = block(key)
    spoil(wrong)
    const encrypted = raw(wrong)
    const substitute = unwrapPkcs1(us.privateKey, encrypted, 32)
    expect(substitute.length).toBe(32)
    expect(substitute).not.toEqual(key)
    expect(unwrapPkcs1(us.privateKey, encrypted, 32)).toEqual(substitute)
  })

  test('a key of another length, a number over the modulus and a cut block are rejected the same way', () => {
    expect(unwrapPkcs1(us.privateKey, raw(block(randomBytes(16))), 32).length).toBe(32)
    expect(unwrapPkcs1(us.privateKey, Buffer.alloc(256, 0xff), 32).length).toBe(32)
    expect(unwrapPkcs1(us.privateKey, Buffer.alloc(10), 32).length).toBe(32)
    expect(unwrapKey('oaep-sha256', us.privateKey, Buffer.alloc(256, 0xff), 16).length).toBe(16)
  })

  test('the proof at start passes for a fitting pair and names a pair that does not fit', () => {
    proveTransport(us)
    expect(() =>
      proveTransport({ certificate: us.certificate, privateKey: other.privateKey }),
    ).toThrow('does not open what is encrypted for CN=Example Retail')
  })

  test('what is wrapped is readable by an independent OAEP', () => {
    const key = randomBytes(24)
    const wrapped = wrapKey('oaep-sha256', us.certificate.publicKey, key)
    expect(privateDecrypt({ key: us.privateKey, oaepHash: 'sha256' }, wrapped)).toEqual(key)
  })
})

/** AuthEnvelopedData with an authenticated content type, as RFC 5083 asks for other content than plain data. */
function withAttributes(): Buffer {
  const key = randomBytes(32)
  const iv = randomBytes(12)
  const attribute = der.sequence(der.oid(OID.contentType), der.setOf([der.oid(OID.data)]))
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 })
  cipher.setAAD(der.setOf([attribute]))
  const encrypted = Buffer.concat([cipher.update(content), cipher.final()])
  const recipient = der.sequence(
    der.integer(0),
    nameCertificate(us.certificate, 'issuer-serial'),
    encodeTransport('rsa'),
    der.octetString(wrapKey('rsa', us.certificate.publicKey, key)),
  )
  const inner = der.sequence(
    der.integer(0),
    der.setOf([recipient]),
    der.sequence(
      der.oid(OID.data),
      encodeCipher(CIPHERS['aes256-gcm'], iv),
      der.element(0x80, encrypted),
    ),
    der.setOf([attribute], context(1)),
    der.octetString(cipher.getAuthTag()),
  )
  return der.sequence(der.oid(OID.authEnvelopedData), der.explicit(0, inner))
}
