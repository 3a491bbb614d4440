import { test, expect } from '@jest/globals'
import { recentPayloads } from '../../gateway/recent-payloads.js'
import { spoolOf } from '../../gateway/spool.js'

const payload = (text: string) => spoolOf(Buffer.from(text))

test('a payload is given once', () => {
  const recent = recentPayloads()
  const { sha256 } = payload('ISA*1')
  recent.keep(payload('ISA*1'))
  expect(recent.take(sha256)?.toString()).toBe('ISA*1')
  expect(recent.take(sha256)).toBeUndefined()
})

test('the oldest make room, large ones are not held', () => {
  const recent = recentPayloads({ maxBytes: 10, maxEach: 6 })
  for (const text of ['first', 'second!', 'third', 'fourth']) recent.keep(payload(text))
  const left = ['first', 'second!', 'third', 'fourth'].filter(
    (text) => recent.take(payload(text).sha256) !== undefined,
  )
  expect(left).toEqual(['fourth'])
})

test('what nobody asked for in time is dropped', async () => {
  const recent = recentPayloads({ maxMs: 1 })
  const { sha256 } = payload('ISA*late')
  const gone = async () => {
    for (;;) {
      recent.keep(payload('ISA*late'))
      await new Promise((done) => setTimeout(done, 5))
      if (recent.take(sha256) === undefined) return true
    }
  }
  expect(await gone()).toBe(true)
})
