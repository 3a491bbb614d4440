import { expect, test } from '@jest/globals'
import { byteText, bytesOf, decodeUtf8, decodeValue, encodeValue } from '../../edi-maps/charset.js'

const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)

test('all 256 bytes come through ISO 8859-1 unchanged, the ones of windows-1252 too', () => {
  const text = decodeValue(byteText(all), 'latin1')
  expect(text.codePointAt(0x85)).toBe(0x85)
  expect(bytesOf(encodeValue(text, 'latin1') ?? '')).toEqual(all)
})

test('a value that is valid UTF-8 is read as UTF-8, any other as ISO 8859-1', () => {
  const utf8 = byteText(Uint8Array.from(Buffer.from('Café €', 'utf8')))
  expect(decodeValue(utf8, 'auto')).toBe('Café €')
  expect(decodeValue('Caf\xe9', 'auto')).toBe('Café')
})

test('UTF-8 is decoded as the platform decodes it, for every boundary and every invalid form', () => {
  const fatal = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const samples = [
    ...['\0', '\x7f', '\u0080', '\u07ff', '\u0800', '\uffff', '\u{10000}', '\u{10ffff}'].map((c) =>
      Buffer.from(c, 'utf8'),
    ),
    ...['c0af', 'e08080', 'eda080', 'f0808080', 'f4908080', 'ff', 'c3', 'e282', 'f09f98', '80'].map(
      (h) => Buffer.from(h, 'hex'),
    ),
  ]
  for (const sample of samples) {
    let wanted: string | undefined
    try {
      wanted = fatal.decode(sample)
    } catch {
      wanted = undefined
    }
    expect(decodeUtf8(byteText(sample))).toBe(wanted)
    if (wanted !== undefined)
      expect(bytesOf(encodeValue(wanted, 'utf-8') ?? '')).toEqual(new Uint8Array(sample))
  }
})

test('a character the character set has not is not encodable', () => {
  expect(encodeValue('€', 'latin1')).toBeUndefined()
  expect(encodeValue('é', 'ascii')).toBeUndefined()
  expect(encodeValue('\ud800', 'utf-8')).toBeUndefined()
})
