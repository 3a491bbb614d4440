// Append-only history: one row for each change of state of a payload, interchange or message.
import { rows } from './blobs.js'
import type { Tx, Value } from './db.js'

export interface StageEvent {
  readonly correlationId: string
  readonly inboxId?: string
  readonly interchangeId?: string
  readonly messageId?: string
  readonly revision?: number
  /** Step that did it: receive, translate, deliver, odoo, send, transfer, ack, operator. */
  readonly stage: string
  /** State it led to. */
  readonly state: string
  /** Who, when a person or machine client did it. */
  readonly actor?: string
  /** One line for people; never payload. */
  readonly detail?: string
}

/** Writes them; they are told to the journal of the process once they are committed. */
export async function addEvents(tx: Tx, events: readonly StageEvent[]): Promise<void> {
  for (let at = 0; at < events.length; at += 1000) {
    const slice = events.slice(at, at + 1000)
    await tx.query(
      `insert into stage_event (correlation_id, inbox_id, interchange_id, message_id, revision, stage, state, actor, detail)
       values ${rows(slice.length, 9, ['', '::uuid', '::uuid', '::uuid', '::integer'])}`,
      slice.flatMap((e): Value[] => [
        e.correlationId,
        e.inboxId ?? null,
        e.interchangeId ?? null,
        e.messageId ?? null,
        e.revision ?? null,
        e.stage,
        e.state,
        e.actor ?? null,
        e.detail ?? null,
      ]),
    )
  }
  if (events.length > 0) tx.afterCommit(() => tx.journal(events))
}
