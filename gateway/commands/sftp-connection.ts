// `edigw sftp connection …` and `edigw sftp host-keys`: servers of partners we log in to, and ours.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { UsageError, type ExitCode, type Io } from '../command.js'
import { hostKeysIn, publicPart } from '../channels/sftp/keys.js'
import { ConnectionRequest, endConnection, setConnection } from '../channels/sftp/manage.js'
import { probe } from '../channels/sftp/probe.js'
import { readConfig } from '../config.js'
import { doWork } from '../store/work.js'
import { localWake } from '../wake.js'
import { sftpReason } from './channel-remedy.js'
import {
  actor,
  firstLine,
  option,
  options,
  readInput,
  settingsFile,
  whom,
  withTools,
  type Args,
} from './sftp-tools.js'

const isRequest = new Ajv({ allErrors: true }).compile<ConnectionRequest>(ConnectionRequest)

const unknown = (name: string, io: Io): ExitCode => {
  io.stderr.write(`there is no connection ${name}\n`)
  return 1
}

/** Settings as they were, changed by a settings file, changed by options. */
async function settingsOf(args: Args, known: object | undefined): Promise<unknown> {
  const settings: Record<string, unknown> = { ...known, ...(await settingsFile(args)) }
  for (const name of ['host', 'user'] as const) {
    const value = option(args, name)
    if (value !== undefined) settings[name] = value
  }
  const port = option(args, 'port')
  if (port !== undefined) settings['port'] = Number(port)
  const hostKeys = options(args, 'host-key')
  if (hostKeys)
    settings['hostKeys'] = await Promise.all(
      hostKeys.map(async (key) => (existsSync(key) ? (await readInput(key)).trim() : key)),
    )
  for (const use of ['fetch', 'put'] as const) {
    const folder = option(args, use)
    if (folder !== undefined) settings[use] = { ...(settings[use] as object | undefined), folder }
  }
  return settings
}

async function secretsOf(args: Args) {
  const key = option(args, 'key') ?? options(args, 'key')?.[0]
  const [privateKey, password, passphrase] = [
    key === undefined ? undefined : await readInput(key),
    await firstLine(args, 'password-file'),
    await firstLine(args, 'passphrase-file'),
  ]
  const secrets = {
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(password === undefined ? {} : { password }),
    ...(passphrase === undefined ? {} : { passphrase }),
  }
  return Object.keys(secrets).length === 0 ? undefined : secrets
}

export const addConnection = (args: Args, io: Io): Promise<ExitCode> =>
  withTools(io, async ({ db, connections }) => {
    const known = await connections.state(args.name)
    const secrets = await secretsOf(args)
    const request: unknown = {
      ...whom(args),
      settings: await settingsOf(args, known?.settings),
      ...(secrets ? { secrets } : known ? {} : { makeKey: true }),
    }
    if (!isRequest(request))
      throw new UsageError(
        (isRequest.errors ?? []).map((e) => `${e.instancePath} ${e.message}`.trim()).join('; '),
      )
    const made = await doWork(db, localWake(), (work) =>
      setConnection(work, connections, args.name, request, actor()),
    )
    if (made.publicKey !== undefined) {
      io.stderr.write('the public key for the partner to let in:\n')
      io.stdout.write(`${made.publicKey}\n`)
    }
    io.stderr.write(`try it: edigw sftp connection test ${args.name}\n`)
    return 0
  })

export const listConnectionLines = (_args: Args, io: Io): Promise<ExitCode> =>
  withTools(io, async ({ connections }) => {
    for (const { id, settings, lastOkAt, lastError } of await connections.list()) {
      const { user, host, port, fetch, put } = settings
      const folders = `${fetch ? `fetches ${fetch.folder}  ` : ''}puts ${put.folder}`
      const ok = `worked ${lastOkAt?.toISOString() ?? 'never'}`
      io.stdout.write(`${id}  ${user}@${host}:${port}  ${folders}  ${ok}\n`)
      if (lastError !== undefined) io.stdout.write(`  ${lastError}\n`)
    }
    return 0
  })

export const removeConnection = (args: Args, io: Io): Promise<ExitCode> =>
  withTools(io, async ({ db, connections }) => {
    const ended = await doWork(db, localWake(), (work) =>
      endConnection(work, connections, args.name, actor()),
    )
    return ended ? 0 : unknown(args.name, io)
  })

export const testConnection = (args: Args, io: Io): Promise<ExitCode> =>
  withTools(io, async ({ connections }) => {
    const connection = await connections.find(args.name)
    if (!connection) return unknown(args.name, io)
    const { ok, text } = await probe(connection)
    io.stdout.write(`${ok ? text : sftpReason(text, args.name)}\n`)
    return ok ? 0 : 1
  })

/** No database is needed: the keys lie in the data folder. */
export const showHostKeys = async (_args: Args, io: Io): Promise<ExitCode> => {
  for (const key of await hostKeysIn(join(readConfig().data, 'sftp'))) {
    const { line, fingerprint } = publicPart(key)
    io.stdout.write(`${fingerprint}\n${line}\n`)
  }
  return 0
}
