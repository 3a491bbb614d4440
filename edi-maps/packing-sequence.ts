// The packing sequence of a despatch advice (CPS): each level holds packages (PAC), their marks (PCI, GIN) and the lines
// in them. Reading makes packages of them; writing makes a level for the shipment and one for each package, or for
// packages that share their lines. Where that does not give back what came, the levels are kept as they stood.
import { append } from './append.js'
import type { Package } from './canonical/shipment-notice.js'
import type { Quantity } from './canonical/values.js'
import { gs1CheckDigit, hasGs1CheckDigit } from './check-digit.js'
import type { Arrangement, Level, TellPlan } from './hierarchy.js'
import type { Node } from './map.js'
import { tellNestedWithoutEnd, tellUnknownPackages } from './package-nesting.js'
import { packageLevel, packageUnit, typeOfUnit } from './package-types.js'
import { extrasOf, makeExtras, sameValue } from './path.js'
import { spreadLine } from './spread-line.js'

type Extras = Record<string, unknown>

/** GIN: up to five numbers or ranges `first:last`. */
export interface MarkNumbers {
  kind: string
  values: string[]
}
/** PCI. */
export interface PackMark {
  instruction?: string
  trackingNumber?: string
  numbers: MarkNumbers[]
  extras?: Extras
}
/** PAC: packages of one type. */
export interface PackGroup extends Pick<Package, 'type' | 'weight' | 'volume' | 'dimensions'> {
  count?: number
  marks: PackMark[]
  extras?: Extras
}
/** CPS. */
export interface PackLevel<L> {
  packs: PackGroup[]
  lines: L[]
  extras?: Extras
}

interface PackedLine {
  packageIds: string[]
  lineNumber?: string
  quantityShipped?: Quantity
}
interface PackedBody<L> {
  packages: Package[]
  lines: L[]
  totals?: { packages?: Quantity }
}
interface PlacedLevel<L> {
  readonly parent: number
  readonly code: string
  readonly id?: string | undefined
  readonly node: PackLevel<L>
}
/** A level as it is kept: its lines are counted. */
type KeptLevel = Omit<PlacedLevel<never>, 'node'> & {
  readonly node: Omit<PackLevel<never>, 'lines'> & { readonly lines: number }
}

const KEY = 'CPS'
/** 7075. */
const CODES: Readonly<Record<string, NonNullable<Package['level']>>> = {
  '1': 'inner',
  '2': 'carton',
  '3': 'pallet',
}
const codeOf = (level: Package['level']): string =>
  Object.keys(CODES).find((code) => CODES[code] === level) ?? ''

const SSCC_MARK = '33E'
const OTHER_MARK = '17'
const SSCC = 'BJ'
const IN_A_GIN = 5

/** What a message does with lines when all are read, and before they are written. */
export interface LineHooks<L> {
  taken(document: Node): void
  given(document: Node): readonly L[]
}

export function packingSequence<L extends PackedLine>(hooks: LineHooks<L>): Arrangement {
  const bodyOf = (document: Node) => document['body'] as PackedBody<L>
  return {
    documentLevel: '',
    open: (): Node => ({ packs: [], lines: [] }),
    close(document, levels, standard) {
      const body = bodyOf(document)
      const placed = levels.map(({ parent, code, id, node }) => ({
        parent,
        code,
        ...(id === undefined ? {} : { id }),
        node: node as unknown as PackLevel<L>,
      }))
      const { packages, total, idsOf } = build(placed)
      append(body.packages, packages)
      if (total !== undefined) (body.totals ??= {}).packages = total
      for (const [n, { node }] of placed.entries()) {
        for (const line of node.lines) line.packageIds = [...idsOf[n]!]
        append(body.lines, node.lines)
      }
      hooks.taken(document)
      const usual = usualLevels(body, body.lines, () => {})
      if (!sameLevels(usual.levels, placed)) {
        makeExtras(document, standard)[KEY] = placed.map(({ node, ...level }): KeptLevel => ({
          ...level,
          node: { ...node, lines: node.lines.length },
        }))
      }
      return ''
    },
    plan(document, _layout, standard, tell) {
      const body = bodyOf(document)
      const given = hooks.given(document)
      const kept = extrasOf(document, standard)?.[KEY] as readonly KeptLevel[] | undefined
      const asKept = kept === undefined ? undefined : keptLevels(kept, body, given)
      const { levels, lines } = asKept ?? usualLevels(body, given, tell)
      return {
        levels: levels.map(({ parent, code, id, node }): Level => ({
          parent,
          code,
          id,
          child: undefined,
          node: node as unknown as Node,
        })),
        tree: '',
        document: { ...document, body: { ...body, lines } },
      }
    },
  }
}

interface Built {
  readonly packages: Package[]
  readonly total?: Quantity
  /** By level: the packages its lines are in. */
  readonly idsOf: readonly (readonly string[])[]
}

function build(levels: readonly PlacedLevel<unknown>[]): Built {
  const packages: Package[] = []
  const own: Package[][] = []
  const idsOf: string[][] = []
  let total: Quantity | undefined
  for (const [n, { parent, code, node }] of levels.entries()) {
    const isShipment = n === 0 && (levels.length === 1 || levels.some((one) => one.parent === 0))
    const outer = outerOf(levels, own, parent)
    const units: Package[] = []
    const inside: Package[] = []
    for (const group of node.packs) {
      const counted = isShipment && total === undefined ? countOf(group) : undefined
      if (counted !== undefined) {
        total = counted
        continue
      }
      const isInside = isContent(group, units)
      for (const one of packagesOf(group, CODES[code])) {
        one.id = String(packages.push(one))
        const parentId = isInside ? units[0]!.id : outer?.id
        if (parentId !== undefined) one.parentId = parentId
        ;(isInside ? inside : units).push(one)
      }
    }
    own.push(units)
    const holding = inside.length > 0 ? inside : units
    idsOf.push(
      holding.length > 0 ? holding.map(({ id }) => id) : outer === undefined ? [] : [outer.id],
    )
  }
  return { packages, ...(total === undefined ? {} : { total }), idsOf }
}

/** The package a level stands in: that of the nearest level above with any. */
function outerOf(
  levels: readonly PlacedLevel<unknown>[],
  own: readonly (readonly Package[])[],
  parent: number,
): Package | undefined {
  for (let at = parent; at >= 0; at = levels[at]!.parent) {
    const [first] = own[at] ?? []
    if (first !== undefined) return first
  }
  return undefined
}

/** Packages without numbers behind a pallet are what stands on it. */
const isContent = (group: PackGroup, units: readonly Package[]): boolean =>
  units.length === 1 &&
  units[0]!.level === 'pallet' &&
  numbersOf(group).length === 0 &&
  packageLevel(group.type) !== 'pallet'

/** PAC of the whole shipment: how many packages there are in all. */
function countOf({ count, type, ...rest }: PackGroup): Quantity | undefined {
  const isPlain = Object.keys(rest).length === 1 && rest.marks.length === 0
  return !isPlain || count === undefined
    ? undefined
    : { value: String(count), ...packageUnit(type) }
}

function packagesOf(group: PackGroup, told: Package['level']): Package[] {
  const { count, type, weight, volume, dimensions, marks } = group
  const level = packageLevel(type) ?? told
  const common: Omit<Package, 'id'> = {
    ...(level === undefined ? {} : { level }),
    ...(type === undefined ? {} : { type }),
    ...(weight === undefined ? {} : { weight }),
    ...(volume === undefined ? {} : { volume }),
    ...(dimensions === undefined ? {} : { dimensions }),
  }
  const found = marks.flatMap((mark) =>
    numbersIn(mark).map((sscc) => ({ sscc, ...trackingOf(mark) })),
  )
  if (found.length > 0) return found.map((marked) => ({ id: '', ...common, ...marked }))
  const tracking = marks.map(trackingOf).find(({ trackingNumber }) => trackingNumber !== undefined)
  return [
    { id: '', ...common, ...(count === undefined || count === 1 ? {} : { count }), ...tracking },
  ]
}

const trackingOf = ({ trackingNumber }: PackMark) =>
  trackingNumber === undefined ? {} : { trackingNumber }
const numbersOf = ({ marks }: PackGroup): string[] => marks.flatMap(numbersIn)
const numbersIn = ({ numbers }: PackMark): string[] =>
  numbers.flatMap(({ values }) => values.flatMap(ssccs))

/** Most numbers a range is taken apart into. */
const MAX_RANGE = 1000
const DIGITS = /^\d{18}$/

/** SSCCs of one number or range; none where it is no SSCC. */
function ssccs(text: string): string[] {
  const [first = '', last] = text.split(':').map((one) => (one.length === 20 ? one.slice(2) : one))
  if (!DIGITS.test(first)) return []
  if (last === undefined || !DIGITS.test(last)) return [first]
  const [from, to] = [BigInt(first.slice(0, -1)), BigInt(last.slice(0, -1))]
  if (to < from || to - from >= MAX_RANGE) return [first]
  return Array.from({ length: Number(to - from) + 1 }, (_, n) => {
    const digits = String(from + BigInt(n)).padStart(17, '0')
    return digits + gs1CheckDigit(digits)
  })
}

/** Whether a number or range that is to be an SSCC is one. */
export const isSscc = (text: string): boolean =>
  text
    .split(':')
    .map((one) => (one.length === 20 ? one.slice(2) : one))
    .every((one) => DIGITS.test(one) && hasGs1CheckDigit(one))

interface Planned<L> {
  readonly levels: readonly PlacedLevel<L>[]
  readonly lines: L[]
}

/** A level for the shipment, then one for each package or packages with the same lines, outer before inner. */
function usualLevels<L extends PackedLine>(
  body: PackedBody<L>,
  given: readonly L[],
  tell: TellPlan,
): Planned<L> {
  const { packages } = body
  if (tellNestedWithoutEnd(packages, tell) || tellUnknownPackages(packages, given, tell)) {
    return { levels: [], lines: [...given] }
  }
  const { lines, clusters } = clustered(packages, given, tell)
  const total = body.totals?.packages
  const root: PackLevel<L> = {
    packs: total === undefined ? [] : [groupOfTotal(total)],
    lines: lines.filter(({ packageIds }) => packageIds.length === 0),
  }
  const isEmpty = packages.length === 0 && root.packs.length === 0 && root.lines.length === 0
  const levels: PlacedLevel<L>[] = isEmpty ? [] : [{ parent: -1, code: '', node: root }]
  const known = new Set(packages.map(({ id }) => id))
  const children = new Map<string, Package[]>()
  for (const one of packages) {
    const outer = one.parentId !== undefined && known.has(one.parentId) ? one.parentId : ''
    const inside = children.get(outer)
    if (inside === undefined) children.set(outer, [one])
    else inside.push(one)
  }
  const linesIn = new Map<string | undefined, L[]>()
  for (const line of lines) {
    const [first] = line.packageIds
    const before = linesIn.get(first)
    if (before === undefined) linesIn.set(first, [line])
    else before.push(line)
  }
  const done = new Set<string>()
  const add = (outer: string, parent: number) => {
    for (const one of children.get(outer) ?? []) {
      if (done.has(one.id)) continue
      const cluster = clusters.get(one.id) ?? [one]
      for (const { id } of cluster) done.add(id)
      for (const each of cluster) tellLost(each, tell)
      const node: PackLevel<L> = {
        packs: groupsOf(cluster),
        lines: linesIn.get(one.id) ?? [],
      }
      const level = one.level === packageLevel(one.type) ? undefined : one.level
      const at = levels.push({ parent, code: codeOf(level), node }) - 1
      for (const { id } of cluster) add(id, at)
    }
  }
  add('', 0)
  return { levels, lines }
}

const groupOfTotal = ({ value, ...unit }: Quantity): PackGroup => {
  const type = typeOfUnit(unit)
  return { count: Number(value), ...(type === undefined ? {} : { type }), marks: [] }
}

/** Packages that hold the same lines and nothing else share a level; a line spread otherwise is told once in each. */
function clustered<L extends PackedLine>(
  packages: readonly Package[],
  given: readonly L[],
  tell: TellPlan,
): { lines: L[]; clusters: ReadonlyMap<string, Package[]> } {
  const byId = new Map(packages.map((one) => [one.id, one]))
  const parents = new Set(packages.map(({ parentId }) => parentId))
  const clusters = new Map<string, Package[]>()
  /** By package: the packages that all lines in it name; '' where they name different ones. */
  const named = new Map<string, string>()
  const nameOf = (ids: readonly string[]) => JSON.stringify(ids)
  for (const { packageIds } of given) {
    const name = nameOf(packageIds)
    for (const id of packageIds) named.set(id, (named.get(id) ?? name) === name ? name : '')
  }
  const lines = given.flatMap((line) => {
    const ids = line.packageIds
    if (ids.length <= 1) return [line]
    const name = nameOf(ids)
    const held = ids.flatMap((id) => byId.get(id) ?? [])
    const isWhole =
      held.length === ids.length &&
      held.every(({ id, parentId }) => parentId === held[0]!.parentId && !parents.has(id)) &&
      ids.every((id) => named.get(id) === name)
    if (!isWhole) return spreadLine(line, tell)
    for (const id of ids) clusters.set(id, held)
    return [line]
  })
  return { lines, clusters }
}

function groupsOf(cluster: readonly Package[]): PackGroup[] {
  const [first, ...rest] = cluster.map((one) => groupOf(one))
  if (first === undefined) return []
  const shape = (group: PackGroup): PackGroup => ({ ...group, marks: [] })
  const isAlike = rest.every((one) => sameValue(shape(one), shape(first)))
  const isNumbered = cluster.every(
    ({ sscc, trackingNumber }) => sscc !== undefined && trackingNumber === undefined,
  )
  if (rest.length === 0 || !isAlike || !isNumbered) return [first, ...rest]
  return [
    {
      ...first,
      count: cluster.length,
      marks: [markOf(cluster.flatMap(({ sscc }) => sscc ?? []))],
    },
  ]
}

const markOf = (numbers: readonly string[]): PackMark => ({
  instruction: SSCC_MARK,
  numbers: Array.from({ length: Math.ceil(numbers.length / IN_A_GIN) }, (_, n) => ({
    kind: SSCC,
    values: numbers.slice(n * IN_A_GIN, (n + 1) * IN_A_GIN),
  })),
})

function groupOf(one: Package): PackGroup {
  const { type, weight, volume, dimensions, sscc, trackingNumber } = one
  const tracking = trackingOf({ ...one, numbers: [] })
  const marks: PackMark[] =
    sscc !== undefined
      ? [{ ...markOf([sscc]), ...tracking }]
      : trackingNumber === undefined
        ? []
        : [{ instruction: OTHER_MARK, numbers: [], ...tracking }]
  return {
    count: one.count ?? 1,
    ...(type === undefined ? {} : { type }),
    ...(weight === undefined ? {} : { weight }),
    ...(volume === undefined ? {} : { volume }),
    ...(dimensions === undefined ? {} : { dimensions }),
    marks,
  }
}

function tellLost({ id, marks, references, dates }: Package, tell: TellPlan): void {
  const lost = Object.entries({ marks, references, dates }).filter(
    ([, list]) => (list ?? []).length > 0,
  )
  if (lost.length === 0) return
  const names = lost.map(([name]) => name).join(', ')
  tell('value-not-writable', `Package ${id}: its ${names} cannot be said here.`, 'warning')
}

function sameLevels<L>(usual: readonly PlacedLevel<L>[], read: readonly PlacedLevel<L>[]): boolean {
  return (
    usual.length === read.length &&
    usual.every((level, n) => {
      const other = read[n]!
      const { lines, ...rest } = level.node
      const { lines: otherLines, ...otherRest } = other.node
      return (
        level.parent === other.parent &&
        level.code === other.code &&
        other.id === undefined &&
        sameValue(rest, otherRest) &&
        lines.length === otherLines.length &&
        lines.every((line, k) => line === otherLines[k])
      )
    })
  )
}

/** The levels as they came, where they still say the packages and lines of the document. */
function keptLevels<L extends PackedLine>(
  kept: readonly KeptLevel[],
  body: PackedBody<L>,
  given: readonly L[],
): Planned<L> | undefined {
  let from = 0
  const levels = kept.map(({ node, ...level }): PlacedLevel<L> => {
    const lines = given.slice(from, from + node.lines)
    from += node.lines
    return { ...level, node: { ...node, lines } }
  })
  if (from !== given.length) return undefined
  const { packages, total, idsOf } = build(levels)
  const plain = (list: readonly Package[]) => list.map((one) => ({ ...one, orderIndex: 0 }))
  const isSame =
    sameValue(plain(packages), plain(body.packages)) &&
    sameValue(total, body.totals?.packages) &&
    levels.every(({ node }, n) =>
      node.lines.every(({ packageIds }) => sameValue(packageIds, idsOf[n])),
    )
  return isSame ? { levels, lines: [...given] } : undefined
}
