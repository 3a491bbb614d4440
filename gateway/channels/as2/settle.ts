// How a message ends: accepted with its payload, record and receipt in one transaction, or rejected, or answered again.
// Nothing is answered before it is committed.
import type { Log } from '../../log.js'
import { type Spool, spoolOf } from '../../spool.js'
import { raiseAlert } from '../../store/alerts.js'
import {
  type Accepted,
  type Attachment,
  recordAccepted,
  recordRejected,
  type Received,
} from '../../store/as2-messages.js'
import type { Meter } from '../../meter.js'
import type { Db } from '../../store/db.js'
import type { Mailbox, Within } from '../channel.js'
import type { OpenResult } from './crypto-job.js'
import { CHANNEL, empty, type Envelope, type HttpAnswer, ok } from './incoming.js'
import { pinState } from './keys/pins.js'
import { parseReceiptBytes } from './mdn/build.js'
import { formatDisposition } from './mdn/disposition.js'
import type { Partner } from './partner.js'
import { answerReceipt } from './receipt.js'
import { protectionOf, receiptTarget, type Verdict } from './verdict.js'

export interface SettleOptions {
  db: Db
  mailbox: Pick<Mailbox, 'deposit' | 'answer'>
  newId: () => string
  now: () => Date
  log: Pick<Log, 'info' | 'warn'>
  meter: Meter
}

/** A repeat asks for its asynchronous receipt again; within this time it is not sent twice. */
const AGAIN_MS = 300_000

export function createSettler({ db, mailbox, newId, now, log, meter }: SettleOptions) {
  return { accept, reject, repeat }

  async function accept(
    envelope: Envelope,
    raw: Spool,
    result: OpenResult & { ok: true },
    payloads: readonly Spool[],
  ): Promise<HttpAnswer> {
    const { partner, messageId } = envelope
    const receivedId = newId()
    const receipt = await answerReceipt(envelope, partner, { mic: result.mic, newId, now: now() })
    const target = asyncTarget(envelope)
    const stored = receipt && { answer: receipt.bytes }
    const [first] = result.payloads
    const attachments = result.payloads.slice(1).map((meta, index): Attachment => ({
      payload: payloads[index + 1]!,
      contentType: meta.contentType,
      ...(meta.fileName === undefined ? {} : { fileName: meta.fileName.name }),
    }))
    const deposited = await mailbox.deposit({
      ...{ channel: CHANNEL, partnerId: partner.id, dedupeKey: messageId },
      correlationId: envelope.correlationId,
      payload: payloads[0]!,
      headers: inboxHeaders(envelope, first!.contentType),
      ...(first!.fileName === undefined ? {} : { fileName: first!.fileName.name }),
      ...stored,
      ...(receipt !== undefined && target !== undefined
        ? { alsoSend: [answerToSend(`as2-mdn ${receivedId}`, receipt.bytes, partner, target)] }
        : {}),
      within: (inboxId) =>
        accepted({
          received: received(envelope, raw, receivedId, {}, result, receipt),
          ...{ inboxId, attachments },
        }),
    })
    meter.count('gateway_messages_received_total', { channel: CHANNEL, state: deposited.state })
    await warnOfExpired(partner, result)
    if (deposited.state === 'duplicate') return repeat(envelope, deposited)
    return receipt === undefined || target !== undefined ? empty() : ok(receipt.receipt)
  }

  /** Told to the sender, recorded, and forgotten as a key: the same message may come again and be good then. */
  async function reject(
    envelope: Envelope,
    raw: Spool,
    verdict: Verdict,
    result?: OpenResult,
  ): Promise<HttpAnswer> {
    const { partner } = envelope
    const mic = result?.ok === true ? { mic: result.mic } : {}
    const receipt = await answerReceipt(envelope, partner, {
      ...mic,
      ...(verdict.modifier === undefined ? {} : { modifier: verdict.modifier }),
      newId,
      now: now(),
    })
    const receivedId = newId()
    await recordRejected(db, received(envelope, raw, receivedId, verdict, result, receipt))
    const told = formatDisposition(verdict.modifier).replace(/^.*; /, '')
    log.warn(
      { partner: partner.id, disposition: told, detail: verdict.detail },
      'AS2 message rejected',
    )
    meter.count('gateway_as2_rejected_total', { reason: verdict.modifier?.text ?? '' })
    await raiseAlert(db, {
      key: `as2-rejected ${partner.id}`,
      kind: 'as2-rejected',
      subject: `as2 ${receivedId}`,
      text: `A message of ${partner.id} was rejected (${told}): ${verdict.detail ?? ''}`,
    })
    if (receipt === undefined) return empty()
    const target = asyncTarget(envelope)
    if (target === undefined) return ok(receipt.receipt)
    await mailbox.answer({
      ...answerToSend(`as2-mdn ${receivedId}`, receipt.bytes, partner, target),
      ...{ channel: CHANNEL, partnerId: partner.id, correlationId: envelope.correlationId },
    })
    return empty()
  }

  /** The stored receipt again, byte for byte. */
  async function repeat(
    envelope: Envelope,
    stored: { messageId: string; answer?: Buffer },
  ): Promise<HttpAnswer> {
    if (stored.answer === undefined) return empty()
    const target = asyncTarget(envelope)
    if (target === undefined) return ok(await parseReceiptBytes(stored.answer))
    const slot = Math.floor(now().getTime() / AGAIN_MS)
    await mailbox.answer({
      ...answerToSend(
        `as2-mdn ${stored.messageId} ${slot}`,
        stored.answer,
        envelope.partner,
        target,
      ),
      ...{
        channel: CHANNEL,
        partnerId: envelope.partner.id,
        correlationId: envelope.correlationId,
      },
    })
    return empty()
  }

  /** A signature by an expired certificate that somebody has allowed for a while is not forgotten. */
  async function warnOfExpired(partner: Partner, result: OpenResult & { ok: true }): Promise<void> {
    const pin = partner.pins.find(
      ({ certificate }) => certificate.fingerprint === result.signed?.by,
    )
    if (pin === undefined || pinState(pin, now()) !== 'accepted-expired') return
    await raiseAlert(db, {
      key: `as2-expired ${partner.id} ${pin.certificate.fingerprint}`,
      kind: 'as2-expired',
      subject: partner.id,
      text: `${partner.id} signs with a certificate that has expired; it is accepted until ${pin.acceptExpiredUntil?.toISOString().slice(0, 10)}`,
    })
  }
}

const accepted = (row: Accepted): Within<Accepted> => ({ row, write: recordAccepted })

function received(
  envelope: Envelope,
  raw: Spool,
  id: string,
  verdict: Verdict,
  result: OpenResult | undefined,
  receipt: { messageId: string } | undefined,
): Received {
  return {
    id,
    partner: envelope.partner.id,
    messageId: envelope.messageId.slice(0, 998),
    disposition: formatDisposition(verdict.modifier),
    ...(verdict.detail === undefined ? {} : { detail: verdict.detail }),
    ...(result?.ok === true ? { mic: result.mic } : {}),
    protection: result === undefined ? {} : protectionOf(result),
    ...(receipt === undefined ? {} : { mdnId: receipt.messageId }),
    rawSha256: raw.sha256,
    rawSize: raw.size,
  }
}

function asyncTarget({ request, partner }: Envelope): string | undefined {
  return request?.deliverTo === undefined
    ? undefined
    : receiptTarget(request.deliverTo, partner.settings)
}

const answerToSend = (idempotencyKey: string, bytes: Buffer, partner: Partner, url: string) => ({
  idempotencyKey,
  payload: spoolOf(bytes),
  contentType: 'multipart/report',
  address: { partner: partner.id, receiptTo: url },
})

/** Headers worth keeping with the payload. */
function inboxHeaders({ headers, from, to, messageId }: Envelope, contentType: string) {
  const subject = headers.get('subject')
  return {
    'content-type': contentType,
    'as2-from': from,
    'as2-to': to,
    'message-id': messageId,
    ...(subject === undefined ? {} : { subject: subject.slice(0, 200) }),
  }
}
