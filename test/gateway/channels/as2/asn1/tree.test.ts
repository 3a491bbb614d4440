import { describe, expect, test } from '@jest/globals'
import {
  definite,
  Fields,
  parse,
  smallInteger,
} from '../../../../../gateway/channels/as2/asn1/tree.js'
import { context, TAG } from '../../../../../gateway/channels/as2/asn1/tags.js'
import * as der from '../../../../../gateway/channels/as2/asn1/write.js'
import { Malformed } from '../../../../../gateway/channels/as2/failure.js'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('BER tree', () => {
  test('reads definite and indefinite lengths alike', () => {
    const short = parse(hex('3006 020101 0401aa'))
    const long = parse(hex('3080 020101 248004 01aa 0000 0000'))
    expect(definite(long)).toEqual(short.raw)
  })

  test.each([
    ['an empty input', ''],
    ['a cut length', '3082 01'],
    ['content past the end', '0405 00'],
    ['a child longer than its parent', '3003 0405 00 00 00'],
    ['a primitive of indefinite length', '0480 0000'],
    ['an indefinite length that is never ended', '3080 020101'],
    ['end-of-contents without an open element', '0000'],
    ['a multi-byte tag', '1f8101 00'],
    ['a length field of seven bytes', '0487 00000000000001 00'],
    ['bytes after the element', '020101 00'],
  ])('refuses %s', (_, text) => {
    expect(() => parse(hex(text))).toThrow(Malformed)
  })

  test('refuses nesting deeper than 32 and more than 10 000 elements', () => {
    let deep = der.integer(1)
    for (let level = 0; level < 33; level++) deep = der.sequence(deep)
    expect(() => parse(deep)).toThrow('nested deeper')
    expect(() => parse(der.sequence(...Array<Buffer>(10_000).fill(der.NULL)))).toThrow('more than')
  })

  test('says which field is missing or of another type', () => {
    const fields = new Fields(parse(der.sequence(der.integer(3), der.explicit(0, der.NULL))))
    expect(smallInteger(fields.need(TAG.integer, 'version'))).toBe(3)
    expect(fields.maybe(context(1))).toBeUndefined()
    expect(() => fields.need(TAG.sequence, 'algorithm')).toThrow(
      'algorithm: SEQUENCE expected, [0] found at byte 5',
    )
    fields.any('options')
    expect(() => fields.need(TAG.octetString, 'signature')).toThrow('signature is missing')
  })
})
