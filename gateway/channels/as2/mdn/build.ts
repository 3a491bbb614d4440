// A receipt (MDN) as the partner asked for it: multipart/report, signed or not, finished to its last byte so that it can
// be stored in the transaction that accepts the message and given again for every repeat of it.
import { type Headers, headerBlock, readHeaders } from '../mime/headers.js'
import { ByteSource, chunksOf, gather } from '../bytes.js'
import type { SignOptions } from '../cms/sign.js'
import { formatAs2Name } from '../as2-name.js'
import { formatMic, type Mic } from '../mic.js'
import { parameter } from '../mime/parameters.js'
import { newBoundary, signEntity } from '../seal.js'
import { formatDisposition, type Modifier } from './disposition.js'

export interface ReceiptOptions {
  /** AS2 names of the message that is answered: we are its receiver. */
  as2From: string
  as2To: string
  /** Message-ID of that message as it stood, and the one of the receipt. */
  originalMessageId: string
  messageId: string
  date: Date
  modifier?: Modifier
  /** MIC of what was received; absent when it could not be computed. */
  mic?: Mic
  /** The partner's spelling of the digest in `signed-receipt-micalg`. */
  micSpelling?: string
  /** For people, one or two sentences in ASCII. */
  text: string
  /** Signs the receipt. */
  sign?: SignOptions
  /** AS2-Version of the answer (default 1.2). */
  version?: string
}

/** HTTP headers and body of an MDN. */
export interface Receipt {
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Buffer
}

const PRODUCT = 'odoo-edi-gateway'

/** Builds the receipt. Throws Malformed when a name or id of the message could break out of a header. */
export async function buildReceipt(options: ReceiptOptions): Promise<Receipt> {
  const boundary = newBoundary()
  const type = `multipart/report; report-type=disposition-notification${parameter('boundary', boundary)}`
  const body = Buffer.concat([
    Buffer.from(`--${boundary}\r\n`),
    headerBlock([
      ['Content-Type', 'text/plain; charset=us-ascii'],
      ['Content-Transfer-Encoding', '7bit'],
    ]),
    Buffer.from(`${asciiLines(options.text)}\r\n--${boundary}\r\n`),
    headerBlock([
      ['Content-Type', 'message/disposition-notification'],
      ['Content-Transfer-Encoding', '7bit'],
    ]),
    notification(options),
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ])
  const http: [string, string][] = [
    ['AS2-Version', options.version ?? '1.2'],
    ['AS2-From', formatAs2Name(options.as2To)],
    ['AS2-To', formatAs2Name(options.as2From)],
    ['Message-ID', options.messageId],
    ['Date', options.date.toUTCString().replace('GMT', '+0000')],
    ['MIME-Version', '1.0'],
  ]
  if (options.sign === undefined) return { headers: [...http, ['Content-Type', type]], body }
  const signed = await signEntity([['Content-Type', type]], body, options.sign)
  return {
    headers: [...http, ...signed.headers],
    body: await gather(signed.body, 1 << 20),
  }
}

function notification(options: ReceiptOptions): Buffer {
  const recipient = `rfc822; ${formatAs2Name(options.as2To)}`
  return headerBlock([
    ['Reporting-UA', PRODUCT],
    ['Original-Recipient', recipient],
    ['Final-Recipient', recipient],
    ['Original-Message-ID', options.originalMessageId],
    ['Disposition', formatDisposition(options.modifier)],
    ...(options.mic === undefined
      ? []
      : ([['Received-Content-MIC', formatMic(options.mic, options.micSpelling)]] as [
          string,
          string,
        ][])),
  ])
}

/** Text as 7-bit lines: what is not ASCII becomes `?`, a line never begins with a delimiter. */
const asciiLines = (text: string): string =>
  text
    .replace(/[^ -~\n]/g, '?')
    .replace(/\r?\n/g, '\r\n')
    .replace(/^-/gm, ' -') + '\r\n'

/** A receipt as one run of bytes, headers first: how it is stored. */
export const receiptBytes = ({ headers, body }: Receipt): Buffer =>
  Buffer.concat([headerBlock(headers), body])

/** The other way round. */
export async function parseReceiptBytes(bytes: Buffer): Promise<Receipt & { fields: Headers }> {
  const source = new ByteSource(chunksOf(bytes))
  const { headers } = await readHeaders(source)
  return {
    headers: headers.fields,
    body: await gather(source.rest(), bytes.length),
    fields: headers,
  }
}
