import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startReceiver, type Arrival, type Receiver } from '../../../gateway/receiver.js'
import { testDatabase, until } from '../../postgres.js'
import {
  GOLDEN_856,
  GOLDEN_NOTICE,
  outgoing,
  RECEIVING,
  SENDING,
  x12Ack,
  x12Notices,
} from '../documents.js'
import { call, startProcess, temporaryFolder, type GatewayProcess } from '../process.js'

const { db, url } = await testDatabase()
let gateway: GatewayProcess
let receiver: Receiver
const arrivals: (Arrival & { text: string })[] = []
const X12 = { 'Content-Type': 'application/edi-x12' }

const get = (path: string) => call(gateway, gateway.key, 'GET', path)
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call(gateway, gateway.key, 'POST', path, body, headers)
const put = (path: string, body: unknown) => call(gateway, gateway.key, 'PUT', path, body)
const hand = (text: string) => post('/v1/interchanges', text, X12)
const push = (message: { id: string; revision: number }) =>
  post('/v1/messages', message, { 'Idempotency-Key': `${message.id}.${message.revision}` })

type Item = Record<string, unknown> & { id: string; state: string }
const find = async (query: string) => (await get(`/v1/messages?${query}`)).body['items'] as Item[]
const inState = (query: string, state: string) =>
  until(
    `${query} ${state}`,
    async () => (await find(query)).find((one) => one.state === state),
    30_000,
  )

beforeAll(async () => {
  receiver = await startReceiver({
    port: 0,
    host: '127.0.0.1',
    environment: 'production',
    log: join(temporaryFolder(), 'log.jsonl'),
    onArrival: (arrival, bytes) => arrivals.push({ ...arrival, text: bytes.toString('latin1') }),
  })
  gateway = await startProcess({
    DATABASE_URL: url,
    EDIGW_ODOO_URL: receiver.url,
    EDIGW_ODOO_ENVIRONMENT: 'production',
  })
  const channel = { kind: 'rest', url: `${receiver.url}/interchanges` }
  for (const agreement of [RECEIVING, { ...SENDING, channel }]) {
    expect(await put(`/v1/agreements/${agreement.id}?state=active`, agreement)).toMatchObject({
      status: 200,
      body: { version: 1, state: 'active' },
    })
  }
})
afterAll(() => receiver.stop())

test('an 856 that came in is found by every number a person knows it by', async () => {
  expect(await hand(GOLDEN_856)).toMatchObject({ status: 202 })
  const { id } = await inState('documentNumber=SHP-2025-0001', 'handed_over')
  for (const query of [
    'control=101',
    'control=000000101',
    'shipment=SHP-2025-0001',
    'order=PO-4500012',
    'sscc=000614141000001011',
    'sscc=00000614141000001011',
    'pro=PRO1234567',
    'bol=BOL556677',
    'number=PO-4500012',
    'number=101',
    `number=${id}`,
    'state=handed_over&direction=in&partner=example-supplier&kind=shipmentNotice&messageType=856',
  ]) {
    expect([query, (await find(query)).map((one) => one.id)]).toEqual([query, [id]])
  }
  for (const query of [
    'order=PO',
    'sscc=1',
    'state=dead',
    'test=true',
    'until=2020-01-01T00:00:00Z',
  ]) {
    expect([query, await find(query)]).toEqual([query, []])
  }
})

test("a message's page shows its bytes, its Document, its acknowledgement, attempts and history", async () => {
  const { id } = await inState('documentNumber=SHP-2025-0001', 'handed_over')
  const { body } = await get(`/v1/messages/${id}`)
  const set = /ST\*856[^]*SE\*41\*0001~/.exec(GOLDEN_856)![0]
  expect(body).toMatchObject({
    direction: 'in',
    partner: 'example-supplier',
    controlInterchange: '101',
    raw: { text: set, offset: GOLDEN_856.indexOf('ST*856') },
    message: { id, document: { documentNumber: 'SHP-2025-0001', body: GOLDEN_NOTICE.body } },
    issues: [],
    acks: [{ type: '997', text: expect.stringContaining('AK5*A~') }],
    attempts: [{ outcome: 'ok', status: 202, destination: 'odoo' }],
  })
  const timeline = body['timeline'] as { of: string; stage: string; state: string }[]
  const told = timeline.map(({ of, stage, state }) => `${of} ${stage} ${state}`)
  // The acknowledgement goes its own way, at its own time.
  expect(told.filter((line) => !line.includes(' transfer '))).toEqual([
    'payload receive received',
    expect.stringMatching(/translate translated$/),
    expect.stringMatching(/translate translated$/),
    'message deliver handed_over',
  ])
  expect((await get(`/v1/messages/${id}/raw`)).body['text']).toBe(set)
  expect(await get(`/v1/messages/${id}?revision=2`)).toMatchObject({ status: 404 })
})

test('an interchange is found by its control number, with its bytes and the bytes of its 997', async () => {
  const found = await get('/v1/interchanges?control=000000101&sender=EXSUPPLIER&state=translated')
  const [item] = found.body['items'] as { id: string; interchangeId: string }[]
  const page = await get(`/v1/interchanges/${item!.id}`)
  expect(page.body).toMatchObject({
    id: item!.id,
    size: GOLDEN_856.length,
    interchanges: [
      { id: item!.interchangeId, control: '101', messages: [{ state: 'handed_over' }] },
    ],
    acks: [{ type: '997' }],
  })
  for (const id of [item!.id, item!.interchangeId, 'control:101']) {
    expect((await get(`/v1/interchanges/${id}/raw`)).body['text']).toContain('IEA*1*000000101~')
    const ack = await get(`/v1/interchanges/${id}/acks/997`)
    expect(ack.headers.get('content-type')).toBe('application/edi-x12')
    expect(ack.body['text']).toMatch(/AK1\*SH\*101~\nAK2\*856\*0001~\nAK5\*A~\nAK9\*A\*1\*1\*1~/)
  }
  expect(await get('/v1/interchanges/control:101/acks/ta1')).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining('997') },
  })
  expect(await get('/v1/interchanges/control:404')).toMatchObject({ status: 404 })
})

test('one of two interchanges in a payload is fetched alone by its own id', async () => {
  const [one, two] = [
    x12Notices({ control: 201, shipments: ['SHP-A'] }),
    x12Notices({ control: 202, shipments: ['SHP-B'] }),
  ]
  await hand(one + two)
  await inState('documentNumber=SHP-B', 'handed_over')
  const found = await get('/v1/interchanges?control=202')
  const [item] = found.body['items'] as { interchangeId: string }[]
  expect((await get(`/v1/interchanges/${item!.interchangeId}/raw`)).body['text']).toBe(
    two.trimEnd(),
  )
  const [{ id }] = (await find('shipment=SHP-B')) as [Item]
  expect((await get(`/v1/messages/${id}/raw`)).body['text']).toMatch(
    /^ST\*856\*0001~\nBSN\*00\*SHP-B\*/,
  )
})

test('pages follow each other without gap or repeat, whatever comes in meanwhile', async () => {
  const shipments = Array.from({ length: 5 }, (_, n) => `SHP-PAGE-${n}`)
  await hand(x12Notices({ control: 301, shipments }))
  await inState('shipment=SHP-PAGE-4', 'handed_over')
  const seen: string[] = []
  let cursor = ''
  for (;;) {
    const { body } = await get(`/v1/messages?control=301&limit=2${cursor}`)
    seen.push(...(body['items'] as { documentNumber: string }[]).map((one) => one.documentNumber))
    if (body['next'] === undefined) break
    cursor = `&cursor=${String(body['next'])}`
    await hand(x12Notices({ control: 310 + seen.length, shipments: [`SHP-NEW-${seen.length}`] }))
  }
  expect(seen.sort()).toEqual(shipments)
  expect(await get('/v1/messages?cursor=bm9uc2Vuc2U')).toMatchObject({ status: 400 })
  expect(await get('/v1/messages?limit=0')).toMatchObject({ status: 400 })
  expect(await get('/v1/messages?nonsense=1')).toMatchObject({
    status: 400,
    body: { issues: [{ text: expect.stringContaining('nonsense') }] },
  })
})

test('a dry run shows the bytes and takes no number; sending takes the first', async () => {
  const message = outgoing()
  const dry = await post('/v1/messages?dryRun=true', message)
  expect(dry).toMatchObject({ status: 200, body: { ok: true, issues: [] } })
  expect(dry.body['text']).toContain(`BSN*00*${message.document.documentNumber}*`)
  expect(Buffer.from(String(dry.body['base64']), 'base64').toString('latin1')).toBe(
    dry.body['text'],
  )
  expect(
    await db.query('select * from control_number where scope like $1', ['%> ZZ/EXRETAIL']),
  ).toEqual([])
  expect(await find(`shipment=${message.document.documentNumber}`)).toEqual([])

  expect(await push(message)).toMatchObject({
    status: 202,
    body: { id: message.id, state: 'queued' },
  })
  await inState(`shipment=${message.document.documentNumber}`, 'transferred')
  const sent = arrivals.find((one) =>
    one.text.includes(`BSN*00*${message.document.documentNumber}*`),
  )
  expect(sent!.text).toMatch(/^ISA\*[^]*\*000000001\*0\*P\*/)
  const page = await get(`/v1/messages/${message.id}`)
  expect(page.body).toMatchObject({
    raw: { text: sent!.text },
    sendings: [{ state: 'transferred', text: sent!.text }],
  })
  expect((await get(`/v1/messages/${message.id}/raw`)).body['text']).toBe(sent!.text)
})

test('a dry run names what is missing by its place in the Message', async () => {
  const { document } = outgoing()
  const parties = [{ role: 'unheard', ids: [] }]
  const broken = outgoing({ document: { ...document, parties } })
  const dry = await post('/v1/messages?dryRun=true', broken)
  expect(dry.body).toMatchObject({ ok: false })
  const issues = dry.body['issues'] as { path: string; severity: string; text: string }[]
  expect(issues[0]).toMatchObject({ path: '/document/parties/0', severity: 'error' })
  expect(await post('/v1/messages?dryRun=true', outgoing({ partner: 'nobody' }))).toMatchObject({
    status: 200,
    body: { ok: false, issues: [{ path: '/partner', code: 'no-agreement' }] },
  })
})

test('a message is taken once: a repeat is told so, another body under its key is refused', async () => {
  const message = outgoing()
  const answers = await Promise.all(Array.from({ length: 8 }, () => push(message)))
  expect(answers.map((a) => a.status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 202])
  const other = { ...message, document: { ...message.document, documentNumber: 'SHP-OTHER' } }
  expect(await push(other)).toMatchObject({
    status: 409,
    body: { code: 'idempotency_conflict', id: message.id, state: expect.any(String) },
  })
  expect(await find('shipment=SHP-OTHER')).toEqual([])
  const key = { 'Idempotency-Key': `${message.id}.7` }
  expect(await post('/v1/messages', message, key)).toMatchObject({
    status: 422,
    body: { issues: [{ path: 'Idempotency-Key', code: 'mismatch' }] },
  })
})

test('a large message that comes again is a repeat as well', async () => {
  const notes = Array.from({ length: 6_000 }, (_, n) => ({ text: `${n} `.padEnd(60, 'x') }))
  const { document, ...rest } = outgoing()
  const message = { ...rest, document: { ...document, notes } }
  expect((await push(message)).status).toBe(202)
  expect((await push(message)).status).toBe(200)
  const other = { ...message, document: { ...message.document, notes: notes.slice(1) } }
  expect((await push(other)).status).toBe(409)
})

test('what is no Message is refused with every place that is wrong', async () => {
  const { document, ...rest } = outgoing()
  const answer = await push({
    ...rest,
    document: { ...document, surprise: 1, documentNumber: '' },
  } as never)
  expect(answer.status).toBe(422)
  const paths = (answer.body['issues'] as { path: string }[]).map((one) => one.path)
  expect(paths).toEqual(expect.arrayContaining(['/document/surprise', '/document/documentNumber']))
  expect(await push(outgoing({ direction: 'in' }))).toMatchObject({
    status: 422,
    body: { issues: [{ path: '/direction' }] },
  })
})

test('retransmit sends the same bytes, send again new numbers; each wants a reason and keeps it', async () => {
  const message = outgoing()
  await push(message)
  const number = message.document.documentNumber
  await inState(`shipment=${number}`, 'transferred')
  const sent = () => arrivals.filter((one) => one.text.includes(`BSN*00*${number}*`))
  const act = (verb: string, reason = 'the partner lost it') =>
    post(`/v1/messages/${message.id}/${verb}`, { reason })

  expect(await post(`/v1/messages/${message.id}/retransmit`, {})).toMatchObject({
    status: 422,
    body: { issues: [{ text: expect.stringContaining('reason') }] },
  })
  expect(await act('retransmit')).toMatchObject({ status: 202 })
  await until('the second transfer', () => sent().length === 2)
  expect(sent()[1]!.text).toBe(sent()[0]!.text)

  await inState(`shipment=${number}`, 'transferred')
  expect(await act('send-again')).toMatchObject({ status: 202 })
  await until('the third transfer', () => sent().length === 3)
  const isa = (text: string) => text.slice(0, 106)
  expect(isa(sent()[2]!.text)).not.toBe(isa(sent()[0]!.text))

  expect(await act('cancel')).toMatchObject({ status: 409, body: { code: 'conflict' } })
  expect(await act('replay')).toMatchObject({ status: 409 })
  const { body } = await get(`/v1/messages/${message.id}`)
  expect(JSON.stringify(body['timeline'])).toContain('retransmit: the partner lost it')
  const audits = await db.query('select detail from audit where action = $1', [
    'message.retransmit',
  ])
  expect(JSON.stringify(audits)).toContain('the partner lost it')
})

test("the partner's 997 is found on the page of the message it accepts", async () => {
  const message = outgoing()
  await push(message)
  const query = `shipment=${message.document.documentNumber}`
  const { control } = await inState(query, 'transferred')
  const group = Number(
    ((await get(`/v1/messages/${message.id}`)).body as { controlGroup: string }).controlGroup,
  )
  expect(Number(control)).toBeGreaterThan(0)
  await hand(x12Ack({ control: 900, group }))
  await inState(query, 'accepted')
})

test('a replay shows the difference first, then gives the message its next revision', async () => {
  await hand(x12Notices({ control: 401, shipments: ['SHP-REPLAY'] }))
  const { id } = await inState('shipment=SHP-REPLAY', 'handed_over')
  const newer = { ...RECEIVING, name: 'The same, renamed' }
  const without = { ...RECEIVING, documents: [{ ...RECEIVING.documents[0]!, message: '997' }] }
  for (const [n, version] of [newer, without].entries()) {
    expect(await put(`/v1/agreements/${RECEIVING.id}?state=test`, version)).toMatchObject({
      status: 200,
      body: { version: n + 2, state: 'test' },
    })
  }
  const by = { reason: 'the map was wrong', agreement: RECEIVING.id }
  const dry = (version: number) => post(`/v1/messages/${id}/replay?dryRun=true`, { ...by, version })
  expect(await dry(2)).toMatchObject({
    status: 200,
    body: { agreement: { version: 2 }, differences: [], issues: [] },
  })
  expect(await dry(3)).toMatchObject({
    status: 200,
    body: {
      differences: [{ path: '', before: { documentNumber: 'SHP-REPLAY' } }],
      issues: [{ code: 'transaction-unsupported' }],
    },
  })
  expect(await dry(9)).toMatchObject({ status: 409 })

  expect(await post(`/v1/messages/${id}/replay`, { ...by, version: 2 })).toMatchObject({
    status: 202,
  })
  await until('revision 2', async () => (await get(`/v1/messages/${id}?revision=2`)).status === 200)
  const { body } = await get(`/v1/messages/${id}`)
  expect(body).toMatchObject({
    revision: 2,
    agreementVersion: 2,
    revisions: [{ revision: 1 }, { revision: 2 }],
  })
})

test('an agreement that does not hold is refused by place, and an old version can be made active again', async () => {
  const wrong = { ...RECEIVING, standard: 'x13', documents: [{ direction: 'in', message: '856' }] }
  const answer = await put(`/v1/agreements/${RECEIVING.id}`, wrong)
  expect(answer.status).toBe(422)
  expect(answer.body['issues']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ path: '/standard' }),
      expect.objectContaining({ path: '/documents/0' }),
    ]),
  )
  expect(await put('/v1/agreements/other', RECEIVING)).toMatchObject({
    status: 422,
    body: { issues: [{ path: '/id' }] },
  })
  const unknownMap = {
    ...RECEIVING,
    documents: [{ direction: 'in', message: '999', version: '004010' }],
  }
  expect(await put(`/v1/agreements/${RECEIVING.id}`, unknownMap)).toMatchObject({
    status: 422,
    body: { issues: [{ path: '/documents/0' }] },
  })
  const move = (version: number, state: string) =>
    post(`/v1/agreements/${RECEIVING.id}/versions/${version}/state`, { state })
  expect(await move(2, 'active')).toMatchObject({ status: 200, body: { state: 'active' } })
  expect(await get(`/v1/agreements/${RECEIVING.id}?version=1`)).toMatchObject({
    body: { state: 'retired' },
  })
  expect(await move(1, 'active')).toMatchObject({
    status: 200,
    body: { version: 1, state: 'active' },
  })
  expect(await move(1, 'draft')).toMatchObject({ status: 409 })
  expect(await move(7, 'active')).toMatchObject({ status: 404 })
})

test('every request can be followed by the correlation id its sender chose', async () => {
  const answer = await post(
    '/v1/interchanges',
    x12Notices({ control: 501, shipments: ['SHP-CORR'] }),
    {
      ...X12,
      'X-Correlation-Id': 'my-own-id',
    },
  )
  expect(answer.headers.get('x-correlation-id')).toBe('my-own-id')
  await inState('correlationId=my-own-id', 'handed_over')
  expect(gateway.log.some((line) => line['correlation_id'] === 'my-own-id')).toBe(true)
  const log = readFileSync(join(gateway.folder, 'admin.key'), 'utf8').trim()
  expect(JSON.stringify(gateway.log).includes(log)).toBe(false)
})
