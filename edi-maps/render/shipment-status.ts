// A shipment status (214, IFTSTA): what happened to shipments on their way, the last on top of the page.
import type { ShipmentStatus } from '../canonical/document.js'
import type {
  StatusEvent,
  StatusException,
  StatusMeasure,
  StatusPackage,
  StatusShipment,
} from '../canonical/shipment-status.js'
import { STATUS } from '../edifact/codes.js'
import {
  APPOINTMENT_STATUS,
  GOODS_EXCEPTION,
  SHIPMENT_STATUS,
  STATUS_REASON,
} from '../x12/codes.js'
import { dateFact, noteText, referenceText } from './article.js'
import { dateText } from './date-text.js'
import { quantityText } from './number-text.js'
import { facts, joined, lines, type Content, type Row, type Table } from './page.js'
import { nameOf } from './party.js'
import type { Sent } from './sent.js'
import { label, lowered, phrase, spoken } from './wording.js'

export function statusPage({ documentNumber, parties, body }: ShipmentStatus, sent: Sent): Content {
  const { carrierReference, shipmentNumber, carrier, shipments, legs = [] } = body
  const from = nameOf(parties, 'carrier') ?? carrier?.name ?? carrier?.scac ?? sent.from
  return {
    title: `Shipment status ${shipmentNumber ?? documentNumber}`,
    lead: `${from} reports what happened to ${aboutOf(shipmentNumber, shipments)}. ${latest(shipments)}`.trimEnd(),
    facts: facts([
      ["Shipper's number", shipmentNumber],
      ['Carrier', joined([carrier?.name, carrier?.scac])],
      ["Carrier's number", carrierReference],
      ...legs.map(
        ({ scac, city, region, mode }) =>
          ['Leg', joined([scac, mode && phrase(mode), joined([city, region], ' ')])] as const,
      ),
    ]),
    tables: shipments.map((shipment, n) => shipmentTable(shipment, n, shipments.length)),
  }
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
function latest(shipments: readonly StatusShipment[]): string {
  const happened = shipments
    .flatMap(eventsOf)
    .filter(({ kind, occurredAt }) => kind === 'actual' && occurredAt !== undefined)
    .sort((a, b) => (b.occurredAt ?? '').localeCompare(a.occurredAt ?? ''))
  const [last] = happened
  if (last === undefined) return ''
  const where = placeText(last)
  const what = lowered(headingOf(last))
  const told =
    last.reason === undefined ? '' : ` Told with it: ${lowered(reasonText(last.reason))}.`
  return `Last: ${joined([what, dateText(last.occurredAt, last.tz), where])}.${told}`
}

const statusText = ({ status = 'unknown' }: StatusEvent): string =>
  spoken(status, SHIPMENT_STATUS, APPOINTMENT_STATUS, STATUS)

/** The status names what happened; the milestone, where it is told alone or is what the status is called. */
const headingOf = (event: StatusEvent): string =>
  event.milestone !== null && (event.status === undefined || isNamedAs(event, event.milestone))
    ? label(event.milestone)
    : statusText(event)

/** `pickedUp` is `picked_up`; `arrivedAtDelivery` is not `out_for_delivery`, it only counts as such. */
const isNamedAs = ({ status }: StatusEvent, milestone: string): boolean =>
  status !== undefined && phrase(status) === phrase(milestone)

/** What the heading leaves unsaid of status and milestone. */
function headingDetail(event: StatusEvent): string | undefined {
  const { milestone, status } = event
  if (milestone === null || status === undefined) return undefined
  if (!isNamedAs(event, milestone)) return `Counts as: ${phrase(milestone)}`
  const text = statusText(event)
  return text === label(milestone) ? undefined : text
}

const reasonText = (reason: string): string => spoken(reason, STATUS_REASON)

const placeText = ({ location }: StatusEvent): string =>
  joined([
    location?.name,
    location?.city,
    location?.region,
    location?.country,
    location?.unlocode,
    location?.gln === undefined ? undefined : `GLN ${location.gln}`,
    location?.latitude === undefined
      ? undefined
      : `${location.latitude} ${location.longitude ?? ''}`,
  ])

const KINDS: Readonly<Record<StatusEvent['kind'], string | undefined>> = {
  actual: undefined,
  estimated: 'expected, has not happened yet',
  planned: 'agreed, has not happened yet',
}

function eventRow(event: StatusEvent, depth: number): Row {
  const { kind, milestone, reason, occurredAt, tz, equipment = [], seals = [] } = event
  return {
    depth,
    cells: [
      lines(
        headingOf(event),
        headingDetail(event),
        KINDS[kind],
        milestone === null && kind === 'actual' ? 'does not tell where the goods are' : undefined,
        ...equipment.map((one) => joined([`Vehicle ${one.initial ?? ''}`.trim(), one.number], ' ')),
        seals.length === 0 ? undefined : `Seals ${joined(seals)}`,
        ...(event.references ?? []).map(referenceText),
        ...(event.dates ?? []).map((date) => dateFact(date).join(': ')),
        ...(event.notes ?? []).map(noteText),
      ),
      occurredAt === undefined ? 'no time told' : dateText(occurredAt, tz),
      placeText(event),
      reason === undefined ? '' : reasonText(reason),
    ],
  }
}

function shipmentTable(shipment: StatusShipment, n: number, count: number): Table {
  const { consignmentNumber, references, events, packages = [], orders = [], notes = [] } = shipment
  const told = lines(
    ...references.map(referenceText),
    ...(shipment.parties ?? []).map(({ role, name, ids }) =>
      joined([label(role), name ?? ids[0]?.value], ' '),
    ),
    ...measureLines(shipment.measures),
    ...exceptionLines(shipment.exceptions),
    ...notes.map(noteText),
  )
  const name =
    consignmentNumber === undefined ? `Shipment ${n + 1}` : `Consignment ${consignmentNumber}`
  return {
    caption:
      count === 1 && consignmentNumber === undefined ? 'What happened' : `What happened: ${name}`,
    columns: [
      { title: 'What' },
      { title: 'When' },
      { title: 'Where', optional: true },
      { title: 'Why', optional: true },
    ],
    rows: [
      ...(told.length === 0 ? [] : [{ kind: 'group' as const, cells: [[name, ...told]] }]),
      ...events.map((event) => eventRow(event, 0)),
      ...packages.flatMap((one) => packageRows(one, 0)),
      ...orders.flatMap((order): Row[] => [
        {
          kind: 'group',
          cells: [
            lines(
              joined([
                order.orderNumber === undefined ? 'Order' : `Order ${order.orderNumber}`,
                order.orderDate === undefined ? undefined : `of ${dateText(order.orderDate)}`,
              ]),
              nameOf(order.parties ?? [], 'buyer', 'shipTo'),
            ),
          ],
        },
        ...(order.packages ?? []).flatMap((one) => packageRows(one, 1)),
      ]),
    ],
  }
}

function packageRows(one: StatusPackage, depth: number): Row[] {
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
          ...(one.parties ?? []).map(({ role, name }) => joined([label(role), name], ' ')),
          ...measureLines(one.measures),
          ...exceptionLines(one.exceptions),
        ),
      ],
    },
    ...events.map((event) => eventRow(event, depth + 1)),
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
  exceptions.map(({ type, quantity }) =>
    joined([`Not in order: ${spoken(type, GOODS_EXCEPTION).toLowerCase()}`, quantity]),
  )
