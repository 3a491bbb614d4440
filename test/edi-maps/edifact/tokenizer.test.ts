import { expect, test } from '@jest/globals'
import { edifact } from '../../../edi-maps/edifact/index.js'
import { tokenizer } from '../../../edi-maps/payload.js'
import { dataOf } from '../../../edi-maps/layout.js'
import type { Segment } from '../../../edi-maps/segment.js'
import { codes, latin1, plain, reader, tags } from '../segments.js'

const read = reader(tokenizer)
const UNB = "UNB+UNOC:3+EXSUPPLIER:14+EXRETAIL:14+251230:1416+101'"
const UNH = "UNH+1+DESADV:D:96A:UN:EAN007'"
const END = "UNZ+1+101'"
/** An interchange with the separators given, in the order of a UNA. */
const translated = (una: string, version = '3', body = ''): string => {
  const [component, element, , , , segment] = [...una] as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  return `UNA${una}${`UNB+UNOC:${version}+EXSUPPLIER:14+EXRETAIL:14+251230:1416+101'UNH+1+DESADV:D:96A:UN'${body}${END}`.replace(/[:+']/g, (c) => ({ ':': component, '+': element, "'": segment })[c]!)}`
}

const elements = (segment: Segment | undefined): string[][] =>
  Array.from({ length: segment?.elementCount ?? 0 }, (_, k) => segment!.components(k + 1))

/** Inputs of every kind of trouble; the properties below hold for each. */
const inputs: Record<string, string> = {
  'with UNA': `UNA:+.? '\r\n${UNB}\r\n${UNH}\r\nUNT+2+1'\r\n${END}\r\n`,
  'without UNA': `${UNB}${UNH}UNT+2+1'${END}`,
  'every kind of line end': `\r\n\nUNA:+.? '\n\r${UNB}\r\n${UNH}\rDTM+1'\n\r ${END}\r`,
  'separators of its own': translated('^*.? $', '3', "FTX+AAI+?$5'"),
  'control characters as separators': translated('\x1f\x1d. \x00\x1c'.replace('\x00', ' ')),
  'terminator LF': translated('|;,! \n', '1', "FTX+a!\nb'"),
  'terminator CR, then LF': translated(':+.? \r').replaceAll('\r', '\r\n'),
  'released everything': `${UNB}FTX+a?+b??+c?:d:e?'f+???'+??'\nX+??'${END}`,
  'released for nothing': `${UNB}\nFTX+?a?b:c+d?'?\r\n?e+??'${END}`,
  'release character at the very end': `${UNB}FTX+a?`,
  repetitions: translated(":+.?*'", '4', "PIA+1*2:3**4?*5+6'"),
  'byte order mark': `\xef\xbb\xbfUNA:+.? '${UNB}${END}`,
  'two interchanges': `UNA:+.? '${UNB}${UNH}${END}\r\n${translated('|;,! \n')}\r\n${UNB}${END}`,
  'an interchange in an unfinished one': `${UNB}${UNH}UNA:*.? '${UNB.replaceAll('+', '*')}UNZ*0*101'`,
  'a UNB after an unfinished interchange': `${UNB}${UNH}${UNB.replaceAll('+', '*')}UNZ*0*101'`,
  garbage: `no EDI at all, xUNB+1 UNA UNB ${UNB}${UNH}${END}garbage UNB* after\0`,
  'UNA of eight bytes': `UNA:+.?'${UNB}${END}`,
  'UNA of eight bytes and a line end': `UNA:+.?'\n${UNB}\n${END}\n`,
  'UNA that contradicts': `UNA:*.? '${UNB}${END}`,
  'UNA of one character': `UNA++.? '${UNB}${END}`,
  'nothing after UNA': "UNA:+.? ' \r\n",
  'level B': `${UNB}${UNH}${END}`.replace(
    /[:+']/g,
    (c) => ({ ':': '\x1f', '+': '\x1d', "'": '\x1c' })[c]!,
  ),
  'another terminator without UNA': `${UNB}\n${UNH}\n${END}\n`.replaceAll("'", '~'),
  'LF as terminator without UNA': `${UNB}${UNH}UNT+2+1'${END}`.replaceAll("'", '\n'),
  'letters of a message in the header': `${UNB.replace('EXRETAIL', 'EXRETAIL:UNH+1')}${UNH}${END}`,
  'terminators alone': `${UNB}''\n'${UNH}'${END}`,
  'a damaged separator behind the syntax identifier': `${UNB.replace('UNOC:', 'UNOC?\xac')}FTX+\xc2\x85'${END}`,
  nul: `\0${UNB}\0\0${UNH}FTX+a\0b'\0${END}\0`,
  wrapped: `UNA:+.? '${UNB}${UNH}FTX+AAI+++${'long ?+ text '.repeat(14)}'${END}`.replace(
    /.{80}/g,
    '$&\r\n',
  ),
  'a wrap after a release character': `${`${UNB}FTX+`.padEnd(79, 'x')}?\n'${'y'.repeat(78)}?\n+z'${END}`,
  'a line break in data': `${UNB}\nFTX+two\nlines'\n${END}\n`,
  'no last terminator': `${UNB}${UNH}UNZ+1?'+101\r\n`,
  'cut off in UNB': "UNA:+.? 'UNB+UNOC:3+EXSUPP",
  empty: '',
  blank: ' \r\n\t',
  'not EDI': 'Please find the despatch advice attached.',
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
        Array.from({ length: input.length }, (_, k) => k),
      ),
    ),
  ).toEqual(whole)
})

test.each(Object.entries(inputs))('loses no byte and counts lines: %s', (_, input) => {
  let at = 0
  for (const segment of read(input)) {
    expect(segment.before).toBe(input.slice(at, segment.offset))
    const lines = input.slice(0, segment.offset).match(/\r\n|\r|\n/g) ?? []
    if (segment.tag !== '') expect(segment.line).toBe(1 + lines.length)
    at = segment.end
  }
  expect(at).toBe(input.length)
})

test.each(Object.entries(inputs))('is written back byte for byte: %s', (_, input) => {
  const writer = edifact.writer()
  const text = read(input).map((segment) => writer.write(dataOf(segment), segment.layout()))
  expect(text.join('')).toBe(input)
})

test('inputs read in turns give what each gives alone', () => {
  const turns = Object.values(inputs).map((input) => ({
    input,
    reader: tokenizer(),
    segments: [] as Segment[],
  }))
  const longest = Math.max(...turns.map(({ input }) => input.length))
  for (let at = 0; at < longest; at += 50) {
    for (const { input, reader, segments } of turns) {
      segments.push(...reader.push(latin1(input.slice(at, at + 50))))
    }
  }
  for (const { input, reader, segments } of turns) {
    expect(plain([...segments, ...reader.end()])).toEqual(plain(read(input)))
  }
})

test('a value is the same whether few or many others are asked for', () => {
  const values = Array.from({ length: 200 }, (_, k) => 'ÄbcdefghijklmnopqR'.slice(k % 3, k % 19))
  const input = `${UNB}${values.map((value) => `FTX+${value}:x'`).join('')}${END}`
  const segments = read(input).filter(({ tag }) => tag === 'FTX')
  const told = () => segments.map((segment) => segment.component(1, 1))
  expect(told()).toEqual(values)
  expect(told()).toEqual(values)
})

test('cutting the input off anywhere never throws and loses nothing', () => {
  for (const input of Object.values(inputs)) {
    for (let end = 0; end < input.length; end++) {
      const segments = read(input.slice(0, end))
      expect(segments.at(-1)?.end ?? 0).toBe(end)
    }
  }
})

test('takes the service characters from the UNA, which stands before its UNB', () => {
  const [unb, unh] = read(inputs['separators of its own']!)
  expect(unb?.before).toBe('UNA^*.? $')
  expect(unb?.characters).toEqual({
    component: '^',
    element: '*',
    decimal: '.',
    release: '?',
    segment: '$',
    suffix: '',
  })
  expect(unh?.components(2)).toEqual(['DESADV', 'D', '96A', 'UN'])
})

test('takes a blank as no release character and a comma as decimal mark', () => {
  const input = translated(":+,  '", '3', "MOA+9:1,5'FTX+?'")
  const segments = read(input)
  expect(segments[0]?.characters).toMatchObject({ decimal: ',' })
  expect(segments[0]?.characters.release).toBeUndefined()
  expect(tags(segments)).toEqual(['UNB', 'UNH', 'MOA', 'FTX', 'UNZ'])
  expect(segments[3]?.get(1)).toBe('?')
})

test('takes each interchange by its own UNA, and the standard’s characters where there is none', () => {
  const segments = read(inputs['two interchanges']!)
  expect(tags(segments)).toEqual(['UNB', 'UNH', 'UNZ', 'UNB', 'UNH', 'UNZ', 'UNB', 'UNZ'])
  expect(segments[3]?.characters).toMatchObject({ element: ';', release: '!', segment: '\n' })
  expect(segments[6]?.characters).toMatchObject({ element: '+', release: '?', segment: "'" })
  expect(codes(segments)).toEqual([])
})

test('takes separators from the UNB where there is no UNA, printable or of level B', () => {
  const [unb, unh] = read(inputs['level B']!)
  expect(unb?.characters).toMatchObject({ element: '\x1d', component: '\x1f', segment: '\x1c' })
  expect(unb?.characters.release).toBeUndefined()
  expect(unh?.get('2-1')).toBe('DESADV')
  for (const name of ['another terminator without UNA', 'LF as terminator without UNA']) {
    expect(tags(read(inputs[name]!)).slice(0, 2)).toEqual(['UNB', 'UNH'])
  }
})

test('splits repetitions only in syntax version 4', () => {
  const pia = read(inputs['repetitions']!)[2]
  expect(pia?.repetitionCount(1)).toBe(4)
  expect(pia?.components(1, 2)).toEqual(['2', '3'])
  expect(pia?.components(1, 4)).toEqual(['4*5'])
  expect(pia?.raw(1)).toBe('1*2:3**4?*5')
  expect(read(translated(":+.?*'", '3', "PIA+1*2'"))[2]?.get(1)).toBe('1*2')
  expect(read(`${UNB.replace(':3', ':4')}${END}`)[0]?.characters.repetition).toBe('*')
})

test('gives values without the release characters and keeps those in raw and in the layout', () => {
  const [, ftx, x] = read(inputs['released everything']!)
  expect(elements(ftx)).toEqual([['a+b?'], ['c:d', "e'f"], ["?'"], ['?']])
  expect(ftx?.raw(2)).toBe("c?:d:e?'f")
  expect(ftx?.layout().escaped).toBeUndefined()
  expect(elements(x)).toEqual([['?']])
  const [, redundant] = read(inputs['released for nothing']!)
  expect(elements(redundant)).toEqual([['ab', 'c'], ["d'\r\ne"], ['?']])
  expect(redundant?.layout().escaped).toEqual([
    [1, 1, 1, '?a?b'],
    [2, 1, 1, "d?'?\r\n?e"],
  ])
})

test.each([
  ['UNOC', '\xe9\xa4', 'é¤'],
  ['UNOD', '\xb3\xe6', 'łć'],
  ['UNOE', '\xd0\xff', 'аџ'],
  ['UNOF', '\xe1', 'α'],
  ['UNOK', '\xfd', 'ı'],
  ['UNOY', '\xe2\x82\xac', '€'],
  ['UNOA', '\xe2\x82\xac', '€'],
  ['UNOB', '\xe9', 'é'],
])('decodes values under %s', (identifier, bytes, text) => {
  const input = `${UNB.replace('UNOC', identifier)}FTX+${bytes}'${END}`
  expect(read(input)[1]?.get(1)).toBe(text)
})

test('an agreed character set goes before that of the UNB', () => {
  const segments = read(`${UNB}FTX+\xe2\x82\xac'${END}`, [], { charset: 'utf-8' })
  expect(segments[1]?.get(1)).toBe('€')
})

test('tells a UNA that cannot be, and reads the interchange by its UNB', () => {
  const found = (name: string) => {
    const segments = read(inputs[name]!)
    expect(tags(segments).slice(0, 2)).toEqual(['UNB', 'UNZ'])
    return segments[0]!.issues.map((i) => [i.code, i.offset, i.end, i.ack?.code])
  }
  expect(found('UNA that contradicts')).toEqual([['element-separator-invalid', 0, 9, '22']])
  expect(found('UNA of one character')).toEqual([['component-separator-invalid', 0, 9, '22']])
  expect(found('UNA of eight bytes')).toEqual([['interchange-width-wrong', 0, 8, undefined]])
  expect(found('UNA of eight bytes and a line end')).toEqual([
    ['interchange-width-wrong', 0, 8, undefined],
  ])
})

test('takes out line breaks that wrap every 80 columns, with offsets of the input as it came', () => {
  const input = inputs['wrapped']!
  const segments = read(input)
  expect(tags(segments)).toEqual(['UNB', 'UNH', 'FTX', 'UNZ'])
  expect(codes(segments)).toEqual(['lines-wrapped'])
  expect(segments[2]?.get(4)).toBe('long + text '.repeat(14))
  expect(segments[2]?.offset).toBe(input.indexOf('FTX'))
  expect(elements(read(inputs['a wrap after a release character']!)[1])).toEqual([
    [`${'x'.repeat(79 - `${UNB}FTX+`.length)}'${'y'.repeat(78)}+z`],
  ])
})

test('keeps a line break that is data', () => {
  expect(read(inputs['a line break in data']!)[1]?.get(1)).toBe('two\nlines')
})

test('tells garbage between and after interchanges with its bytes', () => {
  const input = inputs['garbage']!
  const found = read(input).flatMap((s) => s.issues)
  expect(found.map((i) => [i.code, input.slice(i.offset, i.end)])).toEqual([
    ['data-outside-interchange', 'no EDI at all, xUNB+1 UNA UNB '],
    ['data-outside-interchange', 'garbage UNB* after\0'],
  ])
})

test('says that an empty input is empty and that other input is no EDI', () => {
  expect(read('')[0]?.issues[0]?.text).toBe('The input is empty.')
  expect(read(inputs['not EDI']!)[0]?.issues[0]?.text).toBe(
    'This is not EDI: no ISA and no UNA or UNB begins an interchange.',
  )
  expect(codes(read(inputs['nothing after UNA']!))).toEqual(['not-edi'])
})

test('passes over a segment that is too large, the same for every chunk size, and reads what follows', () => {
  const options = { maxSegmentBytes: 1_000_000 }
  const input = `${UNB}FTX+${"?'x".repeat(1_000_000)}'UNT+1+1'FTX+${'??'.repeat(700_000)}'${END}`
  const whole = plain(read(input, [], options))
  const cuts = Array.from({ length: 440 }, (_, k) => 10_007 * (k + 1))
  const segments = read(input, cuts, options)
  expect(plain(segments)).toEqual(whole)
  expect(tags(segments).filter((tag) => tag !== '')).toEqual(['UNB', 'UNT', 'UNZ'])
  expect(codes(segments)).toEqual(['segment-too-large', 'segment-too-large'])
})

test.each([
  ['letters', 'x'],
  ['released terminators', "?'"],
  ['blanks', ' '],
])('100 MB of one element take bounded time and memory: %s', (_, unit) => {
  const reader = tokenizer()
  const chunk = latin1(unit.repeat((1 << 20) / unit.length))
  const found = tags(reader.push(latin1(`${UNB}FTX+`)))
  const before = process.memoryUsage().rss
  for (let k = 0; k < 100; k++) found.push(...tags(reader.push(chunk)))
  expect(process.memoryUsage().rss - before).toBeLessThan(96 * 1024 * 1024)
  found.push(...tags([...reader.push(latin1(`'UNT'${END}`)), ...reader.end()]))
  expect(found.filter((tag) => tag !== '')).toEqual(['UNB', 'UNT', 'UNZ'])
})

test('an unfinished segment of megabytes takes time in proportion, byte by byte', () => {
  const reader = tokenizer()
  reader.push(latin1(`${UNB}FTX+`))
  const piece = latin1("?'")
  for (let k = 0; k < 200_000; k++) reader.push(piece)
  reader.push(latin1(' '.repeat(2_000_000)))
  const segments = reader.end()
  expect(segments[0]?.tag).toBe('FTX')
  expect(segments[0]?.get(1)).toHaveLength(200_000)
})
