import { expect, test } from '@jest/globals'
import { jsonDifference } from '../../gateway/json-difference.js'

test('tells every place that differs, with what was there and what is', () => {
  const before = {
    same: [1, { a: 1 }],
    gone: 1,
    changed: 'x',
    list: [1, 2],
    'a/b~c': 1,
    none: null,
  }
  const after = { same: [1, { a: 1 }], changed: 'y', list: [1], 'a/b~c': 2, none: {}, new: [] }
  expect(jsonDifference(before, after)).toEqual([
    { path: '/gone', before: 1 },
    { path: '/changed', before: 'x', after: 'y' },
    { path: '/list/1', before: 2 },
    { path: '/a~1b~0c', before: 1, after: 2 },
    { path: '/none', before: null, after: {} },
    { path: '/new', after: [] },
  ])
  expect(jsonDifference(before, before)).toEqual([])
})
