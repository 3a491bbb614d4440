// DER writer: values in, encoded bytes out, always definite and minimal (X.690 §10). What has to be streamed is framed
// with `header` (length known) or with `INDEFINITE`/`END` (BER).
import { context, TAG } from './tags.js'

/** Identifier and length octets of an element with `length` content bytes. */
export function header(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.of(tag, length)
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Buffer.of(tag, 0x80 | bytes.length, ...bytes)
}

/** Opens a constructed element of unknown length; `END` closes it. */
export const indefinite = (tag: number): Buffer => Buffer.of(tag, 0x80)
export const END = Buffer.of(0, 0)

/** One element around the concatenated contents. */
export function element(tag: number, ...contents: Uint8Array[]): Buffer {
  const length = contents.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([header(tag, length), ...contents])
}

export const sequence = (...items: Uint8Array[]): Buffer => element(TAG.sequence, ...items)

/** SET OF in DER order: encodings ascending (X.690 §11.6). */
export function setOf(items: readonly Uint8Array[], tag: number = TAG.set): Buffer {
  return element(tag, ...[...items].sort(Buffer.compare))
}

export const explicit = (n: number, ...items: Uint8Array[]): Buffer => element(context(n), ...items)

export const octetString = (bytes: Uint8Array): Buffer => element(TAG.octetString, bytes)

/** INTEGER from a small number ≥ 0 or from its content octets as they stand in a certificate. */
export function integer(value: number | Uint8Array): Buffer {
  if (typeof value !== 'number') return element(TAG.integer, value)
  const hex = value.toString(16)
  const raw = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return element(TAG.integer, raw[0]! & 0x80 ? Buffer.concat([Buffer.of(0), raw]) : raw)
}

export const NULL = Buffer.of(TAG.null, 0)

/** OBJECT IDENTIFIER from dotted text. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second, ...rest].flatMap(base128)
  return element(TAG.oid, Uint8Array.from(bytes))
}

function base128(arc: number): number[] {
  const bytes = [arc % 128]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128))
    bytes.unshift(0x80 | (rest % 128))
  return bytes
}

/** UTCTime to 2049, GeneralizedTime after (RFC 5652 §11.3); whole seconds, UTC. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, '')
  return date.getUTCFullYear() < 2050
    ? element(TAG.utcTime, Buffer.from(digits.slice(2)))
    : element(TAG.generalizedTime, Buffer.from(digits))
}
