// What a 214 says of events that did not come as a 214, and what each release has no place for.
import { expect, test } from '@jest/globals'
import type { ShipmentStatus } from '../../../edi-maps/canonical/document.js'
import type { StatusEvent, StatusShipment } from '../../../edi-maps/canonical/shipment-status.js'
import { findMap, ready } from '../../../edi-maps/maps.js'
import { writeTransaction } from '../../../edi-maps/write.js'

const document = (
  shipment: Partial<StatusShipment>,
  more: Partial<ShipmentStatus> = {},
): ShipmentStatus => ({
  kind: 'shipmentStatus',
  version: 1,
  function: 'original',
  documentNumber: 'PRO1',
  documentDate: '2026-01-02',
  parties: [],
  references: [],
  dates: [],
  notes: [],
  body: {
    carrierReference: 'PRO1',
    carrier: { scac: 'EXMP' },
    shipments: [{ references: [], events: [], ...shipment }],
  },
  ...more,
})

const write = (of: ShipmentStatus, release: '004010' | '005010') => {
  const { segments, issues } = writeTransaction(of, ready(findMap('x12', '214', release)!))
  return {
    segments: segments.map((segment) => segment.join('*')),
    issues: issues.map(({ code, severity, path }) => `${severity} ${code} ${path ?? ''}`),
  }
}
const eventOf = (event: Partial<StatusEvent>, release: '004010' | '005010' = '004010') =>
  write(document({ events: [{ milestone: null, kind: 'actual', ...event }] }), release)

test('a milestone without a status becomes the code that says no more', () => {
  expect(eventOf({ milestone: 'in_transit' }).segments).toContain('AT7*X6*NS')
  expect(eventOf({ milestone: 'delivered' }, '005010').segments).toContain('AT7*D1')
})

test('a milestone X12 has no code for is refused, not written as another one', () => {
  expect(eventOf({ milestone: 'label_generated' }).issues).toEqual([
    'error value-not-writable body.shipments[0].events[0]',
  ])
})

test.each([
  ['2026-01-02T10:00-05:00', undefined, '20260102*1000*ES'],
  ['2026-01-02T10:00+01:00', undefined, '20260102*1000*01'],
  ['2026-01-02T10:00', 'LT', '20260102*1000*LT'],
  ['2026-01-02T10:00', 'America/Chicago', '20260102*1000*CT'],
  ['2026-01-02T10:00', undefined, '20260102*1000'],
  ['2026-01-02', undefined, '20260102'],
])('an event of %s in zone %s is written as %s', (occurredAt, tz, expected) => {
  const { segments } = eventOf({
    status: 'delivered',
    occurredAt,
    ...(tz === undefined ? {} : { tz }),
  })
  expect(segments).toContain(`AT7*D1*NS***${expected}`)
})

test('a place in degrees is written in degrees, minutes and seconds', () => {
  const { segments } = eventOf({
    status: 'enRoute',
    location: { latitude: '-33.86778', longitude: '151.21' },
  })
  expect(segments).toContain('MS1****1511236*0335204*E*S')
})

test('stops are counted, unless their numbers are told', () => {
  const status = document({})
  status.body.shipments.push({ references: [], events: [], number: 9 })
  expect(write(status, '004010').segments).toEqual(['B10*PRO1**EXMP', 'LX*1', 'LX*9'])
})

test('what a release has no place for is told, and the rest is written', () => {
  const status = document(
    {
      events: [{ milestone: 'delivered', kind: 'actual', notes: [{ text: 'AT THE BACK DOOR' }] }],
      packages: [{ sscc: '006141410000000111', service: 'ground' }],
    },
    { references: [{ type: 'billOfLading', value: 'BOL1' }] },
  )
  expect(write(status, '004010').issues).toEqual([
    'warning value-left-out body.shipments[0].events[0].notes',
  ])
  const later = write(status, '005010')
  expect(later.issues).toEqual([
    'warning value-left-out references',
    'warning value-left-out body.shipments[0].packages[0].service',
  ])
  expect(later.segments).toEqual([
    'B10*PRO1**EXMP',
    'LX*1',
    'MAN*GM*00006141410000000111',
    'AT7*D1',
    'K1*AT THE BACK DOOR',
  ])
})
