// jest global set-up of the tests that need a database: one embedded server per run, with a migrated template.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDb } from '../gateway/store/db.js'
import { startEmbedded } from '../gateway/store/embedded.js'
import { migrate } from '../gateway/store/migrate.js'

export const TEMPLATE = 'edigw_template'

/** The same server under another database name. */
export const databaseUrl = (url: string, database: string) => {
  const at = new URL(url)
  at.pathname = `/${database}`
  return at.href
}

let stop: (() => Promise<void>) | undefined

/** Starts the server and names it to the test files by EDIGW_TEST_POSTGRES. */
export default async function setUp(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'edigw-test-'))
  chmodSync(folder, 0o711)
  const server = await startEmbedded({ folder })
  stop = async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await makeTemplate(server.url)
  } catch (error) {
    await stop()
    throw error
  }
  process.env['EDIGW_TEST_POSTGRES'] = server.url
}

async function makeTemplate(url: string): Promise<void> {
  const admin = openDb(url, { max: 1 })
  await admin.query(`create database ${TEMPLATE}`)
  await admin.close()
  const template = openDb(databaseUrl(url, TEMPLATE), { max: 1 })
  await migrate(template)
  await template.close()
}

/** Ends what `setUp` started. */
export async function tearDown(): Promise<void> {
  await stop?.()
}
