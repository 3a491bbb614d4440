// Intake of interchanges: POST /v1/interchanges on node:http, streamed to a spool and into the mailbox. The answer is
// given after the commit, so what was answered 2xx is never lost.
import { spool, type Spool } from '../spool.js'
import type { Mailbox } from '../channels/channel.js'
import type { Meter } from '../meter.js'
import type { Authenticator } from '../security/authenticate.js'
import { authorize } from './authorize.js'
import { declaredSize, pacedBody } from './body.js'
import { answer, type Exchange } from './exchange.js'
import { Problem, retryAfter } from './problem.js'

export const INTERCHANGES_PATH = '/v1/interchanges'

export interface ListenerOptions {
  authenticator: Authenticator
  mailbox: Pick<Mailbox, 'deposit'>
  meter: Meter
  spoolFolder: string
  newId: () => string
  maxBytes: number
  slowClientMs: number
  /** Milliseconds a sender should wait because the gateway is behind; 0 when it is not. */
  backlogMs: () => number
}

const TYPES =
  /^(?:application\/(?:edi-x12|edifact|edi-consent|octet-stream|xml)|text\/(?:plain|xml))(?:\s*;|\s*$)/i
const KEY = /^[\x21-\x7e]{1,255}$/
/** Uploads at once in one process; each may hold a megabyte before it goes to disk. */
const MAX_UPLOADS = 256

const checkType = (exchange: Exchange) => {
  const { headers } = exchange.request
  const type = headers['content-type']
  if (type !== undefined && !TYPES.test(type)) {
    const hint = /urlencoded/i.test(type)
      ? '; with curl add -H "Content-Type: application/edi-x12"'
      : ', but application/edi-x12, application/edifact, application/octet-stream or text/plain'
    throw new Problem(415, 'unsupported_media_type', `an interchange is not ${type}${hint}`)
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Problem(415, 'unsupported_media_type', `Content-Encoding ${encoding} is not taken`)
  }
}

const oneHeader = (value: string | string[] | undefined) =>
  Array.isArray(value) ? value.join(',') : value

/** RFC 9530: `sha-256=:<base64>:`. Other digests are not checked. */
const checkDigest = (exchange: Exchange, payload: Spool) => {
  const given = oneHeader(exchange.request.headers['content-digest'])
  const wanted = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):/.exec(given ?? '')?.[1]
  if (wanted !== undefined && wanted !== payload.sha256.toString('base64')) {
    throw new Problem(
      400,
      'bad_request',
      'the bytes are not those of Content-Digest; send them again',
    )
  }
}

const fileName = (exchange: Exchange) => {
  const name = exchange.url.searchParams.get('fileName')?.replace(/^.*[/\\]/s, '')
  if (name === undefined || name === '') return {}
  return { fileName: name.replace(/[\u0000-\u001f\u007f]/g, '_').slice(0, 255) }
}

/** Serves one POST. Throws a Problem. */
export function createListener(options: ListenerOptions) {
  const { meter, maxBytes, slowClientMs } = options
  let uploads = 0

  const receive = async (exchange: Exchange) => {
    const caller = await authorize(exchange, 'interchanges:write', options)
    if (caller.identity === undefined) {
      throw new Problem(403, 'forbidden', `${caller.client} may not carry interchanges for anybody`)
    }
    checkType(exchange)
    const { request } = exchange
    declaredSize(request, maxBytes)
    const key = oneHeader(request.headers['idempotency-key'])
    if (key !== undefined && !KEY.test(key)) {
      const detail = 'Idempotency-Key is 1 to 255 visible ASCII characters'
      throw new Problem(400, 'bad_request', detail)
    }
    const behind = options.backlogMs()
    if (behind > 0) {
      throw new Problem(429, 'too_many_requests', 'the gateway is behind with its work', {
        headers: retryAfter(behind),
      })
    }
    const payload = await spool(pacedBody(exchange, { maxBytes, slowMs: slowClientMs }), {
      folder: options.spoolFolder,
      newId: options.newId,
      maxBytes,
    })
    try {
      if (payload.size === 0) throw new Problem(400, 'bad_request', 'the body is empty')
      checkDigest(exchange, payload)
      const digest = payload.sha256.toString('hex')
      const deposited = await options.mailbox.deposit({
        channel: 'rest',
        partnerId: caller.identity,
        dedupeKey: key === undefined ? `sha256:${digest}` : `key:${key}`,
        payload,
        headers: {
          client: caller.client,
          ...(request.headers['content-type']
            ? { 'content-type': request.headers['content-type'] }
            : {}),
        },
        correlationId: exchange.correlationId,
        ...fileName(exchange),
      })
      if (!deposited.sha256.equals(payload.sha256)) {
        meter.count('gateway_duplicates_total', { where: 'key' })
        const detail = 'other bytes were stored under this Idempotency-Key'
        throw new Problem(409, 'idempotency_conflict', detail, {
          members: { id: deposited.messageId },
        })
      }
      meter.count('gateway_messages_received_total', { channel: 'rest', state: deposited.state })
      if (deposited.state === 'duplicate') {
        meter.count('gateway_duplicates_total', { where: 'intake' })
      }
      const self = `${INTERCHANGES_PATH}/${deposited.messageId}`
      const status = deposited.state === 'new' ? 202 : 200
      const body = {
        id: deposited.messageId,
        state: deposited.state === 'new' ? 'received' : 'duplicate',
        correlationId: deposited.correlationId,
        sha256: digest,
        size: payload.size,
        links: { self, raw: `${self}/raw`, acks: `${self}/acks` },
      }
      answer(exchange, status, body, { Location: self })
    } finally {
      await payload.discard()
    }
  }

  return async (exchange: Exchange): Promise<void> => {
    exchange.route = INTERCHANGES_PATH
    if (uploads >= MAX_UPLOADS) {
      throw new Problem(503, 'unavailable', 'too many uploads at once', {
        headers: retryAfter(1_000),
      })
    }
    uploads++
    try {
      await receive(exchange)
    } finally {
      uploads--
    }
  }
}
