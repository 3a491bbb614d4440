// Invoice (810, INVOIC): what is to be paid, for which goods. Credit and debit notes are invoices of another type.
// All amounts are decimal text in the invoice's currency, in major units (`12.50`), with the sign the source gave;
// a credit note is usually sent with positive amounts, but some partners send negative ones.
import { Type, type Static } from '@sinclair/typebox'
import {
  DateEntry,
  Decimal,
  Extras,
  LocalDate,
  Note,
  Party,
  ProductId,
  Quantity,
  Reference,
  Transport,
  Uom,
  Weight,
  object,
  words,
} from './values.js'

const text = () => Type.String({ minLength: 1 })
const extras = { extras: Type.Optional(Extras) }

/** `other`: the source's code has no word; a person has to look. Such an invoice is only read, never made. */
const InvoiceType = words([
  'invoice',
  'creditNote',
  'debitNote',
  'correction',
  'consolidated',
  'consolidatedCreditNote',
  'consolidatedDebitNote',
  'selfBilled',
  'proforma',
  'prepayment',
  'factored',
  'other',
] as const)

/** ISO 4217. */
const Currency = Type.String({ pattern: '^[A-Z]{3}$' })

/**
 * Price of `basisQuantity` (default 1) units; `basisUom` where that is not the unit of the line's quantity. `kind`
 * net or gross: allowances and charges of the line are contained in it or not. `type` e.g. `catalogue`, `contract`.
 */
export const Price = object({
  amount: Decimal,
  kind: Type.Optional(words(['net', 'gross'] as const)),
  type: Type.Optional(text()),
  basisQuantity: Type.Optional(Decimal),
  basisUom: Type.Optional(Uom),
  ...extras,
})

/**
 * One tax, of a line or of the whole. `rate` in percent as sent (some X12 partners send 0.07 for 7); `basis` the
 * amount it is computed of; `category` e.g. `standard`, `zero`, `exempt`; `relation` how `amount` counts towards the
 * total where it is not simply added: `included`, `information`, `delete`.
 */
export const Tax = object({
  type: text(),
  category: Type.Optional(text()),
  rate: Type.Optional(Decimal),
  basis: Type.Optional(Decimal),
  amount: Type.Optional(Decimal),
  relation: Type.Optional(text()),
  taxNumber: Type.Optional(text()),
  ...extras,
})

/**
 * An allowance (lowers what is paid) or charge (raises it). `kind` e.g. `freight`, `discount`; `amount` never has a
 * sign of its own for the direction. `percent` of `percentOf`, or `rate` per unit of `quantity`. `settlement` says how
 * it is settled: absent, `offInvoice`, `customerPays` and `creditAccount` change the invoice's total, others do not.
 */
export const AllowanceCharge = object({
  direction: words([
    'allowance',
    'charge',
    'none',
    'promotion',
    'chargeRequest',
    'allowanceRequest',
    'service',
    'other',
  ] as const),
  kind: Type.Optional(text()),
  amount: Type.Optional(Decimal),
  percent: Type.Optional(Decimal),
  percentOf: Type.Optional(text()),
  basis: Type.Optional(Decimal),
  rate: Type.Optional(Decimal),
  quantity: Type.Optional(Quantity),
  settlement: Type.Optional(text()),
  reference: Type.Optional(text()),
  description: Type.Optional(text()),
  taxes: Type.Optional(Type.Array(Tax)),
  ...extras,
})

/**
 * When to pay. Days and dates count from `from` (`invoiceDate`, `delivery`, …); the discount is for paying within
 * `discountDays` or by `discountDue`, the rest is due after `netDays` or at `netDue`.
 */
export const PaymentTerms = object({
  kind: Type.Optional(text()),
  from: Type.Optional(text()),
  discountPercent: Type.Optional(Decimal),
  discountAmount: Type.Optional(Decimal),
  discountDays: Type.Optional(Type.Integer({ minimum: 0 })),
  discountDue: Type.Optional(LocalDate),
  netDays: Type.Optional(Type.Integer({ minimum: 0 })),
  netDue: Type.Optional(LocalDate),
  text: Type.Optional(text()),
  ...extras,
})

/** What an article is made of, or what belongs to it. `relation` e.g. `included`, `add`, `information`. */
export const InvoiceComponent = object({
  number: Type.Optional(text()),
  relation: text(),
  productIds: Type.Array(ProductId),
  description: Type.Optional(text()),
  quantity: Type.Optional(Quantity),
  unitPrice: Type.Optional(Price),
  taxes: Type.Optional(Type.Array(Tax)),
  allowancesCharges: Type.Optional(Type.Array(AllowanceCharge)),
  references: Type.Optional(Type.Array(Reference)),
  dates: Type.Optional(Type.Array(DateEntry)),
  ...extras,
})

/**
 * One article as invoiced. `lineAmount` is as stated; where the source states none it is `quantity` × `unitPrice`.
 * `otherPrice` is the gross price where the net one counts.
 */
export const InvoiceLine = object({
  lineNumber: Type.Optional(text()),
  orderNumber: Type.Optional(text()),
  orderLine: Type.Optional(text()),
  productIds: Type.Array(ProductId),
  description: Type.Optional(text()),
  quantity: Type.Optional(Quantity),
  quantityShipped: Type.Optional(Quantity),
  quantityDelivered: Type.Optional(Quantity),
  quantityFree: Type.Optional(Quantity),
  unitsPerPack: Type.Optional(Decimal),
  unitPrice: Type.Optional(Price),
  otherPrice: Type.Optional(Price),
  lineAmount: Type.Optional(Decimal),
  taxes: Type.Optional(Type.Array(Tax)),
  allowancesCharges: Type.Optional(Type.Array(AllowanceCharge)),
  components: Type.Optional(Type.Array(InvoiceComponent)),
  references: Type.Optional(Type.Array(Reference)),
  dates: Type.Optional(Type.Array(DateEntry)),
  parties: Type.Optional(Type.Array(Party)),
  notes: Type.Optional(Type.Array(Note)),
  ...extras,
})

/** Stated totals. `grandTotal` is what the invoice asks for before any discount for early payment. */
const InvoiceTotals = object({
  lineTotal: Type.Optional(Decimal),
  allowanceTotal: Type.Optional(Decimal),
  chargeTotal: Type.Optional(Decimal),
  taxBasis: Type.Optional(Decimal),
  taxTotal: Type.Optional(Decimal),
  grandTotal: Decimal,
  prepaid: Type.Optional(Decimal),
  payable: Type.Optional(Decimal),
  discountable: Type.Optional(Decimal),
  discountedTotal: Type.Optional(Decimal),
  termsDiscount: Type.Optional(Decimal),
  packages: Type.Optional(Quantity),
  grossWeight: Type.Optional(Weight),
  volume: Type.Optional(Quantity),
})

/** The document's own number and date are `documentNumber` and `documentDate`. */
export const InvoiceBody = object({
  type: InvoiceType,
  currency: Type.Optional(Currency),
  exchangeRate: Type.Optional(Decimal),
  order: Type.Optional(
    object({
      orderNumber: Type.Optional(text()),
      orderDate: Type.Optional(LocalDate),
      releaseNumber: Type.Optional(text()),
    }),
  ),
  terms: Type.Optional(Type.Array(PaymentTerms)),
  transport: Type.Optional(Transport),
  lines: Type.Array(InvoiceLine),
  allowancesCharges: Type.Optional(Type.Array(AllowanceCharge)),
  taxes: Type.Optional(Type.Array(Tax)),
  totals: InvoiceTotals,
})

export type InvoiceBody = Static<typeof InvoiceBody>
export type InvoiceLine = Static<typeof InvoiceLine>
export type InvoiceComponent = Static<typeof InvoiceComponent>
export type AllowanceCharge = Static<typeof AllowanceCharge>
export type Tax = Static<typeof Tax>
export type Price = Static<typeof Price>
export type PaymentTerms = Static<typeof PaymentTerms>
