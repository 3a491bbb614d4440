// The OpenAPI 3.1 document, made from the routes themselves.
import { Type, type TSchema } from '@sinclair/typebox'
import { PROBLEMS } from './problem.js'
import { route, type Route } from './route.js'

const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'detail', 'correlationId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: Object.keys(PROBLEMS) },
    detail: { type: 'string' },
    correlationId: { type: 'string' },
    issues: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'text'],
        properties: { path: { type: 'string' }, text: { type: 'string' } },
      },
    },
  },
}

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

const parameters = (route: Route) =>
  (['params', 'query'] as const).flatMap((where) => {
    const schema = route[where]
    if (schema === undefined) return []
    const required = new Set(schema.required ?? [])
    return Object.entries(schema.properties).map(([name, property]) => {
      const { description, ...rest } = property as TSchema
      return {
        name,
        in: where === 'params' ? 'path' : 'query',
        required: where === 'params' || (required.has(name) && rest['default'] === undefined),
        ...(description === undefined ? {} : { description }),
        schema: rest,
      }
    })
  })

const responses = (route: Route) => {
  const own = Object.entries(route.answers).map(([status, { text, schema, contentType }]) => {
    const type = contentType ?? 'application/json'
    if (Number(status) >= 400 && schema === undefined) return [status, problem(text)]
    if (schema === undefined && contentType === undefined) return [status, { description: text }]
    return [status, { description: text, content: { [type]: { schema: schema ?? {} } } }]
  })
  const general: [string, unknown][] =
    route.scope === 'open'
      ? []
      : [
          ['401', problem('No credential, or one that is not accepted.')],
          ['429', problem('Too many attempts with wrong credentials; Retry-After tells when.')],
          ...(route.scope === 'any'
            ? []
            : [['403', problem(`The scope ${route.scope} is missing.`)] as [string, unknown]]),
        ]
  const wrong: [string, unknown][] =
    route.params || route.query
      ? [['400', problem('The path or query does not fit; `issues` says where.')]]
      : []
  const body: [string, unknown][] = route.body
    ? [
        ['400', problem('The body is no JSON, or path or query do not fit.')],
        ['413', problem('The body is too large.')],
        ['415', problem('The body is not application/json.')],
        ['422', problem('The body does not fit its schema; `issues` says where.')],
      ]
    : []
  return Object.fromEntries([...general, ...wrong, ...body, ...own] as [string, unknown][])
}

const operation = (route: Route) => ({
  summary: route.summary,
  operationId: `${route.method} ${route.path}`.replace(/[^\w]+/g, '_').replace(/_$/, ''),
  ...(route.scope === 'open' ? { security: [] } : {}),
  ...(route.scope === 'open' || route.scope === 'any' ? {} : { 'x-scope': route.scope }),
  parameters: parameters(route),
  ...(route.body
    ? { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }
    : {}),
  responses: responses(route),
})

/** What node:http serves itself, described by hand; the test of the document calls these too. */
const DIRECT = {
  '/v1/interchanges': {
    post: {
      summary: 'Hand in an interchange; it is stored durably before it is answered',
      operationId: 'post_v1_interchanges',
      'x-scope': 'interchanges:write',
      parameters: [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: false,
          description: 'Names this delivery; without it the same bytes are the same delivery.',
          schema: { type: 'string', minLength: 1, maxLength: 255 },
        },
        {
          name: 'Content-Digest',
          in: 'header',
          required: false,
          description: 'RFC 9530, `sha-256=:…:`; compared with what arrived.',
          schema: { type: 'string' },
        },
        {
          name: 'fileName',
          in: 'query',
          required: false,
          description: 'Kept for people.',
          schema: { type: 'string' },
        },
      ],
      requestBody: {
        required: true,
        content: Object.fromEntries(
          [
            'application/edi-x12',
            'application/edifact',
            'application/octet-stream',
            'text/plain',
          ].map((type) => [type, {}]),
        ),
      },
      responses: {
        200: { description: 'It was there already; the same id.', content: receipt() },
        202: { description: 'It is stored and will be translated.', content: receipt() },
        400: problem('The body is empty, broke off, or is not what Content-Digest says.'),
        401: problem('No credential, or one that is not accepted.'),
        403: problem('The client may not hand in interchanges.'),
        408: problem('The body came too slowly.'),
        409: problem('Other bytes were stored under this Idempotency-Key.'),
        413: problem('The body is too large.'),
        415: problem('The content type or encoding is not taken.'),
        429: problem('Too many failed attempts, or the gateway is behind; Retry-After tells when.'),
        503: problem('The database cannot be reached; Retry-After tells when.'),
      },
    },
  },
  '/metrics': {
    get: {
      summary: 'Figures for Prometheus; from this machine without a credential',
      operationId: 'get_metrics',
      'x-scope': 'metrics:read',
      responses: {
        200: { description: 'Figures.', content: { 'text/plain': {} } },
        401: problem('No credential, or one that is not accepted.'),
        403: problem('The scope metrics:read is missing.'),
      },
    },
  },
}

function receipt() {
  const link = { type: 'string', description: 'Path.' }
  return {
    'application/json': {
      schema: {
        type: 'object',
        required: ['id', 'state', 'correlationId', 'sha256', 'size', 'links'],
        properties: {
          id: { type: 'string', format: 'uuid' },
          state: { type: 'string', enum: ['received', 'duplicate'] },
          correlationId: { type: 'string' },
          sha256: { type: 'string' },
          size: { type: 'integer' },
          links: {
            type: 'object',
            required: ['self', 'raw', 'acks'],
            properties: { self: link, raw: link, acks: link },
          },
        },
      },
    },
  }
}

interface About {
  version: string
  url: string
}

const openApiDocument = (routes: readonly Route[], about: About) => {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [path, item] of Object.entries(DIRECT)) paths[path] = { ...item }
  for (const one of routes) {
    paths[one.path] = { ...paths[one.path], [one.method]: operation(one) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'odoo-edi-gateway',
      version: about.version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: about.url }],
    security: [{ bearer: [] }],
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description:
            'An API key, a token of POST /v1/token, or a JWT signed with a registered key.',
        },
      },
      schemas: { Problem: PROBLEM_SCHEMA },
    },
    paths,
  }
}

/** The route that serves the document; it describes itself too. */
export function openApiRoute(routes: readonly Route[], about: About): Route {
  const self: Route = route({
    method: 'get',
    path: '/v1/openapi.json',
    summary: 'This document',
    scope: 'open',
    answers: { 200: { text: 'OpenAPI 3.1.', schema: Type.Record(Type.String(), Type.Unknown()) } },
    handle: async () => ({ status: 200, body: document }),
  })
  const document = openApiDocument([...routes, self], about)
  return self
}
