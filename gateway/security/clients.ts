// Making and ending machine clients and their keys, each with its audit row: what the API and `edigw client` both do.
import { createPublicKey, randomBytes, type KeyObject } from 'node:crypto'
import { Type, type Static } from '@sinclair/typebox'
import { object, words } from '../../edi-maps/canonical/values.js'
import { addAudit } from '../store/audit.js'
import { saveIdentity } from '../store/agreements.js'
import { insertClient, insertKey, revokeKey, type NewKey } from '../store/machine-clients.js'
import type { Work } from '../store/work.js'
import { newApiKey } from './api-key.js'
import { ALL_SCOPES, type Scope } from './scopes.js'
import type { Sealer } from './sealing.js'

const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,62}$' })
const CarriedId = object({
  qualifier: Type.Optional(Type.String({ minLength: 1, maxLength: 4 })),
  id: Type.String({ minLength: 1, maxLength: 35, description: '`*` stands for any.' }),
})
/** Interchange ids and environments a channel identity may carry, as a request gives them. */
export const Carries = Type.Array(object({ sender: CarriedId, receiver: CarriedId }), {
  description: 'Interchanges it may hand in.',
})
export const Environments = Type.Array(words(['test', 'production'] as const), {
  uniqueItems: true,
  description: 'Of those interchanges; default both.',
})

export const NewClient = object({
  id: Id,
  name: Type.String({ minLength: 1, maxLength: 200 }),
  scopes: Type.Array(words(ALL_SCOPES), { uniqueItems: true }),
  carries: Type.Optional(Carries),
  environments: Type.Optional(Environments),
  connection: Type.Optional(
    Type.String({ minLength: 1, description: 'Odoo connection whose messages it pushes.' }),
  ),
})
export type NewClient = Static<typeof NewClient>

export const NewKeyRequest = object({
  kind: words(['api_key', 'hs256', 'rs256', 'es256'] as const),
  publicKey: Type.Optional(Type.String({ description: 'PEM (SPKI), for rs256 and es256.' })),
  issuer: Type.Optional(
    Type.String({ minLength: 1, description: '`iss` of its tokens; default the client id.' }),
  ),
  expiresAt: Type.Optional(Type.String({ format: 'date-time' })),
})
export type NewKeyRequest = Static<typeof NewKeyRequest>

/** What is shown once: an API key, or the HS256 secret; nothing for a public key. */
export interface MadeKey {
  kid: string
  key?: string
  secret?: string
}

/** The request cannot be met as it is; `path` is a JSON pointer into it. */
export class ClientRequestError extends Error {
  override readonly name = 'ClientRequestError'
  readonly path: string

  constructor(path: string, text: string) {
    super(text)
    this.path = path
  }
}

/** Makes a client without a key. False when the id is taken. */
export async function createClient(work: Work, client: NewClient, actor: string): Promise<boolean> {
  const { carries } = client
  const made = await insertClient(work, {
    id: client.id,
    name: client.name,
    scopes: [...client.scopes],
    identity: carries === undefined ? null : client.id,
    connection: client.connection ?? null,
  })
  if (!made) return false
  if (carries !== undefined) {
    const environments = client.environments ?? ['test', 'production']
    const identity = { channel: 'rest', id: client.id, name: client.name, carries, environments }
    await saveIdentity(work, identity, actor)
  }
  await addAudit(work, {
    actor,
    action: 'client.create',
    subject: `client ${client.id}`,
    detail: { scopes: client.scopes },
  })
  return true
}

const publicKeyOf = (request: NewKeyRequest): KeyObject => {
  let key
  try {
    key = createPublicKey(request.publicKey ?? '')
  } catch {
    throw new ClientRequestError('/publicKey', 'must be a public key in PEM')
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (request.kind === 'rs256' && (type !== 'rsa' || (details?.modulusLength ?? 0) < 2048)) {
    throw new ClientRequestError('/publicKey', 'must be an RSA key of at least 2048 bits')
  }
  if (request.kind === 'es256' && details?.namedCurve !== 'prime256v1') {
    throw new ClientRequestError('/publicKey', 'must be an EC key on P-256')
  }
  return key
}

/** Adds a key to a client. Throws ClientRequestError for a key that is not good enough. */
export async function createKey(
  work: Work,
  sealer: Sealer,
  client: string,
  request: NewKeyRequest,
  actor: string,
): Promise<MadeKey> {
  const row: NewKey = {
    kid: newApiKey(client).kid,
    client,
    kind: request.kind,
    hash: null,
    sealed: null,
    publicKey: null,
    issuer: request.kind === 'api_key' ? null : (request.issuer ?? client),
    expiresAt: request.expiresAt === undefined ? null : new Date(request.expiresAt),
  }
  let shown: Omit<MadeKey, 'kid'> = {}
  if (request.kind === 'api_key') {
    const made = newApiKey(client)
    row.kid = made.kid
    row.hash = made.hash
    shown = { key: made.key }
  } else if (request.kind === 'hs256') {
    const secret = randomBytes(32).toString('base64url')
    row.sealed = sealer.seal(Buffer.from(secret), `machine_key ${row.kid}`)
    shown = { secret }
  } else {
    row.publicKey = publicKeyOf(request).export({ type: 'spki', format: 'pem' }).toString()
  }
  await insertKey(work, row)
  await addAudit(work, {
    actor,
    action: 'client.key',
    subject: `client ${client}`,
    detail: { kid: row.kid, kind: row.kind },
  })
  return { kid: row.kid, ...shown }
}

/** False when there is no such live key. */
export async function endKey(
  work: Work,
  client: string,
  kid: string,
  actor: string,
): Promise<boolean> {
  if (!(await revokeKey(work, client, kid))) return false
  const detail = { kid }
  await addAudit(work, { actor, action: 'client.revoke', subject: `client ${client}`, detail })
  return true
}

/** Scopes of `wanted` that the caller does not hold himself: nobody gives away what he has not. */
export const beyond = (wanted: readonly Scope[], held: ReadonlySet<string>) =>
  wanted.filter((scope) => !held.has(scope))
