// An explained segment as lines for a terminal.
import type { ExplainedElement, ExplainedSegment } from '../edi-maps/explain.js'
import type { Issue, Severity } from '../edi-maps/issue.js'
import { findingWords } from '../edi-maps/render/finding-words.js'
import { printable } from './printable.js'

export interface LineOptions {
  /** Columns; the value of a longer line is shortened. Absent: nothing is. */
  readonly width?: number
  readonly colour: boolean
  /** Element to be marked, from 1. */
  readonly marked?: number
}

/** `orders.edi: 856 004010, number SHP-1, control number 0001`: where a segment that is shown alone stands. */
export function contextLine(file: string, { of }: ExplainedSegment): string {
  if (of === undefined) return printable(`${file}: in the envelope`)
  const { type, version, control, documentNumber } = of
  const number = documentNumber === undefined ? '' : `, number ${documentNumber}`
  return printable(`${file}: ${type} ${version}${number}, control number ${control}`)
}

const MARKS: Readonly<Record<Severity, string>> = { error: '✗', warning: '!', info: 'i' }
const COLOURS: Readonly<Record<Severity, number>> = { error: 31, warning: 33, info: 36 }
const BOLD = 1
const DIM = 2
const INDENT = ' '.repeat(7)

/** The lines of one segment: what it is and where, its elements, its findings. */
export function explainedLines(segment: ExplainedSegment, options: LineOptions): string {
  const { i, tag, name, line, id, path, isKept, document, elements, issues } = segment
  const paint = (code: number, text: string) =>
    options.colour ? `\x1b[${code}m${text}\x1b[0m` : text
  const title = `${tag}${name === undefined ? '' : `  ${name}`}`
  const place = [
    `line ${line}`,
    ...(id === undefined ? [] : [`place ${id}`]),
    ...(path === undefined ? [] : [`in ${path}`]),
    ...(isKept === true ? [keptText(issues)] : []),
  ]
  const widths = { at: 0, text: 0 }
  for (const { at, text } of elements) {
    widths.at = Math.max(widths.at, at.length)
    widths.text = Math.max(widths.text, Math.min(printable(text).length, LONGEST))
  }
  return [
    ...(document === undefined
      ? []
      : [
          '',
          paint(BOLD, printable(`=== ${document.type} ${document.version}. ${document.says}.`)),
          '',
        ]),
    `${String(i).padStart(5)}  ${paint(BOLD, printable(title))}`,
    `${INDENT}${paint(DIM, printable(place.join(', ')))}`,
    ...elements.map((element) => {
      const isMarked = Number.parseInt(element.at) === options.marked
      return `${isMarked ? '    >  ' : INDENT}${elementLine(element, widths, options.width)}`
    }),
    ...issues.flatMap((issue) =>
      findingLines(issue).map(
        (line) => `${INDENT}${paint(COLOURS[issue.severity], printable(line))}`,
      ),
    ),
  ].join('\n')
}

/** What is wrong in plain words, and who does what about it. */
function findingLines(issue: Issue): string[] {
  const { severity, code, text, expected } = issue
  const [what, todo] = findingWords(issue)
  const wanted = expected === undefined ? '' : ` Expected: ${expected}`
  return [`${MARKS[severity]} ${severity} ${code}: ${text}${wanted}`, `  ${what}. ${todo}`]
}

const LONGEST = 30

const keptText = (issues: readonly Issue[]): string =>
  issues.some(({ severity }) => severity === 'error')
    ? 'no value of the Document could be read from it'
    : 'no value of the Document: kept as it is'

function elementLine(
  { at, text, name, meaning, path, value }: ExplainedElement,
  widths: { readonly at: number; readonly text: number },
  width: number | undefined,
): string {
  const what = [name, meaning].filter((word) => word !== undefined).join(': ')
  const line = `${at.padEnd(widths.at)}  ${printable(text).padEnd(widths.text)}  ${what}`
  if (path === undefined) return line.trimEnd()
  const to = `${line}${what === '' ? '' : '  '}→ ${path} = `
  const json = printable(JSON.stringify(value))
  if (width === undefined) return to + json
  const room = Math.max(FEWEST, Math.max(60, width) - INDENT.length - to.length)
  return json.length > room ? `${to}${json.slice(0, room - 1)}…` : to + json
}

/** Of a value that is shortened at least the beginning is shown. */
const FEWEST = 20
