import { expect, test } from '@jest/globals'
import { jsonErrorPlace } from '../../gateway/json-place.js'

test.each([
  ['{\n  "id": "a",\n}', 'line 3 column 1'],
  ['{\n  "id": a\n}', 'line 2 column 9'],
  ['', 'line 1 column 1'],
  ['{"a": [1, 2', 'line 1 column 12'],
  ['{"a" 1}', 'line 1 column 6'],
  ['{"a": 1} x', 'line 1 column 10'],
  ['["a\nb"]', 'line 1 column 2'],
  ['{"a": [1, {"b": []}], }', 'line 1 column 23'],
  ['{"a": {}}]', 'line 1 column 10'],
  ['[1, 2}', 'line 1 column 6'],
])('%j goes wrong at %s', (text, place) => {
  expect(() => JSON.parse(text) as unknown).toThrow()
  expect(jsonErrorPlace(text)).toBe(place)
})

test.each(['[', '{"a":'])('what nests a hundred thousand times in %s is no exception', (begin) => {
  const text = begin.repeat(100_000)
  expect(jsonErrorPlace(text)).toBe(`line 1 column ${text.length + 1}`)
})
