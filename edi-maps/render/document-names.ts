// What kinds of documents are called, by people who do not know their numbers.
import type { Kind } from '../canonical/document.js'
import { MAPS } from '../maps.js'

const KINDS: Readonly<Record<Kind, string>> = {
  shipmentNotice: 'Shipment notice',
  invoice: 'Invoice',
  shipmentStatus: 'Shipment status',
  warehouseShippingOrder: 'Warehouse shipping order',
  warehouseShippingAdvice: 'Warehouse shipping advice',
  functionalAck: 'Acknowledgement',
  applicationAck: 'Answer by content',
}

/** Common ones there is no map for: whoever gets one should know what it would have been. */
const OTHERS: Readonly<Record<string, string>> = {
  '204': 'Load tender',
  '210': 'Freight invoice',
  '820': 'Payment advice',
  '846': 'Stock report',
  '850': 'Order',
  '852': 'Sales and stock report',
  '855': 'Answer to an order',
  '860': 'Order change',
  '943': 'Stock transfer notice',
  '944': 'Stock transfer receipt',
  '990': 'Answer to a load tender',
  INVRPT: 'Stock report',
  ORDCHG: 'Order change',
  ORDERS: 'Order',
  ORDRSP: 'Answer to an order',
  RECADV: 'Receiving advice',
  REMADV: 'Payment advice',
  SLSRPT: 'Sales report',
}

/** `856` → `Shipment notice (856)`. */
export function documentName(type: string): string {
  if (type === '') return 'Document of unknown kind'
  const kind = MAPS.find(({ id, sender }) => id === type && sender === undefined)?.kind
  const known = kind === undefined ? undefined : KINDS[kind]
  const name = known ?? (Object.hasOwn(OTHERS, type) ? OTHERS[type] : undefined)
  return name === undefined ? `Document ${type}` : `${name} (${type})`
}
