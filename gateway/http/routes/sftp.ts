// SFTP partners: accounts with which they log in to us, and connections to their servers. Secrets go in, never out.
import { Type, type Static } from '@sinclair/typebox'
import { object, words } from '../../../edi-maps/canonical/values.js'
import { publicKey } from '../../channels/sftp/keys.js'
import {
  AccountRequest,
  ConnectionRequest,
  SetupError,
  endAccount,
  endConnection,
  setAccount,
  setConnection,
} from '../../channels/sftp/manage.js'
import { probe } from '../../channels/sftp/probe.js'
import { AccountSettings, ConnectionSettings } from '../../channels/sftp/settings.js'
import { addAudit } from '../../store/audit.js'
import type { Db, Queryable } from '../../store/db.js'
import { findAccount, listAccounts, storedBytes, type SftpAccount } from '../../store/sftp.js'
import type { ConnectionState, SftpConnections } from '../../store/sftp-connections.js'
import { doWork, type Work } from '../../store/work.js'
import type { Wake } from '../../wake.js'
import { Problem } from '../problem.js'
import { route, type Route } from '../route.js'

export interface SftpRoutesOptions {
  readonly db: Db
  readonly wake: Wake
  readonly connections: SftpConnections
  /** What partners pin. */
  readonly hostKeys: () => Promise<{ line: string; fingerprint: string }[]>
}

const Id = object({ id: Type.String() })
const Account = object({
  id: Type.String(),
  active: Type.Boolean(),
  password: Type.Boolean({ description: 'Whether it may log in by password.' }),
  keys: Type.Array(
    object({ fingerprint: Type.String(), type: Type.String(), comment: Type.String() }),
  ),
  settings: AccountSettings,
  usedBytes: Type.Integer({
    description:
      'Of its quota, without uploads in progress: files in folders of use `in` and `out`.',
  }),
})
const Connection = object({
  id: Type.String(),
  active: Type.Boolean(),
  settings: ConnectionSettings,
  secrets: Type.Array(words(['password', 'privateKey', 'passphrase'] as const)),
  publicKey: Type.Optional(Type.String({ description: 'Of ours; the partner lets it in.' })),
  failures: Type.Integer({ description: 'In a row.' }),
  nextPollAt: Type.String(),
  lastOkAt: Type.Optional(Type.String()),
  lastError: Type.Optional(Type.String()),
})

const told = async (
  db: Queryable,
  { name, active, password, keys, settings }: SftpAccount,
): Promise<Static<typeof Account>> => ({
  id: name,
  active,
  password: password !== undefined,
  keys: keys.map((line) => {
    const { fingerprint, type, comment } = publicKey(line)
    return { fingerprint, type, comment }
  }),
  settings,
  usedBytes: await storedBytes(db, name),
})

const unknown = (what: string, id: string) =>
  new Problem(404, 'not_found', `there is no SFTP ${what} ${id}`)

const asInvalid = (error: unknown): never => {
  if (!(error instanceof SetupError)) throw error
  throw new Problem(422, 'invalid', error.message, {
    members: { issues: [{ path: error.path, text: error.message }] },
  })
}

export function sftpRoutes({ db, wake, connections, hostKeys }: SftpRoutesOptions): Route[] {
  const scope = 'channels:manage' as const
  const change = <T>(inner: (work: Work) => Promise<T>) => doWork(db, wake, inner).catch(asInvalid)
  const connection = async (id: string): Promise<ConnectionState> => {
    const found = await connections.state(id)
    if (found === undefined) throw unknown('connection', id)
    return found
  }
  return [
    route({
      method: 'get',
      path: '/v1/sftp/host-keys',
      summary: 'The host keys of our SFTP server, for partners to pin',
      scope,
      answers: {
        200: {
          text: 'Public keys.',
          schema: object({
            items: Type.Array(object({ line: Type.String(), fingerprint: Type.String() })),
          }),
        },
      },
      handle: async () => ({ status: 200, body: { items: await hostKeys() } }),
    }),
    route({
      method: 'get',
      path: '/v1/sftp/accounts',
      summary: 'All SFTP accounts',
      scope,
      answers: { 200: { text: 'Accounts.', schema: object({ items: Type.Array(Account) }) } },
      handle: async () => {
        const accounts = await listAccounts(db)
        return {
          status: 200,
          body: { items: await Promise.all(accounts.map((account) => told(db, account))) },
        }
      },
    }),
    route({
      method: 'get',
      path: '/v1/sftp/accounts/{id}',
      summary: 'An SFTP account',
      scope,
      params: Id,
      answers: {
        200: { text: 'The account.', schema: Account },
        404: { text: 'No such account.' },
      },
      handle: async ({ path }) => {
        const account = await findAccount(db, path.id)
        if (account === undefined) throw unknown('account', path.id)
        return { status: 200, body: await told(db, account) }
      },
    }),
    route({
      method: 'put',
      path: '/v1/sftp/accounts/{id}',
      summary: 'Make an SFTP account, or change what is given of one',
      scope,
      params: Id,
      body: AccountRequest,
      answers: { 200: { text: 'The account.', schema: Account } },
      handle: async ({ path, body, caller }) => {
        const account = await change((work) =>
          setAccount(work, connections, path.id, body, caller.client),
        )
        return { status: 200, body: await told(db, account) }
      },
    }),
    route({
      method: 'delete',
      path: '/v1/sftp/accounts/{id}',
      summary: 'End an SFTP account: nobody logs in with it any more',
      scope,
      params: Id,
      answers: { 204: { text: 'Ended.' }, 404: { text: 'No such active account.' } },
      handle: async ({ path, caller }) => {
        if (!(await change((work) => endAccount(work, path.id, caller.client))))
          throw unknown('account', path.id)
        return { status: 204 }
      },
    }),
    route({
      method: 'get',
      path: '/v1/sftp/connections',
      summary: 'All connections to SFTP servers of partners',
      scope,
      answers: { 200: { text: 'Connections.', schema: object({ items: Type.Array(Connection) }) } },
      handle: async () => ({ status: 200, body: { items: await connections.list() } }),
    }),
    route({
      method: 'get',
      path: '/v1/sftp/connections/{id}',
      summary: 'A connection to an SFTP server, without its secrets',
      scope,
      params: Id,
      answers: {
        200: { text: 'The connection.', schema: Connection },
        404: { text: 'No such connection.' },
      },
      handle: async ({ path }) => ({ status: 200, body: await connection(path.id) }),
    }),
    route({
      method: 'put',
      path: '/v1/sftp/connections/{id}',
      summary: 'Make a connection to an SFTP server, or change what is given of one',
      scope,
      params: Id,
      body: ConnectionRequest,
      answers: { 200: { text: 'The connection.', schema: Connection } },
      handle: async ({ path, body, caller }) => ({
        status: 200,
        body: await change((work) =>
          setConnection(work, connections, path.id, body, caller.client),
        ),
      }),
    }),
    route({
      method: 'delete',
      path: '/v1/sftp/connections/{id}',
      summary: 'End a connection to an SFTP server',
      scope,
      params: Id,
      answers: { 204: { text: 'Ended.' }, 404: { text: 'No such connection.' } },
      handle: async ({ path, caller }) => {
        if (!(await change((work) => endConnection(work, connections, path.id, caller.client))))
          throw unknown('connection', path.id)
        return { status: 204 }
      },
    }),
    route({
      method: 'post',
      path: '/v1/sftp/connections/{id}/poll',
      summary: 'Poll a server now',
      scope,
      params: Id,
      answers: { 202: { text: 'It is next.' }, 404: { text: 'No such connection.' } },
      handle: async ({ path, caller }) => {
        await connection(path.id)
        await change(async (work) => {
          await connections.hasten(work, path.id)
          const subject = `sftp connection ${path.id}`
          await addAudit(work, { actor: caller.client, action: 'sftp-connection.poll', subject })
        })
        return { status: 202 }
      },
    }),
    route({
      method: 'post',
      path: '/v1/sftp/connections/{id}/test',
      summary: 'Log in to a server and look into its folders; nothing is changed there',
      scope,
      params: Id,
      answers: {
        200: {
          text: 'What was found.',
          schema: object({
            ok: Type.Boolean(),
            kind: Type.Optional(Type.String()),
            text: Type.String(),
          }),
        },
        404: { text: 'No such active connection.' },
      },
      handle: async ({ path }) => {
        const found = await connections.find(path.id)
        if (found === undefined) throw unknown('connection', path.id)
        return { status: 200, body: await probe(found) }
      },
    }),
  ]
}
