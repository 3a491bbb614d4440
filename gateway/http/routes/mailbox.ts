// A partner's mailbox: what we send under agreements without another channel waits here until the partner has fetched
// it. A caller sees what is for the interchange ids it may carry, and nothing else.
import { Type } from '@sinclair/typebox'
import { object } from '../../../edi-maps/canonical/values.js'
import { mayFetch, type AgreementVersion } from '../../agreement.js'
import { confirmFetched } from '../../operate.js'
import type { Caller } from '../../security/authenticate.js'
import { findIdentity, readAgreement } from '../../store/agreements.js'
import { readBlob } from '../../store/blobs.js'
import type { Db } from '../../store/db.js'
import { agreementsWaiting, readOutbox, waitingOf } from '../../store/outbox.js'
import { doWork } from '../../store/work.js'
import type { Wake } from '../../wake.js'
import { Problem } from '../problem.js'
import { route, type Route } from '../route.js'
import { PAGE } from './page.js'

const Waiting = object({
  id: Type.String(),
  type: Type.String({ description: '`856`, `997` …' }),
  control: Type.String({ description: 'Of the interchange.' }),
  messageId: Type.Optional(Type.String()),
  interchangeId: Type.Optional(Type.String({ description: 'The interchange it answers.' })),
  size: Type.Integer(),
  contentType: Type.String(),
  createdAt: Type.String(),
})
const params = object({ id: Type.String({ format: 'uuid' }) })

export function mailboxRoutes({ db, wake }: { db: Db; wake: Wake }): Route[] {
  const scope = 'mailbox:fetch' as const

  const identityOf = async ({ client, identity }: Caller) => {
    if (identity !== undefined) return findIdentity(db, 'rest', identity)
    throw new Problem(403, 'forbidden', `${client} may not carry interchanges for anybody`)
  }

  /** Bytes the caller may fetch. What is for others is answered as if it were not there. */
  const find = async (id: string, caller: Caller) => {
    const identity = await identityOf(caller)
    const row = await readOutbox(db, id)
    const isThere =
      row?.channel === 'mailbox' && (row.state === 'awaiting' || row.state === 'transferred')
    const agreement: AgreementVersion | undefined =
      isThere && row.agreement_id !== null && row.agreement_version !== null
        ? await readAgreement(db, row.agreement_id, row.agreement_version)
        : undefined
    if (row === undefined || !agreement || !mayFetch(identity, agreement.agreement))
      throw new Problem(404, 'not_found', `nothing waits for you under ${id}`)
    return { row, agreement }
  }

  return [
    route({
      method: 'get',
      path: '/v1/mailbox',
      summary:
        'What waits to be fetched, oldest first; what was taken out makes room for what follows',
      scope,
      query: object({ limit: PAGE.limit }),
      answers: {
        200: { text: 'What waits.', schema: object({ items: Type.Array(Waiting) }) },
      },
      handle: async ({ query: { limit }, caller }) => {
        const identity = await identityOf(caller)
        const mine = (await agreementsWaiting(db)).filter(({ body }) => mayFetch(identity, body))
        const rows = mine.length === 0 ? [] : await waitingOf(db, mine, limit)
        const items = rows.map(({ type, control, messageId, interchangeId, ...row }) => ({
          ...row,
          type: type ?? '',
          control: control ?? '',
          ...(messageId === null ? {} : { messageId }),
          ...(interchangeId === null ? {} : { interchangeId }),
        }))
        return { status: 200, body: { items } }
      },
    }),
    route({
      method: 'get',
      path: '/v1/mailbox/{id}',
      summary: 'The bytes; they stay until they are taken out',
      scope,
      params,
      answers: {
        200: { text: 'The bytes.', contentType: 'application/edi-x12' },
        404: { text: 'Nothing waits under this id.' },
        410: { text: 'It was erased.' },
      },
      handle: async ({ path, caller }) => {
        const { row } = await find(path.id, caller)
        const { content_type: contentType, sha256, size } = row
        const fileName = `${row.message_type ?? 'interchange'}-${row.control_interchange ?? row.id}.edi`
        return {
          status: 200,
          stream: { contentType, bytes: readBlob(db, sha256), size, fileName },
        }
      },
    }),
    route({
      method: 'delete',
      path: '/v1/mailbox/{id}',
      summary: 'Take it out: the partner has it. Once more changes nothing',
      scope,
      params,
      answers: { 204: { text: 'It is out.' }, 404: { text: 'Nothing waits under this id.' } },
      handle: async ({ path, caller }) => {
        const { row, agreement } = await find(path.id, caller)
        await doWork(db, wake, (work) => confirmFetched(work, row, agreement, caller.client))
        return { status: 204 }
      },
    }),
  ]
}
