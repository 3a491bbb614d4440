// What the amounts of an invoice must be by one another: line extension, taxes, totals. Partners differ in what they
// count (a line's charges within its amount or beside it, taxes told twice), so each way that is in use is right; what
// fits none is told and left as it is. Nothing is told where an amount is missing that would be needed.
import type { Invoice } from './canonical/document.js'
import type { AllowanceCharge, InvoiceLine, Price, Tax } from './canonical/invoice.js'
import type { Quantity } from './canonical/values.js'
import {
  atMost,
  difference,
  equal,
  magnitude,
  negated,
  product,
  quotient,
  rounded,
  sum,
} from './decimal.js'
import type { Mismatch } from './map.js'

/** A sum of amounts and how many of them have more decimals than the currency: each may have been rounded. */
interface Amount {
  readonly value: string
  readonly inexact: number
}

const ZERO: Amount = { value: '0', inexact: 0 }

/** Decimals of currencies that do not have two. ISO 4217. */
const DECIMALS: Readonly<Record<string, number>> = {
  ...{ CLP: 0, ISK: 0, JPY: 0, KRW: 0, PYG: 0, UGX: 0, VND: 0, XAF: 0, XOF: 0, XPF: 0 },
  ...{ BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3 },
}

/** How many decimals amounts of a currency have; without one, two. */
export const currencyDecimals = (currency = ''): number => DECIMALS[currency] ?? 2

const decimalsOf = ({ body }: Invoice): number => currencyDecimals(body.currency)

const half = (decimals: number) => (decimals === 0 ? '0.5' : `0.${'0'.repeat(decimals)}5`)

/** Whether a stated amount is a computed one, but for rounding: by half a unit for each amount that was rounded. */
function agrees(stated: string, { value, inexact }: Amount, decimals: number): boolean {
  const room = product(half(decimals), String(inexact === 0 ? 0 : inexact + 1))
  return atMost(magnitude(difference(stated, value)), room)
}

const add = (...amounts: readonly Amount[]): Amount => ({
  value: sum(amounts.map(({ value }) => value)),
  inexact: amounts.reduce((total, { inexact }) => total + inexact, 0),
})

/** All of them added, or undefined where one is not known. */
function addKnown(amounts: readonly (Amount | undefined)[]): Amount | undefined {
  const known = amounts.filter((amount) => amount !== undefined)
  return known.length === amounts.length ? add(...known) : undefined
}

const exactly = (value: string): Amount => ({ value, inexact: 0 })

function computed(value: string, decimals: number): Amount {
  return { value, inexact: equal(value, rounded(value, decimals)) ? 0 : 1 }
}

/** Rec 20 units that all say "one piece". */
const PIECES: ReadonlySet<string> = new Set(['EA', 'C62', 'H87', 'PCE'])

/** Quantity × price. Undefined where one is missing or the price is of another unit than was counted. */
function extension(
  quantity: Quantity | undefined,
  price: Price | undefined,
  decimals: number,
): Amount | undefined {
  if (price?.type === 'noCharge') return ZERO
  if (quantity === undefined || price === undefined) return undefined
  const { amount, basisQuantity = '1', basisUom } = price
  const isSameUnit =
    basisUom === undefined ||
    basisUom === quantity.uom ||
    (PIECES.has(basisUom) && PIECES.has(quantity.uom))
  if (!isSameUnit) return undefined
  const value = quotient(product(quantity.value, amount), basisQuantity)
  return value === undefined ? undefined : computed(value, decimals)
}

/** The amount of a line: as stated, else quantity × price, else that of its components. */
function lineAmount(line: InvoiceLine, decimals: number): Amount | undefined {
  if (line.lineAmount !== undefined) return exactly(line.lineAmount)
  if (line.unitPrice !== undefined) return extension(line.quantity, line.unitPrice, decimals)
  const parts = line.components?.filter(({ unitPrice }) => unitPrice !== undefined) ?? []
  if (parts.length === 0) return undefined
  return addKnown(parts.map(({ quantity, unitPrice }) => extension(quantity, unitPrice, decimals)))
}

/** The amount of a line in full decimals of the currency; undefined where nothing tells it. */
export function amountOfLine(line: InvoiceLine, currency?: string): string | undefined {
  const decimals = currencyDecimals(currency)
  const amount = line.lineAmount ?? lineAmount(line, decimals)?.value
  return amount === undefined ? undefined : rounded(amount, decimals)
}

/** Settlements by which an allowance or charge is part of the invoice's total. */
const SETTLED_HERE: ReadonlySet<string> = new Set([
  ...['offInvoice', 'customerPays', 'creditAccount', 'addToInvoice'],
])
/** Settlements by which it is not; of any other it is not known. */
const SETTLED_ELSEWHERE: ReadonlySet<string> = new Set([
  ...['billBack', 'vendorCheck', 'vendorPays', 'information', 'collect', 'prepaid'],
])

/** Whether an allowance or charge is part of the invoice's total; undefined where that is not known. */
export function isInTotal({ direction, settlement }: AllowanceCharge): boolean | undefined {
  if (direction === 'other') return undefined
  if (direction !== 'allowance' && direction !== 'charge') return false
  if (settlement === undefined || SETTLED_HERE.has(settlement)) return true
  return SETTLED_ELSEWHERE.has(settlement) ? false : undefined
}

/** The amount as stated, else rate × quantity. */
function ownAmount({ amount, rate, quantity }: AllowanceCharge, decimals: number) {
  if (amount !== undefined) return exactly(amount)
  return rate === undefined || quantity === undefined
    ? undefined
    : computed(product(rate, quantity.value), decimals)
}

/** The amount of an allowance or charge in full decimals of the currency; undefined where nothing tells it. */
export function amountOfCharge(of: AllowanceCharge, currency?: string): string | undefined {
  const decimals = currencyDecimals(currency)
  const amount = ownAmount(of, decimals)
  return amount === undefined || amount.inexact === 0
    ? amount?.value
    : rounded(amount.value, decimals)
}

/** What an allowance or charge does to the total. */
function effect(of: AllowanceCharge, decimals: number): Amount | undefined {
  const counts = isInTotal(of)
  if (counts !== true) return counts === undefined ? undefined : ZERO
  const value = ownAmount(of, decimals)
  if (value === undefined || of.direction === 'charge') return value
  return { ...value, value: negated(value.value) }
}

const effects = (list: readonly AllowanceCharge[] | undefined, decimals: number) =>
  addKnown((list ?? []).map((one) => effect(one, decimals)))

/** What taxes add to the total. */
function taxed(taxes: readonly Tax[]): Amount | undefined {
  return addKnown(
    taxes.map(({ amount, relation = 'add', rate, category }) => {
      if (relation === 'included' || relation === 'information') return ZERO
      if (amount === undefined) {
        const isFree = category !== undefined && category !== 'standard'
        return isFree || rate === undefined || equal(rate, '0') ? ZERO : undefined
      }
      return exactly(relation === 'delete' ? negated(amount) : amount)
    }),
  )
}

const chargeTaxes = (list: readonly AllowanceCharge[] | undefined): Tax[] =>
  (list ?? []).flatMap(({ taxes = [] }) => taxes)

/** Taxes told with lines, their components, allowances and charges. */
function lowerTaxes({ body }: Invoice): Tax[] {
  return [
    ...chargeTaxes(body.allowancesCharges),
    ...body.lines.flatMap(({ taxes = [], allowancesCharges, components = [] }) => [
      ...taxes,
      ...chargeTaxes(allowancesCharges),
      ...components.flatMap((part) => [
        ...(part.taxes ?? []),
        ...chargeTaxes(part.allowancesCharges),
      ]),
    ]),
  ]
}

const fits = (stated: string, ways: readonly (Amount | undefined)[], decimals: number) =>
  ways.some((way) => way === undefined || agrees(stated, way, decimals))

/** The line's amount against quantity × price, with or without its allowances and charges. */
export function checkLineAmount(line: InvoiceLine, invoice: Invoice): Mismatch | undefined {
  const stated = line.lineAmount
  const decimals = decimalsOf(invoice)
  const plain = extension(line.quantity, line.unitPrice, decimals)
  if (stated === undefined || plain === undefined) return undefined
  const charged = addKnown([plain, effects(line.allowancesCharges, decimals)])
  if (fits(stated, [plain, charged], decimals)) return undefined
  const expected = rounded(plain.value, decimals)
  return {
    text: `The amount of the line is ${stated}, but quantity × price is ${expected}.`,
    expected,
  }
}

/** Whether the stated amount of a line contains its allowances and charges; undefined where nothing tells it. */
export function isWithCharges(line: InvoiceLine, invoice: Invoice): boolean | undefined {
  const stated = line.lineAmount
  const decimals = decimalsOf(invoice)
  const plain = extension(line.quantity, line.unitPrice, decimals)
  const own = effects(line.allowancesCharges, decimals)
  if (stated === undefined || plain === undefined || own === undefined) return undefined
  if (agrees(stated, add(plain, own), decimals)) return true
  return agrees(stated, plain, decimals) ? false : undefined
}

/** A tax against its basis and rate; the rate may have been sent as a fraction of one. */
export function checkTaxAmount(tax: Tax, invoice: Invoice): Mismatch | undefined {
  const { amount, rate, basis } = tax
  if (amount === undefined || rate === undefined || basis === undefined) return undefined
  const decimals = decimalsOf(invoice)
  const asFraction = product(basis, rate)
  const asPercent = product(asFraction, '0.01')
  const ways = [asPercent, asFraction].map((value) => ({ value, inexact: 1 }))
  if (fits(magnitude(amount), ways.map(positive), decimals)) return undefined
  const expected = rounded(asPercent, decimals)
  return { text: `The tax is ${amount}, but ${rate} % of ${basis} are ${expected}.`, expected }
}

/** An allowance or charge against the percentage of the basis told with it. */
export function checkPercentage(of: AllowanceCharge, invoice: Invoice): Mismatch | undefined {
  const { amount, percent, basis } = of
  if (amount === undefined || percent === undefined || basis === undefined) return undefined
  const decimals = decimalsOf(invoice)
  const value = product(product(basis, percent), '0.01')
  if (fits(magnitude(amount), [positive({ value, inexact: 1 })], decimals)) return undefined
  const expected = rounded(value, decimals)
  return {
    text: `The amount is ${amount}, but ${percent} % of ${basis} are ${expected}.`,
    expected,
  }
}

/** The stated sum of the lines against the lines. */
export function checkLineTotal(invoice: Invoice): Mismatch | undefined {
  const stated = invoice.body.totals.lineTotal
  const decimals = decimalsOf(invoice)
  const plain = sumOfLines(invoice, decimals)
  if (stated === undefined || plain === undefined) return undefined
  const charged = addKnown([plain, lineEffects(invoice, decimals, () => true)])
  return fits(stated, [plain, charged], decimals)
    ? undefined
    : told('sum of the lines', stated, rounded(plain.value, decimals))
}

/** The stated sum of taxes against the taxes. */
export function checkTaxTotal(invoice: Invoice): Mismatch | undefined {
  const stated = invoice.body.totals.taxTotal
  const { taxes = [] } = invoice.body
  const all = taxes.length > 0 ? taxed(taxes) : taxed(lowerTaxes(invoice))
  if (stated === undefined || all === undefined) return undefined
  if (taxes.length === 0 && lowerTaxes(invoice).length === 0) return undefined
  const decimals = decimalsOf(invoice)
  return fits(stated, [all], decimals)
    ? undefined
    : told('sum of the taxes', stated, rounded(all.value, decimals))
}

/** The stated sum of allowances (or charges) of the whole invoice against them. */
export const checkSumOf =
  (direction: 'allowance' | 'charge') =>
  (invoice: Invoice): Mismatch | undefined => {
    const { totals, allowancesCharges = [], lines } = invoice.body
    const stated = direction === 'allowance' ? totals.allowanceTotal : totals.chargeTotal
    const decimals = decimalsOf(invoice)
    const ofDirection = (list: readonly AllowanceCharge[] = []) =>
      effects(
        list.filter((one) => one.direction === direction),
        decimals,
      )
    const whole = ofDirection(allowancesCharges)
    if (stated === undefined || whole === undefined) return undefined
    const withLines = addKnown([whole, ...lines.map((line) => ofDirection(line.allowancesCharges))])
    const value = magnitude(stated)
    if (fits(value, [positive(whole), withLines && positive(withLines)], decimals)) return undefined
    const expected = equal(whole.value, '0') && withLines ? withLines : whole
    return told(`sum of the ${direction}s`, stated, rounded(magnitude(expected.value), decimals))
  }

/** What a total is the sum of. `lowerTaxes` are those told with lines, allowances and charges. */
interface Parts {
  readonly lines: Amount
  readonly lineCharges: Amount
  readonly charges: Amount
  readonly taxes: Amount
  readonly lowerTaxes: Amount
}

/**
 * The ways to make the total: lines, then allowances and charges of the lines (where a line's stated amount does not
 * contain them), those of the whole, and the taxes (those of the whole are the sum of the others where there are both).
 * Undefined where something of it is not told; `isTold` says which taxes are asked for.
 */
function waysToTotal(
  invoice: Invoice,
  isTold: (tax: Tax) => boolean = () => true,
): readonly Parts[] | undefined {
  const { body } = invoice
  const decimals = decimalsOf(invoice)
  const lines = sumOfLines(invoice, decimals)
  const charges = effects(body.allowancesCharges, decimals)
  const all = lineEffects(invoice, decimals, () => true)
  const unstated = lineEffects(invoice, decimals, (line) => line.lineAmount === undefined)
  const upper = taxed((body.taxes ?? []).filter(isTold))
  const lower = taxed(lowerTaxes(invoice).filter(isTold))
  if (!lines || !charges || !all || !unstated || !upper) return undefined
  const hasUpper = (body.taxes ?? []).length > 0
  if (!hasUpper && !lower) return undefined
  const lowerWays = hasUpper ? [ZERO, ...(lower ? [lower] : [])] : [lower ?? ZERO]
  return lowerWays.flatMap((lowerTaxes) =>
    [unstated, all, ZERO].map((lineCharges) => ({
      ...{ lines, lineCharges, charges, taxes: upper, lowerTaxes },
    })),
  )
}

const totalOf = ({ lines, lineCharges, charges, taxes, lowerTaxes }: Parts) =>
  add(lines, lineCharges, charges, taxes, lowerTaxes)

const isCredit = ({ body }: Invoice) =>
  body.type === 'creditNote' || body.type === 'consolidatedCreditNote'

/** The stated total against what it is made of. */
export function checkGrandTotal(invoice: Invoice): Mismatch | undefined {
  const stated = invoice.body.totals.grandTotal
  const decimals = decimalsOf(invoice)
  const ways = waysToTotal(invoice)?.map(totalOf)
  if (ways === undefined) return undefined
  const value = isCredit(invoice) ? magnitude(stated) : stated
  if (fits(value, isCredit(invoice) ? ways.map(positive) : ways, decimals)) return undefined
  return told('total', stated, rounded(ways[0]!.value, decimals))
}

/** What the stated total is made of: decimal text with the sign it counts with. */
export type TotalParts = Readonly<Record<keyof Parts, string>> & {
  /** What of the stated total is in none of them. */
  readonly rest: string
}

/**
 * The way that gives the stated total, else the first there is. A tax of which no amount is told is left out, where
 * that gives the total. Undefined where amounts are not told that would be needed.
 */
export function partsOfTotal(invoice: Invoice): TotalParts | undefined {
  const stated = invoice.body.totals.grandTotal
  const decimals = decimalsOf(invoice)
  const ways = [
    ...(waysToTotal(invoice) ?? []),
    ...(waysToTotal(invoice, ({ amount }) => amount !== undefined) ?? []),
  ]
  const isIt = (one: Parts) => agrees(stated, totalOf(one), decimals)
  const way = ways.find(isIt) ?? ways[0]
  // Credit notes tell amounts with either sign: where they do not add up as they stand, nothing is made of them.
  if (way === undefined || (isCredit(invoice) && !isIt(way))) return undefined
  const { lines, lineCharges, charges, taxes, lowerTaxes } = way
  const text = ({ value }: Amount) => rounded(value, decimals)
  const rest = isIt(way) ? '0' : difference(stated, rounded(totalOf(way).value, decimals))
  return {
    lines: text(lines),
    lineCharges: text(lineCharges),
    charges: text(charges),
    taxes: text(taxes),
    lowerTaxes: text(lowerTaxes),
    rest,
  }
}

/** What is left to pay against the total and what was paid before. */
export function checkPayable(invoice: Invoice): Mismatch | undefined {
  const { payable, prepaid, grandTotal } = invoice.body.totals
  if (payable === undefined || prepaid === undefined) return undefined
  const expected = difference(grandTotal, prepaid)
  return fits(payable, [exactly(expected)], 2) ? undefined : told('rest to pay', payable, expected)
}

const positive = (amount: Amount): Amount => ({ ...amount, value: magnitude(amount.value) })

const told = (what: string, stated: string, expected: string): Mismatch => ({
  text: `The ${what} is said to be ${stated}, but the amounts make ${expected}.`,
  expected,
})

const sumOfLines = ({ body }: Invoice, decimals: number) =>
  addKnown(body.lines.map((line) => lineAmount(line, decimals)))

const lineEffects = ({ body }: Invoice, decimals: number, counts: (line: InvoiceLine) => boolean) =>
  addKnown(
    body.lines.filter(counts).map(({ allowancesCharges }) => effects(allowancesCharges, decimals)),
  )
