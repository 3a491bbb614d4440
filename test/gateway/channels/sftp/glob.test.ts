import { describe, expect, test } from '@jest/globals'
import { anyGlob, glob } from '../../../../gateway/channels/sftp/glob.js'

describe('file name patterns', () => {
  test.each([
    ['*.edi', 'a.edi', true],
    ['*.edi', 'a.edi.tmp', false],
    ['*.edi', 'A.EDI', false],
    ['*', '', true],
    ['856_??.x12', '856_01.x12', true],
    ['856_??.x12', '856_1.x12', false],
    ['[0-9]*', '1a', true],
    ['[!0-9]*', '1a', false],
    ['*.{edi,x12}', 'a.x12', true],
    ['*.{edi,x12}', 'a.xml', false],
    ['a*b*c', 'axxbxxbc', true],
    ['a*b*c', 'axxbxxb', false],
    ['a.c', 'abc', false],
  ])('%s against %s: %s', (pattern, name, match) => {
    expect(glob(pattern)(name)).toBe(match)
  })

  test('case can be ignored', () => {
    expect(glob('*.EDI', { ignoreCase: true })('a.Edi')).toBe(true)
  })

  test('no pattern is slow on any name', () => {
    const started = performance.now()
    expect(glob('a*'.repeat(30) + 'b')('a'.repeat(4000))).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('an empty list matches nothing, a faulty pattern is named', () => {
    expect(anyGlob([])('a')).toBe(false)
    expect(() => glob('a[b')).toThrow('"a[b": [ is not closed')
    expect(() => glob('a{b')).toThrow('{ is not closed')
    expect(() => glob('{a,b}'.repeat(9))).toThrow('too many alternatives')
  })
})
