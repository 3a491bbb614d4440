// Control numbers, taken in the transaction that stores the bytes which carry them: no gap when it is rolled back, no
// number twice, however many send at once.
import type { GatewayAgreement } from '../agreement.js'
import type { Queryable } from './db.js'

/** X12 numbers have nine digits; EDIFACT references are written from the same sequence. */
const MAX = 999_999_999

type Level = 'interchange' | 'group' | 'message'

interface ControlNumbers {
  readonly interchange: number
  readonly group: number
  /** Number of the first message; without a range of its own it starts at 1 in each group. */
  readonly message: number
}

/** Sequences belong to the pair and environment: agreements of one pair share them. */
function numberScope({ standard, environment, us, partner }: GatewayAgreement): string {
  const id = (one: GatewayAgreement['us']) =>
    `${one.interchange.qualifier ?? ''}/${one.interchange.id}`
  return `${standard} ${environment} ${id(us)} > ${id(partner)}`
}

/** How many numbers an interchange needs: a TA1 has no group and takes no group number, so no gap is left. */
export interface NumbersNeeded {
  readonly groups: number
  readonly messages: number
}

export interface NumberBook {
  /** Takes the next number of each level, the first of as many as are needed; after the largest follows the first. */
  take(agreement: GatewayAgreement, needed: NumbersNeeded): Promise<ControlNumbers>
  /** Writes down what was taken: before the transaction ends. */
  save(): Promise<void>
}

/**
 * The sequences of all agreements a batch may need, locked in one order, so that two batches cannot wait for each other,
 * and counted on in memory.
 */
export async function openNumbers(
  tx: Queryable,
  agreements: readonly GatewayAgreement[],
): Promise<NumberBook> {
  const next = new Map<string, number>()
  const taken = new Map<string, [scope: string, level: Level]>()
  const key = (scope: string, level: Level) => `${level} ${scope}`
  const scopes = new Set(agreements.map(numberScope))
  if (scopes.size > 0)
    for (const row of await tx.query<{ scope: string; level: Level; next: number }>(
      `select scope, level, next from control_number where scope = any($1::text[])
       order by scope, level for update`,
      [[...scopes]],
    ))
      next.set(key(row.scope, row.level), row.next)

  const take = async (agreement: GatewayAgreement, level: Level, count: number) => {
    if (count === 0) return 0
    const scope = numberScope(agreement)
    const { start = 1, max = MAX } = agreement.control?.[level] ?? {}
    if (!next.has(key(scope, level))) {
      await tx.query(
        `insert into control_number (scope, level, next) values ($1, $2, $3) on conflict do nothing`,
        [scope, level, start],
      )
      // Another transaction may have been quicker.
      const [row] = await tx.query<{ next: number }>(
        'select next from control_number where scope = $1 and level = $2 for update',
        [scope, level],
      )
      next.set(key(scope, level), row!.next)
    }
    const at = next.get(key(scope, level))!
    const first = at + count - 1 > max ? start : at
    next.set(key(scope, level), first + count > max ? start : first + count)
    taken.set(key(scope, level), [scope, level])
    return first
  }
  return {
    take: async (agreement, { groups, messages }) => ({
      interchange: await take(agreement, 'interchange', 1),
      group: await take(agreement, 'group', groups),
      message: agreement.control?.message ? await take(agreement, 'message', messages) : 1,
    }),
    save: async () => {
      if (taken.size === 0) return
      const rows = [...taken].map(([name, [scope, level]]) => ({
        scope,
        level,
        next: next.get(name)!,
      }))
      taken.clear()
      await tx.query(
        `update control_number set next = new.next
         from unnest($1::text[], $2::text[], $3::bigint[]) as new (scope, level, next)
         where control_number.scope = new.scope and control_number.level = new.level`,
        [rows.map((row) => row.scope), rows.map((row) => row.level), rows.map((row) => row.next)],
      )
    },
  }
}
