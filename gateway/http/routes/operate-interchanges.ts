// What a person can do with what came in and with what answered it: translate it again, send an answer again.
import { Type } from '@sinclair/typebox'
import { object } from '../../../edi-maps/canonical/values.js'
import { replayInterchange, replayPayload, retransmitAck } from '../../operate.js'
import type { Db } from '../../store/db.js'
import { envelopesOf } from '../../store/interchange-search.js'
import { acksFor } from '../../store/message-page.js'
import { doWork, type Work } from '../../store/work.js'
import type { Wake } from '../../wake.js'
import { Problem } from '../problem.js'
import { route, type Route } from '../route.js'
import { findAck, findInterchange, InterchangeId } from './interchanges.js'
import { possible, Reason } from './operate.js'

const Begun = object({ id: Type.String() })
const answers = {
  202: { text: 'It is begun.', schema: Begun },
  404: { text: 'There is none.' },
  409: { text: 'It cannot be done in its present state.' },
}

export function operateInterchangeRoutes({ db, wake }: { db: Db; wake: Wake }): Route[] {
  const scope = 'messages:operate' as const
  const begin = async (id: string, act: (work: Work) => Promise<void>) => {
    await possible(() => doWork(db, wake, act))
    return { status: 202, body: { id } }
  }

  return [
    route({
      method: 'post',
      path: '/v1/interchanges/{id}/replay',
      summary:
        'Translate an interchange again that waits or was translated, by the agreement its ids lead to now or a chosen version; or a payload nothing could be made of. Acknowledgements that were sent stay as they were: when a rejected set is accepted now, tell the partner yourself',
      scope,
      params: object({ id: InterchangeId }),
      body: object({
        reason: Reason,
        agreement: Type.Optional(Type.String({ minLength: 1 })),
        version: Type.Optional(Type.Integer({ minimum: 1 })),
      }),
      answers,
      handle: async ({ path, body: { reason, ...by }, caller }) => {
        const { payload, interchangeId } = await findInterchange(db, path.id)
        const within = await envelopesOf(db, payload.id)
        const one = interchangeId ?? (within.length === 1 ? within[0]!.id : undefined)
        if (one !== undefined && payload.state !== 'dead')
          return begin(one, (work) =>
            replayInterchange(work, one, caller.client, { ...by, reason }),
          )
        if (within.length > 1 && payload.state === 'translated')
          throw new Problem(409, 'conflict', 'it holds several interchanges; name one by its id')
        if (Object.keys(by).length > 0)
          throw new Problem(409, 'conflict', 'a whole payload goes by the agreements in force')
        return begin(payload.id, (work) => replayPayload(work, payload.id, caller.client, reason))
      },
    }),
    route({
      method: 'post',
      path: '/v1/interchanges/{id}/acks/{ack}/retransmit',
      summary: 'Send the same bytes of an acknowledgement once more',
      scope,
      params: object({ id: InterchangeId, ack: Type.String({ maxLength: 36 }) }),
      body: object({ reason: Reason }),
      answers,
      handle: async ({ path, body: { reason }, caller }) => {
        const { payload, interchangeId } = await findInterchange(db, path.id)
        const rows = await acksFor(
          db,
          interchangeId === undefined ? { payloadId: payload.id } : { interchangeId },
        )
        const { id } = findAck(rows, path.ack)
        return begin(id, (work) => retransmitAck(work, id, caller.client, reason))
      },
    }),
  ]
}
