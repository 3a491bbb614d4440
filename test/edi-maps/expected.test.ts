// What would have been right is said of every finding on a value, a count or a control number.
import { expect, test } from '@jest/globals'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { IssueCode } from '../../edi-maps/issue.js'
import { readInput } from './reading.js'

const CODES: readonly IssueCode[] = [
  ...(['number-invalid', 'date-invalid', 'time-invalid', 'element-too-long'] as const),
  ...(['element-too-short', 'too-many-elements'] as const),
  ...(['too-many-repetitions', 'segment-repeats-too-often', 'loop-repeats-too-often'] as const),
  ...(['interchange-control-mismatch'] as const),
  ...(['transaction-control-mismatch', 'segment-count-mismatch'] as const),
  ...(['transaction-count-mismatch', 'group-count-mismatch', 'total-mismatch'] as const),
  ...(['transaction-duplicate', 'transaction-unsupported'] as const),
  ...(['group-version-unsupported', 'segment-out-of-order', 'amount-mismatch'] as const),
]

test('findings on values, counts and control numbers say what would have been right', () => {
  const folders = ['test/golden/x12', 'test/golden/edifact', 'test/golden/partners']
  const issues = folders
    .flatMap((root) => readdirSync(root, { recursive: true, withFileTypes: true }))
    .filter(({ name }) => name === 'in.edi')
    .flatMap(({ parentPath }) =>
      readInput(readFileSync(join(parentPath, 'in.edi'))).issues.map((issue) => ({
        parentPath,
        ...issue,
      })),
    )
    .filter(({ code }) => CODES.includes(code))
  const met = new Set(issues.map(({ code }) => code))
  expect(CODES.filter((code) => !met.has(code))).toEqual([])
  expect(issues.filter(({ expected = '' }) => expected === '')).toEqual([])
})
