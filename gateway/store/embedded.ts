// Starts, supervises and stops the embedded PostgreSQL of a data folder: a real server on a random loopback port, with
// fsync on, that survives kill -9 of the gateway, of itself, and of both.
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, openSync, closeSync, readFileSync } from 'node:fs'
import { chown, open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { EnvironmentError } from '../environment-error.js'
import { openDataFolder, preparePlace, type Place } from './embedded-place.js'
import { isAlive, lockFolder } from './folder-lock.js'

const USER = 'edigw'
const DATABASE = 'edigw'
const ATTEMPTS = 10
/** First wait between attempts to start; doubles up to MAX_WAIT_MS. */
const WAIT_MS = 100
const MAX_WAIT_MS = 3_000
const STOP_MS = 30_000
const LOG_BYTES = 10 * 1024 * 1024
const REMEDY =
  'see postgres.log in the data folder, or set DATABASE_URL to a PostgreSQL 14 or later of your own'

export interface EmbeddedOptions {
  /** The gateway's data folder; made when missing. */
  folder: string
  /** Gets one readable line for what a person should know (moved, orphan stopped, restarted). */
  say?: (line: string) => void
  /** Called once when the server ended while in use and could not be started again. */
  onLost?: (error: EnvironmentError) => void
  /** Ends a start that is under way: nothing is left running, the error is the signal's. */
  signal?: AbortSignal | undefined
}

export interface EmbeddedPostgres {
  /** Connection URL with password; stays the same while this object lives, also over a restart of the server. */
  readonly url: string
  /** Process id of the postmaster. */
  readonly pid: number
  /** Fast shutdown, waits for the end and releases the data folder. May be called twice. */
  stop(): Promise<void>
}

/** Nothing of our own environment (secrets, PG* variables) reaches the server. */
const SERVER_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

const as = (place: Place) => place.identity ?? {}

const urlOf = (password: string, port: number, database: string) =>
  `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`

const spawnError = (place: Place, program: string, cause: Error) =>
  new EnvironmentError(
    `${join(place.bin, program)} cannot be run: ${cause.message}`,
    'on a system without glibc (Alpine) or with a noexec file system set DATABASE_URL to a PostgreSQL of your own',
    cause,
  )

const initialise = async (place: Place, signal?: AbortSignal) => {
  const draft = join(place.home, 'cluster.new') // an initdb that was killed leaves no half cluster behind
  await rm(draft, { recursive: true, force: true })
  const password = randomBytes(24).toString('base64url')
  await writeFile(place.passwordFile, password, { mode: 0o600 })
  const handed = join(place.home, 'initdb.password')
  await rm(handed, { force: true })
  await writeFile(handed, password, { mode: 0o600, flag: 'wx' }) // never through a link the server's user has put there
  if (place.identity) await chown(handed, place.identity.uid, place.identity.gid)
  try {
    await new Promise<void>((done, fail) => {
      const child = spawn(
        join(place.bin, 'initdb'),
        [
          `--pgdata=${draft}`,
          `--username=${USER}`,
          `--pwfile=${handed}`,
          '--auth=scram-sha-256',
          '--encoding=UTF8',
          '--locale=C',
          '--locale-provider=builtin',
          '--builtin-locale=C.UTF-8',
        ],
        {
          ...as(place),
          ...(signal === undefined ? {} : { signal }),
          cwd: place.home,
          env: SERVER_ENV,
          stdio: ['ignore', 'ignore', 'pipe'],
        },
      )
      let told = ''
      child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
      child.on('error', (error) =>
        fail(signal?.aborted === true ? error : spawnError(place, 'initdb', error)),
      )
      child.on('close', (code, signal) => {
        if (code === 0) return done()
        fail(
          new EnvironmentError(
            `the database could not be made in ${place.home} (initdb ${signal ?? code}): ${told.trim()}`,
            REMEDY,
          ),
        )
      })
    })
    await rename(draft, place.cluster)
  } finally {
    await rm(handed, { force: true })
  }
}

const freePort = () =>
  new Promise<number>((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })

/** Process id and port of the server that claims the cluster; undefined when none does or it is dead. */
const runningServer = async (cluster: string) => {
  let text
  try {
    text = await readFile(join(cluster, 'postmaster.pid'), 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const [pid = 0, , , port = 0] = text.split('\n').map(Number)
  if (!(pid > 0) || !isAlive(pid)) return undefined
  return { pid, port, ours: isServerOf(cluster, pid) }
}

/** A reused process id (containers count from 1 again) is not our server; without /proc the file is believed. */
const isServerOf = (cluster: string, pid: number) => {
  if (process.platform !== 'linux') return true
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(cluster)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

const clearOrphan = async (cluster: string, say: (line: string) => void) => {
  const found = await runningServer(cluster)
  if (found === undefined) return
  if (!found.ours) {
    // Only then: after kill -9 of the server alone the file still guards the cluster against its last children.
    await rm(join(cluster, 'postmaster.pid'), { force: true })
    return
  }
  say(`embedded PostgreSQL: stopping process ${found.pid}, left by a gateway that was killed`)
  await stopServer(found.pid)
}

const ended = async (pid: number, within: number) => {
  const end = performance.now() + within
  while (isAlive(pid)) {
    if (performance.now() > end) return false
    await delay(20)
  }
  return true
}

/** Fast shutdown, then immediate (recovery at the next start). */
const stopServer = async (pid: number) => {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return
      throw error
    }
    if (await ended(pid, STOP_MS)) return
  }
}

const lastLines = async (file: string, from: number) => {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const start = Math.max(from, size - 2_000)
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2_000), 0, 2_000, start)
    return buffer.toString('utf8', 0, bytesRead).trim()
  } finally {
    await handle.close()
  }
}

/** One attempt: resolves with the child once it takes connections, rejects with its last words. */
const launch = async (
  place: Place,
  port: number,
  password: string,
  signal?: AbortSignal,
): Promise<ChildProcess> => {
  const { logFile } = place
  if (existsSync(logFile) && (await stat(logFile)).size > LOG_BYTES) {
    await rename(logFile, `${logFile}.1`)
  }
  const logFrom = existsSync(logFile) ? (await stat(logFile)).size : 0
  // A file, not a pipe: the server outlives a killed gateway and must not lose its standard error.
  const log = openSync(logFile, 'a', 0o600)
  let child: ChildProcess
  try {
    child = spawn(
      join(place.bin, 'postgres'),
      [
        ...['-D', place.cluster, '-p', String(port)],
        ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
        ...['-c', 'max_connections=100', '-c', 'log_min_messages=warning'],
      ],
      // A session of its own: Ctrl-C in the terminal is for the gateway, which drains first.
      {
        ...as(place),
        cwd: place.home,
        env: SERVER_ENV,
        stdio: ['ignore', log, log],
        detached: true,
      },
    )
  } finally {
    closeSync(log)
  }
  let gone: Error | undefined
  child.once('error', (error) => (gone = spawnError(place, 'postgres', error)))
  child.once('exit', (code, signal) => (gone ??= new Error(`server ended with ${signal ?? code}`)))
  for (;;) {
    if (signal?.aborted === true) {
      if (child.pid !== undefined && gone === undefined) await stopServer(child.pid)
      signal.throwIfAborted()
    }
    const client = new pg.Client({ connectionString: urlOf(password, port, 'postgres') })
    client.on('error', () => undefined) // the server may end while we ask; `gone` tells
    try {
      await client.connect()
      const { rows } = await client.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM pg_database WHERE datname = $1',
        [DATABASE],
      )
      if (rows[0]?.n === 0) await client.query(`CREATE DATABASE ${DATABASE}`)
      await client.end()
      return child
    } catch (error) {
      await client.end()
      if (gone instanceof EnvironmentError) throw gone
      if (gone) throw new Error(`${gone.message}: ${await lastLines(logFile, logFrom)}`)
      if ((error as pg.DatabaseError).code === '28P01') {
        child.kill('SIGINT')
        throw new EnvironmentError(
          `the password in ${place.passwordFile} is not the database's`,
          'put the file back that was made with the database',
        )
      }
      await delay(25)
    }
  }
}

const startWithRetry = async (
  place: Place,
  port: number | undefined,
  password: string,
  signal?: AbortSignal,
) => {
  let last: unknown
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0)
      await delay(Math.min(WAIT_MS * 2 ** (attempt - 1), MAX_WAIT_MS), undefined, { signal })
    const chosen = port ?? (await freePort())
    try {
      return { child: await launch(place, chosen, password, signal), port: chosen }
    } catch (error) {
      if (error instanceof EnvironmentError || signal?.aborted === true) throw error
      last = error // right after a kill -9 the old server's shared memory may still be in use
    }
  }
  throw new EnvironmentError(
    `the embedded PostgreSQL in ${place.home} does not start: ${(last as Error).message}`,
    REMEDY,
    last,
  )
}

const checkVersion = async (place: Place) => {
  const made = (await readFile(join(place.cluster, 'PG_VERSION'), 'utf8')).trim()
  if (made === place.major) return
  throw new EnvironmentError(
    `the database in ${place.cluster} is of PostgreSQL ${made}, the package brings ${place.major}`,
    'install the version of the gateway that made it, or set DATABASE_URL to a server of your own',
  )
}

const readPassword = async (file: string) => {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (cause) {
    throw new EnvironmentError(
      `the database's password file cannot be read: ${(cause as Error).message}`,
      'put the file back that was made with the database',
      cause,
    )
  }
}

/**
 * Starts the server of a data folder, makes its cluster first where there is none, stops an orphan that a killed gateway
 * left, and starts it again whenever it dies. Takes the folder's lock. Throws EnvironmentError.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = await openDataFolder(resolve(options.folder))
  const say = options.say ?? (() => undefined)
  const { signal } = options
  const lock = await lockFolder(folder, signal)
  try {
    const place = await preparePlace(folder, say)
    await clearOrphan(place.cluster, say)
    if (existsSync(place.cluster)) await checkVersion(place)
    else await initialise(place, signal)
    const password = await readPassword(place.passwordFile)
    const first = await startWithRetry(place, undefined, password, signal)
    let { child } = first
    let stopping = false
    let stopped: Promise<void> | undefined

    const supervise = () => {
      child.once('exit', (code, signal) => {
        if (stopping) return
        say(`embedded PostgreSQL ended (${signal ?? code}); starting it again`)
        restarting = startWithRetry(place, first.port, password).then(
          (again) => {
            child = again.child
            supervise()
          },
          (error: unknown) => {
            options.onLost?.(error as EnvironmentError)
          },
        )
      })
    }
    let restarting = Promise.resolve()
    supervise()

    return {
      url: urlOf(password, first.port, DATABASE),
      get pid() {
        return child.pid ?? 0
      },
      stop: () =>
        (stopped ??= (async () => {
          stopping = true
          await restarting
          if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
            await stopServer(child.pid)
          }
          await lock.release()
        })()),
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** URL of the server that a running gateway keeps for this data folder; undefined when none runs. */
export async function runningEmbedded(dataFolder: string): Promise<string | undefined> {
  if (!existsSync(join(dataFolder, 'postgres.password'))) return undefined
  const place = await preparePlace(await realpath(dataFolder), () => undefined)
  const server = await runningServer(place.cluster)
  if (!server?.ours) return undefined
  return urlOf(await readPassword(place.passwordFile), server.port, DATABASE)
}
