// The sending side of AS2 as states in the store: built (bytes and Message-ID are fixed), awaiting (handed over, receipt
// to come), transferred or refused by a receipt. Every try sends the same bytes; only a receipt that is verified, for
// this message and with its MIC ends it.
import { PermanentError, RetryableError } from '../../errors.js'
import type { Fault } from '../../fault.js'
import type { Log } from '../../log.js'
import type { Meter } from '../../meter.js'
import { spoolOf, spoolOfFile } from '../../spool.js'
import { raiseAlert } from '../../store/alerts.js'
import {
  keepBuilt,
  noteEnds,
  noteTry,
  overdueSent,
  type Sent,
  type SentEnd,
  sentByKey,
  sentByMessageId,
} from '../../store/as2-messages.js'
import type { As2Partners } from '../../store/as2-partners.js'
import { readBlob } from '../../store/blobs.js'
import type { Db } from '../../store/db.js'
import type { Mailbox, Payload, Receipt, SendMeta, Within } from '../channel.js'
import { buildMessage, receiptOf } from './build.js'
import { asBuffer } from './bytes.js'
import { keep, type OpenResult, read } from './crypto-job.js'
import type { CryptoPool } from './crypto-pool.js'
import type { Envelope } from './incoming.js'
import { pinsFor } from './keys/pins.js'
import { parseReceiptBytes, receiptBytes } from './mdn/build.js'
import { judgeReceipt, type ReceiptOutcome } from './mdn/check.js'
import type { Headers } from './mime/headers.js'
import type { Partner } from './partner.js'
import type { Poster, Reply } from './post.js'
import type { Address, ReceiptAddress } from './settings.js'

export interface SenderOptions {
  db: Db
  partners: As2Partners
  pool: CryptoPool
  poster: Poster
  newId: () => string
  now: () => Date
  log: Pick<Log, 'info' | 'warn'>
  meter: Meter
  fault: Fault
  spoolFolder: string
  /** Where partners deliver asynchronous receipts; undefined until the gateway listens. */
  receiptUrl: () => string | undefined
}

/** Times a message is sent in vain, or its receipt awaited, before a person is asked. */
const MAX_WAITS = 5
const LATER = new Set([408, 425, 429])
const MAX_AFTER_SECONDS = 3600
/** Fields of an answer that are kept with the receipt in it. */
const KEPT_FIELDS = /^(as2-|content-|date$|message-id$|mime-version$)/i

export function createSender(options: SenderOptions) {
  const { db, partners, pool, poster, newId, now, log, meter, fault } = options
  return { send, takeReport, chaseReceipts }

  async function send(
    address: Address | ReceiptAddress,
    payload: Payload,
    meta: SendMeta,
  ): Promise<Receipt> {
    const partner = await partners.byId(db, address.partner)
    if (partner === undefined || !partner.active)
      return refused(`there is no active AS2 partner ${address.partner}`)
    if ('receiptTo' in address) return sendReceipt(partner, address.receiptTo, payload)
    const { url } = partner.settings
    if (url === undefined) return refused(`${partner.id} has no URL to send to`)

    const until = new Date(now().getTime() + receiptOf(partner).minutes * 60_000)
    const isAsync = receiptOf(partner).mode === 'async'
    const deadline = isAsync ? until : undefined
    const known = await sentByKey(db, meta.idempotencyKey)
    if (known?.state === 'transferred') return transferred(known)
    if (known?.state === 'refused') return refused(known.outcome ?? '')
    if (known !== undefined) await noteTry(db, known.idempotencyKey, deadline)
    const made = known ? { sent: known } : await build(partner, address, payload, meta, deadline)
    if ('missing' in made) return refused(made.missing)
    const { sent, bytes } = made
    fault('as2-before-post')
    const reply = await poster.post({
      ...{ url, partner, headers: sent.headers, size: sent.size },
      body: () => (bytes === undefined ? readBlob(db, sent.sha256) : read({ bytes })),
    })
    fault('as2-posted')
    checkStatus(reply)
    if (!isReceipt(reply.headers)) {
      if (isAsync) return { state: 'awaiting', until }
      if (receiptOf(partner).mode === 'none')
        return end(sent, { state: 'transferred', warning: 'no receipt asked for' })
      throw new RetryableError(`${reply.host} answered ${reply.status} without a receipt`)
    }
    const result = await openReceipt(partner, reply)
    const outcome = judge(partner, sent, result)
    if (outcome.state === 'foreign') {
      await alertUnverified(partner, sent.messageId, outcome.reason)
      throw new RetryableError(`the receipt of ${partner.id} does not count: ${outcome.reason}`)
    }
    return end(sent, outcome, proofOf(reply.headers, reply.body, result))
  }

  /** Message-ID, bytes and MIC are in the store before the first byte leaves. */
  async function build(
    partner: Partner,
    address: Address,
    payload: Payload,
    meta: SendMeta,
    deadline: Date | undefined,
  ): Promise<{ sent: Sent; bytes?: Uint8Array } | { missing: string }> {
    const content = await keep(payload.read(), options.spoolFolder)
    try {
      const messageId = `<${newId()}@odoo-edi-gateway>`
      const built = await buildMessage(
        partner,
        {
          content,
          contentType: address.contentType ?? meta.contentType,
          fileName: address.fileName ?? meta.fileName,
        },
        {
          ...{ messageId, now: now(), folder: options.spoolFolder },
          seal: (job) => pool.run(job),
          receiptUrl: () => {
            const url = options.receiptUrl()
            if (url === undefined) throw new RetryableError('the gateway does not listen yet')
            return url
          },
        },
      )
      if ('missing' in built) return built
      const { body, mic } = built.sealed
      const sha256 = asBuffer(body.sha256)
      const spool =
        'file' in body ? spoolOfFile(body.file, sha256, body.size) : spoolOf(body.bytes, sha256)
      try {
        const sent = await keepBuilt(
          db,
          {
            ...{ idempotencyKey: meta.idempotencyKey, outboxId: meta.sendId, messageId, mic },
            ...{ partner: partner.id, headers: built.headers, signed: built.signed },
            ...{ sha256, size: body.size },
          },
          spool,
          meta.partner,
          deadline,
        )
        fault('as2-built')
        // What is in memory need not be read again, unless another process was quicker and made other bytes.
        return 'bytes' in body && sent.sha256.equals(sha256)
          ? { sent, bytes: body.bytes }
          : { sent }
      } finally {
        await spool.discard()
      }
    } finally {
      if ('file' in content)
        await spoolOfFile(content.file, asBuffer(content.sha256), content.size).discard()
    }
  }

  async function openReceipt(partner: Partner, reply: Reply): Promise<OpenResult> {
    const { accept } = partner.settings
    const identities = pinsFor(partner.keys, 'encryption', now())
    return pool.run({
      kind: 'open',
      headers: reply.headers.fields,
      body: { bytes: Buffer.from(reply.body) }, // a copy: the receipt itself is kept
      identities: identities.map(({ certificate, privateKey }) => ({
        certificate: certificate.der,
        privateKey,
      })),
      pinned: pinsFor(partner.pins, 'signature', now()).map(({ certificate }) => certificate.der),
      allowSha1: accept?.sha1 === true,
      allowTripleDes: accept?.tripleDes === true,
      micDigest: 'sha256',
      maxBytes: 1 << 20,
      folder: options.spoolFolder,
    })
  }

  /** What a receipt means; `foreign` also for one that proves nothing. */
  function judge(partner: Partner, sent: Sent, result: OpenResult): ReceiptOutcome {
    if (!result.ok) return { state: 'foreign', reason: `${result.code}: ${result.detail}` }
    if (result.report === undefined) return { state: 'foreign', reason: 'no receipt in it' }
    const { unsignedReceipts } = partner.settings.accept ?? {}
    if (result.signed === undefined && receiptOf(partner).signed && unsignedReceipts !== true)
      return {
        state: 'foreign',
        reason: `it is not signed; it says ${result.report.disposition?.reason || 'processed'}`,
      }
    return judgeReceipt(result.report, sent)
  }

  /** The end of a message for the flow, with the channel's own row of it. */
  function end(
    sent: Sent,
    outcome: Exclude<ReceiptOutcome, { state: 'foreign' }>,
    proof?: Proof,
  ): Receipt {
    const text = outcome.state === 'refused' ? outcome.reason : (outcome.warning ?? 'processed')
    meter.count('gateway_as2_sent_total', { state: outcome.state })
    const within: Within<SentEnd> = {
      row: {
        ...{ idempotencyKey: sent.idempotencyKey, state: outcome.state, outcome: text },
        ...(proof === undefined ? {} : { mdn: proof.mdn }),
      },
      write: noteEnds,
    }
    return outcome.state === 'refused'
      ? { ...refused(told(sent.partner, outcome.reason)), within }
      : { ...transferred({ ...sent, outcome: text }, proof), within }
  }

  /** An asynchronous receipt. It counts once; a repeat of it changes nothing. */
  async function takeReport(
    envelope: Pick<Envelope, 'partner' | 'headers'>,
    result: OpenResult & { ok: true },
    body: Buffer,
    mailbox: Pick<Mailbox, 'receipt'>,
  ): Promise<void> {
    const { partner } = envelope
    const original = result.report?.originalMessageId
    const sent = original === undefined ? undefined : await sentByMessageId(db, original)
    if (sent === undefined || sent.partner !== partner.id) {
      log.warn({ partner: partner.id, original }, 'AS2 receipt for a message that is not ours')
      return
    }
    const outcome = judge(partner, sent, result)
    if (outcome.state === 'foreign') return alertUnverified(partner, sent.messageId, outcome.reason)
    if (sent.state === 'transferred') return
    fault('as2-report-opened')
    const proof = proofOf(envelope.headers, body, result)
    await mailbox.receipt(sent.outboxId, end(sent, outcome, proof))
    fault('as2-report-taken')
  }

  /** Messages whose receipt did not come in time are sent again under their id; after some times a person is asked. */
  async function chaseReceipts(mailbox: Pick<Mailbox, 'receipt' | 'resend'>): Promise<void> {
    for (const sent of await overdueSent(db)) {
      if (sent.tries < MAX_WAITS) {
        await mailbox.resend(sent.outboxId)
        continue
      }
      const reason = `no receipt after ${sent.tries} tries`
      const { within } = end(sent, { state: 'refused', reason, again: false })
      await mailbox.receipt(sent.outboxId, { ...refused(reason), ...(within && { within }) })
    }
  }

  /** A receipt of ours: the stored bytes, whoever asked for them and however often. */
  async function sendReceipt(partner: Partner, url: string, payload: Payload): Promise<Receipt> {
    const parts: Buffer[] = []
    for await (const part of payload.read()) parts.push(part)
    const { headers, body } = await parseReceiptBytes(Buffer.concat(parts))
    fault('as2-before-post')
    const reply = await poster.post({
      ...{ url, partner, headers, size: body.length },
      body: () => read({ bytes: body }),
    })
    fault('as2-posted')
    const { status, host } = reply
    if (status >= 200 && status < 300) return { state: 'transferred', evidence: { status, host } }
    throw new RetryableError(`${host} answered ${status} to a receipt`, retryAfter(reply))
  }

  async function alertUnverified(partner: Partner, messageId: string, reason: string) {
    log.warn({ partner: partner.id, message: messageId, reason }, 'AS2 receipt does not count')
    await raiseAlert(db, {
      key: `as2-receipt ${partner.id}`,
      kind: 'as2-receipt',
      subject: `as2 ${messageId}`,
      text: `A receipt of ${partner.id} does not count: ${reason}`,
    })
  }
}

export type Sender = ReturnType<typeof createSender>

const refused = (reason: string): Receipt => ({ state: 'refused', reason, retry: false })

const told = (partner: string, reason: string) => `${partner} did not accept it: ${reason}`

/** A receipt that was judged: as it is kept, and what it shows for people. */
interface Proof {
  readonly mdn: Buffer
  readonly shown: Readonly<Record<string, string | boolean>>
}

/** `proof` is absent when no receipt was asked for, or it counted before and the flow was not told yet. */
const transferred = ({ messageId, mic, outcome }: Sent, proof?: Proof): Receipt => ({
  state: 'transferred',
  evidence: {
    ...{ messageId, mic: `${mic.value}, ${mic.digest}`, disposition: outcome },
    ...proof?.shown,
  },
})

/** Throws for an answer that says the message was not taken. */
function checkStatus(reply: Reply): void {
  const { status, host } = reply
  if (status >= 200 && status < 300) return
  const text = `${host} answered ${status}`
  if (status >= 500 || LATER.has(status)) throw new RetryableError(text, retryAfter(reply))
  throw new PermanentError(text)
}

function retryAfter({ headers }: Reply): { afterMs?: number } {
  const seconds = Number(headers.fields.find(([name]) => /^retry-after$/i.test(name))?.[1] ?? NaN)
  return seconds >= 0 ? { afterMs: Math.min(seconds, MAX_AFTER_SECONDS) * 1000 } : {}
}

const isReceipt = (headers: Headers) =>
  /^(multipart\/(report|signed)|application\/(x-)?pkcs7-mime)/i.test(
    headers.fields.find(([name]) => /^content-type$/i.test(name))?.[1] ?? '',
  )

/** A receipt whose MIC is another than ours is refused before: `micVerified` is false when it has none. */
function proofOf(headers: Headers, body: Buffer, result: OpenResult): Proof {
  const mdn = receiptBytes({
    headers: headers.fields.filter(([name]) => KEPT_FIELDS.test(name)),
    body,
  })
  const receiptId = headers.get('message-id')
  if (!result.ok) return { mdn, shown: {} }
  const { signed, report } = result
  return {
    mdn,
    shown: {
      micVerified: report?.mic !== undefined,
      ...(signed === undefined ? {} : { signedBy: signed.by }),
      ...(receiptId === undefined ? {} : { receiptId }),
    },
  }
}
