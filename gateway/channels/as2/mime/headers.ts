// Header blocks of MIME entities (RFC 5322 §2.2, RFC 2045), byte-exact: the block as it came is kept beside the fields,
// because digests are over bytes. Names and values going out are refused when they could start another header.
import type { ByteSource } from '../bytes.js'
import { Malformed } from '../failure.js'

const MAX_HEADER_BYTES = 16 * 1024

/** Header fields in order, values unfolded. */
export class Headers {
  readonly fields: readonly (readonly [name: string, value: string])[]

  constructor(fields: readonly (readonly [name: string, value: string])[]) {
    this.fields = fields
  }

  /** Of `rawHeaders` as node:http gives them: names and values in turn. */
  static fromRaw(raw: readonly string[]): Headers {
    return new Headers(
      Array.from({ length: raw.length / 2 }, (_, n) => [raw[2 * n]!, raw[2 * n + 1]!] as const),
    )
  }

  /** Value of a field, any case of `name`. Throws Malformed when it stands twice: two readers could differ. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase()
    const found = this.fields.filter(([field]) => field.toLowerCase() === wanted)
    if (found.length > 1) throw new Malformed(`header ${name} stands more than once`, 0)
    return found[0]?.[1]
  }
}

/**
 * Takes the header block with the empty line that ends it; lines may end in CRLF or LF. Throws Malformed for a block
 * over 16 KiB, one that never ends, and lines that are no header.
 */
export async function readHeaders(
  source: ByteSource,
): Promise<{ readonly raw: Buffer; readonly headers: Headers }> {
  const parts: Buffer[] = []
  let size = 0
  // Position in the line, 0 at its start, -1 after a CR at its start.
  let column = 0
  for (;;) {
    const chunk = await source.some()
    if (chunk === undefined) throw new Malformed('header block without an end', source.position)
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index]!
      if (byte === 0x0a && column <= 0) {
        parts.push(chunk.subarray(0, index + 1))
        source.unread(chunk.subarray(index + 1))
        const raw = Buffer.concat(parts)
        return { raw, headers: new Headers(parseFields(raw)) }
      }
      if (byte === 0x0a) column = 0
      else if (byte === 0x0d && column === 0) column = -1
      else column = 1
      if (size + index >= MAX_HEADER_BYTES) throw new Malformed('header block too large', size)
    }
    parts.push(chunk)
    size += chunk.length
  }
}

/** Header fields that are a content of their own, as in a disposition notification; empty lines are skipped. */
export function parseHeaderText(bytes: Buffer): Headers {
  const lines = decodeText(bytes).split(/\r?\n/)
  return new Headers(parseLines(lines.filter((line) => line.trim() !== '')))
}

const FIELD = /^([!-9;-~]+)[ \t]*:[ \t]*([^]*)$/
/** Control characters but for the tab. */
const CONTROL = /(?!\t)\p{Cc}/u

function parseFields(raw: Buffer): [string, string][] {
  return parseLines(decodeText(raw).split(/\r?\n/).slice(0, -2))
}

function parseLines(lines: readonly string[]): [string, string][] {
  const fields: string[] = []
  for (const line of lines) {
    if (!/^[ \t]/.test(line)) fields.push(line)
    else if (fields.length === 0) throw new Malformed('folded line before the first header', 0)
    else fields[fields.length - 1] += ` ${line.trimStart()}`
  }
  return fields.map((field, index) => {
    const [, name, value] = FIELD.exec(field) ?? []
    if (name === undefined || value === undefined || CONTROL.test(value))
      throw new Malformed(`line ${index + 1} is no header`, 0)
    return [name, value.trimEnd()]
  })
}

/** UTF-8 where it is, else one character per byte: old products put Latin-1 names into headers. */
function decodeText(raw: Buffer): string {
  const text = raw.toString('utf8')
  return text.includes('\ufffd') ? raw.toString('latin1') : text
}

/** One header line with its CRLF. Throws for anything that would break out of the line. */
export function headerLine(name: string, value: string): string {
  if (!/^[!-9;-~]+$/.test(name) || CONTROL.test(value))
    throw new Malformed(`header ${JSON.stringify(name)} cannot be written`, 0)
  return `${name}: ${value}\r\n`
}

/** A header block with its empty line. */
export function headerBlock(fields: Iterable<readonly [string, string]>): Buffer {
  return Buffer.from(`${[...fields].map(([name, value]) => headerLine(name, value)).join('')}\r\n`)
}
