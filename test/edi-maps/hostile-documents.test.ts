// Bad documents that are large: what takes the square of their size, or holds all of a list on the call stack, would not
// end here in any time a test has, or would throw.
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { elementsOf } from '../../edi-maps/layout.js'
import { findMap, ready } from '../../edi-maps/maps.js'
import type { ShipmentNotice, ShipmentStatus } from '../../edi-maps/canonical/document.js'
import { writeTransaction } from '../../edi-maps/write.js'
import { x12 } from '../../edi-maps/x12/index.js'
import { plain, readInput } from './reading.js'

const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n + 1)).join('')

const notice = (segments: string, version = '004010'): Buffer =>
  Buffer.from(
    `ISA*00*          *00*          *ZZ*EXSUPPLIER     *ZZ*EXRETAIL       *251230*1416*^*${version.slice(0, 5)}*000000001*0*P*>~
GS*SH*EXSUPPLIER*EXRETAIL*20251230*1416*1*X*${version}~
ST*856*0001~
BSN*00*SHP-1*20251230*1415~
HL*1**S~
${segments}SE*${segments.split('~').length + 3}*0001~
GE*1*1~
IEA*1*000000001~
`,
    'latin1',
  )

const codesOf = (input: Uint8Array): ReadonlySet<string> =>
  new Set(readInput(input).issues.map(({ code }) => code))

test('an element of very many repetitions is cut into them', () => {
  const count = 400_000
  const input = notice(`REF*BM${times(count, (n) => `^${n}`)}~\n`, '005010')
  const { segments } = readInput(input)
  const [reference] = segments.filter(({ tag }) => tag === 'REF').map(elementsOf)
  expect(reference?.[0]).toHaveLength(count + 1)
  expect(reference?.[0]?.at(-1)).toEqual([String(count)])
  const values = segments.find(({ tag }) => tag === 'REF')!
  const last = values.range(1, undefined, count + 1)
  expect(last.end - last.offset).toBe(String(count).length)
})

test('so is one of very many components, each with its place', () => {
  const count = 200_000
  const { segments } = readInput(notice(`REF*BM*1**${times(count, (n) => `${n}>`)}~\n`, '005010'))
  const reference = segments.find(({ tag }) => tag === 'REF')!
  let length = 0
  for (let n = 1; n <= count; n++) {
    const { offset, end } = reference.range(4, n)
    length += end - offset
  }
  expect(length).toBe(times(count, String).length)
})

test('very many segments that come too late are each told, and acknowledged', () => {
  const count = 150_000
  const { interchanges, issues } = readInput(
    notice(times(count, () => 'TD1*CTN*1****G*1*LB~\nREF*BM*1~\n')),
  )
  expect(issues.filter(({ code }) => code === 'segment-out-of-order')).toHaveLength(count - 1)
  const now = '2026-01-02T03:04:05Z'
  const acknowledged = x12.acknowledge(interchanges[0]!, {
    type: '997',
    findings: () => issues,
    numbers: { now, interchange: 1, group: 1, message: 1 },
  })
  const told = Buffer.from(acknowledged!.bytes)
    .toString('latin1')
    .match(/AK3\*TD1/g)
  expect(told?.length).toBeGreaterThanOrEqual(count - 1)
})

test('levels that nest without end are refused where they are too deep', () => {
  const deep = notice(times(100_000, (n) => `HL*${n + 1}*${n}*P~\n`))
  const { readings, issues } = readInput(deep)
  const [first, ...others] = issues.filter(({ code }) => code === 'hierarchy-too-deep')
  expect(first).toMatchObject({ severity: 'error', tag: 'HL', element: 2, value: '51' })
  expect(others.length).toBeGreaterThan(1000)
  expect(readings[0]?.document).toBeUndefined()
  const sound = notice(times(50, (n) => `HL*${n + 1}*${n}*P~\n`))
  expect(codesOf(sound)).not.toContain('hierarchy-too-deep')
})

test('so are those of EDIFACT', () => {
  const deep = times(100_000, (n) => `CPS+${n + 1}+${n}'PAC+1++CT'`)
  const input = `UNB+UNOC:3+EXSUPPLIER:14+EXRETAIL:14+251230:1416+1'UNH+1+DESADV:D:96A:UN'BGM+351+SHP-1+9'DTM+137:20251230:102'CPS+1'${deep}UNT+9+1'UNZ+1+1'`
  expect(codesOf(Buffer.from(input))).toContain('hierarchy-too-deep')
})

test('very many orders, articles and packages in any order are read', () => {
  const count = 50_000
  const orders = times(count, (n) => `HL*${n + 1}*1*O~\nPRF*PO-${n}~\n`)
  const first = times(count, (n) => `HL*${count + n + 1}*2*I~\nLIN**VN*A~\nSN1**1*EA~\n`)
  const { readings } = readInput(notice(orders + first))
  const document = readings[0]?.document as ShipmentNotice
  expect(document.body.orders).toHaveLength(count)
  expect(document.body.lines.at(-1)?.orderIndex).toBe(0)
  const item = 'HL*2*1*I~\nLIN**VN*A~\nSN1**1*EA~\nHL*3*2*T~\n'
  const cartons = times(count, (n) => `HL*${n + 3}*3*P~\n`)
  const packed = readInput(notice(item + cartons)).readings[0]?.document as ShipmentNotice
  expect(packed.body.lines[0]?.packageIds).toHaveLength(count)
  expect(packed.body.lines[0]?.packageIds[0]).toBe('2')
})

test('packages of a Document that stand in themselves, or deeper than any, are not written', () => {
  const golden = 'test/golden/x12/856/pick-and-pack/canonical.json'
  const [document] = JSON.parse(readFileSync(golden, 'utf8')) as [ShipmentNotice]
  const nested = (packages: ShipmentNotice['body']['packages']): ShipmentNotice => ({
    ...(plain(document) as ShipmentNotice),
    body: { ...document.body, packages, lines: [] },
  })
  const around = nested([
    { id: '1', parentId: '2' },
    { id: '2', parentId: '1' },
  ])
  const deep = nested(
    Array.from({ length: 20_000 }, (_, n) => ({ id: String(n + 1), parentId: String(n) })),
  )
  for (const [standard, id, version] of [
    ['x12', '856', '004010'],
    ['edifact', 'DESADV', 'D:96A'],
  ] as const) {
    const map = ready(findMap(standard, id, version)!)
    for (const one of [around, deep]) {
      const { issues } = writeTransaction(one, map)
      expect(issues.map(({ code }) => code)).toContain('value-not-writable')
    }
  }
})

test('very many findings on what is written each say where it stands', () => {
  const folder = 'test/golden/x12/214/several-stops'
  const [document] = JSON.parse(readFileSync(`${folder}/canonical.json`, 'utf8')) as [
    ShipmentStatus,
  ]
  const [shipment] = document.body.shipments
  const count = 5000
  const body = { ...document.body, shipments: Array.from({ length: count }, () => plain(shipment)) }
  const map = ready(findMap('edifact', 'IFTSTA', 'D:96A')!)
  const { issues } = writeTransaction({ ...document, body } as ShipmentStatus, map)
  const told = issues.filter(
    ({ code }) => code === 'value-left-out' || code === 'value-not-writable',
  )
  expect(told.length).toBeGreaterThanOrEqual(count)
  expect(told.some(({ path }) => path?.startsWith(`body.shipments[${count - 1}]`))).toBe(true)
})
