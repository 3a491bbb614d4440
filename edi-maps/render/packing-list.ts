// A shipment notice (856, DESADV) as a packing list.
import type { ShipmentNotice } from '../canonical/document.js'
import { LINE_STATE, SHIPMENT_STATE } from '../x12/codes.js'
import { articleCell } from './article.js'
import { contentRows } from './contents.js'
import { dateText } from './date-text.js'
import { quantityText } from './number-text.js'
import { facts, type Content } from './page.js'
import { nameOf } from './party.js'
import type { Sent } from './sent.js'
import { transportFacts } from './transport.js'
import { counted, spoken } from './wording.js'

export function packingList(
  { documentNumber, parties, body }: ShipmentNotice,
  sent: Sent,
): Content {
  const { shippedAt, estimatedDeliveryAt, transport, totals, packages, lines } = body
  const from = nameOf(parties, 'supplier', 'shipFrom', 'consignor') ?? sent.from
  const to = nameOf(parties, 'shipTo', 'consignee', 'buyer') ?? sent.to
  const left = shippedAt === undefined ? 'are on their way' : `left on ${dateText(shippedAt)}`
  const due =
    estimatedDeliveryAt === undefined ? '' : ` and are expected on ${dateText(estimatedDeliveryAt)}`
  const packed = packages.length === 0 ? '' : ` in ${counted(packages.length, 'package')}`
  return {
    title: `Shipment notice ${documentNumber} – packing list`,
    lead:
      `${from} says that the goods below, for ${to}, ${left}${due}: ` +
      `${counted(lines.length, 'line')}${packed}.`,
    todo: 'Check them against this list when they arrive.',
    facts: facts([
      ['Shipped', dateText(shippedAt)],
      ['Expected', dateText(estimatedDeliveryAt)],
      ...transportFacts(transport),
      ['Packages', quantityText(totals?.packages)],
      ['Gross weight', quantityText(totals?.grossWeight)],
      ['Volume', quantityText(totals?.volume)],
    ]),
    tables: [
      {
        caption: 'What is in the shipment',
        columns: [
          { title: 'Contents' },
          { title: 'Line', optional: true },
          { title: 'Ordered', numeric: true, optional: true },
          { title: 'Shipped', numeric: true },
          { title: 'Remark', optional: true },
        ],
        rows: contentRows({
          ...body,
          cellsOf: (line, part) => [
            articleCell(line),
            line.orderLine ?? line.lineNumber ?? '',
            part(line.quantityOrdered),
            part(line.quantityShipped),
            line.status === undefined ? '' : spoken(line.status, SHIPMENT_STATE, LINE_STATE),
          ],
        }),
      },
    ],
  }
}
