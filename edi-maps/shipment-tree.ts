// The levels of a shipment notice: shipment, order, pallet, carton, inner pack and article, in whatever order a
// partner nests them. Reading joins them into orders, packages and lines; writing makes any tree of those that can
// say them. A tree is named by its levels from the outside in: SOTPI, SOIP, SPOI.
import type {
  Package,
  ShippedLine,
  ShippedOrder,
  ShipmentNoticeBody,
} from './canonical/shipment-notice.js'
import type { Arrangement, Level, Plan } from './hierarchy.js'
import { fromList, toList } from './hierarchy-list.js'
import type { Node } from './map.js'
import { tellNestedWithoutEnd, tellUnknownPackages } from './package-nesting.js'
import { extrasOf, sameText } from './path.js'
import { roomy } from './roomy.js'
import { arrange, levelCode, treeOf } from './shipment-arrange.js'

const PACKAGE_LEVELS: Readonly<Record<string, NonNullable<Package['level']>>> = {
  T: 'pallet',
  P: 'carton',
  Q: 'inner',
}

const bodyOf = (document: Node) => document['body'] as ShipmentNoticeBody

export const shipmentTree: Arrangement = {
  documentLevel: 'S',
  lists: {
    O: 'body.orders',
    T: 'body.packages',
    P: 'body.packages',
    Q: 'body.packages',
    I: 'body.lines',
    E: 'body.transport.equipment',
  },
  open(document, code, levels, parent) {
    const body = bodyOf(document)
    if (code === 'S') return openShipment(document, levels)
    if (code === 'O') {
      const order = newOrder()
      body.orders.push(order)
      return order
    }
    if (code === 'I') return openLine(body, levels, parent)
    const level = PACKAGE_LEVELS[code]
    if (level !== undefined) return openPackage(body, level, levels, parent)
    return code === 'E' ? openEquipment(body) : undefined
  },
  close(document, levels, standard) {
    const body = bodyOf(document)
    liftOrders(body, standard)
    if (levels.some(({ code, parent }) => code === 'O' && levels[parent]?.code !== 'S')) {
      mergeOrders(body, levels)
    }
    nameOrders(body)
    const tree = treeOf(levels) ?? ''
    keepLayout(document, levels, tree, standard)
    return tree
  },
  plan(document, layout, standard, tell) {
    const own = (document['extras'] as Node | undefined)?.['layout'] as Node | undefined
    const asked = layout?.['tree'] ?? own?.['tree']
    const usual = usualTree(bodyOf(document))
    const tree = typeof asked === 'string' && asked !== '' ? asked : usual
    if (own?.['hl'] !== undefined && (layout?.['tree'] ?? own['tree']) === own['tree']) {
      const levels = fromList(own['hl'], document, bodyOf(document))
      if (levels !== undefined) return { levels, tree: String(own['tree'] ?? ''), document }
    }
    const isConverted = own?.['tree'] !== undefined && own['tree'] !== tree
    const { packages, lines } = bodyOf(document)
    if (tellNestedWithoutEnd(packages, tell) || tellUnknownPackages(packages, lines, tell)) {
      return { levels: [], tree, document }
    }
    const plan = arrange(document, tree, standard, isConverted, tell)
    const childCodes = layout?.['childCodes'] ?? own?.['childCodes']
    return childCodes === true ? { ...plan, levels: withChildCodes(plan.levels) } : plan
  },
}

/** Packages in lines that others took the place of. */
const unpacked = new WeakSet<Package>()
/** Documents whose level S is not their first one. */
const shipments = new WeakSet<Node>()
/** By list of orders: the places of those in it that were asked for out of turn. */
const orderPlaces = new WeakMap<readonly ShippedOrder[], Map<Node, number>>()

/** The nearest level above a new one that is of a kind, or -1. */
function above(
  levels: readonly Level[],
  parent: number,
  isKind: (code: string) => boolean,
): number {
  let at = parent
  while (at >= 0 && !isKind(levels[at]!.code)) at = levels[at]!.parent
  return at
}
const isOrder = (code: string) => code === 'O'
const isItem = (code: string) => code === 'I'
const isPackage = (code: string) => code === 'P' || code === 'T' || code === 'Q'

function orderIndexOf(body: ShipmentNoticeBody, levels: readonly Level[], parent: number): number {
  const at = above(levels, parent, isOrder)
  if (at < 0) return -1
  const order = levels[at]!.node
  const last = body.orders.length - 1
  return body.orders[last] === order ? last : placeAmong(body.orders, order)
}

/** Not looked for each time: there may be very many orders, and very many articles in the first of them. */
function placeAmong(orders: readonly ShippedOrder[], order: Node): number {
  const places = orderPlaces.get(orders) ?? new Map<Node, number>()
  orderPlaces.set(orders, places)
  for (let n = places.size; n < orders.length; n++) places.set(orders[n]!, n)
  return places.get(order) ?? -1
}

function packageOf(levels: readonly Level[], parent: number): Package | undefined {
  const at = above(levels, parent, isPackage)
  return at < 0 ? undefined : (levels[at]!.node as unknown as Package)
}

// Nodes are made key by key: an object spread costs a microsecond, and a notice has hundreds of them.

const newOrder = roomy((): ShippedOrder => ({ references: [], parties: [] }))
const newLine = roomy((): ShippedLine => ({ packageIds: [], productIds: [] }))
const newPackage = roomy((): Package => ({ id: '', level: 'carton' }))

function openShipment(document: Node, levels: readonly Level[]): Node | undefined {
  if (levels.length === 0) return document
  if (levels[0]!.node === document || shipments.has(document)) return undefined
  shipments.add(document)
  return document
}

function openLine(body: ShipmentNoticeBody, levels: readonly Level[], parent: number): Node {
  const pack = packageOf(levels, parent)
  const line = newLine()
  if (pack !== undefined) line.packageIds = [pack.id]
  const orderIndex = orderIndexOf(body, levels, parent)
  if (orderIndex >= 0) line.orderIndex = orderIndex
  body.lines.push(line)
  return line
}

function openPackage(
  body: ShipmentNoticeBody,
  level: NonNullable<Package['level']>,
  levels: readonly Level[],
  parent: number,
): Node {
  const outer = packageOf(levels, parent)
  const pack = newPackage()
  pack.id = String(body.packages.length + 1)
  pack.level = level
  if (outer !== undefined) pack.parentId = outer.id
  const orderIndex = orderIndexOf(body, levels, parent)
  if (orderIndex >= 0) pack.orderIndex = orderIndex
  body.packages.push(pack)
  const item = above(levels, parent, isItem)
  if (item >= 0) {
    // A line names its innermost units: a carton takes the place of the pallet it stands on, the first one of it.
    const { packageIds } = levels[item]!.node as ShippedLine
    if (outer !== undefined && !unpacked.has(outer)) {
      unpacked.add(outer)
      const at = packageIds.lastIndexOf(outer.id)
      if (at >= 0) packageIds.splice(at, 1)
    }
    packageIds.push(pack.id)
  }
  return pack
}

function openEquipment(body: ShipmentNoticeBody): Node {
  const equipment: Node = { extras: { x12: { at: ['HL-E'] } } }
  body.transport ??= {}
  body.transport.equipment ??= []
  body.transport.equipment.push(equipment)
  return equipment
}

/** A list of orders in which each is once, whatever the order of its keys. */
class DistinctOrders {
  private readonly orders: ShippedOrder[]
  private readonly known: Map<string, number>

  constructor(orders: ShippedOrder[]) {
    this.orders = orders
    this.known = new Map(orders.map((order, n) => [sameText(order), n] as const).reverse())
  }

  /** Where it, or one that says the same, stands; it is added where there is none. */
  placeOf(order: ShippedOrder): number {
    const text = sameText(order)
    const at = this.known.get(text) ?? this.orders.push(order) - 1
    this.known.set(text, at)
    return at
  }
}

/** Orders that lines told by themselves (no order level): equal ones become one order. */
function liftOrders(body: ShipmentNoticeBody, standard: string): void {
  let orders: DistinctOrders | undefined
  for (const line of body.lines) {
    const own = line.extras === undefined ? undefined : extrasOf(line, standard)
    const order = own?.['lineOrder'] as ShippedOrder | undefined
    if (own === undefined || order === undefined) continue
    orders ??= new DistinctOrders(body.orders)
    line.orderIndex = orders.placeOf(order)
    delete own['lineOrder']
    if (Object.keys(own).length === 0) delete line.extras
  }
}

/** One order told under several packages is one order, where all that was said of it is the same. */
function mergeOrders(body: ShipmentNoticeBody, levels: Level[]): void {
  const merged: ShippedOrder[] = []
  const orders = new DistinctOrders(merged)
  const now = body.orders.map((order) => orders.placeOf(order))
  if (merged.length === body.orders.length) return
  for (const [n, level] of levels.entries()) {
    const at = level.code === 'O' ? placeAmong(body.orders, level.node) : -1
    if (at >= 0) levels[n] = { ...level, node: merged[now[at]!]! }
  }
  for (const node of [...body.lines, ...body.packages]) {
    if (node.orderIndex !== undefined) node.orderIndex = now[node.orderIndex]!
  }
  body.orders = merged
}

/** A package with goods of one order only belongs to that order. */
export function nameOrders(body: ShipmentNoticeBody): void {
  if (body.packages.every((pack) => pack.orderIndex !== undefined)) return
  const byId = new Map(body.packages.map((pack) => [pack.id, pack]))
  const held = new Map<Package, Set<number>>()
  for (const { packageIds, orderIndex } of body.lines) {
    if (orderIndex === undefined) continue
    for (const id of packageIds) {
      for (let pack = byId.get(id); pack; pack = byId.get(pack.parentId ?? '')) {
        const orders = held.get(pack)
        if (orders === undefined) held.set(pack, new Set([orderIndex]))
        else orders.add(orderIndex)
      }
    }
  }
  for (const [pack, orders] of held) {
    if (pack.orderIndex === undefined && orders.size === 1) pack.orderIndex = [...orders][0]!
  }
}

/** Keeps the tree's name, and the list of levels where name and data do not give it back. */
function keepLayout(
  document: Node,
  levels: readonly Level[],
  tree: string,
  standard: string,
): void {
  const layout: Node = tree === '' ? {} : { tree }
  const isUncoded = levels.every(({ child }) => child === undefined)
  const isCoded =
    !isUncoded && withChildCodes(levels).every(({ child }, n) => child === levels[n]!.child)
  const isRegular = (isUncoded || isCoded) && levels.every(({ id }) => id === undefined)
  if (isRegular && isCoded) layout['childCodes'] = true
  const isDerived =
    isRegular &&
    tree !== '' &&
    (isPlain(document, levels, tree) ||
      isSame(
        arrange(document, tree, standard, false, () => {}),
        levels,
      ))
  if (!isDerived) layout['hl'] = toList(levels, document, bodyOf(document))
  if (Object.keys(layout).length === 0) return
  const extras = (document['extras'] ??= {}) as Node
  extras['layout'] = layout
}

const PLAIN_TREE = /^SO?T?P?Q?I?$/
const rankOf = (code: string): number | undefined =>
  code === 'I' ? 2 : isPackage(code) ? 1 : code === 'O' ? 0 : undefined

/**
 * Whether the levels stand as `arrange` would put them, without trying: for trees of orders around packages around
 * articles that is so when each level stands inside the one before, orders first, then packages, then articles.
 */
function isPlain(document: Node, levels: readonly Level[], tree: string): boolean {
  if (!PLAIN_TREE.test(tree) || levels[0]?.node !== document) return false
  const hasOrders = tree.includes('O')
  const ranks = levels.map(() => 0)
  for (let n = 1; n < levels.length; n++) {
    const { code, parent } = levels[n]!
    const rank = rankOf(code)
    if (rank === undefined || parent < 0 || ranks[parent]! > rank) return false
    if (hasOrders && parent === 0 && code !== 'O') return false
    ranks[parent] = rank
    let open = n - 1
    while (open > parent) open = levels[open]!.parent
    if (open !== parent) return false
  }
  return true
}

function isSame(plan: Plan, levels: readonly Level[]): boolean {
  if (plan.levels.length !== levels.length) return false
  for (let n = 0; n < levels.length; n++) {
    const [a, b] = [plan.levels[n]!, levels[n]!]
    if (a.node !== b.node || a.code !== b.code || a.parent !== b.parent) return false
  }
  return true
}

function withChildCodes(levels: readonly Level[]): Level[] {
  const parents = new Set(levels.map(({ parent }) => parent))
  return levels.map((level, n) => ({ ...level, child: parents.has(n) ? '1' : '0' }))
}

/** The tree of a document that says none: pick and pack with the package levels it has. */
function usualTree({ orders, packages, lines }: ShipmentNoticeBody): string {
  const parents = new Set(packages.map(({ parentId }) => parentId))
  const codes = new Set(packages.map((pack) => levelCode(pack, parents.has(pack.id))))
  const inside = ['T', 'P', 'Q'].filter((code) => codes.has(code)).join('')
  const item = lines.length > 0 ? 'I' : ''
  return `S${orders.length > 0 ? 'O' : ''}${inside}${item}`
}
