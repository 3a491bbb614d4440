// What is decided about a message that was opened, or could not be: pure, from the partner's settings and what was found.
import type { OpenResult } from './crypto-job.js'
import type { Modifier } from './mdn/disposition.js'
import type { ReceiptRequest } from './mdn/request.js'
import type { PartnerSettings } from './settings.js'

export interface Verdict {
  /** Absent: accepted. */
  readonly modifier?: Modifier
  /** For us alone. */
  readonly detail?: string
}

const insufficient = (detail: string): Verdict => ({
  modifier: { kind: 'error', text: 'insufficient-message-security' },
  detail,
})

/** The verdict on an opened message. What the sender requires of the receipt comes first: it was told in the clear. */
export function judgeMessage(
  result: OpenResult,
  settings: PartnerSettings,
  request: ReceiptRequest | undefined,
): Verdict {
  if (request?.impossible !== undefined)
    return { modifier: request.impossible, detail: 'the receipt cannot be given as required' }
  if (!result.ok) return { modifier: { kind: 'error', text: result.code }, detail: result.detail }
  if (result.encrypted === undefined && settings.accept?.unencrypted !== true)
    return insufficient('not encrypted')
  if (result.signed === undefined && settings.accept?.unsigned !== true)
    return insufficient('not signed')
  if (result.payloads.length === 0)
    return {
      modifier: { kind: 'error', text: 'unexpected-processing-error' },
      detail: 'no payload',
    }
  return {}
}

/** What is recorded of how a message was protected. */
export function protectionOf(result: OpenResult): Record<string, string | boolean> {
  if (!result.ok) return {}
  const { encrypted, signed, compressed } = result
  return {
    compressed,
    ...(encrypted === undefined
      ? {}
      : { cipher: encrypted.cipher, transport: encrypted.transport, decryptedBy: encrypted.by }),
    ...(signed === undefined
      ? {}
      : { digest: signed.digest, scheme: signed.scheme, signedBy: signed.by }),
  }
}

/**
 * Where an asynchronous receipt may go: what the sender asks for when it is one of the partner's own servers (scheme,
 * host and port equal to a configured address), else the first configured one. Undefined: there is none, the receipt is
 * given in the answer. A sender must never be able to point us at a third party (SSRF).
 */
export function receiptTarget(asked: string, settings: PartnerSettings): string | undefined {
  const own = [
    ...(settings.receiptUrls ?? []),
    ...(settings.url === undefined ? [] : [settings.url]),
  ]
  const wanted = URL.canParse(asked) ? new URL(asked) : undefined
  const plain = wanted?.username === '' && wanted.password === ''
  const isOwn = (url: string) => URL.canParse(url) && new URL(url).origin === wanted?.origin
  return wanted !== undefined && plain && own.some(isOwn) ? wanted.href : own[0]
}
