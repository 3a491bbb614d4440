// The API behind express: finds the route, checks caller, path, query and body against the route's description, calls
// it and writes what it returns. Streams of bytes come in by listener.ts instead.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import express from 'express'
import type { IncomingMessage } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { Meter } from '../meter.js'
import type { Authenticator, Caller } from '../security/authenticate.js'
import { authorize } from './authorize.js'
import { readJson } from './body.js'
import { answer, type Exchange } from './exchange.js'
import { Problem } from './problem.js'
import type { Reply, Route } from './route.js'

export interface ApiOptions {
  routes: readonly Route[]
  /** What is served without express: methods by path, so that other methods are answered 405 here. */
  elsewhere: Readonly<Record<string, readonly string[]>>
  authenticator: Authenticator
  meter: Meter
  maxJsonBytes: number
  slowClientMs: number
}

/** Takes an exchange to its end; throws a Problem for refuse(). */
export type Api = (exchange: Exchange) => Promise<void>

const NOBODY: Caller = { client: '', name: '', scopes: new Set(), kid: '', by: 'api key' }
const EMPTY = Buffer.alloc(0)

const EXAMPLES: Readonly<Record<string, string>> = {
  date: 'such as 2026-11-21, or a moment such as 2026-11-21T14:30:00Z',
  'date-time': 'such as 2026-11-21T14:30:00Z',
}

/** Located findings in the words of the contract: `[{path, text}]`. */
const located = (errors: readonly ErrorObject[] | null | undefined) =>
  (errors ?? []).map((error) => {
    const { allowedValues, additionalProperty, format } = error.params as {
      allowedValues?: string[]
      additionalProperty?: string
      format?: string
    }
    const more = allowedValues?.join(', ') ?? additionalProperty ?? EXAMPLES[format ?? '']
    return {
      path: error.instancePath,
      text: `${error.message ?? 'is wrong'}${more === undefined ? '' : `: ${more}`}`,
    }
  })

interface Checks {
  params: ValidateFunction | undefined
  query: ValidateFunction | undefined
  body: ValidateFunction | undefined
}

const checked = (check: ValidateFunction | undefined, value: unknown, where: string) => {
  if (check === undefined || check(value)) return value
  const issues = located(check.errors)
  const first = issues[0]
  throw new Problem(400, 'invalid', `${where}${first?.path ?? ''} ${first?.text ?? ''}`, {
    members: { issues },
  })
}

/** The least a body holds, as an example to copy. */
const wantedBody = ({ body }: Route) => {
  const required = (body?.['required'] as readonly string[] | undefined) ?? []
  const example = required.map((name) => `"${name}": …`).join(', ')
  return `application/json${required.length === 0 ? '' : ` such as {${example}}`}`
}

const write = async (exchange: Exchange, reply: Reply) => {
  const { response, request } = exchange
  const { stream } = reply
  if (stream === undefined) {
    if (reply.body !== undefined) return answer(exchange, reply.status, reply.body, reply.headers)
    response.writeHead(reply.status, reply.headers)
    response.end()
    return
  }
  const bytes = await begun(stream.bytes)
  response.writeHead(reply.status, {
    'Content-Type': stream.contentType,
    ...(stream.size === undefined ? {} : { 'Content-Length': stream.size }),
    ...(stream.fileName === undefined
      ? {}
      : {
          'Content-Disposition': `attachment; filename="${stream.fileName.replace(/[^\w.-]/g, '_')}"`,
        }),
    ...reply.headers,
  })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  await pipeline(bytes, response)
}

/** The same bytes once the first of them are there: what cannot be read is answered as a problem, not as half an answer. */
async function begun(bytes: AsyncIterable<Uint8Array>): Promise<AsyncGenerator<Uint8Array>> {
  const iterator = bytes[Symbol.asyncIterator]()
  const first = await iterator.next()
  return (async function* () {
    if (first.done === true) return
    yield first.value
    yield* { [Symbol.asyncIterator]: () => iterator }
  })()
}

/** Builds the application. Route order does not matter: a path has one route per method. */
export function createApi(options: ApiOptions): Api {
  const { routes, maxJsonBytes, slowClientMs } = options
  const exact = addFormats.default(new Ajv({ allErrors: true }))
  const coercing = addFormats.default(
    new Ajv({ allErrors: true, coerceTypes: 'array', useDefaults: true }),
  )
  const exchanges = new WeakMap<IncomingMessage, Exchange>()
  const exchangeOf = (request: IncomingMessage) => exchanges.get(request)!

  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.set('case sensitive routing', true)
  app.set('strict routing', true)

  const serve = async (route: Route, checks: Checks, request: express.Request) => {
    const exchange = exchangeOf(request)
    exchange.route = route.path
    const caller = route.scope === 'open' ? NOBODY : await authorize(exchange, route.scope, options)
    const path = checked(checks.params, { ...request.params }, '')
    const query = checked(checks.query, { ...request.query }, 'query ')
    let body: unknown
    let bytes = EMPTY
    if (checks.body) {
      const wanted = wantedBody(route)
      const read = await readJson(exchange, {
        maxBytes: maxJsonBytes,
        slowMs: slowClientMs,
        wanted,
      })
      bytes = read.bytes as Buffer<ArrayBuffer>
      body = read.value
      if (!route.ownCheck && !checks.body(body)) {
        throw new Problem(422, 'invalid', 'the body does not fit its schema', {
          members: { issues: located(checks.body.errors) },
        })
      }
    }
    const reply = await route.handle({
      path,
      query,
      body,
      bytes,
      caller,
      header: (name) => request.get(name),
      correlationId: exchange.correlationId,
    })
    await write(exchange, reply)
  }

  const byPath = new Map(Object.entries(options.elsewhere).map(([path, m]) => [path, [...m]]))
  for (const route of routes) {
    const path = route.path.replace(/\{(\w+)\}/g, ':$1')
    byPath.set(path, [...(byPath.get(path) ?? []), route.method.toUpperCase()])
    const checks = {
      params: route.params && exact.compile(route.params),
      query: route.query && coercing.compile(route.query),
      body: route.body && exact.compile(route.body),
    }
    app[route.method](path, (request, _response, next) => {
      serve(route, checks, request).catch(next)
    })
  }
  for (const [path, methods] of byPath) {
    app.all(path, (request) => {
      exchangeOf(request).route = path
      throw new Problem(405, 'method_not_allowed', `${path} takes ${methods.join(', ')}`, {
        headers: {
          Allow: methods.includes('GET') ? [...methods, 'HEAD'].join(', ') : methods.join(', '),
        },
      })
    })
  }

  return (exchange) =>
    new Promise((done, fail) => {
      exchanges.set(exchange.request, exchange)
      exchange.response.once('close', done)
      app(
        exchange.request as express.Request,
        exchange.response as express.Response,
        (error: unknown) => {
          if (error === undefined || error === null) {
            return fail(
              new Problem(404, 'not_found', `there is nothing at ${exchange.url.pathname}`),
            )
          }
          const { status } = error as { status?: number }
          // express itself answers 400 to a path that cannot be decoded.
          fail(
            error instanceof Problem || status !== 400
              ? error
              : new Problem(400, 'bad_request', 'the path is malformed'),
          )
        },
      )
    })
}
