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

test('each finding says what the acknowledgement tells of it', async () => {
  const x12 = await edigw(['validate', 'test/golden/x12/856/bad-quantity/in.edi'])
  expect(x12.stdout).toContain(
    'SN102 is not a number. (acknowledged: AK403 6: the value has a character that may not be used)',
  )
  const edifact = await edigw(['validate', 'test/golden/edifact/DESADV/bad-number-missing/in.edi'])
  expect(edifact.stdout).toMatch(/\(acknowledged: UCD 13: something mandatory is missing\)/)
})

test('a cross-check that is not possible says why', async () => {
  const two = readFileSync(GOLDEN, 'latin1').repeat(2)
  const { status, stdout } = await edigw(['validate', '--cross-check', '-'], {}, two)
  expect(stdout).toMatch(/info cross-check-impossible.*second interchange/)
  expect(status).toBe(0)
})
