// An invoice, credit or debit note (810, INVOIC).
import type { Invoice } from '../canonical/document.js'
import type {
  AllowanceCharge,
  InvoiceBody,
  InvoiceLine,
  PaymentTerms,
  Price,
  Tax,
} from '../canonical/invoice.js'
import { equal, magnitude } from '../decimal.js'
import { amountOfLine } from '../invoice-arithmetic.js'
import {
  CHARGE_KIND,
  PERCENT_OF,
  RELATION,
  SETTLEMENT,
  TAX_CATEGORY,
  TAX_KIND,
  TERMS_FROM,
  TERMS_KIND,
} from '../x12/codes.js'
import { articleCell } from './article.js'
import { dateText } from './date-text.js'
import { amountText, isNumber, moneyText, quantityText, unitText } from './number-text.js'
import { facts, joined, lines as present, type Content, type Table } from './page.js'
import { nameOf } from './party.js'
import type { Sent } from './sent.js'
import { transportFacts } from './transport.js'
import { label, phrase, spoken } from './wording.js'

export function invoicePage({ documentNumber, parties, body }: Invoice, sent: Sent): Content {
  const { order, currency, exchangeRate, terms = [], transport, totals } = body
  return {
    title: `${label(body.type)} ${documentNumber}`,
    lead: leadOf(body, {
      seller: nameOf(parties, 'supplier', 'remitTo', 'payee', 'shipFrom') ?? sent.from,
      buyer: nameOf(parties, 'billTo', 'buyer', 'payer') ?? sent.to,
    }),
    facts: facts([
      ['Order', joined([order?.orderNumber, order?.releaseNumber], ', release ')],
      ['Order date', dateText(order?.orderDate)],
      ['Currency', currency],
      ['Exchange rate', exchangeRate],
      ...terms.map((one) => ['Payment', termsText(one, currency)] as const),
      ...transportFacts(transport),
      ['Units shipped', quantityText(totals.packages)],
      ['Gross weight', quantityText(totals.grossWeight)],
      ['Volume', quantityText(totals.volume)],
    ]),
    tables: [
      lineTable(body),
      chargeTable(body.allowancesCharges ?? [], currency),
      taxTable(body.taxes ?? [], currency),
      totalTable(body),
    ],
  }
}

const CREDITS: ReadonlySet<string> = new Set(['creditNote', 'consolidatedCreditNote'])

function leadOf(
  { type, currency, totals, terms = [] }: InvoiceBody,
  { seller, buyer }: { seller: string; buyer: string },
): string {
  const amount = totals.payable ?? totals.grandTotal
  if (!isNumber(amount)) return `${seller} invoices ${buyer}; the amount to pay is ${amount}.`
  const money = moneyText(amount.replace(/^-/, ''), currency)
  if (CREDITS.has(type) || amount.startsWith('-')) return `${seller} gives ${buyer} ${money} back.`
  if (type === 'proforma') return `${seller} shows ${buyer} what would be to pay: ${money}.`
  const due = terms.find(({ netDue }) => netDue !== undefined)?.netDue
  const early = terms.find(({ discountPercent }) => discountPercent !== undefined)
  const until = early?.discountDue
  const less =
    until === undefined
      ? ''
      : ` Who pays by ${dateText(until)} may take off ${early?.discountPercent} %.`
  return `${seller} asks ${buyer} to pay ${money}${due === undefined ? '' : ` by ${dateText(due)}`}.${less}`
}

function termsText(terms: PaymentTerms, currency: string | undefined): string {
  const { discountPercent, discountAmount, discountDays, discountDue } = terms
  const { kind, from, netDays, netDue, text } = terms
  const amount = discountAmount === undefined ? undefined : moneyText(discountAmount, currency)
  const off =
    discountPercent === undefined
      ? amount
      : joined([`${discountPercent} %`, amount && `(${amount})`], ' ')
  const counting = from === undefined ? '' : ` from ${spoken(from, TERMS_FROM).toLowerCase()}`
  const within = (days: number | undefined, due: string | undefined) =>
    due !== undefined
      ? `by ${dateText(due)}`
      : days === undefined
        ? ''
        : `within ${days} days${counting}`
  const early = within(discountDays, discountDue)
  const net = within(netDays, netDue)
  return joined(
    [
      off === undefined ? undefined : `${off} off when paid ${early}`.trimEnd(),
      net === '' ? undefined : `all to be paid ${net}`,
      text,
      kind === undefined || off !== undefined || net !== '' ? undefined : spoken(kind, TERMS_KIND),
    ],
    '; ',
  )
}

const inCurrency = (currency: string | undefined) =>
  currency === undefined ? '' : ` (${currency})`

function lineTable({ lines, currency }: InvoiceBody): Table {
  return {
    caption: 'What is invoiced',
    columns: [
      { title: 'Line', optional: true },
      { title: 'Article' },
      { title: 'Quantity', numeric: true },
      { title: `Price${inCurrency(currency)}`, numeric: true },
      { title: `Amount${inCurrency(currency)}`, numeric: true },
      { title: 'Tax', optional: true },
    ],
    rows: lines.map((line) => ({
      cells: [
        line.lineNumber ?? '',
        articleCell(line, ...lineDetails(line, currency)),
        quantityText(line.quantity),
        present(
          priceText(line.unitPrice, currency, line.quantity?.uom),
          priceText(line.otherPrice, currency, line.quantity?.uom),
        ),
        amountText(amountIn(line, currency), currency),
        (line.taxes ?? []).map((tax) => taxText(tax)),
      ],
    })),
  }
}

/** Of a refused invoice a price or quantity may be no number: then there is only what is stated. */
function amountIn(line: InvoiceLine, currency: string | undefined): string | undefined {
  const { lineAmount, quantity, unitPrice } = line
  const factors = [quantity?.value, unitPrice?.amount, unitPrice?.basisQuantity]
  return factors.every((one) => one === undefined || isNumber(one))
    ? (lineAmount ?? amountOfLine(line, currency))
    : lineAmount
}

function lineDetails(line: InvoiceLine, currency: string | undefined): string[] {
  const { orderNumber, orderLine, allowancesCharges = [], components = [] } = line
  return present(
    orderNumber === undefined ? undefined : `Order ${joined([orderNumber, orderLine], ', line ')}`,
    ...[
      ['Shipped', line.quantityShipped] as const,
      ['Delivered', line.quantityDelivered] as const,
      ['Free of charge', line.quantityFree] as const,
    ].map(([what, quantity]) =>
      quantity === undefined ? undefined : `${what}: ${quantityText(quantity)}`,
    ),
    ...allowancesCharges.map((one) =>
      joined([chargeName(one), chargeOf(one), moneyOf(one.amount, currency)], ' '),
    ),
    ...components.map((one) =>
      joined([
        `${spoken(one.relation, RELATION)}: ${articleCell(one).join(', ')}`,
        quantityText(one.quantity),
        priceText(one.unitPrice, currency, one.quantity?.uom),
      ]),
    ),
  )
}

const moneyOf = (amount: string | undefined, currency: string | undefined) =>
  amount === undefined ? '' : moneyText(amount, currency)

/** `12.50`, `1.99 per 100 pieces (gross)`; `unit` is that of the quantity it is multiplied with. */
function priceText(
  price: Price | undefined,
  currency: string | undefined,
  unit: string | undefined,
): string | undefined {
  if (price === undefined) return undefined
  const { amount, basisQuantity, basisUom, kind, type } = price
  const basis = basisUom === unit && basisQuantity === undefined ? undefined : basisUom
  const per = joined([basisQuantity, basis && unitText(basis, basisQuantity ?? '1')], ' ')
  const words = joined([kind === 'gross' ? 'gross' : undefined, type && phrase(type)])
  return joined([amountText(amount, currency), per && `per ${per}`, words && `(${words})`], ' ')
}

const taxText = ({ type, rate, category, relation }: Tax): string =>
  joined(
    [
      spoken(type, TAX_KIND),
      rate === undefined ? undefined : `${rate} %`,
      category === undefined || category === 'standard'
        ? undefined
        : spoken(category, TAX_CATEGORY).toLowerCase(),
      relation === undefined ? undefined : `(${phrase(relation)})`,
    ],
    ' ',
  )

const DIRECTIONS: Readonly<Record<AllowanceCharge['direction'], string>> = {
  allowance: 'Taken off',
  charge: 'Added',
  none: 'Neither added nor taken off',
  promotion: 'Promotion',
  chargeRequest: 'Charge asked for',
  allowanceRequest: 'Allowance asked for',
  service: 'Service',
  other: 'Other',
}

const chargeName = ({ direction, kind, description }: AllowanceCharge): string =>
  joined(
    [
      DIRECTIONS[direction],
      kind === undefined ? description : spoken(kind, CHARGE_KIND).toLowerCase(),
    ],
    ': ',
  )

function chargeOf({ percent, percentOf, rate, quantity, basis }: AllowanceCharge): string {
  if (percent !== undefined) {
    const of = percentOf === undefined ? '' : ` of ${spoken(percentOf, PERCENT_OF).toLowerCase()}`
    return `${percent} %${of}${basis === undefined ? '' : ` (${amountText(basis)})`}`
  }
  return joined([rate, quantityText(quantity)], ' × ')
}

function chargeTable(all: readonly AllowanceCharge[], currency: string | undefined): Table {
  return {
    caption: 'Allowances and charges',
    columns: [
      { title: 'What' },
      { title: 'How much of what', optional: true },
      { title: `Amount${inCurrency(currency)}`, numeric: true },
    ],
    rows: all.map((one) => ({
      cells: [
        present(
          chargeName(one),
          one.kind === undefined ? undefined : one.description,
          one.settlement === undefined ? undefined : spoken(one.settlement, SETTLEMENT),
          one.reference === undefined ? undefined : `Reference ${one.reference}`,
          ...(one.taxes ?? []).map(taxText),
        ),
        chargeOf(one),
        amountText(one.amount, currency),
      ],
    })),
  }
}

const taxTable = (taxes: readonly Tax[], currency: string | undefined): Table => ({
  caption: 'Taxes',
  columns: [
    { title: 'Tax' },
    { title: `Of${inCurrency(currency)}`, numeric: true, optional: true },
    { title: `Amount${inCurrency(currency)}`, numeric: true },
  ],
  rows: taxes.map((tax) => ({
    cells: [
      present(taxText(tax), tax.taxNumber && `Tax number ${tax.taxNumber}`),
      amountText(tax.basis, currency),
      amountText(tax.amount, currency),
    ],
  })),
})

const DISCOUNT = 'Discount for early payment'

/** An invoice may state the discount twice; who pays must see that the two differ. */
function otherDiscount(
  terms: readonly PaymentTerms[],
  total: string | undefined,
  currency: string | undefined,
): string | undefined {
  const others = terms
    .map(({ discountAmount }) => discountAmount)
    .filter((one) => one !== undefined && isNumber(one))
  if (others.length !== 1 || total === undefined || !isNumber(total)) return undefined
  const [other] = others
  return other === undefined || equal(magnitude(other), magnitude(total))
    ? undefined
    : `The payment terms say ${moneyText(other, currency)}: ask which is right`
}

function totalTable({ totals, terms = [], currency }: InvoiceBody): Table {
  const amounts = facts([
    ['Sum of the lines', totals.lineTotal],
    ['Allowances', totals.allowanceTotal],
    ['Charges', totals.chargeTotal],
    ['Taxed amount', totals.taxBasis],
    ['Tax', totals.taxTotal],
  ])
  const after = facts([
    ['Already paid', totals.prepaid],
    ['To pay', totals.payable],
    ['Of it, discount is given on', totals.discountable],
    [DISCOUNT, totals.termsDiscount],
    ['To pay with the discount', totals.discountedTotal],
  ])
  const row = ([name, value]: readonly [string, string]) => ({
    cells: [
      name === DISCOUNT
        ? present(name, otherDiscount(terms, totals.termsDiscount, currency))
        : name,
      amountText(value, currency),
    ],
  })
  return {
    caption: 'Totals',
    columns: [{ title: 'What' }, { title: `Amount${inCurrency(currency)}`, numeric: true }],
    rows: [
      ...amounts.map(row),
      { ...row(['Total', totals.grandTotal]), kind: 'total' },
      ...after.map(row),
    ],
  }
}
