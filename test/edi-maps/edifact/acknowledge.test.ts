import { expect, test } from '@jest/globals'
import { edifact } from '../../../edi-maps/edifact/index.js'
import type { Issue } from '../../../edi-maps/issue.js'
import { open, segmentsIn } from '../../../edi-maps/payload.js'
import { finding } from '../../../edi-maps/issue.js'
import type { AcknowledgeOptions, Transaction } from '../../../edi-maps/standard.js'
import { latin1 } from '../segments.js'

const NUMBERS = { now: '2026-01-02T03:04:05Z', interchange: 1, group: 1, message: 1 }
const place = { offset: 0, end: 1, line: 1 }
const message = (control: string, type = 'DESADV') =>
  `UNH+${control}+${type}:D:96A:UN:EAN005'BGM+351+D1+9'UNT+3+${control}'`
const UNB = "UNB+UNOC:3+EXSUPPLIER:14:A1+EXRETAIL:14+251230:1416+101'"

function answer(
  text: string,
  found: (transaction: Transaction) => Issue[] = () => [],
  more: Partial<AcknowledgeOptions> = {},
): string | undefined {
  const { interchanges } = open(segmentsIn(latin1(text)))
  const findings = (transaction: Transaction) => [...transaction.issues, ...found(transaction)]
  const options = { type: 'contrl', findings, numbers: NUMBERS, ...more }
  const written = edifact.acknowledge(interchanges[0]!, options)
  expect(written?.issues ?? []).toEqual([])
  return written && Buffer.from(written.bytes).toString('latin1').replaceAll('\n', '')
}
/** From UCI to before UNT. */
const body = (text: string | undefined) =>
  /UCI.*(?=UNT)/
    .exec(text ?? '')?.[0]
    .split("'")
    .slice(0, -1)
const only =
  (control: string, ...issues: Issue[]) =>
  (transaction: Transaction) =>
    transaction.control === control ? issues : []

test('accepts an interchange and each of its messages, parties the other way round', () => {
  expect(answer(`${UNB}${message('1')}${message('2')}UNZ+2+101'`)).toBe(
    "UNA:+.? 'UNB+UNOC:3+EXRETAIL:14+EXSUPPLIER:14:A1+260102:0304+1'UNH+1+CONTRL:D:3:UN'" +
      "UCI+101+EXSUPPLIER:14:A1+EXRETAIL:14+7'" +
      "UCM+1+DESADV:D:96A:UN:EAN005+7'UCM+2+DESADV:D:96A:UN:EAN005+7'UNT+5+1'UNZ+1+1'",
  )
})

test('names no accepted message where that is agreed', () => {
  const text = answer(`${UNB}${message('1')}UNZ+1+101'`, undefined, { listAccepted: false })
  expect(body(text)).toEqual(['UCI+101+EXSUPPLIER:14:A1+EXRETAIL:14+7'])
})

test('rejects one bad message with its places, and accepts its siblings', () => {
  const missing = finding('edifact', 'segment-missing', place, '', { segmentIndex: 3, tag: 'DTM' })
  const long = finding('edifact', 'element-too-long', place, '', {
    ...{ segmentIndex: 2, tag: 'BGM', element: 2 },
  })
  const type = finding('edifact', 'number-invalid', place, '', {
    ...{ segmentIndex: 2, tag: 'BGM', element: 1, component: 3 },
  })
  const text = `${UNB}${message('1')}${message('2')}UNZ+2+101'`
  expect(body(answer(text, only('1', missing, long, type)))?.slice(1)).toEqual([
    'UCM+1+DESADV:D:96A:UN:EAN005+4',
    // What is missing is told of the segment before it, what is wrong in a segment of the segment.
    'UCS+2+13',
    'UCS+2',
    'UCD+39+3',
    'UCD+37+2:3',
    'UCM+2+DESADV:D:96A:UN:EAN005+7',
  ])
})

test('accepts a message that only has warnings', () => {
  const warning = finding('edifact', 'element-too-long', place, '', { segmentIndex: 2, element: 1 })
  const text = answer(`${UNB}${message('1')}UNZ+1+101'`, only('1', warning))
  expect(body(text)?.at(-1)).toBe('UCM+1+DESADV:D:96A:UN:EAN005+7')
})

test('names the service segment and element in error', () => {
  const wrong = message('1').replace('UNT+3', 'UNT+4')
  expect(body(answer(`${UNB}${wrong}UNZ+1+101'`))?.at(-1)).toBe(
    'UCM+1+DESADV:D:96A:UN:EAN005+4+29+UNT+2',
  )
})

test('rejects an interchange as a whole, with what is wrong in its envelope', () => {
  expect(body(answer(`${UNB}${message('1')}UNZ+1+102'`))).toEqual([
    'UCI+101+EXSUPPLIER:14:A1+EXRETAIL:14+4+28+UNZ+3',
  ])
})

test('answers groups, with their messages inside', () => {
  const group = (control: string, count: number, messages: string) =>
    `UNG+DESADV+STOCK+SHOP+251230:1416+${control}+UN+D:96A'${messages}UNE+${count}+${control}'`
  const text = `${UNB}${group('G1', 1, message('1'))}${group('G2', 2, message('2'))}UNZ+2+101'`
  expect(body(answer(text))?.slice(1)).toEqual([
    'UCF+G1+STOCK+SHOP+7',
    'UCM+1+DESADV:D:96A:UN:EAN005+7',
    'UCF+G2+STOCK+SHOP+4+29+UNE+2',
  ])
})

test('gives a rejected message without any code the unspecified one', () => {
  const unknown = { ...finding('edifact', 'total-mismatch', place, ''), severity: 'error' as const }
  const text = answer(`${UNB}${message('1')}UNZ+1+101'`, only('1', unknown))
  expect(body(text)?.at(-1)).toBe('UCM+1+DESADV:D:96A:UN:EAN005+4+18')
})

test('answers syntax version 4 by the CONTRL of that version', () => {
  const text = answer(`UNB+UNOY:4+A+B+20251230:1416+101'${message('1')}UNZ+1+101'`)
  expect(text).toContain("UNA:+.?*'UNB+UNOY:4+B+A+20260102:0304+1'UNH+1+CONTRL:4:1:UN'")
})

test('answers UNOA in UNOA where it can say the ids, else in UNOB', () => {
  const plain = (id: string) =>
    `UNB+UNOA:1+${id}+EXRETAIL+251230:1416+101'${message('1')}UNZ+1+101'`
  expect(answer(plain('EXSUPPLIER'))).toMatch(/^UNB\+UNOA:1\+/)
  expect(answer(plain('exsupplier'))).toMatch(/^UNA:\+\.\? 'UNB\+UNOB:1\+EXRETAIL\+exsupplier/)
})

test('never answers a CONTRL; beside other messages it is passed over', () => {
  const contrl = "UNH+9+CONTRL:D:3:UN'UCI+1+A+B+7'UNT+3+9'"
  expect(answer(`${UNB}${contrl}UNZ+1+101'`)).toBeUndefined()
  expect(body(answer(`${UNB}${contrl}${message('1')}UNZ+2+101'`))?.slice(1)).toEqual([
    'UCM+1+DESADV:D:96A:UN:EAN005+7',
  ])
})

test.each(['EXSUPPLIER:14:A1', 'EXRETAIL:14', '101'])(
  'gives no CONTRL that could not name %s',
  (part) => {
    expect(answer(`${UNB.replace(part, '')}${message('1')}UNZ+1+101'`)).toBeUndefined()
  },
)
