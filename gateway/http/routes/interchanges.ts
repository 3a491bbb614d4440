// What was handed in: payloads, the interchanges in them, their bytes and the acknowledgements they led to.
import { Type } from '@sinclair/typebox'
import { object, words } from '../../../edi-maps/canonical/values.js'
import { ErasedError } from '../../errors.js'
import { readBlob, readBlobRange, readWholeBlob } from '../../store/blobs.js'
import type { Db } from '../../store/db.js'
import {
  envelopesOf,
  findPayload,
  messagesIn,
  searchInterchanges,
  type EnvelopeRow,
} from '../../store/interchange-search.js'
import { INTERCHANGE_STATES } from '../../store/interchanges.js'
import { acksFor, type SendingRow } from '../../store/message-page.js'
import { waitingSets } from '../../store/waiting-keys.js'
import { Problem } from '../problem.js'
import { route, type Reply, type Route } from '../route.js'
import { Finding } from './issue.js'
import { fromDay, PAGE, page, pageOf, readCursor, TimeQuery } from './page.js'
import { RECEIPT_ANSWERS, replyReceipt } from './transfer-receipt.js'

const text = Type.String()
const Nullable = (type: 'string' | 'integer' | 'boolean') =>
  Type.Unsafe<unknown>({ type: [type, 'null'] })

const counted = (description: string) =>
  Type.Unsafe<unknown>({ type: ['integer', 'null'], description })
const SET_COUNTS = {
  sets: Nullable('integer'),
  accepted: counted('Sets without an error that go on or have arrived.'),
  rejected: counted('Sets with an error, of their own or around them: they go nowhere.'),
  held: counted('Sets that wait for a person.'),
  issueCount: counted('Findings of the envelope, its groups and its sets.'),
}

const Found = object({
  id: Type.String({ description: 'Of the payload.' }),
  interchangeId: Nullable('string'),
  position: Nullable('integer'),
  state: Type.String({
    description:
      'Of the interchange itself; one that is translated may have rejected sets (rejected=true finds it).',
  }),
  reason: Type.Unsafe<unknown>({
    type: ['string', 'null'],
    description:
      'Why it waits, or why it or sets of it were rejected: the first error with its place.',
  }),
  channel: text,
  identity: text,
  fileName: Nullable('string'),
  standard: Nullable('string'),
  sender: Nullable('string'),
  receiver: Nullable('string'),
  control: Nullable('string'),
  test: Nullable('boolean'),
  agreementId: Nullable('string'),
  ...SET_COUNTS,
  receivedAt: text,
})
const Details = Type.Object(
  {
    interchanges: Type.Array(
      Type.Object(
        {
          reason: Found.properties.reason,
          ...SET_COUNTS,
          issues: Type.Array(Finding, {
            description:
              'Those of the envelope and its groups; those of a set stand with its message.',
          }),
          waiting: Type.Array(
            object({
              interchangeId: text,
              position: Type.Integer(),
              messageType: text,
              numbers: Type.Array(object({ type: text, value: text })),
            }),
            { description: 'While it waits and has no messages: what its sets are about.' },
          ),
        },
        { additionalProperties: true },
      ),
    ),
  },
  { additionalProperties: true },
)

const Ack = object({
  id: text,
  type: Nullable('string'),
  control: Nullable('string'),
  state: text,
  channel: text,
  size: Type.Integer(),
  sha256: text,
  error: Type.Unsafe<unknown>({
    type: ['string', 'null'],
    description: 'What is wrong, or while it is tried again, why the last try failed.',
  }),
  tries: Type.Integer({ description: 'How often it was tried to hand it over.' }),
  nextAttemptAt: Type.Unsafe<unknown>({
    type: ['string', 'null'],
    description: 'When handing it over is tried again.',
  }),
  evidence: Type.Unsafe<unknown>({
    type: ['object', 'null'],
    description:
      'What is known of the transfer. AS2: Message-ID, MIC, disposition and the receipt; SFTP: path and size; HTTP: status.',
  }),
  createdAt: text,
  transferredAt: Nullable('string'),
  text: Type.Optional(
    Type.String({ description: 'The bytes as ISO 8859-1, unless they are many.' }),
  ),
  erasedAt: Type.Optional(Type.String({ description: 'Instead of the text, when it was erased.' })),
})

export const InterchangeId = Type.String({
  pattern: '^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|control:[0-9A-Za-z]{1,14})$',
  description:
    'Id of the payload or of an interchange in it; or `control:<number>`, the newest interchange with that control number.',
})

/** Bytes shown within JSON up to this size. */
const INLINE_BYTES = 65_536

export const asText = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

/** What `read` gives; of what was erased, when. */
async function unlessErased<T>(read: () => Promise<T>): Promise<T | { erasedAt: string }> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ErasedError) return { erasedAt: error.at.toISOString() }
    throw error
  }
}

/** What is told of bytes on their way out, with their text where it is short. */
export async function tellSending(db: Db, row: SendingRow) {
  const { sha256, size } = row
  const about = {
    id: row.id,
    type: row.type,
    control: row.control,
    state: row.state,
    channel: row.channel,
    size,
    sha256: sha256.toString('hex'),
    error: row.error,
    tries: row.tries,
    nextAttemptAt: row.nextAttemptAt,
    evidence: row.evidence,
    createdAt: row.createdAt,
    transferredAt: row.transferredAt,
    ...(size <= INLINE_BYTES
      ? await unlessErased(async () => ({ text: asText(await readWholeBlob(db, sha256)) }))
      : {}),
  }
  if (row.purpose === 'ack') return about
  const { group, transmission, contentType, dueAt, acknowledgedAt } = row
  return { ...about, group, transmission, contentType, dueAt, acknowledgedAt }
}

const tellEnvelope = ({ issues, ...row }: EnvelopeRow) => ({
  ...row,
  issues: JSON.parse(issues) as unknown,
})

/** The payload a path names, and which interchange in it when one is named. Throws a 404 Problem. */
export async function findInterchange(db: Db, id: string) {
  const control = /^control:(.+)$/.exec(id)?.[1]
  const found = await findPayload(db, control === undefined ? { id } : { control })
  if (found === undefined) throw new Problem(404, 'not_found', `there is no interchange ${id}`)
  return found
}

/** The acknowledgement of that id, or the newest of that type. Throws a 404 Problem. */
export function findAck(rows: readonly SendingRow[], ack: string): SendingRow {
  const wanted = ack.toLowerCase()
  const row = rows.findLast((one) => one.id === wanted || one.type?.toLowerCase() === wanted)
  if (row !== undefined) return row
  const there = rows.map((one) => one.type).join(', ')
  const detail = `there is no acknowledgement ${ack}; there ${there === '' ? 'is none yet' : `are: ${there}`}`
  throw new Problem(404, 'not_found', detail)
}

export function interchangeRoutes({ db }: { db: Db }): Route[] {
  const scope = 'interchanges:read' as const
  const params = object({ id: InterchangeId })
  const missing = { 404: { text: 'There is none.' }, 410: { text: 'It was erased.' } }

  const find = (id: string) => findInterchange(db, id)
  const acks = async (id: string) => {
    const { payload, interchangeId } = await find(id)
    return acksFor(db, interchangeId === undefined ? { payloadId: payload.id } : { interchangeId })
  }

  return [
    route({
      method: 'get',
      path: '/v1/interchanges',
      summary:
        'Find interchanges by control number, number of a document, sender, receiver, state and time; newest first',
      scope,
      query: object({
        control: Type.Optional(text),
        number: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 200,
            description: 'Of a document in it: order, shipment, package …',
          }),
        ),
        sender: Type.Optional(text),
        receiver: Type.Optional(text),
        state: Type.Optional(words(INTERCHANGE_STATES)),
        channel: Type.Optional(text),
        identity: Type.Optional(text),
        test: Type.Optional(Type.Boolean()),
        rejected: Type.Optional(
          Type.Boolean({
            description: 'true: those rejected as a whole and those with rejected sets.',
          }),
        ),
        since: TimeQuery,
        until: TimeQuery,
        ...PAGE,
      }),
      answers: { 200: { text: 'A page.', schema: pageOf(Found) } },
      handle: async ({ query: { limit, cursor, ...filter } }) => {
        const rows = await searchInterchanges(db, fromDay(filter), limit + 1, readCursor(cursor))
        return { status: 200, body: page(rows, limit, (row) => row.interchangeId ?? row.id) }
      },
    }),
    route({
      method: 'get',
      path: '/v1/interchanges/{id}',
      summary: 'A payload with its interchanges, their messages and acknowledgements',
      scope,
      params,
      answers: { 200: { text: 'The payload.', schema: Details }, ...missing },
      handle: async ({ path }) => {
        const { payload } = await find(path.id)
        const envelopes = await envelopesOf(db, payload.id)
        const ids = envelopes.map((one) => one.id)
        const messages = await messagesIn(db, ids)
        const waiting = await waitingSets(db, ids)
        const self = `/v1/interchanges/${payload.id}`
        return {
          status: 200,
          body: {
            ...payload,
            sha256: payload.sha256.toString('hex'),
            interchanges: envelopes.map((one) => ({
              ...tellEnvelope(one),
              messages: messages.filter((message) => message.interchangeId === one.id),
              waiting: waiting.filter(({ interchangeId }) => interchangeId === one.id),
            })),
            acks: await Promise.all(
              (await acksFor(db, { payloadId: payload.id })).map((row) => tellSending(db, row)),
            ),
            links: { self, raw: `${self}/raw`, acks: `${self}/acks` },
          },
        }
      },
    }),
    route({
      method: 'get',
      path: '/v1/interchanges/{id}/raw',
      summary: 'The bytes as they came: of the payload, or of one interchange by its own id',
      scope,
      params,
      answers: { 200: { text: 'The bytes.', contentType: 'application/octet-stream' }, ...missing },
      handle: async ({ path }): Promise<Reply> => {
        const { payload, interchangeId } = await find(path.id)
        const fileName = payload.fileName ?? `${payload.id}.edi`
        const envelope = (await envelopesOf(db, payload.id)).find((one) => one.id === interchangeId)
        const stream =
          envelope === undefined
            ? { bytes: readBlob(db, payload.sha256), size: payload.size }
            : {
                bytes: readBlobRange(db, payload.sha256, envelope.start, envelope.end),
                size: envelope.end - envelope.start,
              }
        return {
          status: 200,
          stream: { ...stream, contentType: 'application/octet-stream', fileName },
        }
      },
    }),
    route({
      method: 'get',
      path: '/v1/interchanges/{id}/acks',
      summary: 'Acknowledgements made for it, oldest first',
      scope,
      params,
      answers: {
        200: { text: 'Acknowledgements.', schema: object({ items: Type.Array(Ack) }) },
        ...missing,
      },
      handle: async ({ path }) => {
        const rows = await acks(path.id)
        return {
          status: 200,
          body: { items: await Promise.all(rows.map((row) => tellSending(db, row))) },
        }
      },
    }),
    route({
      method: 'get',
      path: '/v1/interchanges/{id}/acks/{ack}',
      summary:
        'The bytes of one acknowledgement, by its id or its type (`997`, `TA1`): the newest of that type',
      scope,
      params: object({ id: InterchangeId, ack: Type.String({ maxLength: 36 }) }),
      answers: { 200: { text: 'The bytes.', contentType: 'application/edi-x12' }, ...missing },
      handle: async ({ path }): Promise<Reply> => {
        const row = findAck(await acks(path.id), path.ack)
        return {
          status: 200,
          stream: {
            contentType: row.contentType,
            bytes: readBlob(db, row.sha256),
            size: row.size,
            fileName: `${row.type ?? 'ack'}-${row.control ?? row.id}.edi`,
          },
        }
      },
    }),
    route({
      method: 'get',
      path: '/v1/interchanges/{id}/acks/{ack}/receipt',
      summary: 'The receipt (MDN) of the partner for an acknowledgement that went out by AS2',
      scope,
      params: object({ id: InterchangeId, ack: Type.String({ maxLength: 36 }) }),
      answers: RECEIPT_ANSWERS,
      handle: async ({ path }) => {
        const row = findAck(await acks(path.id), path.ack)
        return replyReceipt(db, [row.id], `acknowledgement ${row.type ?? row.id}`)
      },
    }),
  ]
}
