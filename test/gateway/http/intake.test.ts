import { beforeAll, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { readWholeBlob } from '../../../gateway/store/blobs.js'
import { testDatabase, until } from '../../postgres.js'
import { call, startProcess, type GatewayProcess } from '../process.js'

const EDI = readFileSync('test/golden/x12/856/pick-and-pack/in.edi')
const X12 = { 'Content-Type': 'application/edi-x12' }
const PATH = '/v1/interchanges'
const MAX = 20_000

const { db, url } = await testDatabase()
let gateway: GatewayProcess

beforeAll(async () => {
  gateway = await startProcess({
    DATABASE_URL: url,
    EDIGW_MAX_INTERCHANGE_BYTES: String(MAX),
    EDIGW_SLOW_CLIENT_SECONDS: '1',
    EDIGW_MAX_BACKLOG: '50',
  })
})

const post = (body: unknown, headers: Record<string, string> = {}) =>
  call(gateway, gateway.key, 'POST', PATH, body, { ...X12, ...headers })

const rowsOf = async (key: string) =>
  db.query<{ id: string; sha256: Buffer; size: number }>(
    'select id, sha256, size from inbox where dedupe_key = $1',
    [key],
  )

/** Writes raw bytes of HTTP and gives everything that comes back until the gateway closes or `until` is met. */
const raw = async (head: string, bodyParts: readonly string[] = [], stay = false) => {
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  let got = ''
  socket.on('data', (chunk) => (got += chunk.toString()))
  socket.on('error', () => undefined)
  socket.write(head)
  for (const part of bodyParts) socket.write(part)
  if (!stay) await until('an answer', () => /\r\n\r\n[^]*\}$/.test(got))
  else await once(socket, 'close')
  socket.destroy()
  return got
}
const head = (more: string) =>
  `POST ${PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${gateway.key}\r\nContent-Type: application/edi-x12\r\n${more}\r\n\r\n`

test('stores the bytes before it answers 202, and answers the same bytes 200 with the same id', async () => {
  const first = await post(EDI)
  expect(first).toMatchObject({
    status: 202,
    body: {
      state: 'received',
      size: EDI.length,
      sha256: createHash('sha256').update(EDI).digest('hex'),
    },
  })
  expect(first.headers.get('location')).toBe(`${PATH}/${first.body['id']}`)
  const [row] = await db.query<{ sha256: Buffer }>('select sha256 from inbox where id = $1', [
    String(first.body['id']),
  ])
  expect(await readWholeBlob(db, row!.sha256)).toEqual(EDI)
  expect(await post(EDI)).toMatchObject({
    status: 200,
    body: { id: first.body['id'], state: 'duplicate' },
  })
})

test('eight posts of one key at once are one row; the others get its id', async () => {
  const headers = { 'Idempotency-Key': 'eight' }
  const answers = await Promise.all(Array.from({ length: 8 }, () => post(EDI, headers)))
  expect(answers.map((a) => a.status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 202])
  expect(new Set(answers.map((a) => a.body['id'])).size).toBe(1)
  expect(await rowsOf('key:eight')).toHaveLength(1)
})

test('other bytes under a key that was used are a conflict, and the first stay', async () => {
  const headers = { 'Idempotency-Key': 'conflict' }
  const first = await post(EDI, headers)
  const other = await post('ISA*other~', headers)
  expect(other).toMatchObject({
    status: 409,
    body: { code: 'idempotency_conflict', id: first.body['id'] },
  })
  expect(await rowsOf('key:conflict')).toMatchObject([{ size: EDI.length }])
})

test('bytes that are not those of Content-Digest are refused and not stored', async () => {
  const digest = createHash('sha256').update('something else').digest('base64')
  const answer = await post('ISA*digest~', { 'Content-Digest': `sha-256=:${digest}:` })
  expect(answer).toMatchObject({ status: 400, body: { code: 'bad_request' } })
  const right = createHash('sha256').update('ISA*digest~').digest('base64')
  expect(await post('ISA*digest~', { 'Content-Digest': `sha-256=:${right}:` })).toMatchObject({
    status: 202,
  })
})

test.each([
  ['an empty body', '', {}, 400],
  ['JSON', '{}', { 'Content-Type': 'application/json' }, 415],
  ['a form', 'a=b', { 'Content-Type': 'application/x-www-form-urlencoded' }, 415],
  ['compressed bytes', 'x', { 'Content-Encoding': 'gzip' }, 415],
  ['a key with spaces', 'x', { 'Idempotency-Key': 'a b' }, 400],
  ['more bytes than are taken', 'x'.repeat(MAX + 1), {}, 413],
])('%s is refused as problem+json', async (_what, body, headers, status) => {
  const answer = await post(body, headers as Record<string, string>)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.body).toMatchObject({
    status,
    type: `urn:edigw:problem:${answer.body['code']}`,
    correlationId: answer.headers.get('x-correlation-id'),
  })
})

test('a body of undeclared length is cut off at the limit', async () => {
  const chunk = `${(1000).toString(16)}\r\n${'x'.repeat(1000)}\r\n`
  const got = await raw(
    head('Transfer-Encoding: chunked'),
    Array.from({ length: MAX / 1000 + 2 }, () => chunk),
  )
  expect(got).toMatch(/^HTTP\/1\.1 413 /)
})

test('100-continue is only said to a request that will be let in', async () => {
  const refused = await raw(head(`Expect: 100-continue\r\nContent-Length: ${MAX + 1}`))
  expect(refused).toMatch(/^HTTP\/1\.1 413 /)
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  let got = ''
  socket.on('data', (data) => (got += data.toString()))
  socket.write(head('Expect: 100-continue\r\nContent-Length: 8'))
  await until('continue', () => got.startsWith('HTTP/1.1 100 '))
  socket.write('ISA*100~')
  await until('answer', () => /HTTP\/1\.1 202 [^]*\}$/.test(got))
  socket.destroy()
})

test('a client whose bytes stop is told 408 and cut off; nothing is stored of it', async () => {
  const before = await db.query('select id from inbox')
  const got = await raw(head('Content-Length: 500'), ['ISA*slow'], true)
  expect(got).toMatch(/^HTTP\/1\.1 408 /)
  expect(got).toContain('"code":"timeout"')
  expect(await db.query('select id from inbox')).toHaveLength(before.length)
})

test('a client that never ends its headers is cut off', async () => {
  expect(await raw(`POST ${PATH} HTTP/1.1\r\nHost: x\r\n`, [], true)).toMatch(
    /^(HTTP\/1\.1 408 |$)/,
  )
})

test('an upload that breaks off leaves neither row nor file', async () => {
  const { hostname, port } = new URL(gateway.url)
  const socket = connect(Number(port), hostname)
  socket.write(head('Content-Length: 500'))
  socket.write('ISA*broken')
  await once(socket, 'connect')
  socket.destroy()
  await until('the log line', () =>
    gateway.log.some((line) => line['path'] === PATH && line['status'] === 499),
  )
  expect(readdirSync(join(gateway.folder, 'spool'))).toEqual([])
})

test('bytes come in unchanged whatever they are', async () => {
  const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
  const { body, status } = await post(all, { 'Content-Type': 'application/octet-stream' })
  expect(status).toBe(202)
  expect(body['sha256']).toBe(createHash('sha256').update(all).digest('hex'))
})

test('with too much untranslated work, intake asks to come back later', async () => {
  await db.query(
    `insert into lane (key, kind, next_seq, pending, ready_at, turn_at, paused_reason)
     values ('in:test:rest', 'translate', 100, 99, now(), now(), 'test')`,
  )
  await db.query(
    `insert into job (lane, seq, kind, payload) select 'in:test:rest', n, 'translate', '{}' from generate_series(1, 99) n`,
  )
  const answer = await until('429', async () => {
    const one = await post('ISA*behind~')
    return one.status === 429 && one
  })
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  await db.query(`delete from job where lane = 'in:test:rest'`)
  await until('intake again', async () => (await post('ISA*after~')).status < 300)
})
