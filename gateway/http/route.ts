// An API route as data: what it takes, what it answers, who may call it, and the code. Express, the checks and the
// OpenAPI document are all made from this one description, so they cannot say different things.
import type { Static, TObject, TProperties, TSchema } from '@sinclair/typebox'
import type { Caller } from '../security/authenticate.js'
import type { Scope } from '../security/scopes.js'

export interface Reply {
  status: number
  /** Sent as JSON; absent with `stream` and 204. */
  body?: unknown
  headers?: Record<string, string>
  stream?: {
    contentType: string
    bytes: AsyncIterable<Uint8Array>
    size?: number
    fileName?: string
  }
}

interface Input<P, Q, B> {
  /** From the path; every name in braces. */
  path: P
  query: Q
  body: B
  /** The body byte for byte, empty without one. */
  bytes: Buffer
  header(name: string): string | undefined
  caller: Caller
  correlationId: string
}

interface Answer {
  text: string
  schema?: TSchema
  /** Not JSON. */
  contentType?: string
}

export interface Route {
  method: 'get' | 'post' | 'put' | 'delete'
  /** OpenAPI form: `/v1/messages/{id}`. */
  path: string
  summary: string
  /** `open`: no credential needed. */
  scope: Scope | 'any' | 'open'
  params?: TObject<TProperties>
  query?: TObject<TProperties>
  body?: TSchema
  /** The handler checks the body itself, to answer in words of its own. */
  ownCheck?: true
  answers: Record<number, Answer>
  handle(input: Input<unknown, unknown, unknown>): Promise<Reply>
}

interface Typed<P extends TSchema, Q extends TSchema, B extends TSchema> extends Omit<
  Route,
  'handle' | 'params' | 'query' | 'body'
> {
  params?: P
  query?: Q
  body?: B
  handle(input: Input<Static<P>, Static<Q>, Static<B>>): Promise<Reply>
}

/** A route whose `handle` sees path, query and body as their schemas say; they are checked before it is called. */
export function route<
  P extends TObject<TProperties>,
  Q extends TObject<TProperties>,
  B extends TSchema,
>(description: Typed<P, Q, B>): Route {
  return description as unknown as Route
}
