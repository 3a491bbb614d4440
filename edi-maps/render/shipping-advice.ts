// A warehouse shipping advice (945, DESADV of a warehouse): what was sent of what was ordered.
import type { WarehouseShippingAdvice } from '../canonical/document.js'
import type { WarehouseAdviceLine } from '../canonical/warehouse-shipping-advice.js'
import { atMost, difference, equal, magnitude } from '../decimal.js'
import { CHANGE_REASON, REPORTING, SHIPMENT_STATE } from '../x12/codes.js'
import { articleCell } from './article.js'
import { contentRows } from './contents.js'
import { dateText } from './date-text.js'
import { isNumber, quantityText } from './number-text.js'
import { facts, joined, lines as present, type Content } from './page.js'
import { nameOf, numberText, warehouseName } from './party.js'
import type { Sent } from './sent.js'
import { transportFacts } from './transport.js'
import { counted, spoken } from './wording.js'

export function shippingAdvice(
  { documentNumber, parties, body }: WarehouseShippingAdvice,
  sent: Sent,
): Content {
  const { orderNumber, customerOrderNumber, shippedAt, estimatedDeliveryAt } = body
  const { transport, totals, lines, reporting } = body
  const from = warehouseName(parties, sent.from)
  const depositor = nameOf(parties, 'depositor', 'supplier') ?? sent.to
  const to = nameOf(parties, 'shipTo', 'consignee')
  const order = orderNumber === undefined ? '' : ` for order ${orderNumber}`
  const when = shippedAt === undefined ? '' : ` on ${dateText(shippedAt)}`
  return {
    title: `Shipped by the warehouse ${documentNumber}`,
    lead:
      `${from} reports to ${depositor} what it sent${order}${to === undefined ? '' : ` to ${to}`}${when}. ` +
      outcomeOf(lines),
    facts: facts([
      ['Order', orderNumber],
      ["Customer's order", customerOrderNumber],
      ['Belongs to', body.masterReference],
      ['Part', body.linkSequence],
      ['This covers', reporting === undefined ? undefined : spoken(reporting, REPORTING)],
      ['Shipped', dateText(shippedAt)],
      ['Expected', dateText(estimatedDeliveryAt)],
      ...transportFacts(transport),
      ['Packages', quantityText(totals?.packages)],
      ['Pallets', totals?.pallets?.toString()],
      ['Weight', quantityText(totals?.weight)],
      ['Volume', quantityText(totals?.volume)],
    ]),
    tables: [
      {
        caption: 'What was sent',
        columns: [
          { title: 'Contents' },
          { title: 'Line', optional: true },
          { title: 'Ordered', numeric: true },
          { title: 'Shipped', numeric: true },
          { title: 'Remark', optional: true },
        ],
        rows: contentRows({
          orders: [],
          ...body,
          cellsOf: (line, part) => [
            articleCell(line),
            line.lineNumber ?? '',
            quantityText(line.quantityOrdered),
            part(line.quantityShipped),
            remarks(line),
          ],
        }),
      },
    ],
  }
}

function remarks(line: WarehouseAdviceLine): string[] {
  const { status, reason, difference: missing, orderedProductIds = [] } = line
  return present(
    status === undefined ? undefined : spoken(status, SHIPMENT_STATE),
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

/** Whether anything is missing, in a sentence. Lines of one number and article count together: they are told per package. */
function outcomeOf(lines: readonly WarehouseAdviceLine[]): string {
  const shipped = new Map<string, WarehouseAdviceLine[]>()
  for (const line of lines) {
    const key = `${line.lineNumber ?? ''} ${line.productIds.map(numberText).join(' ')}`
    shipped.set(key, [...(shipped.get(key) ?? []), line])
  }
  const short = [...shipped.values()].filter(isShort).length
  if (short === 0)
    return lines.every(({ quantityOrdered }) => quantityOrdered !== undefined)
      ? 'Nothing of it is missing.'
      : ''
  return `Less than ordered was sent of ${counted(short, 'line')}: see the remarks.`
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
