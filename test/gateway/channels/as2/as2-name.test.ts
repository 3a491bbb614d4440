import { describe, expect, test } from '@jest/globals'
import {
  formatAs2Name,
  parseAs2Name,
  parseMessageId,
} from '../../../../gateway/channels/as2/as2-name.js'

describe('AS2 names', () => {
  test.each(['RETAIL', 'Example Retail', 'a"b\\c', "it's", '  padded'])(
    '%j survives writing and reading',
    (name) => {
      expect(parseAs2Name(formatAs2Name(name))).toBe(name)
    },
  )

  test('are case-sensitive and read without their quotes', () => {
    expect(parseAs2Name(' "Retail" ')).toBe('Retail')
    expect(parseAs2Name('retail')).not.toBe(parseAs2Name('RETAIL'))
    expect(parseAs2Name('Example Retail')).toBe('Example Retail')
  })

  test.each(['', '""', '"a', 'a"b', 'ä', 'a\tb', 'x'.repeat(129)])('%j is refused', (text) => {
    expect(() => parseAs2Name(text)).toThrow('not an AS2 name')
  })

  test('names with controls are not written', () => {
    expect(() => formatAs2Name('a\r\nb')).toThrow('not an AS2 name')
  })
})

describe('message ids', () => {
  test('are taken with and without angle brackets', () => {
    expect(parseMessageId(' <1@a> ')).toBe('<1@a>')
    expect(parseMessageId('1@a')).toBe('1@a')
  })
  test.each(['', '<a b@c>', '<a\r\nb>', 'é', 'x'.repeat(999)])('%j is refused', (id) => {
    expect(() => parseMessageId(id)).toThrow('not a message id')
  })
})
