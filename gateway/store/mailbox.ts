// Intake: payloads become durable rows with a job to translate them. Deposits that come within a few milliseconds, and
// those that come while others are committed, are committed together: one fsync per payload is what limits intake.
import type { AnswerToSend, Deposit, Deposited, Mailbox, MailboxKey } from '../channels/channel.js'
import type { NewId } from '../ids.js'
import type { Wake } from '../wake.js'
import { RetryableError } from '../errors.js'
import type { RecentPayloads } from '../recent-payloads.js'
import type { Fault } from '../fault.js'
import { rows, storeBlobs } from './blobs.js'
import { sqlState, type Db, type Tx, type Value } from './db.js'
import { enqueue, type NewJob } from './lanes.js'
import { addEvents } from './events.js'
import { answerLane } from './outbox.js'
import { writeWithin } from './within.js'

export interface MailboxOptions {
  db: Db
  wake: Wake
  newId: NewId
  /** Waiting time for company, in ms (default 5). */
  gatherMs?: number
  /** Deposits and bytes one transaction takes at most (default 200, 4 MiB). */
  gatherCount?: number
  gatherBytes?: number
  fault?: Fault
  /** Gets payloads that were committed, for the step that comes next in this process. */
  recent?: Pick<RecentPayloads, 'keep'>
}

interface Waiting {
  deposit: Deposit
  resolve: (deposited: Deposited) => void
  reject: (error: unknown) => void
}

/** Lane that translates what one identity brings through one channel. */
export const intakeLane = (identity: string, channel: string) => `in:${identity}:${channel}`

/** More would only wait for each other at the row of the lane; fewer leave the server idle between statements. */
const BATCHES_AT_ONCE = 3

/** A claim that was not followed by a deposit can be taken over after this time. */
const CLAIM_SECONDS = 30

type Intake = Pick<Mailbox, 'claim' | 'release' | 'deposit' | 'answer'> & {
  /** Commits what waits; deposits that come later are refused with a RetryableError. */
  close(): Promise<void>
}

export function openMailbox(options: MailboxOptions): Intake {
  const {
    db,
    wake,
    newId,
    gatherMs = 5,
    gatherCount = 200,
    gatherBytes = 4 * 1024 * 1024,
  } = options
  const waiting: Waiting[] = []
  let timer: NodeJS.Timeout | undefined
  let underWay = 0
  let closed = false
  const running = new Set<Promise<void>>()

  const run = (batch: readonly Waiting[]): Promise<void> => {
    const ended = commit(options, batch).finally(() => running.delete(ended))
    running.add(ended)
    return ended
  }

  /** As many as one transaction takes, oldest first. */
  const takeBatch = (): Waiting[] => {
    let bytes = 0
    const end = waiting.findIndex(
      ({ deposit }, n) => n >= gatherCount || (bytes += deposit.payload.size) > gatherBytes,
    )
    return waiting.splice(0, end === -1 ? waiting.length : end)
  }

  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (underWay >= BATCHES_AT_ONCE || waiting.length === 0) return
    underWay++
    void run(takeBatch()).finally(() => {
      underWay--
      flush()
    })
  }

  return {
    claim: (key) => claim(db, key),
    release: async (key) => {
      await db.query(
        'delete from mailbox_claim where channel = $1 and identity = $2 and dedupe_key = $3',
        [key.channel, key.partnerId, key.dedupeKey],
      )
    },
    deposit: (deposit) => {
      if (closed) return Promise.reject(new RetryableError('the gateway is shutting down'))
      return new Promise((resolve, reject) => {
        if (deposit.payload.size > gatherBytes / 4) {
          void run([{ deposit, resolve, reject }])
          return
        }
        waiting.push({ deposit, resolve, reject })
        if (waiting.length >= gatherCount) flush()
        else if (underWay < BATCHES_AT_ONCE) timer ??= setTimeout(flush, gatherMs)
      })
    },
    answer: (answer) =>
      db.tx(async (tx) => {
        const correlationId = answer.correlationId ?? newId()
        const jobs = await queueAnswers(tx, newId, [{ ...answer, correlationId }])
        await enqueue(tx, jobs)
        if (jobs.length > 0) tx.afterCommit(() => wake.publish(['transfer']))
      }),
    close: async () => {
      closed = true
      flush()
      while (running.size > 0) await Promise.all(running)
    },
  }
}

/** Commits a batch; when the database refuses it for its content, each deposit by itself. Never rejects. */
async function commit(options: MailboxOptions, batch: readonly Waiting[]): Promise<void> {
  try {
    const results = await options.db.tx((tx) =>
      deposit(
        tx,
        options,
        batch.map((one) => one.deposit),
      ),
    )
    options.fault?.('deposit-committed')
    batch.forEach(({ deposit: { payload }, resolve }, n) => {
      if (results[n]!.state === 'new') options.recent?.keep(payload)
      resolve(results[n]!)
    })
  } catch (error) {
    if (batch.length > 1 && sqlState(error) !== undefined)
      for (const one of batch) await commit(options, [one])
    else for (const one of batch) one.reject(error)
  }
}

interface InboxRow {
  id: string
  channel: string
  identity: string
  dedupe_key: string
  correlation_id: string
  sha256: Buffer
  answer: Buffer | null
}

const keyOf = (channel: string, identity: string, dedupeKey: string) =>
  JSON.stringify([channel, identity, dedupeKey])

async function deposit(
  tx: Tx,
  { wake, newId, fault }: MailboxOptions,
  deposits: readonly Deposit[],
): Promise<Deposited[]> {
  fault?.('deposit-begun')
  await storeBlobs(
    tx,
    deposits.map((d) => d.payload),
  )
  const byKey = new Map<string, Deposit>()
  for (const d of deposits) {
    const key = keyOf(d.channel, d.partnerId, d.dedupeKey)
    if (!byKey.has(key)) byKey.set(key, d)
  }
  const sorted = [...byKey.keys()].sort()
  const values = sorted.flatMap((key): Value[] => {
    const d = byKey.get(key)!
    const id = newId()
    return [
      id,
      d.channel,
      d.partnerId,
      d.dedupeKey,
      d.payload.sha256,
      d.payload.size,
      d.fileName ?? null,
      JSON.stringify(d.headers),
      d.correlationId ?? id,
      d.answer ?? null,
    ]
  })
  const inserted = await tx.query<InboxRow>(
    `insert into inbox (id, channel, identity, dedupe_key, sha256, size, file_name, headers, correlation_id, answer)
     values ${rows(sorted.length, 10, ['::uuid', '', '', '', '', '', '', '::jsonb', '', ''])}
     on conflict (channel, identity, dedupe_key) do nothing
     returning id, channel, identity, dedupe_key, correlation_id, sha256, answer`,
    values,
  )
  const fresh = new Map(
    inserted.map((row) => [keyOf(row.channel, row.identity, row.dedupe_key), row]),
  )
  const known = new Map(fresh)
  const repeated = sorted.filter((key) => !fresh.has(key)).map((key) => byKey.get(key)!)
  if (repeated.length > 0) {
    const stored = await tx.query<InboxRow>(
      `select id, channel, identity, dedupe_key, correlation_id, sha256, answer from inbox
       where (channel, identity, dedupe_key) in (${rows(repeated.length, 3)})`,
      repeated.flatMap((d) => [d.channel, d.partnerId, d.dedupeKey]),
    )
    for (const row of stored) known.set(keyOf(row.channel, row.identity, row.dedupe_key), row)
  }
  await tx.query(
    `delete from mailbox_claim where (channel, identity, dedupe_key) in (${rows(sorted.length, 3)})`,
    sorted.flatMap((key) => {
      const d = byKey.get(key)!
      return [d.channel, d.partnerId, d.dedupeKey]
    }),
  )
  await addEvents(
    tx,
    inserted.map((row) => ({
      correlationId: row.correlation_id,
      inboxId: row.id,
      stage: 'receive',
      state: 'received',
    })),
  )
  await writeWithin(
    tx,
    sorted.flatMap((key) => {
      const row = fresh.get(key)
      return (row && byKey.get(key)!.within?.(row.id)) ?? []
    }),
  )
  const answers = await queueAnswers(
    tx,
    newId,
    sorted
      .filter((key) => fresh.has(key))
      .flatMap((key) => {
        const { channel, identity, correlation_id } = fresh.get(key)!
        const of = { channel, partnerId: identity, correlationId: correlation_id }
        return (byKey.get(key)!.alsoSend ?? []).map((answer) => ({ ...answer, ...of }))
      }),
  )
  await enqueue(tx, [
    ...inserted.map((row) => ({
      lane: intakeLane(row.identity, row.channel),
      kind: 'translate' as const,
      payload: { inboxId: row.id },
    })),
    ...answers,
  ])
  if (inserted.length > 0)
    tx.afterCommit(() =>
      wake.publish(answers.length > 0 ? ['translate', 'transfer'] : ['translate']),
    )
  fault?.('deposit-before-commit')

  const given = new Set<string>()
  return deposits.map((d): Deposited => {
    const key = keyOf(d.channel, d.partnerId, d.dedupeKey)
    const row = known.get(key)!
    const isNew = fresh.has(key) && !given.has(key)
    given.add(key)
    return {
      state: isNew ? 'new' : 'duplicate',
      messageId: row.id,
      correlationId: row.correlation_id,
      sha256: row.sha256,
      ...(row.answer ? { answer: row.answer } : {}),
    }
  })
}

type Answer = AnswerToSend &
  Pick<MailboxKey, 'channel' | 'partnerId'> & { readonly correlationId: string }

/** Stores answers and gives the jobs that send them; what has a known key is not sent again. */
async function queueAnswers(tx: Tx, newId: NewId, answers: readonly Answer[]): Promise<NewJob[]> {
  await storeBlobs(
    tx,
    answers.map(({ payload }) => payload),
  )
  const jobs: NewJob[] = []
  for (const answer of answers) {
    const id = newId()
    const stored = await tx.query(
      `insert into outbox (id, idempotency_key, purpose, partner, channel, address, correlation_id, test, sha256,
         size, content_type)
       values ($1, $2, 'answer', $3, $4, $5, $6, false, $7, $8, $9)
       on conflict (idempotency_key) do nothing returning id`,
      [
        id,
        answer.idempotencyKey,
        answer.partnerId,
        answer.channel,
        JSON.stringify(answer.address),
        answer.correlationId,
        answer.payload.sha256,
        answer.payload.size,
        answer.contentType,
      ],
    )
    if (stored.length > 0)
      jobs.push({
        lane: answerLane(answer.partnerId, answer.channel),
        kind: 'transfer',
        priority: 0,
        policy: 'park',
        payload: { outboxId: id },
      })
  }
  return jobs
}

/**
 * One statement: a deposit that is committed while it runs may leave it a claim on what is stored already, and the deposit
 * that follows such a claim is the duplicate it is. Its commit waits for no disk: a claim that a crash of the database
 * forgets is as one that ran out, and nothing is answered for it.
 */
async function claim(db: Db, key: MailboxKey): ReturnType<Mailbox['claim']> {
  const [row] = await db.query<{ won: boolean; id: string | null; answer: Buffer | null }>(
    `with stored as (
       select id, answer from inbox where channel = $1 and identity = $2 and dedupe_key = $3
     ), won as (
       insert into mailbox_claim (channel, identity, dedupe_key, lease_until)
       select $1, $2, $3, now() + interval '${CLAIM_SECONDS} seconds' where not exists (select from stored)
       on conflict (channel, identity, dedupe_key) do update set lease_until = excluded.lease_until
         where mailbox_claim.lease_until < now()
       returning channel
     )
     select exists (select from won) as won, id, answer, set_config('synchronous_commit', 'off', true)
     from (values (1)) as one left join stored on true`,
    [key.channel, key.partnerId, key.dedupeKey],
  )
  if (row?.id)
    return {
      state: 'done',
      messageId: row.id,
      ...(row.answer ? { answer: row.answer } : {}),
    }
  return row?.won ? { state: 'claimed' } : { state: 'busy' }
}
