// What a person learns of a rejection from the API alone: which documents are affected, and why.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { join } from 'node:path'
import { startReceiver, type Receiver } from '../../../gateway/receiver.js'
import { testDatabase, until } from '../../postgres.js'
import { RECEIVING, x12Notices } from '../documents.js'
import { call, startProcess, temporaryFolder, type GatewayProcess } from '../process.js'

const { url } = await testDatabase()
let gateway: GatewayProcess
let receiver: Receiver

const get = (path: string) => call(gateway, gateway.key, 'GET', path)
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call(gateway, gateway.key, 'POST', path, body, headers)

interface Issue {
  code: string
  severity: string
  text: string
}
interface Found {
  id: string
  state: string
  error: string | null
  documentNumber: string | null
  issueCount: number
}

/** Hands text in, waits until it is translated and gives the page of the payload. */
async function hand(text: string) {
  const { body } = await post('/v1/interchanges', text, { 'Content-Type': 'application/edi-x12' })
  return until('it is translated', async () => {
    const page = (await get(`/v1/interchanges/${String(body['id'])}`)).body
    return page['state'] !== 'received' && page
  })
}
const envelopes = (page: Record<string, unknown>) =>
  page['interchanges'] as { id: string; state: string; reason: string | null; issues: Issue[] }[]
const find = async (query: string) =>
  (await get(`/v1/messages?state=rejected&${query}`)).body['items'] as Found[]
const message = async (id: string) =>
  (await get(`/v1/messages/${id}`)).body as Record<string, unknown> & {
    issues: Issue[]
    keys: { type: string; value: string }[]
  }
const codes = (issues: readonly Issue[]) => issues.map((one) => one.code)

beforeAll(async () => {
  receiver = await startReceiver({
    port: 0,
    host: '127.0.0.1',
    environment: 'production',
    log: join(temporaryFolder(), 'log.jsonl'),
  })
  gateway = await startProcess({
    DATABASE_URL: url,
    EDIGW_ODOO_URL: receiver.url,
    EDIGW_ODOO_ENVIRONMENT: 'production',
  })
  await call(gateway, gateway.key, 'PUT', `/v1/agreements/${RECEIVING.id}?state=active`, RECEIVING)
})
afterAll(() => receiver.stop())

test('a set with a wrong count is found by its order, shipment, package and bill of lading', async () => {
  await hand(x12Notices({ control: 1 }).replace('SE*41*', 'SE*77*'))
  for (const query of [
    'order=PO-4500012',
    'shipment=SHP-2025-0001',
    'sscc=000614141000001011',
    'bol=BOL556677',
    'documentNumber=SHP-2025-0001&kind=shipmentNotice',
    'control=1',
  ])
    expect([query, await find(query)]).toEqual([
      query,
      [
        expect.objectContaining({
          documentNumber: 'SHP-2025-0001',
          error: 'SE01 says 77, the set has 41 segments from ST to SE (SE01, segment 43, line 43)',
          issueCount: 1,
        }),
      ],
    ])
  const [{ id }] = (await find('control=1')) as [Found]
  const page = await message(id)
  expect(page['message']).toBeUndefined()
  expect(page['error']).toMatchObject({ owner: 'partner', text: expect.stringMatching(/^SE01/) })
})

test('a set that was read in part is found by what was read', async () => {
  await hand(
    x12Notices({ control: 2, shipments: ['SHP-PART'] })
      .replace('BSN*00*', 'BSN*QQ*')
      .replace('PRF*PO-4500012*', 'PRF**'),
  )
  const [{ id }] = (await find('shipment=SHP-PART')) as [Found]
  const { keys, issues, error } = await message(id)
  expect(keys).toContainEqual({ type: 'bol', value: 'BOL556677' })
  expect(keys.map((one) => one.type)).not.toContain('order')
  expect(codes(issues)).toEqual(expect.arrayContaining(['code-invalid', 'element-missing']))
  expect(error).toMatchObject({
    text: expect.stringMatching(/BSN01, segment 4, line 4\).*; and 1 more error/),
  })
})

test('a set that no agreement lists is found by its order too', async () => {
  await hand(
    x12Notices({ control: 3, shipments: ['SHP-RELEASE'] }).replace('*X*004010~', '*X*005010~'),
  )
  expect(await find('order=PO-4500012&shipment=SHP-RELEASE')).toMatchObject([
    { error: expect.stringContaining('The agreement has no 856 in version 005010') },
  ])
})

test('a set that is cut off is a rejected message, with all that is missing', async () => {
  const text = x12Notices({ control: 4, shipments: ['SHP-CUT'] })
  const page = await hand(text.slice(0, text.indexOf('HL*5*4*I')))
  const [{ id }] = (await find('order=PO-4500012&shipment=SHP-CUT&control=4')) as [Found]
  const { issues, error, interchange } = await message(id)
  expect(codes(issues)).toEqual([
    'transaction-trailer-missing',
    'group-trailer-missing',
    'interchange-cut-off',
  ])
  expect(error).toMatchObject({ text: expect.stringMatching(/^The SE segment is missing/) })
  expect(interchange).toMatchObject({ state: 'rejected' })
  const [envelope] = envelopes(page)
  expect(codes(envelope!.issues).sort()).toEqual(['group-trailer-missing', 'interchange-cut-off'])
  expect(envelope!.reason).toMatch(/^The input ends before the IEA segment/)
})

test('a wrong count of a group is told by its interchange, its messages and a trial of replaying', async () => {
  const page = await hand(
    x12Notices({ control: 5, shipments: ['SHP-GE-1', 'SHP-GE-2'] })
      .replace('GE*2*5', 'GE*5*5')
      .replace(/IEA\*1\*/, 'IEA*3*'),
  )
  const [envelope] = envelopes(page)
  expect(codes(envelope!.issues).sort()).toEqual([
    'group-count-mismatch',
    'transaction-count-mismatch',
  ])
  expect(envelope).toMatchObject({
    state: 'translated',
    reason: expect.stringMatching(/^2 of 2 sets rejected: GE01 says 5, the group has 2/),
  })
  for (const shipment of ['SHP-GE-1', 'SHP-GE-2']) {
    const [found] = await find(`shipment=${shipment}`)
    expect(found).toMatchObject({
      error: expect.stringMatching(
        /^GE01 says 5, the group has 2 sets \(GE01, segment \d+, line \d+\)$/,
      ),
      issueCount: 1,
    })
    expect(codes((await message(found!.id)).issues)).toEqual(['transaction-count-mismatch'])
    const trial = await post(`/v1/messages/${found!.id}/replay?dryRun=true`, {
      reason: 'to see',
    })
    expect(codes(trial.body['issues'] as Issue[])).toEqual(['transaction-count-mismatch'])
  }
})

test('other documents under a control number that came before are told as what they are', async () => {
  await hand(x12Notices({ control: 6, shipments: ['SHP-FIRST'] }))
  const page = await hand(x12Notices({ control: 6, shipments: ['SHP-SECOND'] }))
  expect(envelopes(page)).toMatchObject([
    { state: 'rejected', reason: expect.stringMatching(/^Control number 000000006 came before/) },
  ])
  const [found] = await find('shipment=SHP-SECOND')
  expect(found).toMatchObject({ error: expect.stringMatching(/^Control number 000000006/) })
  const trial = await post(`/v1/messages/${found!.id}/replay?dryRun=true`, {
    reason: 'to see',
  })
  expect(codes(trial.body['issues'] as Issue[])).toEqual(['interchange-duplicate'])
})

test('lists of interchanges count rejected sets, say why, and are asked for them', async () => {
  const one = x12Notices({ control: 7, shipments: ['SHP-7-1', 'SHP-7-2'] }).replace(
    'SE*41*0002',
    'SE*77*0002',
  )
  await hand(one)
  await hand(x12Notices({ control: 8, shipments: ['SHP-8'] }).replace('SE*41*', 'SE*77*'))
  await hand(x12Notices({ control: 9, shipments: ['SHP-9'] }))
  await hand(x12Notices({ control: 10, sender: 'EXNOBODY', shipments: ['SHP-10', 'SHP-11'] }))
  await hand(x12Notices({ control: 9, shipments: ['SHP-12'] }))
  await hand('%PDF-1.7 not an interchange')
  const list = async (query: string) =>
    (await get(`/v1/interchanges?limit=6&${query}`)).body['items'] as Record<string, unknown>[]
  const counts = { issueCount: 0, accepted: 0, rejected: 0, held: 0 }
  expect(await list('')).toMatchObject([
    {
      state: 'rejected',
      interchangeId: null,
      rejected: null,
      reason: 'This is not EDI: no ISA and no UNA or UNB begins an interchange.',
    },
    {
      state: 'rejected',
      ...counts,
      rejected: 1,
      issueCount: 1,
      reason: expect.stringMatching(/^Control number 000000009 came before/),
    },
    { state: 'unmatched', ...counts, held: 2 },
    { state: 'translated', ...counts, accepted: 1, reason: null },
    {
      state: 'translated',
      ...counts,
      rejected: 1,
      issueCount: 1,
      reason: 'SE01 says 77, the set has 41 segments from ST to SE (SE01, segment 43, line 43)',
    },
    {
      state: 'translated',
      ...counts,
      accepted: 1,
      rejected: 1,
      issueCount: 1,
      reason: expect.stringMatching(/^1 of 2 sets rejected; set 2: SE01 says 77/),
    },
  ])
  const rejected = await list('rejected=true')
  expect(rejected.map((row) => row['control']).slice(0, 4)).toEqual([null, '9', '8', '7'])
  expect((await list('rejected=false')).map((row) => row['control'])).toEqual(
    expect.arrayContaining(['9', '10']),
  )
  const { body } = await get('/v1/interchanges/control:7')
  expect(body['interchanges']).toMatchObject([{ accepted: 1, rejected: 1, held: 0 }])
})
