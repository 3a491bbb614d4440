// Machine clients: who may call, with which keys. A key or secret is shown once, when it is made.
import { Type } from '@sinclair/typebox'
import { object } from '../../../edi-maps/canonical/values.js'
import type { Authenticator } from '../../security/authenticate.js'
import {
  beyond,
  ClientRequestError,
  createClient,
  createKey,
  endKey,
  NewClient,
  NewKeyRequest,
} from '../../security/clients.js'
import { ALL_SCOPES } from '../../security/scopes.js'
import type { Sealer } from '../../security/sealing.js'
import { addAudit } from '../../store/audit.js'
import type { Db } from '../../store/db.js'
import {
  anotherHolds,
  deactivateClient,
  findClient,
  keysOf,
  listClients,
  type ClientRow,
  type KeyRow,
} from '../../store/machine-clients.js'
import { doWork, type Work } from '../../store/work.js'
import type { Wake } from '../../wake.js'
import { Problem } from '../problem.js'
import { route, type Route } from '../route.js'

export interface ClientRoutesOptions {
  db: Db
  wake: Wake
  sealer: Sealer
  authenticator: Pick<Authenticator, 'forget'>
}

const Params = object({ id: Type.String() })
const nullable = (type: 'string') => Type.Unsafe<string | null>({ type: [type, 'null'] })

const Key = object({
  kid: Type.String(),
  kind: Type.String(),
  issuer: nullable('string'),
  createdAt: Type.String(),
  expiresAt: nullable('string'),
  revokedAt: nullable('string'),
  lastUsedAt: nullable('string'),
})
const Client = object({
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  mayCarry: Type.Boolean({ description: 'Whether it may hand in interchanges at all.' }),
  connection: nullable('string'),
  active: Type.Boolean(),
  createdAt: Type.String(),
  lastUsedAt: nullable('string'),
})
const ClientWithKeys = object({ ...Client.properties, keys: Type.Array(Key) })
const Shown = object({
  kid: Type.String(),
  key: Type.Optional(Type.String({ description: 'API key; shown only now.' })),
  secret: Type.Optional(Type.String({ description: 'HS256 secret; shown only now.' })),
})

const told = (row: ClientRow) => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes,
  mayCarry: row.identity !== null,
  connection: row.connection,
  active: row.active,
  createdAt: row.createdAt,
  lastUsedAt: row.lastUsedAt,
})
const toldKey = ({ kid, kind, issuer, createdAt, expiresAt, revokedAt, lastUsedAt }: KeyRow) => ({
  kid,
  kind,
  issuer,
  createdAt,
  expiresAt,
  revokedAt,
  lastUsedAt,
})

const unknown = (id: string) => new Problem(404, 'not_found', `there is no client ${id}`)

const asInvalid = (error: unknown): never => {
  if (!(error instanceof ClientRequestError)) throw error
  throw new Problem(422, 'invalid', error.message, {
    members: { issues: [{ path: error.path, text: error.message }] },
  })
}

/** Somebody must be left who can make clients, or nobody ever can again. */
const keepOneManager = async (work: Work, client: ClientRow) => {
  if (!client.scopes.includes('clients:manage')) return
  if (await anotherHolds(work, 'clients:manage', client.id)) return
  throw new Problem(409, 'conflict', `${client.id} is the last client that may manage clients`)
}

export function clientRoutes({ db, wake, sealer, authenticator }: ClientRoutesOptions): Route[] {
  const scope = 'clients:manage' as const
  /** A change by API is in force at once in this process, within two seconds in others. */
  const change = async <T>(inner: (work: Work) => Promise<T>) => {
    try {
      return await doWork(db, wake, inner)
    } catch (error) {
      return asInvalid(error)
    } finally {
      authenticator.forget()
    }
  }
  return [
    route({
      method: 'get',
      path: '/v1/clients',
      summary: 'All machine clients',
      scope,
      answers: { 200: { text: 'Clients.', schema: object({ items: Type.Array(Client) }) } },
      handle: async () => ({
        status: 200,
        body: { items: (await listClients(db)).map(told) },
      }),
    }),
    route({
      method: 'post',
      path: '/v1/clients',
      summary: 'Make a machine client with its first API key',
      scope,
      body: NewClient,
      answers: {
        201: {
          text: 'The client; its key is shown only now.',
          schema: object({ ...Client.properties, ...Shown.properties }),
        },
        409: { text: 'The id is taken.' },
      },
      handle: async ({ body, caller }) => {
        const tooMuch = beyond(body.scopes, caller.scopes)
        if (tooMuch.length > 0) {
          throw new Problem(403, 'forbidden', `you have not got ${tooMuch.join(', ')} to give`)
        }
        const made = await change(async (work) => {
          if (!(await createClient(work, body, caller.client))) {
            throw new Problem(409, 'conflict', `there is a client ${body.id} already`)
          }
          const key = await createKey(work, sealer, body.id, { kind: 'api_key' }, caller.client)
          return { key, client: await findClient(work, body.id) }
        })
        return {
          status: 201,
          body: { ...told(made.client!), ...made.key },
          headers: { Location: `/v1/clients/${body.id}` },
        }
      },
    }),
    route({
      method: 'get',
      path: '/v1/clients/{id}',
      summary: 'A machine client and its keys, without their secrets',
      scope,
      params: Params,
      answers: {
        200: { text: 'The client.', schema: ClientWithKeys },
        404: { text: 'No such client.' },
      },
      handle: async ({ path }) => {
        const client = await findClient(db, path.id)
        if (client === undefined) throw unknown(path.id)
        const keys = (await keysOf(db, path.id)).map(toldKey)
        return { status: 200, body: { ...told(client), keys } }
      },
    }),
    route({
      method: 'delete',
      path: '/v1/clients/{id}',
      summary: 'End a machine client and all its keys and tokens',
      scope,
      params: Params,
      answers: {
        204: { text: 'Ended.' },
        404: { text: 'No such active client.' },
        409: { text: 'It is the last one that may manage clients.' },
      },
      handle: async ({ path, caller }) => {
        await change(async (work) => {
          const client = await findClient(work, path.id)
          if (client === undefined) throw unknown(path.id)
          await keepOneManager(work, client)
          if (!(await deactivateClient(work, path.id))) throw unknown(path.id)
          const subject = `client ${path.id}`
          await addAudit(work, { actor: caller.client, action: 'client.end', subject })
        })
        return { status: 204 }
      },
    }),
    route({
      method: 'post',
      path: '/v1/clients/{id}/keys',
      summary:
        'Add a key: the old one works on until it is revoked, so that keys can be replaced without a gap',
      scope,
      params: Params,
      body: NewKeyRequest,
      answers: {
        201: { text: 'The key; its secret is shown only now.', schema: Shown },
        404: { text: 'No such client.' },
      },
      handle: async ({ path, body, caller }) => {
        const made = await change(async (work) => {
          const client = await findClient(work, path.id)
          if (!client?.active) throw unknown(path.id)
          const held = ALL_SCOPES.filter((s) => client.scopes.includes(s))
          if (beyond(held, caller.scopes).length > 0) {
            throw new Problem(403, 'forbidden', `${path.id} may do more than you`)
          }
          return createKey(work, sealer, path.id, body, caller.client)
        })
        return { status: 201, body: made }
      },
    }),
    route({
      method: 'delete',
      path: '/v1/clients/{id}/keys/{kid}',
      summary: 'Revoke one key and the tokens given for it',
      scope,
      params: object({ id: Type.String(), kid: Type.String() }),
      answers: {
        204: { text: 'Revoked.' },
        404: { text: 'No such live key.' },
        409: { text: 'It is the last key of the last manager.' },
      },
      handle: async ({ path, caller }) => {
        await change(async (work) => {
          const client = await findClient(work, path.id)
          if (client === undefined) throw unknown(path.id)
          const live = (await keysOf(work, path.id)).filter((k) => k.revokedAt === null)
          if (live.length === 1 && live[0]?.kid === path.kid) await keepOneManager(work, client)
          if (!(await endKey(work, path.id, path.kid, caller.client))) {
            throw new Problem(404, 'not_found', `${path.id} has no live key ${path.kid}`)
          }
        })
        return { status: 204 }
      },
    }),
  ]
}
