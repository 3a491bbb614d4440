// Reading with SIMD and without gives the same rows, whatever the bytes are.
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import openWabt from 'wabt'
import { ByteWindow } from '../../edi-maps/byte-window.js'
import { Scan, type ScanOptions, type ScanSyntax, type SpecialTags } from '../../edi-maps/scan.js'
import { SimdScan } from '../../edi-maps/simd-scan.js'
import { SIMD_SCAN_WASM } from '../../edi-maps/simd-scan-wasm.js'
import { seeded } from '../seeded.js'

const specials: SpecialTags = {
  tags: ['ISA', 'IEA', 'BIN'],
  of: (bytes, at, isSeparator) => {
    if (!isSeparator(bytes[at + 3]!)) return undefined
    const tag = String.fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!)
    return ({ ISA: 'header', IEA: 'trailer', BIN: 'binary' } as const)[tag]
  },
}

const syntaxes: [string, ScanSyntax][] = [
  ['X12', { element: '*', terminator: '~', component: '>', repetition: '^' }],
  ['X12 in lines', { element: '*', terminator: '\n', component: '>', repetition: '' }],
  ['EDIFACT', { element: '+', terminator: "'", release: '?', component: ':', repetition: '' }],
  [
    'control characters',
    { element: '\x1d', terminator: '\x1c', component: '\x1f', repetition: '' },
  ],
  ['blanks between elements', { element: ' ', terminator: '~', component: ':', repetition: '' }],
  ['NUL between elements', { element: '\0', terminator: '~', component: ':', repetition: '' }],
  [
    'one character of two meanings',
    { element: '?', terminator: "'", release: '?', component: ':', repetition: '' },
  ],
  [
    'a terminator of two bytes',
    { element: '*', terminator: '\xc2\x85', component: '>', repetition: '' },
  ],
]

const simd = SimdScan.open()!

/** Everything a scan says of bytes, part by part until it gets no further, and whether any of it was odd. */
function scanned(scan: Scan, syntax: ScanSyntax, bytes: Uint8Array, options: ScanOptions) {
  const window = new ByteWindow(bytes.length)
  window.append(bytes)
  window.close()
  scan.use(syntax)
  const told = []
  let isOdd = false
  for (;;) {
    const why = scan.run(window, options)
    const { used, end, at, segments, breaks, sawBreak, repeated } = scan
    isOdd ||= segments > 0 && scan.isOdd
    const marks = [...scan.marks.subarray(0, used)]
    told.push({ why, end, segments, breaks, sawBreak, repeated, marks })
    if (why === 'input' || why === 'gap') return { told, isOdd }
    window.head = Math.max(end, at + 1)
    window.previous = bytes[window.head - 1]!
  }
}

/** Segments as partners send them, with now and then a byte that belongs nowhere. */
function noise(random: () => number, syntax: ScanSyntax): Buffer {
  const { element, terminator, release, component, repetition } = syntax
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = (list: readonly string[]) => list[below(list.length)]!
  const odd = [
    '\r',
    '\n',
    '\r\n',
    ' ',
    '\0',
    '\t',
    '\xe9',
    terminator,
    release ?? '',
    element,
    repetition,
    '\x7f',
  ]
  const oddity = random() < 0.5 ? 0.02 : 0.2
  let text = ''
  for (let left = below(80); left > 0; left--) {
    text += pick(['HL', 'N1', 'IT1', 'LIN', 'ISA', 'IEA', 'BIN', 'I', ''])
    for (let more = below(5); more > 0; more--) {
      text += element + 'X'.repeat(below(random() < 0.01 ? 5000 : 30))
      if (release !== undefined && random() < 0.1)
        text += release + pick([component, element, '\n'])
      if (random() < oddity) text += pick(odd)
    }
    text += terminator + (random() < oddity ? pick(odd) : pick(['', '\n', '\r\n', ' ']))
  }
  return Buffer.from(text, 'latin1')
}

describe.each(syntaxes)('SIMD and bytes give the same for %s', (_, syntax) => {
  test('in noise of 100 kinds', () => {
    const random = seeded(856)
    for (let run = 0; run < 100; run++) {
      const bytes = noise(random, syntax)
      const options = {
        start: -1,
        plain: -1,
        watch: random() < 0.5,
        maxGap: 64 * 1024,
        maxSegment: random() < 0.2 ? 40 : 100_000,
      }
      const withSimd = scanned(new Scan(specials, simd), syntax, bytes, options)
      const without = scanned(new Scan(specials, undefined), syntax, bytes, options)
      // Compared as text, which takes a hundredth of the time.
      if (JSON.stringify(withSimd.told) !== JSON.stringify(without.told)) {
        expect({ run, told: withSimd.told }).toEqual({ run, told: without.told })
      }
      // SIMD looks at 16 bytes at once, and so at some that are of no complete segment.
      expect(withSimd.isOdd || !without.isOdd).toBe(true)
    }
  })
})

test.each([
  ['printed text in lines', 'N1*ST*EXAMPLE RETAIL DC 7~\r\nN3*100 WAREHOUSE ROAD~\n', false],
  [
    'a control character in an element',
    'N1*ST*EXAMPLE RETAIL\x07DC 7~\nN3*100 WAREHOUSE ROAD~',
    true,
  ],
  ['a DEL', 'N1*ST*EXAMPLE RETAIL DC 7~N3*100 WAREHOUSE\x7fROAD~', true],
  ['a line break in an element', 'N3*100 WAREHOUSE ROAD~\nN1*ST*EXAMPLE\nRETAIL~', true],
  ['a repetition', 'N1*ST*EXAMPLE RETAIL^DC 7~N3*100 WAREHOUSE ROAD~', true],
])('%s: whether segments may have odd characters', (_, text, isOdd) => {
  const [, syntax] = syntaxes[0]!
  const bytes = Buffer.from(text)
  const options = { start: -1, plain: -1, watch: false, maxGap: 99, maxSegment: 99 }
  expect(scanned(new Scan(specials, simd), syntax, bytes, options).isOdd).toBe(isOdd)
  expect(scanned(new Scan(specials, undefined), syntax, bytes, options).isOdd).toBe(isOdd)
})

test('the module is what simd-scan.wat compiles to', async () => {
  const { parseWat } = await openWabt()
  const source = readFileSync('edi-maps/simd-scan.wat', 'utf8')
  const { buffer } = parseWat('simd-scan.wat', source).toBinary({})
  expect(SIMD_SCAN_WASM).toBe(Buffer.from(buffer).toString('base64'))
})
