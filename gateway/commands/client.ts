// `edigw client`: machine clients and their keys, also when nobody has a key any more.
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { UsageError, type Command, type ExitCode, type Io } from '../command.js'
import { readConfig } from '../config.js'
import {
  ClientRequestError,
  createClient,
  createKey,
  endKey,
  NewClient,
  NewKeyRequest,
  type MadeKey,
} from '../security/clients.js'
import { ALL_SCOPES, SCOPES } from '../security/scopes.js'
import type { Sealer } from '../security/sealing.js'
import { addAudit } from '../store/audit.js'
import type { Db } from '../store/db.js'
import { deactivateClient, findClient, keysOf, listClients } from '../store/machine-clients.js'
import { openStoreForCommand } from '../store/open.js'
import { doWork } from '../store/work.js'
import { localWake } from '../wake.js'
import { pairOf } from './carried-pair.js'

interface Tools {
  db: Db
  sealer: Sealer
  io: Io
}

const ajv = addFormats.default(new Ajv({ allErrors: true }))
const isClient = ajv.compile<NewClient>(NewClient)
const isKeyRequest = ajv.compile<NewKeyRequest>(NewKeyRequest)

const withTools = async (io: Io, work: (tools: Tools) => Promise<ExitCode>) => {
  const config = readConfig()
  const store = await openStoreForCommand(config, (line) => io.stderr.write(`${line}\n`))
  try {
    return await work({ db: store.db, sealer: store.sealer, io })
  } finally {
    await store.close()
  }
}

const actor = () => `cli ${userInfo().username}`

const tellKey = (io: Io, made: MadeKey) => {
  io.stderr.write(`key id ${made.kid}; what follows is shown only now\n`)
  io.stdout.write(`${made.key ?? made.secret ?? made.kid}\n`)
}

const wrong = (errors: typeof isClient.errors) =>
  new UsageError((errors ?? []).map((e) => `${e.instancePath} ${e.message}`.trim()).join('; '))

const OPTIONS = {
  name: { type: 'string' },
  scope: { type: 'string', multiple: true },
  carries: { type: 'string', multiple: true },
  environment: { type: 'string', multiple: true },
  connection: { type: 'string' },
  kind: { type: 'string' },
  'public-key': { type: 'string' },
  issuer: { type: 'string' },
  expires: { type: 'string' },
} as const
type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

const add = (id: string, values: Values, io: Io) => {
  const scopes =
    values.scope?.flatMap((s): readonly string[] => (s === 'all' ? ALL_SCOPES : [s])) ?? []
  const client: unknown = {
    id,
    name: values.name ?? id,
    scopes: [...new Set(scopes)],
    ...(values.carries === undefined ? {} : { carries: values.carries.map(pairOf) }),
    ...(values.environment === undefined ? {} : { environments: values.environment }),
    ...(values.connection === undefined ? {} : { connection: values.connection }),
  }
  if (!isClient(client)) throw wrong(isClient.errors)
  return withTools(io, async ({ db, sealer: seal }) => {
    const made = await doWork(db, localWake(), async (work) =>
      (await createClient(work, client, actor()))
        ? createKey(work, seal, id, { kind: 'api_key' }, actor())
        : undefined,
    )
    if (made === undefined) {
      io.stderr.write(`there is a client ${id} already; a further key: edigw client key ${id}\n`)
      return 1
    }
    tellKey(io, made)
    return 0
  })
}

const addKey = async (id: string, values: Values, io: Io) => {
  const file = values['public-key']
  const request: unknown = {
    kind: values.kind ?? 'api_key',
    ...(file === undefined ? {} : { publicKey: await readFile(file, 'utf8') }),
    ...(values.issuer === undefined ? {} : { issuer: values.issuer }),
    ...(values.expires === undefined ? {} : { expiresAt: values.expires }),
  }
  if (!isKeyRequest(request)) throw wrong(isKeyRequest.errors)
  return withTools(io, async ({ db, sealer: seal }) => {
    const client = await findClient(db, id)
    if (!client?.active) return unknown(io, id)
    try {
      tellKey(io, await doWork(db, localWake(), (w) => createKey(w, seal, id, request, actor())))
    } catch (error) {
      if (error instanceof ClientRequestError) throw new UsageError(`--public-key ${error.message}`)
      throw error
    }
    return 0
  })
}

const unknown = (io: Io, id: string): ExitCode => {
  io.stderr.write(`there is no active client ${id}\n`)
  return 1
}

const list = (io: Io) =>
  withTools(io, async ({ db }) => {
    for (const client of await listClients(db)) {
      const live = (await keysOf(db, client.id)).filter((k) => k.revokedAt === null)
      const used = client.lastUsedAt?.toISOString() ?? 'never'
      io.stdout.write(
        `${client.id}  ${client.active ? 'active' : 'ended '}  used ${used}  ${client.scopes.join(' ')}\n`,
      )
      for (const { kid, kind, expiresAt } of live) {
        const over = expiresAt !== null && expiresAt.getTime() <= Date.now()
        const until =
          expiresAt === null ? '' : `  ${over ? 'expired' : 'until'} ${expiresAt.toISOString()}`
        io.stdout.write(`  ${kid}  ${kind}${until}\n`)
      }
    }
    return 0
  })

const revoke = (id: string, kid: string | undefined, io: Io) =>
  withTools(io, ({ db }) =>
    doWork(db, localWake(), async (work): Promise<ExitCode> => {
      if (kid !== undefined) {
        if (await endKey(work, id, kid, actor())) return 0
        io.stderr.write(`${id} has no live key ${kid}\n`)
        return 1
      }
      if (!(await deactivateClient(work, id))) return unknown(io, id)
      await addAudit(work, { actor: actor(), action: 'client.end', subject: `client ${id}` })
      return 0
    }),
  )

export const client: Command = {
  usage: `edigw client add ID [--name TEXT] --scope S… [--carries 'SENDER>RECEIVER'…] [--environment test|production]
                        [--connection ID]      make a client; its API key goes to standard output
       edigw client key ID [--kind api_key|hs256|rs256|es256] [--public-key FILE] [--issuer TEXT] [--expires TIME]
                                               add a key; the old ones work on until they are revoked
       edigw client list                       clients and their keys that are not revoked
       edigw client revoke ID [KEY-ID]         end one key, or the client with all its keys

  --scope S       one of the list below, or all; may be given several times
  --carries PAIR  interchange ids it may hand in, as QUALIFIER:ID>QUALIFIER:ID; * stands for any
  --connection    Odoo connection whose messages it pushes

${Object.entries(SCOPES)
  .map(([scope, text]) => `  ${scope.padEnd(20)} ${text}`)
  .join('\n')}

  A running gateway notices within two seconds.`,
  run: async (args, io) => {
    const { positionals, values } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    })
    const [verb, id, kid] = positionals
    if (verb === 'list') return list(io)
    if (verb === undefined || !['add', 'key', 'revoke'].includes(verb)) {
      throw new UsageError(verb === undefined ? 'say what to do' : `there is no ${verb}`)
    }
    if (id === undefined) throw new UsageError('name a client')
    if (verb === 'add') return add(id, values, io)
    if (verb === 'key') return addKey(id, values, io)
    return revoke(id, kid, io)
  },
}
