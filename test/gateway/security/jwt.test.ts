import { expect, test } from '@jest/globals'
import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'
import {
  signAccessToken,
  TokenError,
  verifyToken,
  type VerificationKey,
} from '../../../gateway/security/jwt.js'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const SECONDS = NOW / 1000
const SECRET = 'example-secret-of-at-least-32-bytes!'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const KEYS = {
  hs256: { kind: 'hs256', key: createSecretKey(Buffer.from(SECRET)), issuer: 'odoo' },
  rs256: { kind: 'rs256', key: rsa.publicKey, issuer: 'odoo' },
  es256: { kind: 'es256', key: ec.publicKey, issuer: 'odoo' },
} as const satisfies Record<string, VerificationKey>

const claims = (more: Record<string, unknown> = {}) => ({
  iss: 'odoo',
  aud: 'edi_gateway',
  sub: 'odoo',
  iat: SECONDS,
  exp: SECONDS + 300,
  ...more,
})
const signed = (more: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
  jwt.sign(claims(more), SECRET, {
    algorithm: 'HS256',
    keyid: 'k',
    header: { alg: 'HS256', ...header },
  })

const refusal = (token: string, key: VerificationKey = KEYS.hs256) => {
  try {
    verifyToken(token, key, NOW)
  } catch (error) {
    expect(error).toBeInstanceOf(TokenError)
    return (error as Error).message
  }
  throw new Error('it was accepted')
}

test('accepts a token of each kind of key by that key', () => {
  const sign = { keyid: 'k' } as const
  const rs = jwt.sign(claims(), rsa.privateKey, { ...sign, algorithm: 'RS256' })
  const es = jwt.sign(claims(), ec.privateKey, { ...sign, algorithm: 'ES256' })
  for (const [token, key] of [
    [signed(), KEYS.hs256],
    [rs, KEYS.rs256],
    [es, KEYS.es256],
  ] as const) {
    expect(verifyToken(token, key, NOW)).toMatchObject({ kid: 'k', subject: 'odoo' })
  }
})

test.each([
  ['expired', { exp: SECONDS - 60, iat: SECONDS - 300 }, 'expired'],
  ['not valid yet', { nbf: SECONDS + 3600 }, 'not valid yet'],
  ['for somebody else', { aud: 'other' }, 'audience'],
  ['of another issuer', { iss: 'other' }, 'issuer'],
  ['longer-lived than 15 minutes', { exp: SECONDS + 901 }, '15 minutes'],
  ['issued in the future', { iat: SECONDS + 120, exp: SECONDS + 240 }, 'future'],
])('refuses a token that is %s', (_what, more, text) => {
  expect(refusal(signed(more))).toContain(text)
})

test('refuses a token without an end, even when all else is right', () => {
  const { iss, aud, sub, iat } = claims()
  const token = jwt.sign({ iss, aud, sub, iat }, SECRET, { algorithm: 'HS256', keyid: 'k' })
  expect(refusal(token)).toContain('no exp')
})

test('the key decides the algorithm, never the token', () => {
  const none = jwt.sign(claims(), '', { algorithm: 'none', keyid: 'k' })
  expect(refusal(none)).toMatch(/signature|algorithm|malformed/)
  // The classic: an HMAC with the public key as its secret.
  const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const forged = jwt.sign(claims(), createSecretKey(Buffer.from(pem)), {
    algorithm: 'HS256',
    keyid: 'k',
  })
  expect(refusal(forged, KEYS.rs256)).toContain('algorithm')
  const hs384 = jwt.sign(claims(), SECRET, { algorithm: 'HS384', keyid: 'k' })
  expect(refusal(hs384)).toContain('algorithm')
})

test('refuses a wrong signature, a cut token, a token without kid, and critical extensions', () => {
  expect(refusal(jwt.sign(claims(), `${SECRET}x`, { algorithm: 'HS256', keyid: 'k' }))).toContain(
    'signature',
  )
  expect(refusal(signed().slice(0, -5))).toContain('signature')
  expect(refusal('x.y')).toContain('malformed')
  expect(refusal('x'.repeat(9000))).toContain('too long')
  expect(refusal(jwt.sign(claims(), SECRET, { algorithm: 'HS256' }))).toContain('kid')
  expect(refusal(signed({}, { crit: ['exp'] }))).toContain('critical')
})

test('our access tokens are told from other tokens by their type', () => {
  const own = { kid: 'own', privateKey: ec.privateKey, issuer: 'edigw' }
  const token = signAccessToken({ sub: 'c' }, own, NOW)
  const key: VerificationKey = { kind: 'es256', key: ec.publicKey, issuer: 'edigw', type: 'at+jwt' }
  expect(verifyToken(token, key, NOW)).toMatchObject({ kid: 'own', subject: 'c' })
  expect(verifyToken(token, key, NOW + 899_000)).toMatchObject({ subject: 'c' })
  expect(() => verifyToken(token, key, NOW + 931_000)).toThrow('expired')
  expect(refusal(token, { ...KEYS.es256, issuer: 'edigw' })).toContain('another type')
  const plain = jwt.sign(claims({ iss: 'edigw' }), ec.privateKey, {
    algorithm: 'ES256',
    keyid: 'own',
  })
  expect(refusal(plain, key)).toContain('another type')
})
