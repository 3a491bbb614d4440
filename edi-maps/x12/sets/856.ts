// 856 Ship Notice/Manifest ⇄ shipmentNotice. Structure: X12 004010 and 005010; what stands on which level: common
// retail and automotive use. What a partner requires on top stands in the agreement with him.
import type { Static } from '@sinclair/typebox'
import type { ShipmentNotice } from '../../canonical/document.js'
import type { Package, ShippedLine, ShippedOrder } from '../../canonical/shipment-notice.js'
import type { Reference, Transport as TransportSchema } from '../../canonical/values.js'
import { sum } from '../../decimal.js'
import {
  code,
  date,
  dateTime,
  decimal,
  implied,
  integer,
  packageCount,
  packagingType,
  quantity,
  sscc,
  text,
  weight,
} from '../../elements.js'
import { ANY, bind, kept, keptLoop, on, type Computing, type TransactionMap } from '../../map.js'
import { formCode } from '../../package-types.js'
import { shipmentTree } from '../../shipment-tree.js'
import {
  EQUIPMENT,
  LINE_STATE,
  ARTICLE,
  MARK,
  MODE,
  PACKAGING,
  PURPOSE,
  SERVICE,
  SHIPMENT_STATE,
  UNIT,
  WEIGHT_KIND,
} from '../codes.js'
import { dateFields, dates, moment, newDate } from './dates.js'
import {
  carrier,
  dimensions,
  freightTerms,
  measuredWeight,
  trackingPair,
} from './shipment-elements.js'
import { expiries, lineOrders, lotsAndSerials } from './shipment-views.js'
import { partyLoop, references } from './party.js'

type Release = '004010' | '005010'
type Transport = Static<typeof TransportSchema>
type Equipment = NonNullable<Transport['equipment']>[number]
type Mark = NonNullable<Package['marks']>[number]

const notice = on<ShipmentNotice>()
const transport = on<Transport>()
const equipment = on<Equipment>()
const order = on<ShippedOrder>()
const pack = on<Package>()
const mark = on<Mark>()
const line = on<ShippedLine>()
const reference = on<Reference>()

const partyStructure = [
  kept('N2', 2),
  kept('N3', 2),
  kept('N4'),
  kept('REF', 12),
  kept('PER', 3),
  kept('FOB'),
]

/** Slots of every HL loop, in the order of the standard. */
const levelStructure = (release: Release) => [
  kept('LIN'),
  kept('SN1'),
  kept('SLN', 1000),
  kept('PRF'),
  kept('PO4'),
  kept('PID', 200),
  kept('MEA', 40),
  kept('PWK', 25),
  kept('PKG', 25),
  kept('TD1', 20),
  kept('TD5', 12),
  release === '004010' ? kept('TD3', 12) : keptLoop('TD3', 12, [kept('AT9')]),
  kept('TD4', 5),
  kept('TSD'),
  kept('REF', ANY),
  kept('PER', 3),
  keptLoop('LH1', 100, [
    kept('LH2', 4),
    kept('LH3', 12),
    kept('LFH', 20),
    kept('LEP', ANY),
    kept('LH4', release === '004010' ? 1 : 4),
    kept('LHT', 3),
    kept('LHR', 10),
    kept('PER', 5),
    kept('LHE'),
  ]),
  keptLoop('CLD', 200, [kept('REF', 200), kept('DTP')]),
  kept('MAN', ANY),
  kept('DTM', 10),
  kept('FOB'),
  kept('PAL'),
  keptLoop('N1', 200, partyStructure),
  kept('SDQ', 50),
  kept('ETD'),
  kept('CUR'),
  keptLoop('SAC', ANY, [kept('CUR')]),
  kept('GF'),
  kept('YNQ', 10),
  keptLoop('LM', 10, [kept('LQ', 100, 'M')]),
  keptLoop('V1', ANY, [kept('R4', ANY), kept('DTM', ANY)]),
]

const parties = partyLoop(partyStructure)

/** A carrier's package number on a level that is no package is a reference. */
const tracking = on<{ references?: Reference[] }>().each(
  'references',
  () => ({ type: 'trackingNumber', value: '' }),
  { when: { 1: 'CP' }, alternative: true },
  [reference.at(2, 'value', text)],
)

/** DTM of the shipment; the standard has it before the levels, retailers want it in the first. */
const shipmentDates = (options: { alternative?: true }) => [
  notice.self({ when: { 1: '011' } }, notice.group([2, 3, 4], 'body.shippedAt', moment, options)),
  notice.self(
    { when: { 1: '017' } },
    notice.group([2, 3, 4], 'body.estimatedDeliveryAt', moment, options),
  ),
  notice.each('dates', newDate, { ...options, needs: ['value'] }, dateFields),
]

const shipmentLevel = {
  MEA: [
    notice.self(
      { when: { 1: 'PD', 2: 'G' }, name: 'G' },
      notice.group([3, '4-1'], 'body.totals.grossWeight', measuredWeight(UNIT, 'gross'), {
        alternative: true,
      }),
    ),
  ],
  TD1: [
    notice.self(
      {},
      notice.group([2, 1], 'body.totals.packages', packageCount(PACKAGING)),
      notice.group([7, 8, 6], 'body.totals.grossWeight', weight(UNIT, 'gross', WEIGHT_KIND)),
      notice.group([9, 10], 'body.totals.volume', quantity(UNIT)),
    ),
  ],
  TD5: [
    notice.within(
      'body.transport',
      () => ({}),
      {},
      transport.group([2, 3], 'carrier', carrier),
      transport.at(4, 'mode', code(MODE)),
      transport.at(5, 'routing', text),
      transport.at(6, 'status', code(SHIPMENT_STATE)),
      transport.at(12, 'service', code(SERVICE)),
    ),
  ],
  TD3: [
    notice.each('body.transport.equipment', () => ({}), {}, [
      equipment.at(1, 'type', code(EQUIPMENT)),
      equipment.at(2, 'initial', text),
      equipment.at(3, 'number', text),
      equipment.at(9, 'seal', text),
    ]),
  ],
  REF: [references],
  MAN: [tracking],
  DTM: shipmentDates({}),
  FOB: [freightTerms],
  N1: [parties],
}

const orderLevel = {
  PRF: [
    order.self(
      {},
      order.at(1, 'orderNumber', text),
      order.at(2, 'releaseNumber', text),
      order.at(4, 'orderDate', date),
    ),
  ],
  TD1: [
    order.self(
      {},
      order.group([2, 1], 'packages', packageCount(PACKAGING)),
      order.group([7, 8, 6], 'grossWeight', weight(UNIT, 'gross', WEIGHT_KIND)),
    ),
  ],
  REF: [references],
  MAN: [tracking],
  DTM: [dates],
  N1: [parties],
}

const packageLevel = {
  PO4: [
    pack.self(
      {},
      pack.at(4, 'type', packagingType(formCode), { alternative: true }),
      pack.group([6, 7, 5], 'weight', weight(UNIT, 'gross', WEIGHT_KIND), { alternative: true }),
      pack.group([8, 9], 'volume', quantity(UNIT), { alternative: true }),
      pack.group([10, 11, 12, 13], 'dimensions', dimensions(UNIT)),
    ),
  ],
  TD1: [
    pack.self(
      {},
      pack.at(1, 'type', packagingType(formCode)),
      pack.at(2, 'count', integer),
      pack.group([7, 8, 6], 'weight', weight(UNIT, 'gross', WEIGHT_KIND)),
      pack.group([9, 10], 'volume', quantity(UNIT)),
    ),
  ],
  REF: [references],
  MAN: [
    pack.self(
      { when: { 1: ['GM', 'AA'] } },
      pack.group([1, 2], 'sscc', sscc(MARK, 'GM')),
      pack.group([4, 5], 'trackingNumber', trackingPair, { alternative: true }),
    ),
    pack.self({ when: { 1: 'CP' } }, pack.at(2, 'trackingNumber', text)),
    pack.each('marks', () => ({ scheme: '', value: '' }), {}, [
      mark.at(1, 'scheme', code(MARK)),
      mark.at(2, 'value', text),
      mark.at(3, 'to', text),
    ]),
  ],
  DTM: [dates],
  PAL: [
    pack.self(
      {},
      pack.group([7, 8, 9, 10], 'dimensions', dimensions(UNIT), { alternative: true }),
      pack.group([11, 12], 'weight', measuredWeight(UNIT, 'gross'), { alternative: true }),
      pack.group([13, 14], 'volume', quantity(UNIT), { alternative: true }),
    ),
  ],
}

const itemLevel = {
  LIN: [line.self({}, line.at(1, 'lineNumber', text), line.pairs(2, 31, 'productIds', ARTICLE))],
  SN1: [
    line.self(
      {},
      line.at(1, 'lineNumber', text, { alternative: true }),
      line.group([2, 3], 'quantityShipped', quantity(UNIT)),
      line.at(4, 'quantityShippedToDate', decimal),
      line.group([5, 6], 'quantityOrdered', quantity(UNIT)),
      line.at(8, 'status', code(LINE_STATE)),
    ),
  ],
  PRF: [
    line.view(lineOrders, (): ShippedOrder => ({ references: [], parties: [] }), {}, [
      order.at(1, 'orderNumber', text),
      order.at(2, 'releaseNumber', text),
      order.at(4, 'orderDate', date),
    ]),
  ],
  PO4: [line.self({}, line.at(1, 'unitsPerPack', implied(0)))],
  PID: [line.self({ when: { 1: 'F' } }, line.at(5, 'description', text))],
  REF: [lotsAndSerials, references],
  MAN: [tracking],
  DTM: [expiries, dates],
}

const equipmentLevel = {
  TD3: [
    equipment.self(
      {},
      equipment.at(1, 'type', code(EQUIPMENT)),
      equipment.at(2, 'initial', text),
      equipment.at(3, 'number', text),
      equipment.at(9, 'seal', text),
    ),
  ],
}

/** BSN05 by tree. Pallets around cartons change nothing; pallets alone count as packs. */
const STRUCTURE_CODES: Readonly<Record<string, string>> = {
  SOPI: '0001',
  SOTPI: '0001',
  SOTI: '0001',
  SOPQI: '0001',
  SOTPQI: '0001',
  SOIP: '0002',
  SOIT: '0002',
  SOITP: '0002',
  SPOI: '0003',
  STOI: '0003',
  STPOI: '0003',
  STOPI: '0001',
  SOI: '0004',
}

const lines = ({ document }: Computing) => (document as unknown as ShipmentNotice).body.lines
const shippedTotal = (from: Computing) =>
  sum(lines(from).flatMap(({ quantityShipped }) => quantityShipped?.value ?? []))

/** What it has no place for. */
const LEAVES_OUT = [
  'notes',
  'references[].date',
  'dates[].tz',
  'parties[].references[].date',
  'body.transport.carrier.name',
  'body.orders[].references[].date',
  'body.orders[].dates[].tz',
  'body.orders[].parties[].references[].date',
  'body.packages[].references[].date',
  'body.packages[].dates[].tz',
  'body.lines[].orderLine',
  'body.lines[].lots[].quantity',
  'body.lines[].references[].date',
  'body.lines[].dates[].tz',
]

/** The map of one release. */
export function shipNotice(release: Release): TransactionMap {
  const structure = levelStructure(release)
  const packages = bind<Package>(structure, packageLevel)
  return {
    standard: 'x12',
    id: '856',
    group: 'SH',
    version: release,
    kind: 'shipmentNotice',
    create: () => ({ body: { orders: [], packages: [], lines: [] } }),
    leavesOut: LEAVES_OUT,
    body: bind<ShipmentNotice>(
      [
        kept('BSN', 1, 'M'),
        kept('DTM', 10),
        {
          ...kept('HL', ANY, 'M'),
          counted: true,
          hierarchy: {
            elements: { id: 1, parent: 2, level: 3, child: 4 },
            levels: {
              S: bind<ShipmentNotice>(structure, shipmentLevel),
              O: bind<ShippedOrder>(structure, orderLevel),
              T: packages,
              P: packages,
              Q: packages,
              I: bind<ShippedLine>(structure, itemLevel),
              E: bind<Equipment>(structure, equipmentLevel),
            },
            unknown: structure,
            arrangement: shipmentTree,
          },
        },
        kept('CTT'),
      ],
      {
        BSN: [
          notice.self(
            {},
            notice.at(1, 'function', code(PURPOSE), { required: true }),
            notice.at(2, 'documentNumber', text, { required: true }),
            notice.group([3, 4], 'documentDate', dateTime(), { required: true }),
            {
              computed: 5,
              value: ({ tree = '' }) => STRUCTURE_CODES[tree],
              usual: true,
              verified: false,
            },
          ),
        ],
        DTM: shipmentDates({ alternative: true }),
        CTT: [
          notice.self(
            {},
            {
              computed: 1,
              value: ({ counts }) => String(counts.get('HL') ?? 0),
              usual: true,
              verified: true,
              others: { lines: (from) => String(lines(from).length) },
            },
            { computed: 2, value: shippedTotal, usual: false, verified: true },
          ),
        ],
      },
    ),
  }
}
