// What a person is shown of inputs that are larger than a person reads: in a time that grows with their size, on a page
// that opens, with what is left out said.
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Command } from '../../../gateway/command.js'
import { explain } from '../../../gateway/commands/explain.js'
import { render } from '../../../gateway/commands/render.js'
import { runCommand } from '../run-command.js'

const PICK = readFileSync('test/golden/x12/856/pick-and-pack/in.edi', 'latin1')
const [SET = ''] = /ST\*856[^]*SE\*41\*0001~\n/.exec(PICK) ?? []

const times = (count: number, text: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => text(n + 1)).join('')

const withSets = (sets: string, count: number) =>
  PICK.replace(SET, () => sets).replace('GE*1*', `GE*${count}*`)

/** One 856 of so many articles. */
const notice = (count: number, article: (n: number) => string) => {
  const lines = times(count, (n) => `HL*${n + 1}*1*I~\n${article(n)}`)
  const set = `ST*856*0001~\nBSN*00*SHP-1*20251230*1415~\nHL*1**S~\n${lines}`
  return withSets(`${set}SE*${set.split('~').length}*0001~\n`, 1)
}

const sound = (n: number) => `LIN**VN*A${n}~\nSN1**1*EA~\n`
const wrong = (n: number) => `LIN**VN*A${n}~\nSN1**ONE*EA~\n`

test('the page of a document of very many lines says how many it does not show', async () => {
  const { code, stdout } = await runCommand(render, ['-', '--html'], notice(100_000, sound))
  expect(code).toBe(0)
  const page = stdout.toString()
  expect(page).toContain(
    '<td colspan="2">… and 97000 more rows are not shown: edigw translate gives all of them</td>',
  )
  expect(page).toContain('100000 lines')
  expect(page.length).toBeLessThan(2_000_000)
  const text = (await runCommand(render, ['-'], notice(13_000, sound))).stdout.toString()
  expect(text).toContain('… and 10000 more rows are not shown: edigw translate\n')
})

test('of very many findings the first are shown, with how many there are', async () => {
  const input = notice(20_000, wrong)
  const rendered = await runCommand(render, ['-', '--html'], input)
  expect(rendered.code).toBe(1)
  const page = rendered.stdout.toString()
  expect(page).toContain(
    'What is wrong: 20000 errors; 200 are shown, edigw validate tells all</h2>',
  )
  expect(page.match(/class="finding error"/g)).toHaveLength(200)
  const explained = await runCommand(explain, ['-', '--segment', '8'], input)
  expect(explained.code).toBe(1)
  expect(explained.stdout.toString()).toContain('✗ error number-invalid')
})

test('of very many documents the first are shown; an error in another one still counts', async () => {
  const numbered = (n: number) => SET.replaceAll('*0001', `*${String(n).padStart(4, '0')}`)
  const count = 400
  const sets = times(count, numbered)
  const one = await runCommand(render, ['-'], withSets(sets, count))
  expect(one.code).toBe(0)
  const told = '… and 100 more documents are not shown: edigw translate gives all of them'
  expect(one.stdout.toString()).toContain(`400 documents\n`)
  expect(one.stdout.toString().split(told)).toHaveLength(3)
  const bad = await runCommand(
    render,
    ['-', '--html'],
    withSets(sets.replace(/SN1\*\*12(?![^]*SN1\*\*12)/, 'SN1**TWELVE'), count),
  )
  expect(bad.code).toBe(1)
  expect(bad.stdout.toString()).toContain('100 more documents are not shown, 1 of them refused:')
})

test('headers without interchanges are explained one by one', async () => {
  const header = PICK.slice(0, PICK.indexOf('GS*'))
  const one = ['-', '--segment', '10000']
  const { code, stdout } = await runCommand(explain, one, header.repeat(40_000))
  expect(code).toBe(1)
  expect(stdout.toString()).toContain('✗ error control-structure-invalid')
  const nothing = await runCommand(explain, one, 'ISA*\n'.repeat(300_000))
  expect(nothing.code).toBe(1)
})

test.each([
  ['explain', explain],
  ['render', render],
])('%s shows a progress bar for more than 10 MB, and takes it away', async (_name, command) => {
  const shown = async (large: Command, bytes: number) => {
    const io = {
      stdin: Readable.from([Buffer.from(withSets(SET + SET.replace('SHP', 'A'.repeat(bytes)), 2))]),
      stdout: new PassThrough(),
      stderr: Object.assign(new PassThrough(), { isTTY: true }),
    }
    const read = Promise.all([buffer(io.stdout), buffer(io.stderr)])
    await large.run(['-'], io)
    io.stdout.end()
    io.stderr.end()
    return (await read)[1].toString()
  }
  expect(await shown(command, 10_000_000)).toMatch(/█ (?:99|100) %\r\x1b\[K$/)
  expect(await shown(command, 1000)).toBe('')
})
