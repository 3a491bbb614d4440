// `edigw sftp account …`: partners who log in to us.
import { Ajv } from 'ajv'
import { UsageError, type ExitCode, type Io } from '../command.js'
import { publicKey } from '../channels/sftp/keys.js'
import { AccountRequest, endAccount, setAccount } from '../channels/sftp/manage.js'
import { findAccount, listAccounts, storedBytes } from '../store/sftp.js'
import { doWork } from '../store/work.js'
import { localWake } from '../wake.js'
import {
  actor,
  firstLine,
  options,
  readInput,
  settingsFile,
  whom,
  withTools,
  type Args,
} from './sftp-tools.js'

const isRequest = new Ajv({ allErrors: true }).compile<AccountRequest>(AccountRequest)

const keysOf = (args: Args) => Promise.all((options(args, 'key') ?? []).map(readInput))

const unknown = (name: string, io: Io): ExitCode => {
  io.stderr.write(`there is no active account ${name}\n`)
  return 1
}

export async function addAccount(args: Args, io: Io): Promise<ExitCode> {
  const [keys, password, settings] = [
    await keysOf(args),
    await firstLine(args, 'password-file'),
    await settingsFile(args),
  ]
  const request: unknown = {
    ...whom(args),
    ...(keys.length === 0 ? {} : { keys }),
    ...(password === undefined ? {} : { password }),
    ...(settings === undefined ? {} : { settings }),
  }
  if (!isRequest(request)) throw wrong()
  return withTools(io, async ({ db, connections }) => {
    const account = await doWork(db, localWake(), (work) =>
      setAccount(work, connections, args.name, request, actor()),
    )
    if (account.keys.length === 0 && account.password === undefined)
      io.stderr.write(`${args.name} has neither key nor password: nobody can log in with it yet\n`)
    const folders = account.settings.folders.map((folder) => folder.path).join(' ')
    io.stdout.write(`${args.name} may log in; its folders: ${folders}\n`)
    return 0
  })
}

const wrong = () =>
  new UsageError(
    (isRequest.errors ?? []).map((e) => `${e.instancePath} ${e.message}`.trim()).join('; '),
  )

export async function changeKeys(args: Args, io: Io): Promise<ExitCode> {
  const added = await keysOf(args)
  const removed = new Set(options(args, 'remove-key'))
  if (added.length + removed.size === 0) throw new UsageError('give --key or --remove-key')
  return withTools(io, async ({ db, connections }) => {
    const known = await findAccount(db, args.name)
    if (!known?.active) return unknown(args.name, io)
    const had = new Set(known.keys.map((line) => publicKey(line).fingerprint))
    for (const one of removed)
      if (!had.has(one)) throw new UsageError(`${args.name} has no key ${one}`)
    const keys = [
      ...known.keys.filter((line) => !removed.has(publicKey(line).fingerprint)),
      ...added,
    ]
    const account = await doWork(db, localWake(), (work) =>
      setAccount(work, connections, args.name, { keys }, actor()),
    )
    for (const line of account.keys) io.stdout.write(`${keyLine(line)}\n`)
    return 0
  })
}

const keyLine = (line: string) => {
  const { fingerprint, type, comment } = publicKey(line)
  return `  ${fingerprint}  ${type}  ${comment}`.trimEnd()
}

export const listAccountLines = (_args: Args, io: Io): Promise<ExitCode> =>
  withTools(io, async ({ db }) => {
    for (const { name, active, password, keys, settings } of await listAccounts(db)) {
      const ways = password === undefined ? '' : '  password'
      const folders = settings.folders.map((folder) => folder.path).join(' ')
      const { quotaBytes } = settings
      const room =
        quotaBytes === undefined ? '' : `  ${await storedBytes(db, name)} of ${quotaBytes} bytes`
      io.stdout.write(`${name}  ${active ? 'active' : 'ended'}${ways}  ${folders}${room}\n`)
      for (const line of keys) io.stdout.write(`${keyLine(line)}\n`)
    }
    return 0
  })

export const removeAccount = (args: Args, io: Io): Promise<ExitCode> =>
  withTools(io, async ({ db }) => {
    const ended = await doWork(db, localWake(), (work) => endAccount(work, args.name, actor()))
    return ended ? 0 : unknown(args.name, io)
  })
