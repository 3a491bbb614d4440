// Reading of a disposition notification: the two parts of a multipart/report that matter (RFC 8098 §3).
import { ByteSource, type Chunks, gather } from '../bytes.js'
import { Malformed } from '../failure.js'
import { type Mic, parseMic } from '../mic.js'
import { type Headers, parseHeaderText, readHeaders } from '../mime/headers.js'
import { readParameters } from '../mime/parameters.js'
import { decodeTransfer } from '../mime/transfer.js'
import { type Disposition, parseDisposition } from './disposition.js'

export interface Report {
  /** As it stands, usually in angle brackets; undefined when the partner could not name it. */
  readonly originalMessageId: string | undefined
  readonly disposition: Disposition | undefined
  readonly mic: Mic | undefined
  /** All fields of the notification, for the record. */
  readonly fields: readonly (readonly [string, string])[]
  /** What the partner wrote for people; at most 8 KiB. */
  readonly text: string
}

const MAX_PART = 64 * 1024

/** Reads the parts of a multipart/report. Throws Malformed when there is no notification among them. */
export async function readReport(parts: AsyncIterable<Chunks>): Promise<Report> {
  let text = ''
  let notification: Headers | undefined
  for await (const part of parts) {
    const source = new ByteSource(part)
    const { headers } = await readHeaders(source)
    const type = readParameters(headers.get('content-type') ?? 'text/plain').value
    const encoding = headers.get('content-transfer-encoding')
    if (type === 'message/disposition-notification' && notification === undefined)
      notification = parseHeaderText(
        await gather(decodeTransfer(source.rest(), encoding), MAX_PART),
      )
    else if (type.startsWith('text/') && text === '')
      text = (await gather(decodeTransfer(source.rest(), encoding), MAX_PART)).toString('utf8')
    await source.drain()
  }
  if (notification === undefined)
    throw new Malformed('report without a disposition notification', 0)
  const disposition = notification.get('disposition')
  const mic = notification.get('received-content-mic')
  return {
    originalMessageId: notification.get('original-message-id'),
    disposition: disposition === undefined ? undefined : parseDisposition(disposition),
    mic: mic === undefined ? undefined : parseMic(mic),
    fields: notification.fields,
    text: text.trim().slice(0, 8192),
  }
}
