// Messages: finding them, and everything about one of them.
import { Type } from '@sinclair/typebox'
import { INBOUND_STATES, OUTBOUND_STATES } from '../../../edi-maps/canonical/states.js'
import { object, words } from '../../../edi-maps/canonical/values.js'
import type { Edi } from '../../edi.js'
import { ErasedError } from '../../errors.js'
import { findSet } from '../../set-bytes.js'
import { readBlob, readBlobRange } from '../../store/blobs.js'
import type { Db } from '../../store/db.js'
import { findEnvelope } from '../../store/interchange-search.js'
import {
  acksFor,
  attemptsOf,
  keysOfMessage,
  messageDetail,
  revisionsOf,
  sendingsOf,
  timelineOf,
  type MessageDetail,
} from '../../store/message-page.js'
import { NUMBER_TYPES, searchMessages, type MessageFilter } from '../../store/message-search.js'
import { waitingWith } from '../../store/waiting-keys.js'
import { messagePayload } from '../../store/message-payload.js'
import { readMessage } from '../../store/messages.js'
import { Problem } from '../problem.js'
import { route, type Reply, type Route } from '../route.js'
import { asText, tellSending } from './interchanges.js'
import { Finding } from './issue.js'
import { fromDay, PAGE, page, pageOf, readCursor, TimeQuery } from './page.js'
import { RECEIPT_ANSWERS, replyReceipt } from './transfer-receipt.js'

export interface MessageRoutesOptions {
  db: Db
  edi: Edi
}

const text = Type.String()
const Nullable = (type: 'string' | 'integer') => Type.Unsafe<unknown>({ type: [type, 'null'] })
const Word = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }))
const State = words([...new Set([...INBOUND_STATES, ...OUTBOUND_STATES])])

export const MessageIdParam = object({ id: Type.String({ format: 'uuid' }) })
const RevisionQuery = {
  revision: Type.Optional(Type.Integer({ minimum: 1, description: 'Default: the newest.' })),
}

const Found = object({
  id: text,
  revision: Type.Integer(),
  direction: words(['in', 'out'] as const),
  state: text,
  odooState: Nullable('string'),
  businessState: text,
  overdue: Type.Boolean(),
  partner: text,
  test: Type.Boolean(),
  kind: Nullable('string'),
  messageType: Nullable('string'),
  documentNumber: Nullable('string'),
  control: Nullable('string'),
  correlationId: text,
  issueCount: Type.Integer(),
  error: Type.Unsafe<unknown>({
    type: ['string', 'null'],
    description: 'What is wrong, or while it is tried again, why the last try failed.',
  }),
  nextAttemptAt: Type.Unsafe<unknown>({
    type: ['string', 'null'],
    description: 'When handing it over is tried again.',
  }),
  createdAt: text,
  updatedAt: text,
})

const numbers = Object.fromEntries(
  NUMBER_TYPES.map((type) => [type, Type.Optional(Type.String({ minLength: 1, maxLength: 200 }))]),
) as Record<(typeof NUMBER_TYPES)[number], typeof Word>

const SEARCH = object({
  number: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Any number: of order, shipment, package, document, control, or the message id.',
    }),
  ),
  control: Word,
  ...numbers,
  documentNumber: Word,
  state: Type.Optional(State),
  direction: Type.Optional(words(['in', 'out'] as const)),
  partner: Word,
  kind: Word,
  messageType: Word,
  correlationId: Word,
  test: Type.Optional(Type.Boolean()),
  overdue: Type.Optional(Type.Boolean()),
  since: TimeQuery,
  until: TimeQuery,
  ...PAGE,
})

/** Interchanges that wait, told beside the messages of the same number. */
const WAITING_TOLD = 20

const { properties: pageProperties } = pageOf(Found)
const FoundPage = object({
  ...pageProperties,
  waiting: Type.Optional(
    Type.Array(
      object({
        interchangeId: text,
        state: text,
        reason: Nullable('string'),
        messageType: text,
        receivedAt: text,
      }),
      {
        description:
          'On the first page of a search by number: interchanges with that number that have no messages, as they are unmatched, quarantined or held.',
      },
    ),
  ),
})

/** The business numbers a search names. */
const numbersAsked = (filter: Readonly<Record<string, unknown>>) =>
  (['number', ...NUMBER_TYPES] as const).flatMap((type) => {
    const value = filter[type]
    if (typeof value !== 'string') return []
    return [{ value, ...(type === 'number' ? {} : { type }) }]
  })

const Page = Type.Object(
  {
    issues: Type.Array(Finding, {
      description:
        'Those of its set, then errors of its group and interchange that reject it. Places are those in the payload.',
    }),
  },
  { additionalProperties: true },
)

const none = (id: string) => new Problem(404, 'not_found', `there is no message ${id}`)

/** The message a path names, in the revision asked for. Throws a 404 Problem. */
export async function findMessage(db: Db, id: string, revision?: number): Promise<MessageDetail> {
  const row = await messageDetail(db, id, revision)
  if (row === undefined) throw none(id)
  return row
}

/** Bytes of a message within JSON up to this size. */
const INLINE_BYTES = 65_536

/** Where the bytes of a message are: its set in the payload it came in, or what was made of it last. */
async function locate(db: Db, edi: Edi, row: MessageDetail) {
  if (row.direction === 'out') {
    const [last] = await sendingsOf(db, row.id, row.revision)
    return last && { sha256: last.sha256, start: 0, end: last.size, contentType: last.contentType }
  }
  if (row.interchangeId === null || row.position === null) return undefined
  const envelope = await findEnvelope(db, row.interchangeId)
  const found = envelope && (await findSet(db, edi, envelope, row.position))
  if (envelope === undefined || found === undefined) return undefined
  const contentType = edi.contentType(row.standard === 'edifact' ? 'edifact' : 'x12')
  return { sha256: envelope.sha256, start: found.start, end: found.end, contentType }
}

async function pageData({ db, edi }: MessageRoutesOptions, row: MessageDetail) {
  const { id, revision } = row
  let erasedAt: Date | undefined
  /** Of what was erased the page tells when, and the rest all the same. */
  const unlessErased = async <T>(read: Promise<T>): Promise<T | undefined> => {
    try {
      return await read
    } catch (error) {
      if (!(error instanceof ErasedError)) throw error
      erasedAt = error.at
      return undefined
    }
  }
  const [stored, revisions, keys, timeline, attempts, sendings, place, envelope, acks] =
    await Promise.all([
      readMessage(db, { id, revision }),
      revisionsOf(db, id),
      keysOfMessage(db, id, revision),
      timelineOf(db, id, revision),
      attemptsOf(db, id, revision),
      sendingsOf(db, id, revision),
      unlessErased(locate(db, edi, row)),
      row.interchangeId === null ? undefined : findEnvelope(db, row.interchangeId),
      row.interchangeId === null ? [] : acksFor(db, { interchangeId: row.interchangeId }),
    ])
  const payload = stored && (await unlessErased(messagePayload(db, stored)))
  const { issues, records, interchangeId, position, errorOwner, error, ...rest } = row
  const self = `/v1/messages/${id}`
  const size = place === undefined ? 0 : place.end - place.start
  let bytes: Buffer | undefined
  if (place !== undefined && size <= INLINE_BYTES) {
    bytes = await unlessErased(whole(readBlobRange(db, place.sha256, place.start, place.end)))
  }
  return {
    ...rest,
    revisions,
    ...(erasedAt === undefined ? {} : { erasedAt: erasedAt.toISOString() }),
    ...(error === null ? {} : { error: { owner: errorOwner, text: error } }),
    ...(records === null ? {} : { records: JSON.parse(records) as unknown }),
    keys,
    issues: JSON.parse(issues) as unknown,
    ...(payload === undefined ? {} : { message: JSON.parse(payload.toString()) as unknown }),
    ...(envelope === undefined
      ? {}
      : {
          interchange: {
            id: interchangeId,
            inboxId: envelope.payloadId,
            position,
            sender: envelope.sender,
            receiver: envelope.receiver,
            control: envelope.control,
            state: envelope.state,
          },
        }),
    ...(place === undefined
      ? {}
      : {
          raw: {
            size,
            offset: place.start,
            ...(bytes === undefined ? {} : { text: asText(bytes) }),
          },
        }),
    acks: await Promise.all(acks.map((one) => tellSending(db, one))),
    sendings: await Promise.all(sendings.map((one) => tellSending(db, one))),
    attempts,
    timeline,
    links: { self, raw: `${self}/raw` },
  }
}

const whole = async (parts: AsyncIterable<Buffer>) => {
  const list: Buffer[] = []
  for await (const part of parts) list.push(part)
  return Buffer.concat(list)
}

export function messageRoutes(options: MessageRoutesOptions): Route[] {
  const { db, edi } = options
  const scope = 'messages:read' as const
  const params = MessageIdParam
  const missing = { 404: { text: 'There is none.' }, 410: { text: 'It was erased.' } }
  return [
    route({
      method: 'get',
      path: '/v1/messages',
      summary:
        'Find messages by the numbers people know them by, by state, partner and time; newest first',
      scope,
      query: SEARCH,
      answers: { 200: { text: 'A page.', schema: FoundPage } },
      handle: async ({ query }) => {
        const { limit, cursor, ...filter } = query
        const numbers = numbersAsked(filter)
        const waiting =
          cursor === undefined && numbers.length > 0
            ? await waitingWith(db, numbers, WAITING_TOLD)
            : []
        const found = await searchMessages(
          db,
          fromDay(filter as MessageFilter),
          limit + 1,
          readCursor(cursor),
        )
        return {
          status: 200,
          body: { ...page(found, limit), ...(waiting.length > 0 ? { waiting } : {}) },
        }
      },
    }),
    route({
      method: 'get',
      path: '/v1/messages/{id}',
      summary:
        'Everything about a message: bytes, Document, issues, acknowledgements, attempts, history',
      scope,
      params,
      query: object(RevisionQuery),
      answers: {
        200: { text: 'The message.', schema: Page },
        ...missing,
      },
      handle: async ({ path, query }) => ({
        status: 200,
        body: await pageData(options, await findMessage(db, path.id, query.revision)),
      }),
    }),
    route({
      method: 'get',
      path: '/v1/messages/{id}/raw',
      summary: 'Its bytes: the set as it came in, or the interchange as it went out last',
      scope,
      params,
      query: object(RevisionQuery),
      answers: { 200: { text: 'The bytes.', contentType: 'application/edi-x12' }, ...missing },
      handle: async ({ path, query }): Promise<Reply> => {
        const row = await findMessage(db, path.id, query.revision)
        const place = await locate(db, edi, row)
        if (place === undefined) {
          throw new Problem(404, 'not_found', `there are no bytes of message ${path.id} (yet)`)
        }
        const { sha256, start, end, contentType } = place
        const bytes =
          row.direction === 'out' ? readBlob(db, sha256) : readBlobRange(db, sha256, start, end)
        const fileName = `${row.messageType ?? 'message'}-${row.documentNumber ?? row.id}.edi`
        return { status: 200, stream: { contentType, bytes, size: end - start, fileName } }
      },
    }),
    route({
      method: 'get',
      path: '/v1/messages/{id}/receipt',
      summary: 'The receipt (MDN) of the partner for its bytes as they went out by AS2',
      scope,
      params,
      query: object(RevisionQuery),
      answers: RECEIPT_ANSWERS,
      handle: async ({ path, query }) => {
        const { id, revision } = await findMessage(db, path.id, query.revision)
        const sendings = await sendingsOf(db, id, revision)
        return replyReceipt(
          db,
          sendings.map((one) => one.id),
          `message ${id}`,
        )
      },
    }),
  ]
}
