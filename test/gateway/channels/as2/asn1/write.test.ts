import { describe, expect, test } from '@jest/globals'
import {
  octets,
  oidText,
  parse,
  smallInteger,
} from '../../../../../gateway/channels/as2/asn1/tree.js'
import * as der from '../../../../../gateway/channels/as2/asn1/write.js'

describe('DER writer', () => {
  test('writes lengths in the shortest form', () => {
    expect(der.header(0x04, 0x7f).toString('hex')).toBe('047f')
    expect(der.header(0x04, 0x80).toString('hex')).toBe('048180')
    expect(der.header(0x04, 65536).toString('hex')).toBe('0483010000')
    expect(der.header(0x04, 5 * 2 ** 30).toString('hex')).toBe('04850140000000')
  })

  test('writes integers with a leading zero only where the sign needs it', () => {
    for (const [value, hex] of [
      [0, '020100'],
      [127, '02017f'],
      [128, '02020080'],
      [256, '02020100'],
      [65537, '0203010001'],
    ] as const) {
      expect(der.integer(value).toString('hex')).toBe(hex)
      expect(smallInteger(parse(der.integer(value)))).toBe(value)
    }
  })

  test('object identifiers read back as written', () => {
    for (const id of ['1.2.840.113549.1.7.3', '2.16.840.1.101.3.4.1.42', '0.9.2342', '2.999.1'])
      expect(oidText(parse(der.oid(id)))).toBe(id)
    expect(der.oid('1.2.840.113549.1.1.1').toString('hex')).toBe('06092a864886f70d010101')
  })

  test('sorts a SET OF by encoding', () => {
    const set = der.setOf([
      der.octetString(Buffer.of(9)),
      der.integer(1),
      der.octetString(Buffer.of(1)),
    ])
    expect(set.toString('hex')).toBe('3109' + '020101' + '040101' + '040109')
  })

  test('writes UTCTime until 2049 and GeneralizedTime from 2050', () => {
    expect(der.time(new Date('2026-01-02T03:04:05Z')).toString('latin1')).toBe(
      '\x17\x0d260102030405Z',
    )
    expect(der.time(new Date('2050-01-01T00:00:00Z')).toString('latin1')).toBe(
      '\x18\x0f20500101000000Z',
    )
  })
})

test('octet strings in nested segments are one string', () => {
  const nested = Buffer.from('2480' + '0402aabb' + '2404' + '0402ccdd' + '0000', 'hex')
  expect(octets(parse(nested)).toString('hex')).toBe('aabbccdd')
})
