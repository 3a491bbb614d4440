// When amounts of an invoice contradict each other, and when they only seem to.
import { describe, expect, test } from '@jest/globals'
import type { Invoice } from '../../edi-maps/canonical/document.js'
import type { InvoiceBody, InvoiceLine } from '../../edi-maps/canonical/invoice.js'
import {
  checkGrandTotal,
  checkLineAmount,
  checkLineTotal,
  checkPayable,
  checkTaxAmount,
} from '../../edi-maps/invoice-arithmetic.js'

type Totals = InvoiceBody['totals']

const line = (quantity: string, price: string, more: Partial<InvoiceLine> = {}): InvoiceLine => ({
  productIds: [],
  quantity: { value: quantity, uom: 'EA' },
  unitPrice: { amount: price },
  ...more,
})

const invoice = (
  grandTotal: string,
  lines: InvoiceLine[],
  more: Partial<InvoiceBody> = {},
  totals: Partial<Totals> = {},
): Invoice => ({
  kind: 'invoice',
  version: 1,
  function: 'original',
  documentNumber: 'INV-1',
  documentDate: '2026-01-02',
  parties: [],
  references: [],
  dates: [],
  notes: [],
  body: { type: 'invoice', lines, totals: { grandTotal, ...totals }, ...more },
})

const charge = (amount: string) => ({ direction: 'charge' as const, amount })
const allowance = (amount: string) => ({ direction: 'allowance' as const, amount })

describe('the total agrees', () => {
  test.each<[string, Invoice]>([
    ['with the sum of the lines', invoice('25', [line('2', '12.5')])],
    ['whatever the zeros at its end', invoice('25.00', [line('2', '12.50')])],
    [
      'when lines were rounded one by one',
      invoice('3.34', [line('1', '1.665'), line('1', '1.665')]),
    ],
    ['when the sum was rounded', invoice('3.33', [line('1', '1.665'), line('1', '1.665')])],
    ['in a currency without decimals', invoice('334', [line('3', '111.4')], { currency: 'JPY' })],
    [
      'with a price of a hundred',
      invoice('31.25', [line('250', '0', { unitPrice: { amount: '12.5', basisQuantity: '100' } })]),
    ],
    [
      'with charges added and allowances taken off',
      invoice('26', [line('1', '20')], { allowancesCharges: [charge('8'), allowance('2')] }),
    ],
    [
      'without what is billed back later',
      invoice('20', [line('1', '20')], {
        allowancesCharges: [{ ...allowance('2'), settlement: 'billBack' }],
      }),
    ],
    [
      'with charges of a line',
      invoice('21', [line('1', '20', { allowancesCharges: [charge('1')] })]),
    ],
    [
      'with charges that the stated amount of a line contains',
      invoice('21', [line('1', '20', { lineAmount: '21', allowancesCharges: [charge('1')] })]),
    ],
    [
      'with taxes of the whole that are the sum of those of the lines',
      invoice('11', [line('1', '10', { taxes: [{ type: 'vat', amount: '1' }] })], {
        taxes: [{ type: 'vat', amount: '1' }],
      }),
    ],
    [
      'without a tax that the prices contain',
      invoice('10', [line('1', '10')], {
        taxes: [{ type: 'vat', amount: '1', relation: 'included' }],
      }),
    ],
    [
      'in a credit note, with either sign',
      invoice('-10', [line('1', '10')], { type: 'creditNote' }),
    ],
    ['where a line has no price', invoice('99', [{ productIds: [] }])],
    [
      'where a price is of another unit than was counted',
      invoice('99', [line('24', '6', { unitPrice: { amount: '6', basisUom: 'DZN' } })]),
    ],
    [
      'where only a percentage is told',
      invoice('99', [line('1', '10')], {
        allowancesCharges: [{ direction: 'allowance', percent: '5' }],
      }),
    ],
  ])('%s', (_, of) => expect(checkGrandTotal(of)).toBeUndefined())
})

describe('the total contradicts', () => {
  test.each<[string, Invoice, string]>([
    ['the lines', invoice('25.01', [line('2', '12.5')]), '25.00'],
    [
      'lines that were rounded, by more than rounding',
      invoice('3.36', [line('1', '1.665'), line('1', '1.665')]),
      '3.33',
    ],
    [
      'a charge that was forgotten',
      invoice('20', [line('1', '20')], { allowancesCharges: [charge('8')] }),
      '28.00',
    ],
    [
      'a tax that was forgotten',
      invoice('10', [line('1', '10')], { taxes: [{ type: 'vat', amount: '1' }] }),
      '11.00',
    ],
    ['an invoice with a sign it cannot have', invoice('-10', [line('1', '10')]), '10.00'],
  ])('%s', (_, of, expected) => expect(checkGrandTotal(of)?.expected).toBe(expected))
})

test('the amount of a line is quantity × price, with or without its charges', () => {
  const of = (lineAmount: string) =>
    checkLineAmount(
      line('3', '3.333', { lineAmount, allowancesCharges: [charge('1')] }),
      invoice('0', []),
    )
  expect(of('10.00')).toBeUndefined()
  expect(of('9.99')).toBeUndefined()
  expect(of('11.00')).toBeUndefined()
  expect(of('10.50')?.expected).toBe('10.00')
})

test('the sum of the lines is compared with the lines', () => {
  const of = (lineTotal: string) =>
    checkLineTotal(invoice('0', [line('2', '5')], {}, { lineTotal }))
  expect(of('10.0')).toBeUndefined()
  expect(of('11')?.expected).toBe('10.00')
})

test('a tax is a percentage of its basis, the percentage told as 7 or as 0.07', () => {
  const of = (amount: string, rate: string) =>
    checkTaxAmount({ type: 'vat', amount, rate, basis: '99.99' }, invoice('0', []))
  expect(of('7.00', '7')).toBeUndefined()
  expect(of('7.00', '0.07')).toBeUndefined()
  expect(of('-7.00', '7')).toBeUndefined()
  expect(of('7.10', '7')?.expected).toBe('7.00')
})

test('what is left to pay is the total less what was paid before', () => {
  const of = (payable: string) => checkPayable(invoice('100', [], {}, { prepaid: '30', payable }))
  expect(of('70')).toBeUndefined()
  expect(of('60')?.expected).toBe('70')
})
