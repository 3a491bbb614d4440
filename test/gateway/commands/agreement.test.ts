// `edigw agreement diff` before a version is activated, on messages that went through the flow.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { GatewayAgreement } from '../../../gateway/agreement.js'
import { testDatabase, until } from '../../postgres.js'
import { outgoing, RECEIVING, SENDING, SUPPLIER_IDENTITY, x12Notices } from '../documents.js'
import { configure, testFlow } from '../flow.js'
import { startTarget } from '../odoo-target.js'
import { edigw, temporaryFolder } from '../process.js'

const { db, url } = await testDatabase()
const target = await startTarget()
await configure(db, [RECEIVING, SENDING], [SUPPLIER_IDENTITY])
const flow = await testFlow({ db, targetUrl: target.url })
afterAll(async () => {
  await flow.stop()
  await target.close()
})

const folder = temporaryFolder()
const agreement = (...args: string[]) => edigw(['agreement', ...args], { DATABASE_URL: url })
/** Stores a version that is not active; gives what diff says of it. */
const compared = async (version: GatewayAgreement) => {
  const file = join(folder, 'version.json')
  await writeFile(file, JSON.stringify(version))
  expect(await agreement('draft', file)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('is draft'),
  })
  return agreement('diff', version.id)
}
const withOverride = (
  base: GatewayAgreement,
  override: NonNullable<GatewayAgreement['documents'][number]['override']>,
) => ({ ...base, documents: base.documents.map((one) => ({ ...one, override })) })

beforeAll(async () => {
  await flow.bring(x12Notices({ control: 1, shipments: ['SHP-1', 'SHP-2'] }))
  target.queue(outgoing())
  await until('all are through', async () => {
    const rows = await db.query<{ state: string }>('select state from message')
    const states = rows.map(({ state }) => state).sort()
    return states.join() === 'handed_over,handed_over,sent'
  })
})

test('a version that says the same of them changes nothing', async () => {
  expect(await compared({ ...RECEIVING, name: 'The same, renamed' })).toMatchObject({
    status: 0,
    stdout: 'example-supplier version 2, draft: 2 same, 0 different, 0 refused, 0 not comparable\n',
  })
})

test('what would be read otherwise is told by its place in the Document', async () => {
  const { status, stdout } = await compared(
    withOverride(RECEIVING, { 'HL-S/REF-CN': { drop: true } }),
  )
  expect(status).toBe(1)
  expect(stdout).toMatch(/^856 SHP-2 \(in, .*\): different\n {2}\/references\/\d.*PRO1234567/m)
  expect(stdout).toContain('0 same, 2 different')
  expect(await agreement('diff', RECEIVING.id, '1')).toMatchObject({ status: 0 })
})

test('what would be refused is told with the reason', async () => {
  const { status, stdout } = await compared({ ...RECEIVING, documents: [] })
  expect(status).toBe(1)
  expect(stdout).toMatch(/^856 SHP-1 .*: refused\n {2}The agreement has no 856/m)
  expect(stdout).toContain('2 refused')
})

test('what would be written otherwise is told segment by segment', async () => {
  const { status, stdout } = await compared(
    withOverride(SENDING, { 'HL-S/REF-CN': { drop: true } }),
  )
  expect(status).toBe(1)
  expect(stdout).toMatch(/\(out, .*\): different\n(.*\n)* {2}REF: REF\*CN\*PRO1234567.* → nothing/)
  expect(stdout).toMatch(/ {2}SE: SE\*\d+\*.* → SE\*\d+/)
})

test('without a version to compare, or a number that is none, it says so', async () => {
  expect(await agreement('diff', 'nobody')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('no version that is not active'),
  })
  expect(await agreement('diff', RECEIVING.id, '--last', 'many')).toMatchObject({ status: 2 })
})
