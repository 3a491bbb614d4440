import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { startReceiver, type Receiver } from '../../../gateway/receiver.js'
import { testDatabase, until } from '../../postgres.js'
import { RECEIVING, x12Notices } from '../documents.js'
import { call, edigw, startProcess, temporaryFolder, type GatewayProcess } from '../process.js'

const { db, url } = await testDatabase()
let gateway: GatewayProcess
let receiver: Receiver
/** Interchanges that reached the partner, as text. */
const sent: string[] = []

interface Alert {
  id: number
  kind: string
  text: string
  count: number
  link?: string
  remedy: string
  closedBy: string | null
}

const get = (path: string) => call(gateway, gateway.key, 'GET', path)
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  call(gateway, gateway.key, 'POST', path, body, headers)
const hand = async (text: string) =>
  String(
    (await post('/v1/interchanges', text, { 'Content-Type': 'application/edi-x12' })).body['id'],
  )
const because = { reason: 'the agreement is there now' }
const alerts = async (query = '') => (await get(`/v1/alerts${query}`)).body['items'] as Alert[]
const stateOf = async (id: string) => {
  const { body } = await get(`/v1/interchanges/${id}`)
  return (body['interchanges'] as { state: string }[])[0]?.state
}
const agree = async (id: string, sender: string, to = `${receiver.url}/interchanges`) => {
  const partner = { interchange: { qualifier: 'ZZ', id: sender } }
  const channel = { kind: 'rest', url: to }
  const agreement = { ...RECEIVING, id, partner, channel }
  const { status } = await call(
    gateway,
    gateway.key,
    'PUT',
    `/v1/agreements/${id}?state=active`,
    agreement,
  )
  expect(status).toBe(200)
}

beforeAll(async () => {
  receiver = await startReceiver({
    port: 0,
    host: '127.0.0.1',
    environment: 'production',
    log: join(temporaryFolder(), 'log.jsonl'),
    onArrival: ({ what }, bytes) => {
      if (what === 'interchange') sent.push(bytes.toString('latin1'))
    },
  })
  gateway = await startProcess({
    DATABASE_URL: url,
    EDIGW_ODOO_URL: receiver.url,
    EDIGW_ODOO_ENVIRONMENT: 'production',
  })
})
afterAll(() => receiver.stop())

test('interchanges without an agreement are one alert; with one they go on by themselves and it closes', async () => {
  const [one, two] = [
    await hand(x12Notices({ control: 1, sender: 'EXNEW', shipments: ['SHP-NEW-1'] })),
    await hand(x12Notices({ control: 2, sender: 'EXNEW', shipments: ['SHP-NEW-2'] })),
  ]
  const [alert] = await until('both are told of', async () => {
    const open = await alerts('?kind=interchange-unmatched')
    return open[0]?.count === 2 && open
  })
  expect(alert!.text).toContain('there is no agreement for interchanges from EXNEW to EXRETAIL')
  expect((await get('/metrics')).body['text']).toMatch(
    /gateway_interchanges_waiting\{state="unmatched"\} 2[^]*gateway_alerts_open\{kind="interchange-unmatched"\} 1/,
  )

  await agree('example-new', 'EXNEW')
  for (const id of [one, two])
    await until('it is translated', async () => (await stateOf(id)) === 'translated')
  expect(await alerts()).toEqual([])
  expect(await alerts('?state=closed')).toMatchObject([{ id: alert!.id, closedBy: 'admin' }])
  await until('both are handed over', async () => {
    const { body } = await get('/v1/messages?state=handed_over&partner=example-new')
    return (body['items'] as unknown[]).length === 2
  })
  expect(await post(`/v1/interchanges/${one}/replay`, {})).toMatchObject({ status: 422 })
})

test('a dry run tells what a replay of an interchange would give, and changes nothing', async () => {
  const id = await hand(x12Notices({ control: 30, sender: 'EXDRY', shipments: ['SHP-DRY'] }))
  await until('it waits', async () => (await stateOf(id)) === 'unmatched')
  const dry = async (body: object) =>
    (await post(`/v1/interchanges/${id}/replay?dryRun=true`, { ...because, ...body })).body
  expect(await dry({})).toMatchObject({
    state: 'unmatched',
    reason: expect.stringContaining('EXDRY'),
    setCount: 1,
  })
  const partner = { interchange: { qualifier: 'ZZ', id: 'EXDRY' } }
  const draft = { ...RECEIVING, id: 'example-dry', partner }
  await call(gateway, gateway.key, 'PUT', '/v1/agreements/example-dry', draft)
  expect(await dry({ agreement: 'example-dry' })).toMatchObject({
    state: 'translated',
    agreement: { id: 'example-dry', version: 1 },
    sets: [{ position: 1, type: '856', documentNumber: 'SHP-DRY', rejected: false, issues: [] }],
  })
  expect(await stateOf(id)).toBe('unmatched')
  await agree('example-dry', 'EXDRY')
  await until('it goes on', async () => (await stateOf(id)) === 'translated')
})

test('who looks for an order finds the interchange it waits in, and why, until it has messages', async () => {
  const payload = await hand(
    x12Notices({ control: 40, sender: 'EXLOST', shipments: ['SHP-LOST-1', 'SHP-LOST-2'] }),
  )
  await until('it waits', async () => (await stateOf(payload)) === 'unmatched')
  const [alert] = await alerts('?kind=interchange-unmatched')
  expect(alert!.text).toMatch(/It is about shipment SHP-LOST-1, order \S+, .*shipment SHP-LOST-2/)

  const { body } = await get(`/v1/interchanges/${payload}`)
  const [interchange] = body['interchanges'] as { id: string; waiting: unknown[] }[]
  const shipment = (value: string) =>
    expect.arrayContaining([
      { type: 'shipment', value },
      expect.objectContaining({ type: 'order' }),
    ])
  expect(interchange!.waiting).toMatchObject([
    { position: 1, messageType: '856', numbers: shipment('SHP-LOST-1') },
    { position: 2, messageType: '856', numbers: shipment('SHP-LOST-2') },
  ])

  const waits = {
    interchangeId: interchange!.id,
    state: 'unmatched',
    reason: 'there is no agreement for interchanges from EXLOST to EXRETAIL',
    messageType: '856',
  }
  for (const query of ['number=SHP-LOST-2', 'shipment=SHP-LOST-2'])
    expect((await get(`/v1/messages?${query}`)).body).toMatchObject({ items: [], waiting: [waits] })
  for (const query of ['order=SHP-LOST-2', 'number=SHP-LOST', 'state=held'])
    expect((await get(`/v1/messages?${query}`)).body).not.toHaveProperty('waiting')
  const found = async () =>
    (await get('/v1/interchanges?number=SHP-LOST-2')).body['items'] as { state: string }[]
  expect(await found()).toMatchObject([{ interchangeId: interchange!.id, state: 'unmatched' }])

  await agree('example-lost', 'EXLOST')
  await until('it has messages', async () => {
    const { body } = await get('/v1/messages?shipment=SHP-LOST-2')
    return (body['items'] as unknown[]).length === 1 && !('waiting' in body)
  })
  expect(await found()).toMatchObject([{ interchangeId: interchange!.id, state: 'translated' }])
})

test('what still has no agreement is told anew after its replay', async () => {
  const id = await hand(x12Notices({ control: 3, sender: 'EXNOBODY' }))
  const unmatched = () => alerts('?kind=interchange-unmatched')
  const [first] = await until('it is told', async () => {
    const open = await unmatched()
    return open.length === 1 && open
  })
  await post(`/v1/interchanges/${id}/replay`, because)
  await until('a new alert', async () => {
    const open = await unmatched()
    return open.length === 1 && open[0]!.id !== first!.id
  })
})

test('an alert is closed by a person who says why, once; when it happens again it is open again', async () => {
  const id = await hand('%PDF-1.7 not an interchange')
  const rejected = async () => (await alerts('?kind=payload-rejected'))[0]
  const alert = await until('it is told', rejected)
  const close = `/v1/alerts/${alert.id}/close`
  expect(await post(close, {})).toMatchObject({ status: 422 })
  expect(await post(close, { reason: 'they were told' })).toMatchObject({
    status: 200,
    body: { id: alert.id, closedBy: 'admin' },
  })
  expect(await post(close, because)).toMatchObject({ status: 409 })
  expect(await post('/v1/alerts/999999/close', because)).toMatchObject({ status: 404 })
  expect(await rejected()).toBeUndefined()
  const [audit] = await db.query<{ detail: string }>(
    `select detail from audit where action = 'alert.close'`,
  )
  expect(audit!.detail).toContain('they were told')

  expect(await post(`/v1/interchanges/${id}/replay`, because)).toMatchObject({ status: 202 })
  expect(await until('it is told anew', rejected)).not.toMatchObject({ id: alert.id })
})

test('the way of a payload through the gateway is in the log under its correlation id, without content', async () => {
  await agree(RECEIVING.id, 'EXSUPPLIER')
  const { body } = await post(
    '/v1/interchanges',
    x12Notices({ control: 5, shipments: ['SHP-LOG'] }),
    { 'Content-Type': 'application/edi-x12', 'X-Correlation-Id': 'follow-me' },
  )
  expect(body['correlationId']).toBe('follow-me')
  const mine = () =>
    gateway.log.filter((line) => line['correlation_id'] === 'follow-me' && line['stage'])
  await until('the last stage is told', () =>
    mine().some((line) => line['state'] === 'transferred'),
  )
  await until('it is handed over', () => mine().some((line) => line['state'] === 'handed_over'))
  const told = mine()
  expect(told.map((line) => `${line['level']} ${line['msg']}`)).toEqual(
    expect.arrayContaining([
      'info receive: received',
      'info translate: translated',
      'info deliver: handed_over',
      'info transfer: transferred',
    ]),
  )
  expect(told.find((line) => line['state'] === 'handed_over')).toHaveProperty('message_id')
  expect(JSON.stringify(told)).not.toContain('SHP-LOG')
})

test('a replay stands in the history with who, why and what the partner keeps', async () => {
  const id = await hand(x12Notices({ control: 6, shipments: ['SHP-REPLAY'] }))
  const found = await until('its message is there', async () => {
    const { body } = await get('/v1/messages?shipment=SHP-REPLAY&state=handed_over')
    return (body['items'] as { id: string }[])[0]
  })
  await post(`/v1/interchanges/${id}/replay`, { reason: 'the map was wrong' })
  const second = await until('the next revision', async () => {
    const { body } = await get(`/v1/messages/${found.id}?revision=2`)
    return body['timeline'] !== undefined && body
  })
  expect(second['timeline']).toContainEqual(
    expect.objectContaining({
      actor: 'admin',
      stage: 'operator',
      detail: 'replay: the map was wrong; the partner keeps the 997 it was sent before',
    }),
  )
})

test('what cannot be meant is refused with what would be right', async () => {
  const detail = async (path: string) => {
    const { status, body } = await get(path)
    expect(status).toBe(400)
    return String(body['detail'])
  }
  expect(await detail('/v1/messages?state=foo')).toMatch(/received, translated.*cancelled/)
  expect(await detail('/v1/interchanges?state=foo')).toMatch(/received, translated.*unmatched/)
  expect(await detail('/v1/messages?since=yesterday')).toContain('2026-11-21T14:30:00Z')
  expect((await get('/v1/messages?since=2000-01-01&until=2000-01-02')).body['items']).toEqual([])
  expect((await get('/v1/interchanges?since=2000-01-01')).body['items']).not.toEqual([])
  const { status, body } = await call(
    gateway,
    gateway.key,
    'POST',
    '/v1/messages/00000000-0000-4000-8000-000000000000/deliver-again',
  )
  expect([status, body['detail']]).toEqual([
    400,
    'the body is missing: application/json such as {"reason": …}',
  ])
})

test('the API document says what an agreement is', async () => {
  const { body } = await get('/v1/openapi.json')
  const paths = body['paths'] as Record<
    string,
    { put: { requestBody: { content: Record<string, { schema: { required: string[] } }> } } }
  >
  const { content } = paths['/v1/agreements/{id}']!.put.requestBody
  expect(content['application/json']!.schema.required).toEqual(
    expect.arrayContaining(['id', 'standard', 'partner', 'us']),
  )
})

test('doctor names what waits, what was rejected, and the call that ends an alert', async () => {
  await hand(x12Notices({ control: 8 }).replace(/GE\*1[^]*/, ''))
  const { stdout } = await until('it is rejected', async () => {
    const told = await edigw(['doctor'], {
      DATABASE_URL: url,
      EDIGW_DATA: gateway.folder,
      EDIGW_ODOO_URL: receiver.url,
    })
    return /interchanges: 1 rejected/.test(told.stdout) && told
  })
  const open = await alerts()
  expect(open.length).toBeGreaterThan(0)
  for (const { remedy } of open) expect(stdout).toContain(remedy)
  const [nobody] = await alerts('?kind=interchange-unmatched')
  expect(nobody!.link).toMatch(/^\/v1\/interchanges\//)
  expect((await get(nobody!.link!)).status).toBe(200)
})

test('an acknowledgement that cannot be handed over tells its tries, error and next try; so does doctor', async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  await agree('example-away', 'EXAWAY', `http://127.0.0.1:${port}/interchanges`)
  const id = await hand(x12Notices({ control: 70, sender: 'EXAWAY', shipments: ['SHP-AWAY'] }))
  await until('it was tried three times', async () => {
    const { body } = await get(`/v1/interchanges/${id}/acks`)
    const [ack] = body['items'] as { tries: number }[]
    return ack !== undefined && ack.tries >= 3
  })
  const refused = expect.stringContaining(`127.0.0.1:${port}`)
  const ack = { state: 'sent', error: refused, nextAttemptAt: expect.any(String), evidence: null }
  expect((await get(`/v1/interchanges/${id}`)).body).toMatchObject({ acks: [ack] })
  const told = await edigw(['doctor'], { DATABASE_URL: url, EDIGW_DATA: gateway.folder })
  expect(told.stdout).toMatch(
    new RegExp(
      `transfers: 1 to example-away by rest not handed over: .*127.0.0.1:${port}.*tries since 20.*, next 20`,
    ),
  )

  await agree('example-away', 'EXAWAY')
  await until('it has arrived', async () => {
    const { body } = await get(`/v1/interchanges/${id}/acks`)
    return (body['items'] as { state: string }[])[0]?.state === 'transferred'
  })
  expect((await get(`/v1/interchanges/${id}/acks`)).body).toMatchObject({
    items: [{ error: null, nextAttemptAt: null, evidence: { status: expect.any(Number) } }],
  })
  const healed = await edigw(['doctor'], { DATABASE_URL: url, EDIGW_DATA: gateway.folder })
  expect(healed.stdout).not.toContain('example-away')
})

test('an acknowledgement that got lost is sent again, byte for byte', async () => {
  await agree(RECEIVING.id, 'EXSUPPLIER')
  const id = await hand(x12Notices({ control: 7, shipments: ['SHP-ACK'] }))
  const mine = () => sent.filter((text) => text.includes('AK1*SH*7~'))
  await until('the 997 is sent', () => mine().length === 1)
  const again = `/v1/interchanges/${id}/acks/997/retransmit`
  await until('it has arrived', async () => {
    const { body } = await get(`/v1/interchanges/${id}/acks`)
    return (body['items'] as { state: string }[])[0]?.state === 'transferred'
  })
  expect(await post(again, because)).toMatchObject({ status: 202 })
  await until('it is sent again', () => mine().length === 2)
  expect(mine()[1]).toBe(mine()[0])
  expect(await post(`/v1/interchanges/${id}/acks/ta1/retransmit`, because)).toMatchObject({
    status: 404,
  })
})
