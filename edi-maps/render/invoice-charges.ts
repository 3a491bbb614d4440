// Allowances, charges and taxes of an invoice and of its lines. An amount stands in a column of amounts only where the
// total contains it, with the sign it counts with: who adds the column up gets what is to be paid.
import type { AllowanceCharge, Tax } from '../canonical/invoice.js'
import { equal, negated, product } from '../decimal.js'
import { amountOfCharge, isInTotal } from '../invoice-arithmetic.js'
import { CHARGE_KIND, PERCENT_OF, SETTLEMENT, TAX_CATEGORY, TAX_KIND } from '../x12/codes.js'
import { amountText, isNumber, moneyText, quantityText } from './number-text.js'
import { joined, lines as present, type Row, type Table } from './page.js'
import { meant, phrase, spoken } from './wording.js'

/** Whether the total contains it, in the column of amounts or in that of its line. */
type Place = 'column' | 'line' | 'nowhere' | 'unknown'

const WORDS: Readonly<Record<AllowanceCharge['direction'], string>> = {
  allowance: 'Allowance',
  charge: 'Charge',
  none: 'Neither added nor taken off',
  promotion: 'Promotion',
  chargeRequest: 'Charge asked for',
  allowanceRequest: 'Allowance asked for',
  service: 'Service',
  other: 'Other',
}

function chargeName({ direction, kind, description }: AllowanceCharge, place: Place): string {
  const counts = place === 'column' || place === 'line'
  const what =
    direction === 'none'
      ? WORDS.none
      : counts
        ? direction === 'charge'
          ? 'Added'
          : 'Taken off'
        : `${WORDS[direction]}${place === 'nowhere' ? ', not in this total' : ''}`
  return joined([what, kind === undefined ? description : meant(kind, CHARGE_KIND)], ': ')
}

/** What tells more of it, besides its amount. */
const chargeDetails = (one: AllowanceCharge, place: Place): string[] =>
  present(
    one.kind === undefined ? undefined : one.description,
    one.settlement === undefined ? undefined : spoken(one.settlement, SETTLEMENT),
    place === 'unknown' && one.amount !== undefined
      ? 'It is not told whether the total contains it'
      : undefined,
    one.reference === undefined ? undefined : `Reference ${one.reference}`,
  )

/** `5 % of gross amount (100.00)`, `1.5 × 2 each`; with the amount where that stands in no column of its own. */
function chargeBasis(one: AllowanceCharge, isWithAmount: boolean, currency?: string): string {
  const { percent, percentOf, rate, quantity, basis, amount } = one
  const of = percentOf === undefined ? '' : ` of ${meant(percentOf, PERCENT_OF)}`
  const on = basis === undefined ? undefined : amountText(basis, currency)
  const share =
    percent === undefined
      ? undefined
      : joined([`${percent} %${of}`, on && (of === '' ? `of ${on}` : `(${on})`)], ' ')
  const times = joined([rate, quantityText(quantity)], ' × ')
  const own = isWithAmount && amount !== undefined ? moneyText(amount, currency) : undefined
  return joined([joined([share, times]), own], ' = ')
}

const placeOf = (one: AllowanceCharge, counted: Place): Place => {
  const isCounted = isInTotal(one)
  return isCounted === undefined ? 'unknown' : isCounted ? counted : 'nowhere'
}

/** In full decimals with the sign it counts with; of a refused invoice it may be no number. */
function countedText(one: AllowanceCharge, currency: string | undefined): string {
  const { amount, rate, quantity, direction } = one
  if (![amount, rate, quantity?.value].every((text) => text === undefined || isNumber(text)))
    return amount ?? ''
  const value = amountOfCharge(one, currency)
  return value === undefined
    ? ''
    : amountText(direction === 'allowance' ? negated(value) : value, currency)
}

/** What a column of lines shows of one: what it is, how much of what, and its amount where the column contains it. */
interface ShownCharge {
  readonly what: readonly string[]
  readonly basis: string
  readonly amount: string
  readonly taxes: readonly Tax[]
}

function shownCharge(
  one: AllowanceCharge,
  currency: string | undefined,
  counted: Place,
): ShownCharge {
  const place = placeOf(one, counted)
  const isInColumn = place === 'column'
  return {
    what: [
      chargeName(one, place),
      ...chargeDetails(one, place),
      ...(place === 'line' ? ['It is in the amount of the line'] : []),
    ],
    basis: chargeBasis(one, !isInColumn, currency),
    amount: isInColumn ? countedText(one, currency) : '',
    taxes: one.taxes ?? [],
  }
}

/** `counted`: where amounts that count stand; taxes of theirs too, where `areTaxesCounted`. */
export interface ChargeOptions {
  readonly currency: string | undefined
  readonly counted: Place
  readonly areTaxesCounted: boolean
}

/** One of a line of the invoice and its taxes, as rows of three cells: what, how much of what, amount. */
export function chargeRows(
  one: AllowanceCharge,
  { currency, counted, areTaxesCounted }: ChargeOptions,
): [what: string[], basis: string, amount: string][] {
  const { what, basis, amount, taxes } = shownCharge(one, currency, counted)
  const own = areTaxesCounted ? taxes.filter((tax) => tax.amount !== undefined) : []
  const others = taxes.filter((tax) => !own.includes(tax))
  return [
    [[...what, ...others.map((tax) => taxDetail(tax, currency))], basis, amount],
    ...own.map((tax): [string[], string, string] => [
      [taxText(tax)],
      tax.basis === undefined ? '' : `of ${amountText(tax.basis, currency)}`,
      amountText(tax.amount, currency),
    ]),
  ]
}

/** Of a component of a line, in one text. */
export function chargeText(one: AllowanceCharge, currency: string | undefined): string {
  const { what, basis, taxes } = shownCharge(one, currency, 'unknown')
  return joined([joined([what[0], basis], ' '), ...taxes.map((tax) => taxDetail(tax, currency))])
}

export const inCurrency = (currency: string | undefined) =>
  currency === undefined ? '' : ` (${currency})`

export const chargeTable = (
  all: readonly AllowanceCharge[],
  options: Omit<ChargeOptions, 'counted'>,
): Table => ({
  caption: 'Allowances and charges',
  columns: [
    { title: 'What' },
    { title: 'How much of what', optional: true },
    { title: `Amount${inCurrency(options.currency)}`, numeric: true },
  ],
  rows: all.flatMap((one) =>
    chargeRows(one, { ...options, counted: 'column' }).map((cells, n): Row => ({
      cells,
      ...(n === 0 ? {} : { depth: 1 }),
    })),
  ),
})

/** `Value added tax 19 %`. */
export const taxText = (tax: Tax): string => {
  const { type, category, relation } = tax
  const rate = percentOfTax(tax)
  return joined(
    [
      spoken(type, TAX_KIND),
      rate === undefined ? undefined : rate.includes('%') ? rate : `${rate} %`,
      category === undefined || category === 'standard' ? undefined : meant(category, TAX_CATEGORY),
      relation === undefined ? undefined : `(${phrase(relation)})`,
    ],
    ' ',
  )
}

/** Some send a rate as a fraction of one (0.07 for 7 %): basis and amount tell it. */
function percentOfTax({ rate, basis, amount }: Tax): string | undefined {
  const numbers = [rate, basis, amount]
  if (rate === undefined || basis === undefined || amount === undefined) return rate
  if (!numbers.every((text) => text !== undefined && isNumber(text))) return rate
  const isFraction = equal(product(basis, rate), amount) && !equal(amount, '0')
  return isFraction ? `${product(rate, '100')} % (sent as ${rate})` : rate
}

/** The same with what it is of, its amount and number. */
export const taxDetail = (tax: Tax, currency: string | undefined): string =>
  joined([
    joined(
      [
        joined([taxText(tax), tax.basis && `of ${amountText(tax.basis, currency)}`], ' '),
        tax.amount && moneyText(tax.amount, currency),
      ],
      ' = ',
    ),
    tax.taxNumber && `tax number ${tax.taxNumber}`,
  ])

export const taxTable = (taxes: readonly Tax[], currency: string | undefined): Table => ({
  caption: 'Taxes',
  columns: [
    { title: 'Tax' },
    { title: `Of${inCurrency(currency)}`, numeric: true, optional: true },
    { title: `Amount${inCurrency(currency)}`, numeric: true },
  ],
  rows: taxes.map((tax) => ({
    cells: NOT_ADDED.has(tax.relation ?? '')
      ? [[taxDetail(tax, currency), 'Not added to the total'], '', '']
      : [
          present(taxText(tax), tax.taxNumber && `Tax number ${tax.taxNumber}`),
          amountText(tax.basis, currency),
          amountText(
            tax.relation === 'delete' ? tax.amount && `-${tax.amount}` : tax.amount,
            currency,
          ),
        ],
  })),
})

/** How a tax counts where its amount is in the total already, or not at all. */
const NOT_ADDED: ReadonlySet<string> = new Set(['included', 'information'])
