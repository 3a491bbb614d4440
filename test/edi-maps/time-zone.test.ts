// The zone of an agreement: local times get its offset, times with offset become its local times.
import { expect, test } from '@jest/globals'
import type { ShipmentStatus } from '../../edi-maps/canonical/document.js'
import { localTime, withOffset, zoneProblem } from '../../edi-maps/time-zone.js'
import { readInput, rewritten } from './reading.js'

test.each([
  ['2026-01-02T10:30', 'Europe/Berlin', '2026-01-02T10:30+01:00'],
  ['2026-07-02T10:30:15', 'Europe/Berlin', '2026-07-02T10:30:15+02:00'],
  ['2026-07-02T10:30:15.25', 'America/St_Johns', '2026-07-02T10:30:15.25-02:30'],
  ['2026-01-02T10:30', 'Europe/London', '2026-01-02T10:30Z'],
])('%s in %s is %s, and back', (local, zone, full) => {
  expect(withOffset(local, zone)).toBe(full)
  expect(localTime(full, zone)).toBe(local)
})

test('of the hour that comes twice in autumn the first is meant', () => {
  expect(withOffset('2026-10-25T02:30', 'Europe/Berlin')).toBe('2026-10-25T02:30+02:00')
  expect(withOffset('2026-10-25T03:00', 'Europe/Berlin')).toBe('2026-10-25T03:00+01:00')
  expect(localTime('2026-10-25T02:30+01:00', 'Europe/Berlin')).toBe('2026-10-25T02:30')
})

test('a time that clocks leave out in spring is told as if they had not been changed yet', () => {
  expect(withOffset('2026-03-29T02:30', 'Europe/Berlin')).toBe('2026-03-29T02:30+01:00')
  expect(withOffset('2026-03-29T03:00', 'Europe/Berlin')).toBe('2026-03-29T03:00+02:00')
})

test('a date stays a date, and what is no time stays what it is', () => {
  for (const text of ['2026-01-02', 'PO-7', '2026-99-99T99:99']) {
    expect(withOffset(text, 'Europe/Berlin')).toBe(text)
    expect(localTime(`${text}Z`, 'Europe/Berlin')).toBe(`${text}Z`)
  }
  expect(localTime('2026-01-02', 'Asia/Tokyo')).toBe('2026-01-02')
})

test('another zone may have another day', () => {
  expect(localTime('2026-01-02T23:30Z', 'Asia/Tokyo')).toBe('2026-01-03T08:30')
})

test('a name that is no zone is refused with the nearest one', () => {
  expect(zoneProblem('Europe/Berlin')).toBeUndefined()
  expect(zoneProblem('UTC')).toBeUndefined()
  expect(zoneProblem('Europe/Brelin')).toBe('is no time zone; nearest: Europe/Berlin')
  expect(zoneProblem('+01:00')).toMatch(/^is no time zone/)
})

/** A 214 whose events tell their time in every way there is. */
const STATUSES = [
  'ISA*00*          *00*          *02*EXCA           *ZZ*EXSUPPLIER     *260109*1000*U*00401*000000001*0*P*>',
  'GS*QM*EXCA*EXSUPPLIER*20260109*1000*1*X*004010',
  'ST*214*0001',
  'B10*PRO-7*SHP-7*EXCA',
  'LX*1',
  ...['', '*LT', '*CS', '*ET'].flatMap((zone) => [`AT7*AF*NS***20260107*1435${zone}`]),
  'AT7*X3*NS***20260108',
  'SE*9*0001',
  'GE*1*1',
  'IEA*1*000000001',
  '',
].join('~\n')

test('only a time beside no zone of its own is of the agreement’s, and all are written as they came', () => {
  const agreed = { timezone: 'America/Denver' }
  const { readings, issues } = readInput(Buffer.from(STATUSES), () => agreed)
  expect(issues).toEqual([])
  const [reading] = readings
  const { body } = reading!.document as ShipmentStatus
  const events = body.shipments.flatMap((shipment) => shipment.events)
  expect(events.map(({ occurredAt, tz }) => [occurredAt, tz])).toEqual([
    ['2026-01-07T14:35-07:00', undefined],
    ['2026-01-07T14:35', 'LT'],
    ['2026-01-07T14:35-06:00', undefined],
    ['2026-01-07T14:35', 'America/New_York'],
    ['2026-01-08', undefined],
  ])
  const again = rewritten(reading!, agreed)
  expect(again.written).toEqual(again.sent)
})

test('a document that is dated by its envelope alone is dated in the zone, too', () => {
  const order = [
    'ISA*00*          *00*          *ZZ*EXDEPOSITOR    *ZZ*EXWAREHOUSE    *260109*1000*U*00401*000000001*0*P*>',
    'GS*OW*EXDEPOSITOR*EXWAREHOUSE*20260109*1000*1*X*004010',
    ...['ST*940*0001', 'W05*N*ORDER-7', 'LX*1', 'W01*12*EA**VN*ART-7', 'W76*12', 'SE*6*0001'],
    ...['GE*1*1', 'IEA*1*000000001', ''],
  ].join('~\n')
  const dated = (timezone?: string) =>
    readInput(Buffer.from(order), () => ({ timezone })).documents[0]?.documentDate
  expect(dated()).toBe('2026-01-09T10:00')
  expect(dated('Asia/Tokyo')).toBe('2026-01-09T10:00+09:00')
})
