// What the map engine does for EDIFACT that X12 does not need: components, qualifiers in components, groups, sections,
// repetitions. Told by a small map of its own.
import { expect, test } from '@jest/globals'
import type { Node, TransactionMap } from '../../../edi-maps/map.js'
import { bind, on } from '../../../edi-maps/map.js'
import { edifact } from '../../../edi-maps/edifact/index.js'
import { edifactDictionary } from '../../../edi-maps/edifact/element-check.js'
import { moment, number, quantity } from '../../../edi-maps/edifact/elements.js'
import { groupOf, structureOf } from '../../../edi-maps/edifact/structure.js'
import { text } from '../../../edi-maps/elements.js'
import { loadMap } from '../../../edi-maps/load.js'
import { readTransaction } from '../../../edi-maps/read.js'
import { writeTransaction } from '../../../edi-maps/write.js'
import { latin1 } from '../segments.js'
import { open, segmentsIn } from '../../../edi-maps/payload.js'

interface Party {
  type: string
  id?: string
  contact?: string
  extras?: Record<string, unknown>
}
interface Line {
  number?: string
  quantity?: { value: string; uom: string }
  amount?: string
}
interface Invoice {
  documentNumber?: string
  documentDate?: string
  due?: string
  parties: Party[]
  lines: Line[]
  total?: string
}

const invoice = on<Invoice>()
const party = on<Party>()
const line = on<Line>()
const structure = structureOf('INVOIC', 'D:96A')

const map: TransactionMap = {
  standard: 'edifact',
  id: 'INVOIC',
  version: 'D:96A',
  kind: 'functionalAck',
  create: () => ({ function: 'original', parties: [], lines: [] }),
  body: bind<Invoice>(structure, {
    BGM: [invoice.self({}, invoice.at(2, 'documentNumber', text))],
    DTM: [
      invoice.self(
        { when: { '1-1': '137' } },
        invoice.group(['1-2', '1-3'], 'documentDate', moment),
      ),
      invoice.self({ when: { '1-1': '13' } }, invoice.group(['1-2', '1-3'], 'due', moment)),
    ],
    NAD: [
      invoice.each(
        'parties',
        () => ({ type: '' }),
        {},
        [party.at(1, 'type', text), party.at('2-1', 'id', text)],
        bind<Party>(groupOf(structure, 'NAD'), {
          CTA: [
            party.self(
              { body: groupOf(structure, 'NAD', 'CTA') },
              party.at('2-2', 'contact', text),
            ),
          ],
        }),
      ),
    ],
    LIN: [
      invoice.each(
        'lines',
        () => ({}),
        {},
        [line.at(1, 'number', text)],
        bind<Line>(groupOf(structure, 'LIN'), {
          QTY: [
            line.self({ when: { '1-1': '47' } }, line.group(['1-2', '1-3'], 'quantity', quantity)),
          ],
          MOA: [line.self({ when: { '1-1': '203' } }, line.at('1-2', 'amount', number))],
        }),
      ),
    ],
    UNS: [invoice.self({ when: { 1: 'S' }, always: true })],
    MOA: [invoice.self({ when: { '1-1': '77' } }, invoice.at('1-2', 'total', number))],
  }),
}
const loaded = loadMap(map, edifactDictionary('D:96A'))

const BODY = `BGM+380+4711+9'
DTM+137:20251230:102'
DTM+13:202512301200:203'
DTM+171:20251229:102'
NAD+SU+4012345000009::9+Example Supplier:Second line'
CTA+IC+:A. Example'
COM+0049-30:TE'
NAD+BY+EXB:160'
LIN+1'
QTY+47:12'
QTY+47:13:KGM'
MOA+203:24,5'
LIN+2++4012345000016:EN'
PIA+1+A:SA+B:IN'
QTY+47:2.5:KGM'
UNS+S'
MOA+77:36.5'
TAX+7+VAT+++:::19+S'
MOA+124:5.83'`

function read(body: string, unb = "UNB+UNOC:3+A+B+251230:1416+1'") {
  const bytes = latin1(`${unb}UNH+1+INVOIC:D:96A:UN'${body}UNT+99+1'UNZ+1+1'`)
  const { interchanges } = open(segmentsIn(bytes))
  const [interchange] = interchanges
  const [group] = interchange!.groups
  const transaction = { ...group!.transactions[0]!, issues: [] }
  return readTransaction(transaction, { interchange: interchange!, group: group! }, loaded)
}

const normal = (body: string) => body.replaceAll('\n', '')
const write = (document: unknown) => {
  const plain = JSON.parse(JSON.stringify(document)) as never
  const { segments, issues } = writeTransaction(plain, loaded)
  expect(issues.filter(({ severity }) => severity === 'error')).toEqual([])
  const writer = edifact.writer({
    characters: {
      component: ':',
      element: '+',
      release: '?',
      repetition: '*',
      segment: "'",
      suffix: '',
    },
  })
  return segments.map((segment) => writer.write(segment)).join('')
}

test('reads qualifiers, components, groups and the summary into their nodes', () => {
  const { document, issues } = read(BODY)
  expect(issues).toEqual([])
  expect(document).toMatchObject({
    documentNumber: '4711',
    documentDate: '2025-12-30',
    due: '2025-12-30T12:00',
    parties: [
      { type: 'SU', id: '4012345000009', contact: 'A. Example' },
      { type: 'BY', id: 'EXB' },
    ],
    lines: [
      { number: '1', quantity: { value: '12', uom: 'C62' }, amount: '24.5' },
      { number: '2', quantity: { value: '2.5', uom: 'KGM' } },
    ],
    total: '36.5',
  })
})

test('writes every segment, component and order as it came', () => {
  expect(write(read(BODY).document)).toBe(normal(BODY))
})

test('keeps components that no field is about beside those that have one', () => {
  const { document } = read(BODY)
  const [supplier, buyer] = (document as unknown as { parties: Party[] }).parties
  expect(supplier!.extras).toEqual({
    edifact: {
      'NAD02-3': '9',
      NAD03: [['Example Supplier', 'Second line']],
      CTA01: 'IC',
      segments: [['NAD/CTA/COM', 'COM', [['0049-30', 'TE']]]],
    },
  })
  expect(buyer!.extras).toEqual({ edifact: { 'NAD02-2': '160' } })
})

test('remembers separators behind the last component', () => {
  const { document } = read(normal(BODY).replace('NAD+BY+EXB:160', 'NAD+BY+EXB:160::'))
  const { segments } = writeTransaction(JSON.parse(JSON.stringify(document)) as never, loaded)
  expect(segments.find(([tag, type]) => tag === 'NAD' && type === 'BY')).toEqual([
    ...['NAD', 'BY'],
    [['EXB', '160', '', '']],
  ])
})

test('writes a changed value, and what was kept beside it', () => {
  const document = read(BODY).document as unknown as Node
  const changed = { ...document, documentDate: '2026-01-31' }
  expect(write(changed)).toBe(normal(BODY).replace('137:20251230', '137:20260131'))
})

test('writes a section separator for a document made by hand, and nothing it does not say', () => {
  const made = {
    documentNumber: '1',
    documentDate: '2026-01-02',
    parties: [{ type: 'SU', contact: 'A. Example' }],
    lines: [{ number: '1', amount: '10' }],
    total: '10',
  }
  expect(write(made)).toBe(
    "BGM++1'DTM+137:20260102:102'NAD+SU'CTA++:A. Example'LIN+1'MOA+203:10'UNS+S'MOA+77:10'",
  )
})

test('keeps repetitions behind the first, in elements it reads and in others', () => {
  const unb = "UNA:+.?*'UNB+UNOC:4+A+B+20251230:1416+1'"
  const repeated = normal(BODY).replace('PIA+1+A:SA+B:IN', 'PIA+1+A:SA+B:IN*C:SA*D:EN')
  expect(write(read(repeated, unb).document)).toBe(repeated)
  const tooMany = normal(BODY).replace('4012345000009::9', '4012345000009::9*X')
  const { document, issues } = read(tooMany, unb)
  expect(document).toBeUndefined()
  expect(issues).toMatchObject([
    { code: 'too-many-repetitions', tag: 'NAD', element: 2, repetition: 2 },
  ])
})

test('tells a missing section separator where the summary begins', () => {
  const body = normal(BODY).replace("UNS+S'", '')
  const [first] = read(body.replace("MOA+77:36.5'", '')).issues
  expect(first).toMatchObject({ code: 'segment-missing', tag: 'UNS', ack: { code: '13' } })
})
