// What a job is about, for a log line: looked up only when it failed.
import type { Queryable } from './db.js'
import type { JobPayload } from './lanes.js'

/** Ids as the log names them. */
export interface JobSubject {
  readonly correlation_id?: string
  readonly payload_id?: string
  readonly message_id?: string
  readonly revision?: number
  readonly outbox_id?: string
}

interface Row {
  correlation_id: string
  message_id: string | null
  revision: number | null
}

/** Message, payload or bytes to send that a job names, with the correlation id. */
export async function jobSubject(db: Queryable, payload: JobPayload): Promise<JobSubject> {
  const { messageId, inboxId, outboxId } = payload
  const revision = payload['revision']
  const [row] = await db.query<Row>(
    `select correlation_id, id as message_id, revision from message where id = $1 and revision = $2
     union all select correlation_id, null, null from inbox where id = $3
     union all select correlation_id, message_id, revision from outbox where id = $4`,
    [
      idOf(messageId),
      typeof revision === 'number' ? revision : null,
      idOf(inboxId),
      idOf(outboxId),
    ],
  )
  return {
    ...(row === undefined ? {} : { correlation_id: row.correlation_id }),
    ...(typeof inboxId === 'string' ? { payload_id: inboxId } : {}),
    ...(row?.message_id ? { message_id: row.message_id } : {}),
    ...(row?.revision ? { revision: row.revision } : {}),
    ...(typeof outboxId === 'string' ? { outbox_id: outboxId } : {}),
  }
}

const idOf = (value: JobPayload[string] | undefined) => (typeof value === 'string' ? value : null)
