// Who is calling: an API key or a JWT in `Authorization: Bearer`, and what that client may do.
import { createPublicKey, createSecretKey } from 'node:crypto'
import type { Db } from '../store/db.js'
import {
  findExpiredKey,
  findLiveKey,
  noteUse,
  type ClientRow,
  type KeyRow,
} from '../store/machine-clients.js'
import { apiKeyId, isApiKey } from './api-key.js'
import { attempts } from './attempts.js'
import { TokenError, tokenKeyId, verifyToken, type VerificationKey } from './jwt.js'
import type { Scope } from './scopes.js'
import type { Sealer } from './sealing.js'
import type { TokenIssuer } from './token-issuer.js'

/** A client that has proved itself. */
export interface Caller {
  client: string
  name: string
  scopes: ReadonlySet<string>
  /** Channel identity under which its interchanges are taken; absent: it may hand in none. */
  identity?: string
  /** Odoo connection it speaks for. */
  connection?: string
  /** Key it proved itself with; for an access token the key that token was given for. */
  kid: string
  by: 'api key' | 'own token' | 'access token'
}

type Authentication =
  | { state: 'ok'; caller: Caller }
  /** 401; `reason` is a label of the closed list, `text` for people. */
  | { state: 'refused'; reason: 'missing' | 'unknown' | 'wrong' | 'token'; text: string }
  /** 429: too many failures before. */
  | { state: 'locked'; afterMs: number }

export interface Authenticator {
  /**
   * `origin` is the peer's address; failures are counted by it and by the key named. `basic` also takes client id and
   * API key as user and password, which OAuth clients send to a token endpoint.
   */
  authenticate(
    authorization: string | undefined,
    origin: string,
    basic?: boolean,
  ): Promise<Authentication>
  /** Forgets what is remembered of keys: call after a change. */
  forget(): void
  /** Writes down when keys were last used. */
  close(): Promise<void>
}

/** A revocation made by another process takes effect within this time. */
const REMEMBER_MS = 2_000
const REMEMBERED = 5_000
const NOTE_MS = 60_000

type Found = { key: KeyRow; client: ClientRow } | undefined

interface Credentials {
  secret: string
  client?: string
}

const credentials = (header: string, basic: boolean): Credentials | undefined => {
  const bearer = /^Bearer +([^\s]+)$/i.exec(header)?.[1]
  if (bearer !== undefined) return { secret: bearer }
  const encoded = basic ? /^Basic +([^\s]+)$/i.exec(header)?.[1] : undefined
  const pair = encoded && /^(.+?):(.+)$/s.exec(Buffer.from(encoded, 'base64').toString())
  return pair ? { client: pair[1] ?? '', secret: pair[2] ?? '' } : undefined
}

export const allows = (caller: Caller, scope: Scope) => caller.scopes.has(scope)

/** `now` in milliseconds since 1970. */
export function authenticator(options: {
  db: Db
  sealer: Sealer
  issuer: TokenIssuer
  now: () => number
  /** Told when the time of last use could not be written; nothing depends on it. */
  onNoteFailed: (error: unknown) => void
}): Authenticator {
  const { db, sealer, issuer, now } = options
  const remembered = new Map<string, { found: Promise<Found>; until: number }>()
  const failures = attempts({ now })
  const used = new Set<string>()

  const note = async () => {
    const kids = [...used]
    used.clear()
    if (kids.length > 0) await noteUse(db, kids).catch(options.onNoteFailed)
  }
  const timer = setInterval(() => void note(), NOTE_MS)
  timer.unref()

  const find = (kid: string): Promise<Found> => {
    const before = remembered.get(kid)
    if (before !== undefined && before.until > now()) return before.found
    const found = findLiveKey(db, kid)
    found.catch(() => remembered.delete(kid))
    if (remembered.size >= REMEMBERED) remembered.clear()
    remembered.set(kid, { found, until: now() + REMEMBER_MS })
    return found
  }

  const callerOf = ({ key, client }: NonNullable<Found>, by: Caller['by']): Caller => {
    used.add(key.kid)
    return {
      client: client.id,
      name: client.name,
      scopes: new Set(client.scopes),
      kid: key.kid,
      by,
      ...(client.identity === null ? {} : { identity: client.identity }),
      ...(client.connection === null ? {} : { connection: client.connection }),
    }
  }

  const verificationOf = ({ key }: NonNullable<Found>): VerificationKey | undefined => {
    const issuer = key.issuer ?? key.client
    if (key.kind === 'hs256' && key.sealed !== null) {
      const secret = sealer.open(key.sealed, `machine_key ${key.kid}`)
      return { kind: 'hs256', key: createSecretKey(secret), issuer }
    }
    if ((key.kind === 'rs256' || key.kind === 'es256') && key.publicKey !== null) {
      return { kind: key.kind, key: createPublicKey(key.publicKey), issuer }
    }
    return undefined
  }

  const byApiKey = async (
    presented: string,
    kid: string,
  ): Promise<Caller | 'unknown' | 'wrong'> => {
    const found = await find(kid)
    if (found?.key.kind !== 'api_key' || found.key.hash === null) return 'unknown'
    return isApiKey(presented, found.key.hash) ? callerOf(found, 'api key') : 'wrong'
  }

  const expired = async (presented: string, kid: string): Promise<string | undefined> => {
    const key = await findExpiredKey(db, kid)
    if (!key?.hash || !isApiKey(presented, key.hash)) return undefined
    return `the key has expired on ${key.expiresAt?.toISOString() ?? ''}; edigw client key ${key.client} makes another one`
  }

  const byToken = async (token: string, kid: string): Promise<Caller | 'unknown'> => {
    const own = await issuer.find(kid)
    if (own !== undefined) {
      const { subject, claims } = verifyToken(token, own, now())
      const via = claims['via'] as unknown
      const found = typeof via === 'string' ? await find(via) : undefined
      if (found === undefined || found.client.id !== subject) return 'unknown'
      return callerOf(found, 'access token')
    }
    const found = await find(kid)
    const key = found && verificationOf(found)
    if (found === undefined || key === undefined) return 'unknown'
    verifyToken(token, key, now())
    return callerOf(found, 'own token')
  }

  return {
    authenticate: async (authorization, origin, basic = false) => {
      const given = credentials(authorization ?? '', basic)
      if (given === undefined) {
        const text = 'send Authorization: Bearer with an API key or a token of POST /v1/token'
        return { state: 'refused', reason: 'missing', text }
      }
      const { secret: presented, client } = given
      let kid: string
      let result: Caller | 'unknown' | 'wrong'
      let from = `${origin} ` // those who guess key ids, or send none, share one count
      try {
        const ofApiKey = apiKeyId(presented)
        kid = ofApiKey ?? tokenKeyId(presented)
        // One bad client behind a proxy does not lock out the others there.
        const known = (await find(kid)) !== undefined || (await issuer.find(kid)) !== undefined
        from = `${origin} ${known ? kid : ''}`
        const afterMs = failures.wait(from)
        if (afterMs > 0) return { state: 'locked', afterMs }
        result = await (ofApiKey === undefined ? byToken(presented, kid) : byApiKey(presented, kid))
        if (client !== undefined && typeof result !== 'string' && result.client !== client) {
          result = 'wrong'
        }
      } catch (error) {
        if (!(error instanceof TokenError)) throw error
        const afterMs = failures.wait(from)
        if (afterMs > 0) return { state: 'locked', afterMs }
        failures.failed(from)
        return { state: 'refused', reason: 'token', text: error.message }
      }
      if (typeof result === 'string') {
        failures.failed(from)
        // Which of the two it was is for the metrics alone; only who has the whole key is told that it was one.
        const text = (await expired(presented, kid)) ?? 'the key is not valid here'
        return { state: 'refused', reason: result, text }
      }
      failures.succeeded(from)
      return { state: 'ok', caller: result }
    },
    forget: () => remembered.clear(),
    close: async () => {
      clearInterval(timer)
      await note()
    },
  }
}
