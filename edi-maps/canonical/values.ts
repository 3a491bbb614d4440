// Values shared by all canonical kinds: plain business words, no EDI qualifiers. One definition gives the TypeScript
// type and the JSON Schema. Additive within a schema version.
import { Type, type Static, type TSchema } from '@sinclair/typebox'

const closed = { additionalProperties: false }
/** An object schema that refuses unknown keys. */
export const object = <T extends Record<string, TSchema>>(properties: T, description?: string) =>
  Type.Object(properties, { ...closed, ...(description === undefined ? {} : { description }) })
const text = () => Type.String({ minLength: 1 })
/** A closed list of words. */
export const words = <const T extends readonly string[]>(list: T) =>
  Type.Unsafe<T[number]>({ type: 'string', enum: [...list] })

/** Decimal number as text: no exponent, no thousands separator, e.g. `-12.50`. */
export const Decimal = Type.String({ pattern: '^-?\\d+(\\.\\d+)?$' })
/** `YYYY-MM-DD`. */
export const LocalDate = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
/**
 * ISO 8601: a date `YYYY-MM-DD`, or date and time `YYYY-MM-DDTHH:MM[:SS[.ff]]`, with offset (`Z`, `+01:00`) where the
 * source gave one. A date stays a date.
 */
export const Iso = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})?)?$',
})
/** UN/ECE Rec 20 unit, Rec 21 packages prefixed X (`XCT`). */
export const Uom = Type.String({ minLength: 1, maxLength: 3 })
/**
 * What a map does not name and a code that is not the preferred one, by syntax, e.g.
 * `{"x12": {"235": "BP", "PWK": [["PWK","PL"]]}}`. A writer of the same syntax uses it; others ignore it.
 */
export const Extras = Type.Record(Type.String(), Type.Unknown())

const withExtras = { extras: Type.Optional(Extras) }

export const PartyId = object({
  scheme: text(),
  value: text(),
  ...withExtras,
})
export const Address = object({
  lines: Type.Array(text()),
  city: Type.Optional(text()),
  region: Type.Optional(text()),
  postalCode: Type.Optional(text()),
  country: Type.Optional(Type.String({ minLength: 2, maxLength: 3 })),
  ...withExtras,
})
export const Contact = object({
  function: Type.Optional(text()),
  name: Type.Optional(text()),
  phone: Type.Optional(text()),
  email: Type.Optional(text()),
  fax: Type.Optional(text()),
  ...withExtras,
})
export const Reference = object({
  type: text(),
  value: text(),
  description: Type.Optional(text()),
  date: Type.Optional(Iso),
  ...withExtras,
})
export const Party = object({
  role: text(),
  ids: Type.Array(PartyId),
  name: Type.Optional(text()),
  name2: Type.Optional(text()),
  address: Type.Optional(Address),
  contacts: Type.Optional(Type.Array(Contact)),
  references: Type.Optional(Type.Array(Reference)),
  ...withExtras,
})
/** `tz` is the zone word of the source when it gave no offset, e.g. `LT` (local time at the event's place). */
export const DateEntry = object({
  type: text(),
  value: Iso,
  tz: Type.Optional(text()),
  ...withExtras,
})
export const Note = object({ topic: Type.Optional(text()), text: text(), ...withExtras })
export const Quantity = object({
  value: Decimal,
  uom: Uom,
  sourceUom: Type.Optional(text()),
})
export const Weight = object({
  value: Decimal,
  uom: Uom,
  kind: words(['gross', 'net', 'tare', 'unit', 'billed'] as const),
  sourceUom: Type.Optional(text()),
})
export const ProductId = object({ scheme: text(), value: text(), ...withExtras })
/** One lot or serial number with its part of the line's quantity. */
export const Lot = object({
  lot: Type.Optional(text()),
  serial: Type.Optional(text()),
  expiry: Type.Optional(LocalDate),
  quantity: Type.Optional(Quantity),
  ...withExtras,
})
export const Carrier = object({
  scac: Type.Optional(text()),
  name: Type.Optional(text()),
  partyId: Type.Optional(PartyId),
  ...withExtras,
})
/** A trailer or container; `initial` is the owner's letters (X12 206, or his SCAC). */
export const Equipment = object({
  initial: Type.Optional(text()),
  number: Type.Optional(text()),
  type: Type.Optional(text()),
  seal: Type.Optional(text()),
  ...withExtras,
})
export const Transport = object({
  mode: Type.Optional(text()),
  carrier: Type.Optional(Carrier),
  service: Type.Optional(text()),
  routing: Type.Optional(text()),
  status: Type.Optional(text()),
  paymentMethod: Type.Optional(text()),
  incoterm: Type.Optional(text()),
  equipment: Type.Optional(Type.Array(Equipment)),
  ...withExtras,
})

export type Party = Static<typeof Party>
export type Lot = Static<typeof Lot>
export type Reference = Static<typeof Reference>
export type Note = Static<typeof Note>
export type DateEntry = Static<typeof DateEntry>
export type Quantity = Static<typeof Quantity>
export type Transport = Static<typeof Transport>
export type ProductId = Static<typeof ProductId>
