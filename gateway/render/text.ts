// A rendering as text for a terminal. Everything in it came from a partner: nothing of it may change the terminal.
import type { FindingNote } from '../../edi-maps/render/finding.js'
import {
  inUnits,
  linesOf,
  shownColumns,
  type Cell,
  type Fact,
  type Page,
  type Table,
} from '../../edi-maps/render/page.js'
import type { Rendering, Section } from '../../edi-maps/render/render.js'
import { printable } from '../printable.js'
import {
  contentsOf,
  fileTitle,
  findingTitle,
  othersText,
  renderingTitle,
  verdict,
} from './words.js'

export interface TextOptions {
  readonly colour: boolean
}

const WIDTH = 100
/** A column of words gets no wider; longer texts are broken. */
const COLUMN = 52
const BOLD = 1
const RED = 31
const YELLOW = 33

type Paint = (code: number, text: string) => string

/** Lines end with LF. */
export function renderingText(rendering: Rendering, { colour }: TextOptions): string {
  const paint: Paint = (code, text) => (colour ? `\x1b[${code}m${text}\x1b[0m` : text)
  const { findings, sections } = rendering
  const contents = contentsOf(rendering)
  const others = othersText(rendering)
  return [
    ...(contents.length === 0 && sections.length > 0
      ? []
      : [
          ...titleLines(renderingTitle(rendering), paint),
          ...contents.map((one) => `  ${printable(one)}`),
          ...(others === undefined ? [] : [`  ${others}`]),
          '',
        ]),
    ...(findings.length === 0
      ? []
      : [
          paint(BOLD, fileTitle(rendering)),
          '',
          ...findings.flatMap((one) => findingLines(one, paint)),
        ]),
    ...sections.flatMap((section, n) => [
      ...(n === 0 ? [] : ['-'.repeat(WIDTH), '']),
      ...sectionLines(section, paint),
    ]),
    ...(others === undefined ? [] : ['-'.repeat(WIDTH), '', others]),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}

function titleLines(title: string, paint: Paint): string[] {
  const text = printable(title)
  return [paint(BOLD, text), '='.repeat(lengthOf(text))]
}

function sectionLines(section: Section, paint: Paint): string[] {
  const { title, findings, page } = section
  const said = verdict(section)
  return [
    ...titleLines(title, paint),
    '',
    ...(said === undefined
      ? []
      : [...wrapped(said.text, WIDTH).map((one) => paint(said.isRefused ? RED : YELLOW, one)), '']),
    ...(findings.length === 0
      ? []
      : [
          paint(BOLD, findingTitle(section)),
          '',
          ...findings.flatMap((one) => findingLines(one, paint)),
        ]),
    ...(page === undefined ? [] : pageLines(page, paint)),
    '',
  ]
}

function findingLines({ severity, code, what, text, facts, excerpt }: FindingNote, paint: Paint) {
  const mark = severity.toUpperCase()
  const indent = '    '
  const [head = '', ...more] = wrapped(`${mark}  ${what} (${code})`, WIDTH - 2)
  return [
    `  ${paint(severity === 'error' ? RED : YELLOW, mark)}${head.slice(mark.length)}`,
    ...more.map((line) => indent + line),
    ...wrapped(text, WIDTH - 4).map((line) => indent + line),
    ...factLines(facts).map((line) => indent + line),
    ...(excerpt === undefined ? [] : excerptLines(excerpt).map((line) => `${indent}${line}`)),
    '',
  ]
}

function excerptLines({ before, value, after }: NonNullable<FindingNote['excerpt']>): string[] {
  const [head, wrong, tail] = [before, value, after].map(printable) as [string, string, string]
  return [
    `As sent  ${head}${wrong}${tail}`,
    `         ${' '.repeat(lengthOf(head))}${'^'.repeat(Math.max(1, lengthOf(wrong)))}`,
  ]
}

function pageLines(page: Page, paint: Paint): string[] {
  const { notices, lead, facts, parties, tables, notes, glossary, source } = page
  return [
    ...notices.flatMap((one) => [...wrapped(one, WIDTH).map((line) => paint(YELLOW, line)), '']),
    ...wrapped(lead, WIDTH),
    '',
    ...factLines(facts),
    '',
    ...parties.flatMap(({ role, lines }) => [
      paint(BOLD, printable(role)),
      ...lines.flatMap((line) => wrapped(line, WIDTH - 2)).map((line) => `  ${line}`),
      '',
    ]),
    ...tables.flatMap((table) => tableLines(table, paint)),
    ...(notes.length === 0
      ? []
      : [paint(BOLD, 'Notes'), ...notes.flatMap((note) => wrapped(note, WIDTH)), '']),
    ...glossary.flatMap(([word, means]) => wrapped(`${word}: ${means}.`, WIDTH)),
    ...(source === '' ? [] : wrapped(source, WIDTH)),
  ]
}

function factLines(facts: readonly Fact[]): string[] {
  const width = longest(facts.map(([label]) => printable(label)))
  return facts.flatMap(([label, value]) =>
    wrapped(value, WIDTH - width - 2).map(
      (line, n) => `${padEnd(n === 0 ? printable(label) : '', width)}  ${line}`,
    ),
  )
}

function tableLines(table: Table, paint: Paint): string[] {
  const columns = shownColumns(table)
  const units = columns.map(({ at, numeric }) =>
    numeric ? longest(table.rows.flatMap(({ cells }) => unitsOf(cells[at]))) : 0,
  )
  const rows = table.rows.map(({ cells, depth = 0, kind }) => ({
    kind,
    cells: columns.map(({ at, numeric }, n) =>
      numeric
        ? linesOf(cells[at]).map((text) => aligned(text, units[n] ?? 0))
        : cellLines(cells[at], at === 0 ? depth : 0),
    ),
  }))
  const titles = columns.map(({ title }) => printable(title))
  const widths = titles.map((title, n) =>
    longest([title, ...rows.flatMap(({ cells }) => cells[n] ?? [])]),
  )
  const lineOf = (texts: readonly string[]) =>
    columns
      .map(({ numeric }, n) => (numeric ? padStart : padEnd)(texts[n] ?? '', widths[n] ?? 0))
      .join('  ')
  return [
    paint(BOLD, printable(table.caption)),
    '',
    lineOf(titles),
    lineOf(widths.map((width) => '-'.repeat(width))),
    ...rows.flatMap(({ cells, kind }) => {
      const height = Math.max(1, ...cells.map(({ length }) => length))
      return Array.from({ length: height }, (_, n) => {
        const line = lineOf(cells.map((lines) => lines[n] ?? ''))
        return kind !== undefined && n === 0 ? paint(BOLD, line) : line
      })
    }),
    '',
  ]
}

/** Lines of a cell: what is deeper stands further right, what tells more than the first line still further. */
const cellLines = (cell: Cell | undefined, depth: number): string[] =>
  linesOf(cell).flatMap((text, n) =>
    wrapped(text, COLUMN).map((line) => '  '.repeat(n === 0 ? depth : depth + 1) + line),
  )

const unitsOf = (cell: Cell | undefined) => linesOf(cell).map((text) => printable(inUnits(text)[1]))

/** Numbers of a column stand below one another whatever their units are. */
function aligned(text: string, width: number): string {
  const [number, unit] = inUnits(text).map(printable)
  return width === 0 ? (number ?? '') : `${number} ${padEnd(unit ?? '', width)}`
}

const longest = (texts: readonly string[]) =>
  texts.reduce((most, text) => Math.max(most, lengthOf(text)), 0)

/** Broken at blanks; a longer word stays whole. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = ['']
  for (const word of printable(text).split(' ')) {
    const last = lines[lines.length - 1] ?? ''
    if (last === '') lines[lines.length - 1] = word
    else if (lengthOf(last) + 1 + lengthOf(word) > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

const lengthOf = (text: string) => [...text].length
const padEnd = (text: string, width: number) =>
  text + ' '.repeat(Math.max(0, width - lengthOf(text)))
const padStart = (text: string, width: number) =>
  ' '.repeat(Math.max(0, width - lengthOf(text))) + text
