// MOA of the summary: which of several amounts is the total of the invoice. Partners put it into 77, 86, 39, 388,
// 9 or 128; the first of them that came, in that order, is it, and goes back to where it came from.
import type { Invoice } from '../../canonical/document.js'
import {
  checkGrandTotal,
  checkLineTotal,
  checkPayable,
  checkSumOf,
  checkTaxTotal,
} from '../../invoice-arithmetic.js'
import type { GroupCodec } from '../../elements.js'
import { on, type BindingOf, type Mismatch, type Through } from '../../map.js'
import { extrasOf, makeExtras } from '../../path.js'
import { dropEmptyExtras } from '../../places.js'
import { number } from '../elements.js'
import { amountOf } from './invoice-elements.js'

const invoice = on<Invoice>()

const INVOICE_AMOUNT = '77'
const AMOUNT_DUE = '9'
/** 5025 of the total, the likeliest first. */
const TOTALS = [INVOICE_AMOUNT, '86', '39', '388', AMOUNT_DUE, '128'] as const

/** Keys in the extras: amounts that are not the total, by code; the total's own code where it is not the usual one. */
const AMOUNTS = 'totals'
const CODE = 'grandTotal'

const amountsOf = (of: Invoice) =>
  extrasOf(of, 'edifact')?.[AMOUNTS] as Record<string, string> | undefined
const codeOf = (of: Invoice) => extrasOf(of, 'edifact')?.[CODE] ?? INVOICE_AMOUNT

const total = (code: string): Through<Invoice, string> => ({
  get(of) {
    const { totals } = of.body
    if (code === codeOf(of)) return totals.grandTotal
    return code === AMOUNT_DUE ? totals.payable : amountsOf(of)?.[code]
  },
  set(of, value) {
    const extras = makeExtras(of, 'edifact')
    extras[AMOUNTS] = { ...amountsOf(of), [code]: value }
  },
})

const plain: GroupCodec<string> = {
  width: 1,
  unreadable: 'number-invalid',
  decode: ([value = ''], report) => number.decode(value, report),
  encode: (value) => [value],
}

/** The amount due is the total or what is left of it; the others beside another total are not compared. */
const check =
  (code: string) =>
  (of: Invoice): Mismatch | undefined =>
    code === codeOf(of) ? checkGrandTotal(of) : code === AMOUNT_DUE ? checkPayable(of) : undefined

export const totals: readonly BindingOf<Invoice>[] = [
  invoice.self(
    { when: { '1-1': '79' } },
    invoice.at('1-2', 'body.totals.lineTotal', number, { check: checkLineTotal }),
  ),
  invoice.self(
    { when: { '1-1': '260' } },
    invoice.at('1-2', 'body.totals.allowanceTotal', number, { check: checkSumOf('allowance') }),
  ),
  invoice.self(
    { when: { '1-1': '259' } },
    invoice.at('1-2', 'body.totals.chargeTotal', number, { check: checkSumOf('charge') }),
  ),
  invoice.self({ when: { '1-1': '125' } }, invoice.at('1-2', 'body.totals.taxBasis', number)),
  invoice.self(
    { when: { '1-1': ['176', '124'] } },
    invoice.group(['1-1', '1-2'], 'body.totals.taxTotal', amountOf('176', '124'), {
      check: checkTaxTotal,
    }),
  ),
  ...TOTALS.map((code) =>
    invoice.self(
      { when: { '1-1': code } },
      invoice.through(['1-2'], 'body.totals.grandTotal', total(code), plain, {
        check: check(code),
      }),
    ),
  ),
  invoice.self({ when: { '1-1': '113' } }, invoice.at('1-2', 'body.totals.prepaid', number)),
  invoice.self({ when: { '1-1': '129' } }, invoice.at('1-2', 'body.totals.discountable', number)),
  invoice.self({ when: { '1-1': '52' } }, invoice.at('1-2', 'body.totals.termsDiscount', number)),
]

/** Chooses the total among the amounts read. */
export function settleTotals(of: Invoice): void {
  const amounts = amountsOf(of)
  const found = TOTALS.find((code) => amounts?.[code] !== undefined)
  if (amounts === undefined || found === undefined) return
  const extras = makeExtras(of, 'edifact')
  const { [found]: grandTotal, ...others } = amounts
  const { [AMOUNT_DUE]: payable, ...rest } = others
  of.body.totals = {
    ...of.body.totals,
    grandTotal: grandTotal!,
    ...(payable === undefined ? {} : { payable }),
  }
  if (found !== INVOICE_AMOUNT) extras[CODE] = found
  if (Object.keys(rest).length > 0) extras[AMOUNTS] = rest
  else delete extras[AMOUNTS]
  dropEmptyExtras(of, 'edifact')
}
