// A shipment notice (856, DESADV) as a packing list.
import type { ShipmentNotice } from '../canonical/document.js'
import type { ShippedLine } from '../canonical/shipment-notice.js'
import { LINE_STATE, SHIPMENT_STATE } from '../x12/codes.js'
import { articleCell, articleName } from './article.js'
import { contentRows } from './contents.js'
import { dateText } from './date-text.js'
import { quantityText } from './number-text.js'
import { areToldApart, orderLines, orderLineTable, sumRow } from './order-lines.js'
import { isCounted, packedText } from './packages.js'
import { facts, lines as present, type Content } from './page.js'
import { nameOf } from './party.js'
import type { Sent } from './sent.js'
import { transportFacts } from './transport.js'
import { counted, spoken } from './wording.js'

export function packingList(
  { documentNumber, source, parties, body }: ShipmentNotice,
  sent: Sent,
): Content {
  const { shippedAt, estimatedDeliveryAt, transport, totals, packages, lines, orders } = body
  const from = nameOf(parties, 'supplier', 'shipFrom', 'consignor') ?? sent.from
  const to = nameOf(parties, 'shipTo', 'consignee', 'buyer') ?? sent.to
  const left = shippedAt === undefined ? 'are on their way' : `left on ${dateText(shippedAt)}`
  const due =
    estimatedDeliveryAt === undefined ? '' : ` and are expected on ${dateText(estimatedDeliveryAt)}`
  const packed = packedText(packages)
  const groups = orderLines(lines, source?.family)
  const areApart = areToldApart(groups, lines)
  const sums = sumRow(lines, (ordered, shipped) => [
    'Total',
    '',
    areApart ? '' : ordered,
    shipped,
    '',
  ])
  return {
    title: `Shipment notice ${documentNumber} – packing list`,
    lead:
      `${from} says that the goods below, for ${to}, ${left}${due}: ` +
      `${counted(groups.length, 'line')}${packed === '' ? '' : ` in ${packed}`}.`,
    todo: 'Check them against this list when they arrive.',
    facts: facts([
      ['Shipped', dateText(shippedAt)],
      ['Expected', dateText(estimatedDeliveryAt)],
      ...transportFacts(transport),
      ['Packages', packedText(packages)],
      [
        'Packages stated',
        isCounted(totals?.packages, packages) ? undefined : quantityText(totals?.packages),
      ],
      ['Gross weight', quantityText(totals?.grossWeight)],
      ['Volume', quantityText(totals?.volume)],
    ]),
    tables: [
      ...(areApart
        ? [
            orderLineTable(groups, {
              caption: 'What is shipped',
              packages,
              orderOf: ({ orderIndex }) => {
                const order = orderIndex === undefined ? undefined : orders[orderIndex]
                return orders.length < 2 || order === undefined ? '' : (order.orderNumber ?? '')
              },
              articleOf: articleName,
              remarkOf,
            }),
          ]
        : []),
      {
        caption: areApart ? 'What is in which package' : 'What is in the shipment',
        columns: [
          { title: 'Contents' },
          { title: 'Line', optional: true },
          { title: 'Ordered', numeric: true, optional: true },
          { title: areApart ? 'Here' : 'Shipped', numeric: true },
          { title: 'Remark', optional: true },
        ],
        rows: [
          ...contentRows({
            ...body,
            cellsOf: (line, part) => [
              articleCell(line),
              line.orderLine ?? line.lineNumber ?? '',
              // What was ordered is that of the whole line: it would seem to be more in every package.
              areApart ? '' : quantityText(line.quantityOrdered),
              part(line.quantityShipped),
              areApart ? '' : remarkOf(line),
            ],
          }),
          ...sums,
        ],
      },
    ],
  }
}

const remarkOf = ({ status, quantityShippedToDate, quantityShipped }: ShippedLine): string[] =>
  present(
    status === undefined ? undefined : spoken(status, SHIPMENT_STATE, LINE_STATE),
    quantityShippedToDate === undefined
      ? undefined
      : `Shipped with earlier ones: ${quantityText({ value: quantityShippedToDate, uom: quantityShipped?.uom ?? '' })}`,
  )
