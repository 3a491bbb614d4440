// `npm run corpus`: reads every file of a folder (EDI_CORPUS) with everything the core has and prints a table by type.
// Exit 1 when an input leads to an exception or does not come back byte for byte.
import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { dataOf } from '../edi-maps/layout.js'
import { PayloadWriter } from '../edi-maps/payload-writer.js'
import { readInput, rewritten, type InputReading } from './edi-maps/reading.js'

interface Row {
  files: number
  read: number
  identical: number
  transactions: number
  translated: number
  refused: number
  /** Documents written back to the same segments. */
  same: number
  warnings: number
  exceptions: number
}

const NO_EDI = /\.(?:csv|md|txt\.license|json)$|(?:^|\/)(?:README|LICENSE)/i

const { values } = parseArgs({
  options: {
    refused: { type: 'boolean', default: false },
    different: { type: 'boolean', default: false },
  },
})
const folder = process.env['EDI_CORPUS']
if (folder === undefined) {
  console.error('usage: EDI_CORPUS=FOLDER npm run corpus [-- --refused] [-- --different]')
  process.exit(2)
}

const rows = new Map<string, Row>()
const rowOf = (type: string): Row => {
  const found = rows.get(type) ?? {
    ...{ files: 0, read: 0, identical: 0, transactions: 0, translated: 0, refused: 0 },
    ...{ same: 0, warnings: 0, exceptions: 0 },
  }
  rows.set(type, found)
  return found
}

/** The type of the first transaction, which is what a file is about. */
const typeOf = ({ readings: [first], interchanges }: InputReading): string =>
  first?.transaction.type ||
  (interchanges.some((one) => one.interchangeAcks.length > 0) ? 'TA1' : '–')

const failures: string[] = []
const listed: string[] = []
const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => !NO_EDI.test(path))
  .sort()

for (const path of paths) {
  const name = relative(folder, path)
  try {
    take(name, readFileSync(path))
  } catch (error) {
    rowOf('exception').exceptions++
    failures.push(`${name}: ${(error as Error).stack}`)
  }
}

function take(name: string, bytes: Buffer): void {
  const input = readInput(bytes)
  const row = rowOf(typeOf(input))
  row.files++
  if (input.interchanges.length > 0) row.read++
  const writer = new PayloadWriter()
  const back = input.segments
    .map((one) => writer.write(one.standard, dataOf(one), one.layout()))
    .join('')
  if (Buffer.from(back, 'latin1').equals(bytes)) row.identical++
  else failures.push(`${name}: not written back byte for byte`)
  row.warnings += input.issues.filter(({ severity }) => severity === 'warning').length
  if (input.readings.length === 0) tellRefused(name, input)
  for (const reading of input.readings) {
    row.transactions++
    if (reading.document === undefined) {
      row.refused++
      const first = [...reading.issues, ...input.issues].find(
        ({ severity }) => severity === 'error',
      )
      if (values.refused) listed.push(`${name}, ${reading.transaction.type}: ${told(first)}`)
      continue
    }
    row.translated++
    const { sent, written } = rewritten(reading)
    const at = sent.findIndex((segment, n) => segment !== written[n])
    if (at < 0 && sent.length === written.length) row.same++
    else if (values.different) {
      listed.push(`${name}: segment ${at + 2} ${sent[at] ?? '–'} is written ${written[at] ?? '–'}`)
    }
  }
}

function tellRefused(name: string, { issues, interchanges }: InputReading): void {
  if (!values.refused || interchanges.some((one) => one.interchangeAcks.length > 0)) return
  listed.push(`${name}: ${told(issues[0])}`)
}

function told(issue: InputReading['issues'][number] | undefined): string {
  if (issue === undefined) return 'no reason given'
  return `${issue.code}: ${issue.text}`
}

const HEADS = [
  ...['type', 'files', 'read', 'byte for byte', 'transactions', 'translated', 'refused'],
  ...['same segments', 'warnings', 'exceptions'],
]
const cells = (type: string, row: Row): string[] =>
  [
    type,
    ...[row.files, row.read, row.identical, row.transactions, row.translated, row.refused],
    ...[row.same, row.warnings, row.exceptions],
  ].map(String)
const sum = (): Row => {
  const total = rowOf('total')
  for (const [type, row] of rows) {
    if (type === 'total') continue
    for (const key of Object.keys(total) as (keyof Row)[]) total[key] += row[key]
  }
  return total
}

const body = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([type, row]) => cells(type, row))
const table = [HEADS, ...body, cells('total', sum())]
const widths = HEADS.map((_, n) => Math.max(...table.map((line) => line[n]!.length)))
for (const line of table) {
  console.log(
    line
      .map((cell, n) => (n === 0 ? cell.padEnd(widths[n]!) : cell.padStart(widths[n]!)))
      .join('  '),
  )
}
for (const line of [...new Set(listed), ...failures]) console.log(line)
process.exitCode = failures.length > 0 ? 1 : 0
