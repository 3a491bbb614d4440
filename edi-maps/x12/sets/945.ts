// 945 Warehouse Shipping Advice ⇄ warehouseShippingAdvice. Structure: X12 004010 and 005010. LX loops are order lines
// or, where they are marked (MAN), packages with the lines in them.
import type { Static } from '@sinclair/typebox'
import type { WarehouseShippingAdvice } from '../../canonical/document.js'
import type { Package } from '../../canonical/shipment-notice.js'
import type { Reference, Transport as TransportSchema } from '../../canonical/values.js'
import type { WarehouseAdviceLine } from '../../canonical/warehouse-shipping-advice.js'
import {
  code,
  codeElement,
  date,
  integer,
  quantity,
  text,
  type GroupCodec,
} from '../../elements.js'
import {
  ANY,
  bind,
  kept,
  keptLoop,
  on,
  type Computing,
  type Through,
  type TransactionMap,
  type View,
} from '../../map.js'
import { cameAt, noteAt } from '../../places.js'
import {
  CHANGE_REASON,
  EQUIPMENT,
  MODE,
  PAYMENT,
  REPORTING,
  SHIPMENT_STATE,
  UNIT,
} from '../codes.js'
import { difference, sum } from '../../decimal.js'
import { articlesShipped, itemArticles, lineQuantities } from './advice-elements.js'
import { cartonMarks } from './carton-marks.js'
import { lineGroups, settleLineGroups, type LineGroup } from './line-groups.js'
import { partyLoop } from './party.js'
import { dimensions, measuredWeight } from './shipment-elements.js'
import {
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
  referenceAt,
  referenceTo,
  single,
} from './warehouse-elements.js'

type Release = '004010' | '005010'
type Advice = WarehouseShippingAdvice
type Line = WarehouseAdviceLine
type Transport = Static<typeof TransportSchema>
type Equipment = NonNullable<Transport['equipment']>

const advice = on<Advice>()
const transport = on<Transport>()
const group = on<LineGroup<Line>>()
const pack = on<Package>()
const line = on<Line>()

const LOT = { element: 'LX/W1209', segment: 'LX/W12/N9-LT.02' }

/** W0604 or, where the warehouse gives none, the number of the order or of the customer's order. */
const NUMBER_PLACES = ['W0604', 'W0602', 'W0606'] as const
interface AdviceNumber {
  readonly number: string
  readonly place: number
}
const adviceNumber: GroupCodec<AdviceNumber> = {
  width: 3,
  decode(texts) {
    const place = texts.findIndex((value) => value !== '')
    return place < 0 ? undefined : { number: texts[place]!, place }
  },
  encode: ({ number, place }) => (place === 0 ? [number, '', ''] : ['', '', '']),
  // The other elements are fields of their own.
  exact: () => true,
}
const documentNumber: Through<Advice, AdviceNumber> = {
  get: (document) => ({
    number: document.documentNumber,
    place: Math.max(
      0,
      NUMBER_PLACES.findIndex((id) => cameAt(document, 'x12', id)),
    ),
  }),
  set(document, { number, place }) {
    document.documentNumber = number
    if (place > 0) noteAt(document, 'x12', NUMBER_PLACES[place]!)
  },
}

type Purpose = Pick<Advice, 'function'> & { reporting?: string }
/** Reports that say nothing but that they come in the place of others. */
const REPLACEMENT = 'replacement'
const purpose: GroupCodec<Purpose> = {
  width: 1,
  refs: [REPORTING.element],
  decode([value = ''], report) {
    const reporting = code(REPORTING).decode(value, report)
    if (reporting === undefined) return undefined
    return reporting === REPLACEMENT ? { function: 'replace' } : { function: 'original', reporting }
  },
  encode({ function: purpose, reporting = 'full' }) {
    if (purpose === 'replace') return [REPORTING.code(REPLACEMENT)!]
    const value = purpose === 'original' ? REPORTING.code(reporting) : undefined
    return value === undefined ? undefined : [value]
  },
}
const reporting: Through<Advice, Purpose> = {
  get: ({ function: purpose, body }) => ({
    function: purpose,
    ...(body.reporting === undefined ? {} : { reporting: body.reporting }),
  }),
  set(document, value) {
    document.function = value.function
    if (value.reporting !== undefined) document.body.reporting = value.reporting
  },
}

/** W1201 must be there: a line without a word on it is told by its quantities. */
const lineStatus: Through<Line, string> = {
  get: (one) => one.status ?? statusOf(one),
  set(one, status) {
    one.status = status
  },
}
function statusOf({ quantityOrdered, quantityShipped }: Line): string {
  if (quantityOrdered === undefined || quantityShipped === undefined) return 'complete'
  const missing = difference(quantityOrdered.value, quantityShipped.value)
  if (missing === '0') return 'complete'
  return missing.startsWith('-') ? 'extra' : 'partial'
}

/** W2705, 06 and 07 ⇄ the first piece of equipment. */
const firstEquipment: GroupCodec<Equipment> = {
  width: 3,
  refs: [EQUIPMENT.element, undefined, undefined],
  decode([kind = '', initial = '', number = '']) {
    const type = kind === '' ? undefined : EQUIPMENT.word(kind)
    return [
      {
        ...(type === undefined ? {} : { type }),
        ...(initial === '' ? {} : { initial }),
        ...(number === '' ? {} : { number }),
      },
    ]
  },
  encode([first = {}], kept) {
    const { type, initial = '', number = '' } = first
    const usual = type === undefined ? '' : EQUIPMENT.code(type)
    const sent = kept[0]
    const isSent = sent !== undefined && sent !== '' && EQUIPMENT.word(sent) === type
    const kind = isSent ? sent : usual
    return kind === undefined ? undefined : [kind, initial, number]
  },
}

/** N9 of a marked loop belongs to the package; of an unmarked one it is kept. */
const packageNumbers: View<LineGroup<Line>, Reference> = {
  keepsExtras: true,
  split: ({ packages }) => packages.at(-1)?.references ?? [],
  join({ packages }, found) {
    const last = packages.at(-1)
    if (last === undefined) return false
    ;(last.references ??= []).push(found)
    return true
  },
}

const shippedTotal = ({ document }: Computing) =>
  sum(
    (document as unknown as Advice).body.lines.flatMap(
      ({ quantityShipped }) => quantityShipped?.value ?? [],
    ),
  )

const lineBody = (release: Release) =>
  bind<Line>(
    [
      kept('G69', 5),
      kept('N9', 200),
      kept('G62', 10),
      kept('QTY', 10),
      kept('MEA', 5),
      kept('AMT'),
      kept('R4', 5),
      kept('W27'),
      release === '004010'
        ? kept('N1', 5)
        : keptLoop('N1', ANY, [kept('N2'), kept('N3'), kept('N4'), kept('PER')]),
      kept('G72', 5),
      industryCodes,
      keptLoop('LS', 1, [
        {
          ...keptLoop('LX', ANY, [kept('N9', ANY), kept('G62', 10), kept('N1'), industryCodes]),
          usage: 'M' as const,
        },
        kept('LE', 1, 'M'),
      ]),
      keptLoop('FA1', ANY, [kept('FA2', ANY, 'M')]),
    ],
    {
      G69: [line.self({}, line.at(1, 'description', text))],
      N9: [
        line.self({ when: { 1: 'LI' } }, line.at(2, 'lineNumber', text)),
        lotsAndSerials(LOT),
        numbers,
      ],
      G62: [expiryDays, days],
    },
  )

const loopBody = (release: Release) =>
  bind<LineGroup<Line>>([kept('MAN', ANY), kept('PAL'), kept('N9', 5), kept('W12', ANY)], {
    MAN: cartonMarks,
    PAL: [
      group.beside<Package>(
        ({ packages }) => packages.at(-1),
        {},
        pack.group([7, 8, 9, 10], 'dimensions', dimensions(UNIT)),
        pack.group([11, 12], 'weight', measuredWeight(UNIT, 'gross')),
        pack.group([13, 14], 'volume', quantity(UNIT)),
      ),
    ],
    N9: [group.view(packageNumbers, () => ({ type: '', value: '' }), {}, referenceTo)],
    W12: [
      group.each(
        'lines',
        () => ({ packageIds: [], productIds: [] }),
        {},
        [
          line.through([1], 'status', lineStatus, codeElement(SHIPMENT_STATE)),
          line.spread([2, 3, 4, 5], lineQuantities),
          line.through([6, 7, 8, 16, 17, 18, 21, 22], 'productIds', articlesShipped, itemArticles),
          line.through([9], 'lots', onlyLot(LOT), single),
          line.group([10, 11, 12, 13, 14, 15], 'weights', lineWeights(2)),
          line.at(19, 'reason', code(CHANGE_REASON)),
        ],
        lineBody(release),
      ),
    ],
  })

/** What it has no place for. */
const LEAVES_OUT = [
  'parties[].references',
  'body.transport.carrier.name',
  'body.transport.carrier.partyId',
  'body.transport.service',
  'body.transport.incoterm',
  'body.transport.equipment[].seal',
  'body.packages[].level',
  'body.packages[].type',
  'body.packages[].count',
  'body.packages[].dates',
  'body.lines[].lots[].quantity',
  'body.lines[].notes',
]

/** The map of one release. */
export const warehouseShippingAdvice = (release: Release): TransactionMap => ({
  standard: 'x12',
  id: '945',
  group: 'SW',
  version: release,
  kind: 'warehouseShippingAdvice',
  create: datedByGroup(() => ({ packages: [], lines: [] })),
  leavesOut: LEAVES_OUT,
  body: bind<Advice>(
    [
      kept('W06', 1, 'M'),
      { ...keptLoop('N1', 10, []), usage: 'M' },
      kept('N9', 10),
      kept('G61', 3),
      kept('G62', 5),
      kept('NTE', 20),
      kept('W27'),
      kept('W6'),
      kept('W28'),
      kept('W10', 10),
      kept('G72', 5),
      ...(release === '004010' ? [] : [kept('TD1', 5)]),
      industryCodes,
      kept('LX', ANY),
      kept('W03'),
    ],
    {
      W06: [
        advice.self(
          {},
          advice.through([1], 'function', reporting, purpose, { required: true }),
          advice.at(2, 'body.orderNumber', text),
          advice.at(3, 'body.shippedAt', date),
          advice.through([4, 2, 6], 'documentNumber', documentNumber, adviceNumber, {
            required: true,
          }),
          advice.at(6, 'body.customerOrderNumber', text),
          advice.at(7, 'body.masterReference', text),
          advice.at(8, 'body.linkSequence', text),
        ),
      ],
      N1: [partyLoop([kept('N2'), kept('N3', 2), kept('N4'), kept('PER', 5)])],
      N9: [numbers],
      G62: [
        advice.self(
          { when: { 1: '11' } },
          advice.group([1, 2, 3, 4, 5], 'body.shippedAt', day('shipped'), { alternative: true }),
        ),
        advice.self(
          { when: { 1: ['17', '70'] } },
          advice.group([1, 2, 3, 4, 5], 'body.estimatedDeliveryAt', day('estimatedDelivery')),
        ),
        days,
      ],
      NTE: [notes],
      W27: [
        advice.within(
          'body.transport',
          () => ({}),
          {},
          transport.at(1, 'mode', code(MODE)),
          transport.at(2, 'carrier.scac', text),
          transport.at(3, 'routing', text),
          transport.at(4, 'paymentMethod', code(PAYMENT)),
          transport.group([5, 6, 7], 'equipment', firstEquipment),
          transport.at(8, 'status', code(SHIPMENT_STATE)),
        ),
      ],
      W28: [
        advice.self(
          {},
          advice.through([8], 'references', referenceAt('W2808', 'billOfLading'), single),
        ),
      ],
      W10: [
        advice.self(
          {},
          advice.at(2, 'body.totals.pallets', integer),
          advice.through([4], 'references', referenceAt('W1004', 'seal'), single),
          advice.through([5], 'references', referenceAt('W1005', 'seal'), single),
        ),
      ],
      LX: [
        advice.view(
          lineGroups<Advice, Line>(),
          () => ({ packages: [], lines: [] }),
          {},
          [group.at(1, 'number', text)],
          loopBody(release),
        ),
      ],
      W03: [
        advice.self(
          {},
          { computed: 1, value: shippedTotal, usual: true, verified: true },
          advice.group([2, 3], 'body.totals.weight', measuredWeight(UNIT, 'gross')),
          advice.group([4, 5], 'body.totals.volume', quantity(UNIT)),
          advice.group([6, 7], 'body.totals.packages', quantity(UNIT)),
        ),
      ],
    },
  ),
  finish: (document) => settleLineGroups(document as unknown as Advice),
})
