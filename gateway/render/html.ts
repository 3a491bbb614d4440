// A rendering as one HTML file that runs and loads nothing, to be looked at, printed or filed. Everything in it came from
// a partner: every text goes through `markup`, which escapes what stands between its own words.
import type { FindingNote } from '../../edi-maps/render/finding.js'
import {
  hasText,
  inUnits,
  linesOf,
  shownColumns,
  type Cell,
  type Fact,
  type Page,
  type PartyBlock,
  type Row,
  type Table,
} from '../../edi-maps/render/page.js'
import type { Rendering, Section } from '../../edi-maps/render/render.js'
import { printable } from '../printable.js'
import { STYLE } from './style.js'
import {
  contentsOf,
  fileTitle,
  findingTitle,
  othersText,
  renderingTitle,
  verdict,
} from './words.js'

/** Text that is HTML already. */
class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}
type Part = string | Html | undefined | readonly Part[]

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string) => printable(text).replace(/[&<>"']/g, (one) => ESCAPES[one] ?? one)

function textOf(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'string') return escaped(part)
  return part instanceof Html ? part.text : part.map(textOf).join('')
}

const markup = (words: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(words.map((word, n) => word + textOf(parts[n])).join(''))

/** UTF-8, ends with LF. */
export function renderingHtml(rendering: Rendering): string {
  const { findings, sections } = rendering
  const title = renderingTitle(rendering)
  const contents = contentsOf(rendering)
  const head = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
`
  const others = othersText(rendering)
  const othersHtml = others === undefined ? undefined : markup`<p class="notice">${others}</p>\n`
  const over = [
    sections.length === 1 ? undefined : markup`<h1>${title}</h1>\n`,
    contents.length === 0
      ? undefined
      : markup`<ol class="contents">${contents.map(
          (one, n) => markup`<li><a href="#document-${String(n + 1)}">${one}</a></li>`,
        )}</ol>\n`,
    othersHtml,
    findingsHtml(fileTitle(rendering), findings),
  ]
  return markup`${head}${over}${sections.map(sectionHtml)}${othersHtml}</body>\n</html>\n`.text
}

function sectionHtml(section: Section, n: number): Html {
  const { title, findings, page } = section
  const said = verdict(section)
  return markup`<section id="document-${String(n + 1)}">
<h1>${title}</h1>
${said === undefined ? undefined : markup`<p class="${said.isRefused ? 'refused' : 'notice'}">${said.text}</p>\n`}${[
    findingsHtml(findingTitle(section), findings),
    page === undefined ? undefined : pageHtml(page),
  ]}</section>\n`
}

function findingsHtml(title: string, findings: readonly FindingNote[]): Html | undefined {
  if (findings.length === 0) return undefined
  return markup`<div class="findings"><h2>${title}</h2>\n${findings.map(findingHtml)}</div>\n`
}

function findingHtml({ severity, code, what, text, facts, excerpt }: FindingNote): Html {
  return markup`<div class="finding ${severity}">
<h3><span>${severity === 'error' ? 'Error' : 'Warning'}:</span> ${what}</h3>
<p>${text}</p>
<dl>${facts.map(([label, value]) => markup`<dt>${label}</dt><dd>${value}</dd>`)}${
    excerpt === undefined
      ? undefined
      : markup`<dt>As sent</dt><dd><code>${excerpt.before}<mark>${
          excerpt.value === '' ? '(nothing)' : excerpt.value
        }</mark>${excerpt.after}</code></dd>`
  }<dt>Finding</dt><dd>${code}</dd></dl>
</div>\n`
}

function pageHtml({ notices, lead, facts, parties, tables, notes, glossary, source }: Page): Html {
  return markup`${notices.map((one) => markup`<p class="notice">${one}</p>\n`)}<p class="lead">${lead}</p>
<dl class="facts">${facts.map(factHtml)}</dl>
${parties.length === 0 ? undefined : markup`<div class="parties">${parties.map(partyHtml)}</div>\n`}${[
    tables.map(tableHtml),
    notes.length === 0
      ? undefined
      : markup`<h2>Notes</h2>\n<div class="notes">${notes.map((note) => markup`<p>${note}</p>`)}</div>\n`,
  ]}<footer>${glossary.map(([word, means]) => markup`<p><b>${word}</b>: ${means}.</p>\n`)}<p>${source}</p></footer>\n`
}

const factHtml = ([label, value]: Fact): Html =>
  markup`<div><dt>${label}</dt><dd>${value}</dd></div>`

const partyHtml = ({ role, lines }: PartyBlock): Html =>
  markup`<div><p class="role">${role}</p>${lines.map((line) => markup`<p>${line}</p>`)}</div>`

function tableHtml(table: Table): Html {
  const columns = shownColumns(table)
  const isSum = table.columns.length === 2 && table.rows.some(({ kind }) => kind === 'total')
  const units = columns.map(({ at, numeric }) => (numeric ? unitWidth(table, at) : 0))
  const head = columns.map(({ title, numeric }) => markup`<th${numeric && NUMBER}>${title}</th>`)
  return markup`<div${isSum ? markup` class="sum"` : undefined}>
<h2>${table.caption}</h2>
<table>
<thead><tr>${head}</tr></thead>
<tbody>
${table.rows.map((row) => rowHtml(row, columns, units))}</tbody>
</table>
</div>\n`
}

const NUMBER = markup` class="number"`

/** Columns the longest unit of a column needs. */
const unitWidth = ({ rows }: Table, at: number): number =>
  rows
    .flatMap(({ cells }) => linesOf(cells[at]))
    .reduce((most, line) => Math.max(most, inUnits(line)[1].length), 0)

function rowHtml(
  { cells, depth = 0, kind }: Row,
  columns: ReturnType<typeof shownColumns>,
  units: readonly number[],
): Html {
  const isHeading = kind === 'group' && !cells.slice(1).some(hasText)
  const all = columns.map(({ at, numeric }, n) =>
    numeric
      ? markup`<td${NUMBER}>${linesOf(cells[at]).map((line) => numberHtml(line, units[n] ?? 0))}</td>`
      : markup`<td>${cellHtml(cells[at])}</td>`,
  )
  return markup`<tr${kind === undefined ? undefined : markup` class="${kind}"`}${
    depth === 0 ? undefined : markup` style="--depth:${String(depth)}"`
  }>${isHeading ? markup`<td colspan="${String(columns.length)}">${cellHtml(cells[0])}</td>` : all}</tr>\n`
}

function cellHtml(cell: Cell | undefined): Part {
  const [main, ...more] = linesOf(cell)
  const shown = main === 'REJECTED' ? markup`<strong class="rejected">${main}</strong>` : main
  return [shown, more.map((line) => markup`<small>${line}</small>`)]
}

/** Numbers of a column stand below one another whatever their units are. */
function numberHtml(text: string, width: number): Html {
  const [number, unit] = inUnits(text)
  const style = markup` style="min-width:${String(width)}ch"`
  return markup`<div>${number}${width === 0 ? undefined : markup`<span${style}>${unit}</span>`}</div>`
}
