// Quantities with their unit, amounts with their currency.
import type { Quantity } from '../canonical/values.js'
import { currencyDecimals } from '../invoice-arithmetic.js'
import { UNIT } from '../x12/codes.js'

/** Measures people know by their symbol (UN/ECE Rec 20). */
const SYMBOLS: Readonly<Record<string, string>> = {
  KGM: 'kg',
  GRM: 'g',
  TNE: 't',
  LBR: 'lb',
  ONZ: 'oz',
  MTR: 'm',
  CMT: 'cm',
  MMT: 'mm',
  INH: 'in',
  FOT: 'ft',
  MTK: 'm²',
  FTK: 'sq ft',
  MTQ: 'm³',
  CMQ: 'cm³',
  DMQ: 'dm³',
  FTQ: 'cu ft',
  INQ: 'cu in',
  LTR: 'l',
  MLT: 'ml',
  P1: '%',
}

/** Words that are the same for one and for several. */
const INVARIABLE: ReadonlySet<string> = new Set(['each', 'dozen', 'hundred', 'thousand'])

/** `XCT` → `carton`; a unit no list knows stays a code. */
function unitName(uom: string): string {
  const code = UNIT.code(uom)
  const means = code === undefined ? undefined : UNIT.meaning(code)
  return means?.split(/[;,]/)[0] ?? uom
}

/** `box` → `boxes`. */
export function plural(name: string): string {
  if (INVARIABLE.has(name) || !/^[a-z ]+$/.test(name)) return name
  const [head = '', ...rest] = name.split(/(?= of )/)
  return `${/(?:s|x|ch|sh)$/.test(head) ? `${head}es` : `${head}s`}${rest.join('')}`.replace(
    'foots',
    'feet',
  )
}

export function unitText(uom: string, value = '2'): string {
  if (Object.hasOwn(SYMBOLS, uom)) return SYMBOLS[uom]!
  const name = unitName(uom)
  return value === '1' ? name : plural(name)
}

/** `12 cartons`, `41.5 lb`; without a quantity nothing. */
export const quantityText = (quantity: Pick<Quantity, 'value' | 'uom'> | undefined): string =>
  quantity === undefined
    ? ''
    : !isNumber(quantity.value) || quantity.uom === ''
      ? quantity.value
      : `${grouped(quantity.value)} ${unitText(quantity.uom, quantity.value)}`

/** `1200` → `1,200`. */
export const numberText = (value: string): string => (isNumber(value) ? grouped(value) : value)

/** Of a document that was refused a number may be a text that says that it could not be read. */
export const isNumber = (text: string): boolean => /^-?\d+(?:\.\d+)?$/.test(text)

/** `1234.5` → `1,234.50`; all decimals that were sent are shown. */
export function amountText(value: string | undefined, currency?: string): string {
  if (value === undefined) return ''
  if (!isNumber(value)) return value
  const [whole = '', fraction = ''] = value.split('.')
  const decimals = fraction.padEnd(currencyDecimals(currency), '0')
  return grouped(decimals === '' ? whole : `${whole}.${decimals}`)
}

/** The same with its currency. */
export const moneyText = (value: string, currency: string | undefined): string =>
  currency === undefined || !isNumber(value)
    ? amountText(value)
    : `${amountText(value, currency)} ${currency}`

/** Thousands apart. */
const grouped = (value: string): string => {
  const [whole = '', fraction] = value.split('.')
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? apart : `${apart}.${fraction}`
}
