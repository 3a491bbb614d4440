// Content-Transfer-Encoding (RFC 2045 §6): HTTP needs none, so `binary` is what we send, but base64 and quoted-printable
// arrive. An absent header means that the bytes are as they are, whatever they contain.
import type { Chunks } from '../bytes.js'
import { asBuffer } from '../bytes.js'
import { Malformed } from '../failure.js'

/** The content behind an encoding. Throws Malformed for an unknown encoding and for bytes that do not fit it. */
export function decodeTransfer(chunks: Chunks, encoding: string | undefined): Chunks {
  switch (encoding?.trim().toLowerCase()) {
    case undefined:
    case '':
    case '7bit':
    case '8bit':
    case 'binary':
      return chunks
    case 'base64':
      return decodeBase64(chunks)
    case 'quoted-printable':
      return decodeQuotedPrintable(chunks)
    default:
      throw new Malformed(`content transfer encoding ${JSON.stringify(encoding)} is unknown`, 0)
  }
}

export async function* decodeBase64(chunks: Chunks): AsyncGenerator<Buffer, void, undefined> {
  let carry = ''
  let ended = false
  for await (const chunk of chunks) {
    const text =
      carry +
      asBuffer(chunk)
        .toString('latin1')
        .replace(/[\r\n\t ]+/g, '')
    const usable = text.length - (text.length % 4)
    carry = text.slice(usable)
    if (usable === 0) continue
    const group = text.slice(0, usable)
    if (ended || !/^[A-Za-z0-9+/]*={0,2}$/.test(group)) throw new Malformed('not base64', 0)
    ended = group.endsWith('=')
    yield Buffer.from(group, 'base64')
  }
  if (carry !== '') throw new Malformed('base64 ends too early', 0)
}

/** Lines of 76 characters with CRLF. */
export async function* encodeBase64(chunks: Chunks): AsyncGenerator<Buffer, void, undefined> {
  const LINE = 57
  let carry = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([carry, chunk])
    const usable = bytes.length - (bytes.length % LINE)
    carry = bytes.subarray(usable)
    if (usable > 0) yield Buffer.from(base64Lines(bytes.subarray(0, usable)))
  }
  if (carry.length > 0) yield Buffer.from(base64Lines(carry))
}

/** Base64 of bytes in memory, in lines. */
export function base64Lines(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{1,76}/g, '$&\r\n')
}

const MAX_LINE = 16 * 1024

async function* decodeQuotedPrintable(chunks: Chunks): AsyncGenerator<Buffer, void, undefined> {
  let carry = ''
  for await (const chunk of chunks) {
    const text = carry + asBuffer(chunk).toString('latin1')
    const end = text.lastIndexOf('\n') + 1
    carry = text.slice(end)
    if (carry.length > MAX_LINE) throw new Malformed('line too long for quoted-printable', 0)
    if (end > 0) yield unquote(text.slice(0, end))
  }
  if (carry !== '') yield unquote(carry)
}

function unquote(lines: string): Buffer {
  const joined = lines
    .replace(/[ \t]+(?=\r?\n)/g, '')
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-Fa-f]{2})?/g, (_, hex: string | undefined) => {
      if (hex === undefined) throw new Malformed('not quoted-printable', 0)
      return String.fromCharCode(parseInt(hex, 16))
    })
  return Buffer.from(joined, 'latin1')
}
