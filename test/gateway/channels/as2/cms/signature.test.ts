import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHash, sign as signBytes } from 'node:crypto'
import { context, TAG } from '../../../../../gateway/channels/as2/asn1/tags.js'
import * as der from '../../../../../gateway/channels/as2/asn1/write.js'
import { ByteSource, type Chunks, chunksOf } from '../../../../../gateway/channels/as2/bytes.js'
import {
  algorithm,
  type DigestName,
  DIGESTS,
  OID,
} from '../../../../../gateway/channels/as2/cms/algorithms.js'
import { nameCertificate } from '../../../../../gateway/channels/as2/cms/certificate-name.js'
import {
  signDetached,
  signOpaque,
  type SignOptions,
} from '../../../../../gateway/channels/as2/cms/sign.js'
import {
  readDetached,
  readOpaque,
  type Signer,
} from '../../../../../gateway/channels/as2/cms/signed-data.js'
import { verify, type VerifyOptions } from '../../../../../gateway/channels/as2/cms/verify.js'
import type { Certificate } from '../../../../../gateway/channels/as2/keys/certificate.js'
import { all, cut, cutAt, thrown } from '../chunks.js'
import { identity, type TestIdentity } from '../identities.js'
import { OpenSsl } from '../openssl.js'

let partner: TestIdentity
let stranger: TestIdentity
let openssl: OpenSsl
const content = Buffer.from('Content-Type: application/edi-x12\r\n\r\nISA*00*…~'.repeat(40))
const signingTime = new Date('2026-01-02T03:04:05Z')

beforeAll(async () => {
  partner = await identity('Example Supplier')
  stranger = await identity('Somebody Else')
  openssl = await OpenSsl.start({
    'partner.pem': partner.certificatePem,
    'partner.key': partner.privateKeyPem,
    content,
  })
})
afterAll(() => openssl.close())

const hash = (digest: DigestName) => createHash(digest).update(content).digest()
const check = (signers: readonly Signer[], options: Partial<VerifyOptions> = {}, of = hash) =>
  verify(signers, of, { pinned: [partner.certificate], allowSha1: true, ...options })
const sign = (options: Partial<SignOptions> = {}) =>
  signDetached(hash(options.digest ?? 'sha256'), {
    signer: partner,
    digest: 'sha256',
    signingTime,
    ...options,
  })

async function open(chunks: Chunks) {
  const opened = await readOpaque(new ByteSource(chunks))
  const bytes = await all(opened.content)
  return { bytes, digests: opened.digests, signers: await opened.signers() }
}

const digests = Object.keys(DIGESTS) as DigestName[]
const schemes = ['rsa', 'pss'] as const
const matrix = digests.flatMap((digest) => schemes.map((scheme) => [digest, scheme] as const))

describe('against openssl cms', () => {
  test.each(matrix)('verifies what openssl signs with %s, %s', async (digest, scheme) => {
    const signing = [
      ...['-sign', '-binary', '-in', 'content', '-outform', 'DER', '-md', digest],
      ...['-signer', 'partner.pem', '-inkey', 'partner.key'],
      ...(scheme === 'pss'
        ? ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:digest']
        : []),
    ]
    const expected = { certificate: partner.certificate, digest, scheme }
    expect(check(readDetached(await openssl.cms(...signing)))).toEqual(expected)
    expect(check(readDetached(await openssl.cms(...signing, '-keyid')))).toEqual(expected)
    // openssl 3.0 cannot stream with PSS.
    for (const length of scheme === 'pss' ? [[]] : [[], ['-stream']]) {
      const opaque = await open(cut(await openssl.cms(...signing, '-nodetach', ...length), 777))
      expect(opaque.bytes.equals(content)).toBe(true)
      expect(opaque.digests).toEqual([digest])
      expect(check(opaque.signers)).toEqual(expected)
    }
  })

  test.each(matrix)('openssl verifies what is signed with %s, %s', async (digest, scheme) => {
    const verifying = [
      '-verify',
      '-binary',
      '-inform',
      'DER',
      '-CAfile',
      'partner.pem',
      '-purpose',
      'any',
    ]
    for (const signerId of ['issuer-serial', 'key-id'] as const) {
      await openssl.write('p7s', await sign({ digest, scheme, signerId }))
      await openssl.cms(...verifying, '-in', 'p7s', '-content', 'content')
    }
    const options = { signer: partner, digest, scheme, signingTime }
    await openssl.write('p7m', await all(signOpaque(chunksOf(content), options)))
    expect((await openssl.cms(...verifying, '-in', 'p7m')).equals(content)).toBe(true)
  })

  test('a signature without certificates is found by the pinned one', async () => {
    await openssl.write('p7s', await sign({ withCertificate: false }))
    await openssl.cms(
      ...['-verify', '-binary', '-inform', 'DER', '-CAfile', 'partner.pem', '-purpose', 'any'],
      ...['-in', 'p7s', '-content', 'content', '-certfile', 'partner.pem'],
    )
    expect(check(readDetached(await sign({ withCertificate: false }))).digest).toBe('sha256')
  })
})

describe('verification', () => {
  test('uses pinned certificates only, never the one in the message', async () => {
    const signers = readDetached(await sign({ signer: stranger }))
    expect(thrown(() => check(signers))).toMatchObject({ code: 'authentication-failed' })
  })

  test('finds the right one of several pinned certificates', async () => {
    const pinned = [stranger.certificate, partner.certificate]
    expect(check(readDetached(await sign()), { pinned }).certificate).toBe(partner.certificate)
  })

  test('tells changed content from a false signature', async () => {
    const signers = readDetached(await sign())
    expect(thrown(() => check(signers, {}, () => Buffer.alloc(32)))).toMatchObject({
      code: 'integrity-check-failed',
    })
    const forged = await sign()
    forged[forged.length - 1]! ^= 1
    expect(thrown(() => check(readDetached(forged)))).toMatchObject({
      code: 'authentication-failed',
    })
  })

  test('a changed attribute breaks the signature even when the digest would fit', async () => {
    const bytes = await sign()
    const at = bytes.indexOf(Buffer.from('260102030405Z'))
    bytes[at] = 0x33
    expect(thrown(() => check(readDetached(bytes)))).toMatchObject({
      code: 'authentication-failed',
    })
  })

  test('SHA-1 and short keys are too weak unless SHA-1 is allowed', async () => {
    const signers = readDetached(await sign({ digest: 'sha1' }))
    const weak = { code: 'insufficient-message-security' }
    expect(thrown(() => check(signers, { allowSha1: false }))).toMatchObject(weak)
    const short: Certificate = { ...partner.certificate, keyBits: 1024 }
    const strong = readDetached(await sign())
    expect(thrown(() => check(strong, { pinned: [short] }))).toMatchObject(weak)
  })

  test('PSS without parameters is read with the digest of the content, as some products mean it', async () => {
    const bare = readDetached(await sign({ scheme: 'pss' })).map((signer) => ({
      ...signer,
      signatureAlgorithm: { oid: signer.signatureAlgorithm.oid, parameters: undefined },
    }))
    expect(check(bare)).toMatchObject({ scheme: 'pss', digest: 'sha256' })
    const forged = bare.map((signer) => ({ ...signer, signature: Buffer.alloc(256, 1) }))
    expect(thrown(() => check(forged))).toMatchObject({ code: 'authentication-failed' })
  })

  test('attributes kept in the order of the signer verify too', () => {
    const [type, digest] = attributesOf(hash('sha256'))
    for (const attributes of [
      [type!, digest!],
      [digest!, type!],
    ])
      expect(check(readDetached(assemble(attributes))).digest).toBe('sha256')
  })
})

describe('refuses', () => {
  const [type, digest] = attributesOf(hash('sha256')) as [Buffer, Buffer]
  const within = der.sequence(der.oid(OID.data), der.explicit(0, der.octetString(content)))

  test.each([
    ['a repeated digest attribute', [type, digest, digest], undefined],
    ['a missing digest attribute', [type], undefined],
    ['a missing content type', [digest], undefined],
    ['content in a detached signature', [type, digest], within],
  ])('%s', (_, attributes, encapsulated) => {
    expect(thrown(() => readDetached(assemble(attributes, encapsulated)))).toMatchObject({
      name: 'Malformed',
    })
  })

  test('a signature without signed attributes', async () => {
    const bytes = await openssl.cms(
      ...['-sign', '-binary', '-in', 'content', '-outform', 'DER', '-md', 'sha256', '-noattr'],
      ...['-signer', 'partner.pem', '-inkey', 'partner.key'],
    )
    expect(() => readDetached(bytes)).toThrow('signed attributes')
  })

  test('every truncation, and reads the same at every cut', async () => {
    const bytes = await all(
      signOpaque(chunksOf(Buffer.from('short')), {
        signer: partner,
        digest: 'sha256',
        signingTime,
      }),
    )
    for (let at = 0; at <= bytes.length; at++)
      expect((await open(cutAt(bytes, at))).bytes.toString()).toBe('short')
    for (let length = 0; length < bytes.length; length++)
      await expect(open(chunksOf(bytes.subarray(0, length)))).rejects.toThrow()
    const detached = await sign()
    for (let length = 0; length < detached.length; length++)
      expect(() => readDetached(detached.subarray(0, length))).toThrow()
  })
})

function attributesOf(digest: Buffer): Buffer[] {
  return [
    der.sequence(der.oid(OID.contentType), der.setOf([der.oid(OID.data)])),
    der.sequence(der.oid(OID.messageDigest), der.setOf([der.octetString(digest)])),
  ]
}

/** A SignedData over these attributes in this order, signed as they stand. */
function assemble(attributes: Buffer[], encapsulated = der.sequence(der.oid(OID.data))): Buffer {
  const sha256 = algorithm(DIGESTS.sha256.oid, der.NULL)
  const signer = der.sequence(
    der.integer(1),
    nameCertificate(partner.certificate, 'issuer-serial'),
    sha256,
    der.element(context(0), ...attributes),
    algorithm(DIGESTS.sha256.rsaOid, der.NULL),
    der.octetString(signBytes('sha256', der.element(TAG.set, ...attributes), partner.privateKey)),
  )
  const inner = der.sequence(der.integer(1), der.setOf([sha256]), encapsulated, der.setOf([signer]))
  return der.sequence(der.oid(OID.signedData), der.explicit(0, inner))
}
