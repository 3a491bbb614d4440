// The numbers a person knows a document by, for search: taken from the canonical Document, whatever its syntax was.
import type { Document } from '../edi-maps/canonical/document.js'
import type { MessageKey } from './store/messages.js'

/** Kinds of references that are searched by, with the name the search uses for them. */
const SEARCHED: Readonly<Record<string, string>> = {
  purchaseOrder: 'order',
  customerOrder: 'order',
  vendorOrder: 'order',
  shipment: 'shipment',
  despatchAdvice: 'shipment',
  deliveryNote: 'delivery',
  loadNumber: 'load',
  billOfLading: 'bol',
  masterBillOfLading: 'bol',
  proNumber: 'pro',
  trackingNumber: 'tracking',
  airWaybill: 'tracking',
  invoice: 'invoice',
}

/** Document number, orders, packages, tracking and bill of lading numbers; each once. */
export function messageKeys(document: Document): MessageKey[] {
  const keys = new Map<string, MessageKey>()
  const add = (type: string, value: string | undefined) => {
    if (value) keys.set(`${type}\n${value}`, { type, value })
  }
  const references = (list: readonly { type: string; value: string }[] | undefined) => {
    for (const { type, value } of list ?? []) {
      const name = SEARCHED[type]
      if (name !== undefined) add(name, value)
    }
  }
  references(document.references)
  if (document.kind === 'functionalAck') return [...keys.values()]
  add('shipment', document.documentNumber)
  for (const order of document.body.orders) {
    add('order', order.orderNumber)
    references(order.references)
  }
  for (const one of document.body.packages) {
    add('sscc', one.sscc)
    add('tracking', one.trackingNumber)
    references(one.references)
  }
  return [...keys.values()]
}
