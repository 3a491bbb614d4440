import { afterAll, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openDb } from '../../../gateway/store/db.js'
import { databaseVersion, migrate, newestMigration } from '../../../gateway/store/migrate.js'
import { testDatabase, until } from '../../postgres.js'

const empty = await testDatabase({ empty: true })
const raced = await testDatabase({ empty: true })
const killed = await testDatabase({ empty: true })
const newer = await testDatabase({ empty: true })
const openDbs = Array.from({ length: 12 }, () => openDb(raced.url, { max: 2 }))
afterAll(() => Promise.all(openDbs.map((db) => db.close())))

test('an empty database gets the whole schema, and a second start changes nothing', async () => {
  expect(await databaseVersion(empty.db)).toBe(0)
  const applied = await migrate(empty.db)
  expect(applied.at(-1)).toBe(await newestMigration())
  expect(await databaseVersion(empty.db)).toBe(await newestMigration())
  expect(await migrate(empty.db)).toEqual([])
})

test('a dozen processes that start at once apply each migration once', async () => {
  await Promise.all(openDbs.map((db) => db.query('select 1')))
  const applied = await Promise.all(openDbs.map((db) => migrate(db)))
  expect(applied.flat().sort()).toEqual((await migrationsOf(raced.db)).sort())
})

test('a migration whose process is killed half-way leaves nothing behind and runs at the next start', async () => {
  await migrateAndDie(killed.url)
  expect(await databaseVersion(killed.db)).toBe(0)
  await migrate(killed.db)
  expect(await databaseVersion(killed.db)).toBe(await newestMigration())
})

test('a database of a newer version is refused in words', async () => {
  await migrate(newer.db)
  await newer.db.query(`insert into schema_version (version, name) values (999999, 'later')`)
  await expect(migrate(newer.db)).rejects.toThrow('start the newer version')
})

const migrationsOf = async (db: typeof raced.db) =>
  (await db.query<{ version: number }>('select version from schema_version')).map((r) => r.version)

/** Runs the first statements of a migration in another process and kills it before the commit. */
async function migrateAndDie(url: string): Promise<void> {
  const program = `
    import pg from 'pg'
    import { readFileSync } from 'node:fs'
    const client = new pg.Client(${JSON.stringify(url)})
    await client.connect()
    await client.query('begin')
    await client.query(readFileSync(${JSON.stringify(new URL('../../../gateway/store/migrations/000001.sql', import.meta.url).pathname)}, 'utf8'))
    process.stdout.write('in it')
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  await until('the server noticed', async () => {
    const rows = await killed.db.query(
      `select 1 from pg_stat_activity where datname = current_database() and state = 'idle in transaction'`,
    )
    return rows.length === 0
  })
}
