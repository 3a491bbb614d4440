// INVOIC invoice ⇄ invoice, in D.96A and D.01B as the UN and EANCOM have them. Credit and debit notes are invoices of
// another type (BGM 381, 383). What no canonical value is made of is kept where it stands.
import type { Invoice } from '../../canonical/document.js'
import type { InvoiceLine } from '../../canonical/invoice.js'
import { text, type Codec } from '../../elements.js'
import { checkLineAmount } from '../../invoice-arithmetic.js'
import { bind, on, type Node, type TransactionMap } from '../../map.js'
import { localDate, number } from '../elements.js'
import { groupOf, structureOf } from '../structure.js'
import { fixed } from './fixed.js'
import { beginningWith, createDocument, messageDate } from './header.js'
import {
  amountOf,
  chargeBody,
  chargeFields,
  invoiceType,
  newCharge,
  newTax,
  ofInvoice,
  prices,
  settlePrices,
  taxBody,
  taxFields,
  taxes,
} from './invoice-elements.js'
import { settleTotals, totals } from './invoice-totals.js'
import {
  articleOfLine,
  description,
  moreArticles,
  settleLines,
  type Release,
} from './line-items.js'
import { quantityOf } from './line-measures.js'
import { partyGroup } from './party.js'
import { paymentTerms } from './payment-terms.js'
import { REFERENCE_DATE, dates, notes, references } from './references.js'
import { lineCount, summaryBegins } from './summary.js'
import { carriageGroups } from './transport.js'

const invoice = on<Invoice>()
const line = on<InvoiceLine>()

const newLine = (): InvoiceLine => ({ productIds: [] })

/** 6345: ISO 4217. */
const currency: Codec<string> = {
  decode: (value) => (/^[A-Z]{3}$/.test(value) ? value : undefined),
  encode: (value) => value,
}

const counted = (
  kind: readonly [string, ...string[]],
  path: 'quantity' | 'quantityDelivered' | 'quantityShipped' | 'quantityFree',
) =>
  line.self(
    { when: { '1-1': kind } },
    line.group(['1-1', '1-2', '1-3'], path, quantityOf(...kind), { required: 'ifSent' }),
  )

function lineSlots(release: Release) {
  const structure = groupOf(structureOf('INVOIC', release), 'LIN')
  const charge = groupOf(structure, 'ALC')
  return bind<InvoiceLine>(structure, {
    PIA: [moreArticles(release)],
    IMD: [description],
    QTY: [
      counted(['47'], 'quantity'),
      counted(['46'], 'quantityDelivered'),
      counted(['12'], 'quantityShipped'),
      counted(['192'], 'quantityFree'),
      line.self({ when: { '1-1': '59' } }, line.at('1-2', 'unitsPerPack', number)),
    ],
    DTM: [dates],
    FTX: [notes],
    MOA: [
      line.self(
        { when: { '1-1': ['203', '66'] } },
        line.group(['1-1', '1-2'], 'lineAmount', amountOf('203', '66'), {
          check: ofInvoice(checkLineAmount),
        }),
      ),
    ],
    PRI: prices,
    RFF: [
      line.self(
        { when: { '1-1': 'ON' } },
        line.at('1-2', 'orderNumber', text),
        line.at('1-3', 'orderLine', text),
      ),
      references(groupOf(structure, 'RFF')),
    ],
    TAX: [taxes(structure)],
    NAD: [partyGroup(groupOf(structure, 'NAD'))],
    ALC: [
      on<InvoiceLine>().each('allowancesCharges', newCharge, {}, chargeFields, chargeBody(charge)),
    ],
  })
}

const asInvoice = (document: Node) => document as unknown as Invoice

/** Canonical values INVOIC has no place for; told when such a document is written. */
const LEAVES_OUT = [
  'references[].description',
  'parties[].references[].description',
  'body.lines[].references[].description',
  'body.lines[].parties[].references[].description',
  'body.transport.routing',
  'body.transport.service',
  'body.transport.status',
  'body.transport.equipment',
  'body.totals.packages',
  'body.totals.grossWeight',
  'body.totals.volume',
  'body.totals.discountedTotal',
  'body.lines[].components',
  'body.taxes[].relation',
  'body.lines[].taxes[].relation',
  'body.allowancesCharges[].taxes[].relation',
  'body.lines[].allowancesCharges[].taxes[].relation',
]

/** The map of one directory. */
export function invoiceMessage(release: Release): TransactionMap {
  const structure = structureOf('INVOIC', release)
  const order = groupOf(structure, 'RFF')
  return {
    standard: 'edifact',
    id: 'INVOIC',
    version: release,
    kind: 'invoice',
    create: (envelope) => createDocument(envelope, { lines: [] }),
    leavesOut: LEAVES_OUT,
    requires: [{ path: 'body.totals.grandTotal', tag: 'MOA' }],
    body: bind<Invoice>(structure, {
      BGM: [
        beginningWith<Invoice>(
          invoice.group(['1-1'], 'body.type', invoiceType, { required: true }),
        ),
      ],
      DTM: [messageDate, dates],
      FTX: [notes],
      RFF: [
        invoice.self(
          {
            when: { '1-1': 'ON' },
            filled: ['1-2'],
            body: bind<Invoice>(order, {
              DTM: [
                invoice.self(
                  { when: { '1-1': REFERENCE_DATE } },
                  invoice.group(['1-2', '1-3'], 'body.order.orderDate', localDate),
                ),
              ],
            }),
          },
          invoice.at('1-2', 'body.order.orderNumber', text),
        ),
        invoice.self(
          { when: { '1-1': 'RE' }, filled: ['1-2'] },
          invoice.at('1-2', 'body.order.releaseNumber', text),
        ),
        references(order),
      ],
      NAD: [partyGroup(groupOf(structure, 'NAD'))],
      CUX: [
        invoice.self(
          { when: { '1-1': '2' } },
          invoice.at('1-2', 'body.currency', currency),
          fixed('1-3', '4', ({ body }) => body.currency !== undefined),
          invoice.at(3, 'body.exchangeRate', number),
        ),
      ],
      PAT: [paymentTerms(groupOf(structure, 'PAT'))],
      ...carriageGroups(structure),
      ALC: [
        invoice.each(
          'body.allowancesCharges',
          newCharge,
          {},
          chargeFields,
          chargeBody(groupOf(structure, 'ALC')),
        ),
      ],
      LIN: [
        invoice.each(
          'body.lines',
          newLine,
          {},
          [line.at(1, 'lineNumber', text), articleOfLine(release)],
          lineSlots(release),
        ),
      ],
      UNS: [summaryBegins],
      CNT: [lineCount],
      MOA: totals,
      'TAX-S': [
        invoice.each('body.taxes', newTax, {}, taxFields(), taxBody(groupOf(structure, 'TAX-S'))),
      ],
    }),
    finish(document) {
      const found = asInvoice(document)
      settleLines(found.body.lines)
      settlePrices(found.body.lines)
      settleTotals(found)
    },
  }
}
