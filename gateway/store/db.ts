// The one way to PostgreSQL: a pool, single statements and transactions. No session state anywhere: a transaction
// keeps its client to itself and leaves nothing behind, so a pooler in transaction mode may stand in between.
import pg from 'pg'
import { RetryableError, describeError } from '../errors.js'
import type { Journal } from '../stage-log.js'
import type { Sealer } from '../security/sealing.js'
import { dataKeys, type DataKey, type DataKeys } from './data-keys.js'

/** What a column or parameter can be. `bigint` columns come as numbers, `timestamptz` as Date, `bytea` as Buffer. */
export type Value = string | number | boolean | null | Date | Uint8Array | readonly Value[]

/** Runs one statement with bound parameters and gives its rows. */
export interface Queryable {
  query<Row>(sql: string, values?: readonly Value[]): Promise<Row[]>
  /** Keys of the payloads in it. */
  readonly keys: DataKeys
}

/** An open transaction. */
export interface Tx extends Queryable {
  /** Runs `work` in a savepoint: when it throws, only its own changes are undone and the error is thrown on. */
  savepoint<T>(work: () => Promise<T>): Promise<T>
  /** Called once the transaction is committed, never when it is not. Must not throw. */
  afterCommit(call: () => void): void
  /** Told of history rows once they are committed. */
  readonly journal: Journal
  /** Data keys this transaction has locked, by partner. */
  readonly heldKeys: Map<string, DataKey>
}

export interface Db extends Queryable {
  /**
   * One transaction at READ COMMITTED. Serialization failures and deadlocks run `work` again (up to 5 times), so it
   * must change nothing but the database. A lost connection is a RetryableError: the outcome of a commit is then
   * unknown and is looked up by key before acting again.
   */
  tx<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Gives it the master key; before that there are no `keys`. */
  unlock(sealer: Sealer): void
  close(): Promise<void>
}

export interface DbOptions {
  /** Connections at most (default 10). */
  max?: number
  /** A statement that takes longer is given up and its connection thrown away (default 60 000 ms). */
  statementMs?: number
  /** An idle connection broke; told so that it can be counted. */
  onIdleError?: (error: Error) => void
  /** Told of history rows once they are committed. */
  journal?: Journal
  /** Keeps statements that come again prepared on their connection: not behind a pooler in transaction mode. */
  prepare?: boolean
}

/** Statements prepared at most; those with many rows have a text for each number of them. */
const MAX_PREPARED = 400

const AGAIN = new Set(['40001', '40P01'])
const ATTEMPTS = 5
const INT8 = 20

/** PostgreSQL's SQLSTATE of an error, when it came from the server. */
export function sqlState(error: unknown): string | undefined {
  const at = error instanceof RetryableError ? error.cause : error
  return at instanceof pg.DatabaseError ? at.code : undefined
}

/** Connects to `url` (postgresql://…); nothing is sent before the first query. */
export function openDb(url: string, options: DbOptions = {}): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    query_timeout: options.statementMs ?? 60_000,
    connectionTimeoutMillis: 10_000,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format ?? 'text'),
    },
  })
  let closing = false
  pool.on('error', (error) => {
    // Those that are being closed may outlive the server by a moment.
    if (!closing) options.onIdleError?.(error)
  })
  // A connection that breaks while it is lent out says so here too; its statement fails and that is what counts.
  pool.on('connect', (client) => client.on('error', () => undefined))

  const connect = async () => {
    try {
      return await pool.connect()
    } catch (cause) {
      throw new RetryableError(`no connection to the database: ${describeError(cause)}`, { cause })
    }
  }

  let unlocked: DataKeys | undefined
  const keys = () => {
    if (unlocked === undefined) throw new Error('the store was opened without its master key')
    return unlocked
  }

  const nameOf = options.prepare === true ? statementNames() : () => undefined

  const attempt = async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    const client = await connect()
    const committed: (() => void)[] = []
    const heldKeys = new Map<string, DataKey>()
    let broken: Error | undefined
    try {
      const run = runner(client, nameOf)
      const tx: Tx = {
        query: run,
        get keys() {
          return keys()
        },
        heldKeys,
        savepoint: async (inner) => {
          const mark = committed.length
          const held = new Set(heldKeys.keys())
          await run('savepoint s')
          try {
            const result = await inner()
            await run('release savepoint s')
            return result
          } catch (error) {
            committed.length = mark
            for (const partner of heldKeys.keys()) if (!held.has(partner)) heldKeys.delete(partner)
            await run('rollback to savepoint s')
            await run('release savepoint s')
            throw error
          }
        },
        afterCommit: (call) => committed.push(call),
        journal: options.journal ?? (() => undefined),
      }
      await run('begin')
      const result = await work(tx)
      await run('commit')
      for (const call of committed) call()
      return result
    } catch (error) {
      broken = connectionLost(error) ? (error as Error) : await rollback(client)
      throw error
    } finally {
      client.release(broken)
    }
  }

  const query: Queryable['query'] = async (sql, values) => {
    const client = await connect()
    let broken: Error | undefined
    try {
      return await runner(client, nameOf)(sql, values)
    } catch (error) {
      if (connectionLost(error)) broken = error as Error
      throw error
    } finally {
      client.release(broken)
    }
  }

  return {
    query,
    get keys() {
      return keys()
    },
    unlock: (sealer) => {
      unlocked = dataKeys({ query }, sealer)
    },
    tx: async (work) => {
      for (let n = 1; ; n++) {
        try {
          return await attempt(work)
        } catch (error) {
          if (n === ATTEMPTS || !AGAIN.has(sqlState(error) ?? '')) throw error
        }
      }
    },
    close: () => {
      closing = true
      return pool.end()
    },
  }
}

/** A failed transaction that cannot even be rolled back has no usable connection left. */
async function rollback(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback')
    return undefined
  } catch (error) {
    return error as Error
  }
}

const lost = new WeakSet<Error>()
const connectionLost = (error: unknown) => error instanceof Error && lost.has(error)

type NameOf = (sql: string) => string | undefined

/** Names statements from their second use on: parsing and planning costs more than most of them. */
function statementNames(): NameOf {
  const names = new Map<string, string | undefined>()
  let named = 0
  return (sql) => {
    const name = names.get(sql)
    if (name !== undefined) return name
    if (names.has(sql)) names.set(sql, `s${++named}`)
    else if (names.size < MAX_PREPARED) names.set(sql, undefined)
    return names.get(sql)
  }
}

/** Errors the server did not send (broken socket, time-out) and its own shutdown lose the connection. */
function runner(client: pg.PoolClient, nameOf: NameOf): Queryable['query'] {
  return async <Row>(sql: string, values: readonly Value[] = []) => {
    try {
      const name = values.length > 0 ? nameOf(sql) : undefined
      const result = await client.query<Row & pg.QueryResultRow>({
        ...(name === undefined ? {} : { name }),
        text: sql,
        values: values as unknown[],
      })
      return result.rows
    } catch (cause) {
      if (cause instanceof pg.DatabaseError && !/^(57P|08)/.test(cause.code ?? '')) {
        if (!AGAIN.has(cause.code ?? '') && !/^(53|58)/.test(cause.code ?? '')) throw cause
        throw new RetryableError(cause.message, { cause })
      }
      const error = new RetryableError(
        `the database connection was lost: ${describeError(cause)}`,
        {
          cause,
        },
      )
      lost.add(error)
      throw error
    }
  }
}
