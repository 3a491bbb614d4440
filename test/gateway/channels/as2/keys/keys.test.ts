import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createPrivateKey, createSign, createVerify } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { readCertificate } from '../../../../../gateway/channels/as2/keys/certificate.js'
import { generateKey } from '../../../../../gateway/channels/as2/keys/keygen.js'
import {
  bestPin,
  expiryWarnings,
  type Pin,
  pinsFor,
  pinState,
} from '../../../../../gateway/channels/as2/keys/pins.js'
import { identity, type TestIdentity } from '../identities.js'
import { OpenSsl } from '../openssl.js'

const day = (text: string) => new Date(`${text}T00:00:00Z`)

describe('new keys', () => {
  let openssl: OpenSsl
  beforeAll(async () => {
    openssl = await OpenSsl.start({})
  })
  afterAll(() => openssl.close())

  test('come with a self-signed certificate that openssl accepts', async () => {
    const key = await generateKey({
      commonName: 'Example Retail',
      notBefore: day('2026-01-01'),
      days: 365,
    })
    await openssl.write('cert.pem', key.certificatePem)
    const text = execFileSync('openssl', ['x509', '-in', 'cert.pem', '-noout', '-text'], {
      cwd: openssl.folder,
      encoding: 'utf8',
    })
    expect(text).toMatch(/Subject: CN = Example Retail/)
    expect(text).toMatch(/sha256WithRSAEncryption/)
    expect(text).toMatch(/Digital Signature, Key Encipherment/)
    const ok = execFileSync(
      'openssl',
      ['verify', '-CAfile', 'cert.pem', '-attime', '1770000000', 'cert.pem'],
      { cwd: openssl.folder, encoding: 'utf8' },
    )
    expect(ok).toContain('cert.pem: OK')
  })

  test('fit their certificate, have the asked size, and may be locked by a passphrase', async () => {
    const key = await generateKey({
      commonName: 'X',
      bits: 3072,
      notBefore: day('2026-01-01'),
      days: 10,
      passphrase: 'secret words',
    })
    const certificate = readCertificate(key.certificatePem)
    expect(certificate.keyBits).toBe(3072)
    expect(certificate.notAfter).toEqual(day('2026-01-11'))
    expect(key.privateKeyPem).toContain('BEGIN ENCRYPTED PRIVATE KEY')
    expect(() => createPrivateKey(key.privateKeyPem)).toThrow()
    const privateKey = createPrivateKey({ key: key.privateKeyPem, passphrase: 'secret words' })
    const signature = createSign('sha256').update('x').sign(privateKey)
    expect(createVerify('sha256').update('x').verify(certificate.publicKey, signature)).toBe(true)
  })
})

describe('certificates', () => {
  test('are read from PEM and DER alike, by what CMS calls them', async () => {
    const { certificatePem } = await identity('Example Supplier')
    const fromPem = readCertificate(certificatePem)
    const fromDer = readCertificate(fromPem.der)
    expect(fromDer.fingerprint).toBe(fromPem.fingerprint)
    expect(fromDer.subject).toBe('CN=Example Supplier')
    expect(fromDer.serial.length).toBe(16)
    expect(fromDer.issuer.includes('Example Supplier')).toBe(true)
    expect(fromDer.keyId.length).toBe(20)
  })

  test('without a key identifier get one from the key', async () => {
    const openssl = await OpenSsl.start({})
    const run = (...args: string[]) =>
      execFileSync('openssl', args, { cwd: openssl.folder, stdio: 'pipe' })
    run(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'k',
      '-out',
      'with',
      '-subj',
      '/CN=a',
      '-days',
      '9',
    )
    run(
      'req',
      '-x509',
      '-key',
      'k',
      '-out',
      'without',
      '-subj',
      '/CN=a',
      '-days',
      '9',
      '-addext',
      'subjectKeyIdentifier=none',
    )
    const [a, b] = ['with', 'without'].map((name) =>
      readCertificate(execFileSync('cat', [name], { cwd: openssl.folder })),
    )
    expect(b!.keyId).toEqual(a!.keyId)
    await openssl.close()
  })

  test.each([
    '',
    'no certificate',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  ])('%j is refused', (text) => {
    expect(() => readCertificate(text)).toThrow('not a certificate')
  })
})

describe('pinned certificates', () => {
  let old: TestIdentity
  let next: TestIdentity
  beforeAll(async () => {
    old = await identity('Example Supplier', { notBefore: day('2025-01-01'), days: 500 })
    next = await identity('Example Supplier', { notBefore: day('2026-04-01'), days: 500 })
  })
  const pin = (of: TestIdentity, more: Partial<Pin> = {}): Pin => ({
    certificate: of.certificate,
    ...more,
  })

  test('overlap: both may have signed, the newer one is sent to', () => {
    const pins = [pin(old), pin(next)]
    const at = day('2026-05-01')
    expect(pinsFor(pins, 'signature', at).map((p) => p.certificate)).toEqual([
      next.certificate,
      old.certificate,
    ])
    expect(bestPin(pins, 'encryption', at)?.certificate).toBe(next.certificate)
    expect(bestPin(pins, 'encryption', day('2026-03-01'))?.certificate).toBe(old.certificate)
    expect(bestPin(pins, 'encryption', day('2026-06-01'))?.certificate).toBe(next.certificate)
    expect(bestPin(pins, 'encryption', day('2024-06-01'))).toBeUndefined()
  })

  test('a window of ours narrows the one of the certificate', () => {
    const later = pin(next, { validFrom: day('2026-05-10') })
    expect(pinState(later, day('2026-05-01'))).toBe('not-yet')
    const gone = pin(old, { validUntil: day('2026-04-15'), acceptExpiredUntil: day('2027-01-01') })
    expect(pinState(gone, day('2026-04-14'))).toBe('valid')
    expect(pinState(gone, day('2026-04-16'))).toBe('expired')
  })

  test('an expired one is accepted only until the date somebody set', () => {
    const extended = pin(old, { acceptExpiredUntil: day('2026-07-01') })
    expect(pinState(pin(old), day('2026-06-01'))).toBe('expired')
    expect(pinState(extended, day('2026-06-01'))).toBe('accepted-expired')
    expect(pinState(extended, day('2026-07-02'))).toBe('expired')
    expect(bestPin([extended, pin(next)], 'encryption', day('2026-06-01'))?.certificate).toBe(
      next.certificate,
    )
  })

  test('for one use is not taken for the other', () => {
    const pins = [pin(old, { use: 'encryption' })]
    expect(pinsFor(pins, 'signature', day('2026-01-01'))).toEqual([])
    expect(pinsFor(pins, 'encryption', day('2026-01-01')).length).toBe(1)
  })

  test('are warned of 60, 30, 7 and 1 days before they end, and after, unless followed', () => {
    const days = (at: string, pins: Pin[] = [pin(old)]) =>
      expiryWarnings(pins, new Date(at)).map((warning) => warning.days)
    // Ends 2026-05-16.
    expect(days('2026-03-01T00:00:00Z')).toEqual([])
    expect(days('2026-03-18T00:00:00Z')).toEqual([60])
    expect(days('2026-04-20T00:00:00Z')).toEqual([30])
    expect(days('2026-05-10T00:00:00Z')).toEqual([7])
    expect(days('2026-05-15T12:00:00Z')).toEqual([1])
    expect(days('2026-05-17T00:00:00Z')).toEqual([0])
    expect(days('2026-05-15T12:00:00Z', [pin(old), pin(next)])).toEqual([])
    expect(days('2026-05-15T12:00:00Z', [pin(old), pin(next, { use: 'signature' })])).toEqual([1])
  })
})
