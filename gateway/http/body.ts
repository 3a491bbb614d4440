// Reading request bodies: bounded, paced, and asked for (100-continue) only once the request has been let in.
import type { IncomingMessage } from 'node:http'
import type { Exchange } from './exchange.js'
import { Problem } from './problem.js'

export interface Limits {
  maxBytes: number
  /** No byte for so long, or slower than MIN_RATE over a time longer than that, is a slow client. */
  slowMs: number
  /** What belongs in a JSON body, for the answer to one that is missing. */
  wanted?: string
}

/** Bytes per second below which a client is slow. */
const MIN_RATE = 512

const tooSlow = () => new Problem(408, 'timeout', 'the body stopped coming; send it again')

const SLOW = Symbol('slow')

/** Content-Length, checked against the limit before anything is read. */
export function declaredSize(request: IncomingMessage, maxBytes: number): number | undefined {
  const text = request.headers['content-length']
  if (text === undefined) return undefined
  if (Number(text) > maxBytes) {
    throw new Problem(413, 'too_large', `the body is ${text} bytes, at most ${maxBytes} are taken`)
  }
  return Number(text)
}

const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** The body as it comes. Throws a 408 Problem for a slow client, 400 when it breaks off, 413 over the limit. */
export async function* pacedBody(
  { request, response }: Exchange,
  { maxBytes, slowMs }: Limits,
): AsyncGenerator<Buffer> {
  if (!hasBody(request)) return
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue()
  const started = performance.now()
  // The request is not destroyed with the iterator: a refusal has to get back to its sender.
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>
  let size = 0
  let idle = false
  try {
    for (;;) {
      const next = await within(body.next(), slowMs)
      if (next === SLOW) {
        idle = true
        throw tooSlow()
      }
      if (next.done === true) break
      size += next.value.length
      if (size > maxBytes) {
        throw new Problem(413, 'too_large', `the body is larger than ${maxBytes} bytes`)
      }
      yield next.value
      const ms = performance.now() - started
      if (ms > slowMs && size / (ms / 1000) < MIN_RATE) throw tooSlow()
    }
  } catch (error) {
    if (error instanceof Problem) throw error
    throw new Problem(400, 'bad_request', 'the body broke off', { cause: error })
  } finally {
    if (!idle) await body.return?.()
  }
  if (!request.complete) throw new Problem(400, 'bad_request', 'the body broke off')
}

const within = async <T>(work: Promise<T>, ms: number): Promise<T | typeof SLOW> => {
  let timer: NodeJS.Timeout | undefined
  const slow = new Promise<typeof SLOW>((done) => {
    timer = setTimeout(() => done(SLOW), ms)
  })
  try {
    return await Promise.race([work, slow])
  } finally {
    clearTimeout(timer)
  }
}

/** A JSON body as bytes and value. 415 for another content type, 400 for what is no JSON. */
export async function readJson(
  exchange: Exchange,
  limits: Limits,
): Promise<{ bytes: Buffer; value: unknown }> {
  const { request } = exchange
  if (!hasBody(request))
    throw new Problem(400, 'bad_request', `the body is missing: ${limits.wanted ?? 'JSON'}`)
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) {
    throw new Problem(415, 'unsupported_media_type', 'the body must be application/json')
  }
  declaredSize(request, limits.maxBytes)
  const parts: Buffer[] = []
  for await (const part of pacedBody(exchange, limits)) parts.push(part)
  const bytes = Buffer.concat(parts)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new Problem(400, 'bad_request', 'the body is not UTF-8', { cause })
  }
  try {
    return { bytes, value: JSON.parse(text) as unknown }
  } catch (cause) {
    // JSON.parse tells the place in the text; what it quotes is the caller's own.
    throw new Problem(400, 'bad_request', `the body is no JSON: ${(cause as Error).message}`, {
      cause,
    })
  }
}
