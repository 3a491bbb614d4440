// What was received and sent by AS2: one row for each, made in the transaction of what it is about.
import type { Mic } from '../channels/as2/mic.js'
import type { Spool } from '../spool.js'
import { rows, storeBlobs } from './blobs.js'
import type { Db, Queryable, Tx, Value } from './db.js'

/** A received message, as it is recorded. */
export interface Received {
  readonly id: string
  readonly partner: string
  /** Message-ID as it stood. */
  readonly messageId: string
  /** Value of the Disposition field that was answered. */
  readonly disposition: string
  /** For us alone: what was wrong, or a remark. */
  readonly detail?: string
  readonly mic?: Mic
  /** Cipher, key transport, digest, scheme, signer's fingerprint, compression. */
  readonly protection: Readonly<Record<string, string | boolean>>
  readonly mdnId?: string
  readonly rawSha256: Buffer
  readonly rawSize: number
}

export interface Attachment {
  readonly payload: Spool
  readonly contentType: string
  readonly fileName?: string
}

async function insertReceived(
  db: Queryable,
  state: 'accepted' | 'rejected',
  list: readonly { readonly received: Received; readonly inboxId: string | null }[],
): Promise<void> {
  await db.query(
    `insert into as2_received (id, partner, message_id, state, inbox_id, disposition, detail, mic, protection, mdn_id,
       raw_sha256, raw_size)
     values ${rows(list.length, 12)}`,
    list.flatMap(({ received, inboxId }): Value[] => [
      received.id,
      received.partner,
      received.messageId,
      state,
      inboxId,
      received.disposition,
      received.detail?.slice(0, 2000) ?? null,
      received.mic === undefined ? null : `${received.mic.digest} ${received.mic.value}`,
      JSON.stringify(received.protection),
      received.mdnId ?? null,
      received.rawSha256,
      received.rawSize,
    ]),
  )
}

/** A message that was accepted; payloads besides the first are its attachments. */
export interface Accepted {
  readonly received: Received
  readonly inboxId: string
  readonly attachments: readonly Attachment[]
}

/** In the transaction that makes the inbox rows: nothing is acknowledged or routed that is not recorded. */
export async function recordAccepted(tx: Tx, list: readonly Accepted[]): Promise<void> {
  await insertReceived(tx, 'accepted', list)
  for (const { received, attachments } of list) {
    await storeBlobs(
      tx,
      attachments.map(({ payload }) => payload),
      received.partner,
    )
    for (const [index, { payload, contentType, fileName }] of attachments.entries())
      await tx.query(
        `insert into as2_attachment (received_id, n, sha256, size, content_type, file_name)
         values ($1, $2, $3, $4, $5, $6)`,
        [received.id, index + 2, payload.sha256, payload.size, contentType, fileName ?? null],
      )
  }
}

export const recordRejected = (db: Queryable, received: Received): Promise<void> =>
  insertReceived(db, 'rejected', [{ received, inboxId: null }])

/** The accepted message under an id of a partner. */
export async function acceptedMessage(
  db: Queryable,
  partner: string,
  messageId: string,
): Promise<{ id: string; mic?: Mic; rawSha256: Buffer } | undefined> {
  const [row] = await db.query<{ id: string; mic: string | null; rawSha256: Buffer }>(
    `select id, mic, raw_sha256 as "rawSha256" from as2_received
     where partner = $1 and message_id = $2 and state = 'accepted'`,
    [partner, messageId],
  )
  if (row === undefined) return undefined
  const { id, mic, rawSha256 } = row
  return { id, rawSha256, ...(mic === null ? {} : { mic: micOf(mic) }) }
}

/** A message of ours as it was built. */
export interface Built {
  readonly idempotencyKey: string
  readonly outboxId: string
  readonly partner: string
  readonly messageId: string
  readonly headers: readonly (readonly [string, string])[]
  readonly sha256: Buffer
  readonly size: number
  readonly mic: Mic
  readonly signed: boolean
}

type SentState = 'built' | 'awaiting' | 'transferred' | 'refused'

export interface Sent extends Built {
  readonly state: SentState
  readonly tries: number
  readonly deadline: Date | null
  readonly outcome: string | null
}

interface SentRow extends Omit<Sent, 'mic'> {
  mic: string
}

const SENT = `idempotency_key as "idempotencyKey", outbox_id as "outboxId", partner, message_id as "messageId",
  headers, sha256, size, mic, signed, state, tries, deadline, outcome`

const toSent = (row: SentRow): Sent => {
  return { ...row, mic: micOf(row.mic) }
}

/** `sha256 <base64>`, as columns hold it. */
function micOf(text: string): Mic {
  const [digest, value] = text.split(' ')
  return { digest: digest as Mic['digest'], value: value! }
}

export async function sentByKey(db: Queryable, key: string): Promise<Sent | undefined> {
  const [row] = await db.query<SentRow>(`select ${SENT} from as2_sent where idempotency_key = $1`, [
    key,
  ])
  return row && toSent(row)
}

/** The message of ours a receipt is for; angle brackets do not count. */
export async function sentByMessageId(db: Queryable, id: string): Promise<Sent | undefined> {
  const bare = id.trim().replace(/^<(.*)>$/, '$1')
  const [row] = await db.query<SentRow>(
    `select ${SENT} from as2_sent where message_id in ($1, $2)`,
    [bare, `<${bare}>`],
  )
  return row && toSent(row)
}

/**
 * Keeps a message as built, with its bytes under the key of `owner`, and counts the try that follows at once; when one is
 * there already under the key, that one stays and is given. `deadline`: see noteTry.
 */
export async function keepBuilt(
  db: Db,
  built: Built,
  body: Spool,
  owner: string,
  deadline?: Date,
): Promise<Sent> {
  return db.tx(async (tx) => {
    await storeBlobs(tx, [body], owner)
    const [kept] = await tx.query<SentRow>(
      `insert into as2_sent (idempotency_key, outbox_id, partner, message_id, headers, sha256, size, mic, signed, tries,
         deadline, state)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10,
         case when $10::timestamptz is null then 'built' else 'awaiting' end)
       on conflict (idempotency_key) do nothing returning ${SENT}`,
      [
        built.idempotencyKey,
        built.outboxId,
        built.partner,
        built.messageId,
        JSON.stringify(built.headers),
        built.sha256,
        built.size,
        `${built.mic.digest} ${built.mic.value}`,
        built.signed,
        deadline ?? null,
      ],
    )
    return kept === undefined ? (await sentByKey(tx, built.idempotencyKey))! : toSent(kept)
  })
}

/**
 * Counts a try; while a receipt is awaited, `deadline` says until when. Done before the try: a receipt may come before
 * the answer to it.
 */
export async function noteTry(db: Queryable, key: string, deadline?: Date): Promise<void> {
  await db.query(
    `update as2_sent set tries = tries + 1, deadline = $2,
       state = case when $2::timestamptz is null then 'built' else 'awaiting' end
     where idempotency_key = $1 and state in ('built', 'awaiting')`,
    [key, deadline ?? null],
  )
}

/** How a message of ours ended, with the receipt that says so. */
export interface SentEnd {
  readonly idempotencyKey: string
  readonly state: 'transferred' | 'refused'
  readonly outcome: string
  readonly mdn?: Buffer
}

/** Records how messages ended, in the transaction that tells the flow; a later receipt of a success replaces a failure. */
export async function noteEnds(tx: Tx, ends: readonly SentEnd[]): Promise<void> {
  await tx.query(
    `update as2_sent set state = new.state, outcome = new.outcome, mdn = coalesce(new.mdn, as2_sent.mdn), ended_at = now(),
       deadline = null
     from (values ${rows(ends.length, 4, ['', '', '', '::bytea'])}) as new (key, state, outcome, mdn)
     where idempotency_key = new.key and (as2_sent.state in ('built', 'awaiting')
       or (as2_sent.state = 'refused' and new.state = 'transferred'))`,
    ends.flatMap(({ idempotencyKey, state, outcome, mdn }): Value[] => [
      idempotencyKey,
      state,
      outcome,
      mdn ?? null,
    ]),
  )
}

/** The newest receipt that ended a message made of one of these bytes, as `receiptBytes` writes it. */
export async function sentReceipt(
  db: Queryable,
  outboxIds: readonly string[],
): Promise<Buffer | undefined> {
  const [row] = await db.query<{ mdn: Buffer }>(
    `select mdn from as2_sent where outbox_id = any($1::uuid[]) and mdn is not null
     order by ended_at desc limit 1`,
    [outboxIds],
  )
  return row?.mdn
}

/** Messages that were handed over and whose receipt is overdue, at most `limit`. */
export async function overdueSent(db: Queryable, limit = 100): Promise<Sent[]> {
  const found = await db.query<SentRow>(
    `select ${SENT} from as2_sent s where state = 'awaiting' and deadline < now()
       and exists (select from outbox o where o.id = s.outbox_id and o.state = 'awaiting')
     order by deadline limit $1`,
    [limit],
  )
  return found.map(toSent)
}
