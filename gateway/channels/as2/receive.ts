// The receiving side of AS2 (RFC 4130): a message is identified, claimed, opened and judged; payload, record and the
// finished receipt are committed together, and only then is the sender answered. A repeat gets the stored receipt.
import { type Spool, spool, spoolOf, spoolOfFile } from '../../spool.js'
import { raiseAlert } from '../../store/alerts.js'
import { acceptedMessage } from '../../store/as2-messages.js'
import type { As2Partners } from '../../store/as2-partners.js'
import type { Fault } from '../../fault.js'
import type { Attempts } from '../../security/attempts.js'
import type { Mailbox } from '../channel.js'
import { parseAs2Name } from './as2-name.js'
import { asBuffer } from './bytes.js'
import { refuseCaller } from './caller.js'
import type { Kept, OpenResult, Stored } from './crypto-job.js'
import type { CryptoPool } from './crypto-pool.js'
import { Malformed } from './failure.js'
import {
  CHANNEL,
  empty,
  type Envelope,
  type HttpAnswer,
  type Incoming,
  ok,
  plain,
} from './incoming.js'
import { pinsFor } from './keys/pins.js'
import { sameMic } from './mic.js'
import type { Modifier } from './mdn/disposition.js'
import { readReceiptRequest, type ReceiptRequest } from './mdn/request.js'
import type { Headers } from './mime/headers.js'
import { type Answered, answerReceipt } from './receipt.js'
import { createSettler, type SettleOptions } from './settle.js'
import { DEFAULT_MAX_BYTES } from './settings.js'
import { judgeMessage, type Verdict } from './verdict.js'

/** Takes a receipt from a partner with its body; the answer to one is always 200. */
export type TakeReport = (
  envelope: Pick<Envelope, 'partner' | 'headers'>,
  result: OpenResult & { ok: true },
  body: Buffer,
) => Promise<void>

export interface ReceiverOptions extends SettleOptions {
  partners: As2Partners
  mailbox: Pick<Mailbox, 'claim' | 'release' | 'deposit' | 'answer'>
  pool: CryptoPool
  takeReport: TakeReport
  fault: Fault
  /** Slows down an address from which one undecryptable message after the other comes. */
  attempts: Attempts
  spoolFolder: string
  /** How long a repeat waits for the one that is being worked on (default 30 s). */
  busyMs?: number
}

const MAX_REPORT = 256 * 1024
/** Messages of one partner at once: they share the disk with those of others. */
const MAX_AT_ONCE = 64
/** Gives the function that serves POSTs. It rejects with RetryableError when the store fails: answered 503. */
export function createReceiver(options: ReceiverOptions) {
  const { db, partners, mailbox, pool, attempts, newId, now, log } = options
  const settler = createSettler(options)
  const atOnce = new Map<string, number>()

  return async (incoming: Incoming): Promise<HttpAnswer> => {
    const { headers } = incoming
    const named = identify(headers)
    if (typeof named === 'string') return plain(400, named)
    const { from, to, messageId } = named
    const partner = await partners.byNames(db, from, to)
    let request: ReceiptRequest | undefined
    try {
      request = readReceiptRequest(headers, partner?.settings.accept?.sha1 === true)
    } catch (error) {
      if (error instanceof Malformed) return plain(400, error.message)
      throw error
    }
    if (from === to) return refuse({ from, to, messageId, request }, 'sender-equals-receiver')
    if (partner === undefined || !partner.active)
      return refuse({ from, to, messageId, request }, 'unknown-relationship')
    const refused = await refuseCaller(partner, incoming)
    if (refused !== undefined) {
      log.warn(
        { partner: partner.id, origin: incoming.origin, status: refused },
        'AS2 caller refused',
      )
      const asks: [string, string][] =
        refused === 401 ? [['WWW-Authenticate', 'Basic realm="AS2"']] : []
      return { ...plain(refused, 'not for you'), headers: asks }
    }

    const envelope: Envelope = {
      ...{ partner, headers, from, to, messageId, request },
      caller: `${partner.id} ${incoming.origin}`,
      correlationId: incoming.correlationId,
    }
    const others = atOnce.get(partner.id) ?? 0
    if (others >= MAX_AT_ONCE) return busy('too many messages at once', 5_000)
    atOnce.set(partner.id, others + 1)
    try {
      return await spooled(envelope, incoming.body)
    } finally {
      const left = atOnce.get(partner.id)! - 1
      if (left > 0) atOnce.set(partner.id, left)
      else atOnce.delete(partner.id)
    }
  }

  async function spooled(envelope: Envelope, body: Incoming['body']): Promise<HttpAnswer> {
    const maxBytes = envelope.partner.settings.accept?.maxBytes ?? DEFAULT_MAX_BYTES
    const raw = await spool(body, { folder: options.spoolFolder, newId, maxBytes })
    options.fault('as2-spooled')
    try {
      if (raw.size === 0) return plain(400, 'the body is empty')
      return await take(envelope, raw)
    } finally {
      await raw.discard()
    }
  }

  async function take(envelope: Envelope, raw: Spool): Promise<HttpAnswer> {
    const { partner, messageId } = envelope
    if (!/^[ -~]{1,998}$/.test(messageId)) return settler.reject(envelope, raw, NO_MESSAGE_ID)
    const key = { channel: CHANNEL, partnerId: partner.id, dedupeKey: messageId }
    const wait = attempts.wait(envelope.caller)
    if (wait > 0) return busy('too many messages could not be decrypted', wait)
    const claimed = await claim(key)
    if (claimed === undefined) return busy('this message is being worked on', 30_000)
    if (claimed.state === 'done') {
      await compareRepeat(envelope, raw)
      return settler.repeat(envelope, claimed)
    }
    options.fault('as2-claimed')
    try {
      const result = await openMessage(envelope, raw)
      options.fault('as2-opened')
      const payloads = result.ok ? result.payloads.map(({ payload }) => spoolOfKept(payload)) : []
      try {
        if (result.ok && result.report !== undefined) return await report(envelope, result, raw)
        const verdict = judgeMessage(result, partner.settings, envelope.request)
        if (verdict.modifier === undefined && result.ok) {
          attempts.succeeded(envelope.caller)
          return await settler.accept(envelope, raw, result, payloads)
        }
        if (verdict.modifier?.text === 'decryption-failed') attempts.failed(envelope.caller)
        await mailbox.release(key)
        return await settler.reject(envelope, raw, verdict, result)
      } finally {
        for (const payload of payloads) await payload.discard()
      }
    } catch (error) {
      await mailbox.release(key)
      throw error
    }
  }

  async function openMessage({ partner, headers, request }: Envelope, raw: Spool) {
    return pool.run({
      kind: 'open',
      headers: headers.fields,
      body: storedOf(raw),
      identities: pinsFor(partner.keys, 'encryption', now()).map(({ certificate, privateKey }) => ({
        certificate: certificate.der,
        privateKey,
      })),
      pinned: pinsFor(partner.pins, 'signature', now()).map(({ certificate }) => certificate.der),
      allowSha1: partner.settings.accept?.sha1 === true,
      allowTripleDes: partner.settings.accept?.tripleDes === true,
      micDigest: request?.micDigest ?? 'sha256',
      maxBytes: partner.settings.accept?.maxBytes ?? DEFAULT_MAX_BYTES,
      folder: options.spoolFolder,
    })
  }

  /**
   * A repeat may be encrypted anew, so other bytes mean nothing; another MIC means that two messages have one id. The
   * second is never delivered, somebody is told.
   */
  async function compareRepeat(envelope: Envelope, raw: Spool): Promise<void> {
    const { partner, messageId } = envelope
    const known = await acceptedMessage(db, partner.id, messageId)
    if (known?.mic === undefined || known.rawSha256.equals(raw.sha256)) return
    const result = await openMessage(envelope, raw)
    if (!result.ok) return
    for (const { payload } of result.payloads) await spoolOfKept(payload).discard()
    if (sameMic(result.mic, known.mic)) return
    log.warn({ partner: partner.id, message: messageId }, 'AS2 message id used for two messages')
    await raiseAlert(db, {
      key: `as2-reused-id ${partner.id} ${messageId}`,
      kind: 'as2-reused-id',
      subject: `as2 ${known.id}`,
      text: `${partner.id} sent another message under the id ${messageId}; only the first was taken`,
    })
  }

  /** Claims the message; another request that is at it is waited for. Undefined when that takes too long. */
  async function claim(key: Parameters<Mailbox['claim']>[0]) {
    const end = Date.now() + (options.busyMs ?? 30_000)
    for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
      const claimed = await mailbox.claim(key)
      if (claimed.state !== 'busy') return claimed
      if (Date.now() > end) return undefined
      await new Promise((done) => setTimeout(done, pause))
    }
  }

  async function report(envelope: Envelope, result: OpenResult & { ok: true }, raw: Spool) {
    const { partner, messageId } = envelope
    await mailbox.release({ channel: CHANNEL, partnerId: partner.id, dedupeKey: messageId })
    if (raw.size > MAX_REPORT || result.raw === undefined || 'file' in result.raw)
      return plain(413, 'a receipt is smaller')
    await options.takeReport(envelope, result, asBuffer(result.raw.bytes))
    return empty()
  }

  /** Strangers get no signature of ours, no connection to an address of theirs, and learn nothing of who exists. */
  async function refuse(
    message: Answered,
    reason: 'unknown-relationship' | 'sender-equals-receiver',
  ): Promise<HttpAnswer> {
    log.warn({ from: message.from, to: message.to, reason }, 'AS2 message refused')
    const modifier: Modifier =
      reason === 'unknown-relationship'
        ? { kind: 'error', text: 'authentication-failed' }
        : { kind: 'failure', text: reason }
    const request = message.request && { ...message.request, signed: false }
    const answer = { modifier, newId, now: now() }
    const receipt = await answerReceipt({ ...message, request }, undefined, answer)
    return receipt === undefined ? plain(403, 'unknown trading relationship') : ok(receipt.receipt)
  }
}

/** AS2-From, AS2-To and Message-ID, or what is wrong with them. */
function identify(headers: Headers): { from: string; to: string; messageId: string } | string {
  try {
    const messageId = headers.get('message-id')?.trim() ?? ''
    if (messageId === '') return 'Message-ID is needed'
    const from = parseAs2Name(headers.get('as2-from') ?? '')
    return { from, to: parseAs2Name(headers.get('as2-to') ?? ''), messageId }
  } catch (error) {
    if (error instanceof Malformed)
      return `AS2-From, AS2-To and Message-ID are needed: ${error.message}`
    throw error
  }
}

const busy = (text: string, ms: number): HttpAnswer => ({
  ...plain(503, text),
  headers: [['Retry-After', String(Math.ceil(ms / 1000))]],
})

const NO_MESSAGE_ID: Verdict = {
  modifier: { kind: 'error', text: 'unexpected-processing-error' },
  detail: 'the Message-ID is none',
}

/** What is in memory moves to the other thread: only digest and size of `raw` are of use afterwards. */
const storedOf = ({ file, bytes = Buffer.alloc(0) }: Spool): Stored =>
  file === undefined ? { bytes } : { file }

const spoolOfKept = (kept: Kept): Spool =>
  'file' in kept
    ? spoolOfFile(kept.file, asBuffer(kept.sha256), kept.size)
    : spoolOf(kept.bytes, kept.sha256)
