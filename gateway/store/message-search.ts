// Finding messages: by the numbers a person knows them by, by state, partner and time. Pages by key, newest first.
import type { Queryable, Value } from './db.js'
import { plainNumber } from './outbox.js'

/** Kinds of business numbers with a parameter of their own; see messageKeys. */
export const NUMBER_TYPES = [
  'order',
  'shipment',
  'sscc',
  'tracking',
  'pro',
  'bol',
  'invoice',
] as const
type NumberType = (typeof NUMBER_TYPES)[number]

export type MessageFilter = Partial<Record<NumberType, string>> & {
  /** Any business number, document number, control number or message id. */
  number?: string
  /** Control number of interchange or group, with or without leading zeros. Those of sets name nothing by themselves. */
  control?: string
  documentNumber?: string
  state?: string
  direction?: 'in' | 'out'
  partner?: string
  kind?: string
  messageType?: string
  correlationId?: string
  test?: boolean
  overdue?: boolean
  since?: string
  until?: string
}

/** Sort key: time to the microsecond, and id. */
export interface SortKey {
  at: string
  id: string
}

export interface FoundMessage {
  id: string
  revision: number
  direction: 'in' | 'out'
  state: string
  odooState: string | null
  businessState: string
  overdue: boolean
  partner: string
  test: boolean
  kind: string | null
  messageType: string | null
  documentNumber: string | null
  control: string | null
  correlationId: string
  issueCount: number
  error: string | null
  /** When handing it over is tried again; `error` says why it could not be. */
  nextAttemptAt: Date | null
  createdAt: Date
  updatedAt: Date
  /** Sort key of this row. */
  at: string
}

export const AT = (column: string) =>
  `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A label's barcode carries the SSCC behind its application identifier 00; the number itself has 18 digits. */
export const plainKey = (value: string) => (/^00\d{18}$/.test(value) ? value.slice(2) : value)

/** Rows in one page, newest first, after `after`. */
export async function searchMessages(
  db: Queryable,
  filter: MessageFilter,
  limit: number,
  after?: SortKey,
): Promise<FoundMessage[]> {
  const values: Value[] = []
  const bind = (value: Value) => `$${values.push(value)}`
  const where: string[] = []
  const byKey = (value: string, type?: string) =>
    `(m.id, m.revision) in (select message_id, revision from message_key
       where value = ${bind(plainKey(value))}${type === undefined ? '' : ` and type = ${bind(type)}`})`
  const byControl = (value: string) => {
    const control = bind(plainNumber(value))
    return `(m.control_interchange = ${control} or m.control_group = ${control}
       or m.interchange_id in (select id from interchange where control = ${control}))`
  }
  for (const type of NUMBER_TYPES) {
    const value = filter[type]
    if (value !== undefined) where.push(byKey(value, type))
  }
  const { number, control, since, until } = filter
  if (number !== undefined) {
    const any = [byKey(number), `document_number = ${bind(number)}`, byControl(number)]
    if (UUID.test(number)) any.push(`m.id = ${bind(number)}::uuid`)
    where.push(`(${any.join(' or ')})`)
  }
  if (control !== undefined) where.push(byControl(control))
  const equal: readonly [keyof MessageFilter, string][] = [
    ['documentNumber', 'document_number'],
    ['state', 'state'],
    ['direction', 'direction'],
    ['partner', 'partner'],
    ['kind', 'kind'],
    ['messageType', 'message_type'],
    ['correlationId', 'correlation_id'],
    ['test', 'test'],
    ['overdue', 'overdue'],
  ]
  for (const [name, column] of equal) {
    const value = filter[name]
    if (value !== undefined) where.push(`m.${column} = ${bind(value)}`)
  }
  if (since !== undefined) where.push(`m.created_at >= ${bind(since)}::timestamptz`)
  if (until !== undefined) where.push(`m.created_at < ${bind(until)}::timestamptz`)
  if (after)
    where.push(`(m.created_at, m.id) < (${bind(after.at)}::timestamptz, ${bind(after.id)}::uuid)`)
  return db.query(
    `select id, revision, direction, state, odoo_state as "odooState", business_state as "businessState", overdue,
       partner, test, kind, message_type as "messageType", document_number as "documentNumber",
       coalesce(control_interchange, (select control from interchange where id = m.interchange_id)) as control, correlation_id as "correlationId", issue_count as "issueCount", error,
       next_attempt_at as "nextAttemptAt", created_at as "createdAt", updated_at as "updatedAt", ${AT('created_at')} as at
     from message m ${where.length > 0 ? `where ${where.join(' and ')}` : ''}
     order by m.created_at desc, m.id desc limit ${bind(limit)}`,
    values,
  )
}
