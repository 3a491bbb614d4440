// The store as a process gets it: a server named by DATABASE_URL, or the embedded one of the data folder.
import type { Config } from '../config.js'
import { EnvironmentError } from '../environment-error.js'
import { describeError, PermanentError } from '../errors.js'
import type { Journal } from '../stage-log.js'
import type { Fault } from '../fault.js'
import type { Sealer } from '../security/sealing.js'
import { openDb, type Db } from './db.js'
import { openDataFolder } from './embedded-place.js'
import { runningEmbedded, startEmbedded } from './embedded.js'
import { encryptPlain } from './encrypt-plain.js'
import { lockFolder } from './folder-lock.js'
import { unlock, type MasterKeys } from './master-key.js'
import { databaseVersion, migrate, newestMigration } from './migrate.js'

export interface Store {
  db: Db
  /** For secrets in rows. */
  sealer: Sealer
  /** Closes the pool, ends an embedded server that was started here and releases the data folder. */
  close(): Promise<void>
}

export interface StoreOptions {
  say: (line: string) => void
  /** The embedded server died and could not be started again. */
  onLost: (error: EnvironmentError) => void
  onIdleError?: (error: Error) => void
  journal?: Journal
  /** Ends a start that is under way. */
  signal?: AbortSignal | undefined
  fault?: Fault
}

type Settings = Pick<Config, 'databaseUrl' | 'databasePool'> & MasterKeys

const connected = async (
  url: string,
  settings: Settings,
  options: Partial<StoreOptions>,
  end: () => Promise<void>,
  prepare: (db: Db) => Promise<unknown>,
): Promise<Store> => {
  const { onIdleError, journal, fault } = options
  const db = openDb(url, {
    max: settings.databasePool,
    prepare: settings.databaseUrl === undefined,
    ...(onIdleError === undefined ? {} : { onIdleError }),
    ...(journal === undefined ? {} : { journal }),
  })
  const close = async () => {
    await db.close()
    await end()
  }
  let sealer: Sealer
  try {
    await prepare(db)
    sealer = await unlock(db, settings)
    await encryptPlain(db, fault)
  } catch (error) {
    await close()
    if (error instanceof EnvironmentError) throw error
    if (error instanceof PermanentError) {
      throw new EnvironmentError(
        error.message,
        'start the version that is as new as the database',
        error,
      )
    }
    throw new EnvironmentError(
      `the database cannot be used: ${describeError(error)}`,
      settings.databaseUrl === undefined
        ? 'see postgres.log in the data folder'
        : 'check DATABASE_URL: server, user, password, and that the user may create tables',
      error,
    )
  }
  return { db, sealer, close }
}

/** For the gateway itself: takes the data folder for this process alone and brings the schema up to date. */
export async function openStore(settings: Settings, options: StoreOptions): Promise<Store> {
  const { databaseUrl } = settings
  if (databaseUrl === undefined) {
    const server = await startEmbedded({ folder: settings.data, ...options })
    return connected(server.url, settings, options, () => server.stop(), migrate)
  }
  const lock = await lockFolder(await openDataFolder(settings.data), options.signal)
  return connected(databaseUrl, settings, options, () => lock.release(), migrate)
}

/** For a command: uses the database of a gateway that runs, or starts the embedded server for as long as it takes. */
export async function openStoreForCommand(
  settings: Settings,
  say: (line: string) => void,
): Promise<Store> {
  const url = settings.databaseUrl ?? (await runningEmbedded(settings.data))
  if (url === undefined) return openStore(settings, { say, onLost: () => undefined })
  return connected(url, settings, {}, () => Promise.resolve(), sameVersion)
}

const sameVersion = async (db: Db) => {
  const [has, wants] = [await databaseVersion(db), await newestMigration()]
  if (has === wants) return
  if (has === 0) return void (await migrate(db))
  throw new EnvironmentError(
    `the database is at schema ${has}, this command knows ${wants}`,
    'use the command of the version that runs, or restart the gateway with this one',
  )
}
