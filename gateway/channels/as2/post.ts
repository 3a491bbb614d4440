// One HTTP POST to a partner's server: no redirects, every wait limited, the answer bounded. What comes back is the
// partner's word; only what did not come back is an error.
import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http'
import { Agent as TlsAgent, request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { rootCertificates } from 'node:tls'
import { describeError, PermanentError, RetryableError } from '../../errors.js'
import {
  PrivateAddressError,
  publicLookup,
  refusePrivateHost,
} from '../../security/private-address.js'
import { type Chunks, gather } from './bytes.js'
import { Malformed } from './failure.js'
import { Headers } from './mime/headers.js'
import type { Partner } from './partner.js'

export interface Post {
  readonly url: string
  readonly partner: Pick<Partner, 'settings' | 'secrets'>
  readonly headers: readonly (readonly [string, string])[]
  /** The body from its start; called once more when a kept connection turns out to be closed. */
  readonly body: () => Chunks
  readonly size: number
}

/** What a server answered. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
  readonly host: string
}

export interface Poster {
  /** Throws RetryableError when there is no whole answer, PermanentError for an address that is not called. */
  post(post: Post): Promise<Reply>
  /** Closes connections that are kept. */
  close(): void
}

const MAX_REPLY = 1 << 20
const CONNECT_MS = 20_000
/** Without a byte for so long a server is given up; opening a large message may take it a while. */
const TIMEOUT_SECONDS = 120

export function openPoster(): Poster {
  const kept = { keepAlive: true, keepAliveMsecs: 5_000, maxFreeSockets: 8, timeout: 60_000 }
  const plain = new Agent(kept)
  const tls = new TlsAgent(kept)

  const once = async (post: Post, url: URL): Promise<Reply> => {
    const request = open(post, url, url.protocol === 'https:' ? tls : plain)
    try {
      return await exchange(request, post, url.host)
    } finally {
      if (!request.destroyed && !request.writableFinished) request.destroy()
    }
  }

  return {
    async post(post) {
      const url = new URL(post.url)
      try {
        if (post.partner.settings.privateNetwork !== true) refusePrivateHost(url)
        try {
          return await once(post, url)
        } catch (error) {
          // The server closed the kept connection just before it was used: nothing was taken by anybody.
          if (!(error instanceof ClosedBefore)) throw error
          return await once(post, url)
        }
      } catch (error) {
        if (error instanceof PrivateAddressError)
          throw new PermanentError(`${error.message}; the partner's settings do not allow it`)
        const why = error instanceof ClosedBefore ? error.cause : error
        throw new RetryableError(`no answer from ${url.host}: ${describeError(why)}`, {
          cause: why,
        })
      }
    },
    close() {
      plain.destroy()
      tls.destroy()
    },
  }
}

class ClosedBefore extends Error {}

function open({ partner, headers, size }: Post, url: URL, agent: Agent): ClientRequest {
  const { settings, secrets } = partner
  const { user, ca, chunked, privateNetwork } = settings
  const fields: Record<string, string> = Object.fromEntries(headers)
  if (chunked !== true) fields['Content-Length'] = String(size)
  if (user !== undefined)
    fields['Authorization'] =
      `Basic ${Buffer.from(`${user}:${secrets.password ?? ''}`).toString('base64')}`
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest
  return request(url, {
    method: 'POST',
    agent,
    headers: fields,
    ...(privateNetwork === true ? {} : { lookup: publicLookup }),
    ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    ...(secrets.tlsCertificate === undefined ? {} : { cert: secrets.tlsCertificate }),
    ...(secrets.tlsKey === undefined ? {} : { key: secrets.tlsKey }),
    minVersion: 'TLSv1.2',
  })
}

/** Sends the body and reads the answer, which may come before the body is through (a refusal). */
async function exchange(request: ClientRequest, post: Post, host: string): Promise<Reply> {
  const idleMs = (post.partner.settings.timeoutSeconds ?? TIMEOUT_SECONDS) * 1000
  request.setTimeout(idleMs, () =>
    request.destroy(new Error(`no byte for ${idleMs / 1000} seconds`)),
  )
  const connecting = setTimeout(
    () => request.destroy(new Error(`no connection in ${CONNECT_MS / 1000} seconds`)),
    CONNECT_MS,
  )
  request.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => clearTimeout(connecting))
    else clearTimeout(connecting)
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        request.reusedSocket && error.code === 'ECONNRESET'
          ? new ClosedBefore('connection was closed', { cause: error })
          : error,
      ),
    )
  })
  // When the body cannot be sent whole, the answer or the error of the request tells why.
  const sent = pipeline(Readable.from(post.body(), { objectMode: false }), request).catch(
    () => undefined,
  )
  try {
    const response = await answered
    const slow = setTimeout(() => request.destroy(new Error('the answer comes too slowly')), idleMs)
    try {
      const body = await gather(response, MAX_REPLY)
      return {
        status: response.statusCode ?? 0,
        headers: Headers.fromRaw(response.rawHeaders),
        body,
        host,
      }
    } finally {
      clearTimeout(slow)
    }
  } catch (error) {
    if (error instanceof Malformed) throw new Error('the answer is larger than a receipt')
    throw error
  } finally {
    clearTimeout(connecting)
    if (!request.writableFinished) request.destroy()
    await sent
  }
}
