// One Document written as X12 and as EDIFACT, in every release, and read back: what a set has no place for is told
// when it is written, and everything else comes back as it was.
import { describe, expect, test } from '@jest/globals'
import type { ApplicationAck, Document, ShipmentStatus } from '../../edi-maps/canonical/document.js'
import { syntaxOf } from '../../edi-maps/syntaxes.js'
import { findMap, ready } from '../../edi-maps/maps.js'
import type { TransactionMap } from '../../edi-maps/map.js'
import { writeTransaction } from '../../edi-maps/write.js'
import { plain, readInput } from './reading.js'

const NOW = '2026-01-02T03:04:05Z'
const SETTINGS = {
  sender: { interchange: { qualifier: 'ZZ', id: 'EXCARRIER' } },
  receiver: { interchange: { qualifier: 'ZZ', id: 'EXRETAIL' } },
  test: false,
  charset: 'latin1',
}

type Target = readonly [standard: TransactionMap['standard'], id: string, version: string]

function writeAndRead(document: Document, [standard, id, version]: Target) {
  const map = findMap(standard, id, version)!
  const written = writeTransaction(document, ready(map))
  const outgoing = { type: id, version: map.version, segments: written.segments }
  const { bytes } = syntaxOf(standard).writeInterchange([outgoing], SETTINGS, {
    now: NOW,
    interchange: 1,
    group: 1,
    message: 1,
  })
  const { documents, issues } = readInput(bytes)
  return { written, found: documents[0], issues }
}

/** The value without what stands at the paths, and without extras and lists or objects that hold nothing. */
function without(value: unknown, paths: readonly string[], at = ''): unknown {
  if (paths.includes(at)) return undefined
  if (Array.isArray(value)) {
    const items = value
      .map((item, n) => without(item, paths, `${at}[${n}]`))
      .filter((item) => item !== undefined)
    return items.length === 0 ? undefined : items
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(([key]) => key !== 'extras' && key !== 'source')
    .map(([key, one]) => [key, without(one, paths, at === '' ? key : `${at}.${key}`)] as const)
    .filter(([, one]) => one !== undefined)
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

const STATUS: ShipmentStatus = {
  kind: 'shipmentStatus',
  version: 1,
  function: 'original',
  documentNumber: 'PRO0001',
  documentDate: '2026-01-02T03:04',
  parties: [
    {
      role: 'consignor',
      ids: [{ scheme: 'gln', value: '4012345000009' }],
      name: 'EXAMPLE SUPPLIER',
    },
    {
      role: 'consignee',
      ids: [{ scheme: 'gln', value: '4012345000047' }],
      name: 'EXAMPLE RETAIL',
      address: {
        lines: ['EXAMPLE ROAD 12'],
        city: 'EXAMPLETON',
        region: 'OH',
        postalCode: '43001',
        country: 'US',
      },
    },
  ],
  references: [
    { type: 'billOfLading', value: 'BOL1' },
    { type: 'purchaseOrder', value: 'PO-1' },
  ],
  dates: [],
  notes: [{ topic: 'general', text: 'AS AGREED' }],
  body: {
    carrierReference: 'PRO0001',
    shipmentNumber: 'SHP-1',
    carrier: { scac: 'EXMP' },
    legs: [{ scac: 'EXMP', sequence: 'origin', mode: 'road' }],
    shipments: [
      {
        references: [{ type: 'stopSequence', value: '1' }],
        events: [
          {
            status: 'pickedUp',
            milestone: 'picked_up',
            kind: 'actual',
            occurredAt: '2025-12-29T09:40-05:00',
            location: { city: 'ATLANTA', region: 'GA', country: 'US' },
            equipment: [{ initial: 'EXMP', number: '4711', type: 'trailer' }],
          },
          {
            status: 'arrivedAtTerminal',
            milestone: 'at_hub',
            kind: 'actual',
            reason: 'weather',
            occurredAt: '2025-12-29T22:10',
            tz: 'LT',
            location: { unlocode: 'USMEM', name: 'MEMPHIS HUB' },
          },
        ],
        exceptions: [{ type: 'damaged', quantity: '1' }],
      },
      {
        number: 4,
        references: [],
        events: [
          {
            status: 'delivered',
            milestone: 'delivered',
            kind: 'actual',
            occurredAt: '2025-12-30T14:05Z',
          },
        ],
        packages: [{ sscc: '006141410000000111' }],
      },
    ],
  },
}

const ADVICE: ApplicationAck = {
  kind: 'applicationAck',
  version: 1,
  function: 'original',
  documentNumber: 'ADV-1',
  documentDate: '2026-01-02T09:05',
  parties: [
    { role: 'sender', ids: [{ scheme: 'gln', value: '4012345000016' }], name: 'EXAMPLE RETAIL' },
    { role: 'receiver', ids: [{ scheme: 'gln', value: '4012345000009' }] },
  ],
  references: [],
  dates: [],
  notes: [{ topic: 'general', text: 'SEE THE ROUTING GUIDE' }],
  body: {
    answers: [
      {
        level: 'document',
        status: 'rejected',
        reference: { type: 'invoice', value: 'INV-1' },
        references: [{ type: 'purchaseOrder', value: 'PO-1' }],
        errors: [
          { code: 'invalidData', text: 'PRICE', tag: 'IT1', segmentIndex: 5, value: '12.50' },
          { code: 'x12:XYZ', text: 'ASK THE BUYER' },
        ],
      },
    ],
  },
}

const CASES: readonly { document: Document; targets: readonly Target[] }[] = [
  {
    document: STATUS,
    targets: [
      ['x12', '214', '004010'],
      ['x12', '214', '005010'],
      ['edifact', 'IFTSTA', 'D:96A'],
      ['edifact', 'IFTSTA', 'D:01B'],
    ],
  },
  {
    document: ADVICE,
    targets: [
      ['x12', '824', '004010'],
      ['x12', '824', '005010'],
      ['edifact', 'APERAK', 'D:96A'],
      ['edifact', 'APERAK', 'D:01B'],
    ],
  },
]

describe.each(CASES)('$document.kind', ({ document, targets }) => {
  test.each(targets)('as %s %s %s comes back but for what was told', (...target) => {
    const { written, found, issues } = writeAndRead(document, target)
    const told = written.issues.map(({ code, path = '' }) => ({ code, path }))
    expect(told.filter(({ code }) => code !== 'value-left-out')).toEqual([])
    expect(issues).toEqual([])
    const paths = told.map(({ path }) => path)
    expect(without(plain(found), [])).toEqual(without(document, paths))
  })

  test('says the same in both standards where both have a place for it', () => {
    const told = targets.flatMap((target) =>
      writeAndRead(document, target).written.issues.map(({ path = '' }) => path),
    )
    const all = targets.map((target) => without(writeAndRead(document, target).found, told))
    for (const one of all) expect(plain(one)).toEqual(plain(all[0]))
    expect(all[0]).toMatchObject({ documentNumber: document.documentNumber, kind: document.kind })
  })
})

const leftOut = (document: Document, target: Target) =>
  writeAndRead(document, target).written.issues.map(({ path }) => path)

test('what a 214 and an IFTSTA leave out of a status', () => {
  expect(leftOut(STATUS, ['x12', '214', '004010'])).toEqual([
    'notes[0].topic',
    'body.shipments[0].events[1].location.name',
    'body.shipments[0].events[1].location.unlocode',
  ])
  expect(leftOut(STATUS, ['x12', '214', '005010'])).toEqual([
    'references',
    'parties',
    'notes',
    'body.shipments[0].events[1].location.name',
    'body.shipments[0].events[1].location.unlocode',
  ])
  for (const release of ['D:96A', 'D:01B'])
    expect(leftOut(STATUS, ['edifact', 'IFTSTA', release])).toEqual([
      'body.legs',
      'body.shipments[0].references',
      'body.shipments[1].packages',
      'body.shipments[0].exceptions',
      'body.shipments[0].events[0].location.city',
      'body.shipments[0].events[0].location.region',
      'body.shipments[0].events[0].location.country',
      'body.shipments[0].events[1].tz',
    ])
})

test('what an 824 and an APERAK leave out of an application acknowledgement', () => {
  expect(leftOut(ADVICE, ['x12', '824', '004010'])).toEqual(['notes'])
  expect(leftOut(ADVICE, ['edifact', 'APERAK', 'D:01B'])).toEqual([
    'body.answers[0].errors[0].tag',
    'body.answers[0].errors[0].segmentIndex',
    'body.answers[0].errors[0].value',
  ])
})

test('several answers are one 824 but not one APERAK', () => {
  const [answer] = ADVICE.body.answers
  const several: ApplicationAck = { ...ADVICE, body: { answers: [answer!, answer!] } }
  expect(leftOut(several, ['x12', '824', '004010'])).toEqual(['notes'])
  const { written } = writeAndRead(several, ['edifact', 'APERAK', 'D:96A'])
  expect(written.issues.filter(({ severity }) => severity === 'error')).toMatchObject([
    { code: 'value-not-writable', tag: 'BGM' },
  ])
})

const DELIVERY_UNDER_WAY = ['STS', [['1']], [['113']]]

test('the list of statuses is that of the release', () => {
  const status = (word: string, target: Target) => {
    const document: ShipmentStatus = {
      ...STATUS,
      body: {
        ...STATUS.body,
        shipments: [
          {
            references: [],
            events: [{ status: word, milestone: 'out_for_delivery', kind: 'actual' }],
          },
        ],
      },
    }
    return writeAndRead(document, target).written
  }
  expect(status('outForDelivery', ['edifact', 'IFTSTA', 'D:01B']).segments).toContainEqual(
    DELIVERY_UNDER_WAY,
  )
  expect(
    status('outForDelivery', ['edifact', 'IFTSTA', 'D:96A']).issues.map(({ code }) => code),
  ).toContain('value-not-writable')
  const coarser = status('trailerSpotted', ['edifact', 'IFTSTA', 'D:01B'])
  expect(coarser.segments).toContainEqual(DELIVERY_UNDER_WAY)
  expect(coarser.issues.map(({ code }) => code)).toContain('code-not-mapped')
})
