// What a channel is to the gateway: it moves bytes between a partner and a mailbox. It knows no EDI and holds no SQL,
// and it answers a partner only after the mailbox has committed.
import type { TSchema } from '@sinclair/typebox'
import type { Spool } from '../spool.js'
import type { Tx } from '../store/db.js'
import type { Task } from '../sweeper.js'

/** Bytes in the store; `read` streams them part by part. */
export interface Payload {
  readonly sha256: Buffer
  readonly size: number
  read(): AsyncIterable<Buffer>
}

/** Names one payload a partner gives: the same key is the same delivery. */
export interface MailboxKey {
  /** Kind of the channel: `rest`, `as2`, `sftp`. */
  readonly channel: string
  /** Channel identity that was authenticated. */
  readonly partnerId: string
  /** Message-ID, Idempotency-Key, path and digest …: whatever the channel repeats when it repeats. */
  readonly dedupeKey: string
}

export interface Deposit extends MailboxKey {
  readonly payload: Spool
  readonly fileName?: string
  readonly headers: Readonly<Record<string, string>>
  readonly correlationId?: string
  /** What the channel answers (a signed MDN): stored and given again to a repeat. */
  readonly answer?: Uint8Array
  /** Sent in the same transaction, e.g. an asynchronous MDN. */
  readonly alsoSend?: readonly AnswerToSend[]
  /** The channel's own row, written in the same transaction when the deposit is new. */
  readonly within?: (inboxId: string) => Within
}

/** A row with the store verb that writes it: those of one transaction with the same verb are written together. */
export interface Within<Row = unknown> {
  readonly row: Row
  write(tx: Tx, rows: readonly Row[]): Promise<void>
}

/** Bytes a channel answers with later, through its own `send`. */
export interface AnswerToSend {
  readonly idempotencyKey: string
  readonly payload: Spool
  readonly contentType: string
  readonly address: Readonly<Record<string, unknown>>
  /** Default for one that belongs to a deposit: the deposit's. */
  readonly correlationId?: string
}

export interface Deposited {
  readonly state: 'new' | 'duplicate'
  readonly messageId: string
  readonly correlationId: string
  /** Digest of what is stored under the key: another one in a repeat is not the same delivery. */
  readonly sha256: Buffer
  readonly answer?: Buffer
}

/** What became of bytes handed to a partner; `within`: the channel's own row of it, written when the flow writes its. */
export type Receipt =
  | {
      readonly state: 'transferred'
      readonly evidence?: Readonly<Record<string, unknown>>
      readonly within?: Within
    }
  | { readonly state: 'awaiting'; readonly until: Date; readonly within?: Within }
  | {
      readonly state: 'refused'
      readonly reason: string
      readonly retry: boolean
      readonly within?: Within
    }

/** The gateway's side of every channel. */
export interface Mailbox {
  /**
   * Announces a delivery before its bytes are complete. `done` gives the stored answer; `busy`: another request is at
   * it. A claim that leads to no deposit within its lease (30 s) can be made again.
   */
  claim(
    key: MailboxKey,
  ): Promise<
    { state: 'claimed' } | { state: 'busy' } | { state: 'done'; messageId: string; answer?: Buffer }
  >
  /** Gives a claim back that will lead to no deposit. */
  release(key: MailboxKey): Promise<void>
  /** One transaction; when it resolves, the payload is durable and will be translated. */
  deposit(deposit: Deposit): Promise<Deposited>
  /** Queues an answer that belongs to no deposit, e.g. a negative MDN; one with a known key is not queued again. */
  answer(answer: AnswerToSend & Pick<MailboxKey, 'channel' | 'partnerId'>): Promise<void>
  /** A receipt that came later than `send` returned. */
  receipt(sendId: string, receipt: Receipt): Promise<void>
  /** Has bytes whose receipt does not come sent once more, with the same key. */
  resend(sendId: string, within?: (tx: Tx) => Promise<void>): Promise<void>
}

/** What is known of bytes to be sent besides their content. */
export interface SendMeta {
  /** Id of the outbox row; a late receipt names it. */
  readonly sendId: string
  /** Whose payload it is: what the channel keeps of it is encrypted with this partner's key. */
  readonly partner: string
  /** The same for every try of one transmission: the partner can tell a repeat by it. */
  readonly idempotencyKey: string
  readonly correlationId: string
  readonly contentType: string
  readonly fileName: string
}

/** A way to a partner. `address` has been checked against `settingsSchema` when the agreement was loaded. */
export interface Channel<Address = unknown> {
  readonly kind: string
  /** Schema of the agreement's `channel` settings beside `kind`. */
  readonly settingsSchema: TSchema
  /** What it does again and again, each by a schedule row: one process of all takes it. Not called before `start`. */
  readonly tasks?: readonly Task[]
  /** Throws EnvironmentError when an address to listen on cannot be had. */
  start(mailbox: Mailbox): Promise<void>
  stop(): Promise<void>
  /** Throws RetryableError when the outcome is unknown or worth another try; a refusal is a Receipt. */
  send(address: Address, payload: Payload, meta: SendMeta): Promise<Receipt>
}
