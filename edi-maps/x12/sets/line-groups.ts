// LX loops of the warehouse sets: each holds lines, and in an advice the packages they are in. Canonical lines and
// packages stand in lists; how they were grouped is kept only where the usual grouping does not give it back.
import { append } from '../../append.js'
import type { Package } from '../../canonical/shipment-notice.js'
import type { Party } from '../../canonical/values.js'
import type { Node, View } from '../../map.js'
import { extrasOf, makeExtras, sameValue } from '../../path.js'
import { cameAt, dropEmptyExtras, noteAt } from '../../places.js'

/** One LX loop. `extras` are segments of the loop without canonical place. */
export interface LineGroup<L> {
  number?: string
  packages: Package[]
  lines: L[]
  /** Parties all lines of the loop are for. */
  parties?: Party[]
  extras?: Record<string, unknown>
}

interface GroupedBody<L> {
  lines: L[]
  packages?: Package[]
}
interface GroupedLine {
  productIds: readonly unknown[]
  packageIds?: string[]
  parties?: Party[]
}

/** How a loop stood: its number where it does not count up, how many lines, which packages (by place), what it kept. */
interface Standing {
  number?: string
  lines: number
  packages?: number[]
  x12?: Node
}

const KEY = 'LX'

/** The LX loops of a document as items; `numbered` takes over and gives the number of a loop that is a line's own. */
export function lineGroups<D extends { body: GroupedBody<L> }, L extends GroupedLine>(numbered?: {
  take(line: L, number: string): boolean
  give(line: L): string | undefined
}): View<D, LineGroup<L>> {
  return {
    split(document) {
      const { body } = document
      const kept = extrasOf(document as unknown as Node, 'x12')?.[KEY] as Standing[] | undefined
      const groups = (kept === undefined ? undefined : asKept(body, kept)) ?? usual(body)
      return groups.map((group, n) => {
        const [line] = group.lines
        const own = line === undefined || group.lines.length > 1 ? undefined : numbered?.give(line)
        const parties = line?.parties?.filter(isOfLoop) ?? []
        return {
          ...group,
          number: group.number ?? own ?? String(n + 1),
          ...(parties.length === 0 ? {} : { parties }),
        }
      })
    },
    join(document, group, nth) {
      const { body } = document
      const { number, lines, packages, parties = [], extras } = group
      const places = packages.map((one) => placeOf(one, (body.packages ??= [])))
      const ids = places.map((at) => body.packages![at]!.id)
      for (const line of lines) {
        if (ids.length > 0) line.packageIds = [...ids]
        if (parties.length > 0) line.parties = [...ofLoop(parties), ...(line.parties ?? [])]
      }
      append(body.lines, lines)
      const isTaken =
        number !== undefined && lines.length === 1 && numbered?.take(lines[0]!, number) === true
      const standing: Standing = {
        ...(number === undefined || isTaken || number === String(nth + 1) ? {} : { number }),
        lines: lines.length,
        ...(places.length === 0 ? {} : { packages: places }),
        ...(extras?.['x12'] === undefined ? {} : { x12: extras['x12'] as Node }),
      }
      const all = makeExtras(document as unknown as Node, 'x12')
      ;((all[KEY] ??= []) as Standing[]).push(standing)
      return true
    },
  }
}

/** N1 of the loop itself, as `extras.x12.at` of a line's party names it. */
const PARTY = 'LX/N1'
const isOfLoop = (party: Party) => cameAt(party, 'x12', PARTY)

/** Marked as what the loop says, a copy for each line. */
const ofLoop = (parties: readonly Party[]): Party[] =>
  parties.map((party) => {
    noteAt(party, 'x12', PARTY)
    return { ...party }
  })

/** Forgets how the loops stood where the usual grouping gives them back. */
export function settleLineGroups(document: { body: GroupedBody<GroupedLine> }): void {
  const node = document as unknown as Node
  const kept = extrasOf(node, 'x12')?.[KEY] as Standing[] | undefined
  if (kept === undefined) return
  const { body } = document
  const groups = usual(body)
  const isUsual =
    groups.length === kept.length &&
    groups.every(({ lines, packages }, n) => {
      const { packages: places = [], ...standing } = kept[n]!
      return (
        sameValue(standing, { lines: lines.length }) &&
        places.length === packages.length &&
        packages.every((one, k) => body.packages![places[k]!] === one)
      )
    })
  if (!isUsual) return
  delete extrasOf(node, 'x12')![KEY]
  dropEmptyExtras(document, 'x12')
}

/** Its place in the list; a package told again by its number alone is the one that is there already. */
function placeOf(one: Package, packages: Package[]): number {
  const at = packages.findIndex(
    (known) =>
      one.sscc !== undefined &&
      known.sscc === one.sscc &&
      sameValue({ ...one, id: known.id }, { ...known }),
  )
  if (at >= 0) return at
  one.id = String(packages.length + 1)
  return packages.push(one) - 1
}

/** One loop for each line; lines in the same packages share one; packages without lines come last. */
function usual<L extends GroupedLine>({ lines, packages = [] }: GroupedBody<L>): LineGroup<L>[] {
  const groups: LineGroup<L>[] = []
  const byId = new Map(packages.map((one) => [one.id, one]))
  const empty = new Set(packages)
  for (const one of packages) empty.delete(byId.get(one.parentId ?? '')!)
  let before: readonly string[] = []
  for (const line of lines) {
    const ids = line.packageIds ?? []
    const last = groups.at(-1)
    if (last !== undefined && ids.length > 0 && sameValue(ids, before)) last.lines.push(line)
    else {
      const held = ids.flatMap((id) => byId.get(id) ?? [])
      for (const one of held) empty.delete(one)
      groups.push({ packages: held, lines: [line] })
    }
    before = ids
  }
  for (const one of empty) groups.push({ packages: [one], lines: [] })
  return groups
}

function asKept<L>(
  { lines, packages = [] }: GroupedBody<L>,
  kept: readonly Standing[],
): LineGroup<L>[] | undefined {
  const told = new Set(kept.flatMap(({ packages: places = [] }) => places))
  const isWhole =
    kept.reduce((total, standing) => total + standing.lines, 0) === lines.length &&
    told.size === packages.length &&
    [...told].every((at) => at < packages.length)
  if (!isWhole) return undefined
  let from = 0
  return kept.map(({ number, lines: count, packages: places = [], x12 }) => {
    const own = lines.slice(from, from + count)
    from += count
    return {
      ...(number === undefined ? {} : { number }),
      packages: places.map((at) => packages[at]!),
      lines: own,
      ...(x12 === undefined ? {} : { extras: { x12 } }),
    }
  })
}
