// An invoice, credit or debit note (810, INVOIC).
import type { Invoice } from '../canonical/document.js'
import type { InvoiceBody, InvoiceLine, PaymentTerms, Price } from '../canonical/invoice.js'
import { equal, magnitude, sum } from '../decimal.js'
import {
  amountOfLine,
  isWithCharges,
  partsOfTotal,
  type TotalParts,
} from '../invoice-arithmetic.js'
import { RELATION } from '../x12/codes.js'
import { articleCell } from './article.js'
import { dateText } from './date-text.js'
import {
  chargeRows,
  chargeTable,
  chargeText,
  inCurrency,
  taxDetail,
  taxTable,
} from './invoice-charges.js'
import { amountText, isNumber, moneyText, quantityText, unitText } from './number-text.js'
import { facts, joined, lines as present, type Content, type Row, type Table } from './page.js'
import { isWhole } from './partial.js'
import { nameOf } from './party.js'
import { dueText, earlyText, termsText } from './payment-terms.js'
import type { Sent } from './sent.js'
import { transportFacts } from './transport.js'
import { label, phrase, spoken } from './wording.js'

export function invoicePage(invoice: Invoice, sent: Sent): Content {
  const { documentNumber, parties, body } = invoice
  const { order, currency, exchangeRate, terms = [], transport, totals } = body
  const parts = isWhole(body) ? partsOfTotal(invoice) : undefined
  const areTaxesCounted = parts !== undefined && isSomething(parts.lowerTaxes)
  return {
    title: `${label(body.type)} ${documentNumber}`,
    lead: leadOf(invoice, {
      seller: nameOf(parties, 'supplier', 'remitTo', 'payee', 'shipFrom') ?? sent.from,
      buyer: nameOf(parties, 'billTo', 'buyer', 'payer') ?? sent.to,
    }),
    facts: facts([
      ['Order', joined([order?.orderNumber, order?.releaseNumber], ', release ')],
      ['Order date', dateText(order?.orderDate)],
      ['Currency', currency ?? 'not stated'],
      ['Exchange rate', exchangeRate],
      ...terms.map((one) => ['Payment', termsText(one, body)] as const),
      ...transportFacts(transport),
      ['Units shipped', quantityText(totals.packages)],
      ['Gross weight', quantityText(totals.grossWeight)],
      ['Volume', quantityText(totals.volume)],
    ]),
    tables: [
      lineTable(invoice, parts),
      chargeTable(body.allowancesCharges ?? [], { currency, areTaxesCounted }),
      taxTable(body.taxes ?? [], currency),
      totalTable(body, parts),
    ],
  }
}

const CREDITS: ReadonlySet<string> = new Set(['creditNote', 'consolidatedCreditNote'])

const isSomething = (amount: string) => !equal(amount, '0')

function leadOf(invoice: Invoice, { seller, buyer }: { seller: string; buyer: string }): string {
  const { type, currency, totals } = invoice.body
  const amount = totals.payable ?? totals.grandTotal
  if (!isNumber(amount)) return `${seller} invoices ${buyer}; the amount to pay is ${amount}.`
  const money = moneyText(amount.replace(/^-/, ''), currency)
  if (CREDITS.has(type) || amount.startsWith('-')) return `${seller} gives ${buyer} ${money} back.`
  if (type === 'proforma') return `${seller} shows ${buyer} what would be to pay: ${money}.`
  const { by, conflict } = dueText(invoice)
  return (
    `${seller} asks ${buyer} to pay ${money}${by}.` +
    `${conflict === undefined ? '' : ` ${conflict}`}${earlyText(invoice.body)}`
  )
}

function lineTable(invoice: Invoice, parts: TotalParts | undefined): Table {
  const { lines, currency, type } = invoice.body
  const areTaxesCounted = parts !== undefined && isSomething(parts.lowerTaxes)
  return {
    caption: CREDITS.has(type) ? 'What is credited' : 'What is invoiced',
    columns: [
      { title: 'Line', optional: true },
      { title: 'Article' },
      { title: 'Quantity', numeric: true },
      { title: `Price${inCurrency(currency)}`, numeric: true },
      { title: `Amount${inCurrency(currency)}`, numeric: true },
      { title: 'Tax', optional: true },
    ],
    rows: lines.flatMap((line): Row[] => [
      {
        cells: [
          line.lineNumber ?? '',
          articleCell(line, ...lineDetails(line, currency)),
          quantityText(line.quantity),
          present(
            priceText(line.unitPrice, currency, line.quantity?.uom),
            priceText(line.otherPrice, currency, line.quantity?.uom),
          ),
          amountText(amountIn(line, currency), currency),
          (line.taxes ?? []).map((tax) => taxDetail(tax, currency)),
        ],
      },
      ...(line.allowancesCharges ?? []).flatMap((one) =>
        chargeRows(one, {
          currency,
          counted: placeOfCharges(line, invoice, parts),
          areTaxesCounted,
        }).map(([[what = '', ...more], basis, amount]): Row => ({
          depth: 1,
          cells: ['', [joined([what, basis], ' '), ...more], '', '', amount, ''],
        })),
      ),
    ]),
  }
}

/** Where the allowances and charges of a line count: beside the line's amount, within it, or in none of both. */
function placeOfCharges(line: InvoiceLine, invoice: Invoice, parts: TotalParts | undefined) {
  if (line.lineAmount === undefined) return 'column'
  if (parts === undefined) return 'unknown'
  if (isSomething(parts.lineCharges)) return 'column'
  const isWithin = isWithCharges(line, invoice)
  return isWithin === undefined ? 'unknown' : isWithin ? 'line' : 'nowhere'
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
  const { orderNumber, orderLine, components = [] } = line
  return present(
    orderNumber === undefined ? undefined : `Order ${joined([orderNumber, orderLine], ', line ')}`,
    ...[
      ['Shipped', line.quantityShipped] as const,
      ['Delivered', line.quantityDelivered] as const,
      ['Free of charge', line.quantityFree] as const,
    ].map(([what, quantity]) =>
      quantity === undefined ? undefined : `${what}: ${quantityText(quantity)}`,
    ),
    ...components.map((one) =>
      joined([
        `${spoken(one.relation, RELATION)}${one.number === undefined ? '' : ` ${one.number}`}: ${articleCell(one).join(', ')}`,
        quantityText(one.quantity),
        priceText(one.unitPrice, currency, one.quantity?.uom),
        ...(one.taxes ?? []).map((tax) => taxDetail(tax, currency)),
        ...(one.allowancesCharges ?? []).map((charge) => chargeText(charge, currency)),
      ]),
    ),
  )
}

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

/** A sum, its amount, and what tells more of it. */
type Sum = readonly [name: string, amount: string | undefined, ...details: (string | undefined)[]]

/** What the total is made of, so that the amounts give it; other sums the document states stand beside. */
function madeOf({ totals, currency }: InvoiceBody, parts: TotalParts): Sum[] {
  const { lineTotal, allowanceTotal, chargeTotal, taxTotal, taxBasis } = totals
  const withCharges = sum([parts.lines, parts.lineCharges])
  const isWithCharges = lineTotal !== undefined && equal(lineTotal, withCharges)
  const lines = isWithCharges ? withCharges : parts.lines
  const stated = (what: string, amount: string | undefined, shown?: string) =>
    amount === undefined || (shown !== undefined && equal(amount, shown))
      ? undefined
      : `${what} ${moneyText(amount, currency)}`
  const some = (amount: string) => (isSomething(amount) ? amount : undefined)
  const taxes = sum([parts.taxes, parts.lowerTaxes])
  const isTaxed = (taxTotal ?? taxBasis) !== undefined
  return [
    ['Sum of the lines', lines, stated('Stated is', lineTotal, lines)],
    ['Allowances and charges of the lines', isWithCharges ? undefined : some(parts.lineCharges)],
    [
      'Allowances and charges',
      some(parts.charges) ?? ((allowanceTotal ?? chargeTotal) === undefined ? undefined : '0'),
      stated('Allowances', allowanceTotal),
      stated('Charges', chargeTotal),
    ],
    [
      'Tax',
      some(taxes) ?? (isTaxed ? '0' : undefined),
      stated('Of', taxBasis),
      stated('Stated is', taxTotal, taxes),
    ],
    ['In none of these amounts', some(parts.rest)],
  ]
}

const statedSums = ({ totals }: InvoiceBody): Sum[] => [
  ['Sum of the lines', totals.lineTotal],
  ['Allowances', totals.allowanceTotal],
  ['Charges', totals.chargeTotal],
  ['Taxed amount', totals.taxBasis],
  ['Tax', totals.taxTotal],
]

function totalTable(body: InvoiceBody, parts: TotalParts | undefined): Table {
  const { totals, terms = [], currency } = body
  const sums = parts === undefined ? statedSums(body) : madeOf(body, parts)
  const row = ([name, amount, ...details]: Sum): Row => ({
    cells: [present(name, ...details), amountText(amount, currency)],
  })
  const all: Row[] = [
    ...sums.filter(([, amount]) => amount !== undefined).map(row),
    { ...row(['Total', totals.grandTotal]), kind: 'total' },
    ...[
      ['Already paid', totals.prepaid] as const,
      ['To pay', totals.payable] as const,
      ['Of it, discount is given on', totals.discountable] as const,
      [
        'Discount for early payment',
        totals.termsDiscount,
        otherDiscount(terms, totals.termsDiscount, currency),
      ] as const,
      ['To pay with the discount', totals.discountedTotal] as const,
    ]
      .filter(([, amount]) => amount !== undefined)
      .map(row),
  ]
  return {
    caption: 'Totals',
    columns: [{ title: 'What' }, { title: `Amount${inCurrency(currency)}`, numeric: true }],
    rows: all,
  }
}
