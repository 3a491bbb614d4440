// `npm run fuzz:growth [-- pattern [size]]`: every command on inputs that are hostile by their size, at one size and at four
// times that. Prints the CPU time of both and their ratio; exit 1 when one grows faster than its input, does not end, or
// throws. Takes about an hour; a pattern names some of the shapes (`'^X12 .*levels'`, `'DESADV'`).
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Command } from '../../../gateway/command.js'
import { ack } from '../../../gateway/commands/ack.js'
import { explain } from '../../../gateway/commands/explain.js'
import { render } from '../../../gateway/commands/render.js'
import { rewrite } from '../../../gateway/commands/rewrite.js'
import { segments } from '../../../gateway/commands/segments.js'
import { translate } from '../../../gateway/commands/translate.js'
import { validate } from '../../../gateway/commands/validate.js'
import { EDIFACT_SHAPES } from './edifact-shapes.js'
import { documentShapes, goldenShapes } from './golden-shapes.js'
import { run } from './run.js'
import { X12_SHAPES } from './x12-shapes.js'

const SIZE = 10_000
const TIMES = 4
/** What takes twice its input's growth is suspect; noise and the heap are allowed for. */
const MOST_RATIO = 8
/** Shorter ones say nothing of how they grow. */
const TELLING_MS = 1000
const MOST_MS = 60_000

type Shape = (n: number) => string
type Job = readonly [title: string, command: Command]

const FROM_SEGMENTS = 'rewrite --from-segments'
const READING: readonly Job[] = [
  ['segments --layout', segments],
  ['rewrite', rewrite],
  [FROM_SEGMENTS, rewrite],
  ['translate', translate],
  ['validate', validate],
  ['ack', ack],
  ['explain', explain],
  ['explain --segment 1', explain],
  ['render', render],
  ['render --html', render],
]

const named = (name: string, shapes: Readonly<Record<string, Shape>>) =>
  Object.entries(shapes).map(
    ([key, shape]) => [`${name} ${key}`, { shape, jobs: READING }] as const,
  )

const AGREEMENTS: Readonly<Record<string, string>> = {
  x12: 'docs/examples/example-supplier.json',
  edifact: 'docs/examples/example-warehouse.json',
}

const CASES: ReadonlyMap<string, { readonly shape: Shape; readonly jobs: readonly Job[] }> =
  new Map([
    ...named('X12', X12_SHAPES),
    ...named('EDIFACT', EDIFACT_SHAPES),
    ...named('golden', goldenShapes()),
    ...Object.entries(documentShapes()).map(([key, { to, text }]) => {
      const agreement = AGREEMENTS[to.split(':')[0] ?? ''] ?? ''
      const job: Job = [`translate --to ${to} --agreement ${agreement}`, translate]
      return [`Document ${key}`, { shape: text, jobs: [job] }] as const
    }),
  ])

/** One shape in a process of its own: a line of JSON for each job when it begins, and when it has ended. */
async function measure(name: string, after: string, size: number): Promise<void> {
  const { shape, jobs } = CASES.get(name)!
  const from = jobs.findIndex(([title]) => title === after) + 1
  for (const [title, command] of jobs.slice(from)) {
    console.log(JSON.stringify({ title }))
    const inputOf = async (n: number) => {
      const input = Buffer.from(shape(n), 'latin1')
      return title === FROM_SEGMENTS
        ? (await run(segments, ['-', '--layout'], input, true)).output
        : input
    }
    const args = ['-', ...title.split(' ').slice(1)]
    const ms: number[] = []
    try {
      // The first warms up.
      for (const n of [size / TIMES, size, TIMES * size])
        ms.push((await run(command, args, await inputOf(n))).cpuMs)
      console.log(JSON.stringify({ title, ms: ms.slice(1) }))
    } catch (error) {
      // What the input has nothing for is no failure.
      const isUsage = (error as Error).name === 'UsageError'
      console.log(JSON.stringify(isUsage ? { title } : { title, error: String(error) }))
    }
  }
}

interface Told {
  readonly title: string
  readonly ms?: readonly [number, number]
  readonly error?: string
}

/** Measures a shape from a job on; gives the job that did not end, if there is one. */
async function watch(name: string, after: string, size: number): Promise<string | undefined> {
  const args = [fileURLToPath(import.meta.url), '--measure', name, after, String(size)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>((done) => child.once('close', done))
  let last = after
  let timer = setTimeout(() => child.kill('SIGKILL'), MOST_MS)
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer)
    timer = setTimeout(() => child.kill('SIGKILL'), MOST_MS)
    const told = JSON.parse(line) as Told
    last = told.title
    if (told.error !== undefined) fail(name, last, told.error)
    if (told.ms !== undefined) report(name, last, told.ms)
  }
  const code = await ended
  clearTimeout(timer)
  if (code === 0) return undefined
  fail(name, last, code === null ? `not ended in ${MOST_MS} ms` : `ended with ${code}`)
  return last
}

function report(name: string, title: string, [one, four]: readonly [number, number]): void {
  const ratio = four / one
  const columns = [one.toFixed(0).padStart(7), four.toFixed(0).padStart(7), ratio.toFixed(1)]
  const text = `${columns.join(' ')}  ${title}  |  ${name}`
  if (four > TELLING_MS && ratio > MOST_RATIO) fail(name, title, text)
  else console.log(text)
}

function fail(name: string, title: string, why: string): void {
  process.exitCode = 1
  console.log(`FAILED  ${title}  |  ${name}: ${why}`)
}

const [first = '', ...others] = process.argv.slice(2)
if (first === '--measure') {
  const [name = '', after = '', size = ''] = others
  await measure(name, after, Number(size))
} else {
  const size = Number(others[0] ?? SIZE)
  console.log(`CPU ms for ${size} things, for ${TIMES} times as many, and the ratio`)
  for (const name of CASES.keys()) {
    if (!new RegExp(first).test(name)) continue
    let after: string | undefined = ''
    while (after !== undefined) after = await watch(name, after, size)
  }
}
