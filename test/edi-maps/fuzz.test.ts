import { expect, test } from '@jest/globals'
import { fuzz } from './mutation.js'

test('damaged documents are read, acknowledged and written again as they came', () => {
  const { documents, faulty, sound } = fuzz(856, 300)
  expect(documents).toBeGreaterThan(40)
  expect(faulty).toBeGreaterThan(100)
  expect(faulty + sound).toBe(300)
})
