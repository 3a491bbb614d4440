// Control numbers, taken in the transaction that stores the bytes which carry them: no gap when it is rolled back, no
// number twice, however many send at once.
import type { GatewayAgreement } from '../agreement.js'
import type { Queryable } from './db.js'

/** X12 numbers have nine digits; EDIFACT references are written from the same sequence. */
const MAX = 999_999_999

export interface ControlNumbers {
  readonly interchange: number
  readonly group: number
  /** Number of the first message; without a range of its own it starts at 1 in each group. */
  readonly message: number
}

/** Sequences belong to the pair and environment: agreements of one pair share them. */
export function numberScope({ standard, environment, us, partner }: GatewayAgreement): string {
  const id = (one: GatewayAgreement['us']) =>
    `${one.interchange.qualifier ?? ''}/${one.interchange.id}`
  return `${standard} ${environment} ${id(us)} > ${id(partner)}`
}

/** Locks all sequences a batch will need, in one order, so that two batches cannot wait for each other. */
export async function lockNumbers(tx: Queryable, scopes: readonly string[]): Promise<void> {
  if (scopes.length > 0)
    await tx.query(
      `select from control_number where scope = any($1::text[]) order by scope, level for update`,
      [[...new Set(scopes)]],
    )
}

/** How many numbers an interchange needs: a TA1 has no group and takes no group number, so no gap is left. */
export interface NumbersNeeded {
  readonly groups: number
  readonly messages: number
}

/** Takes the next number of each level, the first of as many as are needed; after the largest follows the first. */
export async function takeNumbers(
  tx: Queryable,
  agreement: GatewayAgreement,
  { groups, messages }: NumbersNeeded,
): Promise<ControlNumbers> {
  const scope = numberScope(agreement)
  const take = async (level: 'interchange' | 'group' | 'message', count: number) => {
    if (count === 0) return 0
    const { start = 1, max = MAX } = agreement.control?.[level] ?? {}
    await tx.query(
      `insert into control_number (scope, level, next) values ($1, $2, $3) on conflict do nothing`,
      [scope, level, start],
    )
    const [taken] = await tx.query<{ number: number }>(
      `with held as (
         select case when next + $5::bigint - 1 > $4::bigint then $3::bigint else next end as number
         from control_number where scope = $1 and level = $2 for update
       )
       update control_number
       set next = case when held.number + $5 > $4 then $3 else held.number + $5 end
       from held where scope = $1 and level = $2
       returning held.number`,
      [scope, level, start, max, count],
    )
    return taken!.number
  }
  return {
    interchange: await take('interchange', 1),
    group: await take('group', groups),
    message: agreement.control?.message ? await take('message', messages) : 1,
  }
}

/** Next numbers of every sequence, for people. */
export async function listNumbers(
  db: Queryable,
): Promise<{ scope: string; level: string; next: number }[]> {
  return db.query('select scope, level, next from control_number order by scope, level')
}
