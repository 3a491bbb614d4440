import { expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finding } from '../../edi-maps/issue.js'
import { Findings } from '../../gateway/output.js'
import { withProgress } from '../../gateway/progress.js'

const place = { offset: 0, end: 0, line: 1 }
const ISSUE = finding('x12', 'not-edi', place, 'This is not EDI.')

/** What a terminal, or what is none, is shown. */
async function shown(
  terminal: { isTTY: boolean; hasColors: () => boolean } | undefined,
  show: (stream: PassThrough) => Promise<void>,
): Promise<string> {
  const stream = Object.assign(new PassThrough(), terminal)
  const read = buffer(stream)
  await show(stream)
  stream.end()
  return (await read).toString()
}

const tell = async (to: PassThrough) => {
  const io = { stdin: to, stdout: to, stderr: to }
  await new Findings(io, { to, asJson: false }).tell([ISSUE])
}

test('findings are coloured on a terminal only, and not where it must not show colours', async () => {
  const line = 'error not-edi, line 1 (byte 0): This is not EDI.\n'
  expect(await shown(undefined, tell)).toBe(line)
  const coloured = await shown({ isTTY: true, hasColors: () => true }, tell)
  expect(coloured).toContain(`\x1b[31m${line.trim()}\x1b[0m`)
  const plain = await shown({ isTTY: true, hasColors: () => false }, tell)
  expect(plain).not.toContain('\x1b[31m')
  expect(plain).toContain(line)
})

test('a large file shows a progress bar on a terminal, and takes it away also when it is left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'edigw-progress-'))
  const file = join(folder, 'large.edi')
  writeFileSync(file, Buffer.alloc(10_000_000))
  const pass = (isTTY: boolean, leave: boolean) =>
    shown({ isTTY, hasColors: () => false }, async (stderr) => {
      const pieces = async function* () {
        for (let k = 0; k < 4; k++) yield await Promise.resolve(Buffer.alloc(2_500_000))
      }
      for await (const piece of withProgress(pieces(), file, stderr))
        if (leave && piece.length > 0) break
    })
  expect(await pass(false, false)).toBe('')
  expect(await pass(true, false)).toMatch(/25 %[^]*50 %[^]*75 %[^]*100 %\r\x1b\[K$/)
  expect(await pass(true, true)).toMatch(/ 25 %\r\x1b\[K$/)
  rmSync(folder, { recursive: true })
})
