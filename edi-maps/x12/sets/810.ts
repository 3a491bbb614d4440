// 810 Invoice ⇄ invoice. Structure: X12 004010 and 005010. Credit and debit memos are invoices of another type (BIG07).
// What no canonical value is made of (CTP, SDQ, PWK …) is kept where it stands.
import type { Static } from '@sinclair/typebox'
import type { Invoice } from '../../canonical/document.js'
import type {
  AllowanceCharge,
  InvoiceComponent,
  InvoiceLine,
  PaymentTerms,
} from '../../canonical/invoice.js'
import type { DateEntry, Note as NoteSchema } from '../../canonical/values.js'
import { sum } from '../../decimal.js'
import { code, date, dateTime, decimal, implied, integer, quantity, text } from '../../elements.js'
import {
  checkGrandTotal,
  checkLineAmount,
  checkLineTotal,
  checkTaxTotal,
} from '../../invoice-arithmetic.js'
import {
  ANY,
  bind,
  kept,
  keptLoop,
  on,
  type Computing,
  type Node,
  type SlotOf,
  type TransactionMap,
} from '../../map.js'
import {
  ARTICLE,
  DATE_KIND,
  MODE,
  NOTE_TOPIC,
  RELATION,
  SERVICE,
  SHIPMENT_STATE,
  TERMS_FROM,
  TERMS_KIND,
  UNIT,
  ZONE,
} from '../codes.js'
import {
  carrierReference,
  chargeFields,
  currency,
  invoiceType,
  newCharge,
  newTax,
  price,
  purpose,
  referencePair,
  taxFields,
  taxes,
} from './invoice-elements.js'
import { partyLoop, references } from './party.js'
import { freightTerms, measuredWeight } from './shipment-elements.js'

type Release = '004010' | '005010'
type Note = Static<typeof NoteSchema>

const invoice = on<Invoice>()
const terms = on<PaymentTerms>()
const line = on<InvoiceLine>()
const component = on<InvoiceComponent>()
const entry = on<DateEntry>()
const note = on<Note>()
const describable = on<{ description?: string }>()

const partyStructure = [
  kept('N2', 2),
  kept('N3', 2),
  kept('N4'),
  kept('REF', 12),
  kept('PER', 3),
  kept('DMG'),
]
const parties = partyLoop(partyStructure)
const dates = on<{ dates?: DateEntry[] }>().each(
  'dates',
  () => ({ type: '', value: '' }),
  { needs: ['value'] },
  [entry.at(1, 'type', code(DATE_KIND)), entry.group([2, 3, 4], 'value', dateTime(ZONE))],
)

/** Loops that stand in the heading and again in each line. */
const commonLoops = [
  keptLoop('LM', 10, [kept('LQ', 100, 'M')]),
  keptLoop('V1', ANY, [kept('R4', ANY), kept('DTM', ANY)]),
  keptLoop('FA1', ANY, [kept('FA2', ANY, 'M')]),
]

/** What 005010 lifted or added. */
const changes = (release: Release) => {
  const isFirst = release === '004010'
  const many = isFirst ? 10 : ANY
  const charges = isFirst ? 25 : ANY
  const tax = isFirst ? kept('TXI', many) : keptLoop('TXI', many, [kept('DTM')])
  return { many, charges, tax, crc: isFirst ? [] : [kept('CRC')] }
}

function headingStructure(release: Release) {
  const [code, ...loops] = commonLoops
  return [
    kept('BIG', 1, 'M'),
    kept('NTE', 100),
    kept('CUR'),
    kept('REF', 12),
    kept('YNQ', 10),
    kept('PER', 3),
    keptLoop('N1', 200, partyStructure),
    kept('ITD', ANY),
    kept('DTM', 10),
    kept('FOB'),
    kept('PID', 200),
    kept('MEA', 40),
    kept('PWK', 25),
    kept('PKG', 25),
    kept('L7'),
    kept('BAL', ANY),
    kept('INC'),
    kept('PAM', ANY),
    ...changes(release).crc,
    code!,
    keptLoop('N9', 1, [kept('MSG', 10, 'M')]),
    ...loops,
  ]
}

function lineStructure(release: Release) {
  const { many, charges, tax } = changes(release)
  return [
    kept('CRC'),
    kept('QTY', 5),
    kept('CUR'),
    kept('IT3', 5),
    kept('TXI', many),
    kept('CTP', 25),
    kept('PAM', 10),
    kept('MEA', 40),
    keptLoop('PID', 1000, [kept('MEA', 10)]),
    kept('PWK', 25),
    kept('PKG', 25),
    kept('PO4'),
    kept('ITD', 2),
    kept('REF', ANY),
    kept('YNQ', 10),
    kept('PER', 5),
    kept('SDQ', 500),
    kept('DTM', 10),
    kept('CAD', ANY),
    kept('L7', ANY),
    kept('SR'),
    keptLoop('SAC', charges, [tax]),
    keptLoop('SLN', 1000, [
      kept('DTM'),
      kept('REF', ANY),
      kept('PID', 1000),
      kept('SAC', charges),
      kept('TC2', 2),
      kept('TXI', many),
    ]),
    keptLoop('N1', 200, partyStructure),
    ...commonLoops,
  ]
}

function summaryStructure(release: Release) {
  const { many, charges, tax, crc } = changes(release)
  return [
    kept('TDS', 1, 'M'),
    kept('TXI', many),
    kept('CAD'),
    kept('AMT', ANY),
    keptLoop('SAC', charges, crc.length === 0 ? [tax] : [kept('DTM', ANY), tax]),
    keptLoop('ISS', ANY, [kept('PID')]),
    kept('CTT'),
  ]
}

const asInvoice = (document: Node) => document as unknown as Invoice

const heading = {
  BIG: [
    invoice.self(
      {},
      invoice.at(1, 'documentDate', date, { required: true }),
      invoice.at(2, 'documentNumber', text, { required: true }),
      invoice.at(3, 'body.order.orderDate', date),
      invoice.at(4, 'body.order.orderNumber', text),
      invoice.at(5, 'body.order.releaseNumber', text),
      invoice.group([7], 'body.type', invoiceType),
      invoice.group([8], 'function', purpose),
    ),
  ],
  NTE: [
    invoice.each('notes', () => ({ text: '' }), { needs: ['text'] }, [
      note.at(1, 'topic', code(NOTE_TOPIC)),
      note.at(2, 'text', text),
    ]),
  ],
  CUR: [
    invoice.self(
      {},
      invoice.group([1, 2], 'body.currency', currency),
      invoice.at(3, 'body.exchangeRate', decimal),
    ),
  ],
  REF: [references],
  N1: [parties],
  ITD: [
    invoice.each('body.terms', () => ({}), {}, [
      terms.at(1, 'kind', code(TERMS_KIND)),
      terms.at(2, 'from', code(TERMS_FROM)),
      terms.at(3, 'discountPercent', decimal),
      terms.at(4, 'discountDue', date),
      terms.at(5, 'discountDays', integer),
      terms.at(6, 'netDue', date),
      terms.at(7, 'netDays', integer),
      terms.at(8, 'discountAmount', implied(2)),
      terms.at(12, 'text', text),
    ]),
  ],
  DTM: [dates],
  FOB: [freightTerms],
}

const description = describable.self({ when: { 1: 'F' } }, describable.at(5, 'description', text))

/** SAC; with the slots after it, where it opens a loop. */
const allowancesCharges = (loop?: readonly SlotOf<AllowanceCharge>[]) =>
  on<{ allowancesCharges?: AllowanceCharge[] }>().each(
    'allowancesCharges',
    newCharge,
    {},
    chargeFields,
    loop,
  )

const subline = {
  DTM: [dates],
  REF: [references],
  PID: [description],
  SAC: [allowancesCharges()],
  TXI: [taxes],
}

const newComponent = (): InvoiceComponent => ({ relation: '', productIds: [] })

function lineBindings(release: Release) {
  const { tax } = changes(release)
  const slots = lineStructure(release)
  const sublineSlots = slots.find(({ tag }) => tag === 'SLN')!.body!
  return bind<InvoiceLine>(slots, {
    IT3: [line.self({}, line.group([1, 2], 'quantityShipped', quantity(UNIT)))],
    TXI: [taxes],
    PAM: [
      line.self(
        { when: { 4: LINE_TOTAL } },
        line.at(5, 'lineAmount', decimal, {
          check: (node, document) => checkLineAmount(node, asInvoice(document)),
        }),
      ),
    ],
    PID: [description],
    PO4: [line.self({}, line.at(1, 'unitsPerPack', implied(0)))],
    REF: [
      line.self({ when: { 1: 'PO' } }, line.at(2, 'orderNumber', text)),
      line.self({ when: { 1: 'LI' } }, line.at(2, 'orderLine', text)),
      references,
    ],
    DTM: [dates],
    SAC: [allowancesCharges(bind<AllowanceCharge>([tax], { TXI: [taxes] }))],
    SLN: [
      line.each(
        'components',
        newComponent,
        {},
        [
          component.at(1, 'number', text),
          component.at(3, 'relation', code(RELATION)),
          component.group([4, '5-1'], 'quantity', quantity(UNIT)),
          component.group([6, 7], 'unitPrice', price),
          component.pairs(9, 28, 'productIds', ARTICLE),
        ],
        bind<InvoiceComponent>(sublineSlots, subline),
      ),
    ],
    N1: [parties],
  })
}

/** 522: line total, tax. */
const LINE_TOTAL = '1'
const TAX_TOTAL = 'T'

function summaryBindings(release: Release) {
  const structure = summaryStructure(release)
  const afterCharge = structure.find(({ tag }) => tag === 'SAC')!.body!
  return bind<Invoice>(structure, {
    TDS: [
      invoice.self(
        {},
        invoice.at(1, 'body.totals.grandTotal', implied(2), {
          required: true,
          check: checkGrandTotal,
        }),
        invoice.at(2, 'body.totals.discountable', implied(2)),
        invoice.at(3, 'body.totals.discountedTotal', implied(2)),
        invoice.at(4, 'body.totals.termsDiscount', implied(2)),
      ),
    ],
    TXI: [invoice.each('body.taxes', newTax, {}, taxFields)],
    CAD: [
      invoice.self(
        {},
        invoice.at(1, 'body.transport.mode', code(MODE)),
        invoice.at(4, 'body.transport.carrier.scac', text),
        invoice.at(5, 'body.transport.routing', text),
        invoice.at(6, 'body.transport.status', code(SHIPMENT_STATE)),
        invoice.through([7, 8], 'references', carrierReference, referencePair),
        invoice.at(9, 'body.transport.service', code(SERVICE)),
      ),
    ],
    AMT: [
      invoice.self(
        { when: { 1: LINE_TOTAL } },
        invoice.at(2, 'body.totals.lineTotal', decimal, { check: checkLineTotal }),
      ),
      invoice.self(
        { when: { 1: TAX_TOTAL } },
        invoice.at(2, 'body.totals.taxTotal', decimal, { check: checkTaxTotal }),
      ),
    ],
    SAC: [
      invoice.each(
        'body.allowancesCharges',
        newCharge,
        {},
        chargeFields,
        bind<AllowanceCharge>(afterCharge, { TXI: [taxes] }),
      ),
    ],
    ISS: [
      invoice.self(
        {},
        invoice.group([1, 2], 'body.totals.packages', quantity(UNIT)),
        invoice.group([3, 4], 'body.totals.grossWeight', measuredWeight(UNIT, 'gross')),
        invoice.group([5, 6], 'body.totals.volume', quantity(UNIT)),
      ),
    ],
    CTT: [
      invoice.self(
        {},
        {
          computed: 1,
          value: ({ counts }) => String(counts.get('IT1') ?? 0),
          usual: true,
          verified: true,
        },
        { computed: 2, value: invoicedTotal, usual: false, verified: true },
      ),
    ],
  })
}

const invoicedTotal = ({ document }: Computing) =>
  sum(asInvoice(document).body.lines.flatMap(({ quantity }) => quantity?.value ?? []))

/** Canonical values an 810 has no place for; told when such a document is written. */
const LEAVES_OUT = [
  'body.totals.taxBasis',
  'body.totals.allowanceTotal',
  'body.totals.chargeTotal',
  'body.totals.prepaid',
  'body.totals.payable',
  'body.allowancesCharges[].basis',
  'body.lines[].allowancesCharges[].basis',
  'body.lines[].quantityDelivered',
  'body.lines[].quantityFree',
  'body.lines[].otherPrice',
  'body.lines[].notes',
  'body.lines[].references[].date',
  'body.lines[].dates[].tz',
  'body.lines[].parties[].references[].date',
  'body.lines[].components[].references[].date',
  'body.lines[].components[].dates[].tz',
  'body.lines[].components[].allowancesCharges[].basis',
  'body.lines[].components[].allowancesCharges[].taxes',
  'body.transport.carrier.name',
  'body.transport.carrier.partyId',
  'body.transport.equipment',
  'references[].date',
  'parties[].references[].date',
  'dates[].tz',
]

/** The map of one release. */
export function invoiceMap(release: Release): TransactionMap {
  return {
    standard: 'x12',
    id: '810',
    group: 'IN',
    version: release,
    kind: 'invoice',
    create: () => ({ body: { lines: [] } }),
    leavesOut: LEAVES_OUT,
    body: [
      ...bind<Invoice>(headingStructure(release), heading),
      ...bind<Invoice>([{ ...kept('IT1', ANY), counted: true }], {
        IT1: [
          invoice.each(
            'body.lines',
            () => ({ productIds: [] }),
            {},
            [
              line.at(1, 'lineNumber', text),
              line.group([2, 3], 'quantity', quantity(UNIT)),
              line.group([4, 5], 'unitPrice', price),
              line.pairs(6, 25, 'productIds', ARTICLE),
            ],
            lineBindings(release),
          ),
        ],
      }),
      ...summaryBindings(release),
    ],
    finish(document) {
      document['function'] ??= 'original'
      asInvoice(document).body.type ??= 'invoice'
    },
  }
}
