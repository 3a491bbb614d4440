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
  ['X12', { element: '*', terminator: '~', others: '>^' }],
  ['X12 in lines', { element: '*', terminator: '\n', others: '>' }],
  ['EDIFACT', { element: '+', terminator: "'", release: '?', others: ':' }],
  ['control characters', { element: '\x1d', terminator: '\x1c', others: '\x1f' }],
  ['blanks between elements', { element: ' ', terminator: '~', others: ':' }],
  ['NUL between elements', { element: '\0', terminator: '~', others: ':' }],
  ['one character of two meanings', { element: '?', terminator: "'", release: '?', others: ':' }],
  ['a terminator of two bytes', { element: '*', terminator: '\xc2\x85', others: '>' }],
]

const simd = SimdScan.open()!

/** Everything a scan says of bytes, part by part until it gets no further. */
function scanned(scan: Scan, syntax: ScanSyntax, bytes: Uint8Array, options: ScanOptions) {
  const window = new ByteWindow(bytes.length)
  window.append(bytes)
  window.close()
  scan.use(syntax)
  const told = []
  for (;;) {
    const why = scan.run(window, options)
    const { used, end, at, segments, breaks, sawBreak, repeated } = scan
    const marks = [...scan.marks.subarray(0, used)]
    told.push({ why, end, segments, breaks, sawBreak, repeated, marks })
    if (why === 'input' || why === 'gap') return told
    window.head = Math.max(end, at + 1)
    window.previous = bytes[window.head - 1]!
  }
}

/** Segments as partners send them, with now and then a byte that belongs nowhere. */
function noise(random: () => number, { element, terminator, release, others }: ScanSyntax): Buffer {
  const below = (limit: number) => Math.floor(random() * limit)
  const pick = (list: readonly string[]) => list[below(list.length)]!
  const odd = ['\r', '\n', '\r\n', ' ', '\0', '\t', '\xe9', terminator, release ?? '', element]
  const oddity = random() < 0.5 ? 0.02 : 0.2
  let text = ''
  for (let left = below(80); left > 0; left--) {
    text += pick(['HL', 'N1', 'IT1', 'LIN', 'ISA', 'IEA', 'BIN', 'I', ''])
    for (let more = below(5); more > 0; more--) {
      text += element + 'X'.repeat(below(random() < 0.01 ? 5000 : 30))
      if (release !== undefined && random() < 0.1)
        text += release + pick([...others, element, '\n'])
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
      if (JSON.stringify(withSimd) === JSON.stringify(without)) continue
      expect({ run, told: withSimd }).toEqual({ run, told: without })
    }
  })
})

test('the module is what simd-scan.wat compiles to', async () => {
  const { parseWat } = await openWabt()
  const source = readFileSync('edi-maps/simd-scan.wat', 'utf8')
  const { buffer } = parseWat('simd-scan.wat', source).toBinary({})
  expect(SIMD_SCAN_WASM).toBe(Buffer.from(buffer).toString('base64'))
})
