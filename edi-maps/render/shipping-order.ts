// A warehouse shipping order (940, INSDES): what the warehouse is to send.
import type { WarehouseShippingOrder } from '../canonical/document.js'
import type { Quantity } from '../canonical/values.js'
import { articleCell } from './article.js'
import { dateText } from './date-text.js'
import { isNumber, quantityText } from './number-text.js'
import { totalText, unitsInAll } from './order-lines.js'
import { facts, joined, type Content, type Row } from './page.js'
import { nameOf, warehouseName } from './party.js'
import type { Sent } from './sent.js'
import { transportFacts } from './transport.js'
import { counted } from './wording.js'

export function shippingOrder(
  { documentNumber, parties, body }: WarehouseShippingOrder,
  sent: Sent,
): Content {
  const { customerOrderNumber, masterReference, linkSequence } = body
  const { requestedShip, requestedDelivery, transport, totals, lines } = body
  const from = nameOf(parties, 'depositor', 'supplier', 'sender') ?? sent.from
  const warehouse = warehouseName(parties, sent.to)
  const to = nameOf(parties, 'shipTo', 'consignee', 'ultimateConsignee')
  const when = joined(
    [
      requestedShip === undefined ? undefined : `to leave on ${dateText(requestedShip)}`,
      requestedDelivery === undefined ? undefined : `to arrive on ${dateText(requestedDelivery)}`,
    ],
    ', ',
  )
  return {
    title: `Shipping order ${documentNumber}`,
    lead:
      `${from} asks ${warehouse} to send ` +
      `${counted(lines.length, 'line')} of goods${to === undefined ? '' : ` to ${to}`}` +
      `${when === '' ? '' : `, ${when}`}.`,
    facts: facts([
      ["Customer's order", customerOrderNumber],
      ['Belongs to', masterReference],
      ['Part', linkSequence],
      ['To leave on', dateText(requestedShip)],
      ['To arrive on', dateText(requestedDelivery)],
      ...transportFacts(transport),
      ['Units in all', unitsInAll(lines.map(({ quantityOrdered }) => quantityOrdered))],
      ['Weight', quantityText(totals?.weight)],
      ['Volume', quantityText(totals?.volume)],
    ]),
    tables: [
      {
        caption: 'To be sent',
        columns: [
          { title: 'Line', optional: true },
          { title: 'Article' },
          { title: 'Quantity', numeric: true },
        ],
        rows: [
          ...lines.map((line) => ({
            cells: [
              line.lineNumber ?? '',
              articleCell(line),
              line.quantityOrdered === undefined && line.lots !== undefined
                ? 'all there is'
                : quantityText(line.quantityOrdered),
            ],
          })),
          ...totalRow(lines.map(({ quantityOrdered }) => quantityOrdered)),
        ],
      },
    ],
  }
}

/** The sum of several lines, where all are told and of one unit. */
function totalRow(quantities: readonly (Quantity | undefined)[]): Row[] {
  const isSum =
    quantities.length > 1 &&
    quantities.every((one) => one !== undefined && isNumber(one.value)) &&
    unitsInAll(quantities) === undefined
  return isSum ? [{ kind: 'total', cells: ['', 'Total', totalText(quantities)] }] : []
}
