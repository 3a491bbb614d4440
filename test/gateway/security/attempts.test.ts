import { expect, test } from '@jest/globals'
import { attempts } from '../../../gateway/security/attempts.js'

const at = (options: { free: number; firstMs: number; maxMs: number; origins?: number }) => {
  let now = 0
  const list = attempts({ ...options, now: () => now })
  return { list, pass: (ms: number) => (now += ms) }
}

test('locks after the free failures, each time twice as long, up to the longest', () => {
  const { list, pass } = at({ free: 3, firstMs: 100, maxMs: 300 })
  const waits: number[] = []
  for (let n = 0; n < 6; n++) {
    list.failed('a')
    waits.push(list.wait('a'))
    pass(list.wait('a'))
  }
  expect(waits).toEqual([0, 0, 100, 200, 300, 300])
  expect(list.wait('b')).toBe(0)
})

test('a success and a long pause both begin anew', () => {
  const { list, pass } = at({ free: 1, firstMs: 100, maxMs: 300 })
  list.failed('a')
  list.succeeded('a')
  expect(list.wait('a')).toBe(0)
  list.failed('b')
  list.failed('b')
  pass(301)
  list.failed('b')
  expect(list.wait('b')).toBe(100)
})

test('remembers a bounded number of origins', () => {
  const { list } = at({ free: 1, firstMs: 100, maxMs: 300, origins: 2 })
  for (const origin of ['a', 'b', 'c']) list.failed(origin)
  expect(['a', 'b', 'c'].map((origin) => list.wait(origin))).toEqual([0, 100, 100])
})
