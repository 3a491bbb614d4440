// 214 Transportation Carrier Shipment Status Message ⇄ shipmentStatus. 004010 and 005010 are built differently: the
// later release has references, parties and events under LX only. Structures: X12 004010 and 005010.
import type { ShipmentStatus } from '../../canonical/document.js'
import type {
  StatusEvent,
  StatusException,
  StatusLeg,
  StatusMeasure,
  StatusOrder,
  StatusPackage,
  StatusShipment,
} from '../../canonical/shipment-status.js'
import type { Note, Reference } from '../../canonical/values.js'
import { code, date, dateTime, decimal, integer, quantity, sscc, text } from '../../elements.js'
import { countedShipments } from '../../counted-shipments.js'
import {
  ANY,
  bind,
  kept,
  keptLoop,
  on,
  type BindingOf,
  type SlotOf,
  type TransactionMap,
} from '../../map.js'
import {
  EQUIPMENT,
  GOODS_EXCEPTION,
  MARK,
  MODE,
  REFERENCE,
  ROUTE_PLACE,
  SERVICE,
  VOLUME_UNIT,
} from '../codes.js'
import { envelopeDate } from '../interchange-ack.js'
import { partyLoop } from './party.js'
import { trackingPair } from './shipment-elements.js'
import {
  degrees,
  fourSeals,
  ladingWeight,
  momentAndZone,
  statusAndReason,
  twoLines,
} from './status-elements.js'

type Release = '004010' | '005010'
type Location = NonNullable<StatusEvent['location']>
type Equipment = NonNullable<StatusEvent['equipment']>[number]

const status = on<ShipmentStatus>()
const shipment = on<StatusShipment>()
const event = on<StatusEvent>()
const location = on<Location>()
const equipment = on<Equipment>()
const order = on<StatusOrder>()
const pack = on<StatusPackage>()
const measure = on<StatusMeasure>()
const exception = on<StatusException>()
const leg = on<StatusLeg>()
const note = on<Note>()
const reference = on<Reference>()

/** L11 for any node that has `references`. */
const references = (release: Release) =>
  on<{ references?: Reference[] }>().each(
    'references',
    () => ({ type: '', value: '' }),
    { needs: ['type', 'value'] },
    [
      reference.at(2, 'type', code(REFERENCE)),
      reference.at(1, 'value', text),
      reference.at(3, 'description', text),
      ...(release === '005010' ? [reference.at(4, 'date', date)] : []),
    ],
  )

/** K1 for any node that has `notes`. */
const notes = on<{ notes?: Note[] }>().each('notes', () => ({ text: '' }), {}, [
  note.group([1, 2], 'text', twoLines),
])

const parties = (release: Release) =>
  partyLoop([
    kept('N2'),
    kept('N3', 2),
    kept('N4'),
    ...(release === '004010' ? [kept('G61')] : []),
    kept('G62'),
    kept('L11', 10),
  ])

const partiesOfGoods = partyLoop([kept('N2'), kept('N3', 3), kept('N4'), kept('L11', 10)])

/** The AT7 loop for any node that has `events`. */
function events(release: Release) {
  const structure =
    release === '004010'
      ? [kept('MS1'), kept('MS2')]
      : [kept('MS1'), kept('MS2', 2), kept('K1'), kept('M7')]
  const place = [
    location.at(1, 'city', text),
    location.at(2, 'region', text),
    location.at(3, 'country', text),
    location.group([4, 6], 'longitude', degrees('E', 'W')),
    location.group([5, 7], 'latitude', degrees('N', 'S')),
  ]
  return on<{ events?: StatusEvent[] }>().each(
    'events',
    (): StatusEvent => ({ milestone: null, kind: 'actual' }),
    {},
    [event.spread([1, 2, 3, 4], statusAndReason(release)), event.spread([5, 6, 7], momentAndZone)],
    bind<StatusEvent>(structure, {
      MS1: [
        event.within(
          'location',
          () => ({}),
          {},
          ...place,
          ...(release === '005010' ? [location.at(8, 'postalCode', text)] : []),
        ),
      ],
      MS2: [
        event.each('equipment', () => ({}), {}, [
          equipment.at(1, 'initial', text),
          equipment.at(2, 'number', text),
          equipment.at(3, 'type', code(EQUIPMENT)),
        ]),
      ],
      ...(release === '005010'
        ? { K1: [notes], M7: [event.self({}, event.group([1, 2, 3, 4], 'seals', fourSeals))] }
        : {}),
    }),
  )
}

const exceptions = on<{ exceptions?: StatusException[] }>().each(
  'exceptions',
  () => ({ type: '' }),
  {},
  [
    exception.at(1, 'type', code(GOODS_EXCEPTION)),
    exception.at(2, 'packaging', text),
    exception.at(3, 'quantity', decimal),
  ],
)

const measures = on<{ measures?: StatusMeasure[] }>().each('measures', () => ({}), {}, [
  measure.group([3, 2, 1], 'weight', ladingWeight),
  measure.at(4, 'handlingUnits', decimal),
  measure.at(5, 'pieces', decimal),
  measure.group([7, 6], 'volume', quantity(VOLUME_UNIT)),
])

const MARK_KEYS: ReadonlySet<string> = new Set(['sscc', 'trackingNumber', 'mark', 'extras'])
/** A package that is no more than its mark stands in MAN; one with a story of its own has a CD3 loop (004010). */
const isMarkOnly = (one: StatusPackage) => Object.keys(one).every((key) => MARK_KEYS.has(key))

/** MAN for any node that has `packages`. */
const marks = (
  isMark: (one: StatusPackage) => boolean,
): BindingOf<{ packages?: StatusPackage[] }>[] => {
  const owner = on<{ packages?: StatusPackage[] }>()
  return [
    owner.each(
      'packages',
      () => ({}),
      { when: { 1: ['GM', 'AA'] }, only: (one) => isMark(one) && one.sscc !== undefined },
      [
        pack.group([1, 2], 'sscc', sscc(MARK, 'GM')),
        pack.group([4, 5], 'trackingNumber', trackingPair),
      ],
    ),
    owner.each(
      'packages',
      () => ({}),
      {
        when: { 1: 'CP' },
        only: (one) => isMark(one) && one.sscc === undefined && one.trackingNumber !== undefined,
      },
      [pack.at(2, 'trackingNumber', text)],
    ),
    owner.each(
      'packages',
      () => ({}),
      {
        only: (one) => isMark(one) && one.sscc === undefined && one.trackingNumber === undefined,
      },
      [
        pack.at(1, 'mark.scheme', code(MARK)),
        pack.at(2, 'mark.value', text),
        pack.at(3, 'mark.to', text),
      ],
    ),
  ]
}

/** The CD3 loop (004010) for any node that has `packages`. */
const packages = (
  structure: readonly SlotOf<unknown>[],
  only = (one: StatusPackage) => !isMarkOnly(one),
) => {
  const bindings: Readonly<Record<string, readonly BindingOf<StatusPackage>[]>> = {
    L11: [references('004010')],
    AT7: [events('004010')],
    Q7: [exceptions],
    AT8: [measures],
    MAN: [
      pack.self({ when: { 1: ['GM', 'AA'] } }, pack.group([1, 2], 'sscc', sscc(MARK, 'GM'))),
      pack.self({ when: { 1: 'CP' } }, pack.at(2, 'trackingNumber', text)),
    ],
    N1: [partiesOfGoods],
  }
  const present = Object.entries(bindings).filter(([tag]) =>
    structure.some((slot) => slot.tag === tag),
  )
  return on<{ packages?: StatusPackage[] }>().each(
    'packages',
    () => ({ events: [] }),
    { only },
    [pack.at(5, 'service', code(SERVICE))],
    bind<StatusPackage>(structure, Object.fromEntries(present)),
  )
}

const eventLoop = keptLoop('AT7', 10, [])
const orders = on<{ orders?: StatusOrder[] }>()

const cd3Structure = [
  kept('L11', 20),
  eventLoop,
  kept('NM1'),
  kept('Q7', 10),
  kept('AT8'),
  kept('MAN', 9999),
  keptLoop('N1', ANY, []),
]

/** LX loop of 004010, after LX. */
const shipmentIn4010 = bind<StatusShipment>(
  [
    eventLoop,
    kept('L11', 10),
    kept('MAN', 9999),
    kept('Q7', 10),
    kept('K1', 10),
    kept('AT5', 10),
    kept('AT8', 10),
    keptLoop('CD3', ANY, []),
    keptLoop('PRF', ANY, []),
    keptLoop('SPO', ANY, []),
    keptLoop('EFI', ANY, [kept('BIN', 1, 'M')]),
  ],
  {
    AT7: [events('004010')],
    L11: [references('004010')],
    MAN: marks(isMarkOnly),
    Q7: [exceptions],
    K1: [notes],
    AT8: [measures],
    CD3: [packages(cd3Structure)],
    PRF: [
      orders.each(
        'orders',
        () => ({}),
        {},
        [
          order.at(1, 'orderNumber', text),
          order.at(2, 'releaseNumber', text),
          order.at(4, 'orderDate', date),
        ],
        bind<StatusOrder>([keptLoop('N1', ANY, []), keptLoop('CD3', ANY, [])], {
          N1: [partyLoop([kept('N2'), kept('N3', 2), kept('N4'), kept('L11', 10)])],
          CD3: [packages([kept('L11', 20), eventLoop, kept('MAN', 9999)], () => true)],
        }),
      ),
    ],
    SPO: [
      orders.each(
        'orders',
        () => ({}),
        { alternative: true },
        [order.at(1, 'orderNumber', text)],
        [kept('SDQ', 10)],
      ),
    ],
  },
)

/** LX loop of 005010, after LX. */
const shipmentIn5010 = bind<StatusShipment>(
  [
    kept('L11', 999),
    kept('MAN', 9999),
    kept('Q7', 10),
    kept('K1', 10),
    kept('AT5', 10),
    kept('AT8', 10),
    { ...eventLoop, usage: 'M' },
    keptLoop('N1', 5, []),
    keptLoop('OID', ANY, []),
  ],
  {
    L11: [references('005010')],
    MAN: marks(() => true),
    Q7: [exceptions],
    K1: [notes],
    AT8: [measures],
    AT7: [events('005010')],
    N1: [parties('005010')],
    OID: [
      orders.each('orders', () => ({}), {}, [order.at(2, 'orderNumber', text)], [kept('SDQ', 10)]),
    ],
  },
)

const legs = status.each('body.legs', () => ({}), {}, [
  leg.at(1, 'scac', text),
  leg.at(2, 'sequence', code(ROUTE_PLACE)),
  leg.at(3, 'city', text),
  leg.at(4, 'mode', code(MODE)),
  leg.at(5, 'region', text),
])

/** B10. From 005010 on it may tell when the message was made; the date of the envelope is used otherwise. */
const beginning = (release: Release) =>
  status.self(
    {},
    status.at(1, 'body.carrierReference', text),
    status.at(2, 'body.shipmentNumber', text),
    status.at(3, 'body.carrier.scac', text),
    status.at(6, 'body.carrierReference', text, { alternative: true }),
    ...(release === '005010'
      ? [
          status.through(
            [8, 9],
            'documentDate',
            {
              get: ({ documentDate }) => documentDate,
              set: (document, value) => {
                document.documentDate = value
              },
            },
            dateTime(),
            { alternative: true },
          ),
        ]
      : []),
  )

const shipmentLoop = (structure: readonly SlotOf<StatusShipment>[]) =>
  status.view(
    countedShipments('x12', 'LX01'),
    (): StatusShipment => ({ references: [], events: [] }),
    {},
    [shipment.at(1, 'number', integer)],
    structure,
  )

const bodyOf = {
  '004010': bind<ShipmentStatus>(
    [
      kept('B10', 1, 'M'),
      kept('L11', 300),
      kept('MAN', 9999),
      kept('K1', 10),
      keptLoop('N1', 10, []),
      kept('MS3', 12),
      keptLoop('LX', ANY, []),
    ],
    {
      B10: [beginning('004010')],
      L11: [references('004010')],
      K1: [notes],
      N1: [parties('004010')],
      MS3: [legs],
      LX: [shipmentLoop(shipmentIn4010)],
    },
  ),
  '005010': bind<ShipmentStatus>(
    [kept('B10', 1, 'M'), kept('MS3', 12), { ...keptLoop('LX', ANY, []), usage: 'M' }],
    { B10: [beginning('005010')], MS3: [legs], LX: [shipmentLoop(shipmentIn5010)] },
  ),
} as const

const EVENT_LEAVES_OUT = [
  'location.role',
  'notes[].topic',
  'references',
  'dates',
  'parties',
  'location.name',
  'location.unlocode',
  'location.gln',
  'equipment[].seal',
]
const inEvents = (keys: readonly string[], of = 'body.shipments[]') =>
  keys.map((key) => `${of}.events[].${key}`)

/** No party has contacts or references: what L11 says of one is kept. */
const inParties = (parties: string) => [`${parties}[].contacts`, `${parties}[].references`]

/** What each release has no place for. */
const LEAVES_OUT: Readonly<Record<Release, readonly string[]>> = {
  '004010': [
    'dates',
    'notes[].topic',
    'body.carrier.partyId',
    'body.carrier.name',
    'body.shipments[].consignmentNumber',
    'body.shipments[].notes[].topic',
    'body.shipments[].parties',
    'references[].date',
    ...inParties('parties'),
    'body.shipments[].references[].date',
    'body.shipments[].packages[].weight',
    'body.shipments[].packages[].references[].date',
    ...inParties('body.shipments[].packages[].parties'),
    ...inParties('body.shipments[].orders[].parties'),
    'body.shipments[].orders[].packages[].references[].date',
    ...['mark', 'weight', 'exceptions', 'measures', 'parties'].map(
      (key) => `body.shipments[].orders[].packages[].${key}`,
    ),
    ...['', '.packages[]', '.orders[].packages[]'].flatMap((of) =>
      inEvents(
        [...EVENT_LEAVES_OUT, 'notes', 'seals', 'location.postalCode'],
        `body.shipments[]${of}`,
      ),
    ),
  ],
  '005010': [
    'references',
    'parties',
    'dates',
    'notes',
    'body.carrier.partyId',
    'body.carrier.name',
    'body.shipments[].consignmentNumber',
    'body.shipments[].notes[].topic',
    ...inParties('body.shipments[].parties'),
    ...['weight', 'service', 'references', 'events', 'exceptions', 'measures', 'parties'].map(
      (key) => `body.shipments[].packages[].${key}`,
    ),
    ...['releaseNumber', 'orderDate', 'parties', 'packages'].map(
      (key) => `body.shipments[].orders[].${key}`,
    ),
    ...inEvents(EVENT_LEAVES_OUT),
  ],
}

/** The map of one release. */
export const carrierShipmentStatus = (release: Release): TransactionMap => ({
  standard: 'x12',
  id: '214',
  group: 'QM',
  version: release,
  kind: 'shipmentStatus',
  create: ({ group, interchange }) => ({
    function: 'original',
    documentDate:
      envelopeDate(group.date, group.time) ?? envelopeDate(interchange.date, interchange.time),
    body: { shipments: [] },
  }),
  body: bodyOf[release],
  leavesOut: LEAVES_OUT[release],
  // A 214 has no number of its own.
  finish(document) {
    const { body, source } = document as unknown as ShipmentStatus
    document['documentNumber'] =
      body.carrierReference ?? body.shipmentNumber ?? source?.control?.message
  },
})
