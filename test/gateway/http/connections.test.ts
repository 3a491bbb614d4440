import { afterAll, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { testDatabase, until as wait } from '../../postgres.js'
import { GOLDEN_856, RECEIVING } from '../documents.js'
import { startTarget } from '../odoo-target.js'
import { call, startProcess, temporaryFolder } from '../process.js'

const { url } = await testDatabase()
const target = await startTarget()
afterAll(() => target.close())

/** Two processes start one after the other. */
const until = <T>(what: string, check: () => Promise<T | false> | T | false) =>
  wait(what, check, 90_000)

interface State {
  id: string
  url: string
  state: string
  pausedReason?: string
  bound?: { uuid: string }
}

test('another database behind a connection pauses it, until a manager binds that one', async () => {
  const folder = temporaryFolder()
  const environment = {
    DATABASE_URL: url,
    EDIGW_ODOO_URL: target.url,
    EDIGW_ODOO_ENVIRONMENT: 'production',
  }
  const first = await startProcess(environment, folder)
  const { key } = first
  const connection = async (at: { url: string }) => {
    const { body } = await call(at, key, 'GET', '/v1/connections')
    return (body['items'] as State[])[0]!
  }
  await until('it is bound', async () => (await connection(first)).bound !== undefined)
  expect(await connection(first)).toMatchObject({
    id: 'odoo',
    url: target.url,
    state: 'open',
    bound: { uuid: target.database.uuid, environment: 'production' },
  })
  await call(first, key, 'PUT', `/v1/agreements/${RECEIVING.id}?state=active`, RECEIVING)
  await first.stop()

  const copy = randomUUID()
  target.database = { ...target.database, uuid: copy }
  const gateway = await startProcess(environment, folder)
  await until('it is paused', async () => (await connection(gateway)).state === 'paused')
  expect((await connection(gateway)).pausedReason).toContain(copy)
  await call(gateway, key, 'POST', '/v1/interchanges', GOLDEN_856, {
    'Content-Type': 'application/edi-x12',
  })
  const alerts = async () =>
    (await call(gateway, key, 'GET', '/v1/alerts')).body['items'] as { kind: string }[]
  expect(await alerts()).toMatchObject([{ kind: 'target-paused' }])

  const rebind = '/v1/connections/odoo/rebind'
  expect(await call(gateway, key, 'POST', rebind, {})).toMatchObject({ status: 422 })
  expect(target.messages.size).toBe(0)
  const reason = 'the database was moved'
  expect(await call(gateway, key, 'POST', rebind, { reason })).toMatchObject({ status: 200 })
  await until('the message is handed over', () => target.messages.size === 1)
  expect(await connection(gateway)).toMatchObject({ state: 'open', bound: { uuid: copy } })
  expect(await alerts()).toEqual([])
}, 300_000)
