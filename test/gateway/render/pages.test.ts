// What holds for the page of every golden document: sums add up, and a finding that refuses never says that the
// document was read all the same.
import { expect, test } from '@jest/globals'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { sum } from '../../../edi-maps/decimal.js'
import { linesOf, type Table } from '../../../edi-maps/render/page.js'
import { render } from '../../../edi-maps/render/render.js'
import { isShownDocument } from '../../../gateway/document-check.js'
import { syntaxFor } from '../../../gateway/edi-segments.js'

const GOLDEN = 'test/golden'
const files = ['x12', 'edifact'].flatMap((root) =>
  readdirSync(join(GOLDEN, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('in.edi'))
    .map((path) => join(GOLDEN, root, path)),
)

function rendered(file: string) {
  const bytes = readFileSync(file)
  const syntax = syntaxFor(bytes)
  const tokens = syntax.tokenizer()
  const segments = [...tokens.push(bytes), ...tokens.end()]
  return render(syntax, segments, { isDocument: isShownDocument })
}

/** Amounts of a table's rows, without those that stand below `Total`. */
function amounts({ columns, rows }: Table): string[] {
  const at = columns.findIndex(({ title }) => title.startsWith('Amount'))
  const end = rows.findIndex(({ kind }) => kind === 'total')
  return rows
    .slice(0, end < 0 ? rows.length : end)
    .map(({ cells }) => linesOf(cells[at])[0]?.replaceAll(',', '') ?? '')
    .filter((text) => text !== '')
}

const invoices = files.filter((file) => /\/(?:810|INVOIC)\//.test(file))

test('who adds up the column of amounts of an invoice gets its total', () => {
  let added = 0
  for (const { page, findings, state, file } of invoices.flatMap((file) =>
    rendered(file).sections.map((section) => ({ ...section, file })),
  )) {
    const table = page?.tables.find(({ caption }) => caption === 'Totals')
    const total = table?.rows.find(({ kind }) => kind === 'total')?.cells[1]
    const isTold = findings.some(({ code }) => code === 'amount-mismatch')
    const parts = table === undefined ? [] : amounts(table)
    if (table === undefined || state === 'refused' || parts.length === 0) continue
    const stated = linesOf(total)[0]?.replaceAll(',', '') ?? ''
    const rest = table.rows.find(({ cells }) => linesOf(cells[0])[0] === 'In none of these amounts')
    expect([file, isTold || rest === undefined]).toEqual([file, true])
    expect([file, sum(parts)]).toEqual([file, sum([stated])])
    added++
  }
  expect(added).toBeGreaterThan(50)
})

test('allowances and charges that are in the total stand in the column of amounts, others do not', () => {
  const [section] = rendered(join(GOLDEN, 'x12/810/allowances-and-charges/in.edi')).sections
  const [lines, charges, totals] = section!.page!.tables
  expect(sum([...amounts(lines!), ...amounts(charges!)])).toBe('161.6')
  expect(linesOf(totals!.rows.at(-1)!.cells[1])).toEqual(['161.60'])
})

test('a finding that refuses a document says that the sender has to correct it or what else is done, never that it was read', () => {
  for (const file of files) {
    const { findings, sections } = rendered(file)
    for (const one of [...findings, ...sections.flatMap((section) => section.findings)]) {
      const todo = one.facts.find(([label]) => label === 'What to do')?.[1]
      const says = `${file}: ${one.severity} ${one.code}: ${todo}`
      if (one.severity === 'error') expect(says).not.toMatch(/read all the same|next time/)
      else expect(says).not.toContain('has to correct')
    }
  }
})
