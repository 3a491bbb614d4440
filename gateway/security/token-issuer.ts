// Access tokens of our own: ES256, fifteen minutes, signed by a key that is replaced every month.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Db } from '../store/db.js'
import {
  deleteSigningKeys,
  insertSigningKey,
  signingKeys,
  type SigningKeyRow,
} from '../store/machine-clients.js'
import { MAX_LIFE_SECONDS, signAccessToken, type VerificationKey } from './jwt.js'
import type { Sealer } from './sealing.js'

/** `iss` of the gateway's own tokens. */
const OWN_ISSUER = 'edigw'
const ROTATE_SECONDS = 30 * 24 * 3600
const KEEP_SECONDS = 2 * MAX_LIFE_SECONDS
/** Another process may have made a new key; asked at most this often. */
const REFRESH_MS = 10_000

export interface TokenIssuer {
  /** Makes the first key and tries to open the newest. EnvironmentError when another master key sealed it. */
  ready(): Promise<void>
  /** Signs for a client; `via` is the key it proved itself with, so that revoking that key ends its tokens. */
  issue(client: string, via: string): Promise<{ token: string; expiresIn: number }>
  /** The key for a token's `kid`, if it is one of ours. */
  find(kid: string): Promise<VerificationKey | undefined>
}

const make = (sealer: Sealer) => {
  const kid = `own-${randomBytes(6).toString('hex')}`
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    kid,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sealed: sealer.seal(privateKey.export({ type: 'pkcs8', format: 'der' }), `signing_key ${kid}`),
  }
}

/** `now` in milliseconds since 1970. */
export function tokenIssuer(db: Db, sealer: Sealer, now: () => number): TokenIssuer {
  let keys: SigningKeyRow[] = []
  let readAt = -Infinity
  const refresh = async () => {
    keys = await signingKeys(db)
    readAt = now()
  }
  const verification = (row: SigningKeyRow): VerificationKey => ({
    kind: 'es256',
    key: createPublicKey(row.publicKey),
    issuer: OWN_ISSUER,
    type: 'at+jwt',
  })

  const current = async () => {
    if (now() - readAt > REFRESH_MS) await refresh()
    const [newest, ...older] = keys
    if (newest !== undefined && newest.ageSeconds < ROTATE_SECONDS) {
      const ended = newest.ageSeconds > KEEP_SECONDS ? older : []
      if (ended.length > 0)
        await deleteSigningKeys(
          db,
          ended.map((k) => k.kid),
        )
      return newest
    }
    // Two processes may both make one: both stay, the newest signs.
    await insertSigningKey(db, make(sealer))
    await refresh()
    return keys[0]!
  }
  const privateKeyOf = (row: SigningKeyRow) => {
    const der = sealer.open(row.sealed, `signing_key ${row.kid}`)
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  }
  return {
    ready: async () => void privateKeyOf(await current()),
    issue: async (client, via) => {
      const row = await current()
      const privateKey = privateKeyOf(row)
      const token = signAccessToken(
        { sub: client, via },
        { kid: row.kid, privateKey, issuer: OWN_ISSUER },
        now(),
      )
      return { token, expiresIn: MAX_LIFE_SECONDS }
    },
    find: async (kid) => {
      let row = keys.find((k) => k.kid === kid)
      if (row === undefined && now() - readAt > REFRESH_MS / 10) {
        await refresh()
        row = keys.find((k) => k.kid === kid)
      }
      return row && verification(row)
    },
  }
}
