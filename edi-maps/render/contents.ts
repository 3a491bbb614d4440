// What is packed where, as rows of a tree: order → pallet → carton → articles.
import { addTo } from './add-to.js'
import type { Package, ShippedOrder } from '../canonical/shipment-notice.js'
import { share } from '../decimal.js'
import { dateFact, referenceText } from './article.js'
import { dateText } from './date-text.js'
import { isNumber, numberText, quantityText } from './number-text.js'
import { packageName } from './packages.js'
import { joined, lines, type Cell, type Row } from './page.js'
import { nameOf } from './party.js'
import { capital, label } from './wording.js'

/** A line as the tree needs it. */
interface PackedLine {
  readonly packageIds: readonly string[]
  readonly orderIndex?: number
}

export interface Packed<Line extends PackedLine> {
  readonly orders: readonly ShippedOrder[]
  readonly packages: readonly Package[]
  readonly lines: readonly Line[]
  /** Cells of a line; of goods in several packages alike each shows its `part`. */
  readonly cellsOf: (line: Line, part: (quantity: Counted) => string) => readonly Cell[]
}
type Counted = { readonly value: string; readonly uom: string } | undefined

/** Rows in the order of the tree. Every package and every line is in one of them. */
export function contentRows<Line extends PackedLine>(packed: Packed<Line>): Row[] {
  const { orders, packages, lines: all, cellsOf } = packed
  const inside = new Map<string | undefined, Package[]>()
  const known = new Set(packages.map(({ id }) => id))
  for (const one of packages) {
    const parent = one.parentId !== undefined && known.has(one.parentId) ? one.parentId : undefined
    addTo(inside, parent, one)
  }
  const held = new Map<string | undefined, Line[]>()
  for (const line of all) {
    const ids = line.packageIds.filter((id) => known.has(id))
    for (const id of ids.length === 0 ? [undefined] : ids) addTo(held, id, line)
  }
  const numbers = packageNames(packages)
  const rows: Row[] = []

  const addLine = (line: Line, depth: number, order: number | undefined) => {
    const parts = Math.max(1, line.packageIds.length)
    const [main = '', ...others] = cellsOf(line, (quantity) => partText(quantity, parts))
    rows.push({ depth, cells: [withOrder(main, orders, line.orderIndex, order), ...others] })
  }
  const addPackage = (one: Package, depth: number, above: number | undefined) => {
    const cell = [numbers.get(one) ?? '', ...packageLines(one)]
    const order = one.orderIndex ?? above
    rows.push({ depth, kind: 'group', cells: [withOrder(cell, orders, one.orderIndex, above)] })
    for (const line of held.get(one.id) ?? []) addLine(line, depth + 1, order)
    for (const inner of inside.get(one.id) ?? []) addPackage(inner, depth + 1, order)
  }
  const roots = inside.get(undefined) ?? []
  const loose = held.get(undefined) ?? []
  const orderOf = ({ orderIndex }: { readonly orderIndex?: number }) =>
    orderIndex !== undefined && orderIndex < orders.length ? orderIndex : undefined
  const rootsOf = grouped(roots, orderOf)
  const looseOf = grouped(loose, orderOf)
  for (const [n, order] of orders.entries()) {
    rows.push({ kind: 'group', cells: [orderLines(order)] })
    for (const one of rootsOf.get(n) ?? []) addPackage(one, 1, n)
    for (const line of looseOf.get(n) ?? []) addLine(line, 1, n)
  }
  for (const one of rootsOf.get(undefined) ?? []) addPackage(one, 0, undefined)
  for (const line of looseOf.get(undefined) ?? []) addLine(line, 0, undefined)
  return rows
}

function grouped<Key, Item>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const lists = new Map<Key, Item[]>()
  for (const item of items) addTo(lists, keyOf(item), item)
  return lists
}

/** Names a package by what it is and its number among its like: nobody knows it by its number in the message. */
function packageNames(packages: readonly Package[]): ReadonlyMap<Package, string> {
  const counts = new Map<string, number>()
  const names = new Map<Package, string>()
  for (const one of packages) {
    const { count } = one
    const kind = capital(packageName(one))
    const number = (counts.get(kind) ?? 0) + 1
    counts.set(kind, number)
    names.set(
      one,
      `${kind} ${number}${count === undefined || count < 2 ? '' : ` (${count} alike)`}`,
    )
  }
  return names
}

function packageLines(one: Package): string[] {
  return lines(
    one.sscc === undefined ? undefined : `SSCC ${one.sscc}`,
    one.trackingNumber === undefined ? undefined : `Tracking number ${one.trackingNumber}`,
    ...(one.marks ?? []).map(({ scheme, value, to }) =>
      joined([`${label(scheme)} ${value}`, to], ' to '),
    ),
    joined([
      one.weight === undefined ? undefined : `${quantityText(one.weight)} ${one.weight.kind}`,
      quantityText(one.volume),
      sizeText(one.dimensions),
    ]),
    ...(one.references ?? []).map(referenceText),
    ...(one.dates ?? []).map((date) => dateFact(date).join(': ')),
  )
}

/** `length × width × height 1,200 × 800 × 1,450 mm`. */
function sizeText(dimensions: Package['dimensions'] = {}): string {
  const { length, width, height } = dimensions
  const all = Object.entries({ length, width, height }).flatMap(([name, size]) =>
    size === undefined ? [] : [{ name, ...size }],
  )
  if (all.length === 0) return ''
  const units = new Set(all.map(({ uom }) => uom))
  const sizes = all.map((size, n) =>
    units.size === 1 && n < all.length - 1 ? numberText(size.value) : quantityText(size),
  )
  return `${joined(
    all.map(({ name }) => name),
    ' × ',
  )} ${joined(sizes, ' × ')}`
}

export const orderName = ({ orderNumber, releaseNumber }: ShippedOrder): string =>
  joined([
    orderNumber === undefined ? 'Order without number' : `Order ${orderNumber}`,
    releaseNumber === undefined ? undefined : `release ${releaseNumber}`,
  ])

const orderLines = (order: ShippedOrder): string[] => {
  const store = nameOf(order.parties, 'markFor', 'store', 'buyer', 'shipTo')
  return lines(
    joined([
      orderName(order),
      order.orderDate === undefined ? undefined : `of ${dateText(order.orderDate)}`,
    ]),
    store === undefined ? undefined : `for ${store}`,
    ...order.references.map(referenceText),
    ...(order.dates ?? []).map((date) => dateFact(date).join(': ')),
    joined([quantityText(order.packages), quantityText(order.grossWeight)]),
  )
}

/** The order, where it is not the one around. */
function withOrder(
  cell: Cell,
  orders: readonly ShippedOrder[],
  own: number | undefined,
  around: number | undefined,
): Cell {
  const order = own === undefined || own === around ? undefined : orders[own]
  if (order === undefined) return cell
  return [...(typeof cell === 'string' ? [cell] : cell), orderName(order)]
}

/** Goods of which each of several packages holds an equal part. */
function partText(quantity: Counted, parts: number): string {
  if (quantity === undefined || parts === 1 || !isNumber(quantity.value))
    return quantityText(quantity)
  const value = share(quantity.value, parts)
  return value === undefined
    ? `${quantityText(quantity)} in ${parts} packages`
    : quantityText({ ...quantity, value })
}
