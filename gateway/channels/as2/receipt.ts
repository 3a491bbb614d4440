// The receipt for one message as its sender asked for it: signed with our newest key when a signed one is wanted.
import type { DigestName } from './cms/algorithms.js'
import { bestPin } from './keys/pins.js'
import { buildReceipt, type Receipt, receiptBytes } from './mdn/build.js'
import type { Modifier } from './mdn/disposition.js'
import type { ReceiptRequest } from './mdn/request.js'
import type { Mic } from './mic.js'
import type { Partner } from './partner.js'

/** The message that is answered. */
export interface Answered {
  readonly from: string
  readonly to: string
  readonly messageId: string
  readonly request: ReceiptRequest | undefined
}

export interface AnswerOptions {
  readonly modifier?: Modifier
  readonly mic?: Mic
  readonly newId: () => string
  readonly now: Date
}

/** Undefined when no receipt was asked for. Strangers have no `partner` and get no signature. */
export async function answerReceipt(
  { from, to, messageId, request }: Answered,
  partner: Partner | undefined,
  { modifier, mic, newId, now }: AnswerOptions,
): Promise<{ receipt: Receipt; bytes: Buffer; messageId: string } | undefined> {
  if (request === undefined) return undefined
  const key = request.signed && partner ? bestPin(partner.keys, 'signature', now) : undefined
  const digest: DigestName = mic?.digest ?? request.micDigest
  const ownId = `<${newId()}@odoo-edi-gateway>`
  const receipt = await buildReceipt({
    as2From: from,
    as2To: to,
    // An id that could not stand in a header was refused; what is left of it still tells which message is meant.
    originalMessageId: messageId.replace(/[^ -~]/g, '?').slice(0, 998),
    messageId: ownId,
    date: now,
    ...(modifier === undefined ? {} : { modifier }),
    ...(mic === undefined ? {} : { mic, micSpelling: request.spelling(mic.digest) }),
    ...(key === undefined ? {} : { sign: { signer: key, digest, signingTime: now } }),
    version: partner?.settings.version ?? '1.2',
    text:
      modifier === undefined
        ? `The message ${messageId} was received and verified. This is no statement on its content.`
        : `The message ${messageId} was not accepted: ${modifier.text}.`,
  })
  return { receipt, bytes: receiptBytes(receipt), messageId: ownId }
}
