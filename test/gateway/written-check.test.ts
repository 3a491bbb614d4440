// What is written is what its receiver takes: anything else is told, and what he would refuse is not written.
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { ShipmentNotice } from '../../edi-maps/canonical/document.js'
import type { GatewayAgreement } from '../../gateway/agreement.js'
import { parseTarget, writeDocuments } from '../../gateway/write-edi.js'

const agreementOf = (standard: 'x12' | 'edifact'): GatewayAgreement => ({
  id: 'example-retail',
  name: 'Example Retail',
  ourRole: 'supplier',
  theirRole: 'customer',
  environment: 'production',
  standard,
  us: { interchange: { qualifier: standard === 'x12' ? 'ZZ' : '14', id: 'EXSUPPLIER' } },
  partner: { interchange: { qualifier: standard === 'x12' ? 'ZZ' : '14', id: 'EXRETAIL' } },
  documents: [],
})
const NUMBERS = { now: '2026-01-02T03:04:05Z', interchange: 1, group: 1, message: 1 }

const notice = () =>
  JSON.parse(
    readFileSync('test/golden/across/notice-spread/document.json', 'utf8'),
  ) as ShipmentNotice

/** Findings on a notice that is written, as `severity code place`. */
function written(
  change: (notice: ShipmentNotice) => void,
  to = 'x12:856:004010',
  ourRole: GatewayAgreement['ourRole'] = 'supplier',
): string[] {
  const document = notice()
  change(document)
  const agreement = { ...agreementOf(to.startsWith('x12') ? 'x12' : 'edifact'), ourRole }
  const placed = [{ document, place: 'Document 1' }]
  const { issues } = writeDocuments(placed, parseTarget(to, agreement), agreement, NUMBERS)
  return issues.map(
    ({ severity, code, tag = '', element }) => `${severity} ${code} ${tag}${element ?? ''}`,
  )
}
const TARGETS = ['x12:856:004010', 'edifact:DESADV:D:96A:UN']
const DIVIDED = 'warning value-divided '

test('a mandatory element the Document does not fill is an error', () => {
  const found = written((document) => (document.documentDate = '2025-12-29'))
  expect(found).toEqual([DIVIDED, 'error element-missing BSN4'])
})

test('a day that does not exist is an error where it must stand', () => {
  const found = written((document) => (document.documentDate = '2025-02-30T10:00'))
  expect(found).toContain('error date-invalid BSN3')
})

test('a text the receiver may find too long is told, and written', () => {
  const name = 'EXAMPLE '.repeat(12).trim()
  const found = written((document) => (document.parties[2]!.name = name))
  expect(found).toEqual([DIVIDED, 'warning element-too-long N12'])
})

test.each(TARGETS)('a line in a package the Document has not is an error (%s)', (to) => {
  const found = written(({ body }) => (body.lines[1]!.packageIds = ['2', '77']), to)
  expect(found).toContain('error value-not-writable ')
  expect(written(({ body }) => (body.packages = []), to)).toContain('error value-not-writable ')
})

test.each(TARGETS)('pieces are never broken to fill packages (%s)', (to) => {
  expect(written(() => undefined, to)).toEqual([DIVIDED])
  const found = written(({ body }) => (body.lines[0]!.quantityShipped!.value = '7'), to)
  expect(found).toContain('error value-not-writable ')
})

test('it is held to the map it was written with, whoever sends it', () => {
  expect(written(() => undefined, 'edifact:DESADV:D:96A:UN', 'warehouse')).toEqual(
    written(() => undefined, 'edifact:DESADV:D:96A:UN'),
  )
})
