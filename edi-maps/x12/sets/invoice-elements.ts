// Element codecs that only invoices use, and the rows for taxes, allowances and charges that stand on several levels.
import type { Invoice } from '../../canonical/document.js'
import type { AllowanceCharge, InvoiceBody, Price, Tax } from '../../canonical/invoice.js'
import type { Reference } from '../../canonical/values.js'
import {
  code,
  codeFor,
  decimal,
  decimalOf,
  implied,
  keepCode,
  optionalCode,
  quantity,
  text,
  type Codec,
  type GroupCodec,
} from '../../elements.js'
import { checkPercentage, checkTaxAmount } from '../../invoice-arithmetic.js'
import { on, type Node, type Through } from '../../map.js'
import { extrasOf, makeExtras } from '../../path.js'
import {
  CHARGE_KIND,
  DIRECTION,
  INVOICE_KIND,
  PERCENT_OF,
  PRICE_KIND,
  PURPOSE,
  REFERENCE,
  RELATION,
  SETTLEMENT,
  TAX_CATEGORY,
  TAX_KIND,
  UNIT,
} from '../codes.js'

type InvoiceType = InvoiceBody['type']
type DocumentFunction = Invoice['function']

/** BIG08; without it the invoice is an original. */
export const purpose = optionalCode<DocumentFunction>(PURPOSE, 'original')

const plainType = optionalCode<InvoiceType>(INVOICE_KIND, 'invoice')

/** BIG07; without it an invoice. A code without a word of ours is told and gives `other`. */
export const invoiceType: GroupCodec<InvoiceType> = {
  ...plainType,
  decode([text = ''], report) {
    const word = INVOICE_KIND.word(text)
    if (word !== undefined && !word.startsWith('x12:')) return word as InvoiceType
    const meaning = INVOICE_KIND.meaning(text) ?? 'unknown'
    const what = `${INVOICE_KIND.title}: ${text} (${meaning}) has no canonical word.`
    report('code-not-mapped', { text: what, value: text })
    return 'other'
  },
}

/** CUR01 and CUR02 ⇄ currency; it is the seller's where nothing else was sent. */
export const currency: GroupCodec<string> = {
  width: 2,
  decode: ([, value = '']) => (/^[A-Z]{3}$/.test(value) ? value : undefined),
  encode: (value) => ['SE', value],
}

/** How 639 is worded in its list: `contract per 100`, `per 1 KGM`, `net`. */
const WORDING = /^([a-zA-Z]+)?(?: ?per (\d+)(?: ([A-Z0-9]+))?)?$/

function priceWords({ kind, type, basisQuantity, basisUom }: Price): string[] {
  const basis = basisQuantity ?? (basisUom === undefined ? undefined : '1')
  const unit = basisUom === undefined ? '' : ` ${basisUom}`
  const per = basis === undefined ? undefined : `per ${basis}${unit}`
  // What it counts for changes the amount, so it is said before what kind of price it is.
  const both = type === undefined || per === undefined ? undefined : `${type} ${per}`
  return [both, per, per === undefined ? (type ?? kind) : undefined].filter(
    (word) => word !== undefined,
  )
}

/** Unit price (R) and its basis (639) ⇄ Price. A code of no known basis becomes the price's type. */
export const price: GroupCodec<Price> = {
  width: 2,
  decode([amount = '', basis = '']) {
    const value = amount === '' ? undefined : decimalOf(amount)
    if (value === undefined) return undefined
    const word = basis === '' ? undefined : PRICE_KIND.word(basis)
    if (word === undefined) return { amount: value }
    const [, type, per, uom] = WORDING.exec(word) ?? [word, word]
    return {
      amount: value,
      ...(type === 'net' || type === 'gross' ? { kind: type } : type === undefined ? {} : { type }),
      ...(per === undefined || (per === '1' && uom !== undefined) ? {} : { basisQuantity: per }),
      ...(uom === undefined ? {} : { basisUom: uom }),
    }
  },
  encode(value, _kept, report) {
    const amount = decimal.encode(value.amount)
    const words = priceWords(value)
    const word = words.find((one) => PRICE_KIND.code(one) !== undefined)
    const found = word === undefined ? undefined : PRICE_KIND.code(word)
    const { type } = value
    if (type !== undefined && word?.startsWith(type) !== true) {
      const text = `${PRICE_KIND.title}: ${type} has no code beside the unit of the price.`
      report('code-not-mapped', { text, value: type, at: 1 })
    }
    if (amount === undefined || (found === undefined && value.basisQuantity !== undefined)) {
      return undefined
    }
    return [amount, found ?? '']
  },
}

const tax = on<Tax>()
const charge = on<AllowanceCharge>()

/** The checks take the invoice the engine has been reading or writing. */
const ofInvoice =
  <T>(check: (node: T, invoice: Invoice) => ReturnType<typeof checkTaxAmount>) =>
  (node: T, document: Node) =>
    check(node, document as unknown as Invoice)

const plainRelation = code(RELATION)
/** TXI07; a tax that is added needs no word. */
const taxRelation: Codec<string> = {
  ...plainRelation,
  decode(text, report) {
    const word = plainRelation.decode(text, report)
    return word === 'add' ? undefined : word
  },
}

/** TXI. */
export const taxFields = [
  tax.at(1, 'type', code(TAX_KIND)),
  tax.at(2, 'amount', decimal, { check: ofInvoice(checkTaxAmount) }),
  tax.at(3, 'rate', decimal),
  tax.at(6, 'category', code(TAX_CATEGORY)),
  tax.at(7, 'relation', taxRelation),
  tax.at(8, 'basis', decimal),
  tax.at(9, 'taxNumber', text),
]
export const newTax = (): Tax => ({ type: '' })

/** Taxes as a list, for any node that has `taxes`. */
export const taxes = on<{ taxes?: Tax[] }>().each('taxes', newTax, {}, taxFields)

/** 378 when it is not told what a percentage is of: the standard wants both or none. */
const OF_WHATEVER = 'Z'
const plainPercentOf = code(PERCENT_OF)

/** SAC06 and SAC07 ⇄ percentage and what it is of. */
const percentage: GroupCodec<Pick<AllowanceCharge, 'percent' | 'percentOf'>> = {
  width: 2,
  refs: [PERCENT_OF.element],
  decode([code = '', value = ''], report) {
    const percent = value === '' ? undefined : decimalOf(value)
    const percentOf =
      code === '' || code === OF_WHATEVER ? undefined : plainPercentOf.decode(code, report)
    if (percent === undefined && percentOf === undefined) return undefined
    return {
      ...(percent === undefined ? {} : { percent }),
      ...(percentOf === undefined ? {} : { percentOf }),
    }
  },
  encode({ percent, percentOf }) {
    const code = percentOf === undefined ? OF_WHATEVER : plainPercentOf.encode(percentOf)
    if (code === undefined) return undefined
    if (percent === undefined) return [percentOf === undefined ? '' : code, '']
    return [code, decimal.encode(percent) ?? '']
  },
}

/** SAC. */
export const chargeFields = [
  charge.at(1, 'direction', code(DIRECTION)),
  charge.at(2, 'kind', code(CHARGE_KIND)),
  charge.at(5, 'amount', implied(2), { check: ofInvoice(checkPercentage) }),
  charge.spread([6, 7], percentage),
  charge.at(8, 'rate', decimal),
  charge.group([10, 9], 'quantity', quantity(UNIT)),
  charge.at(12, 'settlement', code(SETTLEMENT)),
  charge.at(13, 'reference', text),
  charge.at(15, 'description', text),
]
export const newCharge = (): AllowanceCharge => ({ direction: 'none' })

/** Which reference of an invoice stands in its CAD: the one that remembers to have come from there. */
const CARRIER_REFERENCE = 'CAD'
export const carrierReference: Through<Invoice, Reference> = {
  get: ({ references }) =>
    references.find((one) => {
      const at = extrasOf(one, 'x12')?.['at']
      return Array.isArray(at) && at.includes(CARRIER_REFERENCE)
    }),
  set({ references }, one) {
    makeExtras(one, 'x12')['at'] = [CARRIER_REFERENCE]
    references.push(one)
  },
}

/** Reference qualifier and number ⇄ reference. */
export const referencePair: GroupCodec<Reference> = {
  width: 2,
  decode([qualifier = '', value = '']) {
    const type = qualifier === '' ? undefined : REFERENCE.word(qualifier)
    if (type === undefined || value === '') return undefined
    const found: Reference = { type, value }
    keepCode(found, 'x12', REFERENCE, type, qualifier)
    return found
  },
  encode(value) {
    const qualifier = codeFor(value, 'x12', REFERENCE, value.type)
    return qualifier === undefined ? undefined : [qualifier, value.value]
  },
}
