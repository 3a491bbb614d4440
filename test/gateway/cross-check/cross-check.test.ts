import { afterAll, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { compare } from '../../../gateway/cross-check/compare.js'
import { MAX_BYTES, openCrossChecker } from '../../../gateway/cross-check/index.js'

const GOLDEN = 'test/golden/x12/856'
const bytesOf = (name: string) => readFileSync(join(GOLDEN, name, 'in.edi'))
const x12 = (bytes: Uint8Array, strict = false) =>
  compare({ standard: 'x12', bytes: Uint8Array.from(bytes), strict })
const PLAIN = bytesOf('pick-and-pack').toString('latin1')
const EDIFACT = `UNB+UNOA:2+EXSUPPLIER:14+EXRETAIL:14+260102:1200+1'UNH+1+DESADV:D:96A:UN'BGM+351+SHP-1+9'FTX+AAI+++A ?'QUOTED?' WORD'UNT+4+1'UNZ+1+1'`
const changed = (from: string | RegExp, to: string) => {
  const text = PLAIN.replace(from, to)
  expect(text).not.toBe(PLAIN)
  return x12(Buffer.from(text, 'latin1'))
}

const checker = openCrossChecker()
afterAll(() => checker.close())

test('node-x12 sees in no golden 856 anything else than we do', () => {
  const results = readdirSync(GOLDEN).map((name) => ({ name, ...x12(bytesOf(name)) }))
  expect(results.filter(({ result }) => result === 'different')).toEqual([])
  expect(results.filter(({ result }) => result === 'same').length).toBeGreaterThan(20)
})

test('no acknowledgement of a golden case is read otherwise, so none of ours is held for nothing', () => {
  const files = readdirSync('test/golden', { recursive: true, encoding: 'utf8' })
  const acks = files.filter((name) => /(^|\/)ack\.[^/]*\.edi$/.test(name))
  const results = acks.map((name) => {
    const bytes = Uint8Array.from(readFileSync(join('test/golden', name)))
    const standard = bytes[0] === 'I'.charCodeAt(0) ? ('x12' as const) : ('edifact' as const)
    return { name, ...compare({ standard, bytes, strict: true }) }
  })
  expect(results.filter(({ result }) => result === 'different')).toEqual([])
  expect(results.filter(({ result }) => result === 'same').length).toBeGreaterThan(200)
})

test('bytes of our own making must have right counts and control numbers', () => {
  const bytes = bytesOf('bad-count-of-segments')
  expect(x12(bytes, true)).toMatchObject({
    result: 'different',
    text: expect.stringContaining('SE01'),
  })
  expect(x12(bytesOf('pick-and-pack'), true)).toEqual({ result: 'same' })
})

test.each([
  ['an empty segment', /FOB\*PP~/, 'FOB~', 'without elements'],
  ['a second interchange', /$/, PLAIN, 'second interchange'],
  ['no trailers', /GE\*[^]*$/, '', 'trailers'],
  ['a TA1', /~(\r?\n)?GS\*/, '~$1TA1*000000001*250101*0101*A*000~$1GS*', 'TA1'],
  ['a wide ISA', /ISA\*00\*/, 'ISA*00*  ', '106'],
  ['control numbers that are words', /\*0*(\d+)\*(0|1)\*(P|T)\*/, '*ABC000001*$2*$3*', 'numbers'],
])('%s is not compared, and the reason is told', (_what, from, to, why) => {
  expect(changed(from, to)).toMatchObject({
    result: 'not comparable',
    text: expect.stringContaining(why),
  })
})

test('the thread gives the same answers, one after the other', async () => {
  const ask = (bytes: Uint8Array, strict = true) =>
    checker.check({ standard: 'x12', bytes, strict })
  const answers = await Promise.all([
    ask(bytesOf('pick-and-pack')),
    ask(bytesOf('bad-count-of-segments')),
    ask(new Uint8Array(MAX_BYTES + 1)),
  ])
  expect(answers.map(({ result }) => result)).toEqual(['same', 'different', 'not comparable'])
})

test('many checks in a row leave nothing behind in the thread', async () => {
  // In a process of its own: Node.js warns there of listeners that pile up.
  const module = new URL('../../../gateway/cross-check/index.js', import.meta.url).href
  const program = `import('${module}').then(async ({ openCrossChecker }) => {
    const checker = openCrossChecker()
    const question = { standard: 'edifact', bytes: Buffer.from(process.argv[1]), strict: true }
    for (let n = 0; n < 15; n++) console.log((await checker.check(question)).result)
    await checker.close()
  })`
  const run = promisify(execFile)
  const { stdout, stderr } = await run(process.execPath, ['-e', program, EDIFACT])
  expect(stdout).toBe('same\n'.repeat(15))
  expect(stderr).toBe('')
})

test('a reader that takes too long is given up, and the next check has a fresh one', async () => {
  const hurried = openCrossChecker(1)
  const segment = 'REF*ZZ*0123456789~'
  const long = PLAIN.replace(/(?=SE\*)/, segment.repeat(40_000))
  const bytes = Buffer.from(long, 'latin1')
  const answer = await hurried.check({ standard: 'x12', bytes, strict: false })
  expect(answer).toEqual({ result: 'not comparable', text: 'it took longer than 1 ms' })
  await hurried.close()
  expect(
    await checker.check({ standard: 'x12', bytes: bytesOf('pick-and-pack'), strict: true }),
  ).toEqual({ result: 'same' })
})

const edifact = (text: string) =>
  compare({ standard: 'edifact', bytes: Buffer.from(text, 'latin1'), strict: true })

test('edifact sees in an EDIFACT interchange what we see', () => {
  expect(edifact(EDIFACT)).toEqual({ result: 'same' })
  expect(edifact(`UNA:+.? '\r\n${EDIFACT}`)).toEqual({ result: 'same' })
})

test.each([
  ['small letters in UNOA', EDIFACT.replace('WORD', 'word'), 'small letters'],
  ['a set it does not know', EDIFACT.replace('UNOA', 'UNOE'), 'UNOC'],
  ['a repetition separator', `UNA:+.?*'${EDIFACT}`, 'repetition'],
  [
    'a backslash',
    `UNA:+.\\ '${EDIFACT.replace('UNOA', 'UNOC').replaceAll('?', '\\')}`,
    'backslash',
  ],
  ['a line feed', `UNA:+.? \n${EDIFACT.replaceAll("?'", '"').replaceAll("'", '\n')}`, 'line feed'],
])('EDIFACT with %s is not compared', (_what, text, why) => {
  expect(edifact(text)).toMatchObject({
    result: 'not comparable',
    text: expect.stringContaining(why),
  })
})
