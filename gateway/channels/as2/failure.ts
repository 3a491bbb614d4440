// What can be wrong with an AS2 message, named as its disposition says it: the error that stops the reading of a
// message carries the modifier its MDN will carry, so negative receipts need no second translation.

/**
 * Disposition modifiers after `processed/error: ` (RFC 4130 §7.4.3, draft-ietf-ediint-rfc4130bis).
 * `unexpected-processing-error` also stands for bytes that are not MIME or CMS at all.
 */
export type FailureCode =
  | 'decryption-failed'
  | 'authentication-failed'
  | 'integrity-check-failed'
  | 'decompression-failed'
  | 'insufficient-message-security'
  | 'unexpected-processing-error'

/** A message that cannot be accepted. `message` is for our log and operators, never for the partner. */
export class As2Failure extends Error {
  readonly code: FailureCode

  constructor(code: FailureCode, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.name = 'As2Failure'
    this.code = code
  }
}

/** Bytes that break the syntax of BER or MIME; `offset` counts from 0 in the structure being read. */
export class Malformed extends Error {
  readonly offset: number

  constructor(detail: string, offset: number) {
    super(`${detail} at byte ${offset}`)
    this.name = 'Malformed'
    this.offset = offset
  }
}

/** Runs `read` and turns any syntax error in it into the given failure; other errors pass. */
export async function failingAs<T>(code: FailureCode, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof Malformed) throw new As2Failure(code, error.message, { cause: error })
    throw error
  }
}
