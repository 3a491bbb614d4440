import { expect, jest, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { until } from '../postgres.js'
import { call, edigw, startProcess, temporaryFolder } from './process.js'

jest.setTimeout(180_000) // each test starts a database server or two

const EDI = readFileSync('test/golden/x12/856/pick-and-pack/in.edi')
const X12 = { 'Content-Type': 'application/edi-x12' }

test('the first start needs no settings: it says where it listens and where the first key lies', async () => {
  const gateway = await startProcess()
  const said = gateway.said.join('\n')
  expect(said).toContain(`listens on ${gateway.url}`)
  const file = join(gateway.folder, 'admin.key')
  expect(said).toContain(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(gateway.folder, 'master.key')).mode & 0o777).toBe(0o600)
  expect(await call(gateway, '', 'GET', '/livez')).toMatchObject({ status: 200 })
  expect(await call(gateway, '', 'GET', '/readyz')).toMatchObject({
    status: 200,
    body: { status: 'ready' },
  })
  expect(await call(gateway, gateway.key, 'GET', '/v1/clients')).toMatchObject({ status: 200 })
  expect(await gateway.stop()).toBe(0)
})

test('after kill -9 a restart knows what was answered, and the first key is still the same', async () => {
  const folder = temporaryFolder()
  const first = await startProcess({}, folder)
  const taken = await call(first, first.key, 'POST', '/v1/interchanges', EDI, X12)
  expect(taken.status).toBe(202)
  await first.kill()

  const second = await startProcess({}, folder)
  expect(second.key).toBe(first.key)
  expect(JSON.stringify(second.log)).toContain('left by a gateway that was killed')
  const again = await call(second, second.key, 'POST', '/v1/interchanges', EDI, X12)
  expect(again).toMatchObject({ status: 200, body: { id: taken.body['id'], state: 'duplicate' } })
  await second.stop()
})

test('when the database is killed, intake says 503 or waits, and goes on once it is back', async () => {
  const gateway = await startProcess()
  const postmaster = () =>
    Number(
      readFileSync(join(gateway.folder, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0],
    )
  process.kill(postmaster(), 'SIGKILL')
  const headers = { ...X12, 'Idempotency-Key': 'through-the-crash' }
  const states: number[] = []
  for (;;) {
    const { status, headers: got } = await call(
      gateway,
      gateway.key,
      'POST',
      '/v1/interchanges',
      EDI,
      headers,
    )
    states.push(status)
    if (status < 300) break
    expect([status, got.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)])
  }
  const stacks = gateway.log.filter((line) => JSON.stringify(line).includes('stack'))
  expect(stacks).toEqual([])
  expect(await call(gateway, gateway.key, 'POST', '/v1/interchanges', EDI, headers)).toMatchObject({
    status: 200,
  })
  await gateway.stop()
})

test('SIGTERM lets an open upload end and be stored', async () => {
  const folder = temporaryFolder()
  const gateway = await startProcess({}, folder)
  const upload = request(`${gateway.url}/v1/interchanges`, {
    method: 'POST',
    headers: { ...X12, Authorization: `Bearer ${gateway.key}`, 'Content-Length': EDI.length },
  })
  upload.write(EDI.subarray(0, 100))
  await call(gateway, gateway.key, 'GET', '/v1/clients') // by now the upload has been let in
  gateway.child.kill('SIGTERM')
  while (!gateway.log.some((line) => line['msg'] === 'stopping')) {
    await call(gateway, '', 'GET', '/livez').catch(() => undefined)
  }
  upload.end(EDI.subarray(100))
  const [response] = (await once(upload, 'response')) as [{ statusCode: number; resume(): void }]
  response.resume()
  expect(response.statusCode).toBe(202)
  expect(await gateway.ended()).toBe(0)

  const second = await startProcess({}, folder)
  expect(await call(second, second.key, 'POST', '/v1/interchanges', EDI, X12)).toMatchObject({
    status: 200,
  })
  await second.stop()
})

test('what is wrong with the surroundings is exit code 3 with a remedy', async () => {
  const gateway = await startProcess()
  const env = { EDIGW_DATA: temporaryFolder() }
  const port = new URL(gateway.url).port
  const results = await Promise.all([
    edigw(['serve'], { ...env, PORT: port }),
    edigw(['serve'], { EDIGW_DATA: gateway.folder }),
    edigw(['serve'], { ...env, EDIGW_ODO_URL: 'http://x' }),
    edigw(['serve'], {
      EDIGW_DATA: temporaryFolder(),
      DATABASE_URL: 'postgres://nobody:hush@127.0.0.1:9/none',
    }),
  ])
  expect(results.map((r) => r.status)).toEqual([3, 3, 3, 3])
  for (const { stderr } of results) expect(stderr).toMatch(/\n {2}→ \S/)
  expect(results[0].stderr).toContain('PORT')
  expect(results[1].stderr).toContain(`process ${gateway.child.pid}`)
  expect(results[2].stderr).toContain('EDIGW_ODOO_URL')
  expect(results[3].stderr).toContain('DATABASE_URL')
  expect(results[3].stderr).not.toContain('hush')
})

test('a data folder that is a file is exit code 3, and doctor says so', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const { status, stderr } = await edigw(['serve'], { EDIGW_DATA: file, PORT: '0' })
  expect([status, stderr]).toEqual([
    3,
    expect.stringMatching(/data folder .*cannot be written[^]*\n {2}→ .*EDIGW_DATA/),
  ])
  const doctor = await edigw(['doctor'], { EDIGW_DATA: file })
  expect(doctor.status).toBe(3)
  expect(doctor.stdout).toContain(`${file} is a file, not a folder`)
  expect(doctor.stderr).toBe('')
})

test('SIGTERM during the start ends it, and leaves no database behind', async () => {
  const folder = temporaryFolder()
  const child = spawn(process.execPath, ['dist/gateway/cli.js', 'serve'], {
    env: { PATH: process.env['PATH'], EDIGW_DATA: folder, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let told = ''
  child.stdout.on('data', (chunk: Buffer) => (told += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
  await until('it has begun', () => existsSync(join(folder, 'gateway.lock')))
  child.kill('SIGTERM')
  const [code] = (await once(child, 'close')) as [number | null]
  expect(code).toBe(0)
  expect(told).toContain('stopped before it was ready')
  expect(existsSync(join(folder, 'gateway.lock'))).toBe(false)
  const again = await startProcess({}, folder)
  await again.stop()
})

test('another master key than the one that sealed the secrets is refused at the start', async () => {
  const folder = temporaryFolder()
  await (await startProcess({}, folder)).stop()
  const other = { EDIGW_MASTER_KEY: Buffer.alloc(32, 7).toString('base64') }
  await expect(startProcess(other, folder)).rejects.toThrow(/exit 3: .*another master key/s)
})

test('without Redis the gateway works, and says that it is slower', async () => {
  const gateway = await startProcess({ REDIS_URL: 'redis://127.0.0.1:9' })
  expect(await call(gateway, '', 'GET', '/readyz')).toMatchObject({
    status: 200,
    body: {
      status: 'degraded',
      checks: expect.arrayContaining([
        { name: 'wake-ups', state: 'degraded', text: expect.stringContaining('Redis') },
      ]),
    },
  })
  await gateway.stop()
})
