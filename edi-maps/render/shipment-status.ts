// A shipment status (214, IFTSTA): what happened to shipments on their way, the last on top of the page.
import type { ShipmentStatus } from '../canonical/document.js'
import type {
  StatusEvent,
  StatusException,
  StatusMeasure,
  StatusPackage,
  StatusShipment,
} from '../canonical/shipment-status.js'
import type { CodeList } from '../code-list.js'
import * as edifact from '../edifact/codes.js'
import {
  APPOINTMENT_STATUS,
  GOODS_EXCEPTION,
  ROUTE_PLACE,
  SHIPMENT_STATUS,
  STATUS_REASON,
} from '../x12/codes.js'
import { dateFact, noteText, referenceText } from './article.js'
import { dateText } from './date-text.js'
import { quantityText } from './number-text.js'
import { facts, joined, lines, type Content, type Row, type Table } from './page.js'
import { nameOf, partyText } from './party.js'
import type { Sent } from './sent.js'
import { label, lowered, meant, phrase, spoken } from './wording.js'

/** What statuses and reasons are said by: the lists of the standard that told them first, as each means its own by a word. */
interface Told {
  readonly statuses: readonly CodeList[]
  readonly reasons: readonly CodeList[]
}

function toldBy({ source }: ShipmentStatus): Told {
  const x12 = [SHIPMENT_STATUS, APPOINTMENT_STATUS]
  const { STATUS, STATUS_UNTIL_D97 } = edifact
  if (source?.family !== 'edifact') {
    return { statuses: [...x12, STATUS], reasons: [STATUS_REASON, edifact.STATUS_REASON] }
  }
  const first = source.release === 'D:96A' ? [STATUS_UNTIL_D97, STATUS] : [STATUS]
  return { statuses: [...first, ...x12], reasons: [edifact.STATUS_REASON, STATUS_REASON] }
}

export function statusPage(document: ShipmentStatus, sent: Sent): Content {
  const { documentNumber, parties, body } = document
  const told = toldBy(document)
  const { carrierReference, shipmentNumber, carrier, shipments, legs = [] } = body
  const from = nameOf(parties, 'carrier') ?? carrier?.name ?? carrier?.scac ?? sent.from
  return {
    title: `Shipment status ${shipmentNumber ?? documentNumber}`,
    lead: joined(
      [
        `${from} reports what happened to ${aboutOf(shipmentNumber, shipments)}.`,
        latest(shipments, told),
        deliveryNow(shipments, told),
      ],
      ' ',
    ),
    facts: facts([
      ["Shipper's number", shipmentNumber],
      ['Carrier', joined([carrier?.name, carrier?.scac])],
      ["Carrier's number", carrierReference],
      [
        'Number of the report',
        [shipmentNumber, carrierReference].includes(documentNumber) ? undefined : documentNumber,
      ],
      ...legs.map(
        ({ scac, sequence, city, region, mode }) =>
          [
            sequence === undefined ? 'Leg' : spoken(sequence, ROUTE_PLACE),
            joined([scac, mode && phrase(mode), city && `at ${joined([city, region])}`]),
          ] as const,
      ),
    ]),
    tables: shipments.map((shipment, n) =>
      shipmentTable(shipment, told, partName(shipment, n, shipments.length, shipmentNumber)),
    ),
  }
}

const STOP = 'stopSequence'

/** What one of several parts is called: a consignment, a stop of the one shipment, or a shipment; alone it needs no name. */
function partName(
  { consignmentNumber, references, events }: StatusShipment,
  n: number,
  count: number,
  shipmentNumber: string | undefined,
): string | undefined {
  if (consignmentNumber !== undefined) return `Consignment ${consignmentNumber}`
  const stop = references.find(({ type }) => type === STOP)?.value
  const place = events.map(({ location }) => joined([location?.city, location?.region]))
  const name =
    stop !== undefined
      ? `Stop ${stop}`
      : count === 1
        ? undefined
        : `${shipmentNumber === undefined ? 'Shipment' : 'Part'} ${n + 1}`
  return name && joined([name, place.find((one) => one !== '')], ' – ')
}

function aboutOf(shipmentNumber: string | undefined, shipments: readonly StatusShipment[]): string {
  if (shipmentNumber !== undefined) return `shipment ${shipmentNumber}`
  const [only, ...others] = shipments
  if (others.length > 0) return `${shipments.length} shipments`
  return only?.consignmentNumber === undefined
    ? 'a shipment'
    : `consignment ${only.consignmentNumber}`
}

const packagesOf = ({ packages = [], orders = [] }: StatusShipment): readonly StatusPackage[] => [
  ...packages,
  ...orders.flatMap((order) => order.packages ?? []),
]

const eventsOf = (shipment: StatusShipment): readonly StatusEvent[] => [
  ...shipment.events,
  ...packagesOf(shipment).flatMap(({ events = [] }) => events),
]

/** The last thing told to have happened, where the times tell which it is. */
function latest(shipments: readonly StatusShipment[], told: Told): string {
  const happened = shipments
    .flatMap(eventsOf)
    .filter(({ kind, occurredAt }) => kind === 'actual' && occurredAt !== undefined)
    .sort((a, b) => (b.occurredAt ?? '').localeCompare(a.occurredAt ?? ''))
  const [last] = happened
  if (last === undefined) return ''
  const where = placeText(last)
  const what = lowered(headingOf(last, told))
  const why =
    last.reason === undefined ? '' : ` Reason told: ${lowered(reasonText(last.reason, told))}.`
  return `Last: ${joined([what, dateText(last.occurredAt, last.tz), where])}.${why}`
}

/** When the delivery is expected by what was told last, and why it is not as it was told before. */
function deliveryNow(shipments: readonly StatusShipment[], told: Told): string {
  const events = shipments.flatMap(eventsOf)
  if (events.some(({ milestone }) => milestone === 'delivered')) return ''
  const expected = events.filter(
    ({ kind, status = '', occurredAt }) =>
      kind !== 'actual' && status.startsWith('delivery') && occurredAt !== undefined,
  )
  const now = expected.at(-1)
  if (now?.occurredAt === undefined) return ''
  const day = now.occurredAt.slice(0, 10)
  const before = expected.filter(({ occurredAt }) => occurredAt?.slice(0, 10) !== day)
  const reasons = expected
    .filter(({ occurredAt }) => occurredAt?.slice(0, 10) === day)
    .flatMap(({ reason }) => (reason === undefined ? [] : [lowered(reasonText(reason, told))]))
  const why = reasons.length === 0 ? '' : ` Reason told: ${joined([...new Set(reasons)], '; ')}.`
  const earlier = before.at(-1)
  const instead =
    earlier === undefined ? '' : `, no longer on ${dateText(earlier.occurredAt, earlier.tz)}`
  return `Delivery is now expected on ${dateText(now.occurredAt, now.tz)}${instead}.${why}`
}

const statusText = ({ status = 'unknown' }: StatusEvent, { statuses }: Told): string =>
  spoken(status, ...statuses)

/** The status names what happened; the milestone, where it is told alone or is what the status is called. */
const headingOf = (event: StatusEvent, told: Told): string =>
  event.milestone !== null && (event.status === undefined || isNamedAs(event, event.milestone))
    ? label(event.milestone)
    : statusText(event, told)

/** `pickedUp` is `picked_up`; `arrivedAtDelivery` is not `out_for_delivery`, it only counts as such. */
const isNamedAs = ({ status }: StatusEvent, milestone: string): boolean =>
  status !== undefined && phrase(status) === phrase(milestone)

/** What the heading leaves unsaid of status and milestone. */
function headingDetail(event: StatusEvent, told: Told): string | undefined {
  const { milestone, status } = event
  if (milestone === null || status === undefined) return undefined
  if (!isNamedAs(event, milestone)) return `Recorded as: ${phrase(milestone)}`
  const text = statusText(event, told)
  return text === label(milestone) ? undefined : text
}

const reasonText = (reason: string, { reasons }: Told): string => spoken(reason, ...reasons)

const placeText = ({ location }: StatusEvent): string =>
  joined([
    location?.name,
    location?.city,
    joined([location?.region, location?.postalCode], ' '),
    location?.country,
    location?.unlocode,
    location?.gln === undefined ? undefined : `GLN ${location.gln}`,
    degreesText(location?.latitude, 'N', 'S'),
    degreesText(location?.longitude, 'E', 'W'),
  ])

/** `35.15000° N`. */
const degreesText = (value: string | undefined, positive: string, negative: string) =>
  value === undefined
    ? undefined
    : `${value.replace(/^-/, '')}° ${value.startsWith('-') ? negative : positive}`

const KINDS: Readonly<Record<StatusEvent['kind'], string | undefined>> = {
  actual: undefined,
  estimated: 'expected, has not happened yet',
  planned: 'agreed, has not happened yet',
}

function eventRow(event: StatusEvent, told: Told, depth: number): Row {
  const { kind, milestone, reason, occurredAt, tz, equipment = [], seals = [] } = event
  return {
    depth,
    cells: [
      lines(
        headingOf(event, told),
        headingDetail(event, told),
        KINDS[kind],
        milestone === null && kind === 'actual'
          ? 'For information: it is no step on the way to the delivery'
          : undefined,
        ...equipment.map(({ type, initial = '', number = '', seal }) =>
          joined([
            joined([type === undefined ? 'Vehicle' : label(type), initial + number], ' '),
            seal && `seal ${seal}`,
          ]),
        ),
        ...(event.parties ?? []).map(partyText),
        seals.length === 0 ? undefined : `Seals ${joined(seals)}`,
        ...(event.references ?? []).map(referenceText),
        ...(event.dates ?? []).map((date) => dateFact(date).join(': ')),
        ...(event.notes ?? []).map(noteText),
      ),
      occurredAt === undefined ? 'no time told' : dateText(occurredAt, tz),
      placeText(event),
      reason === undefined ? '' : reasonText(reason, told),
    ],
  }
}

function shipmentTable(shipment: StatusShipment, told: Told, name: string | undefined): Table {
  const { references, events, packages = [], orders = [], notes = [] } = shipment
  const [first, ...further] = lines(
    ...references.filter(({ type }) => type !== STOP).map(referenceText),
    ...(shipment.parties ?? []).map(partyText),
    ...measureLines(shipment.measures),
    ...exceptionLines(shipment.exceptions),
    ...notes.map(noteText),
  )
  const kinds = new Set(eventsOf(shipment).map(({ kind }) => kind !== 'actual'))
  const caption = !kinds.has(true)
    ? 'What happened'
    : kinds.has(false)
      ? 'What happened and what is to come'
      : 'What is to come'
  return {
    caption: name ?? caption,
    columns: [
      { title: name === undefined ? 'What' : caption },
      { title: 'When' },
      { title: 'Where', optional: true },
      { title: 'Why', optional: true },
    ],
    rows: [
      ...(first === undefined ? [] : [{ kind: 'group' as const, cells: [[first, ...further]] }]),
      ...events.map((event) => eventRow(event, told, 0)),
      ...packages.flatMap((one) => packageRows(one, told, 0)),
      ...orders.flatMap((order): Row[] => [
        {
          kind: 'group',
          cells: [
            lines(
              joined([
                order.orderNumber === undefined ? 'Order' : `Order ${order.orderNumber}`,
                order.releaseNumber === undefined ? undefined : `release ${order.releaseNumber}`,
                order.orderDate === undefined ? undefined : `of ${dateText(order.orderDate)}`,
              ]),
              ...(order.parties ?? []).map(partyText),
            ),
          ],
        },
        ...(order.packages ?? []).flatMap((one) => packageRows(one, told, 1)),
      ]),
    ],
  }
}

function packageRows(one: StatusPackage, told: Told, depth: number): Row[] {
  const { sscc, trackingNumber, mark, weight, service, events = [], references = [] } = one
  return [
    {
      kind: 'group',
      depth,
      cells: [
        lines(
          joined([
            'Package',
            sscc === undefined ? undefined : `SSCC ${sscc}`,
            trackingNumber === undefined ? undefined : `tracking number ${trackingNumber}`,
            mark === undefined ? undefined : `${phrase(mark.scheme)} ${mark.value}`,
          ]).replace(',', ''),
          quantityText(weight),
          service === undefined ? undefined : label(service),
          ...references.map(referenceText),
          ...(one.parties ?? []).map(partyText),
          ...measureLines(one.measures),
          ...exceptionLines(one.exceptions),
        ),
      ],
    },
    ...events.map((event) => eventRow(event, told, depth + 1)),
  ]
}

const measureLines = (measures: readonly StatusMeasure[] = []): string[] =>
  measures.map(({ weight, handlingUnits, pieces, volume }) =>
    joined([
      quantityText(weight),
      handlingUnits === undefined
        ? undefined
        : `${handlingUnits} handling ${handlingUnits === '1' ? 'unit' : 'units'}`,
      pieces === undefined ? undefined : `${pieces} ${pieces === '1' ? 'piece' : 'pieces'}`,
      quantityText(volume),
    ]),
  )

const exceptionLines = (exceptions: readonly StatusException[] = []): string[] =>
  exceptions.map(({ type, quantity, packaging }) =>
    joined(
      [`Not in order: ${meant(type, GOODS_EXCEPTION)}`, joined([quantity, packaging], ' ')],
      ': ',
    ),
  )
