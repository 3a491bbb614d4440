// The commands with EDIFACT, which they tell from X12 by the first bytes.
import { expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ack } from '../../gateway/commands/ack.js'
import { rewrite } from '../../gateway/commands/rewrite.js'
import { segments } from '../../gateway/commands/segments.js'
import { translate } from '../../gateway/commands/translate.js'
import { validate } from '../../gateway/commands/validate.js'
import { runCommand } from './run-command.js'

const AT = ['--now', '2026-01-02T03:04:05Z']
const CONTRL = readFileSync('test/golden/edifact/CONTRL/one-message-rejected/in.edi', 'latin1')
const DESADV = readFileSync('test/golden/edifact/DESADV/flat-d96a/in.edi', 'latin1')
/** A message no map is for, with a release character where none is needed. */
const OTHER = `UNA:+.? '
UNB+UNOC:3+EXSUPPLIER:14+EXRETAIL:14+251230:1416+101'
UNH+1+XORDER:D:96A:UN'
FTX+AAI+++it?'s? 5?+5'
UNT+3+1'
UNZ+1+101'
`

test('segments, changed in one element and rewritten, differ in exactly its bytes', async () => {
  const listed = await runCommand(segments, ['-', '--layout'], OTHER)
  expect(listed.code).toBe(0)
  const same = await runCommand(rewrite, ['-', '--from-segments'], listed.stdout)
  expect(same.stdout.toString()).toBe(OTHER)
  const changed = listed.stdout.toString().replace('"EXRETAIL"', '"EX+RETAIL"')
  const { stdout } = await runCommand(rewrite, ['-', '--from-segments'], changed)
  expect(stdout.toString()).toBe(OTHER.replace('EXRETAIL', 'EX?+RETAIL'))
})

test('normalised, only what needs a release character has one', async () => {
  const { stdout } = await runCommand(rewrite, ['-', '--normalise'], OTHER)
  expect(stdout.toString()).toBe(OTHER.replace('? 5', ' 5'))
})

test('a wrong count is located to the byte, with what the CONTRL says', async () => {
  const bad = DESADV.replace('UNT+32+', 'UNT+12+')
  const { code, stdout } = await runCommand(validate, ['-', '--json'], bad)
  expect(code).toBe(1)
  const [issue] = stdout.toString().split('\n')
  expect(JSON.parse(issue!)).toMatchObject({
    code: 'segment-count-mismatch',
    offset: bad.indexOf('12+1'),
    ack: { level: 'transaction', code: '29' },
  })
})

test('a message there is no map for is rejected by CONTRL', async () => {
  const { code, stdout, stderr } = await runCommand(ack, ['-', ...AT], OTHER)
  expect(code).toBe(1)
  expect(stdout.toString()).toBe(`UNA:+.? '
UNB+UNOC:3+EXRETAIL:14+EXSUPPLIER:14+260102:0304+1'
UNH+1+CONTRL:D:3:UN'
UCI+101+EXSUPPLIER:14+EXRETAIL:14+7'
UCM+1+XORDER:D:96A:UN+4+15+UNH'
UNT+4+1'
UNZ+1+1'
`)
  expect(stderr).toContain('There is no map for XORDER.')
})

test('a CONTRL is never acknowledged, and no 997 answers EDIFACT', async () => {
  const { code, stdout } = await runCommand(ack, ['-', ...AT], CONTRL)
  expect({ code, size: stdout.length }).toEqual({ code: 0, size: 0 })
  await expect(runCommand(ack, ['-', '--type', '997'], OTHER)).rejects.toThrow(/contrl/)
})

test('a CONTRL becomes a Document, and the Document the same CONTRL', async () => {
  const { code, stdout } = await runCommand(translate, ['-'], CONTRL)
  expect(code).toBe(0)
  const agreement = join(mkdtempSync(join(tmpdir(), 'edigw-')), 'agreement.json')
  writeFileSync(
    agreement,
    JSON.stringify({
      ...{ id: 'example-retail', name: 'Example', ourRole: 'customer', theirRole: 'supplier' },
      ...{ environment: 'production', standard: 'edifact', documents: [] },
      us: { interchange: { qualifier: '14', id: 'EXSUPPLIER' } },
      partner: { interchange: { qualifier: '14', id: 'EXRETAIL' } },
    }),
  )
  const to = ['--to', 'edifact:CONTRL:D:3', '--agreement', agreement]
  const back = await runCommand(translate, ['-', ...to, ...AT], stdout)
  expect({ code: back.code, stderr: back.stderr }).toEqual({ code: 0, stderr: '' })
  const messageOf = (text: string) => /UNH\+1[^]*UNT\+10\+1'/.exec(text)?.[0]
  expect(messageOf(back.stdout.toString())).toBe(messageOf(CONTRL))
})
