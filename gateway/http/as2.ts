// POST /as2 on node:http: the message streams into the channel's receiver, and what that decides is answered as it is.
// Partners authenticate by their certificates, so no bearer credential is asked for here.
import type { HttpAnswer, Incoming } from '../channels/as2/incoming.js'
import { Headers } from '../channels/as2/mime/headers.js'
import { declaredSize, pacedBody } from './body.js'
import type { Exchange } from './exchange.js'
import { Problem, retryAfter } from './problem.js'
import { peerFingerprint } from './tls.js'

export const AS2_PATH = '/as2'

export interface As2Options {
  receive: (incoming: Incoming) => Promise<HttpAnswer>
  /** Most bytes any partner may send; its own limit may be lower. */
  maxBytes: number
  slowClientMs: number
  backlogMs: () => number
}

/** Messages at once in one process; each may hold a megabyte before it goes to disk. */
const MAX_UPLOADS = 256

/** Serves one POST. Throws a Problem. */
export function createAs2(options: As2Options) {
  const { maxBytes, slowClientMs: slowMs } = options
  let uploads = 0

  const serve = async (exchange: Exchange): Promise<void> => {
    const { request, response } = exchange
    declaredSize(request, maxBytes)
    const behind = options.backlogMs()
    if (behind > 0)
      throw new Problem(503, 'unavailable', 'the gateway is behind with its work', {
        headers: retryAfter(behind),
      })
    const tlsFingerprint = peerFingerprint(request.socket)
    const answer = await options.receive({
      headers: Headers.fromRaw(request.rawHeaders),
      body: pacedBody(exchange, { maxBytes, slowMs }),
      origin: exchange.origin,
      ...(tlsFingerprint === undefined ? {} : { tlsFingerprint }),
      correlationId: exchange.correlationId,
    })
    response.writeHead(answer.status, [
      ...answer.headers.flat(),
      ...['Content-Length', String(answer.body.length)],
    ])
    response.end(answer.body)
    // A body that was not asked for (an unknown sender) is not waited for either.
    if (!request.complete) response.once('finish', () => request.socket.destroySoon())
  }

  return async (exchange: Exchange): Promise<void> => {
    exchange.route = AS2_PATH
    if (uploads >= MAX_UPLOADS)
      throw new Problem(503, 'unavailable', 'too many messages at once', {
        headers: retryAfter(1_000),
      })
    uploads++
    try {
      await serve(exchange)
    } finally {
      uploads--
    }
  }
}
