// A warehouse shipping advice (945, DESADV of a warehouse): what was sent of what was ordered.
import type { WarehouseShippingAdvice } from '../canonical/document.js'
import type { WarehouseAdviceLine } from '../canonical/warehouse-shipping-advice.js'
import { atMost, difference, equal, magnitude } from '../decimal.js'
import { CHANGE_REASON, REPORTING, SHIPMENT_STATE } from '../x12/codes.js'
import { articleCell, articleName } from './article.js'
import { contentRows } from './contents.js'
import { dateText } from './date-text.js'
import { isNumber, quantityText } from './number-text.js'
import { areToldApart, orderLines, orderLineTable, sumRow, unitsInAll } from './order-lines.js'
import { isCounted, packedText } from './packages.js'
import { facts, joined, lines as present, type Content } from './page.js'
import { nameOf, numberText, warehouseName } from './party.js'
import type { Sent } from './sent.js'
import { transportFacts } from './transport.js'
import { extrasOf } from '../path.js'
import { capital, counted, spoken } from './wording.js'

export function shippingAdvice(
  { documentNumber, source, parties, body }: WarehouseShippingAdvice,
  sent: Sent,
): Content {
  const { orderNumber, customerOrderNumber, shippedAt, estimatedDeliveryAt } = body
  const { transport, totals, lines, reporting, packages } = body
  const groups = orderLines(lines, source?.family)
  const areApart = areToldApart(groups, lines)
  const packed = packedText(packages)
  const sums = (areSummed: boolean) =>
    sumRow(lines, (ordered, shipped) => ['Total', '', areSummed ? ordered : '', shipped, ''])
  const from = warehouseName(parties, sent.from)
  const depositor = nameOf(parties, 'depositor', 'supplier') ?? sent.to
  const to = nameOf(parties, 'shipTo', 'consignee')
  const order = orderNumber === undefined ? '' : ` for order ${orderNumber}`
  const when = shippedAt === undefined ? '' : ` on ${dateText(shippedAt)}`
  return {
    title: `Shipping report ${documentNumber}`,
    lead:
      `${from} reports to ${depositor} what it sent${order}${to === undefined ? '' : ` to ${to}`}${when}. ` +
      outcomeOf(groups),
    facts: facts([
      ['Order', orderNumber],
      ["Customer's order", customerOrderNumber],
      ['Belongs to', body.masterReference],
      ['Part', body.linkSequence],
      ['What is reported', reporting === undefined ? undefined : spoken(reporting, REPORTING)],
      ['Shipped', dateText(shippedAt)],
      ['Expected', dateText(estimatedDeliveryAt)],
      ...transportFacts(transport),
      ['Packages', packed],
      [
        packed === '' ? 'Packages' : 'Packages stated',
        isCounted(totals?.packages, packages) ? undefined : quantityText(totals?.packages),
      ],
      ['Pallets', totals?.pallets?.toString()],
      ['Units in all', unitsInAll(lines.map(({ quantityShipped }) => quantityShipped))],
      ['Weight', quantityText(totals?.weight)],
      ['Volume', quantityText(totals?.volume)],
    ]),
    tables: [
      ...(areApart
        ? [
            orderLineTable(groups, {
              caption: 'What was sent',
              packages,
              orderOf: () => '',
              articleOf: articleName,
              remarkOf: remarks,
            }),
          ]
        : []),
      {
        caption: areApart ? 'What is in which package' : 'What was sent',
        columns: [
          { title: 'Contents' },
          { title: 'Line', optional: true },
          { title: 'Ordered', numeric: true, optional: true },
          { title: areApart ? 'Here' : 'Shipped', numeric: true },
          { title: 'Remark', optional: true },
        ],
        rows: [
          ...contentRows({
            orders: [],
            ...body,
            cellsOf: (line, part) => [
              articleCell(line),
              line.lineNumber ?? '',
              areApart ? '' : quantityText(line.quantityOrdered),
              part(line.quantityShipped),
              areApart ? '' : remarks(line),
            ],
          }),
          ...sums(!areApart),
        ],
      },
    ],
  }
}

function remarks(line: WarehouseAdviceLine): string[] {
  const { status, reason, difference: missing, orderedProductIds = [] } = line
  return present(
    status === undefined ? undefined : stateText(line, status),
    reason === undefined ? undefined : `Because: ${spoken(reason, CHANGE_REASON)}`,
    missing === undefined || !isNumber(missing.value) || equal(missing.value, '0')
      ? undefined
      : `${quantityText({ ...missing, value: magnitude(missing.value) })} ${isMore(line) ? 'too many' : 'missing'}`,
    orderedProductIds.length === 0
      ? undefined
      : `Ordered was ${joined(orderedProductIds.map(numberText))}`,
  )
}

/** Senders do not agree on the sign of a difference: the quantities tell, where there are both. */
const isMore = ({ quantityOrdered, quantityShipped, difference: stated }: WarehouseAdviceLine) =>
  quantityOrdered === undefined ||
  quantityShipped === undefined ||
  !isNumber(quantityOrdered.value) ||
  !isNumber(quantityShipped.value)
    ? stated?.value.startsWith('-') === true
    : !atMost(quantityShipped.value, quantityOrdered.value)

/** Of the code that was sent: several may be of one word. */
function stateText({ extras }: WarehouseAdviceLine, status: string): string {
  const code = extrasOf({ extras }, 'x12')?.[SHIPMENT_STATE.element]
  const means = typeof code === 'string' ? SHIPMENT_STATE.meaning(code) : undefined
  return means === undefined ? spoken(status, SHIPMENT_STATE) : capital(means)
}

/** Whether anything is missing, in a sentence; a line that is told per package counts once. */
function outcomeOf(groups: readonly (readonly WarehouseAdviceLine[])[]): string {
  const short = groups.filter(isShort).length
  if (short === 0)
    return groups.every(([line]) => line?.quantityOrdered !== undefined)
      ? 'Nothing of it is missing.'
      : ''
  return `Of ${counted(short, 'line')} less than ordered was sent: see the remarks.`
}

function isShort(parts: readonly WarehouseAdviceLine[]): boolean {
  const ordered = parts[0]?.quantityOrdered?.value
  if (ordered === undefined || !isNumber(ordered)) return false
  if (parts.some((one) => one.quantityShipped && !isNumber(one.quantityShipped.value))) return false
  const missing = parts.reduce(
    (left, { quantityShipped }) => difference(left, quantityShipped?.value ?? '0'),
    ordered,
  )
  return !atMost(missing, '0')
}
