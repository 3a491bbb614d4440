// Channel rest: bytes go out as an HTTP POST to the partner's address. Coming in they are an HTTP request of the
// gateway's own API, so there is nothing to start here.
import { Type, type Static } from '@sinclair/typebox'
import { object } from '../../../edi-maps/canonical/values.js'
import { RetryableError, describeError } from '../../errors.js'
import type { Channel, Payload } from '../channel.js'

export const RestAddress = object({
  /** Gets the bytes as the body of a POST. */
  url: Type.String({ pattern: '^https?://[^\\s]+$' }),
  /** Sent with each request, e.g. an API key the partner has issued. */
  headers: Type.Optional(Type.Record(Type.String({ pattern: '^[A-Za-z0-9-]+$' }), Type.String())),
})
export type RestAddress = Static<typeof RestAddress>

export interface RestOptions {
  fetch: typeof fetch
  /** Default 60 s. */
  timeoutMs?: number
}

const LATER = new Set([408, 425, 429])

export function restChannel({ fetch, timeoutMs = 60_000 }: RestOptions): Channel<RestAddress> {
  return {
    kind: 'rest',
    settingsSchema: RestAddress,
    start: async () => {},
    stop: async () => {},
    send: async ({ url, headers }, payload, meta) => {
      const host = new URL(url).host
      let response: Response
      try {
        response = await fetch(url, {
          method: 'POST',
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            ...headers,
            'content-type': meta.contentType,
            'content-disposition': `attachment; filename="${meta.fileName}"`,
            'idempotency-key': meta.idempotencyKey,
            'x-correlation-id': meta.correlationId,
          },
          body: await wholeBody(payload),
        })
        await response.arrayBuffer()
      } catch (cause) {
        const inner = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause
        throw new RetryableError(`no answer from ${host}: ${describeError(inner)}`, { cause })
      }
      const { status } = response
      if (status >= 200 && status < 300) return { state: 'transferred', evidence: { status, host } }
      const reason = `${host} answered ${status}`
      const retry = status >= 500 || LATER.has(status)
      const after = Number(response.headers.get('retry-after') ?? NaN)
      if (retry && after >= 0)
        throw new RetryableError(reason, { afterMs: Math.min(after, 3600) * 1000 })
      return { state: 'refused', reason, retry }
    },
  }
}

/** Interchanges we write are small; a body with a length also passes servers that refuse chunks. */
async function wholeBody(payload: Payload): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of payload.read()) parts.push(part)
  return Buffer.concat(parts)
}
