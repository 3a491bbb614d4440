// Which transaction sets travel in which functional group. X12 004010 element 479 (GS01).
import sets from './functional-groups.json' with { type: 'json' }

/** Sets by functional identifier, of the sets this project knows: `SH` → `['856']`. */
export const SETS_OF_GROUP: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(sets))

const GROUP_OF_SET = new Map(
  Object.entries(sets).flatMap(([group, list]) => list.map((set) => [set, group] as const)),
)

/** GS01 for a set, e.g. `SH` for `856`; undefined for a set that is not in the table. */
export const groupOfSet = (set: string): string | undefined => GROUP_OF_SET.get(set)
