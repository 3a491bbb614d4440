// What a person can do with what came in and with what answered it: translate it again, send an answer again.
import { Type } from '@sinclair/typebox'
import { object } from '../../../edi-maps/canonical/values.js'
import { replayInterchange, replayPayload, retransmitAck } from '../../operate.js'
import { previewReplay, type PreviewOptions } from '../../replay-preview.js'
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

const Preview = object({
  state: Type.String({ description: 'What it would become.' }),
  reason: Type.Optional(Type.String()),
  agreement: Type.Optional(object({ id: Type.String(), version: Type.Integer() })),
  issues: Type.Array(Type.Unknown()),
  setCount: Type.Integer(),
  sets: Type.Array(
    object({
      position: Type.Integer(),
      type: Type.String(),
      control: Type.String(),
      documentNumber: Type.Optional(Type.String()),
      rejected: Type.Boolean(),
      issues: Type.Array(Type.Unknown()),
    }),
    { description: 'The first 200.' },
  ),
})

export function operateInterchangeRoutes(options: PreviewOptions & { wake: Wake }): Route[] {
  const { db, wake } = options
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
        'Translate an interchange again that waits or was translated, by the agreement its ids lead to now or a chosen version; or a payload nothing could be made of; dryRun only tells what would come of it. Acknowledgements that were held are made anew; those that were sent stay as they were: when a rejected set is accepted now, tell the partner yourself',
      scope,
      params: object({ id: InterchangeId }),
      query: object({ dryRun: Type.Boolean({ default: false }) }),
      body: object({
        reason: Reason,
        agreement: Type.Optional(Type.String({ minLength: 1 })),
        version: Type.Optional(Type.Integer({ minimum: 1 })),
      }),
      answers: { ...answers, 200: { text: 'What a replay would lead to.', schema: Preview } },
      handle: async ({ path, query, body: { reason, ...by }, caller }) => {
        const { payload, interchangeId } = await findInterchange(db, path.id)
        const within = await envelopesOf(db, payload.id)
        const one = interchangeId ?? (within.length === 1 ? within[0]!.id : undefined)
        if (query.dryRun) {
          if (one === undefined)
            throw new Problem(
              409,
              'conflict',
              'name one interchange by its id to see what it gives',
            )
          return { status: 200, body: await possible(() => previewReplay(options, one, by)) }
        }
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
