import { expect, test } from '@jest/globals'
import type { Segment } from '../../../edi-maps/segment.js'
import type { TokenizerOptions } from '../../../edi-maps/standard.js'
import { tokenizer } from '../../../edi-maps/payload.js'

const ISA =
  'ISA*00*          *00*          *ZZ*EXSUPPLIER     *ZZ*EXRETAIL       *251230*1416*U*00401*000000101*0*P*>~'
const ISA5 = ISA.replace('*U*00401*', '*^*00501*')
const END = 'IEA*0*000000101~'

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))

function read(
  input: string | Uint8Array,
  cuts: number[] = [],
  options?: TokenizerOptions,
): Segment[] {
  const bytes = typeof input === 'string' ? latin1(input) : input
  const reader = tokenizer(options)
  const segments: Segment[] = []
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    segments.push(...reader.push(bytes.slice(from, to)))
    from = to
  }
  return [...segments, ...reader.end()]
}

const tags = (segments: Segment[]): string[] => segments.map((segment) => segment.tag)
const codes = (segments: Segment[]): string[] =>
  segments.flatMap((s) => s.issues.map((i) => i.code))
const values = (segment: Segment | undefined): string[] =>
  Array.from({ length: segment?.elementCount ?? 0 }, (_, k) => segment!.get(k + 1))

function plain(segments: Segment[]): unknown[] {
  return segments.map((s) => ({
    tag: s.tag,
    number: s.number,
    offset: s.offset,
    end: s.end,
    line: s.line,
    before: s.before,
    elements: Array.from({ length: s.elementCount }, (_, e) =>
      Array.from({ length: s.repetitionCount(e + 1) }, (_, r) => s.components(e + 1, r + 1)),
    ),
    issues: s.issues,
  }))
}

/** Inputs of every kind of trouble; the properties below hold for each. */
const inputs: Record<string, string> = {
  plain: `${ISA}\nGS*SH*A*B~\n\nST*856*0001~\r\n  N1*ST*X>Y**~~IEA*1~\n\n`,
  'every kind of line end': `\r\n\n${ISA}\r\nGS*SH~\rST*856~\n\rSE~\r\n${END}\r`,
  'terminator LF': `${ISA.slice(0, -1)}\nGS*SH\n\nST*856*0001\nIEA*1*000000101\n`,
  'terminator CR, then LF': `${ISA.slice(0, -1)}\r\nGS*SH\r\nIEA*1*000000101\r\n`,
  'terminator 0x85': `${ISA.slice(0, -1)}\x85GS*SH\x85IEA*1*1\x85`,
  'terminator of three bytes': `${ISA.slice(0, -1)}\xe2\x80\xa6GS*Caf\xe9\xe2\x80\xa6\nIEA*1*1\xe2\x80\xa6`,
  'byte order mark': `\xef\xbb\xbf${ISA}GS*SH~${END}`,
  'two interchanges': `${ISA}GS*SH~${END}\n${ISA.replaceAll('*', '|').replace('~', '\x1c')}GS|SH\x1cIEA|1|1\x1c`,
  'an interchange in an unfinished one': `${ISA}GS*SH~ST*856~${ISA.replaceAll('*', '|')}IEA|0|1~`,
  garbage: `no EDI at all, VISA*1 ${ISA}GS~${END}garbage ISA* after\0`,
  'broken ISA': `${ISA.replace('*0*P', '*P')}GS*SH~ST*856~${END}${ISA}${END}`,
  binary: `${ISA}BIN*7*a~*b\r\n~~BDS*HEX*4*~~~~~BIN*99*ab~BIN*x*a~${END}`,
  repetitions: `${ISA5}GS*A^B>C^^D*E~${END}`,
  wrapped: `${ISA}GS*SH*EXSUPPLIER*EXRETAIL*20251230*1416*101*X*004010~ST*856*0001~${END}`.replace(
    /.{80}/g,
    '$&\r\n',
  ),
  'a line break in data': `${ISA}\nMSG*two\nlines~\n${END}\n`,
  'no last terminator': `${ISA}GS*SH~IEA*0*000000101\r\n`,
  empty: '',
  blank: ' \r\n\t',
  'not EDI': 'Please find the ship notice attached.',
}

test.each(Object.entries(inputs))('gives the same segments wherever it is cut: %s', (_, input) => {
  const whole = plain(read(input))
  for (let cut = 1; cut < input.length; cut++) {
    expect({ cut, segments: plain(read(input, [cut])) }).toEqual({ cut, segments: whole })
  }
  expect(
    plain(
      read(
        input,
        [...input].map((_, k) => k),
      ),
    ),
  ).toEqual(whole)
})

test.each(Object.entries(inputs))('loses no byte and counts lines: %s', (_, input) => {
  const bytes = latin1(input)
  let at = 0
  for (const segment of read(input)) {
    expect(segment.before).toBe(Buffer.from(bytes.slice(at, segment.offset)).toString('latin1'))
    const lines = input.slice(0, segment.offset).match(/\r\n|\r|\n/g) ?? []
    if (segment.tag !== '') expect(segment.line).toBe(1 + lines.length)
    at = segment.end
  }
  expect(at).toBe(bytes.length)
})

test('cutting the input off anywhere never throws and loses nothing', () => {
  for (const input of Object.values(inputs)) {
    for (let end = 0; end < input.length; end++) {
      const segments = read(input.slice(0, end))
      expect(segments.at(-1)?.end ?? 0).toBe(end)
    }
  }
})

test('counts elements, components and repetitions from 1', () => {
  const [, gs] = read(inputs['repetitions']!)
  expect(gs?.elementCount).toBe(2)
  expect(gs?.get(1)).toBe('A')
  expect(gs?.raw(1)).toBe('A^B>C^^D')
  expect(gs?.repetitionCount(1)).toBe(4)
  expect(gs?.components(1, 2)).toEqual(['B', 'C'])
  expect(gs?.component(1, 2, 2)).toBe('C')
  expect(gs?.get('02')).toBe('E')
  expect(gs?.get('2-1')).toBe('E')
  expect([gs?.get(3), gs?.get('1-9'), gs?.components(9), gs?.repetitionCount(9)]).toEqual([
    '',
    '',
    [],
    0,
  ])
  expect(gs?.range(1, 2, 2)).toEqual({ offset: ISA5.length + 7, end: ISA5.length + 8 })
})

test('finds each delimiter in the ISA bytes of each interchange', () => {
  const [first, gs, , second, ,] = read(inputs['two interchanges']!)
  expect(first?.characters).toMatchObject({
    element: '*',
    component: '>',
    segment: '~',
    suffix: '',
  })
  expect(gs?.get(1)).toBe('SH')
  expect(second?.characters).toMatchObject({ element: '|', segment: '\x1c' })
})

test('takes ISA11 as repetition separator only from version 00402 on', () => {
  expect(read(`${ISA5}${END}`)[0]?.characters.repetition).toBe('^')
  expect(read(`${ISA.replace('*U*', '*^*')}${END}`)[0]?.characters.repetition).toBeUndefined()
})

test.each([
  ['0x85', '\x85'],
  ['a UTF-8 character of three bytes', '\xe2\x80\xa6'],
  ['a line feed', '\n'],
  ['0x15', '\x15'],
])('reads a segment terminator that is %s', (_, terminator) => {
  const segments = read(
    `${ISA.slice(0, -1)}${terminator}GS*SH${terminator}${END.slice(0, -1)}${terminator}`,
  )
  expect(tags(segments)).toEqual(['ISA', 'GS', 'IEA'])
  expect(codes(segments)).toEqual([])
})

test('reads an ISA whose blanks were squeezed, and says so', () => {
  const segments = read(`${ISA.replace(/ +/g, ' ')}GS*SH~${END}`)
  expect(tags(segments)).toEqual(['ISA', 'GS', 'IEA'])
  expect(codes(segments)).toEqual(['interchange-width-wrong'])
})

test('refuses an ISA with an element missing and reads the next interchange', () => {
  const segments = read(inputs['broken ISA']!)
  expect(tags(segments)).toEqual(['ISA', 'ISA', 'IEA'])
  expect(codes(segments)).toEqual([
    'interchange-width-wrong',
    'segment-terminator-invalid',
    'data-outside-interchange',
  ])
})

test('takes out line breaks that wrap every 80 columns, with offsets of the input as it came', () => {
  const input = inputs['wrapped']!
  const segments = read(input)
  expect(tags(segments)).toEqual(['ISA', 'GS', 'ST', 'IEA'])
  expect(codes(segments)).toEqual(['lines-wrapped'])
  expect(segments[0]?.get(16)).toBe('>')
  expect(values(segments[1])).toEqual([
    'SH',
    'EXSUPPLIER',
    'EXRETAIL',
    '20251230',
    '1416',
    '101',
    'X',
    '004010',
  ])
  expect(segments[1]?.offset).toBe(input.indexOf('GS*'))
  expect(input.slice(segments[2]?.offset, segments[2]?.end)).toMatch(/^S\r?\n?T\*856\*0001~$/)
})

test('keeps a line break that is data', () => {
  const [, msg] = read(inputs['a line break in data']!)
  expect(msg?.get(1)).toBe('two\nlines')
})

test('reads binary data by its length, whatever bytes it holds', () => {
  const segments = read(inputs['binary']!)
  expect(tags(segments)).toEqual(['ISA', 'BIN', 'BDS', 'BIN', 'BIN', 'IEA'])
  expect(values(segments[1])).toEqual(['7', 'a~*b\r\n~'])
  expect(values(segments[2])).toEqual(['HEX', '4', '~~~~'])
  expect(codes(segments)).toEqual(['binary-length-wrong', 'binary-length-wrong'])
})

test('tells garbage between and after interchanges with its bytes', () => {
  const input = inputs['garbage']!
  const found = read(input).flatMap((s) => s.issues)
  expect(found.map((i) => [i.code, input.slice(i.offset, i.end)])).toEqual([
    ['data-outside-interchange', 'no EDI at all, VISA*1 '],
    ['data-outside-interchange', 'garbage ISA* after\0'],
  ])
})

test('says that an empty input is empty and that other input is no EDI', () => {
  expect(codes(read(''))).toEqual(['not-edi'])
  expect(codes(read(inputs['not EDI']!))).toEqual(['not-edi'])
})

test('passes over a segment that is too large, the same for every chunk size, and reads what follows', () => {
  const options = { maxSegmentBytes: 1_000_000 }
  const input = `${ISA}N1*${'x'.repeat(3_000_000)}~BIN*2000000*${'~'.repeat(2_000_000)}~SE~${END}`
  const whole = plain(read(input, [], options))
  const segments = read(
    input,
    Array.from({ length: 500 }, (_, k) => 10_007 * (k + 1)),
    options,
  )
  expect(plain(segments)).toEqual(whole)
  expect(tags(segments).filter((tag) => tag !== '')).toEqual(['ISA', 'SE', 'IEA'])
  expect(codes(segments)).toEqual(['segment-too-large', 'segment-too-large'])
})

test('100 MB of one element take bounded time and memory', () => {
  const reader = tokenizer()
  const chunk = latin1('x'.repeat(1 << 20))
  const segments = reader.push(latin1(`${ISA}N1*`))
  const heap = process.memoryUsage().rss
  for (let k = 0; k < 100; k++) segments.push(...reader.push(chunk))
  expect(process.memoryUsage().rss - heap).toBeLessThan(128 * 1024 * 1024)
  segments.push(...reader.push(latin1(`~SE~${END}`)), ...reader.end())
  expect(tags(segments).filter((tag) => tag !== '')).toEqual(['ISA', 'SE', 'IEA'])
})

test('blanks and terminators by the megabyte between segments are passed on in pieces', () => {
  const input = `${ISA}${' '.repeat(3_000_000)}SE~${'~'.repeat(300_000)}${END}`
  const segments = read(
    input,
    Array.from({ length: 300 }, (_, k) => 10_007 * (k + 1)),
  )
  expect(plain(segments)).toEqual(plain(read(input)))
  expect(tags(segments).filter((tag) => tag !== '')).toEqual(['ISA', 'SE', 'IEA'])
  expect(new Set(codes(segments))).toEqual(new Set(['terminator-repeated']))
})
