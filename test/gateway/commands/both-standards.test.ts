// The commands on a payload with interchanges of both standards: an X12, an EDIFACT and an X12 interchange.
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { ack } from '../../../gateway/commands/ack.js'
import { explain } from '../../../gateway/commands/explain.js'
import { render } from '../../../gateway/commands/render.js'
import { rewrite } from '../../../gateway/commands/rewrite.js'
import { segments } from '../../../gateway/commands/segments.js'
import { translate } from '../../../gateway/commands/translate.js'
import { validate } from '../../../gateway/commands/validate.js'
import { UsageError } from '../../../gateway/command.js'
import { runCommand } from '../run-command.js'

const FOLDER = 'test/golden/payloads/x12-edifact-x12'
const text = readFileSync(`${FOLDER}/in.edi`, 'latin1')
const AT = ['--now', '2026-01-02T03:04:05Z']
const lines = (stdout: Buffer): Record<string, unknown>[] =>
  stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('segments gives all of them, counted and placed in the whole payload', async () => {
  const { code, stdout } = await runCommand(segments, ['-'], Buffer.from(text, 'latin1'))
  expect(code).toBe(0)
  const found = lines(stdout)
  expect(found.filter(({ tag }) => tag === 'ISA' || tag === 'UNB')).toHaveLength(3)
  for (const { tag, offset, end } of found)
    expect(text.slice(Number(offset), Number(end)).startsWith(String(tag))).toBe(true)
})

test('rewrite gives the same bytes, also from segments, of which one may be changed', async () => {
  const same = await runCommand(rewrite, ['-'], Buffer.from(text, 'latin1'))
  expect(same.stdout.toString('latin1')).toBe(text)
  const { stdout } = await runCommand(segments, ['-', '--layout'], Buffer.from(text, 'latin1'))
  const back = await runCommand(rewrite, ['-', '--from-segments'], stdout)
  expect(back.stdout.toString('latin1')).toBe(text)
  const changed = stdout.toString().replace('"DESADV"', '"DES+ADV"')
  const other = await runCommand(rewrite, ['-', '--from-segments'], changed)
  expect(other.stdout.toString('latin1')).toBe(text.replace('DESADV', 'DES?+ADV'))
})

test('translate gives a Document of each, in their order', async () => {
  const { code, stdout } = await runCommand(translate, ['-'], Buffer.from(text, 'latin1'))
  expect(code).toBe(0)
  expect(lines(stdout)).toEqual(JSON.parse(readFileSync(`${FOLDER}/canonical.json`, 'utf8')))
})

test('validate tells findings in the words of the acknowledgement of each standard', async () => {
  const bad = text.replace(/UNT\+\d+/, 'UNT+99').replace('SE|', 'SE|9')
  const { code, stdout } = await runCommand(validate, ['-'], bad)
  expect(code).toBe(1)
  expect(stdout.toString()).toMatch(/UNT01.*acknowledged: UCM 29/)
  expect(stdout.toString()).toMatch(/SE01.*acknowledged: AK502 4/)
  expect(stdout.toString()).toContain('3 interchanges, 3 transactions: 2 errors')
})

describe('ack', () => {
  test('answers each interchange in its own standard, in their order', async () => {
    const { code, stdout } = await runCommand(ack, ['-', ...AT], Buffer.from(text, 'latin1'))
    expect(code).toBe(0)
    const tags = stdout.toString().match(/^(?:ISA|AK1|UNB|UCI).\w*.?\w*/gm)
    expect(tags?.map((tag) => tag.slice(0, 6))).toEqual([
      ...['ISA*00', 'AK1*SH', 'UNB+UN', 'UCI+30', 'ISA*00', 'AK1*SH'],
    ])
  })

  test('says which interchange a type that was asked for does not answer', async () => {
    const line = text.slice(0, text.indexOf('UNB')).split('\n').length
    const asked = runCommand(ack, ['-', '--type', '997', ...AT], Buffer.from(text, 'latin1'))
    await expect(asked).rejects.toThrow(UsageError)
    await expect(asked).rejects.toThrow(
      `--type 997 does not answer edifact (line ${line}, UNB with control number 303); known: contrl`,
    )
  })
})

test('explain and render show the documents of both', async () => {
  const explained = await runCommand(explain, ['-', '--json'], Buffer.from(text, 'latin1'))
  expect(explained.code).toBe(0)
  const begins = lines(explained.stdout).flatMap(({ document }) => document ?? [])
  expect(begins.map((one) => (one as { type: string }).type)).toEqual(['856', 'DESADV', '856'])
  const named = lines(explained.stdout).filter(({ tag }) => tag === 'UNB' || tag === 'ISA')
  expect(named.map(({ name }) => typeof name)).toEqual(['string', 'string', 'string'])
  const rendered = await runCommand(render, ['-'], Buffer.from(text, 'latin1'))
  expect(rendered.code).toBe(0)
  expect(rendered.stdout.toString().match(/SHP-1\b|SHP-19\b/g)?.length).toBeGreaterThanOrEqual(3)
})
