// The two ways in which a system fails. A partner's bad document is never one of them: that is an Issue.

interface Options {
  cause?: unknown
}

/** Worth another try: later, or after `afterMs` when the other side said so (Retry-After). */
export class RetryableError extends Error {
  override readonly name = 'RetryableError'
  readonly afterMs: number | undefined

  constructor(message: string, options: Options & { afterMs?: number } = {}) {
    super(message, options)
    this.afterMs = options.afterMs
  }
}

/** Trying again cannot help; a person or another input is needed. */
export class PermanentError extends Error {
  override readonly name = 'PermanentError'

  constructor(message: string, options: Options = {}) {
    super(message, options)
  }
}

/** The key of a payload was destroyed: nobody can read it any more. */
export class ErasedError extends PermanentError {
  readonly at: Date

  constructor(at: Date) {
    super(`the payload was erased on ${at.toISOString().slice(0, 10)}`)
    this.at = at
  }
}

/** One line that says what went wrong, without stack or payload, at most 500 characters. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text.replace(/\s+/g, ' ').slice(0, 500)
}
