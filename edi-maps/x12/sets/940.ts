// 940 Warehouse Shipping Order ⇄ warehouseShippingOrder. Structure: X12 004010 and 005010. W05 has no date, so the
// document's date is that of its group.
import type { Static } from '@sinclair/typebox'
import type { WarehouseShippingOrder } from '../../canonical/document.js'
import type { Transport as TransportSchema } from '../../canonical/values.js'
import type { WarehouseOrderLine } from '../../canonical/warehouse-shipping-order.js'
import { sum } from '../../decimal.js'
import { code, decimal, quantity, text, type GroupCodec } from '../../elements.js'
import {
  ANY,
  bind,
  kept,
  keptLoop,
  on,
  type Computing,
  type Through,
  type TransactionMap,
} from '../../map.js'
import { cameAt, noteAt } from '../../places.js'
import { MODE, ORDER_PURPOSE, PAYMENT, UNIT } from '../codes.js'
import { lineGroups, settleLineGroups, type LineGroup } from './line-groups.js'
import { partyLoop } from './party.js'
import { measuredWeight } from './shipment-elements.js'
import {
  articles,
  articleTexts,
  datedByGroup,
  day,
  days,
  expiryDays,
  industryCodes,
  lineWeights,
  lotsAndSerials,
  notes,
  numbers,
  onlyLot,
  single,
} from './warehouse-elements.js'

type Release = '004010' | '005010'
type Transport = Static<typeof TransportSchema>
type Line = WarehouseOrderLine
type ProductIds = Line['productIds']

const order = on<WarehouseShippingOrder>()
const transport = on<Transport>()
const group = on<LineGroup<Line>>()
const line = on<Line>()

const LOT = { element: 'LX/W0113', segment: 'LX/W01/N9-LT.02' }
/** Where a line has its number from when it has none of its own. */
const LOOP_NUMBER = 'LX01'

const loops = lineGroups<WarehouseShippingOrder, Line>({
  take(one, number) {
    if (one.lineNumber !== undefined) return false
    one.lineNumber = number
    noteAt(one, 'x12', LOOP_NUMBER)
    return true
  },
  give: (one) => (cameAt(one, 'x12', LOOP_NUMBER) ? one.lineNumber : undefined),
})

/** N9 LI; a number that is only the loop's stands there. */
const lineNumber: Through<Line, string> = {
  get: (one) => (cameAt(one, 'x12', LOOP_NUMBER) ? undefined : one.lineNumber),
  set(one, number) {
    one.lineNumber = number
  },
}

/** W0103 and the pairs 04/05, 06/07, 15/16. */
const productIds: GroupCodec<ProductIds> = {
  width: 7,
  decode(texts, report) {
    const ids = articles(texts, report)
    return ids.length === 0 ? undefined : ids
  },
  encode: (ids, _kept, report) => articleTexts(ids, 3, report),
}

const orderedTotal = ({ document }: Computing) =>
  sum(
    (document as unknown as WarehouseShippingOrder).body.lines.flatMap(
      ({ quantityOrdered }) => quantityOrdered?.value ?? [],
    ),
  )

const lineStructure = (release: Release) => [
  kept('G69', 5),
  kept('N9', 200),
  kept('NTE', ANY),
  kept('W20', 3),
  kept('QTY', 10),
  kept('AMT', release === '004010' ? 1 : ANY),
  kept('G62', 10),
  kept('G66'),
  ...(release === '004010'
    ? [keptLoop('N1', 3, []), kept('PER', 5)]
    : [keptLoop('N1', ANY, [kept('N2'), kept('N3'), kept('N4'), kept('PER', 5)])]),
  kept('LH2', 6),
  kept('LHR'),
  kept('LH6', 5),
  industryCodes,
  keptLoop('LS', 1, [
    {
      ...keptLoop('LX', ANY, [
        kept('N9', ANY),
        kept('G62', 10),
        kept('N1'),
        kept('SDQ'),
        industryCodes,
        keptLoop('LH1', ANY, [
          kept('LH2', 4),
          kept('LH3', 10),
          kept('LFH', 20),
          kept('LEP', 3),
          kept('LH4'),
          kept('LHT', 3),
          kept('LHR', 5),
          kept('PER', 5),
        ]),
      ]),
      usage: 'M' as const,
    },
    kept('LE', 1, 'M'),
  ]),
  keptLoop('FA1', ANY, [{ ...kept('FA2', ANY, 'M') }]),
]

const lineBody = (release: Release) => {
  const structure = lineStructure(release)
  const parties = structure.find(({ tag }) => tag === 'N1')?.body ?? []
  return bind<Line>(structure, {
    G69: [line.self({}, line.at(1, 'description', text))],
    N9: [
      line.self({ when: { 1: 'LI' } }, line.through([2], 'lineNumber', lineNumber, single)),
      lotsAndSerials(LOT),
      numbers,
    ],
    NTE: [notes],
    W20: [
      line.self(
        {},
        line.at(1, 'unitsPerPack', decimal),
        line.group([4, 5, 6], 'weights', lineWeights(1)),
      ),
    ],
    G62: [expiryDays, days],
    N1: [partyLoop(parties)],
  })
}

const loopBody = (release: Release) =>
  bind<LineGroup<Line>>(
    [
      kept('MAN', ANY),
      kept('SDQ', ANY),
      kept('N1'),
      kept('G62', 10),
      ...(release === '004010' ? [] : [kept('N9', ANY)]),
      kept('W01', ANY),
    ],
    {
      N1: [partyLoop([])],
      W01: [
        group.each(
          'lines',
          () => ({ productIds: [] }),
          {},
          [
            line.group([1, 2], 'quantityOrdered', quantity(UNIT), { required: true }),
            line.group([3, 4, 5, 6, 7, 15, 16], 'productIds', productIds),
            line.through([13], 'lots', onlyLot(LOT), single),
          ],
          lineBody(release),
        ),
      ],
    },
  )

/** What each release has no place for. */
const PARTY = ['name2', 'address', 'contacts', 'references']
const LEAVES_OUT = (release: Release) => [
  'parties[].references',
  'body.transport.carrier.name',
  'body.transport.carrier.partyId',
  'body.transport.service',
  'body.transport.status',
  'body.transport.incoterm',
  'body.transport.equipment',
  'body.lines[].lots[].quantity',
  ...(release === '004010' ? PARTY : ['references']).map((key) => `body.lines[].parties[].${key}`),
]

/** The map of one release. */
export const warehouseShippingOrder = (release: Release): TransactionMap => ({
  standard: 'x12',
  id: '940',
  group: 'OW',
  version: release,
  kind: 'warehouseShippingOrder',
  create: datedByGroup(() => ({ lines: [] })),
  leavesOut: LEAVES_OUT(release),
  body: bind<WarehouseShippingOrder>(
    [
      kept('W05', 1, 'M'),
      keptLoop('N1', 10, []),
      kept('N9', 10),
      kept('G61', 3),
      kept('G62', 10),
      kept('NTE', ANY),
      kept('W09'),
      kept('W66'),
      kept('W6', release === '004010' ? 1 : 5),
      kept('R2', 13),
      kept('BNX'),
      ...(release === '004010' ? [] : [keptLoop('TD3', 1, [kept('AT9')])]),
      industryCodes,
      kept('LX', ANY),
      kept('W76'),
    ],
    {
      W05: [
        order.self(
          {},
          order.at(1, 'function', code(ORDER_PURPOSE), { required: true }),
          order.at(2, 'documentNumber', text, { required: true }),
          order.at(3, 'body.customerOrderNumber', text),
          order.at(4, 'body.linkSequence', text),
          order.at(5, 'body.masterReference', text),
        ),
      ],
      N1: [partyLoop([kept('N2', 2), kept('N3', 2), kept('N4'), kept('PER', 5)])],
      N9: [numbers],
      G62: [
        order.self(
          { when: { 1: '10' } },
          order.group([1, 2, 3, 4, 5], 'body.requestedShip', day('requestedShip')),
        ),
        order.self(
          { when: { 1: ['02', '68'] } },
          order.group([1, 2, 3, 4, 5], 'body.requestedDelivery', day('requestedDelivery')),
        ),
        days,
      ],
      NTE: [notes],
      W66: [
        order.within(
          'body.transport',
          () => ({}),
          {},
          transport.at(1, 'paymentMethod', code(PAYMENT)),
          transport.at(2, 'mode', code(MODE)),
          transport.at(5, 'routing', text),
          transport.at(10, 'carrier.scac', text),
        ),
      ],
      LX: [
        order.view(
          loops,
          () => ({ packages: [], lines: [] }),
          {},
          [group.at(1, 'number', text)],
          loopBody(release),
        ),
      ],
      W76: [
        order.self(
          {},
          { computed: 1, value: orderedTotal, usual: true, verified: true },
          order.group([2, 3], 'body.totals.weight', measuredWeight(UNIT, 'gross')),
          order.group([4, 5], 'body.totals.volume', quantity(UNIT)),
        ),
      ],
    },
  ),
  finish: (document) => settleLineGroups(document as unknown as WarehouseShippingOrder),
})
