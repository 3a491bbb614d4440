// Lines of an order, each once: notices and advices tell a line again for every package that holds some of it, often
// with the quantity ordered of the whole each time.
import type { ProductId, Quantity } from '../canonical/values.js'
import type { Package } from '../canonical/shipment-notice.js'
import { sum } from '../decimal.js'
import { addTo } from './add-to.js'
import { isNumber, numberText, quantityText } from './number-text.js'
import { packedText } from './packages.js'
import { joined, linesOf, type Cell, type Row, type Table } from './page.js'

/** A line as it stands in a message. */
interface ToldLine {
  readonly orderIndex?: number
  readonly orderLine?: string
  readonly lineNumber?: string
  readonly productIds: readonly ProductId[]
  readonly packageIds: readonly string[]
  readonly quantityOrdered?: Quantity
  readonly quantityShipped?: Quantity
}

/**
 * The lines that are of one line of the order, in their order. In EDIFACT the number of a line counts the lines of the
 * message; there the article tells it where the line of the order is not named.
 */
export function orderLines<Line extends ToldLine>(
  lines: readonly Line[],
  family: string | undefined,
): Line[][] {
  const groups = new Map<string, Line[]>()
  for (const line of lines) {
    const { orderIndex, orderLine, lineNumber, productIds } = line
    const number = orderLine ?? (family === 'edifact' ? undefined : lineNumber)
    const [article] = productIds
    const key = JSON.stringify([orderIndex, number, article?.scheme, article?.value])
    addTo(groups, key, line)
  }
  return [...groups.values()]
}

/** Whether a line is told in several places, so that what was ordered of it cannot stand beside each of them. */
export const areToldApart = (
  groups: readonly (readonly ToldLine[])[],
  lines: readonly ToldLine[],
): boolean => groups.length < lines.length || lines.some(({ packageIds }) => packageIds.length > 1)

/** `24 cases`; of several units each by itself. */
export function totalText(quantities: readonly (Quantity | undefined)[]): string {
  const units = new Map<string, string[]>()
  for (const quantity of quantities) {
    if (quantity === undefined) continue
    addTo(units, quantity.uom, quantity.value)
  }
  return joined(
    [...units].map(([uom, values]) =>
      values.every(isNumber)
        ? quantityText({ uom, value: sum(values) })
        : joined(values.map((value) => quantityText({ uom, value }))),
    ),
    ' + ',
  )
}

/** What was ordered of one line: each of its parts tells the whole, or one of them alone. */
const orderedText = (parts: readonly ToldLine[]): string =>
  joined(
    [...new Set(parts.map(({ quantityOrdered }) => quantityText(quantityOrdered)))].filter(
      (text) => text !== '',
    ),
    ' / ',
  )

/** Number of all units of lines that are counted in several kinds of them; senders tell it to check by. */
export function unitsInAll(quantities: readonly (Quantity | undefined)[]): string | undefined {
  const known = quantities.filter((one) => one !== undefined)
  const isMixed = new Set(known.map(({ uom }) => uom)).size > 1
  return isMixed && known.every(({ value }) => isNumber(value))
    ? numberText(sum(known.map(({ value }) => value)))
    : undefined
}

/** The last row of a table of lines: their sums, where all are told and of one unit. */
export function sumRow(
  lines: readonly ToldLine[],
  cellsOf: (ordered: string, shipped: string) => readonly Cell[],
): Row[] {
  const sumOf = (key: 'quantityOrdered' | 'quantityShipped') => {
    const all = lines.map((line) => line[key])
    const isSum =
      all.every((one) => one !== undefined && isNumber(one.value)) &&
      new Set(all.map((one) => one?.uom)).size === 1
    return isSum ? totalText(all) : ''
  }
  const [ordered, shipped] = [sumOf('quantityOrdered'), sumOf('quantityShipped')]
  return lines.length < 2 || shipped === ''
    ? []
    : [{ kind: 'total', cells: cellsOf(ordered, shipped) }]
}

interface LineWords<Line> {
  readonly caption: string
  readonly packages: readonly Package[]
  readonly orderOf: (line: Line) => string
  readonly articleOf: (line: Line) => Cell
  readonly remarkOf: (line: Line) => Cell
}

/** Every line of the order once, with what of it was shipped and in what it is packed. */
export function orderLineTable<Line extends ToldLine>(
  groups: readonly (readonly Line[])[],
  { caption, packages, orderOf, articleOf, remarkOf }: LineWords<Line>,
): Table {
  const places = new Map<string, number[]>()
  for (const [n, { id }] of packages.entries()) addTo(places, id, n)
  const packagesOf = (ids: ReadonlySet<string>) =>
    [...ids]
      .flatMap((id) => places.get(id) ?? [])
      .sort((a, b) => a - b)
      .flatMap((n) => packages[n] ?? [])
  return {
    caption,
    columns: [
      { title: 'Order', optional: true },
      { title: 'Line', optional: true },
      { title: 'Article' },
      { title: 'Ordered', numeric: true, optional: true },
      { title: 'Shipped', numeric: true },
      { title: 'Packed in', optional: true },
      { title: 'Remark', optional: true },
    ],
    rows: groups.flatMap((parts): Row[] => {
      const [first] = parts
      if (first === undefined) return []
      const ids = new Set(parts.flatMap(({ packageIds }) => packageIds))
      return [
        {
          cells: [
            orderOf(first),
            joined([...new Set(parts.map((part) => part.orderLine ?? part.lineNumber))]),
            articleOf(first),
            orderedText(parts),
            totalText(parts.map(({ quantityShipped }) => quantityShipped)),
            packedText(packagesOf(ids)),
            [...new Set(parts.flatMap((part) => linesOf(remarkOf(part))))],
          ],
        },
      ]
    }),
  }
}
