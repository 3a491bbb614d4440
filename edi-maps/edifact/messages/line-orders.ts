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

/** Whether the heading tells an order: the only one of all lines, one no line is of, or one that came there. */
export function isInHeader(order: ShippedOrder, { orders, lines }: Body): boolean {
  if (order.orderNumber === undefined) return false
  if (cameAt(order, 'edifact', HEADER_ORDER)) return true
  return !cameAt(order, 'edifact', LINE_ORDER) && isUsualInHeader(order, orders, lines)
}

const isUsualInHeader = (
  order: ShippedOrder,
  orders: readonly ShippedOrder[],
  lines: readonly ShippedLine[],
): boolean =>
  orders.length === 1 || lines.every(({ orderIndex }) => orders[orderIndex ?? -1] !== order)

/** Whether a line names its order: it is of one of several, names its line, or came so. */
const namesOrder = (line: ShippedLine, order: ShippedOrder, body: Body): boolean =>
  body.orders.length > 1 ||
  line.orderLine !== undefined ||
  cameAt(line, 'edifact', LINE_ORDER) ||
  !isInHeader(order, body)

export const lineOrders: LineHooks<ShippedLine> = {
  taken(document) {
    const { body } = document as unknown as ShipmentNotice
    const inHeader = new Set(body.orders)
    for (const line of body.lines as OrderedLine<ShippedLine>[]) takeOrder(line, body)
    for (const order of body.orders) {
      const isUsual = isUsualInHeader(order, body.orders, body.lines)
      if (isUsual && !inHeader.has(order)) noteAt(order, 'edifact', LINE_ORDER)
      if (isUsual || !inHeader.has(order)) forgetPlace(order, 'edifact', HEADER_ORDER)
    }
    for (const line of body.lines) {
      const order = body.orders[line.orderIndex ?? -1]
      if (order === undefined || !cameAt(line, 'edifact', LINE_ORDER)) continue
      forgetPlace(line, 'edifact', LINE_ORDER)
      if (!namesOrder(line, order, body)) noteAt(line, 'edifact', LINE_ORDER)
    }
  },
  given(document) {
    const { body } = document as unknown as ShipmentNotice
    const dated = new Set<ShippedOrder>()
    return body.lines.map((line) => {
      const order = body.orders[line.orderIndex ?? -1]
      const number = order?.orderNumber
      if (order === undefined || number === undefined || !namesOrder(line, order, body)) return line
      // The first line of an order tells its date.
      const isDated = !isInHeader(order, body) && !dated.has(order)
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

function takeOrder(line: OrderedLine<ShippedLine>, body: Body): void {
  const { order: named } = line
  if (named?.number === undefined) {
    delete line.order
    if (body.orders.length === 1) line.orderIndex = 0
    return
  }
  delete line.order
  const { number, line: orderLine, date, extras } = named
  const day = date?.slice(0, 'YYYY-MM-DD'.length)
  const at = body.orders.findIndex(({ orderNumber }) => orderNumber === number)
  line.orderIndex =
    at >= 0 ? at : body.orders.push({ orderNumber: number, references: [], parties: [] }) - 1
  const order = body.orders[line.orderIndex]!
  if (day !== undefined) order.orderDate ??= day
  if (orderLine !== undefined) line.orderLine = orderLine
  if (extras !== undefined)
    Object.assign(makeExtras(line as unknown as Node, 'edifact'), extras['edifact'])
  noteAt(line, 'edifact', LINE_ORDER)
}
