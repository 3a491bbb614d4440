// Character sets: bytes to text and back. Inside the syntaxes text from the wire is *byte text*: a string with one
// character U+0000..U+00FF per byte, so that positions in it are byte offsets; values are decoded when asked for.
// ISO 8859-1 is byte = code point by own code, because TextDecoder's `latin1` is windows-1252 (Encoding Standard).
import { decodeIso8859, encodeIso8859, isIso8859, type Iso8859 } from './iso-8859.js'

/**
 * How values are decoded. `auto`: each value that is valid UTF-8 is read as that, any other as ISO 8859-1. `ascii`
 * is for writing only: what it cannot say is not encodable.
 */
export type Charset = 'auto' | 'utf-8' | 'latin1' | 'ascii' | Iso8859

declare class TextDecoder {
  constructor(label?: string)
  decode(bytes: Uint8Array | Uint16Array): string
}
const ascii = new TextDecoder()
/** Of code units as this machine stores them. */
const units = new TextDecoder(
  new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 'utf-16le' : 'utf-16be',
)

const wide = new Uint16Array(64 * 1024)

/** Byte text of `bytes[from, to)`: bytes widened to code units and decoded as such. */
export function byteText(bytes: Uint8Array, from = 0, to = bytes.length): string {
  let text = ''
  for (let at = from; at < to; at += wide.length) {
    const part = bytes.subarray(at, Math.min(at + wide.length, to))
    wide.set(part)
    text += units.decode(wide.subarray(0, part.length))
  }
  return text
}

const words = new Int32Array(16 * 1024)
const wordBytes = new Uint8Array(words.buffer)

/**
 * Text of the same length as `bytes`, right where they are ASCII; what stands for others means nothing. For a block
 * that has few of them: 3 000 MB/s.
 */
export function asciiText(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += wordBytes.length) {
    const part = bytes.subarray(at, at + wordBytes.length)
    wordBytes.set(part)
    const count = (part.length + 3) >> 2
    for (let k = 0; k < count; k++) words[k]! &= 0x7f7f7f7f
    text += ascii.decode(wordBytes.subarray(0, part.length))
  }
  return text
}

/** Text of bytes that are ASCII. */
export const plainText = (bytes: Uint8Array): string => ascii.decode(bytes)

/** The bytes of a byte text. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes
}

/** Whether a text has only characters U+0000..U+007F. */
function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** Whether a text has a control character (C0 or DEL). */
export function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 32 || code === 127) return true
  }
  return false
}

/**
 * Length of the UTF-8 sequence that begins at `at` in a byte text: 1 to 4, or 0 when there is none (RFC 3629: no
 * overlong forms, no surrogates, nothing above U+10FFFF).
 */
export function utf8Length(text: string, at: number): number {
  const lead = text.charCodeAt(at)
  if (lead < 0x80) return 1
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  for (let k = 1; k < length; k++) {
    // Past the end charCodeAt is NaN, and NaN & 0xc0 is 0.
    if ((text.charCodeAt(at + k) & 0xc0) !== 0x80) return 0
  }
  const second = text.charCodeAt(at + 1)
  if (lead === 0xe0 && second < 0xa0) return 0
  if (lead === 0xed && second > 0x9f) return 0
  if (lead === 0xf0 && second < 0x90) return 0
  if (lead === 0xf4 && second > 0x8f) return 0
  return length
}

/** Text of a UTF-8 byte text; undefined when it is not valid UTF-8. */
export function decodeUtf8(text: string): string | undefined {
  let out = ''
  for (let at = 0; at < text.length;) {
    const length = utf8Length(text, at)
    if (length === 0) return undefined
    let point = text.charCodeAt(at)
    if (length > 1) point &= 0x7f >> length
    for (let k = 1; k < length; k++) point = (point << 6) | (text.charCodeAt(at + k) & 0x3f)
    out += String.fromCodePoint(point)
    at += length
  }
  return out
}

/** Decodes one value. With `utf-8` a value that is not valid is read as ISO 8859-1 too: it is never lost. */
export function decodeValue(text: string, charset: Charset): string {
  if (charset === 'latin1' || isAscii(text)) return text
  if (isIso8859(charset)) return decodeIso8859(text, charset)
  return decodeUtf8(text) ?? text
}

/** Byte text of a value; undefined when the character set cannot say it. `auto` writes UTF-8. */
export function encodeValue(value: string, charset: Charset): string | undefined {
  if (isAscii(value)) return value
  if (charset === 'ascii') return undefined
  if (isIso8859(charset)) return encodeIso8859(value, charset)
  if (charset === 'latin1') {
    for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) > 0xff) return undefined
    return value
  }
  let out = ''
  for (const char of value) {
    const point = char.codePointAt(0) ?? 0
    if (point >= 0xd800 && point <= 0xdfff) return undefined
    const tail = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3
    const lead = tail === 0 ? 0 : (0xf00 >> (tail + 1)) & 0xff
    out += String.fromCharCode(lead | (point >> (6 * tail)))
    for (let k = tail - 1; k >= 0; k--)
      out += String.fromCharCode(0x80 | ((point >> (6 * k)) & 0x3f))
  }
  return out
}

const NAMES: Readonly<Record<string, Charset>> = {
  auto: 'auto',
  ascii: 'ascii',
  'us-ascii': 'ascii',
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  latin1: 'latin1',
  'iso-8859-1': 'latin1',
}

/** The character set of a name as agreements have it; undefined when it is not known. */
export function charsetNamed(name: string): Charset | undefined {
  const lower = name.toLowerCase()
  return isIso8859(lower) ? lower : NAMES[lower]
}
