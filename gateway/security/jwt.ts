// JSON Web Tokens by the rules of RFC 8725: the key decides the algorithm, never the token; `kid` only looks a key up in
// our own set; issuer, audience, life and type are checked; no token lives longer than fifteen minutes.
import type { KeyObject } from 'node:crypto'
import jwt, { type Algorithm, type JwtPayload } from 'jsonwebtoken'

/** `aud` of every token for the gateway and for the addon. */
const AUDIENCE = 'edi_gateway'
/** Longest life, `exp` − `iat`, in seconds. */
export const MAX_LIFE_SECONDS = 900
const CLOCK_TOLERANCE_SECONDS = 30
const MAX_TOKEN_LENGTH = 8192

type JwtKind = 'hs256' | 'rs256' | 'es256'
const ALGORITHMS: Record<JwtKind, Algorithm> = { hs256: 'HS256', rs256: 'RS256', es256: 'ES256' }

/** A key that may verify tokens of one issuer. */
export interface VerificationKey {
  kind: JwtKind
  key: KeyObject
  issuer: string
  /** Own access tokens must say `at+jwt` (RFC 9068), so that no other token of the same key passes for one. */
  type?: 'at+jwt'
}

export interface Verified {
  kid: string
  subject: string | undefined
  claims: JwtPayload
}

/** Why a token is not accepted, in plain words without any of its content. */
export class TokenError extends Error {
  override readonly name = 'TokenError'
}

const REASONS: Record<string, string> = {
  'jwt expired': 'the token has expired',
  'jwt not active': 'the token is not valid yet',
  'invalid signature': 'the signature is wrong',
  'invalid algorithm': 'the algorithm is not that of the key',
}

const reason = (error: unknown) => {
  const { message } = error as Error
  if (message.startsWith('jwt audience')) return `the audience is not ${AUDIENCE}`
  if (message.startsWith('jwt issuer')) return "the issuer is not the key's"
  return REASONS[message] ?? 'the token is malformed'
}

/** `kid` of a token's header, unverified: good for looking a key up and nothing else. */
export function tokenKeyId(token: string): string {
  if (token.length > MAX_TOKEN_LENGTH) throw new TokenError('the token is too long')
  const header = jwt.decode(token, { complete: true })?.header as
    (Record<string, unknown> & { kid?: unknown }) | undefined
  if (header === undefined) throw new TokenError('the token is malformed')
  if (header['crit'] !== undefined) throw new TokenError('critical extensions are not supported')
  const { kid } = header
  if (typeof kid !== 'string' || kid === '' || kid.length > 128) {
    throw new TokenError('the token names no key (kid)')
  }
  return kid
}

/** Verifies with that key alone. `now` in milliseconds since 1970. Throws TokenError. */
export function verifyToken(token: string, key: VerificationKey, now: number): Verified {
  const kid = tokenKeyId(token)
  let verified
  try {
    verified = jwt.verify(token, key.key, {
      algorithms: [ALGORITHMS[key.kind]],
      audience: AUDIENCE,
      issuer: key.issuer,
      clockTimestamp: Math.floor(now / 1000),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      complete: true,
    })
  } catch (error) {
    throw new TokenError(reason(error))
  }
  const claims = verified.payload
  if (typeof claims === 'string') throw new TokenError('the token carries no claims')
  const { iat, exp } = claims
  const type = verified.header.typ?.toLowerCase()
  if (key.type === undefined ? type !== undefined && type !== 'jwt' : type !== key.type) {
    throw new TokenError('the token is of another type')
  }
  if (typeof iat !== 'number' || typeof exp !== 'number') {
    throw new TokenError('the token has no exp or iat')
  }
  if (exp - iat > MAX_LIFE_SECONDS) throw new TokenError('the token lives longer than 15 minutes')
  if (iat > now / 1000 + CLOCK_TOLERANCE_SECONDS) {
    throw new TokenError('the token was issued in the future')
  }
  return { kid, subject: claims.sub, claims }
}

/** An access token of our own, signed with ES256. `now` in milliseconds since 1970. */
export function signAccessToken(
  claims: Record<string, unknown>,
  key: { kid: string; privateKey: KeyObject; issuer: string },
  now: number,
  lifeSeconds = MAX_LIFE_SECONDS,
): string {
  const iat = Math.floor(now / 1000)
  const payload = { ...claims, iss: key.issuer, aud: AUDIENCE, iat, exp: iat + lifeSeconds }
  const header = { alg: 'ES256' as const, typ: 'at+jwt', kid: key.kid }
  return jwt.sign(payload, key.privateKey, { algorithm: 'ES256', header })
}
