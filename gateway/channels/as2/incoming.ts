// What passes between the HTTP server and the AS2 channel, and what is known of a message before it is opened.
import type { Receipt } from './mdn/build.js'
import type { ReceiptRequest } from './mdn/request.js'
import type { Headers } from './mime/headers.js'
import type { Partner } from './partner.js'

/** One POST as it came. `body` may be read once. */
export interface Incoming {
  readonly headers: Headers
  readonly body: AsyncIterable<Uint8Array>
  /** Address of the peer. */
  readonly origin: string
  /** SHA-256 of the TLS client certificate the peer has, in hex. */
  readonly tlsFingerprint?: string
  readonly correlationId: string
}

/** What is answered. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
}

/** A message with all that is known of it before it is opened. */
export interface Envelope {
  readonly partner: Partner
  readonly headers: Headers
  readonly from: string
  readonly to: string
  readonly messageId: string
  readonly request: ReceiptRequest | undefined
  readonly correlationId: string
  /** Partner and address, for slowing down. */
  readonly caller: string
}

/** Kind of the channel, as rows name it. */
export const CHANNEL = 'as2'

export const plain = (status: number, text: string): HttpAnswer => ({
  status,
  headers: [['Content-Type', 'text/plain; charset=us-ascii']],
  body: Buffer.from(`${text}\n`),
})
export const empty = (): HttpAnswer => ({ status: 200, headers: [], body: Buffer.alloc(0) })
export const ok = ({ headers, body }: Receipt): HttpAnswer => ({ status: 200, headers, body })
