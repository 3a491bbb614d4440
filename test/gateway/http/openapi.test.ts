import { beforeAll, expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { testDatabase, until } from '../../postgres.js'
import { RECEIVING, GOLDEN_856, outgoing } from '../documents.js'
import { call, startProcess, type GatewayProcess } from '../process.js'

interface Response {
  content?: Record<string, { schema?: object }>
}
interface Operation {
  operationId: string
  parameters?: { name: string; in: string; schema: object }[]
  requestBody?: { content: Record<string, { schema?: object }> }
  responses: Record<string, Response>
}
interface OpenApi {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

const { url } = await testDatabase()
let gateway: GatewayProcess
let document: OpenApi

beforeAll(async () => {
  gateway = await startProcess({ DATABASE_URL: url, EDIGW_ODOO_URL: 'http://127.0.0.1:9' })
  document = (await call(gateway, '', 'GET', '/v1/openapi.json')).body as unknown as OpenApi
})

const operations = () =>
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      path,
      method: method.toUpperCase(),
      operation,
    })),
  )

const ajv = addFormats.default(new Ajv2020({ allErrors: true, strict: false }))
const validators = new Map<string, ReturnType<typeof ajv.compile>>()

/** A validator of a schema of the document, whose references point into the document. */
const validator = (schema: object) => {
  const text = JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/')
  let found = validators.get(text)
  if (found === undefined) {
    if (ajv.getSchema('document') === undefined)
      ajv.addSchema({ components: document.components }, 'document')
    found = ajv.compile(JSON.parse(text) as object)
    validators.set(text, found)
  }
  return found
}

test('the document is whole: every schema compiles, ids are unique, paths name their parameters', () => {
  expect(document.openapi).toMatch(/^3\.1\./)
  const ids = operations().map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const { path, operation } of operations()) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    const parameters = operation.parameters ?? []
    expect(parameters.filter((p) => p.in === 'path').map((p) => p.name)).toEqual(named)
    const schemas = [
      ...parameters.map((p) => p.schema),
      ...Object.values(operation.requestBody?.content ?? {}).map((c) => c.schema ?? {}),
      ...Object.values(operation.responses).flatMap((r) =>
        Object.values(r.content ?? {}).map((c) => c.schema ?? {}),
      ),
    ]
    for (const schema of schemas) validator(schema)
  }
})

test('every operation in the document is served: by its method, and by no other', async () => {
  const methods = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']
  for (const [path, item] of Object.entries(document.paths)) {
    const real = path.replaceAll(/\{\w+\}/g, 'x')
    for (const method of methods) {
      const { status } = await call(gateway, '', method, real)
      const known = item[method.toLowerCase()] !== undefined
      expect([method, path, status === 405]).toEqual([method, path, !known])
      expect([method, path, status]).not.toEqual([method, path, 404])
    }
  }
})

/** What an answer of a status may be, by the document. */
const check = async (
  method: string,
  path: string,
  template: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => {
  const answer = await call(gateway, gateway.key, method, path, body, headers)
  const operation = document.paths[template]?.[method.toLowerCase()]
  const response = operation?.responses[answer.status]
  expect([method, path, answer.status, response !== undefined]).toEqual([
    method,
    path,
    answer.status,
    true,
  ])
  const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? ''
  const content = response?.content
  if (content === undefined) {
    expect(answer.body).toEqual({ text: '' })
    return answer
  }
  expect([path, Object.keys(content)]).toEqual([path, expect.arrayContaining([type])])
  const schema = content[type]?.schema
  if (schema !== undefined && /json/.test(type)) {
    const valid = validator(schema)
    expect([method, path, valid(answer.body), valid.errors]).toEqual([method, path, true, null])
  }
  return answer
}

test('what is answered is what the document says, also when it goes wrong', async () => {
  const x12 = { 'Content-Type': 'application/edi-x12' }
  const agreement = '/v1/agreements/{id}'
  await check('PUT', `/v1/agreements/${RECEIVING.id}?state=active`, agreement, RECEIVING)
  await check('PUT', `/v1/agreements/${RECEIVING.id}`, agreement, { id: 1 })
  await check('GET', `/v1/agreements/${RECEIVING.id}`, agreement)
  await check('GET', '/v1/agreements/none', agreement)
  await check('GET', '/v1/agreements', '/v1/agreements')
  const state = '/v1/agreements/{id}/versions/{version}/state'
  await check('POST', `/v1/agreements/${RECEIVING.id}/versions/1/state`, state, { state: 'draft' })
  await check('POST', `/v1/agreements/${RECEIVING.id}/versions/1/state`, state, { state: 'on' })

  const client = { id: 'documented', name: 'x', scopes: ['messages:read'] }
  await check('POST', '/v1/clients', '/v1/clients', client)
  await check('POST', '/v1/clients', '/v1/clients', client)
  await check('POST', '/v1/clients', '/v1/clients', 'not json', {
    'Content-Type': 'application/json',
  })
  await check('POST', '/v1/clients', '/v1/clients', 'not json', { 'Content-Type': 'text/plain' })
  await check('GET', '/v1/clients', '/v1/clients')
  await check('GET', '/v1/clients/documented', '/v1/clients/{id}')
  const { body } = await check('POST', '/v1/clients/documented/keys', '/v1/clients/{id}/keys', {
    kind: 'api_key',
  })
  await check(
    'DELETE',
    `/v1/clients/documented/keys/${String(body['kid'])}`,
    '/v1/clients/{id}/keys/{kid}',
  )
  await check('DELETE', '/v1/clients/documented', '/v1/clients/{id}')
  await check('DELETE', '/v1/clients/documented', '/v1/clients/{id}')
  await check('POST', '/v1/token', '/v1/token')

  const posted = await check('POST', '/v1/interchanges', '/v1/interchanges', GOLDEN_856, x12)
  await check('POST', '/v1/interchanges', '/v1/interchanges', GOLDEN_856, x12)
  await check('POST', '/v1/interchanges', '/v1/interchanges', {}, {})
  const id = String(posted.body['id'])
  await check('GET', '/v1/interchanges', '/v1/interchanges')
  await check('GET', '/v1/interchanges?limit=many', '/v1/interchanges')
  await check('GET', `/v1/interchanges/${id}`, '/v1/interchanges/{id}')
  await check('GET', '/v1/interchanges/x', '/v1/interchanges/{id}')
  await check('GET', `/v1/interchanges/${id}/raw`, '/v1/interchanges/{id}/raw')
  await check('GET', `/v1/interchanges/${id}/acks`, '/v1/interchanges/{id}/acks')
  await check('GET', `/v1/interchanges/${id}/acks/none`, '/v1/interchanges/{id}/acks/{ack}')
  await check(
    'GET',
    `/v1/interchanges/${id}/acks/none/receipt`,
    '/v1/interchanges/{id}/acks/{ack}/receipt',
  )
  const because = { reason: 'to see' }
  const replay = '/v1/interchanges/{id}/replay'
  await check('POST', `/v1/interchanges/${id}/replay`, replay, because)
  await check('POST', `/v1/interchanges/${id}/replay`, replay, {})
  await check(
    'POST',
    `/v1/interchanges/${id}/acks/none/retransmit`,
    '/v1/interchanges/{id}/acks/{ack}/retransmit',
    because,
  )
  const garbage = await check('POST', '/v1/interchanges', '/v1/interchanges', 'no EDI', x12)
  await until('an alert', async () => {
    const { body } = await check('GET', '/v1/alerts?limit=1', '/v1/alerts')
    return (body['items'] as unknown[]).length > 0
  })
  await check('POST', `/v1/interchanges/${String(garbage.body['id'])}/replay`, replay, because)
  await check('GET', '/v1/alerts?state=some', '/v1/alerts')
  const waiting = await until('something in the mailbox', async () => {
    const { body: mailbox } = await check('GET', '/v1/mailbox', '/v1/mailbox')
    return (mailbox['items'] as { id: string }[])[0]
  })
  await check('GET', `/v1/mailbox/${waiting.id}`, '/v1/mailbox/{id}')
  await check('DELETE', `/v1/mailbox/${waiting.id}`, '/v1/mailbox/{id}')
  await check('DELETE', `/v1/mailbox/${outgoing().id}`, '/v1/mailbox/{id}')
  await check('GET', '/v1/connections', '/v1/connections')
  const rebind = '/v1/connections/{id}/rebind'
  await check('POST', '/v1/connections/odoo/rebind', rebind, because)
  await check('POST', '/v1/connections/none/rebind', rebind, because)
  await check('POST', '/v1/alerts/1/close', '/v1/alerts/{id}/close', because)
  await check('POST', '/v1/alerts/1/close', '/v1/alerts/{id}/close', because)
  await check('POST', '/v1/alerts/99/close', '/v1/alerts/{id}/close', because)

  const message = outgoing()
  const key = { 'Idempotency-Key': `${message.id}.1` }
  await check('POST', '/v1/messages', '/v1/messages', message, key)
  await check('POST', '/v1/messages', '/v1/messages', message, key)
  await check('POST', '/v1/messages', '/v1/messages', { ...message, correlationId: 'other' }, key)
  await check('POST', '/v1/messages', '/v1/messages', {}, key)
  await check('POST', '/v1/messages?dryRun=true', '/v1/messages', message)
  await check('GET', '/v1/messages?limit=1', '/v1/messages')
  await check('GET', `/v1/messages/${message.id}`, '/v1/messages/{id}')
  await check('GET', `/v1/messages/${message.id}?revision=9`, '/v1/messages/{id}')
  await check('GET', `/v1/messages/${message.id}/raw`, '/v1/messages/{id}/raw')
  for (const verb of ['retransmit', 'send-again', 'deliver-again', 'cancel', 'replay']) {
    const template = `/v1/messages/{id}/${verb}`
    await check('POST', `/v1/messages/${message.id}/${verb}`, template, { reason: 'to see' })
    await check('POST', `/v1/messages/${message.id}/${verb}`, template, {})
  }
  for (const path of ['/livez', '/readyz', '/metrics', '/v1/health', '/v1/openapi.json']) {
    await check('GET', path, path)
  }
})
