// What receipt a sender asks for: Disposition-Notification-To, Disposition-Notification-Options and
// Receipt-Delivery-Option (RFC 4130 §7.3).
import { Malformed } from '../failure.js'
import { digestNamed } from '../mic.js'
import { DIGESTS, type DigestName } from '../cms/algorithms.js'
import type { Headers } from '../mime/headers.js'
import { type Modifier } from './disposition.js'

export interface ReceiptRequest {
  readonly signed: boolean
  /** Digest of the MIC for unsigned messages, and how the sender spells digests. */
  readonly micDigest: DigestName
  readonly spelling: (digest: DigestName) => string
  /** Where an asynchronous receipt is wanted; only ever compared with the partner's settings. */
  readonly deliverTo: string | undefined
  /** Set when something required cannot be done. */
  readonly impossible: Modifier | undefined
}

/** Reads the request; undefined when no receipt is asked for. */
export function readReceiptRequest(
  headers: Headers,
  allowSha1: boolean,
): ReceiptRequest | undefined {
  if (headers.get('disposition-notification-to') === undefined) return undefined
  const options = readOptions(headers.get('disposition-notification-options') ?? '')
  const protocol = options.get('signed-receipt-protocol')
  const micalg = options.get('signed-receipt-micalg')
  const usable = (micalg?.values ?? [])
    .map((name) => [digestNamed(name), name] as const)
    .filter(([digest]) => digest !== undefined && (allowSha1 || !DIGESTS[digest].legacy))
  const signable =
    protocol?.values.some((name) => name.toLowerCase() === 'pkcs7-signature') === true
  return {
    signed: signable,
    micDigest: usable[0]?.[0] ?? 'sha256',
    spelling: (digest) => usable.find(([name]) => name === digest)?.[1] ?? DIGESTS[digest].micalg,
    deliverTo: headers.get('receipt-delivery-option')?.trim() || undefined,
    impossible: impossible(),
  }

  function impossible(): Modifier | undefined {
    if (protocol?.required === true && !signable)
      return { kind: 'failure', text: 'unsupported format' }
    if (micalg?.required === true && usable.length === 0)
      return { kind: 'failure', text: 'unsupported MIC-algorithms' }
    return undefined
  }
}

interface Option {
  readonly required: boolean
  readonly values: readonly string[]
}

/** `name=required|optional, value, value; …`; products leave out the importance or put blanks anywhere. */
function readOptions(text: string): Map<string, Option> {
  const options = new Map<string, Option>()
  for (const piece of text.split(';').filter((part) => part.trim() !== '')) {
    const at = piece.indexOf('=')
    if (at < 0) throw new Malformed('Disposition-Notification-Options cannot be read', 0)
    const words = piece
      .slice(at + 1)
      .split(',')
      .map((word) => word.trim().replace(/^"(.*)"$/, '$1'))
    const importance = words[0]?.toLowerCase() ?? ''
    const named = importance === 'required' || importance === 'optional'
    const name = piece.slice(0, at).trim().toLowerCase()
    options.set(name, {
      required: importance === 'required',
      values: named ? words.slice(1) : words,
    })
  }
  return options
}
