// Every refusal is application/problem+json (RFC 9457) with a code a program can test, plain words for people and the
// correlation id that finds it in the log. Never a stack trace, never what the caller had no right to know.
import { ErasedError, RetryableError } from '../errors.js'
import { TooLargeError } from '../spool.js'

/** Every `code`, with its title. `type` is `urn:edigw:problem:<code>`. */
export const PROBLEMS = {
  bad_request: 'The request is malformed',
  invalid: 'The request does not fit its schema',
  unauthorized: 'Authentication is missing or not accepted',
  forbidden: 'The client may not do this',
  not_found: 'There is nothing here',
  erased: 'The payload was erased',
  method_not_allowed: 'This method is not offered here',
  timeout: 'The request came too slowly',
  conflict: 'This is not possible in the present state',
  idempotency_conflict: 'Something else was stored under this Idempotency-Key',
  too_large: 'The body is too large',
  unsupported_media_type: 'This content type is not taken here',
  not_processable: 'The document cannot be processed',
  too_many_requests: 'Too many requests',
  internal: 'The gateway failed',
  unavailable: 'The gateway cannot do this now',
} as const
export type ProblemCode = keyof typeof PROBLEMS

interface Extra {
  headers?: Record<string, string>
  /** Further members of the body, e.g. `issues`. */
  members?: Record<string, unknown>
  cause?: unknown
}

/** Thrown by a handler, answered as problem+json. `message` is the `detail` and may be shown to the caller. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly code: ProblemCode
  readonly headers: Record<string, string>
  readonly members: Record<string, unknown>

  constructor(status: number, code: ProblemCode, detail: string, extra: Extra = {}) {
    super(detail, extra.cause === undefined ? {} : { cause: extra.cause })
    this.status = status
    this.code = code
    this.headers = extra.headers ?? {}
    this.members = extra.members ?? {}
  }

  body(correlationId: string) {
    return {
      type: `urn:edigw:problem:${this.code}`,
      title: PROBLEMS[this.code],
      status: this.status,
      code: this.code,
      detail: this.message,
      correlationId,
      ...this.members,
    }
  }
}

export const retryAfter = (ms: number) => ({
  'Retry-After': String(Math.max(1, Math.ceil(ms / 1000))),
})

/** What an error of the inside is to the outside. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof TooLargeError) {
    return new Problem(413, 'too_large', error.message, { cause: error })
  }
  if (error instanceof ErasedError) {
    const members = { erasedAt: error.at.toISOString() }
    return new Problem(410, 'erased', error.message, { members, cause: error })
  }
  if (error instanceof RetryableError) {
    const headers = retryAfter(error.afterMs ?? 2_000)
    const detail = 'the database cannot be reached; try again with the same request'
    return new Problem(503, 'unavailable', detail, { headers, cause: error })
  }
  const detail = 'the log has the reason under this correlation id'
  return new Problem(500, 'internal', detail, { cause: error })
}
