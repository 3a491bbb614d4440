// A message to a partner as its settings want it: sealed in another thread, with the headers that go with it and the
// wish for a receipt. Built once; every try sends the same bytes under the same Message-ID.
import { formatAs2Name } from './as2-name.js'
import { DIGESTS } from './cms/algorithms.js'
import type { SealJob, SealResult, Stored } from './crypto-job.js'
import { bestPin } from './keys/pins.js'
import type { Partner } from './partner.js'

/** What is sent, and where it says it is called. */
export interface OutgoingPayload {
  readonly content: Stored
  readonly contentType: string
  readonly fileName: string
}

export interface BuildOptions {
  readonly messageId: string
  readonly now: Date
  readonly folder: string
  /** Our address for asynchronous receipts; asked for only when the partner gives such. */
  readonly receiptUrl: () => string
  readonly seal: (job: SealJob) => Promise<SealResult>
}

export type Headers = readonly (readonly [string, string])[]

export interface BuiltMessage {
  readonly headers: Headers
  readonly sealed: SealResult
  readonly signed: boolean
}

/** How the partner receives; defaults are what every product understands. */
export const receiptOf = ({ settings }: Pick<Partner, 'settings'>) => ({
  mode: settings.receipt?.mode ?? 'sync',
  signed: settings.receipt?.signed ?? true,
  minutes: settings.receipt?.minutes ?? 120,
})

/** Builds the message, or tells what is missing to do so. */
export async function buildMessage(
  partner: Partner,
  payload: OutgoingPayload,
  options: BuildOptions,
): Promise<BuiltMessage | { readonly missing: string }> {
  const { settings, pins, keys, station } = partner
  const { now } = options
  const sign = settings.sign === 'none' ? undefined : (settings.sign ?? {})
  const encrypt = settings.encrypt === 'none' ? undefined : (settings.encrypt ?? {})
  const key = sign && bestPin(keys, 'signature', now)
  if (sign && !key) return { missing: `${station} has no valid key to sign with` }
  const pin = encrypt && bestPin(pins, 'encryption', now)
  if (encrypt && !pin) return { missing: `${partner.id} has no valid certificate to encrypt for` }
  const digest = sign?.digest ?? 'sha256'
  const sealed = await options.seal({
    kind: 'seal',
    payloads: [payload],
    micDigest: digest,
    folder: options.folder,
    ...(settings.compress === undefined ? {} : { compress: settings.compress }),
    ...(sign && key
      ? {
          sign: {
            by: { certificate: key.certificate.der, privateKey: key.privateKey },
            digest,
            scheme: sign.scheme ?? 'rsa',
            form: sign.form ?? 'detached',
            signingTime: now,
          },
        }
      : {}),
    ...(encrypt && pin
      ? {
          encrypt: {
            recipient: pin.certificate.der,
            cipher: encrypt.cipher ?? 'aes256-cbc',
            transport: encrypt.transport ?? 'rsa',
            recipientId: encrypt.recipientId ?? 'issuer-serial',
          },
        }
      : {}),
  })
  const version = settings.version ?? '1.2'
  const headers: [string, string][] = [
    ['AS2-Version', version],
    ...(version === '1.3' ? [['AS2-Product', PRODUCT] as [string, string]] : []),
    ['AS2-From', formatAs2Name(station)],
    ['AS2-To', formatAs2Name(partner.name)],
    ['Message-ID', options.messageId],
    ['Date', now.toUTCString().replace('GMT', '+0000')],
    ['Subject', settings.subject ?? 'EDI message'],
    ['MIME-Version', '1.0'],
    ['User-Agent', PRODUCT],
    ['EDIINT-Features', 'multiple-attachments, AS2-Reliability'],
    ...receiptWish(partner, digest, options.receiptUrl),
    ...sealed.headers.map(([name, value]): [string, string] => [name, value]),
  ]
  return { headers, sealed, signed: sign !== undefined }
}

const PRODUCT = 'odoo-edi-gateway'

function receiptWish(
  partner: Partner,
  digest: keyof typeof DIGESTS,
  receiptUrl: () => string,
): [string, string][] {
  const { mode, signed } = receiptOf(partner)
  if (mode === 'none') return []
  const micalg = DIGESTS[digest].micalg
  return [
    // Only a flag (RFC 4130 §7.3): nobody sends to it.
    ['Disposition-Notification-To', formatAs2Name(partner.station)],
    ...(signed
      ? [
          [
            'Disposition-Notification-Options',
            `signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, ${micalg}`,
          ] as [string, string],
        ]
      : []),
    ...(mode === 'async' ? [['Receipt-Delivery-Option', receiptUrl()] as [string, string]] : []),
  ]
}
