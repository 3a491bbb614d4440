// A database of its own for each test file, cloned from the migrated template.
import { afterAll } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { RetryableError } from '../gateway/errors.js'
import { openDb, type Db } from '../gateway/store/db.js'
import { openTestDb } from './master-key.js'
import { TEMPLATE, databaseUrl } from './postgres-server.js'

export interface TestDatabase {
  readonly db: Db
  /** Address for other processes. */
  readonly url: string
}

const serverUrl = () => {
  const url = process.env['EDIGW_TEST_POSTGRES']
  if (url === undefined)
    throw new Error('run this through jest: its global set-up starts the server')
  return url
}

/** Makes a database and removes it after the file's last test. `empty`: without the schema. */
export async function testDatabase(options: { empty?: boolean } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`
  const admin = openDb(serverUrl(), { max: 1 })
  await admin.query(`create database ${name}${options.empty ? '' : ` template ${TEMPLATE}`}`)
  const url = databaseUrl(serverUrl(), name)
  const db = openTestDb(url, 10)
  afterAll(async () => {
    await db.close()
    await admin.query(`drop database ${name} with (force)`)
    await admin.close()
  })
  return { db, url }
}

/** Waits until `check` gives something other than undefined or false; fails with `what` after `ms`. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | false> | T | undefined | false,
  ms = 30_000,
): Promise<T> {
  const end = Date.now() + ms
  for (;;) {
    const found = await check()
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`)
    await new Promise((done) => setTimeout(done, 10))
  }
}

/** Empties tables while workers may still hold their rows: PostgreSQL may choose this side of a deadlock to fail. */
export const emptyTables = (db: Db, tables: string): Promise<true> =>
  until(`emptied ${tables}`, async () => {
    try {
      await db.query(`truncate ${tables} cascade`)
      return true
    } catch (error) {
      if (error instanceof RetryableError) return false
      throw error
    }
  })
