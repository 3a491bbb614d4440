// A partner's AS2 server for tests: it opens what comes with its own key and answers as it is told.
import { afterAll } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chunksOf } from '../../../../gateway/channels/as2/bytes.js'
import { type HttpAnswer, ok } from '../../../../gateway/channels/as2/incoming.js'
import {
  buildReceipt,
  type Receipt,
  type ReceiptOptions,
} from '../../../../gateway/channels/as2/mdn/build.js'
import type { Mic } from '../../../../gateway/channels/as2/mic.js'
import type { Report } from '../../../../gateway/channels/as2/mdn/report.js'
import { Headers } from '../../../../gateway/channels/as2/mime/headers.js'
import { all } from './chunks.js'
import { receive } from './conversation.js'
import type { TestIdentity } from './identities.js'

/** One POST, opened. */
export interface Arrived {
  readonly headers: Headers
  readonly body: Buffer
  readonly messageId: string
  readonly payload: Buffer | undefined
  readonly fileName: string | undefined
  readonly mic: Mic
  readonly signed: boolean
  readonly encrypted: boolean
  readonly report: Report | undefined
}

export interface PartnerServer {
  readonly url: string
  readonly arrived: Arrived[]
  /** What the next requests are answered; default a signed receipt. */
  answer: (arrived: Arrived) => Promise<HttpAnswer>
  /** A receipt as this partner gives it. */
  receipt(arrived: Arrived, more?: Partial<ReceiptOptions>): Promise<Receipt>
}

const opened = async (
  request: IncomingMessage,
  partner: TestIdentity,
  us: TestIdentity,
): Promise<Arrived> => {
  const headers = Headers.fromRaw(request.rawHeaders)
  const body = await all(request)
  const side = { identities: [partner], pinned: [us.certificate] }
  const message = await receive(side, headers.fields, () => chunksOf(body))
  const [first] = message.payloads
  return {
    ...{ headers, body, mic: message.mic, report: message.report },
    messageId: headers.get('message-id') ?? '',
    payload: first?.payload,
    fileName: first?.fileName?.name,
    signed: message.signed !== undefined,
    encrypted: message.encrypted !== undefined,
  }
}

const running: Server[] = []
afterAll(() => {
  for (const server of running) {
    server.closeAllConnections()
    server.close()
  }
})

export async function partnerServer(
  partner: TestIdentity,
  us: TestIdentity,
): Promise<PartnerServer> {
  let count = 0
  const receipt: PartnerServer['receipt'] = ({ headers, messageId, mic }, more = {}) =>
    buildReceipt({
      as2From: headers.get('as2-from') ?? '',
      as2To: headers.get('as2-to') ?? '',
      originalMessageId: messageId,
      messageId: `<receipt-${++count}@partner>`,
      date: new Date(),
      mic,
      text: 'received',
      sign: { signer: partner, digest: 'sha256', signingTime: new Date() },
      ...more,
    })
  const arrived: Arrived[] = []
  const normal = async (message: Arrived) => ok(await receipt(message))
  const server = createServer((request, response) => {
    opened(request, partner, us)
      .then(async (message) => {
        arrived.push(message)
        const { status, headers, body } = await self.answer(message)
        response.writeHead(status, [...headers.flat(), ...['Content-Length', String(body.length)]])
        response.end(body)
      })
      .catch((error: unknown) => {
        response.writeHead(500)
        response.end(String(error))
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  running.push(server)
  const { port } = server.address() as AddressInfo
  const self: PartnerServer = {
    url: `http://127.0.0.1:${port}/as2`,
    ...{ arrived, receipt, answer: normal },
  }
  return self
}
