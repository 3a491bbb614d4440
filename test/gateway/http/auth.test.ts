import { beforeAll, expect, test } from '@jest/globals'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { ALL_SCOPES } from '../../../gateway/security/scopes.js'
import { testDatabase, until } from '../../postgres.js'
import { call, edigw, startProcess, type GatewayProcess } from '../process.js'

const { db, url } = await testDatabase()
let gateway: GatewayProcess

beforeAll(async () => {
  gateway = await startProcess({ DATABASE_URL: url })
})

const admin = (method: string, path: string, body?: unknown) =>
  call(gateway, gateway.key, method, path, body)
let made = 0
const newClient = async (more: Record<string, unknown> = {}) => {
  const id = `client-${++made}`
  const { status, body } = await admin('POST', '/v1/clients', { id, name: id, scopes: [], ...more })
  expect(status).toBe(201)
  return { id, kid: String(body['kid']), key: String(body['key']) }
}
const health = (credential: string) => call(gateway, credential, 'POST', '/v1/token')

interface Operation {
  'x-scope'?: string
  security?: unknown[]
}
const operations = async () => {
  const { body } = await call(gateway, '', 'GET', '/v1/openapi.json')
  const paths = body['paths'] as Record<string, Record<string, Operation>>
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{\w+\}/g, 'x'),
      ...operation,
    })),
  )
}

test('every operation that is not open refuses whoever brings no credential', async () => {
  for (const { method, path, security } of await operations()) {
    if (security?.length === 0 || path === '/metrics') continue
    const { status, headers, body } = await call(gateway, '', method, path)
    expect([method, path, status]).toEqual([method, path, 401])
    expect(headers.get('www-authenticate')).toMatch(/^Bearer /)
    expect(body).toMatchObject({ code: 'unauthorized' })
  }
})

test('every operation with a scope refuses a client that has all other scopes', async () => {
  for (const scope of ALL_SCOPES) {
    const { key } = await newClient({ scopes: ALL_SCOPES.filter((s) => s !== scope), carries: [] })
    const guarded = (await operations()).filter((o) => o['x-scope'] === scope)
    expect([scope, guarded.length > 0]).toEqual([scope, true])
    for (const { method, path } of guarded) {
      const { status, body } = await call(gateway, key, method, path)
      expect([method, path, status]).toEqual([method, path, 403])
      expect(body['detail']).toContain(scope)
    }
  }
})

test('an API key gets a token of 15 minutes that works like the key, and gets no further token', async () => {
  const { id, key } = await newClient({ scopes: ['clients:manage'] })
  const { status, body } = await health(key)
  expect([status, body['expires_in']]).toEqual([200, 900])
  const token = String(body['access_token'])
  expect(await call(gateway, token, 'GET', `/v1/clients/${id}`)).toMatchObject({ status: 200 })
  expect(await health(token)).toMatchObject({ status: 403 })
  const basic = Buffer.from(`${id}:${key}`).toString('base64')
  const auth = (value: string) =>
    call(gateway, '', 'POST', '/v1/token', undefined, { Authorization: `Basic ${value}` })
  expect(await auth(basic)).toMatchObject({ status: 200 })
  expect(await auth(Buffer.from(`other:${key}`).toString('base64'))).toMatchObject({ status: 401 })
})

test('a revoked key ends at once, with the tokens given for it; another key of the client goes on', async () => {
  const { id, kid, key } = await newClient({ scopes: ['clients:manage'] })
  const token = String((await health(key)).body['access_token'])
  const second = await admin('POST', `/v1/clients/${id}/keys`, { kind: 'api_key' })
  expect(await admin('DELETE', `/v1/clients/${id}/keys/${kid}`)).toMatchObject({ status: 204 })
  const read = (credential: string) => call(gateway, credential, 'GET', '/v1/clients')
  expect(await read(key)).toMatchObject({ status: 401 })
  expect(await read(token)).toMatchObject({ status: 401 })
  expect(await read(String(second.body['key']))).toMatchObject({ status: 200 })
  expect(await admin('DELETE', `/v1/clients/${id}`)).toMatchObject({ status: 204 })
  expect(await read(String(second.body['key']))).toMatchObject({ status: 401 })
})

test('a key that has expired is no key', async () => {
  const { id } = await newClient()
  const expiresAt = new Date(Date.now() - 1000).toISOString()
  const { body } = await admin('POST', `/v1/clients/${id}/keys`, { kind: 'api_key', expiresAt })
  expect(await health(String(body['key']))).toMatchObject({ status: 401 })
})

test('a client signs its own tokens with a registered secret or key pair', async () => {
  const { id } = await newClient({ scopes: ['clients:manage'] })
  const claims = { sub: id, aud: 'edi_gateway' }
  const options = { expiresIn: 300, issuer: 'https://odoo.example' } as const

  const hs = await admin('POST', `/v1/clients/${id}/keys`, {
    kind: 'hs256',
    issuer: options.issuer,
  })
  const { kid, secret } = hs.body as { kid: string; secret: string }
  const byHs = jwt.sign(claims, secret, { ...options, keyid: kid })
  expect(await call(gateway, byHs, 'GET', '/v1/clients')).toMatchObject({ status: 200 })
  expect(await call(gateway, byHs.slice(0, -3), 'GET', '/v1/clients')).toMatchObject({
    status: 401,
    body: { detail: 'the signature is wrong' },
  })

  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const es = await admin('POST', `/v1/clients/${id}/keys`, {
    kind: 'es256',
    publicKey: pair.publicKey,
    issuer: options.issuer,
  })
  const byEs = jwt.sign(claims, createPrivateKey(pair.privateKey), {
    ...options,
    algorithm: 'ES256',
    keyid: String(es.body['kid']),
  })
  expect(await call(gateway, byEs, 'GET', '/v1/clients')).toMatchObject({ status: 200 })
  const [row] = await db.query<{ sealed: Buffer }>(
    'select sealed from machine_key where kid = $1',
    [kid],
  )
  expect(row!.sealed.includes(Buffer.from(secret))).toBe(false)
})

test('keys that are too weak or of another kind are refused by place', async () => {
  const { id } = await newClient()
  const weak = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  for (const body of [
    { kind: 'rs256', publicKey: weak.publicKey },
    { kind: 'es256', publicKey: weak.publicKey },
    { kind: 'es256', publicKey: weak.privateKey.slice(0, 40) },
    { kind: 'rs256' },
  ]) {
    expect(await admin('POST', `/v1/clients/${id}/keys`, body)).toMatchObject({
      status: 422,
      body: { issues: [{ path: '/publicKey', text: expect.stringContaining('must be') }] },
    })
  }
})

test('nobody gives away more than he has, and the last manager cannot be ended', async () => {
  const { key } = await newClient({ scopes: ['clients:manage', 'messages:read'] })
  const give = { id: 'too-much', name: 'x', scopes: ['agreements:write'] }
  expect(await call(gateway, key, 'POST', '/v1/clients', give)).toMatchObject({ status: 403 })
  expect(
    await call(gateway, key, 'POST', '/v1/clients/admin/keys', { kind: 'api_key' }),
  ).toMatchObject({
    status: 403,
  })
  const { body } = await admin('GET', '/v1/clients')
  const others = (body['items'] as { id: string; active: boolean }[]).filter(
    (c) => c.id !== 'admin',
  )
  for (const { id, active } of others) {
    if (active) expect(await admin('DELETE', `/v1/clients/${id}`)).toMatchObject({ status: 204 })
  }
  expect(await admin('DELETE', '/v1/clients/admin')).toMatchObject({ status: 409 })
})

test('a client without channel identity may hand in nothing', async () => {
  const { key } = await newClient({ scopes: ['interchanges:write'] })
  expect(
    await call(gateway, key, 'POST', '/v1/interchanges', 'ISA', { 'Content-Type': 'text/plain' }),
  ).toMatchObject({ status: 403 })
})

test('after ten wrong credentials for a key its next tries wait, right or wrong; other keys do not', async () => {
  const victim = await newClient()
  const wrong = `${victim.key.slice(0, -4)}AAAA`
  const statuses: number[] = []
  for (let n = 0; n < 11; n++) statuses.push((await health(wrong)).status)
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429])
  const locked = await health(victim.key)
  expect(locked.status).toBe(429)
  expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await health(gateway.key)).toMatchObject({ status: 200 })
  await until('the lock to end', async () => (await health(victim.key)).status === 200)
})

test('/metrics is open to this machine, but not through a proxy or with a wrong credential', async () => {
  expect(await call(gateway, '', 'GET', '/metrics')).toMatchObject({
    status: 200,
    body: { text: expect.stringContaining('gateway_auth_failures_total{reason="wrong"}') },
  })
  const proxied = { 'X-Forwarded-For': '192.0.2.7' }
  expect(await call(gateway, '', 'GET', '/metrics', undefined, proxied)).toMatchObject({
    status: 401,
  })
  expect(await call(gateway, gateway.key, 'GET', '/metrics', undefined, proxied)).toMatchObject({
    status: 200,
  })
  expect(await call(gateway, 'nonsense', 'GET', '/metrics')).toMatchObject({ status: 401 })
})

test('no secret ever reaches the log', async () => {
  const { key } = await newClient({ scopes: ['clients:manage'] })
  const token = String((await health(key)).body['access_token'])
  await call(gateway, token, 'GET', `/v1/clients/${key}`)
  await call(gateway, key, 'GET', '/v1/clients')
  const text = JSON.stringify(gateway.log)
  expect([text.includes(key.slice(-20)), text.includes(token.slice(-20))]).toEqual([false, false])
  expect(text).toContain('/v1/clients/edigw_')
})

test('who has a key whose time is over is told so; who guesses one is not', async () => {
  const { id, kid, key } = await newClient()
  await db.query(`update machine_key set expires_at = now() - interval '1 day' where kid = $1`, [
    kid,
  ])
  expect((await health(key)).body['detail']).toMatch(
    new RegExp(`^the key has expired on .*edigw client key ${id}`),
  )
  const guessed = key.slice(0, -4) + (key.endsWith('AAAA') ? 'BBBB' : 'AAAA')
  expect((await health(guessed)).body['detail']).toBe('the key is not valid here')
  const listed = await edigw(['client', 'list'], { DATABASE_URL: url, EDIGW_DATA: gateway.folder })
  expect(listed.stdout).toMatch(new RegExp(`${kid} {2}api_key {2}expired `))
})
