import { describe, expect, test } from '@jest/globals'
import { fuzz } from './mutation.js'

describe('damaged messages', () => {
  test('open or fail as messages do, never otherwise, and never pass for signed', async () => {
    const { opened, failed, slowestMs } = await fuzz(4130, 1500)
    expect(opened).toBeGreaterThan(20)
    expect(failed).toBeGreaterThan(1000)
    expect(slowestMs).toBeLessThan(5000)
  })
})
