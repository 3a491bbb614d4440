// Client of the Odoo contract: what is sent, and what each answer means. It holds no state but its connections.
import jwt from 'jsonwebtoken'
import { PausedError } from './step.js'
import { RetryableError, describeError } from './errors.js'
import type { Connection } from './config.js'

/** An answer that decides something: 2xx, or a refusal of exactly this message. */
export interface OdooAnswer {
  readonly status: number
  readonly accepted: boolean
  /** The addon's word for a refusal: already_applied, stale_revision, environment_mismatch, … */
  readonly code?: string
  /** One line for people. */
  readonly text?: string
  readonly body: unknown
  readonly durationMs: number
}

/** A row of Odoo's outbox: a document to send, or what became of an inbound message. */
export interface LeasedRow {
  readonly id: string
  readonly leaseToken: string
  readonly idempotencyKey: string
  readonly message?: unknown
  readonly status?: unknown
}

export interface OutboxResult {
  readonly leaseToken?: string
  readonly state: string
  readonly gatewayMessageId?: string
  readonly issues?: readonly { path: string; code: string; text: string }[]
  readonly businessState?: string
  readonly overdue?: boolean
}

export interface OdooHealth {
  readonly status: string
  readonly schemaVersions?: readonly number[]
  readonly database?: { uuid: string; url: string; environment: string; binding: string }
}

/** A failed call, with what the attempt log shows of it. */
export class CallError extends RetryableError {
  readonly status: number | undefined
  readonly durationMs: number

  constructor(
    message: string,
    about: { status?: number; durationMs: number; afterMs?: number; cause?: unknown },
  ) {
    super(message, {
      cause: about.cause,
      ...(about.afterMs === undefined ? {} : { afterMs: about.afterMs }),
    })
    this.status = about.status
    this.durationMs = about.durationMs
  }
}

/** The target refuses us, not the message: nothing goes there until a person or a check has looked. */
export class TargetRefusedError extends PausedError {
  readonly target: string
  readonly status: number
  readonly durationMs: number

  constructor(target: string, status: number, text: string, durationMs: number) {
    super(text, { afterMs: 0 })
    this.target = target
    this.status = status
    this.durationMs = durationMs
  }
}

export interface OdooOptions {
  connections: readonly Connection[]
  fetch: typeof fetch
  /** Milliseconds since 1970. */
  now: () => number
  /** Default 60 s; the contract asks for 30 at least. */
  timeoutMs?: number
}

export interface OdooClient {
  connection(id: string): Connection | undefined
  /** The connection of an agreement that names none: the only one there is. */
  defaultConnection(): Connection | undefined
  postMessage(
    target: string,
    call: { key: string; correlationId: string; body: Uint8Array },
  ): Promise<OdooAnswer>
  lease(target: string, limit: number, leaseSeconds: number): Promise<readonly LeasedRow[]>
  result(target: string, outboxId: string, result: OutboxResult): Promise<OdooAnswer>
  /** Asks with credentials; a refusal is thrown like everywhere. */
  health(target: string): Promise<OdooHealth>
}

const LATER = new Set([408, 425, 429])
const REFUSED = new Set([401, 403, 404])
const TOKEN_SECONDS = 600
const ANSWER_BYTES = 16 * 1024 * 1024

export function odooClient(options: OdooOptions): OdooClient {
  const { connections, now, timeoutMs = 60_000 } = options
  const byId = new Map(connections.map((one) => [one.id, one]))
  const tokens = new Map<string, { token: string; until: number }>()

  const authorization = (c: Connection): Record<string, string> => {
    if (c.key !== undefined) return { authorization: `Bearer ${c.key}` }
    if (c.jwt === undefined) return {}
    const seconds = Math.floor(now() / 1000)
    let known = tokens.get(c.id)
    if (!known || known.until < seconds) {
      const { kid, secret, issuer, subject } = c.jwt
      const token = jwt.sign({ iat: seconds, exp: seconds + TOKEN_SECONDS }, secret, {
        algorithm: 'HS256',
        keyid: kid,
        issuer,
        subject,
        audience: 'edi_gateway',
      })
      known = { token, until: seconds + TOKEN_SECONDS / 2 }
      tokens.set(c.id, known)
    }
    return { authorization: `Bearer ${known.token}` }
  }

  const call = async (
    target: string,
    method: 'GET' | 'POST',
    path: string,
    more: { body?: Uint8Array; headers?: Record<string, string>; notFoundAnswers?: boolean } = {},
  ): Promise<OdooAnswer> => {
    const connection = byId.get(target)
    if (!connection) throw new PausedError(`there is no connection ${target}`, { afterMs: 60_000 })
    const started = performance.now()
    const durationMs = () => performance.now() - started
    let response: Response
    let body: unknown
    try {
      response = await options.fetch(
        `${connection.url.replace(/\/+$/, '')}/edi_gateway/v1${path}`,
        {
          method,
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            ...authorization(connection),
            ...(more.body ? { 'content-type': 'application/json' } : {}),
            ...more.headers,
          },
          ...(more.body ? { body: more.body } : {}),
        },
      )
      body = await readJson(response)
    } catch (cause) {
      const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause
      throw new CallError(`no answer from ${target}: ${describeError(inner)}`, {
        durationMs: durationMs(),
        cause,
      })
    }
    const { status } = response
    const problem = problemOf(body)
    const text = `${target} answered ${status}${problem.text ? `: ${problem.text}` : ''}`
    if (status >= 500 || LATER.has(status)) {
      const afterMs = retryAfter(response.headers.get('retry-after'), now())
      throw new CallError(text, {
        status,
        durationMs: durationMs(),
        ...(afterMs === undefined ? {} : { afterMs }),
      })
    }
    const ownNotFound = status === 404 && more.notFoundAnswers && problem.code === 'not_found'
    if ((REFUSED.has(status) && !ownNotFound) || (status >= 300 && status < 400))
      throw new TargetRefusedError(target, status, text, durationMs())
    return { status, accepted: status < 300, ...problem, body, durationMs: durationMs() }
  }

  const json = (value: unknown) => Buffer.from(JSON.stringify(value))

  return {
    connection: (id) => byId.get(id),
    defaultConnection: () => (connections.length === 1 ? connections[0] : undefined),
    postMessage: (target, { key, correlationId, body }) =>
      call(target, 'POST', '/messages', {
        body,
        headers: { 'idempotency-key': key, 'x-correlation-id': correlationId },
      }),
    lease: async (target, limit, leaseSeconds) => {
      const answer = await call(target, 'POST', '/outbox/lease', {
        body: json({ limit, leaseSeconds }),
      })
      if (!answer.accepted || !Array.isArray(answer.body))
        throw new CallError(`${target} gave no outbox: ${answer.text ?? answer.status}`, answer)
      return answer.body.filter(isLeasedRow)
    },
    result: (target, outboxId, result) =>
      call(target, 'POST', `/outbox/${encodeURIComponent(outboxId)}/result`, {
        body: json(result),
        notFoundAnswers: true,
      }),
    health: async (target) => {
      const answer = await call(target, 'GET', '/health')
      if (!isHealth(answer.body)) throw new CallError(`${target} gave no health`, answer)
      return answer.body
    },
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const isLeasedRow = (row: unknown): row is LeasedRow =>
  isRecord(row) &&
  typeof row['id'] === 'string' &&
  typeof row['leaseToken'] === 'string' &&
  typeof row['idempotencyKey'] === 'string'

const isHealth = (body: unknown): body is OdooHealth =>
  isRecord(body) && typeof body['status'] === 'string'

/** Answers of something else than the addon (a proxy's page) are kept as text for people, cut short. */
async function readJson(response: Response): Promise<unknown> {
  const length = Number(response.headers.get('content-length') ?? 0)
  if (length > ANSWER_BYTES) throw new Error(`the answer is ${length} bytes long`)
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    return text.slice(0, 300)
  }
}

function problemOf(body: unknown): { code?: string; text?: string } {
  if (typeof body === 'string') return body === '' ? {} : { text: body.replace(/\s+/g, ' ') }
  if (!isRecord(body)) return {}
  if (Array.isArray(body['issues'])) {
    const lines = body['issues'].filter(isRecord).map((one) => `${one['path']} ${one['text']}`)
    return { code: 'issues', text: lines.join('; ').slice(0, 500) }
  }
  return {
    ...(typeof body['error'] === 'string' ? { code: body['error'] } : {}),
    ...(typeof body['text'] === 'string' ? { text: body['text'] } : {}),
  }
}

/** Retry-After in seconds or as a date; at most an hour. */
function retryAfter(value: string | null, now: number): number | undefined {
  if (value === null) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : undefined
}
