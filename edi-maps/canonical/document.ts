// Document: what one transaction set or message says, as pure `read` gives it and `write` takes it. Goldens and the
// command line use Documents; the gateway wraps them into Messages (message.ts).
import { Type, type Static, type TSchema } from '@sinclair/typebox'
import { ApplicationAckBody } from './application-ack.js'
import { FunctionalAckBody } from './functional-ack.js'
import { InvoiceBody } from './invoice.js'
import { ShipmentNoticeBody } from './shipment-notice.js'
import { ShipmentStatusBody } from './shipment-status.js'
import { WarehouseShippingAdviceBody } from './warehouse-shipping-advice.js'
import { WarehouseShippingOrderBody } from './warehouse-shipping-order.js'
import { DateEntry, Extras, Iso, Note, Party, Reference, object, words } from './values.js'

const text = () => Type.String({ minLength: 1 })

export const DocumentFunction = words([
  'original',
  'change',
  'replace',
  'cancel',
  'confirmation',
  'copy',
  'duplicate',
] as const)

/** Where a Document was read from: never needed to write it, kept to trace it. */
const DocumentSource = object({
  family: words(['x12', 'edifact', 'carrier'] as const),
  release: Type.Optional(text()),
  messageType: Type.Optional(text()),
  association: Type.Optional(text()),
  carrier: Type.Optional(text()),
  control: Type.Optional(
    object({ interchange: text(), group: Type.Optional(text()), message: text() }),
  ),
})

const document = <K extends string, B extends TSchema>(kind: K, body: B) =>
  Type.Object(
    {
      kind: Type.Literal(kind),
      version: Type.Literal(1),
      function: DocumentFunction,
      documentNumber: text(),
      documentDate: Iso,
      source: Type.Optional(DocumentSource),
      parties: Type.Array(Party),
      references: Type.Array(Reference),
      dates: Type.Array(DateEntry),
      notes: Type.Array(Note),
      body,
      extras: Type.Optional(Extras),
    },
    { additionalProperties: false, title: kind },
  )

export const ShipmentNotice = document('shipmentNotice', ShipmentNoticeBody)
export const Invoice = document('invoice', InvoiceBody)
export const WarehouseShippingOrder = document('warehouseShippingOrder', WarehouseShippingOrderBody)
export const WarehouseShippingAdvice = document(
  'warehouseShippingAdvice',
  WarehouseShippingAdviceBody,
)
/** `documentNumber` is the control number of the group (or interchange) acknowledged, `documentDate` that of the envelope it came in. */
export const FunctionalAck = document('functionalAck', FunctionalAckBody)
/** `documentNumber` is the carrier's reference where the message has no number of its own (214). */
export const ShipmentStatus = document('shipmentStatus', ShipmentStatusBody)
export const ApplicationAck = document('applicationAck', ApplicationAckBody)

/** Every canonical kind with its schema. */
export const DOCUMENT_SCHEMAS = {
  shipmentNotice: ShipmentNotice,
  invoice: Invoice,
  warehouseShippingOrder: WarehouseShippingOrder,
  warehouseShippingAdvice: WarehouseShippingAdvice,
  functionalAck: FunctionalAck,
  shipmentStatus: ShipmentStatus,
  applicationAck: ApplicationAck,
} as const

export type Kind = keyof typeof DOCUMENT_SCHEMAS
export const Document = Type.Union([
  ShipmentNotice,
  Invoice,
  WarehouseShippingOrder,
  WarehouseShippingAdvice,
  FunctionalAck,
  ShipmentStatus,
  ApplicationAck,
])
export type ShipmentNotice = Static<typeof ShipmentNotice>
export type Invoice = Static<typeof Invoice>
export type WarehouseShippingOrder = Static<typeof WarehouseShippingOrder>
export type WarehouseShippingAdvice = Static<typeof WarehouseShippingAdvice>
export type FunctionalAck = Static<typeof FunctionalAck>
export type ShipmentStatus = Static<typeof ShipmentStatus>
export type ApplicationAck = Static<typeof ApplicationAck>
export type Document = Static<typeof Document>

/** As far as something was read: whatever is there has its own type, anything may be missing. */
type Partly<T> = T extends readonly (infer E)[]
  ? readonly Partly<E>[]
  : T extends object
    ? { readonly [K in keyof T]?: Partly<T[K]> }
    : T

type PartOf<D extends Document> = D extends Document
  ? Pick<D, 'kind'> & Partly<Omit<D, 'kind'>>
  : never

/**
 * What could be read of a set that was rejected. It is never handed over: only the numbers in it say what the rejection
 * is about.
 */
export type PartialDocument = PartOf<Document>
