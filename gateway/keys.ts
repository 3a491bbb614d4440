// The numbers a person knows a document by, for search: taken from the canonical Document, whatever its syntax was.
import type { PartialDocument } from '../edi-maps/canonical/document.js'
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

/** A reference as the search knows it; undefined for a kind that is not searched by. */
export function referenceKey({ type = '', value = '' }: Numbered): MessageKey | undefined {
  const name = SEARCHED[type]
  return name === undefined ? undefined : { type: name, value }
}

type Part<K extends PartialDocument['kind']> = Extract<PartialDocument, { kind: K }>

/** Document number, orders, packages, tracking and bill of lading numbers; each once. Also of a part of a Document. */
export function messageKeys(document: PartialDocument): MessageKey[] {
  const keys = new KeyList()
  keys.references(document.references)
  switch (document.kind) {
    case 'shipmentNotice':
      keys.add('shipment', document.documentNumber)
      for (const order of document.body?.orders ?? []) {
        keys.add('order', order.orderNumber)
        keys.references(order.references)
      }
      keys.packages(document.body?.packages)
      break
    case 'invoice':
      addInvoiceKeys(keys, document)
      break
    case 'shipmentStatus':
      addStatusKeys(keys, document)
      break
    case 'applicationAck':
      for (const { reference, references = [] } of document.body?.answers ?? [])
        keys.references(reference === undefined ? references : [reference, ...references])
      break
    case 'warehouseShippingOrder':
      keys.add('order', document.documentNumber)
      keys.add('order', document.body?.customerOrderNumber)
      break
    case 'warehouseShippingAdvice':
      keys.add('shipment', document.documentNumber)
      keys.add('order', document.body?.orderNumber)
      keys.add('order', document.body?.customerOrderNumber)
      keys.packages(document.body?.packages)
      break
    case 'functionalAck':
      break
    default:
      document satisfies never
  }
  return keys.list()
}

function addInvoiceKeys(keys: KeyList, { documentNumber, body }: Part<'invoice'>): void {
  keys.add('invoice', documentNumber)
  keys.add('order', body?.order?.orderNumber)
  for (const line of body?.lines ?? []) {
    keys.add('order', line.orderNumber)
    keys.references(line.references)
  }
}

function addStatusKeys(keys: KeyList, { body }: Part<'shipmentStatus'>): void {
  keys.add('pro', body?.carrierReference)
  keys.add('shipment', body?.shipmentNumber)
  for (const shipment of body?.shipments ?? []) {
    keys.add('shipment', shipment.consignmentNumber)
    keys.references(shipment.references)
    keys.packages(shipment.packages)
    for (const order of shipment.orders ?? []) {
      keys.add('order', order.orderNumber)
      keys.packages(order.packages)
    }
  }
}

interface Numbered {
  readonly type?: string
  readonly value?: string
}

interface Packed {
  readonly sscc?: string
  readonly trackingNumber?: string
  readonly references?: readonly Numbered[]
}

/** Keys in the order they are met, each once. */
class KeyList {
  private readonly keys = new Map<string, MessageKey>()

  add(type: string, value: string | undefined): void {
    if (value) this.keys.set(`${type}\n${value}`, { type, value })
  }

  references(references: readonly Numbered[] | undefined): void {
    for (const reference of references ?? []) {
      const key = referenceKey(reference)
      if (key !== undefined) this.add(key.type, key.value)
    }
  }

  packages(packages: readonly Packed[] | undefined): void {
    for (const { sscc, trackingNumber, references } of packages ?? []) {
      this.add('sscc', sscc)
      this.add('tracking', trackingNumber)
      this.references(references)
    }
  }

  list(): MessageKey[] {
    return [...this.keys.values()]
  }
}
