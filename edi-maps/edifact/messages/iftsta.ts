// IFTSTA international multimodal status report ⇄ shipmentStatus, D.96A and D.01B. The two directories say what
// happened by different lists: 9011, and 4405 as recommendation 24 fills it.
import type { ShipmentStatus } from '../../canonical/document.js'
import type { StatusEvent, StatusShipment } from '../../canonical/shipment-status.js'
import { countedShipments } from '../../counted-shipments.js'
import { integer, text } from '../../elements.js'
import { bind, on, type SlotOf, type TransactionMap } from '../../map.js'
import { STATUS, STATUS_UNTIL_D97 } from '../codes.js'
import { groupOf, structureOf } from '../structure.js'
import { beginning, createDocument, messageDate } from './header.js'
import { partyGroup } from './party.js'
import { dates, notes, references } from './references.js'
import {
  EVENT_DATES,
  occurred,
  placeId,
  placeNumber,
  placeRole,
  role,
  statusAndReason,
} from './status-elements.js'
import { carrier, equipmentGroup } from './transport.js'

type Release = 'D:96A' | 'D:01B'

const status = on<ShipmentStatus>()
const shipment = on<StatusShipment>()
const event = on<StatusEvent>()

/** 1001: as EANCOM 97 has it, and the status information of later directories. */
const KIND: Readonly<Record<Release, string>> = { 'D:96A': '44', 'D:01B': '23' }

const bodyOf = (structure: readonly SlotOf<unknown>[], tag: string) =>
  structure.find((slot) => slot.tag === tag)?.body ?? []

function events(structure: readonly SlotOf<unknown>[], release: Release) {
  const list = release === 'D:96A' ? STATUS_UNTIL_D97 : STATUS
  return shipment.each(
    'events',
    (): StatusEvent => ({ milestone: null, kind: 'actual' }),
    {},
    [event.spread(['1-1', '2-1', '3-1'], statusAndReason(list, release))],
    bind<StatusEvent>(structure, {
      RFF: [references()],
      DTM: [
        event.self(
          { when: { '1-1': EVENT_DATES } },
          event.group(['1-1', '1-2', '1-3'], 'occurredAt', occurred),
        ),
        dates,
      ],
      FTX: [notes],
      NAD: [partyGroup(bodyOf(structure, 'NAD'))],
      LOC: [
        event.self(
          {},
          event.through([1], 'location.role', placeRole, role),
          event.through(['2-1', '2-3'], 'location', placeId, placeNumber),
          event.at('2-4', 'location.name', text),
        ),
      ],
      EQD: [equipmentGroup(groupOf(structure, 'EQD'))],
    }),
  )
}

const LEAVES_OUT = [
  'references[].description',
  'parties[].references',
  'body.legs',
  ...['references', 'parties', 'packages', 'orders', 'exceptions', 'measures', 'notes'].map(
    (key) => `body.shipments[].${key}`,
  ),
  ...['city', 'region', 'postalCode', 'country', 'latitude', 'longitude'].map(
    (key) => `body.shipments[].events[].location.${key}`,
  ),
  'body.shipments[].events[].references[].description',
  'body.shipments[].events[].references[].date',
  'body.shipments[].events[].parties[].contacts',
  'body.shipments[].events[].parties[].references',
  'body.shipments[].events[].tz',
  'body.shipments[].events[].seals',
]

/** The map of one directory. */
export function statusReport(release: Release): TransactionMap {
  const structure = structureOf('IFTSTA', release)
  const ofShipment = groupOf(structure, 'CNI')
  return {
    standard: 'edifact',
    id: 'IFTSTA',
    version: release,
    kind: 'shipmentStatus',
    create: (envelope) => createDocument(envelope, { shipments: [] }),
    leavesOut: LEAVES_OUT,
    body: bind<ShipmentStatus>(structure, {
      BGM: [beginning(KIND[release])],
      DTM: [messageDate, dates],
      NAD: [
        status.within(
          'body.carrier',
          () => ({}),
          { when: { 1: 'CA' }, body: groupOf(structure, 'NAD') },
          on<NonNullable<ShipmentStatus['body']['carrier']>>().spread(
            ['2-1', '2-3', '4-1'],
            carrier,
          ),
        ),
        partyGroup(groupOf(structure, 'NAD')),
      ],
      RFF: [
        status.self(
          { when: { '1-1': 'CN' }, body: groupOf(structure, 'RFF') },
          status.at('1-2', 'body.carrierReference', text),
        ),
        status.self(
          { when: { '1-1': 'SI' }, body: groupOf(structure, 'RFF') },
          status.at('1-2', 'body.shipmentNumber', text),
        ),
        references(groupOf(structure, 'RFF')),
      ],
      FTX: [notes],
      CNI: [
        status.view(
          countedShipments('edifact', 'CNI01'),
          (): StatusShipment => ({ references: [], events: [] }),
          {},
          [shipment.at(1, 'number', integer), shipment.at('2-1', 'consignmentNumber', text)],
          bind<StatusShipment>(ofShipment, {
            STS: [events(groupOf(ofShipment, 'STS'), release)],
          }),
        ),
      ],
    }),
  }
}
