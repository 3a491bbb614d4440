// What holds for the page of every golden document: sums add up, and a finding that refuses never says that the
// document was read all the same.
import { expect, test } from '@jest/globals'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { sum } from '../../../edi-maps/decimal.js'
import { dateMeaning, elementWords } from '../../../edi-maps/element-text.js'
import { isFiller } from '../../../edi-maps/layout.js'
import { dictionaryFor } from '../../../edi-maps/maps.js'
import { dateText } from '../../../edi-maps/render/date-text.js'
import { segmentsIn } from '../../../edi-maps/payload.js'
import { linesOf, type Table } from '../../../edi-maps/render/page.js'
import { render } from '../../../edi-maps/render/render.js'
import { isShownDocument } from '../../../gateway/document-check.js'

const GOLDEN = 'test/golden'
const files = ['x12', 'edifact'].flatMap((root) =>
  readdirSync(join(GOLDEN, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('in.edi'))
    .map((path) => join(GOLDEN, root, path)),
)

function shownWith(file: string) {
  const segments = segmentsIn(readFileSync(file))
  const { standard } = segments[0]!
  return { standard, segments, ...render(segments, { isDocument: isShownDocument }) }
}
const rendered = shownWith

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

/** Of the envelope the page tells sender, receiver and control numbers in its own words. */
const ENVELOPE: ReadonlySet<string> = new Set([
  'ISA',
  'GS',
  'ST',
  'SE',
  'GE',
  'IEA',
  'UNA',
  'UNB',
  'UNG',
  'UNH',
  'UNT',
  'UNE',
  'UNZ',
])

/** Every text on a page, as one. */
const textOf = (value: unknown): string =>
  typeof value === 'string'
    ? `${value}\n`
    : typeof value === 'object' && value !== null
      ? Object.values(value).map(textOf).join('')
      : ''

const NUMBER = /^-?\d+(?:[.,]\d+)?$/
const plainNumber = (text: string) => sum([text.replace(',', '.').replace(/^-/, '')])

/**
 * Elements of codes and technical numbers, which stand on the page in words or symbols or are told by what they are about:
 * units, forms of dates, keepers of lists, statuses by release, errors, element numbers, releases of what is acknowledged,
 * and degrees.
 */
const CODES: ReadonlySet<string> = new Set([
  ...[
    '6411',
    '2379',
    '1131',
    '3055',
    '4405',
    '9011',
    '9321',
    '725',
    '0054',
    '0057',
    '1036',
    '1037',
    '1654',
    '1655',
  ],
])
/** A code is told by its meaning; a date or an amount has one too. */
const isCode = (text: string, meaning: string | undefined) =>
  meaning !== undefined && !/^[\d.-]+$/.test(meaning)

test('whatever a document says in a text, number or date of three characters or more stands on its page', () => {
  const missing: string[] = []
  for (const file of files) {
    const { sections, segments, standard } = shownWith(file)
    const read = sections.filter(({ state }) => state === 'read')
    if (read.length === 0 || read.length !== sections.length) continue
    const shown = textOf(sections)
    const numbers = new Set(
      (shown.replaceAll(/(\d),(?=\d{3})/g, '$1').match(/\d+(?:\.\d+)?/g) ?? []).map(plainNumber),
    )
    const dictionary = dictionaryFor(standard)
    for (const segment of segments) {
      if (ENVELOPE.has(segment.tag) || isFiller(segment)) continue
      for (let n = 1; n <= segment.elementCount; n++) {
        const isComposite = dictionary.isComposite(segment.tag, n)
        for (let r = 1; r <= segment.repetitionCount(n); r++) {
          for (const [c, text] of segment.components(n, r).entries()) {
            const component = isComposite || c > 0 ? c + 1 : 0
            const place = [segment.tag, n, component] as const
            if (text.trim().length < 3 || shown.includes(text.trim())) continue
            const { meaning, ref = '' } = elementWords(standard, dictionary, place, text)
            if (CODES.has(ref) || isCode(text, meaning)) continue
            const date = dateMeaning(text, segment.components(n, r)[2]) ?? meaning
            if (date !== undefined && shown.includes(dateText(date.replace(' ', 'T')))) continue
            if (/^\d{4}$/.test(text) && shown.includes(`${text.slice(0, 2)}:${text.slice(2)}`))
              continue
            if (NUMBER.test(text) && numbers.has(plainNumber(text))) continue
            if (meaning !== undefined && NUMBER.test(meaning) && numbers.has(plainNumber(meaning)))
              continue
            missing.push(
              `${file.slice(GOLDEN.length + 1)} ${place.join(' ')} ${text} (${meaning ?? ''})`,
            )
          }
        }
      }
    }
  }
  expect(missing).toEqual([])
})
