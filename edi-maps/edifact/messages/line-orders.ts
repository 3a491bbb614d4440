// Orders of a despatch advice: told once in the heading (RFF ON), by each line, or both ways.
import type { ShipmentNotice } from '../../canonical/document.js'
import type { ShippedLine, ShippedOrder } from '../../canonical/shipment-notice.js'
import type { Node } from '../../map.js'
import type { LineHooks } from '../../packing-sequence.js'
import { cameAt, forgetPlace, noteAt } from '../../places.js'
import { makeExtras } from '../../path.js'

/** An order as a line names it: number, line of the order, date. */
export interface LineOrder {
  number?: string
  line?: string
  date?: string
  extras?: Record<string, unknown>
}
/** A line while it is read or written: with the order it names. */
export type OrderedLine<L> = L & { order?: LineOrder }

/** Places of an order, as `extras.edifact.at` names them. */
export const HEADER_ORDER = 'RFF-ON.01-2'
const LINE_ORDER = 'CPS/LIN/RFF-ON.01-2'

type Body = ShipmentNotice['body']

/** The orders the heading tells: the only one of all lines, one no line is of, and those that came there. */
export function ordersInHeader(body: Body): ReadonlySet<ShippedOrder> {
  const ofLines = ordersOfLines(body)
  const isInHeader = (order: ShippedOrder) =>
    order.orderNumber !== undefined &&
    (cameAt(order, 'edifact', HEADER_ORDER) ||
      (!cameAt(order, 'edifact', LINE_ORDER) && isUsualInHeader(order, body, ofLines)))
  return new Set(body.orders.filter(isInHeader))
}

const ordersOfLines = ({ orders, lines }: Body): ReadonlySet<ShippedOrder | undefined> =>
  new Set(lines.map(({ orderIndex }) => orders[orderIndex ?? -1]))

const isUsualInHeader = (
  order: ShippedOrder,
  { orders }: Body,
  ofLines: ReadonlySet<ShippedOrder | undefined>,
): boolean => orders.length === 1 || !ofLines.has(order)

/** Whether a line names its order: it is of one of several, names its line, or came so. */
const namesOrder = (
  line: ShippedLine,
  order: ShippedOrder,
  { orders }: Body,
  inHeader: ReadonlySet<ShippedOrder>,
): boolean =>
  orders.length > 1 ||
  line.orderLine !== undefined ||
  cameAt(line, 'edifact', LINE_ORDER) ||
  !inHeader.has(order)

export const lineOrders: LineHooks<ShippedLine> = {
  taken(document) {
    const { body } = document as unknown as ShipmentNotice
    const told = new Set(body.orders)
    const places = new Map<string | undefined, number>()
    for (const [at, { orderNumber }] of body.orders.entries()) {
      if (!places.has(orderNumber)) places.set(orderNumber, at)
    }
    for (const line of body.lines as OrderedLine<ShippedLine>[]) takeOrder(line, body, places)
    const ofLines = ordersOfLines(body)
    for (const order of body.orders) {
      const isUsual = isUsualInHeader(order, body, ofLines)
      if (isUsual && !told.has(order)) noteAt(order, 'edifact', LINE_ORDER)
      if (isUsual || !told.has(order)) forgetPlace(order, 'edifact', HEADER_ORDER)
    }
    const inHeader = ordersInHeader(body)
    for (const line of body.lines) {
      const order = body.orders[line.orderIndex ?? -1]
      if (order === undefined || !cameAt(line, 'edifact', LINE_ORDER)) continue
      forgetPlace(line, 'edifact', LINE_ORDER)
      if (!namesOrder(line, order, body, inHeader)) noteAt(line, 'edifact', LINE_ORDER)
    }
  },
  given(document) {
    const { body } = document as unknown as ShipmentNotice
    const inHeader = ordersInHeader(body)
    const dated = new Set<ShippedOrder>()
    return body.lines.map((line) => {
      const order = body.orders[line.orderIndex ?? -1]
      const number = order?.orderNumber
      if (order === undefined || number === undefined) return line
      if (!namesOrder(line, order, body, inHeader)) return line
      // The first line of an order tells its date.
      const isDated = !inHeader.has(order) && !dated.has(order)
      dated.add(order)
      return {
        ...line,
        order: {
          number,
          ...(line.orderLine === undefined ? {} : { line: line.orderLine }),
          ...(isDated && order.orderDate !== undefined ? { date: order.orderDate } : {}),
        },
      }
    })
  },
}

/** `places`: of the orders, by number. */
function takeOrder(
  line: OrderedLine<ShippedLine>,
  body: Body,
  places: Map<string | undefined, number>,
): void {
  const { order: named } = line
  if (named?.number === undefined) {
    delete line.order
    if (body.orders.length === 1) line.orderIndex = 0
    return
  }
  delete line.order
  const { number, line: orderLine, date, extras } = named
  const day = date?.slice(0, 'YYYY-MM-DD'.length)
  const at =
    places.get(number) ?? body.orders.push({ orderNumber: number, references: [], parties: [] }) - 1
  places.set(number, at)
  line.orderIndex = at
  const order = body.orders[at]!
  if (day !== undefined) order.orderDate ??= day
  if (orderLine !== undefined) line.orderLine = orderLine
  if (extras !== undefined)
    Object.assign(makeExtras(line as unknown as Node, 'edifact'), extras['edifact'])
  noteAt(line, 'edifact', LINE_ORDER)
}
