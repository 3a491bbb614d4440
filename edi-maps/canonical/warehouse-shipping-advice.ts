// Warehouse shipping advice (945, DESADV of a warehouse): what a warehouse has shipped of a depositor's order.
// `documentNumber` is the warehouse's number of the shipment; without one it is the order's.
import { Type, type Static } from '@sinclair/typebox'
import { Package } from './shipment-notice.js'
import {
  DateEntry,
  Extras,
  Iso,
  Lot,
  Note,
  ProductId,
  Quantity,
  Reference,
  Transport,
  Weight,
  object,
} from './values.js'

const text = () => Type.String({ minLength: 1 })

/**
 * One article as shipped. `status` is the warehouse's word on what was ordered and not shipped: `complete`,
 * `partialNoBackorder`, `partial`, `backordered`, `decreased`, `substituted`, `extra`, `cancelled`, `notInProcess`, or the
 * sender's own (`x12:…`); `reason` says why (`outOfStock`, `inventoryDiscrepancy` …). `difference` is the shortage as
 * the sender stated it. `orderedProductIds` are those of the article this one was shipped for, when `substituted`.
 * `packageIds` names the innermost units that hold the line, each an equal share of `quantityShipped`.
 */
export const WarehouseAdviceLine = object({
  lineNumber: Type.Optional(text()),
  packageIds: Type.Array(text()),
  productIds: Type.Array(ProductId),
  orderedProductIds: Type.Optional(Type.Array(ProductId)),
  description: Type.Optional(text()),
  quantityOrdered: Type.Optional(Quantity),
  quantityShipped: Type.Optional(Quantity),
  difference: Type.Optional(Quantity),
  status: Type.Optional(text()),
  reason: Type.Optional(text()),
  lots: Type.Optional(Type.Array(Lot)),
  weights: Type.Optional(Type.Array(Weight)),
  references: Type.Optional(Type.Array(Reference)),
  dates: Type.Optional(Type.Array(DateEntry)),
  notes: Type.Optional(Type.Array(Note)),
  extras: Type.Optional(Extras),
})

/**
 * `orderNumber` is the `documentNumber` of the order this answers, `customerOrderNumber` the order of the depositor's
 * customer. `reporting` says how much is told: `full`, `noExceptions` (shipped as ordered), `exceptionsOnly` (lines
 * that are not told were shipped as ordered), or a stock movement that is no answer to an order at all.
 */
export const WarehouseShippingAdviceBody = object({
  orderNumber: Type.Optional(text()),
  customerOrderNumber: Type.Optional(text()),
  masterReference: Type.Optional(text()),
  linkSequence: Type.Optional(text()),
  reporting: Type.Optional(text()),
  shippedAt: Type.Optional(Iso),
  estimatedDeliveryAt: Type.Optional(Iso),
  transport: Type.Optional(Transport),
  totals: Type.Optional(
    object({
      packages: Type.Optional(Quantity),
      pallets: Type.Optional(Type.Integer({ minimum: 0 })),
      weight: Type.Optional(Weight),
      volume: Type.Optional(Quantity),
    }),
  ),
  packages: Type.Array(Package),
  lines: Type.Array(WarehouseAdviceLine),
})

export type WarehouseShippingAdviceBody = Static<typeof WarehouseShippingAdviceBody>
export type WarehouseAdviceLine = Static<typeof WarehouseAdviceLine>
