// `npm run bench:memory [-- megabytes]`: what reading takes in memory, each input generated as it is read, in a process of
// its own: a large file of shipment notices (1 GB), as many in one group, one notice whose lines never end, one element of
// 100 MB. Prints peak RSS, time and what was found; exit code 1 when one takes more than it may.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { acceptedDocuments } from '../dist/gateway/accepted-documents.js'
import { translateEdi } from '../dist/gateway/translate-edi.js'
import { interchanges } from './x12-data.mjs'

const MUST = 256
const AIM = 150
const CHUNK = 64 * 1024

const HEAD =
  'ISA*00*          *00*          *ZZ*EXSUPPLIER     *ZZ*EXRETAIL       *251230*1416*U*00401*000000001*0*P*>~\n' +
  'GS*SH*EXSUPPLIER*EXRETAIL*20251230*1416*1*X*004010~\nST*856*0001~\nBSN*00*SHP-1*20251230*1415*0001~\nHL*1**S~\n'
const tail = (segments) => `SE*${segments}*0001~\nGE*1*1~\nIEA*1*000000001~\n`

function* notices(megabytes) {
  const part = interchanges(8e6)
  for (let size = 0; size < megabytes * 1e6; size += part.length) {
    for (let at = 0; at < part.length; at += CHUNK) yield part.subarray(at, at + CHUNK)
  }
}

/** One interchange with one group, whose trailer decides over all Documents. */
function* group(megabytes) {
  const text = interchanges(1e6, 350).toString('latin1')
  const [from, to] = [text.indexOf('ST*856'), text.indexOf('GE*')]
  let sets = 0
  yield Buffer.from(text.slice(0, from), 'latin1')
  for (let size = 0; size < megabytes * 1e6; size += to - from) {
    const numbered = text.slice(from, to).replace(/(ST\*856|SE\*\d+)\*\d+/g, (_, trailer) => {
      if (trailer.startsWith('ST')) sets++
      return `${trailer}*${String(sets).padStart(9, '0')}`
    })
    yield Buffer.from(numbered, 'latin1')
  }
  const [, control] = /IEA\*\d+\*(\d+)/.exec(text)
  yield Buffer.from(`GE*${sets}*${Number(control)}~\nIEA*1*${control}~\n`, 'latin1')
}

function* loop(segments) {
  yield Buffer.from(`${HEAD}HL*2*1*O~\nPRF*PO-1~\n`)
  const lines = segments / 4
  for (let line = 1; line <= lines; line++) {
    yield Buffer.from(
      `HL*${line + 2}*2*I~\nLIN*${line}*VN*SKU-${line}~\nSN1**1*EA~\nPID*F****WIDGET~\n`,
    )
  }
  yield Buffer.from(`CTT*${lines + 2}~\n${tail(lines * 4 + 7)}`)
}

function* element(megabytes) {
  yield Buffer.from(`${HEAD}REF*BM*`)
  const part = Buffer.alloc(1e6, 'X')
  for (let k = 0; k < megabytes; k++) yield part
  yield Buffer.from(`~\n${tail(5)}`)
}

const megabytes = Number(process.argv[3] ?? process.argv[2] ?? 1000)
const scenarios = {
  notices: [`${megabytes} MB of shipment notices`, () => notices(megabytes)],
  group: [`${megabytes} MB of them in one group`, () => group(megabytes)],
  loop: ['one notice, 100 000 segments in a loop', () => loop(100_000)],
  element: ['one element of 100 MB', () => element(100)],
}

/** Reads one scenario as `edigw translate` does, in this process. */
async function measure(bytes) {
  let documents = 0
  let characters = 0
  const findings = new Map()
  const asLine = (document) => {
    documents++
    return `${JSON.stringify(document)}\n`
  }
  for await (const item of acceptedDocuments(translateEdi(bytes), asLine)) {
    if ('text' in item) {
      characters += item.text.length
      continue
    }
    for (const { code, offset, end } of item.issues ?? []) {
      const { count, first } = findings.get(code) ?? { count: 0, first: `${offset}-${end}` }
      findings.set(code, { count: count + 1, first })
    }
  }
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  return {
    megabytes: maxRSS / 1024,
    seconds: (userCPUTime + systemCPUTime) / 1e6,
    documents,
    characters,
    findings: [...findings].map(
      ([code, { count, first }]) => `${count} ${code} (first at ${first})`,
    ),
  }
}

async function* chunksOf(bytes) {
  yield* bytes
}

const inChild = (name) =>
  new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [name, String(megabytes)])
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)))
  })

if (process.send !== undefined) {
  const [, generate] = scenarios[process.argv[2]]
  process.send(await measure(chunksOf(generate())))
} else {
  for (const [name, [title]] of Object.entries(scenarios)) {
    const { megabytes: peak, seconds, documents, findings } = await inChild(name)
    const verdict = peak > MUST ? 'MISSED' : peak > AIM ? 'met' : 'aim met'
    if (peak > MUST) process.exitCode = 1
    console.log(
      `${title}: peak RSS ${peak.toFixed(0)} MB (must ${MUST}, aim ${AIM}: ${verdict}), ` +
        `${seconds.toFixed(0)} s of CPU time, ${documents} Documents, ${findings.join(', ') || 'no findings'}`,
    )
  }
}
