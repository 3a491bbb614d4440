// A set that came in as the message it becomes: ids, revision, keys and the JSON text that goes to the target.
import type { Message } from '../edi-maps/canonical/message.js'
import { partnerCode, type AgreementVersion, type GatewayAgreement } from './agreement.js'
import { reasonOf } from './finding-line.js'
import type { NewId } from './ids.js'
import { hasError, type SetPlan } from './interchange-plan.js'
import { messageKeys } from './keys.js'
import type { Queryable } from './store/db.js'
import { messagesOf, type InboxRow } from './store/interchanges.js'
import type { NewMessage } from './store/messages.js'

export interface InboundOptions {
  /** Connection that gets an agreement's messages, and what it is. */
  targetOf: (agreement: GatewayAgreement) => { id: string; environment: string } | undefined
  newId: NewId
}

/** Messages an interchange led to at an earlier translation, by position: a replay raises their revision. */
export type Earlier = ReadonlyMap<number, { id: string; revision: number }>

/** What each of these interchanges led to before. */
export async function earlierMessages(
  db: Queryable,
  interchangeIds: readonly string[],
): Promise<(interchangeId: string) => Earlier> {
  const found = new Map<string, Map<number, { id: string; revision: number }>>()
  for (const row of await messagesOf(db, interchangeIds)) {
    const known = found.get(row.interchange_id) ?? new Map<number, typeof row>()
    found.set(row.interchange_id, known.set(row.position, row))
  }
  return (id) => found.get(id) ?? new Map()
}

/** Of a rejected set too: it has no Document then, but what was read of it says which documents are affected. */
export function newMessage(
  { newId, targetOf }: InboundOptions,
  inbox: InboxRow,
  { agreement, version }: AgreementVersion,
  interchangeId: string,
  set: SetPlan,
  earlier: Earlier,
  state: NewMessage['state'],
): NewMessage {
  const before = earlier.get(set.position)
  const message: Omit<Message, 'document'> & Partial<Pick<Message, 'document'>> = {
    id: before?.id ?? newId(),
    revision: (before?.revision ?? 0) + 1,
    correlationId: inbox.correlation_id,
    direction: 'in',
    partner: partnerCode(agreement),
    ourRole: agreement.ourRole,
    theirRole: agreement.theirRole,
    ...(agreement.company === undefined ? {} : { company: agreement.company }),
    test: agreement.environment === 'test',
    receivedAt: inbox.received_at.toISOString(),
    ...(set.document ? { document: set.document } : {}),
  }
  const known = set.document ?? set.partial
  const target = set.isAnswer ? undefined : targetOf(agreement)
  return {
    message,
    state,
    ...(set.document ? { payload: JSON.stringify(message) } : {}),
    ...(target ? { target: target.id } : {}),
    agreement: {
      id: agreement.id,
      version,
      ...(set.mapHash === undefined ? {} : { mapHash: set.mapHash }),
    },
    interchange: { id: interchangeId, position: set.position },
    standard: agreement.standard,
    messageType: set.transaction.type,
    messageVersion: set.transaction.version,
    controls: {
      ...(set.group.control === undefined ? {} : { group: set.group.control }),
      message: set.transaction.control,
    },
    issues: set.issues,
    ...(known === undefined ? {} : { about: known, keys: messageKeys(known) }),
    ...(hasError(set.issues) ? { error: { owner: 'partner', text: reasonOf(set.issues) } } : {}),
  }
}
