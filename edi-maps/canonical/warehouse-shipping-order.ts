// Warehouse shipping order (940, INSDES): what a depositor wants shipped from a warehouse. `documentNumber` is the
// depositor's number of the order: the same number again is never a second order.
import { Type, type Static } from '@sinclair/typebox'
import {
  DateEntry,
  Decimal,
  Extras,
  Iso,
  Lot,
  Note,
  Party,
  ProductId,
  Quantity,
  Reference,
  Transport,
  Weight,
  object,
} from './values.js'

const text = () => Type.String({ minLength: 1 })

/**
 * One article to be shipped. `lineNumber` is what the warehouse's advice names the line by; `lots` are the only ones
 * that may be shipped, where any are named. Without a quantity all there is of the lots or packages named is meant.
 */
export const WarehouseOrderLine = object({
  lineNumber: Type.Optional(text()),
  productIds: Type.Array(ProductId),
  description: Type.Optional(text()),
  quantityOrdered: Type.Optional(Quantity),
  unitsPerPack: Type.Optional(Decimal),
  lots: Type.Optional(Type.Array(Lot)),
  weights: Type.Optional(Type.Array(Weight)),
  notes: Type.Optional(Type.Array(Note)),
  references: Type.Optional(Type.Array(Reference)),
  dates: Type.Optional(Type.Array(DateEntry)),
  parties: Type.Optional(Type.Array(Party)),
  extras: Type.Optional(Extras),
})

/**
 * `customerOrderNumber` is the order of the depositor's customer; `masterReference` joins several orders, `linkSequence`
 * says which of them this is (`001003`: the first of three). Ship and delivery windows stand in the document's `dates`
 * (`shipNotBefore`, `shipNotAfter`, `deliverNotBefore`, `deliverNotAfter`).
 */
export const WarehouseShippingOrderBody = object({
  customerOrderNumber: Type.Optional(text()),
  masterReference: Type.Optional(text()),
  linkSequence: Type.Optional(text()),
  requestedShip: Type.Optional(Iso),
  requestedDelivery: Type.Optional(Iso),
  transport: Type.Optional(Transport),
  totals: Type.Optional(object({ weight: Type.Optional(Weight), volume: Type.Optional(Quantity) })),
  lines: Type.Array(WarehouseOrderLine),
})

export type WarehouseShippingOrderBody = Static<typeof WarehouseShippingOrderBody>
export type WarehouseOrderLine = Static<typeof WarehouseOrderLine>
