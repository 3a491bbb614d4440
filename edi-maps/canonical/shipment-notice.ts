// Shipment notice (856, DESADV): what left, in which packages, for which orders. The package tree is one for all
// syntaxes; HL and CPS numbering never appear here.
import { Type, type Static } from '@sinclair/typebox'
import {
  Decimal,
  Extras,
  Iso,
  LocalDate,
  Lot,
  Party,
  ProductId,
  Quantity,
  Reference,
  DateEntry,
  Transport,
  Weight,
  object,
} from './values.js'

const text = () => Type.String({ minLength: 1 })
const extras = { extras: Type.Optional(Extras) }

export const ShippedOrder = object({
  orderNumber: Type.Optional(text()),
  orderDate: Type.Optional(LocalDate),
  releaseNumber: Type.Optional(text()),
  references: Type.Array(Reference),
  parties: Type.Array(Party),
  dates: Type.Optional(Type.Array(DateEntry)),
  packages: Type.Optional(Quantity),
  grossWeight: Type.Optional(Weight),
  ...extras,
})

/**
 * A physical unit: pallet, carton, inner pack. `id` is unique in the notice; `parentId` the unit it stands on;
 * `orderIndex` (from 0) the order it belongs to when it holds goods of one order only. `sscc` is 18 digits without
 * application identifier.
 */
export const Package = object({
  id: text(),
  parentId: Type.Optional(text()),
  level: Type.Optional(
    Type.Unsafe<'pallet' | 'carton' | 'inner'>({
      type: 'string',
      enum: ['pallet', 'carton', 'inner'],
    }),
  ),
  sscc: Type.Optional(Type.String({ pattern: '^\\d{18}$' })),
  marks: Type.Optional(
    Type.Array(object({ scheme: text(), value: text(), to: Type.Optional(text()), ...extras })),
  ),
  trackingNumber: Type.Optional(text()),
  type: Type.Optional(object({ code: text(), scheme: text(), material: Type.Optional(text()) })),
  count: Type.Optional(Type.Integer({ minimum: 0 })),
  weight: Type.Optional(Weight),
  volume: Type.Optional(Quantity),
  dimensions: Type.Optional(
    object({
      length: Type.Optional(Quantity),
      width: Type.Optional(Quantity),
      height: Type.Optional(Quantity),
    }),
  ),
  orderIndex: Type.Optional(Type.Integer({ minimum: 0 })),
  references: Type.Optional(Type.Array(Reference)),
  dates: Type.Optional(Type.Array(DateEntry)),
  ...extras,
})

/**
 * One article as shipped. `packageIds` names the innermost units that hold it: one for goods counted per carton,
 * several when each listed carton holds an equal share of `quantityShipped`.
 */
export const ShippedLine = object({
  lineNumber: Type.Optional(text()),
  orderIndex: Type.Optional(Type.Integer({ minimum: 0 })),
  orderLine: Type.Optional(text()),
  packageIds: Type.Array(text()),
  productIds: Type.Array(ProductId),
  description: Type.Optional(text()),
  quantityShipped: Type.Optional(Quantity),
  quantityOrdered: Type.Optional(Quantity),
  quantityShippedToDate: Type.Optional(Decimal),
  unitsPerPack: Type.Optional(Decimal),
  status: Type.Optional(text()),
  lots: Type.Optional(Type.Array(Lot)),
  references: Type.Optional(Type.Array(Reference)),
  dates: Type.Optional(Type.Array(DateEntry)),
  ...extras,
})

export const ShipmentNoticeBody = object({
  shippedAt: Type.Optional(Iso),
  estimatedDeliveryAt: Type.Optional(Iso),
  transport: Type.Optional(Transport),
  totals: Type.Optional(
    object({
      packages: Type.Optional(Quantity),
      grossWeight: Type.Optional(Weight),
      volume: Type.Optional(Quantity),
    }),
  ),
  orders: Type.Array(ShippedOrder),
  packages: Type.Array(Package),
  lines: Type.Array(ShippedLine),
})

export type ShipmentNoticeBody = Static<typeof ShipmentNoticeBody>
export type Package = Static<typeof Package>
export type ShippedLine = Static<typeof ShippedLine>
export type ShippedOrder = Static<typeof ShippedOrder>
