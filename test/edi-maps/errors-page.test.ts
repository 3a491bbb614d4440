import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { ISSUE_KINDS, type IssueKind } from '../../edi-maps/issue.js'

test('docs/errors.md lists every code there is, and no other, with its severity and what acknowledgements carry', () => {
  const rows = readFileSync('docs/errors.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
  for (const row of rows) expect(row.slice(5, 7).every((cell) => cell.length > 5)).toBe(true)
  expect(
    rows.map(([, code, severity, x12, edifact]) => [code, severity, x12, edifact]).sort(),
  ).toEqual(
    Object.entries<IssueKind>(ISSUE_KINDS)
      .map(([code, kind]) => [`\`${code}\``, kind.severity, kind.x12 ?? '–', kind.edifact ?? '–'])
      .sort(),
  )
})
