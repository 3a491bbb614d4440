// Pages of lists: newest first, by key, so that what comes in meanwhile moves nothing.
import { Type, type TSchema } from '@sinclair/typebox'
import { object } from '../../../edi-maps/canonical/values.js'
import type { SortKey } from '../../store/message-search.js'
import { Problem } from '../problem.js'

export const PAGE = {
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: '`next` of the page before.' })),
}

/** A day or a moment; a day is its beginning in UTC. */
export const TimeQuery = Type.Optional(
  Type.Union([Type.String({ format: 'date' }), Type.String({ format: 'date-time' })], {
    description:
      'A day (`2026-11-21`, from its beginning in UTC) or a moment (`2026-11-21T14:30:00Z`).',
  }),
)

const DAY = /^\d{4}-\d\d-\d\d$/

/** `since` and `until` as moments. */
export function fromDay<F extends { since?: string; until?: string }>(filter: F): F {
  const moment = (text: string) => (DAY.test(text) ? `${text}T00:00:00Z` : text)
  return {
    ...filter,
    ...(filter.since === undefined ? {} : { since: moment(filter.since) }),
    ...(filter.until === undefined ? {} : { until: moment(filter.until) }),
  }
}

/** Schema of a page of `item`. */
export const pageOf = (item: TSchema) =>
  object({
    items: Type.Array(item),
    next: Type.Optional(
      Type.String({ description: 'Give it as `cursor` for the next page; absent on the last.' }),
    ),
  })

/** Makes the page from one row more than asked for; `at` of a row is its time in the sort key and not told. */
export function page<R extends { at: string; id: string }>(
  rows: readonly R[],
  limit: number,
  idOf: (row: R) => string = (row) => row.id,
) {
  const last = rows.length > limit ? rows[limit - 1] : undefined
  return {
    items: rows.slice(0, limit).map((row) => ({ ...row, at: undefined })),
    ...(last === undefined ? {} : { next: cursorOf({ at: last.at, id: idOf(last) }) }),
  }
}

const cursorOf = ({ at, id }: SortKey) => Buffer.from(`${at} ${id}`).toString('base64url')

const KEY =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/

/** Throws a 400 Problem for a cursor that is none of ours. */
export function readCursor(cursor: string | undefined): SortKey | undefined {
  if (cursor === undefined) return undefined
  const [, at, id] = KEY.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (at === undefined || id === undefined) {
    throw new Problem(400, 'invalid', 'the cursor is none that this gateway gave')
  }
  return { at, id }
}
