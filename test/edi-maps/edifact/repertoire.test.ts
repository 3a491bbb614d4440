import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { readInput } from '../reading.js'

const SEVERAL = readFileSync('test/golden/edifact/DESADV/several-orders/in.edi', 'latin1')
/** The golden message with a name in two of its segments, else in capitals, twice in an interchange. */
const input = (syntax: string, name: string) => {
  const message = SEVERAL.slice(SEVERAL.indexOf('UNH+'), SEVERAL.indexOf('UNZ+'))
  const capitals = message
    .toUpperCase()
    .replace(/NAD\+BY\+[^']*/, `$&++${name}`)
    .replace('RFF+ON:PO-1', `RFF+ON:${name}`)
  const header = SEVERAL.slice(0, SEVERAL.indexOf('UNH+')).replace('UNOC', syntax)
  const second = capitals.replace(/UNH\+[^+]*/, 'UNH+2').replace(/(UNT\+\d+\+).*'/, "$12'")
  return Buffer.from(
    header +
      capitals +
      second +
      SEVERAL.slice(SEVERAL.indexOf('UNZ+')).replace(/UNZ\+\d+/, 'UNZ+2'),
    'utf8',
  )
}
const told = (syntax: string, name: string) => {
  const bytes = input(syntax, name)
  const { issues, documents } = readInput(bytes)
  return {
    documents: documents.length,
    found: issues.map(({ code, severity, offset, end, segmentIndex, text }) => ({
      ...{ code, severity, segmentIndex },
      at: bytes.subarray(offset, end).toString(),
      char: /no “(.*)”|no character (..)/u.exec(text)?.slice(1).join(''),
    })),
  }
}

test.each([
  ['UNOA', 'Example', 'x'],
  ['UNOA', 'EXÄMPLE', 'Ä'],
  ['UNOA', 'A@B', '@'],
  ['UNOB', 'Exämple', 'ä'],
  ['UNOB', 'A#B', '#'],
  // ISO 8859-1 has nothing at 0x84, the second byte of Ä in UTF-8.
  ['UNOC', 'EXÄMPLE', '84'],
])('%s has not all of %s: told once in each message, which is read', (syntax, name, char) => {
  const { documents, found } = told(syntax, name)
  expect(documents).toBe(2)
  const one = { code: 'character-invalid', severity: 'warning', at: name, char }
  expect(found).toMatchObject([one, one])
})

test.each([
  ['UNOA', 'EXAMPLE (1) & SONS'],
  ['UNOA', "O?'EXAMPLE ?+ ?: ??"],
  ['UNOB', 'Example & Sons'],
  ['UNOC', 'Example'],
  ['UNOY', 'Größer & Ж'],
])('%s has all of %s', (syntax, name) => {
  expect(told(syntax, name)).toEqual({ documents: 2, found: [] })
})
