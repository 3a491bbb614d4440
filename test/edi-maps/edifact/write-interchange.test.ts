import { describe, expect, test } from '@jest/globals'
import { edifact } from '../../../edi-maps/edifact/index.js'
import type { SegmentData } from '../../../edi-maps/segment.js'
import type { EnvelopeSettings } from '../../../edi-maps/standard.js'

const NUMBERS = { now: '2026-01-02T03:04:05Z', interchange: 7, group: 3, message: 5 }
const SETTINGS: EnvelopeSettings = {
  sender: { interchange: { id: 'EXRETAIL', qualifier: '14' } },
  receiver: { interchange: { id: 'EXSUPPLIER' } },
  test: false,
}
const desadv = (segments: SegmentData[] = [['BGM', '351', 'D1', '9']], version = 'D:96A') => ({
  type: 'DESADV',
  version,
  segments,
})
function write(transactions = [desadv()], settings: Partial<EnvelopeSettings> = {}) {
  const written = edifact.writeInterchange(transactions, { ...SETTINGS, ...settings }, NUMBERS)
  const text = Buffer.from(written.bytes).toString('latin1')
  return { ...written, text, lines: text.split('\n') }
}
const text = (value: string, settings: Partial<EnvelopeSettings> = {}) => {
  const { lines, issues } = write([desadv([['FTX', 'AAI', '', '', [[value]]]])], settings)
  return { line: lines.find((line) => line.startsWith('FTX')), issues }
}

test('writes UNA, envelope, references and counts', () => {
  const { lines, controls, issues } = write([desadv(), desadv([['BGM', '351']], 'D:01B:UN:EAN007')])
  expect(issues).toEqual([])
  expect(lines).toEqual([
    "UNA:+.? '",
    "UNB+UNOC:3+EXRETAIL:14+EXSUPPLIER+260102:0304+7'",
    "UNH+5+DESADV:D:96A:UN'",
    "BGM+351+D1+9'",
    "UNT+3+5'",
    "UNH+6+DESADV:D:01B:UN:EAN007'",
    "BGM+351'",
    "UNT+3+6'",
    "UNZ+2+7'",
    '',
  ])
  expect(controls).toEqual([
    { interchange: '7', message: '5' },
    { interchange: '7', message: '6' },
  ])
})

test('says that it is a test and that a CONTRL is asked for', () => {
  const { lines } = write([desadv()], { test: true, acknowledgementRequested: true })
  expect(lines[1]).toBe("UNB+UNOC:3+EXRETAIL:14+EXSUPPLIER+260102:0304+7++++1++1'")
})

test('puts messages of one type into a group where applications are named', () => {
  const sender = { ...SETTINGS.sender, group: 'SHOP' }
  const invoic = { type: 'INVOIC', version: 'D:96A', segments: [] }
  const { lines, controls } = write([desadv(), invoic, desadv()], { sender })
  expect(lines.filter((line) => /^UN[GEZ]/.test(line))).toEqual([
    "UNG+DESADV+SHOP+EXSUPPLIER+260102:0304+3+UN+D:96A'",
    "UNE+2+3'",
    "UNG+INVOIC+SHOP+EXSUPPLIER+260102:0304+4+UN+D:96A'",
    "UNE+1+4'",
    "UNZ+2+7'",
  ])
  expect(controls.map(({ group }) => group)).toEqual(['3', '4', '3'])
})

describe('service characters', () => {
  test('in data are released', () => {
    expect(text("a+b:c'd?e*f").line).toBe("FTX+AAI+++a?+b?:c?'d??e*f'")
  })

  test('of the agreement are announced and released instead of the usual ones', () => {
    const delimiters = {
      element: '|',
      component: '^',
      segment: '~',
      release: '!',
      suffix: '',
    } as const
    const { text: bytes } = write([desadv([['FTX', 'AAI', '', '', [['a|b!+', 'c']]]])], {
      delimiters,
    })
    expect(bytes).toContain('UNA^|.! ~UNB|UNOC^3|')
    expect(bytes).toContain('FTX|AAI|||a!|b!!+^c~')
  })

  test('of syntax version 4 have the repetition separator', () => {
    const { lines } = write(
      [
        desadv([
          [
            'PIA',
            '1',
            [
              ['A', 'SA'],
              ['B*', 'IN'],
            ],
          ],
        ]),
      ],
      { charset: 'utf-8' },
    )
    expect(lines[0]).toBe("UNA:+.?*'")
    expect(lines[1]).toBe("UNB+UNOY:4+EXRETAIL:14+EXSUPPLIER+20260102:0304+7'")
    expect(lines[3]).toBe("PIA+1+A:SA*B?*:IN'")
  })

  test('refuses repetitions where the syntax has none', () => {
    const { issues } = write([desadv([['PIA', '1', [['A'], ['B']]]])])
    expect(issues).toMatchObject([{ code: 'value-not-writable', tag: 'PIA', element: 2 }])
  })
})

describe('character sets', () => {
  test('UNOC is ISO 8859-1, and what it has not is refused or replaced', () => {
    expect(text('Größe').line).toBe("FTX+AAI+++Größe'")
    expect(text('Ł漢').issues).toMatchObject([{ code: 'value-not-writable', value: 'Ł漢' }])
    expect(text('Ł漢', { replacement: '.' })).toMatchObject({
      line: "FTX+AAI+++L.'",
      issues: [{ code: 'character-replaced' }],
    })
  })

  test.each([
    ['iso-8859-2', 'UNOD:3', 'Ł', '\xa3'],
    ['UNOE:2', 'UNOE:2', 'Ж', '\xb6'],
    ['UNOF', 'UNOF:3', 'Ω', '\xd9'],
    ['UNOW:4', 'UNOW:4', '漢', '\xe6\xbc\xa2'],
  ])('%s is %s', (charset, identifier, value, bytes) => {
    const { lines, issues } = write([desadv([['FTX', value]])], { charset })
    expect(issues).toEqual([])
    expect(lines[1]).toContain(`UNB+${identifier}+`)
    expect(lines[3]).toBe(`FTX+${bytes}'`)
  })

  test('UNOA has no UNA, and capitals only', () => {
    const { lines, issues } = write([desadv([['FTX', 'Box 1']])], { charset: 'UNOA:2' })
    expect(lines[0]).toBe("UNB+UNOA:2+EXRETAIL:14+EXSUPPLIER+260102:0304+7'")
    expect(lines[2]).toBe("FTX+BOX 1'")
    expect(issues).toMatchObject([{ code: 'character-replaced', value: 'Box 1' }])
    expect(text('100@', { charset: 'UNOA' }).issues).toMatchObject([{ code: 'value-not-writable' }])
  })

  test('one there is not is refused', () => {
    expect(write([desadv()], { charset: 'EBCDIC' }).issues).toMatchObject([
      { code: 'value-not-writable', text: 'There is no character set “EBCDIC”.' },
    ])
  })
})

test('drops trailing empty components and elements, and replaces control characters', () => {
  const { lines, issues } = write([desadv([['NAD', 'BY', [['', '', '']], [['A\nB', '', '']], '']])])
  expect(lines[3]).toBe("NAD+BY++A B'")
  expect(issues).toMatchObject([{ code: 'character-replaced' }])
})
