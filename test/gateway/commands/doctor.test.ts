import { expect, jest, test } from '@jest/globals'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Diagnosis } from '../../../gateway/doctor/check.js'
import { edigw, startProcess, temporaryFolder } from '../process.js'

jest.setTimeout(180_000) // starts database servers

const doctor = async (env: Record<string, string>) => {
  const { status, stdout } = await edigw(['doctor', '--json'], { PORT: '0', ...env })
  const lines = stdout.trim().split('\n')
  const found = lines.map((line) => JSON.parse(line) as Diagnosis)
  return { status, found, of: (name: string) => found.filter((one) => one.name === name) }
}

/** A target that answers every request with one status and body, as an Odoo in that condition does. */
async function answering<T>(status: number, body: unknown, work: (url: string) => Promise<T>) {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    await new Promise((done) => server.close(done))
  }
}

const database = { uuid: 'u', url: 'http://odoo.example', environment: 'test', binding: 'bound' }
const healthy = { status: 'ok', schemaVersions: [1], database }

test('before the first start nothing fails, and looking makes nothing', async () => {
  const folder = temporaryFolder()
  const { status, found, of } = await doctor({ EDIGW_DATA: folder })
  expect(status).toBe(0)
  expect(of('database')).toMatchObject([{ state: 'ok', text: expect.stringContaining('first') }])
  expect(found.filter(({ state }) => state === 'failed')).toEqual([])
  expect(readdirSync(folder)).toEqual([])
})

test('beside a gateway that runs it says so, and what is missing to begin', async () => {
  const gateway = await startProcess()
  const port = new URL(gateway.url).port
  const { status, of } = await doctor({ EDIGW_DATA: gateway.folder, PORT: port })
  expect(status).toBe(0)
  expect(of('gateway')).toMatchObject([{ state: 'ok', text: expect.stringContaining('is ready') }])
  expect(of('database')).toMatchObject([
    { state: 'ok', text: expect.stringMatching(/^PostgreSQL \d/) },
  ])
  expect(of('agreements')).toMatchObject([{ state: 'warning' }])
  await gateway.stop()
})

test('every failure has a remedy, and no secret is told', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'master.key'), '')
  chmodSync(join(folder, 'master.key'), 0o644)
  mkdirSync(join(folder, 'agreements'))
  writeFileSync(join(folder, 'agreements', 'bad.json'), '{}')
  const { status, found, of } = await doctor({
    EDIGW_DATA: folder,
    DATABASE_URL: 'postgres://user:hidden-word@127.0.0.1:1/x',
    REDIS_URL: 'redis://:hidden-word@127.0.0.1:1',
  })
  expect(status).toBe(3)
  expect(of('key files')[0]?.remedy).toBe(`chmod 600 ${join(folder, 'master.key')}`)
  expect(of('database')).toMatchObject([{ state: 'failed' }])
  expect(of('Redis')).toMatchObject([{ state: 'warning' }])
  expect(of('agreement files')).toMatchObject([
    { state: 'failed', text: expect.stringContaining('bad.json') },
  ])
  for (const { state, remedy } of found) expect(state === 'ok' || remedy).toBeTruthy()
  expect(JSON.stringify(found)).not.toContain('hidden-word')
})

test.each([
  ['a key it does not know', 401, { error: 'unauthorized' }, 'check the key'],
  ['no addon there', 404, {}, 'installed'],
  ['no key given', 200, { status: 'ok', schemaVersions: [1] }, 'set the key'],
  [
    'a copy of the database',
    200,
    { ...healthy, database: { ...database, binding: 'binding_mismatch' } },
    'bind it in Odoo',
  ],
  [
    'a production database',
    200,
    { ...healthy, database: { ...database, environment: 'production' } },
    'EDIGW_ODOO_ENVIRONMENT',
  ],
  ['another version of the schema', 200, { ...healthy, schemaVersions: [2] }, 'the same version'],
])('an Odoo with %s', async (_what, status, body, remedy) => {
  const { of } = await answering(status, body, (url) =>
    doctor({ EDIGW_DATA: temporaryFolder(), EDIGW_ODOO_URL: url, EDIGW_ODOO_KEY: 'k' }),
  )
  expect(of('target odoo')).toMatchObject([
    { state: 'failed', remedy: expect.stringContaining(remedy) },
  ])
})

test('an Odoo that is bound and of the right kind is well', async () => {
  const { status, of } = await answering(200, healthy, (url) =>
    doctor({ EDIGW_DATA: temporaryFolder(), EDIGW_ODOO_URL: url, EDIGW_ODOO_KEY: 'k' }),
  )
  expect(of('target odoo')).toMatchObject([{ state: 'ok' }])
  expect(status).toBe(0)
})

test('a wrong setting ends the examination and is named', async () => {
  const { status, of } = await doctor({ EDIGW_DAAT: 'x' })
  expect(status).toBe(3)
  expect(of('settings')).toMatchObject([{ text: expect.stringContaining('EDIGW_DATA') }])
})
