// A Message of Odoo becomes ours to send: checked, stored once under its id and revision, and queued.
import { createHash } from 'node:crypto'
import { Ajv } from 'ajv'
import { Message } from '../edi-maps/canonical/message.js'
import type { Connection } from './config.js'
import { ErasedError } from './errors.js'
import { messageKeys } from './keys.js'
import { messagePayload } from './store/message-payload.js'
import { insertMessages, readMessage, type MessageId } from './store/messages.js'
import type { Work } from './store/work.js'
import { contentHash } from './agreement.js'
import { keepOdooRow, reportBack } from './store/odoo-rows.js'

/** What is wrong with a body; `path` is a JSON pointer. */
export interface OutboundProblem {
  readonly path: string
  readonly code: string
  readonly text: string
}

export interface Outbound {
  readonly message: unknown
  /** The Odoo that gave it and is told what becomes of it; absent: an API client did, who asks. */
  readonly from?: {
    readonly connection: Pick<Connection, 'id' | 'environment'>
    /** Odoo's name for the row, and the token of the lease; a pushed row has no token. */
    readonly outboxId: string
    readonly leaseToken?: string
  }
}

/** What became of it: `state` is absent when there are problems. */
export interface Accepted {
  readonly problems: readonly OutboundProblem[]
  readonly state?: 'new' | 'repeat'
}

const check = new Ajv({ allErrors: true, strict: false }).compile<Message>(Message)

/** Problems of a Message for us to send, none when it can be taken. */
export function checkOutbound(message: unknown): OutboundProblem[] {
  if (check(message))
    return message.direction === 'out'
      ? []
      : [{ path: '/direction', code: 'direction', text: 'must be out' }]
  return (check.errors ?? []).map((error) => {
    const { missingProperty, additionalProperty } = error.params as Record<string, string>
    const name = missingProperty ?? additionalProperty
    return {
      path: error.instancePath + (name === undefined ? '' : `/${name}`),
      code: error.keyword,
      text: error.message ?? 'is wrong',
    }
  })
}

/**
 * Takes a Message over in the caller's transaction; one that is there already only gets its new lease. Gives problems
 * instead when the body is not a Message, or another one was taken under the same id and revision.
 */
export async function acceptOutbound(work: Work, outbound: Outbound): Promise<Accepted> {
  const problems = checkOutbound(outbound.message)
  if (problems.length > 0) return { problems }
  const message = outbound.message as Message
  const { from } = outbound
  const payload = JSON.stringify(message)
  const environment = from?.connection.environment
  const mismatch = environment !== undefined && message.test !== (environment === 'test')
  const [fresh] = await insertMessages(work, [
    {
      message,
      state: mismatch ? 'held' : 'queued',
      payload,
      keys: messageKeys(message.document),
      ...(from === undefined ? {} : { target: from.connection.id }),
      ...(mismatch
        ? {
            error: {
              owner: 'odoo',
              text: `a ${message.test ? 'test' : 'production'} message of a ${environment} database`,
            },
          }
        : {}),
    },
  ])
  if (!fresh && !(await isSame(work, message, payload)))
    return {
      problems: [
        {
          path: '/id',
          code: 'idempotency_conflict',
          text: 'another message was taken under this id and revision',
        },
      ],
    }
  if (from) {
    const { connection, outboxId, leaseToken } = from
    const row = { target: connection.id, outboxId, ...(leaseToken ? { leaseToken } : {}) }
    await keepOdooRow(work, message, row)
  }
  if (fresh) {
    work.event({
      correlationId: message.correlationId,
      messageId: message.id,
      revision: message.revision,
      stage: 'receive',
      state: mismatch ? 'held' : 'queued',
    })
    if (!mismatch) queueSend(work, message, message.partner)
  }
  await reportBack(work, message)
  return { problems, state: fresh ? 'new' : 'repeat' }
}

/** Queues the writing of a message; `sending` counts how often it is sent with numbers of its own. */
export function queueSend(
  work: Work,
  { id, revision }: MessageId,
  partner: string,
  sending = 1,
): void {
  work.enqueue({
    lane: `out:${partner}`,
    kind: 'send',
    payload: { messageId: id, revision, sending },
  })
}

async function isSame(work: Work, id: MessageId, payload: string): Promise<boolean> {
  const row = await readMessage(work, id)
  if (row === undefined) return false
  if (row.payload_sha256?.equals(createHash('sha256').update(payload).digest())) return true
  try {
    // Key order may differ between push and pull; the content decides.
    const stored = await messagePayload(work, row)
    return (
      stored !== undefined &&
      contentHash(JSON.parse(stored.toString())) === contentHash(JSON.parse(payload))
    )
  } catch (error) {
    if (error instanceof ErasedError) return true // taken once is all there is to know
    throw error
  }
}
