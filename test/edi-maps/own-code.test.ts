// What may be said of functions that are taken as text: they use nothing but their parameters.
import { describe, expect, test } from '@jest/globals'
import { Linter } from 'eslint'
import { readGroup } from '../../edi-maps/fields/group.js'
import { readAny, readPlain } from '../../edi-maps/fields/single.js'
import { ownCode } from '../../edi-maps/own-code.js'

const globals = { Array: 'readonly', undefined: 'readonly' } as const

describe.each(Object.entries({ readGroup, readAny, readPlain }))('%s', (_, make) => {
  test('uses no other name', () => {
    const found = new Linter().verify(`(${make.toString()})`, {
      languageOptions: { sourceType: 'script', globals },
      rules: { 'no-undef': 'error' },
    })
    expect(found.map(({ message }) => message)).toEqual([])
  })
})

test('code of its own does the same', () => {
  const adding = (base: number) => (value: number) => base + value
  expect([1, 2].map((base) => ownCode(adding, base)(10))).toEqual([11, 12])
})
