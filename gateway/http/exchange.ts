// One request and its answer, whoever serves it: correlation id, security headers, answers, the log line at the end.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describeError } from '../errors.js'
import type { Log } from '../log.js'
import { withLogContext } from '../log.js'
import type { Meter } from '../meter.js'
import { rarely } from '../rarely.js'
import { asProblem, type Problem } from './problem.js'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly correlationId: string
  readonly url: URL
  /** Address of the peer. */
  readonly origin: string
  /** For metrics: the route's pattern, never the path as it came. */
  route: string
  client?: string
}

const CORRELATION = /^[A-Za-z0-9._:/+=-]{1,128}$/
const LINGER_MS = 2_000
const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

/** Requests that a monitor makes all day; logged only when they fail. */
const QUIET = new Set(['/livez', '/readyz', '/metrics'])

const parseUrl = (request: IncomingMessage) => {
  const target = request.url ?? '/'
  const text = `http://gateway${target.startsWith('/') ? target : '/'}`
  return URL.canParse(text) ? new URL(text) : new URL('http://gateway/')
}

/** Opens the exchange and runs `serve` with its log context; what it throws is answered as a problem. */
export function open(
  request: IncomingMessage,
  response: ServerResponse,
  tools: { log: Log; meter: Meter },
  serve: (exchange: Exchange) => Promise<void>,
): void {
  const given = request.headers['x-correlation-id']
  const correlationId = typeof given === 'string' && CORRELATION.test(given) ? given : randomUUID()
  const url = parseUrl(request)
  const exchange: Exchange = {
    request,
    response,
    correlationId,
    url,
    origin: request.socket.remoteAddress ?? '',
    route: 'unknown',
  }
  response.setHeader('X-Correlation-Id', correlationId)
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)

  const started = performance.now()
  withLogContext({ correlation_id: correlationId }, () => {
    response.once('close', () => {
      const seconds = (performance.now() - started) / 1000
      const status = response.writableFinished ? response.statusCode : 499 // the client went away
      const labels = { route: exchange.route, status: String(status) }
      tools.meter.observe('gateway_http_request_duration_seconds', seconds, labels)
      const quiet = QUIET.has(exchange.route) && status < 500
      tools.log[quiet ? 'debug' : 'info'](
        {
          method: request.method,
          path: url.pathname,
          status,
          ms: Math.round(seconds * 1000),
          ...(exchange.client === undefined ? {} : { client: exchange.client }),
        },
        'http',
      )
    })
    serve(exchange).catch((error: unknown) => refuse(exchange, error, tools.log))
  })
}

/** Answers JSON. */
export function answer(
  { response }: Exchange,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  })
  response.end(text)
}

/** While the database is away every request fails alike: that is one line now and then, not a stack for each. */
const unavailable = rarely((more, log: Log, problem: Problem) =>
  log.warn(
    { error: describeError(problem.cause ?? problem), ...(more > 0 ? { more } : {}) },
    problem.message,
  ),
)

/**
 * Answers a problem. A body that is still coming is read and dropped for two seconds, so that its sender gets to read
 * the answer instead of a reset connection.
 */
function refuse(exchange: Exchange, error: unknown, log: Log): Problem {
  const { request, response } = exchange
  const problem = asProblem(error)
  if (problem.status === 500) log.error({ err: problem.cause ?? problem }, problem.message)
  else if (problem.status > 500) unavailable(log, problem)
  if (response.headersSent) {
    response.destroy() // half an answer must not look like a whole one
    return problem
  }
  const text = JSON.stringify(problem.body(exchange.correlationId))
  response.writeHead(problem.status, {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(text),
    ...problem.headers,
  })
  response.end(text)
  if (!request.complete) {
    setTimeout(() => {
      if (!request.complete) request.socket.destroy()
    }, LINGER_MS).unref()
  }
  return problem
}
