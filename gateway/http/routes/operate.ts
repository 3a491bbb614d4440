// What a person can do with a message: each with a reason, which is kept. Three verbs, never one "retry".
import { Type } from '@sinclair/typebox'
import { object } from '../../../edi-maps/canonical/values.js'
import type { Edi } from '../../edi.js'
import { PermanentError } from '../../errors.js'
import {
  cancelMessage,
  deliverAgain,
  replayInterchange,
  retransmit,
  sendAgain,
} from '../../operate.js'
import { replayDifference } from '../../replay-difference.js'
import type { Db } from '../../store/db.js'
import type { MessageId } from '../../store/messages.js'
import { doWork, type Work } from '../../store/work.js'
import type { Wake } from '../../wake.js'
import { Problem } from '../problem.js'
import { route, type Route } from '../route.js'
import { Finding } from './issue.js'
import { findMessage, MessageIdParam } from './messages.js'

export interface OperateRoutesOptions {
  db: Db
  wake: Wake
  edi: Edi
}

export const Reason = Type.String({
  minLength: 3,
  maxLength: 500,
  description: 'Why; kept with the history.',
})
const Begun = object({ id: Type.String(), revision: Type.Integer(), state: Type.String() })
const answers = {
  202: { text: 'It is begun; the message as it is now.', schema: Begun },
  404: { text: 'There is no such message.' },
  409: { text: 'It cannot be done in its present state.' },
}

/** What cannot be done in the present state is a 409. */
export const possible = async <T>(work: () => Promise<T>) => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof PermanentError) throw new Problem(409, 'conflict', error.message)
    throw error
  }
}

export function operateRoutes({ db, wake, edi }: OperateRoutesOptions): Route[] {
  const scope = 'messages:operate' as const
  const params = MessageIdParam
  const begun = async (id: string, revision: number) => {
    const { state } = await findMessage(db, id, revision)
    return { status: 202, body: { id, revision, state } }
  }

  const verb = (
    name: string,
    summary: string,
    act: (work: Work, id: MessageId, actor: string, reason: string) => Promise<unknown>,
  ) =>
    route({
      method: 'post',
      path: `/v1/messages/{id}/${name}`,
      summary,
      scope,
      params,
      body: object({ reason: Reason, revision: Type.Optional(Type.Integer({ minimum: 1 })) }),
      answers,
      handle: async ({ path, body, caller }) => {
        const { id, revision } = await findMessage(db, path.id, body.revision)
        await possible(() =>
          doWork(db, wake, (work) => act(work, { id, revision }, caller.client, body.reason)),
        )
        return begun(id, revision)
      },
    })

  return [
    verb('retransmit', 'Send the same bytes with the same numbers once more', retransmit),
    verb('send-again', 'Write and send the same document with new numbers', sendAgain),
    verb('deliver-again', 'Hand a held or dead inbound message to Odoo once more', deliverAgain),
    verb('cancel', 'Take back what has not left yet', cancelMessage),
    route({
      method: 'post',
      path: '/v1/messages/{id}/replay',
      summary:
        'Translate the interchange of an inbound message again, by a chosen agreement version; dryRun only tells the difference. Acknowledgements that were sent stay as they were: when a rejected set is accepted now, tell the partner yourself',
      scope,
      params,
      query: object({ dryRun: Type.Boolean({ default: false }) }),
      body: object({
        reason: Reason,
        agreement: Type.Optional(Type.String({ minLength: 1 })),
        version: Type.Optional(Type.Integer({ minimum: 1 })),
      }),
      answers: {
        ...answers,
        200: {
          text: 'What a replay would change in this message.',
          schema: object({
            agreement: object({ id: Type.String(), version: Type.Integer() }),
            differences: Type.Array(
              object({
                path: Type.String(),
                before: Type.Optional(Type.Unknown()),
                after: Type.Optional(Type.Unknown()),
              }),
            ),
            issues: Type.Array(Finding),
          }),
        },
      },
      handle: async ({ path, query, body, caller }) => {
        const { id, revision, interchangeId } = await findMessage(db, path.id)
        const { reason, ...by } = body
        if (query.dryRun) {
          const difference = await possible(() => replayDifference(db, edi, { id, revision }, by))
          return { status: 200, body: difference }
        }
        if (interchangeId === null) {
          throw new Problem(409, 'conflict', 'only what came in as EDI can be replayed')
        }
        await possible(() =>
          doWork(db, wake, (work) =>
            replayInterchange(work, interchangeId, caller.client, { ...by, reason }),
          ),
        )
        return begun(id, revision)
      },
    }),
  ]
}
