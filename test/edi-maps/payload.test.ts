// Interchanges of both standards in one payload: each is read as it would be alone, at its own place.
import { describe, expect, test } from '@jest/globals'
import { dataOf } from '../../edi-maps/layout.js'
import { open, segmentsIn, tokenizer } from '../../edi-maps/payload.js'
import { PayloadWriter } from '../../edi-maps/payload-writer.js'
import type { Segment } from '../../edi-maps/segment.js'
import { codes, latin1, plain, reader, tags } from './segments.js'

const read = reader(tokenizer)

const ISA =
  'ISA*00*          *00*          *ZZ*EXSUPPLIER     *ZZ*EXRETAIL       *251230*1416*U*00401*000000101*0*P*>~'
const X12 = `${ISA}GS*SH*A*B*20251230*1416*101*X*004010~ST*856*0001~MSG*UNB+UNOC:3+A~SE*3*0001~GE*1*101~IEA*1*000000101~`
const LINES = X12.replaceAll('~', '~\r\n')
const OTHER = X12.replaceAll('*', '|').replaceAll('~', "'")
const UNB = "UNB+UNOC:3+EXSUPPLIER:14+EXRETAIL:14+251230:1416+101'"
const EDIFACT = `${UNB}UNH+1+DESADV:D:96A:UN'FTX+AAI+++ISA*00*GS*SH~IEA*1'UNT+3+1'UNZ+1+101'`
const UNA = `UNA^*,! |\r\n${EDIFACT.replaceAll('+', '*').replaceAll(':', '^').replaceAll("'", '|\r\n')}`

const parts = { X12, LINES, OTHER, EDIFACT, UNA }
type Part = keyof typeof parts

const payloads: readonly { names: readonly Part[]; gap: string }[] = [
  { names: ['X12', 'EDIFACT'], gap: '' },
  { names: ['EDIFACT', 'X12'], gap: '' },
  { names: ['LINES', 'UNA', 'OTHER'], gap: '\n' },
  { names: ['UNA', 'OTHER', 'EDIFACT', 'EDIFACT', 'LINES'], gap: '\r\n\x1a' },
  { names: ['OTHER', 'UNA', 'X12'], gap: ' -- next: VISA*, UNA+, UNBOUND -- ' },
]
const textOf = ({ names, gap }: (typeof payloads)[number]) =>
  names.map((name) => parts[name]).join(gap)

/** A segment without its place. */
const content = (segments: readonly Segment[]) =>
  segments.filter(({ tag }) => tag !== '').map((one) => [one.standard, one.tag, dataOf(one)])

const told = (text: string, cuts?: number[]) => JSON.stringify(plain(read(text, cuts)), null, 1)

describe.each(payloads.map((payload) => [payload.names.join(', '), payload] as const))(
  '%s',
  (_, payload) => {
    const text = textOf(payload)

    test('gives the segments each interchange has alone, where they stand', () => {
      const segments = read(text)
      expect(content(segments)).toEqual(payload.names.flatMap((name) => content(read(parts[name]))))
      const named = segments.filter(({ tag }) => tag !== '')
      expect(named.map(({ number }) => number)).toEqual(named.map((_one, k) => k + 1))
      for (const { tag, offset, end, line } of named) {
        expect(text.slice(offset, end).startsWith(tag)).toBe(true)
        expect(line).toBe(text.slice(0, offset).split(/\r\n|\r|\n/).length)
      }
    })

    test('gives the same wherever it is cut, and byte by byte', () => {
      const whole = told(text)
      const step = payload.names.length - 1
      for (let cut = 0; cut <= text.length; cut += step)
        if (told(text, [cut]) !== whole) expect({ cut, told: told(text, [cut]) }).toEqual(whole)
      const bytes = Array.from({ length: text.length }, (_one, k) => k)
      expect(told(text, bytes)).toEqual(whole)
    })

    test('is written back byte for byte, in the normal form as each interchange is', () => {
      const writer = new PayloadWriter()
      const back = read(text).map((one) => writer.write(one.standard, dataOf(one), one.layout()))
      expect(back.join('')).toBe(text)
      const normal = (input: string) => {
        const normaliser = new PayloadWriter()
        const written = read(input).filter(({ tag }) => tag !== '')
        return written.map((one) => normaliser.write(one.standard, dataOf(one))).join('')
      }
      expect(normal(text)).toBe(payload.names.map((name) => normal(parts[name])).join(''))
    })

    test('has its interchanges in their order, each with its own standard', () => {
      const { interchanges } = open(segmentsIn(latin1(text)))
      expect(interchanges.map(({ standard, issues }) => [standard, issues])).toEqual(
        payload.names.map((name) => [
          /UN[AB]/.test(parts[name].slice(0, 3)) ? 'edifact' : 'x12',
          [],
        ]),
      )
      const sets = interchanges.flatMap(({ groups }) => groups.flatMap((one) => one.transactions))
      expect(sets).toHaveLength(payload.names.length)
      expect(sets.flatMap(({ issues }) => issues)).toEqual([])
    })
  },
)

test('a header of the other standard inside an interchange is data', () => {
  const inside = X12.replace('MSG*', `ZZZ~${EDIFACT.replace('~', '')}~MSG*`)
  expect(new Set(read(inside).map(({ standard }) => standard))).toEqual(new Set(['x12']))
  const unended = EDIFACT.replace("UNZ+1+101'", '') + X12
  expect(new Set(read(unended).map(({ standard }) => standard))).toEqual(new Set(['edifact']))
  expect(open(read(unended)).interchanges[0]?.issues.map(({ code }) => code)).toContain(
    'interchange-cut-off',
  )
})

test('an interchange whose end was lost in a broken header is closed by one of the other standard', () => {
  const broken = `${X12.replace(/GE.*$/, '')}ISA*${'x'.repeat(400)}~${EDIFACT}`
  const segments = read(broken)
  expect(tags(segments).slice(-5)).toEqual(['UNB', 'UNH', 'FTX', 'UNT', 'UNZ'])
  expect(codes(segments)).toEqual(['data-outside-interchange'])
  const [first, second] = open(segments).interchanges
  expect(first?.issues.map(({ code }) => code)).toEqual(['control-structure-invalid'])
  expect(first?.groups[0]?.issues.map(({ code }) => code)).toEqual(['group-trailer-missing'])
  expect(second?.issues).toEqual([])
})

test('a long gap between standards is handed on in pieces that do not depend on the chunks', () => {
  const text = `${X12}${'-'.repeat(200_000)}${EDIFACT}`
  const whole = plain(read(text))
  expect(whole.length).toBeGreaterThan(12)
  const cuts = Array.from({ length: 300 }, (_, k) => (k + 1) * 661)
  expect(plain(read(text, cuts))).toEqual(whole)
  expect(open(read(text)).interchanges.map(({ standard }) => standard)).toEqual(['x12', 'edifact'])
})
