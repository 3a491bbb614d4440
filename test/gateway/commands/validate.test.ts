import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { edigw } from '../process.js'

const GOLDEN = 'test/golden/x12/856/pick-and-pack/in.edi'

test('a cross-check that sees the same adds nothing', async () => {
  const { status, stdout } = await edigw(['validate', '--cross-check', GOLDEN])
  expect(stdout).toContain('1 transaction: 0 errors')
  expect(stdout).not.toContain('cross-check')
  expect(status).toBe(0)
})

test('a cross-check that is not possible says why', async () => {
  const two = readFileSync(GOLDEN, 'latin1').repeat(2)
  const { status, stdout } = await edigw(['validate', '--cross-check', '-'], {}, two)
  expect(stdout).toMatch(/info cross-check-impossible.*second interchange/)
  expect(status).toBe(0)
})
