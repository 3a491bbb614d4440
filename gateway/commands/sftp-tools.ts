// What the verbs of `edigw sftp` share: the store with its secrets, and what options and files say.
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { SetupError } from '../channels/sftp/manage.js'
import { UsageError, type ExitCode, type Io } from '../command.js'
import { readConfig, type Config } from '../config.js'
import { EnvironmentError } from '../environment-error.js'
import type { Db } from '../store/db.js'
import { openStoreForCommand } from '../store/open.js'
import { sftpConnections, type SftpConnections } from '../store/sftp-connections.js'
import { pairOf } from './carried-pair.js'

/** Name behind the verb (`''` where there is none), and options. */
export interface Args {
  readonly name: string
  readonly values: Readonly<Record<string, string | readonly string[] | undefined>>
}

export interface Tools {
  readonly db: Db
  readonly connections: SftpConnections
  readonly config: Config
}

/** Opens the store for `work`. What the request lacks is a usage error. */
export async function withTools(
  io: Io,
  work: (tools: Tools) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = readConfig()
  const store = await openStoreForCommand(config, (line) => io.stderr.write(`${line}\n`))
  const { db, sealer } = store
  try {
    return await work({ db, connections: sftpConnections(db, sealer), config })
  } catch (error) {
    if (error instanceof SetupError) throw new UsageError(`${error.path} ${error.message}`.trim())
    throw error
  } finally {
    await store.close()
  }
}

export const actor = () => `cli ${userInfo().username}`

/** Value of an option that is given at most once. */
export function option({ values }: Args, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

export function options({ values }: Args, name: string): readonly string[] | undefined {
  const value = values[name]
  return typeof value === 'string' ? [value] : value
}

export async function readInput(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new EnvironmentError(
      `${file} cannot be read: ${(cause as Error).message}`,
      'give the path of a file',
      cause,
    )
  }
}

/** First line of the file an option names, e.g. a password. */
export async function firstLine(args: Args, name: string): Promise<string | undefined> {
  const file = option(args, name)
  return file === undefined ? undefined : (await readInput(file)).split(/\r?\n/)[0]
}

/** The object in the file `--settings` names. */
export async function settingsFile(args: Args): Promise<Record<string, unknown> | undefined> {
  const file = option(args, 'settings')
  if (file === undefined) return undefined
  let value: unknown
  try {
    value = JSON.parse(await readInput(file))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new UsageError(`${file} is no JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`${file} is no object`)
  return { ...value }
}

/** What the options say of whom the interchanges come from. */
export function whom(args: Args) {
  const [name, agreement] = [option(args, 'name'), option(args, 'agreement')]
  const carries = options(args, 'carries')?.map(pairOf)
  const environments = options(args, 'environment')?.map((word) => {
    if (word === 'test' || word === 'production') return word
    throw new UsageError(`--environment is test or production, not ${word}`)
  })
  if (carries && agreement !== undefined)
    throw new UsageError('--agreement and --carries are two ways to say the same; one is enough')
  return {
    ...(name === undefined ? {} : { name }),
    ...(agreement === undefined ? {} : { agreement }),
    ...(carries === undefined ? {} : { carries }),
    ...(environments === undefined ? {} : { environments }),
  }
}
