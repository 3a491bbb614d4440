// INSDES instruction to despatch ⇄ warehouseShippingOrder. D.01B, and EANCOM 97's own message in D.96A, which has the
// same segments.
import type { WarehouseShippingOrder } from '../../canonical/document.js'
import type { WarehouseOrderLine } from '../../canonical/warehouse-shipping-order.js'
import { text } from '../../elements.js'
import { bind, on, type TransactionMap } from '../../map.js'
import { moment, quantity } from '../elements.js'
import { groupOf, structureOf } from '../structure.js'
import { beginning, createDocument, messageDate } from './header.js'
import {
  articleOfLine,
  description,
  moreArticles,
  settleLines,
  type Release,
} from './line-items.js'
import { allLotExpiries, allLotNumbers } from './line-lots.js'
import { grossWeight, quantityOf } from './line-measures.js'
import { partyGroup } from './party.js'
import { dates, notes, references } from './references.js'
import { lineCount, summaryBegins } from './summary.js'
import { transportGroups } from './transport.js'

const order = on<WarehouseShippingOrder>()
const line = on<WarehouseOrderLine>()

const newLine = (): WarehouseOrderLine => ({ productIds: [] })

/** Despatch order; EANCOM 97 has a code of its own for it, agency GS1. */
const kindOf = (release: Release) =>
  release === 'D:01B' ? beginning('350') : beginning('80E', '9')

/** What it has no place for. */
const LEAVES_OUT = [
  'references[].description',
  'parties[].references[].description',
  'body.masterReference',
  'body.linkSequence',
  'body.transport.service',
  'body.transport.routing',
  'body.transport.status',
  'body.transport.equipment[].seal',
  'body.lines[].unitsPerPack',
  'body.lines[].lots[].quantity',
  'body.lines[].weights',
  'body.lines[].references[].description',
  'body.lines[].parties',
]

/** The map of one directory. */
export function instructionToDespatch(release: Release): TransactionMap {
  const structure = structureOf('INSDES', release)
  const lineStructure = groupOf(structure, 'LIN')
  return {
    standard: 'edifact',
    id: 'INSDES',
    version: release,
    kind: 'warehouseShippingOrder',
    create: (envelope) => createDocument(envelope, { lines: [] }),
    leavesOut: LEAVES_OUT,
    body: bind<WarehouseShippingOrder>(structure, {
      BGM: [kindOf(release)],
      DTM: [
        messageDate,
        order.self(
          { when: { '1-1': '10' } },
          order.group(['1-2', '1-3'], 'body.requestedShip', moment),
        ),
        order.self(
          { when: { '1-1': '2' } },
          order.group(['1-2', '1-3'], 'body.requestedDelivery', moment),
        ),
        dates,
      ],
      FTX: [notes],
      RFF: [
        order.self(
          { when: { '1-1': 'ON' }, body: groupOf(structure, 'RFF') },
          order.at('1-2', 'body.customerOrderNumber', text),
        ),
        references(groupOf(structure, 'RFF')),
      ],
      NAD: [partyGroup(groupOf(structure, 'NAD'))],
      ...transportGroups(structure),
      LIN: [
        order.each(
          'body.lines',
          newLine,
          {},
          [line.at(1, 'lineNumber', text), articleOfLine(release)],
          bind<WarehouseOrderLine>(lineStructure, {
            PIA: [moreArticles(release)],
            IMD: [description],
            QTY: [
              line.self(
                { when: { '1-1': ['21', '113'] } },
                line.group(['1-1', '1-2', '1-3'], 'quantityOrdered', quantityOf('21', '113'), {
                  required: 'ifSent',
                }),
              ),
            ],
            GIN: [allLotNumbers],
            DTM: [allLotExpiries, dates],
            FTX: [notes],
            RFF: [references(groupOf(lineStructure, 'RFF'))],
          }),
        ),
      ],
      UNS: [summaryBegins],
      CNT: [
        lineCount,
        order.self(
          { when: { '1-1': '7' } },
          order.group(['1-2', '1-3'], 'body.totals.weight', grossWeight),
        ),
        order.self(
          { when: { '1-1': '15' } },
          order.group(['1-2', '1-3'], 'body.totals.volume', quantity),
        ),
      ],
    }),
    finish: (document) => settleLines((document as unknown as WarehouseShippingOrder).body.lines),
  }
}
