// Shipment status (214, IFTSTA, carrier tracking): what happened to shipments on their way, as events with milestones.
// It never moves stock; only a warehouseShippingAdvice or shipmentNotice does.
import { Type, type Static } from '@sinclair/typebox'
import { MILESTONES, STATUS_KINDS, type Milestone } from './milestones.js'
import {
  Carrier,
  DateEntry,
  Decimal,
  Equipment,
  Extras,
  Iso,
  LocalDate,
  Note,
  Party,
  Quantity,
  Reference,
  Weight,
  object,
  words,
} from './values.js'

const text = () => Type.String({ minLength: 1 })
const list = <T extends Parameters<typeof Type.Array>[0]>(of: T) => Type.Optional(Type.Array(of))
const extras = { extras: Type.Optional(Extras) }

/**
 * Where an event happened. `role` is what the place is to the shipment, where the status does not tell it. `latitude` and
 * `longitude` are decimal degrees, north and east positive.
 */
const StatusLocation = object({
  role: Type.Optional(text()),
  name: Type.Optional(text()),
  city: Type.Optional(text()),
  region: Type.Optional(text()),
  postalCode: Type.Optional(text()),
  country: Type.Optional(Type.String({ minLength: 2, maxLength: 3 })),
  unlocode: Type.Optional(text()),
  gln: Type.Optional(text()),
  latitude: Type.Optional(Decimal),
  longitude: Type.Optional(Decimal),
  ...extras,
})

/**
 * One event. `status` is a word of milestones.ts, or `<standard>:<code>` for a code without one: then `milestone` is
 * null and nothing is moved. An event told by a milestone alone has no `status`. `occurredAt` is the time it happened
 * or, by `kind`, is expected or agreed to happen; `tz` is `LT` (local time of the event's place) or an IANA zone name
 * where the source told a zone without an offset. Within one shipment the order of events is that of the message, not
 * of time.
 */
export const StatusEvent = object({
  status: Type.Optional(text()),
  milestone: Type.Unsafe<Milestone | null>({
    anyOf: [{ type: 'string', enum: [...MILESTONES] }, { type: 'null' }],
  }),
  kind: words(STATUS_KINDS),
  reason: Type.Optional(text()),
  occurredAt: Type.Optional(Iso),
  tz: Type.Optional(text()),
  location: Type.Optional(StatusLocation),
  equipment: list(Equipment),
  seals: list(text()),
  references: list(Reference),
  dates: list(DateEntry),
  parties: list(Party),
  notes: list(Note),
  ...extras,
})

/** Weight, number of handling units and of pieces, and volume, told together. */
export const StatusMeasure = object({
  weight: Type.Optional(Weight),
  handlingUnits: Type.Optional(Decimal),
  pieces: Type.Optional(Decimal),
  volume: Type.Optional(Quantity),
  ...extras,
})

/** Goods that are short, over, damaged or refused; `packaging` is a code of the source (X12 211). */
export const StatusException = object({
  type: text(),
  packaging: Type.Optional(text()),
  quantity: Type.Optional(Decimal),
  ...extras,
})

/** One package with what happened to it apart from its shipment. */
export const StatusPackage = object({
  sscc: Type.Optional(Type.String({ pattern: '^\\d{18}$' })),
  trackingNumber: Type.Optional(text()),
  mark: Type.Optional(object({ scheme: text(), value: text(), to: Type.Optional(text()) })),
  weight: Type.Optional(Weight),
  service: Type.Optional(text()),
  references: list(Reference),
  events: list(StatusEvent),
  exceptions: list(StatusException),
  measures: list(StatusMeasure),
  parties: list(Party),
  ...extras,
})

/** An order the shipment carries goods of. */
export const StatusOrder = object({
  orderNumber: Type.Optional(text()),
  releaseNumber: Type.Optional(text()),
  orderDate: Type.Optional(LocalDate),
  parties: list(Party),
  packages: list(StatusPackage),
  ...extras,
})

/**
 * A shipment, consignment or stop (LX, CNI) with its events. `number` is the sender's counter, only where it is not
 * the place in the list.
 */
export const StatusShipment = object({
  number: Type.Optional(Type.Integer({ minimum: 0 })),
  consignmentNumber: Type.Optional(text()),
  references: Type.Array(Reference),
  parties: list(Party),
  events: Type.Array(StatusEvent),
  packages: list(StatusPackage),
  orders: list(StatusOrder),
  exceptions: list(StatusException),
  measures: list(StatusMeasure),
  notes: list(Note),
  ...extras,
})

/** A leg of the route: who carries, from where, by what. */
export const StatusLeg = object({
  scac: Type.Optional(text()),
  sequence: Type.Optional(text()),
  city: Type.Optional(text()),
  region: Type.Optional(text()),
  mode: Type.Optional(text()),
  ...extras,
})

/** `carrierReference` is the carrier's number of the shipment (PRO), `shipmentNumber` the shipper's. */
export const ShipmentStatusBody = object({
  carrierReference: Type.Optional(text()),
  shipmentNumber: Type.Optional(text()),
  carrier: Type.Optional(Carrier),
  legs: list(StatusLeg),
  shipments: Type.Array(StatusShipment),
})

export type StatusEvent = Static<typeof StatusEvent>
export type StatusMeasure = Static<typeof StatusMeasure>
export type StatusException = Static<typeof StatusException>
export type StatusPackage = Static<typeof StatusPackage>
export type StatusOrder = Static<typeof StatusOrder>
export type StatusShipment = Static<typeof StatusShipment>
export type StatusLeg = Static<typeof StatusLeg>
