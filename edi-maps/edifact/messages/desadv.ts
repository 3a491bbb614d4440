// DESADV despatch advice ⇄ shipmentNotice, in D.96A and D.01B. A warehouse's DESADV is an advice to the owner of the
// goods: desadv-warehouse.ts.
import type { ShipmentNotice } from '../../canonical/document.js'
import type { ShippedLine, ShippedOrder } from '../../canonical/shipment-notice.js'
import { text } from '../../elements.js'
import { bind, on, type TransactionMap, type View } from '../../map.js'
import { packingSequence, type PackLevel } from '../../packing-sequence.js'
import { nameOrders } from '../../shipment-tree.js'
import { noteAt } from '../../places.js'
import { localDate, moment, number } from '../elements.js'
import { groupOf, structureOf } from '../structure.js'
import {
  DESPATCH_LEAVES_OUT,
  despatchHeader,
  despatchLine,
  levelSlot,
  shippedQuantity,
  totalWeight,
  TOTAL_WEIGHTS,
} from './despatch.js'
import { createDocument } from './header.js'
import {
  articleOfLine,
  description,
  moreArticles,
  settleLines,
  type Release,
} from './line-items.js'
import { quantityOf } from './line-measures.js'
import {
  HEADER_ORDER,
  ordersInHeader,
  lineOrders,
  type LineOrder,
  type OrderedLine,
} from './line-orders.js'
import { measure, VOLUME_KINDS } from './packs.js'
import { REFERENCE_DATE, references } from './references.js'
import { lineCount } from './summary.js'

const notice = on<ShipmentNotice>()
const order = on<ShippedOrder>()
const line = on<OrderedLine<ShippedLine>>()
const lineOrder = on<LineOrder>()

/** RFF ON of the heading: an order that all lines are of, or that no line names. */
const headerOrders: View<ShipmentNotice, ShippedOrder> = {
  keepsExtras: true,
  split: ({ body }) => [...ordersInHeader(body)],
  join({ body }, one) {
    noteAt(one, 'edifact', HEADER_ORDER)
    body.orders.push(one)
    return true
  },
}

const LEAVES_OUT = [
  ...DESPATCH_LEAVES_OUT,
  ...['releaseNumber', 'references', 'parties', 'dates', 'packages', 'grossWeight'].map(
    (key) => `body.orders[].${key}`,
  ),
  'body.lines[].status',
]

/** The map of one directory. */
export function despatchAdvice(release: Release): TransactionMap {
  const structure = structureOf('DESADV', release)
  const lineStructure = groupOf(structure, 'CPS', 'LIN')
  const level = on<PackLevel<OrderedLine<ShippedLine>>>()
  return {
    standard: 'edifact',
    id: 'DESADV',
    version: release,
    kind: 'shipmentNotice',
    create: (envelope) => createDocument(envelope, { orders: [], packages: [], lines: [] }),
    leavesOut: LEAVES_OUT,
    body: bind<ShipmentNotice>(structure, {
      ...despatchHeader(structure),
      RFF: [
        notice.view(
          headerOrders,
          (): ShippedOrder => ({ references: [], parties: [] }),
          { when: { '1-1': 'ON' }, filled: ['1-2'] },
          [order.at('1-2', 'orderNumber', text)],
          bind<ShippedOrder>(groupOf(structure, 'RFF'), {
            DTM: [
              order.self(
                { when: { '1-1': REFERENCE_DATE } },
                order.group(['1-2', '1-3'], 'orderDate', localDate),
              ),
            ],
          }),
        ),
        references(groupOf(structure, 'RFF')),
      ],
      MEA: [
        notice.self(
          { when: { 1: 'PD', '2-1': TOTAL_WEIGHTS }, name: 'weight' },
          notice.group(['2-1', '3-1', '3-2'], 'body.totals.grossWeight', totalWeight),
        ),
        notice.self(
          { when: { 1: 'PD', '2-1': VOLUME_KINDS }, name: 'volume' },
          notice.group(['3-1', '3-2'], 'body.totals.volume', measure),
        ),
      ],
      CNT: [lineCount],
    }).map((slot) =>
      slot.tag !== 'CPS'
        ? slot
        : levelSlot(
            structure,
            packingSequence(lineOrders),
            level.each(
              'lines',
              (): OrderedLine<ShippedLine> => ({ packageIds: [], productIds: [] }),
              {},
              [line.at(1, 'lineNumber', text), articleOfLine(release)],
              bind<OrderedLine<ShippedLine>>(lineStructure, {
                ...despatchLine(lineStructure),
                PIA: [moreArticles(release)],
                IMD: [description],
                QTY: [
                  shippedQuantity,
                  line.self(
                    { when: { '1-1': '21' } },
                    line.group(['1-1', '1-2', '1-3'], 'quantityOrdered', quantityOf('21')),
                  ),
                  line.self({ when: { '1-1': '59' } }, line.at('1-2', 'unitsPerPack', number)),
                  line.self(
                    { when: { '1-1': '3' } },
                    line.at('1-2', 'quantityShippedToDate', number),
                  ),
                ],
                RFF: [
                  line.within(
                    'order',
                    () => ({}),
                    {
                      when: { '1-1': 'ON' },
                      filled: ['1-2'],
                      body: bind<LineOrder>(groupOf(lineStructure, 'RFF'), {
                        DTM: [
                          lineOrder.self(
                            { when: { '1-1': REFERENCE_DATE } },
                            lineOrder.group(['1-2', '1-3'], 'date', moment),
                          ),
                        ],
                      }),
                    },
                    lineOrder.at('1-2', 'number', text),
                    lineOrder.at('1-3', 'line', text),
                  ),
                  references(groupOf(lineStructure, 'RFF')),
                ],
              }),
            ),
          ),
    ),
    finish(document) {
      const { body } = document as unknown as ShipmentNotice
      settleLines(body.lines)
      nameOrders(body)
    },
  }
}
