// When an invoice is to be paid, in words.
import type { Invoice } from '../canonical/document.js'
import type { InvoiceBody, PaymentTerms } from '../canonical/invoice.js'
import { TERMS_FROM, TERMS_KIND } from '../x12/codes.js'
import { alsoSentText } from './also-sent.js'
import { dateText } from './date-text.js'
import { isNumber, moneyText } from './number-text.js'
import { joined } from './page.js'
import { lowered, meant, spoken } from './wording.js'

/** Kinds that say no more than that these are payment terms. */
const PLAIN: ReadonlySet<string> = new Set(['basic', 'discount'])

/** All one set of terms says, in one line. */
export function termsText(terms: PaymentTerms, { currency }: InvoiceBody): string {
  const { discountPercent, discountAmount, discountDays, discountDue } = terms
  const { kind, from, netDays, netDue, text } = terms
  const amount = discountAmount === undefined ? undefined : moneyText(discountAmount, currency)
  const off =
    discountPercent === undefined
      ? amount
      : joined([`${discountPercent} %`, amount && `(${amount})`], ' ')
  const early = within(discountDays, discountDue, from)
  const net = within(netDays, netDue, from)
  const said = joined(
    [
      off === undefined ? undefined : `${off} off when paid ${early}`.trimEnd(),
      net === '' ? undefined : `all to be paid ${net}`,
      text,
      ...alsoSentText(terms).map(lowered),
    ],
    '; ',
  )
  const isNamed = kind !== undefined && (said === '' || !PLAIN.has(kind))
  return joined([isNamed ? spoken(kind, TERMS_KIND) : undefined, said], ': ')
}

/** `by 29 January 2026 (30 days from date of the invoice)`. */
function within(days: number | undefined, due: string | undefined, from: string | undefined) {
  const counting = from === undefined ? '' : ` from ${meant(from, TERMS_FROM)}`
  const after = days === undefined ? undefined : `${days} days${counting}`
  if (due === undefined) return after === undefined ? '' : `within ${after}`
  return joined([`by ${dateText(due)}`, after && `(${after})`], ' ')
}

/** Until when the whole is to be paid, as the end of a sentence and, where the terms do not agree, one of its own. */
export function dueText({ documentDate, body }: Invoice): { by: string; conflict?: string } {
  const dates = (body.terms ?? []).flatMap((terms) => dueDate(terms, documentDate) ?? [])
  const [first, ...others] = [...new Set(dates)].sort()
  if (first === undefined) return { by: '' }
  if (others.length === 0) return { by: ` by ${dateText(first)}` }
  return {
    by: '',
    conflict:
      'The terms of payment name different dates, ' +
      `the earliest is ${dateText(first)}: ask which of them holds.`,
  }
}

/** The date told, or that which the days from the invoice's own give. */
function dueDate({ netDue, netDays, from }: PaymentTerms, invoiceDate: string): string | undefined {
  if (netDue !== undefined) return isDate(netDue) ? netDue : undefined
  if (netDays === undefined || from !== 'invoiceDate' || !isDate(invoiceDate.slice(0, 10)))
    return undefined
  const [year = 0, month = 1, day = 1] = invoiceDate.slice(0, 10).split('-').map(Number)
  return new Date(Date.UTC(year, month - 1, day + netDays)).toISOString().slice(0, 10)
}

const isDate = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text)

/** What may be taken off for paying early. */
export function earlyText({ terms = [] }: InvoiceBody): string {
  const early = terms.find(
    ({ discountPercent, discountDue, discountDays }) =>
      discountPercent !== undefined && (discountDue ?? discountDays) !== undefined,
  )
  if (early?.discountPercent === undefined || !isNumber(early.discountPercent)) return ''
  const { discountPercent, discountDays, discountDue, from } = early
  return ` Who pays ${within(discountDays, discountDue, from)} may take off ${discountPercent} %.`
}
