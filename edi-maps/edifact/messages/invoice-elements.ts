// What invoices have beside goods: kinds of invoices, amounts (MOA), prices (PRI), taxes (TAX), allowances and charges
// (ALC). The same in every directory but for how often a segment may come.
import type { Invoice } from '../../canonical/document.js'
import type {
  AllowanceCharge,
  InvoiceBody,
  InvoiceLine,
  Price,
  Tax,
} from '../../canonical/invoice.js'
import type { CodeList } from '../../code-list.js'
import { code, optionalCode, text, type GroupCodec } from '../../elements.js'
import { checkPercentage, checkTaxAmount } from '../../invoice-arithmetic.js'
import {
  bind,
  on,
  type FieldOf,
  type Mismatch,
  type Node,
  type SlotOf,
  type Through,
} from '../../map.js'
import {
  AGREEMENT_KIND,
  DIRECTION,
  INVOICE_KIND,
  PERCENT_OF,
  PRICE_KIND,
  SERVICE_KIND,
  SETTLEMENT,
  TAX_CATEGORY,
  TAX_KIND,
} from '../codes.js'
import { number } from '../elements.js'
import { groupOf } from '../structure.js'
import { fixed } from './fixed.js'
import { quantityOf } from './line-measures.js'

type InvoiceType = InvoiceBody['type']

/** A code of a list ⇄ one of a closed set of words. A code without a word of ours is told and gives `other`. */
function knownOrOther<W extends string>(list: CodeList): GroupCodec<W | 'other'> {
  return {
    width: 1,
    refs: [list.element],
    decode([value = ''], report) {
      const word = list.word(value)
      if (word !== undefined && !word.startsWith('edifact:')) return word as W
      report('code-not-mapped', { text: `${list.title}: ${value} is not known here.`, value })
      return 'other'
    },
    encode(word) {
      const usual = list.code(word)
      return usual === undefined ? undefined : [usual]
    },
  }
}

/** 1001 ⇄ type of the invoice. */
export const invoiceType = knownOrOther<InvoiceType>(INVOICE_KIND)

/** The checks take the invoice the engine has been reading or writing. */
export const ofInvoice =
  <T>(check: (node: T, invoice: Invoice) => Mismatch | undefined) =>
  (node: T, document: Node) =>
    check(node, document as unknown as Invoice)

/** Qualifier (5025) and amount (5004) ⇄ amount, for the qualifiers given; the first is written. */
export const amountOf = (...kinds: readonly [string, ...string[]]): GroupCodec<string> => ({
  width: 2,
  refs: ['5025', undefined],
  unreadable: 'number-invalid',
  decode: ([kind = '', value = ''], report) =>
    kinds.includes(kind) && value !== '' ? number.decode(value, report) : undefined,
  encode: (value, [kept]) => [kept !== undefined && kinds.includes(kept) ? kept : kinds[0], value],
})

const PRICES: readonly (readonly [code: string, kind: Price['kind']])[] = [
  ['AAA', 'net'],
  ['AAB', 'gross'],
  ['INV', undefined],
]

/** C509: qualifier, amount, kind, basis and its unit ⇄ Price. */
const price: GroupCodec<Price> = {
  width: 5,
  unreadable: 'number-invalid',
  decode([qualifier = '', value = '', type = '', basis = '', uom = ''], report) {
    const amount = value === '' ? undefined : number.decode(value, report)
    const per = basis === '' ? undefined : number.decode(basis, report)
    if (amount === undefined) return undefined
    const kind = PRICES.find(([code]) => code === qualifier)?.[1]
    const word = type === '' ? undefined : PRICE_KIND.word(type)
    return {
      amount,
      ...(kind === undefined ? {} : { kind }),
      ...(word === undefined ? {} : { type: word }),
      ...(per === undefined || (per === '1' && uom !== '') ? {} : { basisQuantity: per }),
      ...(uom === '' ? {} : { basisUom: uom }),
    }
  },
  encode({ amount, kind, type, basisQuantity, basisUom = '' }, _kept, report) {
    const qualifier = PRICES.find(([, known]) => known === kind)![0]
    const word = wordOrNone(PRICE_KIND, type, report)
    return [qualifier, amount, word, basisQuantity ?? (basisUom === '' ? '' : '1'), basisUom]
  },
}

type Report = Parameters<GroupCodec<string>['encode']>[2]

/** The code of a word; a word that cannot be said is told and left out. */
function wordOrNone(list: CodeList, word: string | undefined, report: Report): string {
  const found = word === undefined ? '' : list.code(word)
  if (found === undefined) {
    report('code-not-mapped', { text: `${list.title}: ${word} has no code.`, value: word! })
  }
  return found ?? ''
}

const line = on<InvoiceLine>()
const PRICE_POSITIONS = ['1-1', '1-2', '1-3', '1-5', '1-6'] as const

/** The gross price beside a net one, or alone. `settlePrices` puts a single one to its place. */
const grossPrice: Through<InvoiceLine, Price> = {
  get: ({ unitPrice, otherPrice }) =>
    otherPrice ?? (unitPrice?.kind === 'gross' ? unitPrice : undefined),
  set(of, value) {
    of.otherPrice = value
  },
}
const netPrice: Through<InvoiceLine, Price> = {
  get: ({ unitPrice }) => (unitPrice?.kind === 'gross' ? undefined : unitPrice),
  set(of, value) {
    of.unitPrice = value
  },
}

/** PRI AAA or INV, and AAB; other prices are kept. */
export const prices = [
  line.self(
    { when: { '1-1': ['AAA', 'INV'] } },
    line.through(PRICE_POSITIONS, 'unitPrice', netPrice, price),
  ),
  line.self(
    { when: { '1-1': 'AAB' } },
    line.through(PRICE_POSITIONS, 'otherPrice', grossPrice, price),
  ),
]

/** A line with only a gross price is priced by it. */
export function settlePrices(lines: readonly InvoiceLine[]): void {
  for (const of of lines) {
    if (of.unitPrice !== undefined || of.otherPrice === undefined) continue
    of.unitPrice = of.otherPrice
    delete of.otherPrice
  }
}

const tax = on<Tax>()
const UNSPECIFIED = 'unspecified'
const taxType = optionalCode(TAX_KIND, UNSPECIFIED)
const amount = tax.self(
  { when: { '1-1': '124' } },
  tax.at('1-2', 'amount', number, { check: ofInvoice(checkTaxAmount) }),
)
const basis = tax.self({ when: { '1-1': '125' } }, tax.at('1-2', 'basis', number))
const basisElement = tax.at(4, 'basis', number, { alternative: true })

/**
 * TAX; its amount and basis are MOA 124 and 125. Where only one MOA may follow (lines of D.96A) the basis stands in TAX
 * itself. 5283 is 7: a tax.
 */
export const taxFields = (isBasisInTax = false): FieldOf<Tax>[] => [
  fixed(1, '7'),
  tax.group(['2-1'], 'type', taxType),
  isBasisInTax ? tax.at(4, 'basis', number) : basisElement,
  tax.at('5-4', 'rate', number),
  tax.at(6, 'category', code(TAX_CATEGORY)),
  tax.at(7, 'taxNumber', text),
]
export const newTax = (): Tax => ({ type: UNSPECIFIED })

/** The slots after TAX. */
export const taxBody = (structure: readonly SlotOf<unknown>[], isBasisInTax = false) =>
  bind<Tax>(structure, {
    MOA: isBasisInTax
      ? [
          amount,
          tax.self(
            { when: { '1-1': '125' } },
            tax.at('1-2', 'basis', number, { alternative: true }),
          ),
        ]
      : [amount, basis],
  })

/** Taxes as a list, for any node that has `taxes`; `structure` is that of the group they stand in. */
export function taxes(structure: readonly SlotOf<unknown>[]) {
  const body = groupOf(structure, 'TAX')
  const isBasisInTax = body.some(({ tag, max }) => tag === 'MOA' && max === 1)
  return on<{ taxes?: Tax[] }>().each(
    'taxes',
    newTax,
    {},
    taxFields(isBasisInTax),
    taxBody(body, isBasisInTax),
  )
}

const charge = on<AllowanceCharge>()

/** 5189 and 7161 ⇄ what an allowance or charge is for: a service, or what was agreed. */
const chargeKind: GroupCodec<string> = {
  width: 2,
  refs: [AGREEMENT_KIND.element, SERVICE_KIND.element],
  decode: ([agreement = '', service = '']) =>
    service !== ''
      ? SERVICE_KIND.word(service)
      : agreement === ''
        ? undefined
        : AGREEMENT_KIND.word(agreement),
  encode(word, _kept, report) {
    const agreement = AGREEMENT_KIND.code(word)
    const service = SERVICE_KIND.code(word)
    if (service !== undefined) return ['', service]
    if (agreement !== undefined) return [agreement, '']
    return ['', wordOrNone(SERVICE_KIND, word, report)]
  },
}

/** A text of 7160 twice. */
const serviceText: GroupCodec<string> = {
  width: 2,
  decode: ([first = '', second = '']) => first + second,
  encode: (value) =>
    value.length > 2 * SERVICE ? undefined : [value.slice(0, SERVICE), value.slice(SERVICE)],
}
const SERVICE = 35

interface Signed {
  readonly direction: string | undefined
  readonly value: string
}

/** Qualifier 1 of an allowance or 2 of a charge, and a number. */
const signed: GroupCodec<Signed> = {
  width: 2,
  unreadable: 'number-invalid',
  decode([qualifier = '', sent = ''], report) {
    const direction = { '1': 'allowance', '2': 'charge' }[qualifier]
    const value = sent === '' ? undefined : number.decode(sent, report)
    return direction === undefined || value === undefined ? undefined : { direction, value }
  },
  encode: ({ direction, value }) => [direction === 'charge' ? '2' : '1', value],
}
const signedBy = (key: 'percent' | 'rate'): Through<AllowanceCharge, Signed> => ({
  get({ direction, [key]: value }) {
    return value === undefined ? undefined : { direction, value }
  },
  set(of, { value }) {
    of[key] = value
  },
})

/** ALC. */
export const chargeFields = [
  charge.group([1], 'direction', knownOrOther<AllowanceCharge['direction']>(DIRECTION)),
  charge.at('2-1', 'reference', text),
  charge.group(['2-2', '5-1'], 'kind', chargeKind),
  charge.at(3, 'settlement', code(SETTLEMENT)),
  charge.group(['5-4', '5-5'], 'description', serviceText),
]
export const newCharge = (): AllowanceCharge => ({ direction: 'none' })

/** The slots after ALC. */
export const chargeBody = (structure: readonly SlotOf<unknown>[]) =>
  bind<AllowanceCharge>(structure, {
    QTY: [
      charge.self(
        { when: { '1-1': ['1', '47'] } },
        charge.group(['1-1', '1-2', '1-3'], 'quantity', quantityOf('1', '47')),
      ),
    ],
    PCD: [
      charge.self(
        {},
        charge.through(['1-1', '1-2'], 'percent', signedBy('percent'), signed),
        charge.at('1-3', 'percentOf', code(PERCENT_OF)),
      ),
    ],
    MOA: [
      charge.self(
        { when: { '1-1': ['8', '204', '23'] } },
        charge.group(['1-1', '1-2'], 'amount', amountOf('8', '204', '23'), {
          check: ofInvoice(checkPercentage),
        }),
      ),
      charge.self({ when: { '1-1': '25' } }, charge.at('1-2', 'basis', number)),
    ],
    RTE: [charge.self({}, charge.through(['1-1', '1-2'], 'rate', signedBy('rate'), signed))],
    TAX: [taxes(structure)],
  })
