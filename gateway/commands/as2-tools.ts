// What the verbs of `edigw as2` share: the store with its secrets, files and times from the command line.
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { Malformed } from '../channels/as2/failure.js'
import { type Certificate, readCertificate } from '../channels/as2/keys/certificate.js'
import { UsageError, type ExitCode, type Io } from '../command.js'
import { type Config, readConfig } from '../config.js'
import { EnvironmentError } from '../environment-error.js'
import { as2Partners, type As2Partners, type Window } from '../store/as2-partners.js'
import type { Db } from '../store/db.js'
import { openStoreForCommand } from '../store/open.js'

/** Words behind the verb, and options. */
export interface Args {
  readonly words: readonly string[]
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
}

export interface Tools {
  readonly db: Db
  readonly partners: As2Partners
  readonly config: Config
  readonly io: Io
}

export async function withTools(
  io: Io,
  work: (tools: Tools) => Promise<ExitCode>,
): Promise<ExitCode> {
  const config = readConfig()
  const store = await openStoreForCommand(config, (line) => io.stderr.write(`${line}\n`))
  try {
    return await work({ db: store.db, partners: as2Partners(store.sealer), config, io })
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

export async function readInput(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (cause) {
    throw new EnvironmentError(
      `${file} cannot be read: ${(cause as Error).message}`,
      'give the path of a file',
      cause,
    )
  }
}

export async function readCertificateFile(file: string): Promise<Certificate> {
  const bytes = await readInput(file)
  try {
    const certificate = readCertificate(bytes)
    if (certificate.keyBits < 2048)
      throw new UsageError(`${file}: a key of ${certificate.keyBits} bits is too weak`)
    return certificate
  } catch (error) {
    if (error instanceof Malformed) throw new UsageError(`${file}: ${error.message}`)
    throw error
  }
}

/** `--from`, `--until` and `--use`. */
export function windowOf(args: Args): Window {
  const use = option(args, 'use')
  if (use !== undefined && use !== 'signature' && use !== 'encryption')
    throw new UsageError(`--use is signature or encryption, not ${use}`)
  const from = timeOf(args, 'from')
  const until = timeOf(args, 'until')
  return {
    ...(use === undefined ? {} : { use }),
    ...(from === undefined ? {} : { validFrom: from }),
    ...(until === undefined ? {} : { validUntil: until }),
  }
}

export function timeOf(args: Args, name: string): Date | undefined {
  const text = option(args, name)
  if (text === undefined) return undefined
  const time = new Date(text)
  if (!/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) || isNaN(time.getTime()))
    throw new UsageError(`--${name} ${text} is no date (2027-01-31) or time (2027-01-31T12:00:00Z)`)
  return time
}

/** As people compare it: pairs of hex digits. */
export const shown = (fingerprint: string): string =>
  fingerprint.toUpperCase().replace(/..(?=.)/g, '$&:')

export const plainFingerprint = (text: string): string => text.replaceAll(':', '').toLowerCase()

export const day = (time: Date): string => time.toISOString().slice(0, 10)
