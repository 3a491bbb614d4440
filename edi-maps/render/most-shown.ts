// A page of everything a very large document says would help nobody, nor open in a browser. What is shown of each part
// has a limit, and where that is met the page says how much more there is.
import type { Cell, Fact, Page, PartyBlock, Row, Table } from './page.js'
import { counted } from './wording.js'

/** Documents of an input. */
export const MOST_DOCUMENTS = 300
/** Findings of a document, or of the file around them. */
export const MOST_FINDINGS = 200
/** Rows of all tables of a document. */
const MOST_ROWS = 3000
/** Facts, parties and notes; lines of one cell. */
const MOST_ITEMS = 200
const MOST_LINES = 50
/** Characters of one text. */
const MOST_CHARACTERS = 2000

const ELSEWHERE = 'edigw translate gives all of them'

/** `… and 95000 more rows are not shown: edigw translate gives all of them`. */
const more = (count: number, one: string, several = `${one}s`): string =>
  `… and ${counted(count, `more ${one} is`, `more ${several} are`)} not shown: ${ELSEWHERE}`

const short = (text: string): string => {
  const rest = text.length - MOST_CHARACTERS
  return rest <= 0 ? text : `${text.slice(0, MOST_CHARACTERS)}… (and ${counted(rest, 'character')})`
}

/** The page without what goes beyond the limits. */
export function withinLimits<P extends Omit<Page, 'glossary'>>(page: P): P {
  return {
    ...page,
    title: short(page.title),
    lead: short(page.lead),
    facts: listOf(page.facts, shortFact, (count) => ['More', more(count, 'number')]),
    parties: listOf(page.parties, shortParty, (count) => ({
      role: 'More',
      lines: [more(count, 'party', 'parties')],
    })),
    notes: listOf(page.notes, short, (count) => more(count, 'note')),
    tables: shortTables(page.tables),
  }
}

function listOf<Item>(
  all: readonly Item[],
  one: (item: Item) => Item,
  rest: (count: number) => Item,
): Item[] {
  const shown = all.slice(0, MOST_ITEMS).map(one)
  return all.length <= MOST_ITEMS ? shown : [...shown, rest(all.length - MOST_ITEMS)]
}

const shortFact = ([label, value]: Fact): Fact => [short(label), short(value)]

const shortParty = ({ role, lines }: PartyBlock): PartyBlock => ({
  role: short(role),
  lines: shortLines(lines),
})

const shortLines = (lines: readonly string[]): string[] =>
  lines.length <= MOST_LINES
    ? lines.map(short)
    : [...lines.slice(0, MOST_LINES).map(short), more(lines.length - MOST_LINES, 'line')]

/** Sums at the end of a table are always shown. */
function shortTables(tables: readonly Table[]): Table[] {
  let left = MOST_ROWS
  const shown: Table[] = []
  let tablesLeft = 0
  let rowsLeft = 0
  for (const table of tables) {
    if (left <= 0) {
      tablesLeft++
      rowsLeft += table.rows.length
      continue
    }
    shown.push(shortTable(table, left))
    left -= table.rows.length
  }
  const [last] = shown.slice(-1)
  if (tablesLeft === 0 || last === undefined) return shown
  const row = heading(
    more(tablesLeft, `table (${counted(rowsLeft, 'row')})`, `tables (${counted(rowsLeft, 'row')})`),
  )
  return [...shown.slice(0, -1), { ...last, rows: [...last.rows, row] }]
}

function shortTable(table: Table, most: number): Table {
  const { rows } = table
  if (rows.length <= most) return { ...table, rows: rows.map(shortRow) }
  const rest = rows.slice(most)
  const sums = rest.filter(({ kind }) => kind === 'total')
  const told = heading(more(rest.length - sums.length, 'row'))
  return { ...table, rows: [...rows.slice(0, most), told, ...sums].map(shortRow) }
}

const heading = (text: string): Row => ({ kind: 'group', cells: [text] })

const shortRow = ({ cells, ...row }: Row): Row => ({
  ...row,
  cells: cells.map((cell): Cell => (typeof cell === 'string' ? short(cell) : shortLines(cell))),
})
