// Overrides of an agreement: every key on reading and on writing, and every mistake in one where it is loaded. The
// notice is the golden pick and pack; a case says which of its segments the partner has otherwise.
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { Override } from '../../edi-maps/agreement.js'
import type { Document } from '../../edi-maps/canonical/document.js'
import type { Issue } from '../../edi-maps/issue.js'
import { open, segmentsIn } from '../../edi-maps/payload.js'
import { findMap, overrideProblems, ready } from '../../edi-maps/maps.js'
import { translate } from '../../edi-maps/translate.js'
import { writeTransaction } from '../../edi-maps/write.js'

const lines = (path: string) =>
  readFileSync(`test/golden/x12/856/${path}/in.edi`, 'latin1').trimEnd().split('~\n')
const BASE = lines('pick-and-pack').slice(3, -3)
const ENVELOPE = lines('pick-and-pack').slice(0, 3)

type Changes = Readonly<Record<string, string | readonly string[]>>

/** The base with segments replaced; one that is not there is a mistake in the test. */
function changed(changes: Changes): string[] {
  for (const segment of Object.keys(changes)) expect(BASE).toContain(segment)
  return BASE.flatMap((segment) => changes[segment] ?? segment)
}

function read(segments: readonly string[], override: Override) {
  const tail = [`SE*${segments.length + 2}*0001`, 'GE*1*101', 'IEA*1*000000101', '']
  const bytes = Buffer.from([...ENVELOPE, ...segments, ...tail].join('~\n'), 'latin1')
  const { interchanges } = open(segmentsIn(bytes))
  const [interchange] = interchanges
  const [group] = interchange!.groups
  const [transaction] = group!.transactions
  const { document, issues } = translate(
    transaction!,
    { interchange: interchange!, group: group! },
    { override },
  )
  return { document: plain(document) as Document | undefined, issues }
}

const plain = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value))

const map = findMap('x12', '856', '004010')!

function write(document: Document, override: Override) {
  const { segments, issues } = writeTransaction(document, ready(map, { override }))
  return { segments: segments.map((segment) => segment.join('*')), issues }
}

const BASE_DOCUMENT = read(BASE, {}).document!

/** Without what is only kept to write the same again. */
function business(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(business)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'extras')
      .map(([key, inner]) => [key, business(inner)]),
  )
}

/** A partner's form of the base notice: it means the same, and is written from the same Document. */
const SAME: readonly (readonly [title: string, override: Override, changes: Changes])[] = [
  [
    'drop: a segment is passed over and not written',
    { 'HL-S/FOB': { drop: true } },
    { 'FOB*PP': [] },
  ],
  [
    'drop: an element',
    { 'HL-S/TD306': { drop: true }, 'HL-I/PID05': { drop: true } },
    { 'PID*F****WIDGET RED': [], 'PID*F****WIDGET BLUE': [] },
  ],
  [
    'move: to another element of the segment',
    { 'HL-O/PRF04': { move: { to: 'HL-O/PRF03' } } },
    { 'PRF*PO-4500012***20251215': 'PRF*PO-4500012**20251215' },
  ],
  [
    'move: to an element of another segment',
    { 'HL-O/PRF01': { move: { to: 'HL-O/REF-PO.02' } } },
    { 'PRF*PO-4500012***20251215': ['PRF****20251215', 'REF*PO*PO-4500012'] },
  ],
  [
    'move: out of the node its segment makes',
    { 'HL-S/TD505': { move: { to: 'HL-S/REF-SCA.02' } } },
    {
      'TD5*B*2*EXMP*M*EXAMPLE FREIGHT LINES*CC': 'TD5*B*2*EXMP*M**CC',
      'REF*BM*BOL556677': ['REF*SCA*EXAMPLE FREIGHT LINES', 'REF*BM*BOL556677'],
    },
  ],
  [
    'move: only where the document says so, and it does',
    { 'HL-O/PRF01': { move: { to: 'HL-O/REF-PO.02', when: { function: 'original' } } } },
    { 'PRF*PO-4500012***20251215': ['PRF****20251215', 'REF*PO*PO-4500012'] },
  ],
  [
    'move: only where the document says so, and it does not',
    { 'HL-O/PRF01': { move: { to: 'HL-O/REF-PO.02', when: { function: 'replace' } } } },
    {},
  ],
  [
    'constant: where the map has nothing',
    { 'HL-S/FOB02': { constant: 'OR' } },
    { 'FOB*PP': 'FOB*PP*OR' },
  ],
  [
    'constant: instead of what is counted',
    { BSN05: { constant: '0004' }, CTT02: { constant: '0' } },
    {
      'BSN*00*SHP-2025-0001*20251230*1415*0001': 'BSN*00*SHP-2025-0001*20251230*1415*0004',
      'CTT*8*30': 'CTT*8*0',
    },
  ],
  [
    'constant: says which article number stands where',
    {
      'HL-I/LIN02': { constant: 'IN' },
      'HL-I/LIN04': { constant: 'VN' },
      'HL-I/LIN06': { constant: 'UP' },
    },
    {
      'LIN*1*UP*061414100014*VN*SKU-RED*IN*700123': 'LIN*1*IN*700123*VN*SKU-RED*UP*061414100014',
      'LIN*2*UP*061414100021*VN*SKU-BLU*IN*700124': 'LIN*2*IN*700124*VN*SKU-BLU*UP*061414100021',
    },
  ],
  [
    'constant: the numbers that have no place are left out',
    {
      'HL-I/LIN02': { constant: 'UP' },
      'HL-I/LIN04': { use: 'unused' },
      'HL-I/LIN06': { use: 'unused' },
    },
    {
      'LIN*1*UP*061414100014*VN*SKU-RED*IN*700123': 'LIN*1*UP*061414100014',
      'LIN*2*UP*061414100021*VN*SKU-BLU*IN*700124': 'LIN*2*UP*061414100021',
    },
  ],
  [
    'from: an element the map does not name',
    { 'HL-S/FOB03': { from: 'body.transport.routing' } },
    { 'FOB*PP': 'FOB*PP**EXAMPLE FREIGHT LINES' },
  ],
  [
    'from: a value of the document in a segment of an order',
    { 'HL-O/REF-SI.02': { from: 'documentNumber' } },
    { 'REF*DP*0042': ['REF*SI*SHP-2025-0001', 'REF*DP*0042'] },
  ],
  [
    'from: one item of a list',
    { 'HL-O/PRF05': { from: '.references[type=department].value' } },
    { 'PRF*PO-4500012***20251215': 'PRF*PO-4500012***20251215*0042' },
  ],
  [
    'from: a date, a code and a number in their forms',
    {
      'HL-S/DTM-067.02': { from: 'body.estimatedDeliveryAt' },
      'HL-S/PKG-S.02': { from: 'body.transport.routing' },
      'HL-S/PAL01': { from: 'body.totals.packages.value' },
    },
    {
      'DTM*011*20251230*1400': ['DTM*067*20260105', 'DTM*011*20251230*1400'],
      'FOB*PP': ['FOB*PP', 'PAL*2'],
      'REF*BM*BOL556677': 'REF*BM*BOL556677',
      'TD1*CTN25*2****G*41.5*LB': ['PKG*S*EXAMPLE FREIGHT LINES', 'TD1*CTN25*2****G*41.5*LB'],
    },
  ],
  [
    'format: padded on the left, with blanks on the right',
    {
      'HL-S/REF-BM.02': { format: { pad: { length: 12, with: '0' } } },
      'HL-O/PRF01': { format: { pad: { length: 12, with: ' ' } } },
    },
    {
      'REF*BM*BOL556677': 'REF*BM*000BOL556677',
      'PRF*PO-4500012***20251215': 'PRF*PO-4500012  ***20251215',
    },
  ],
  [
    'format: case',
    { 'HL-S/TD505': { format: { case: 'lower' } } },
    {
      'TD5*B*2*EXMP*M*EXAMPLE FREIGHT LINES*CC': 'TD5*B*2*EXMP*M*example freight lines*CC',
    },
  ],
  [
    'format: cut',
    { 'HL-S/TD505': { format: { cut: 7 } } },
    { 'TD5*B*2*EXMP*M*EXAMPLE FREIGHT LINES*CC': 'TD5*B*2*EXMP*M*EXAMPLE*CC' },
  ],
  [
    'codes: in a qualifier, for words and for codes of the standard',
    {
      'HL-S/DTM01': {
        codes: { in: { '9A1': '011', '9A2': '017' }, out: { '011': '9A1', '017': '9A2' } },
      },
    },
    { 'DTM*011*20251230*1400': 'DTM*9A1*20251230*1400', 'DTM*017*20260105': 'DTM*9A2*20260105' },
  ],
  [
    'codes: in a code of a list, in every unit, and in all qualifiers of a row',
    {
      'HL-S/TD504': { codes: { in: { TRUCK: 'road' }, out: { road: 'TRUCK' } } },
      'HL-I/SN103': { codes: { in: { ST: 'EA' }, out: { EA: 'ST' } } },
      'HL-I/LIN02': { codes: { in: { SK: 'supplier' }, out: { supplier: 'SK' } } },
    },
    {
      'TD5*B*2*EXMP*M*EXAMPLE FREIGHT LINES*CC': 'TD5*B*2*EXMP*TRUCK*EXAMPLE FREIGHT LINES*CC',
      'SN1**12*EA**24*EA': 'SN1**12*ST**24*EA',
      'SN1**6*EA**6*EA': 'SN1**6*ST**6*EA',
      'LIN*1*UP*061414100014*VN*SKU-RED*IN*700123': 'LIN*1*UP*061414100014*SK*SKU-RED*IN*700123',
      'LIN*2*UP*061414100021*VN*SKU-BLU*IN*700124': 'LIN*2*UP*061414100021*SK*SKU-BLU*IN*700124',
    },
  ],
  [
    'use: a required segment that says only constants is written',
    {
      'HL-S/PER-IC': { use: 'required' },
      'HL-S/PER-IC.02': { constant: 'SHIPPING DESK' },
    },
    { 'DTM*011*20251230*1400': ['PER*IC*SHIPPING DESK', 'DTM*011*20251230*1400'] },
  ],
  [
    'when: the rule counts only where the document says so',
    {
      'HL-S/FOB02': { constant: 'OR', when: { 'body.transport.mode': 'road' } },
      'HL-S/FOB03': { constant: 'PORT', when: { 'body.transport.mode': 'ocean' } },
      'HL-O/PRF05': { from: 'documentNumber', when: { function: 'cancel' } },
    },
    { 'FOB*PP': 'FOB*PP*OR' },
  ],
]

describe.each(SAME)('%s', (_title, override, changes) => {
  const wire = changed(changes)

  test('read, it means the same', () => {
    const { document, issues } = read(wire, override)
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([])
    const lost = left(override)
    expect(lost(business(document))).toEqual(lost(business(BASE_DOCUMENT)))
  })

  test('written, it is what the partner wants', () => {
    expect(write(BASE_DOCUMENT, override).segments).toEqual(wire)
  })

  test('read and written again, it is as it came', () => {
    expect(write(read(wire, override).document!, override).segments).toEqual(wire)
  })
})

/** Some rules leave values out: they are taken out of both sides. */
function left(override: Override): (value: unknown) => unknown {
  const isDropped = (id: string) => override[id]?.drop === true
  return (value) =>
    JSON.parse(
      JSON.stringify(value, (key, inner: unknown) => {
        if (isDropped('HL-S/FOB') && key === 'paymentMethod') return undefined
        if (isDropped('HL-I/PID05') && key === 'description') return undefined
        if (override['HL-S/TD505']?.format !== undefined && key === 'routing') return undefined
        if (override['HL-I/LIN04']?.use === 'unused' && key === 'productIds') return undefined
        if (override['HL-I/LIN02']?.constant === 'IN' && key === 'productIds')
          return (inner as { value: string }[]).map(({ value }) => value).sort()
        if (override['HL-S/PER-IC'] !== undefined && key === 'contacts') return undefined
        return inner
      }),
    )
}

test('move: read where the document says so only after the value, it stands in its new place', () => {
  const override: Override = { 'HL-O/PRF01': { move: { to: 'HL-O/PRF02' } } }
  const { document } = read(
    changed({ 'PRF*PO-4500012***20251215': 'PRF**PO-4500012**20251215' }),
    override,
  )
  expect(document).toMatchObject({ body: { orders: [{ orderNumber: 'PO-4500012' }] } })
})

/** What the agreement demands and the partner did not keep to. `read`: code, severity and place of each finding. */
const FOUND: readonly (readonly [
  title: string,
  override: Override,
  changes: Changes,
  found: readonly string[],
])[] = [
  [
    'use: a required segment is missing',
    { 'HL-S/PER': { use: 'required' } },
    {},
    ['error segment-missing PER in HL-S'],
  ],
  [
    'use: a segment with a qualifier is missing, others are there',
    { 'HL-S/REF-LO': { use: 'required' }, 'HL-S/REF-BM': { use: 'required' } },
    {},
    ['error segment-missing REF in HL-S'],
  ],
  [
    'use: a segment in the loop of one qualifier is missing',
    { 'HL-S/N1-SF/N3': { use: 'required' }, 'HL-S/N1-ST/N3': { use: 'required' } },
    {},
    ['error segment-missing N3 in HL-S/N1-SF'],
  ],
  [
    'use: what holds for a loop holds for each of its kinds, unless that has its own rule',
    {
      'HL-S/N1-SF/N3': { use: 'optional' },
      'HL-S/N1/N3': { use: 'required' },
      'HL-S/N1-ST/N4': { use: 'required' },
    },
    {},
    [],
  ],
  [
    'use: a required element is empty',
    { 'HL-S/TD3-TL.02': { use: 'required' } },
    {},
    ['error element-missing TD302'],
  ],
  ['use: a level is missing', { 'HL-Q': { use: 'required' } }, {}, ['error segment-missing HL']],
  [
    'use: a level is not used',
    { 'HL-T': { use: 'unused' } },
    {},
    ['warning segment-not-agreed HL'],
  ],
  [
    'use: a segment is not used',
    { 'HL-S/FOB': { use: 'unused' } },
    {},
    ['warning segment-not-agreed FOB in HL-S'],
  ],
  [
    'use: an element is not used',
    { 'HL-S/TD505': { use: 'unused' } },
    {},
    ['warning element-not-agreed TD505'],
  ],
  [
    'use: an element the standard requires may stay empty',
    { 'HL-O/PRF01': { use: 'optional' } },
    { 'PRF*PO-4500012***20251215': 'PRF****20251215' },
    [],
  ],
  [
    'max: a segment comes too often',
    { 'HL-S/REF': { max: 1 } },
    {},
    ['warning segment-repeats-too-often REF in HL-S'],
  ],
  [
    'max: a segment with a qualifier comes too often',
    { 'HL-S/REF-CN': { max: 1 } },
    { 'REF*CN*PRO1234567': ['REF*CN*PRO1', 'REF*CN*PRO2'] },
    ['warning segment-repeats-too-often REF in HL-S'],
  ],
  [
    'max: a loop comes too often',
    { 'HL-S/N1': { max: 1 } },
    {},
    ['error loop-repeats-too-often N1 in HL-S'],
  ],
  [
    'max: an element is too long',
    { 'HL-S/TD505': { max: 10 } },
    {},
    ['warning element-too-long TD505'],
  ],
  [
    'constant: the partner has another',
    { 'HL-S/N1-ST.03': { constant: '92' }, 'HL-S/FOB01': { constant: 'CC' } },
    {},
    ['warning value-not-agreed FOB01', 'warning value-not-agreed N103'],
  ],
  [
    'format: the partner has another pattern',
    { 'HL-O/PRF01': { format: { pattern: '\\d{10}' } } },
    {},
    ['warning value-not-agreed PRF01'],
  ],
  [
    'codes: a code the closed list of the standard does not have is known',
    { BSN01: { codes: { in: { '77': 'original' } } } },
    { 'BSN*00*SHP-2025-0001*20251230*1415*0001': 'BSN*77*SHP-2025-0001*20251230*1415*0001' },
    [],
  ],
  [
    'when: what is known only later decides on what is missing',
    {
      'HL-S/PER-IC': { use: 'required', when: { 'body.transport.mode': 'road' } },
      'HL-S/PER-BD': { use: 'required', when: { 'body.transport.mode': 'air' } },
    },
    {},
    ['error segment-missing PER in HL-S'],
  ],
]

const place = ({ severity, code, tag = '', element, loop }: Issue) =>
  element === undefined
    ? `${severity} ${code} ${tag}${loop === undefined ? '' : ` in ${loop}`}`
    : `${severity} ${code} ${tag}${String(element).padStart(2, '0')}`

test.each(FOUND)('reading, %s', (_title, override, changes, found) => {
  const { document, issues } = read(changed(changes), override)
  expect(issues.map(place)).toEqual(found)
  const isRejected = found.some((text) => text.startsWith('error'))
  expect(document === undefined).toBe(isRejected)
})

/** The base Document does not fit the agreement: what writing it says. */
const REFUSED: readonly (readonly [string, Override, readonly string[]])[] = [
  ['use: a required segment', { 'HL-S/PER': { use: 'required' } }, ['error segment-missing PER']],
  [
    'use: a segment with a qualifier',
    { 'HL-S/REF-LO': { use: 'required' } },
    ['error segment-missing REF'],
  ],
  [
    'use: a segment in a loop',
    { 'HL-S/N1-SF/N3': { use: 'required' } },
    ['error segment-missing N3'],
  ],
  [
    'use: a required element',
    { 'HL-S/TD302': { use: 'required' } },
    ['error element-missing TD302'],
  ],
  ['use: a required level', { 'HL-Q': { use: 'required' } }, ['error segment-missing HL']],
  ['use: an unused level', { 'HL-T': { use: 'unused' } }, ['error segment-not-agreed HL']],
  ['max: a segment', { 'HL-S/REF': { max: 1 } }, ['warning segment-repeats-too-often REF']],
  ['max: a level', { 'HL-I': { max: 2 } }, ['warning segment-repeats-too-often HL']],
  ['max: a loop of a kind', { 'HL-S/N1-ST': { max: 0 } }, ['error loop-repeats-too-often N1']],
  ['max: an element', { 'HL-S/TD505': { max: 10 } }, ['error element-too-long TD505']],
  [
    'constant: something else is said',
    { 'HL-S/FOB01': { constant: 'CC' } },
    ['error value-not-writable FOB01'],
  ],
  [
    'constant: no item of the list has it',
    { 'HL-S/N1-ST.03': { constant: '92' }, 'HL-S/N1-ST.04': { use: 'required' } },
    ['error element-missing N104'],
  ],
  [
    'format: another pattern',
    { 'HL-O/PRF01': { format: { pattern: '\\d{10}' } } },
    ['error value-not-agreed PRF01'],
  ],
  ['format: cut', { 'HL-S/TD505': { format: { cut: 7 } } }, ['warning value-cut TD505']],
]

test.each(REFUSED)('writing, %s', (_title, override, found) => {
  expect(write(BASE_DOCUMENT, override).issues.map(place)).toEqual(found)
})

test('writing: what is unused or dropped is left out without a word', () => {
  const override: Override = {
    'HL-S/FOB': { use: 'unused' },
    'HL-S/N1-SF': { drop: true },
    'HL-S/REF-CN': { use: 'unused' },
    'HL-S/TD505': { use: 'unused' },
  }
  const { segments, issues } = write(BASE_DOCUMENT, override)
  expect(issues).toEqual([])
  expect(BASE.filter((segment) => !segments.includes(segment))).toEqual([
    'TD5*B*2*EXMP*M*EXAMPLE FREIGHT LINES*CC',
    'REF*CN*PRO1234567',
    'FOB*PP',
    'N1*SF*EXAMPLE SUPPLIER*UL*0614141000005',
  ])
  expect(segments).toContain('TD5*B*2*EXMP*M**CC')
})

test('a dropped loop is passed over with all that stands in it', () => {
  const override: Override = { 'HL-S/N1-ST': { drop: true }, 'HL-S/TD1': { drop: true } }
  const { document, issues } = read(BASE, override)
  expect(issues).toEqual([])
  expect(document?.parties.map(({ role }) => role)).toEqual(['shipFrom'])
  expect(document).not.toHaveProperty('body.totals')
})

test('constant: the item of the list is written that has it', () => {
  const ids = [
    { scheme: 'gln', value: '0614141900015' },
    { scheme: 'buyerAssigned', value: 'DC7' },
  ]
  const [first, ...others] = BASE_DOCUMENT.parties
  const document = { ...BASE_DOCUMENT, parties: [{ ...first!, ids }, ...others] }
  const { segments, issues } = write(document, { 'HL-S/N1-ST.03': { constant: '92' } })
  expect(issues).toEqual([])
  expect(segments).toContain('N1*ST*EXAMPLE RETAIL DC 7*92*DC7')
})

test('what a partner sent differently is written again as it came', () => {
  const override: Override = {
    'HL-O/REF01': { codes: { in: { XX: 'department' } } },
    'HL-S/REF-BM.02': { format: { pad: { length: 12, with: '0' } } },
  }
  const wire = changed({ 'REF*DP*0042': 'REF*XX*0042', 'REF*BM*BOL556677': 'REF*BM*00BOL556677' })
  const { document } = read(wire, override)
  expect(document).toMatchObject({
    references: [{ value: 'BOL556677' }, {}],
    body: { orders: [{ references: [{ type: 'department', value: '0042' }] }] },
  })
  expect(write(document!, override).segments).toEqual(wire)
})

/** Mistakes in an override: the key and what is said of it. */
const WRONG: readonly (readonly [string, Override, RegExp])[] = [
  [
    'an unknown segment',
    { 'HL-S/TD9': { use: 'required' } },
    /^HL-S\/TD9: there is no node HL-S\/TD9; nearest: HL-S\/TD\d$/,
  ],
  [
    'an unknown level',
    { 'HL-Z/REF': { use: 'required' } },
    /^HL-Z\/REF: there is no node HL-Z\/REF; nearest: HL-\w\/REF$/,
  ],
  ['an unknown loop', { 'HL-S/M1/N3': { use: 'required' } }, /nearest: HL-S\/N1\/N3$/],
  [
    'an unknown element',
    { BSN45: { use: 'required' } },
    /^BSN45: BSN has no such element; nearest: BSN0\d$/,
  ],
  [
    'a qualifier that cannot be one',
    { 'HL-S/DTM-11': { use: 'required' } },
    /^HL-S\/DTM-11: 11 cannot be the first element of DTM: it has 3 to 3 characters; nearest: HL-S\/DTM-0?11$/,
  ],
  [
    'a qualifier that a closed list does not have',
    { 'HL-I/PID-Q': { use: 'required' } },
    /PID.*no code Q|Q/,
  ],
  [
    'a loop that is not told apart',
    { 'HL-I/SLN-01/N3': { use: 'required' } },
    /^HL-I\/SLN-01\/N3: SLN makes no difference by its first element; leave out -01; nearest: /,
  ],
  [
    'a key for elements on a segment',
    { 'HL-S/FOB': { constant: 'PP' } },
    /^HL-S\/FOB, constant: is for an element; HL-S\/FOB is a segment\. Name one, as HL-S\/FOB01$/,
  ],
  [
    'a constant that is from a value',
    { 'HL-S/FOB02': { constant: 'PP', from: 'documentNumber' } },
    /^HL-S\/FOB02, from: an element is a constant or from a value, not both$/,
  ],
  [
    'a moved constant',
    { 'HL-S/FOB01': { constant: 'PP', move: { to: 'HL-S/FOB02' } } },
    /^HL-S\/FOB01, move: what is moved away has no constant and no from$/,
  ],
  [
    'a drop with more',
    { 'HL-S/FOB01': { drop: true, max: 2 } },
    /^HL-S\/FOB01, drop: what is dropped has no other rule$/,
  ],
  ['a dropped level', { 'HL-T': { drop: true } }, /^HL-T, drop: a level cannot be dropped$/],
  [
    'a segment dropped sometimes',
    { 'HL-S/FOB': { drop: true, when: { function: 'cancel' } } },
    /^HL-S\/FOB, drop: a segment is dropped always; leave out when$/,
  ],
  [
    'dropping what the document needs',
    { BSN02: { drop: true } },
    /^BSN02, drop: the document cannot be without this value$/,
  ],
  [
    'making optional what the document needs',
    { BSN02: { use: 'optional' } },
    /^BSN02, use: the document cannot be without this value$/,
  ],
  [
    'a pattern that is none',
    { BSN02: { format: { pattern: '(' } } },
    /^BSN02, format: pattern is no regular expression: /,
  ],
  [
    'a path that is not there',
    { 'HL-S/FOB03': { from: 'body.transprot.mode' } },
    /^HL-S\/FOB03, from: there is no transprot in body.transprot.mode; nearest: transport$/,
  ],
  [
    'a path of the node that is not there',
    { 'HL-O/PRF05': { from: '.orderNo' } },
    /^HL-O\/PRF05, from: there is no orderNo in .orderNo; nearest: order\w+$/,
  ],
  [
    'a path that ends at an object',
    { 'HL-S/FOB03': { from: 'body.transport' } },
    /is not one value: name one of its keys$/,
  ],
  [
    'a list without item',
    { 'HL-S/FOB03': { from: 'references.value' } },
    /references in references.value is a list: say which item, as references\[type=…\]$/,
  ],
  [
    'an item of no list',
    { 'HL-S/FOB03': { from: 'body[type=x].transport' } },
    /body in .* is no list$/,
  ],
  [
    'an item by a key it has not',
    { 'HL-S/FOB03': { from: 'references[kind=x].value' } },
    /the items of references in .* have no kind$/,
  ],
  [
    'a value in a time',
    { BSN04: { from: 'documentNumber' } },
    /^BSN04, from: an element of type time cannot say a canonical value$/,
  ],
  [
    'a value in the number of a level',
    { HL01: { from: 'documentNumber' } },
    /^HL01, from: the numbers and codes of a level are made, not mapped$/,
  ],
  [
    'a value where there are several',
    { 'HL-P/PAL-9.02': { from: '.trackingNumber' }, 'HL-P/PID05': { move: { to: 'HL-P/MAN02' } } },
    /map has no value here|say which/,
  ],
  [
    'a move of nothing',
    { 'HL-S/FOB03': { move: { to: 'HL-S/FOB02' } } },
    /^HL-S\/FOB03, move: the map has no value here that could be moved$/,
  ],
  [
    'a move to nowhere',
    { 'HL-S/FOB01': { move: { to: 'HL-S/FOX02' } } },
    /^HL-S\/FOB01, move: there is no node HL-S\/FOX02; nearest: HL-S\/\w+$/,
  ],
  [
    'a move to a segment',
    { 'HL-S/FOB01': { move: { to: 'HL-S/TD4' } } },
    /^HL-S\/FOB01, move: HL-S\/TD4 is a segment; name an element, as HL-S\/TD402$/,
  ],
  [
    'a move of a part',
    { 'HL-S/TD502': { move: { to: 'HL-S/TD402' } } },
    /the value stands in 2 elements; it can only move within its segment$/,
  ],
  [
    'a move to another node',
    { 'HL-S/FOB01': { move: { to: 'HL-O/REF-ZZ.02' } } },
    /is about another part of the document \(HL-O, not document.body.transport\)$/,
  ],
  [
    'a word that is none',
    { 'HL-S/TD504': { codes: { out: { rode: 'X' } } } },
    /^HL-S\/TD504, codes: rode is neither a word nor a code of .* \(91\); nearest: road$/,
  ],
  [
    'a condition that is not there',
    { 'HL-S/FOB': { use: 'required', when: { functoin: 'x' } } },
    /^HL-S\/FOB, when: there is no functoin in functoin; nearest: function$/,
  ],
  [
    'a condition on the own node',
    { 'HL-S/FOB': { use: 'required', when: { '.orderNumber': 'x' } } },
    /^HL-S\/FOB, when: a condition is about the document: leave out the point$/,
  ],
  [
    'a condition of a move',
    { 'HL-O/PRF01': { move: { to: 'HL-O/PRF02', when: { no: 'x' } } } },
    /^HL-O\/PRF01, move: there is no no in no/,
  ],
]

test.each(WRONG)('an override with %s is refused', (_title, override, text) => {
  const problems = overrideProblems(map, override).map(({ id, key, text }) =>
    key === undefined ? `${id}: ${text}` : `${id}, ${key}: ${text}`,
  )
  expect(problems).toEqual([expect.stringMatching(text)])
  expect(() => ready(map, { override })).toThrow('the override of 856 004010 does not hold: ')
})

test('all mistakes of an override are told at once', () => {
  const override: Override = { XYZ: { use: 'required' }, BSN02: { drop: true } }
  expect(overrideProblems(map, override).map(({ id }) => id)).toEqual(['XYZ', 'BSN02'])
})
