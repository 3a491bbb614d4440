// Brings the schema up to this version: numbered, forward only, each file and its version row in one transaction.
// Two processes that start at once take turns on the version table; a migration killed half-way leaves nothing.
import { readFile, readdir } from 'node:fs/promises'
import { PermanentError } from '../errors.js'
import type { Db } from './db.js'

const FOLDER = new URL('./migrations/', import.meta.url)

/** Number of the newest migration this version has. */
export async function newestMigration(): Promise<number> {
  return (await migrationFiles()).at(-1)?.version ?? 0
}

/** Number of the newest migration the database has; 0 for an empty one. */
export async function databaseVersion(db: Db): Promise<number> {
  const [table] = await db.query<{ there: boolean }>(
    `select to_regclass('schema_version') is not null as there`,
  )
  if (!table?.there) return 0
  const [row] = await db.query<{ version: number | null }>(
    'select max(version) as version from schema_version',
  )
  return row?.version ?? 0
}

/** Applies what is missing and gives the versions applied. PermanentError when the database is newer than this code. */
export async function migrate(db: Db): Promise<number[]> {
  await createVersionTable(db)
  const files = await migrationFiles()
  const applied: number[] = []
  for (const file of files) {
    const sql = await readFile(new URL(file.name, FOLDER), 'utf8')
    const done = await db.tx(async (tx) => {
      await tx.query('lock table schema_version in exclusive mode')
      const [row] = await tx.query<{ newest: number | null }>(
        'select max(version) as newest from schema_version',
      )
      if ((row?.newest ?? 0) >= file.version) return false
      await tx.query(sql)
      await tx.query('insert into schema_version (version, name) values ($1, $2)', [
        file.version,
        file.name,
      ])
      return true
    })
    if (done) applied.push(file.version)
  }
  const version = await databaseVersion(db)
  const newest = files.at(-1)?.version ?? 0
  if (version > newest)
    throw new PermanentError(
      `the database is at schema ${version}, this version knows ${newest}: start the newer version`,
    )
  return applied
}

/** `create table if not exists` is not safe against itself (the loser sees an error of the catalogue): one at a time. */
async function createVersionTable(db: Db): Promise<void> {
  await db.tx(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtext('schema_version'))`)
    await tx.query(`create table if not exists schema_version (
      version integer primary key, name text not null, applied_at timestamptz not null default now())`)
  })
}

async function migrationFiles(): Promise<{ version: number; name: string }[]> {
  const names = (await readdir(FOLDER)).filter((name) => /^\d{6}\.sql$/.test(name)).sort()
  return names.map((name) => ({ version: Number(name.slice(0, 6)), name }))
}
