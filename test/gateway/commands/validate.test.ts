import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { Issue } from '../../../edi-maps/issue.js'
import { MOST_HELD } from '../../../gateway/acknowledged-edi.js'
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

test('a finding on the interchange is told by a TA1, which is named where that is asked for', async () => {
  const file = 'test/golden/x12/856/bad-interchange-control/in.edi'
  const usual = await edigw(['validate', file])
  expect(usual.stdout).toContain('error interchange-control-mismatch')
  expect(usual.stdout).not.toContain('acknowledged')
  const { stdout } = await edigw(['validate', file, '--type', 'TA1'])
  expect(stdout).toMatch(/interchange-control-mismatch.*\(acknowledged: TA105 001: /)
  const other = await edigw(['validate', file, '--type', 'contrl'])
  expect(other.status).toBe(2)
  expect(other.stderr).toContain('--type contrl does not answer x12 (line 1, ISA with')
})

test('a 999 has names of its own for its elements', async () => {
  const { stdout } = await edigw([
    'validate',
    'test/golden/x12/856/bad-quantity/in.edi',
    '--type',
    '999',
  ])
  expect(stdout).toContain('(acknowledged: IK403 6: ')
})

test('findings are told in the order of the input, those of an interchange that never ends too', async () => {
  const text = readFileSync('test/golden/x12/856/bad-quantity/in.edi', 'latin1')
  const two = text + text.slice(0, text.indexOf('IEA'))
  const { stdout } = await edigw(['validate', '-', '--json'], {}, two)
  const issues = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Issue)
  expect(issues.map(({ code, ack }) => [code, ack?.code])).toEqual([
    ['number-invalid', '6'],
    ['number-invalid', '6'],
    ['interchange-cut-off', undefined],
  ])
})

test('of an interchange with very many findings all are told, without codes', async () => {
  const text = readFileSync('test/golden/x12/856/bad-quantity/in.edi', 'latin1')
  const set = text.slice(text.indexOf('ST*'), text.indexOf('GE*'))
  const many = text.replace(set, set.repeat(MOST_HELD + 5))
  const { stdout } = await edigw(['validate', '-', '--json'], {}, many)
  const issues = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Issue)
  expect(issues.filter(({ code }) => code === 'number-invalid').length).toBe(MOST_HELD + 5)
  expect(issues.filter(({ ack }) => ack !== undefined)).toEqual([])
})

test('a cross-check that is not possible says why', async () => {
  const two = readFileSync(GOLDEN, 'latin1').repeat(2)
  const { status, stdout } = await edigw(['validate', '--cross-check', '-'], {}, two)
  expect(stdout).toMatch(/info cross-check-impossible.*second interchange/)
  expect(status).toBe(0)
})
