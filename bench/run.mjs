// `npm run bench [x12|edifact|document]…`: every job beside its peers, a table of ratios, and the figures in
// bench/results/. Exit code 1 when one is below what it must be.
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { compare } from './compare.mjs'
import * as document from './document.mjs'
import * as edifact from './edifact.mjs'
import { openStaedi } from './staedi.mjs'
import { printRows } from './table.mjs'
import * as x12 from './x12.mjs'

const ROUNDS = 7
const groups = { x12, edifact, document }
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(groups)
const unknown = names.find((name) => !(name in groups))
if (unknown !== undefined) {
  console.error(
    `there is no ${unknown}; name some of ${Object.keys(groups).join(', ')}, or none for all`,
  )
  process.exit(2)
}

const staedi = await openStaedi()
if (staedi.missing !== undefined) console.log(`staedi is left out: ${staedi.missing}`)
const rows = []
try {
  console.log(
    `Median of ${ROUNDS} interleaved rounds; MB per second of CPU time, all threads included.`,
  )
  for (const name of names) {
    for (const job of await groups[name].jobs(staedi)) {
      const found = await compare(job, ROUNDS)
      printRows(found)
      rows.push(...found)
    }
  }
} finally {
  await staedi.close()
}

const [cpu] = cpus()
const now = new Date().toISOString()
const result = {
  at: now,
  node: process.version,
  cpu: cpu?.model ?? 'unknown',
  rounds: ROUNDS,
  rows,
}
const file = new URL(`results/${now.slice(0, 10)}-${names.join('-')}.json`, import.meta.url)
await mkdir(new URL('.', file), { recursive: true })
await writeFile(file, `${JSON.stringify(result, null, 2)}\n`)
const missed = rows.filter((row) => !row.met).length
console.log(missed === 0 ? '\nEvery must is met.' : `\n${missed} missed.`)
process.exitCode = missed === 0 ? 0 : 1
