// Which documents stand in interchanges that wait: they have no messages, but people ask for their orders all the same.
import type { Queryable, Value } from './db.js'
import { rows } from './blobs.js'
import { plainKey } from './message-search.js'
import type { MessageKey } from './messages.js'
import type { Work } from './work.js'

/** A number in a set of an interchange that waits. */
export interface WaitingKey extends MessageKey {
  /** Of the set in the interchange, from 1. */
  readonly position: number
  readonly messageType: string
}

/** Stores the numbers of interchanges; those known from an earlier try stay. */
export async function keepWaitingKeys(
  work: Work,
  waiting: readonly { readonly interchangeId: string; readonly keys: readonly WaitingKey[] }[],
): Promise<void> {
  const all = waiting.flatMap(({ interchangeId, keys }) =>
    keys.map(({ value, type, position, messageType }): Value[] => [
      value.slice(0, 200),
      type,
      interchangeId,
      position,
      messageType,
    ]),
  )
  for (let at = 0; at < all.length; at += 2000) {
    const some = all.slice(at, at + 2000)
    await work.query(
      `insert into waiting_key (value, type, interchange_id, position, message_type)
       values ${rows(some.length, 5, ['', '', '::uuid', '::integer', ''])} on conflict do nothing`,
      some.flat(),
    )
  }
}

/** States of interchanges without messages. */
const WAITING = `('unmatched', 'quarantined', 'held')`

export interface WaitingSet {
  readonly interchangeId: string
  readonly position: number
  readonly messageType: string
  readonly numbers: readonly MessageKey[]
}

/** What stands in those of these interchanges that wait, the first sets of each that say a number. */
export async function waitingSets(
  db: Queryable,
  interchangeIds: readonly string[],
): Promise<WaitingSet[]> {
  return db.query(
    `select k.interchange_id as "interchangeId", k.position, k.message_type as "messageType",
       jsonb_agg(jsonb_build_object('type', k.type, 'value', k.value) order by k.type, k.value) as numbers
     from waiting_key k join interchange i on i.id = k.interchange_id
     where i.id = any($1::uuid[]) and i.state in ${WAITING}
     group by 1, 2, 3 order by 1, 2 limit 1000`,
    [[...interchangeIds]],
  )
}

export interface WaitingInterchange {
  readonly interchangeId: string
  readonly state: string
  readonly reason: string | null
  readonly messageType: string
  readonly receivedAt: Date
}

/** Interchanges that wait with all these numbers in one of their sets, newest first. A number without type is any. */
export async function waitingWith(
  db: Queryable,
  numbers: readonly { readonly type?: string; readonly value: string }[],
  limit: number,
): Promise<WaitingInterchange[]> {
  const values: Value[] = [limit]
  const has = numbers.map(({ type, value }) => {
    const is = `value = $${values.push(plainKey(value))}`
    const as = type === undefined ? '' : ` and type = $${values.push(type)}`
    return `(k.interchange_id, k.position) in (select interchange_id, position from waiting_key where ${is}${as})`
  })
  return db.query(
    `select distinct b.received_at as "receivedAt", i.id as "interchangeId", i.state, i.reason,
       k.message_type as "messageType"
     from waiting_key k join interchange i on i.id = k.interchange_id join inbox b on b.id = i.inbox_id
     where i.state in ${WAITING} and ${has.join(' and ')}
     order by b.received_at desc, i.id desc limit $1`,
    values,
  )
}
