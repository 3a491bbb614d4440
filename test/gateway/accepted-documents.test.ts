// `translate` writes the Documents that `ack` accepts, and no others: held against each other for every golden case, and
// for trailers that are wrong or missing.
import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Document } from '../../edi-maps/canonical/document.js'
import { segmentsIn } from '../../edi-maps/payload.js'
import { ack } from '../../gateway/commands/ack.js'
import { translate } from '../../gateway/commands/translate.js'
import { runCommand } from './run-command.js'

const golden = ['x12', 'edifact', 'partners', 'payloads'].flatMap((root) =>
  readdirSync(join('test/golden', root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('in.edi'))
    .map((path) => join('test/golden', root, path)),
)

async function written(input: string | Buffer, ...args: string[]) {
  const bytes = typeof input === 'string' ? Buffer.from(input, 'latin1') : input
  const { code, stdout, stderr } = await runCommand(translate, ['-', ...args], bytes)
  const lines = stdout.toString().split('\n').slice(0, -1)
  return { code, stderr, documents: lines.map((line) => JSON.parse(line) as Document) }
}

/** Sets and messages that the acknowledgements of an input accept. */
async function accepted(input: string | Buffer, ...args: string[]): Promise<number> {
  const bytes = typeof input === 'string' ? Buffer.from(input, 'latin1') : input
  const { stdout } = await runCommand(ack, ['-', '--now', '2026-01-02T03:04:05Z', ...args], bytes)
  return segmentsIn(stdout).reduce((sum, segment) => {
    if (segment.tag === 'AK9') return sum + Number(segment.get(4))
    return sum + (segment.tag === 'UCM' && segment.get(3) === '7' ? 1 : 0)
  }, 0)
}

test.each(golden)('%s: Documents are those of sets that are accepted', async (path) => {
  const settings = path.replace('in.edi', 'case.json')
  const { agreement } = (
    existsSync(settings) ? JSON.parse(readFileSync(settings, 'utf8')) : {}
  ) as { agreement?: string }
  const args = agreement === undefined ? [] : ['--agreement', agreement]
  const input = readFileSync(path)
  const { documents } = await written(input, ...args)
  const acknowledgeable = documents.filter(({ kind }) => kind !== 'functionalAck')
  expect(acknowledgeable).toHaveLength(await accepted(input, ...args))
})

const X12 = readFileSync('test/golden/x12/856/several-sets/in.edi', 'latin1')
const EDIFACT = readFileSync('test/golden/edifact/DESADV/several-messages/in.edi', 'latin1')
const GROUPS = readFileSync('test/golden/x12/wild/two-groups/in.edi', 'latin1')

describe('a trailer that is wrong', () => {
  test.each([
    ['IEA02 is another number', X12.replace(/IEA\*1\*\d+/, 'IEA*1*000000999')],
    ['there is no IEA', X12.replace(/IEA\*[^]*/, '')],
    ['GE01 is another number', X12.replace(/GE\*\d+/, 'GE*99')],
    ['GE02 is another number', X12.replace(/(GE\*\d+)\*\d+/, '$1*999')],
    ['there is no GE', X12.replace(/GE\*\d+\*\d+~\s*/, '')],
    ['UNZ02 is another reference', EDIFACT.replace(/(UNZ\+\d+)\+\w+/, '$1+999')],
    ['there is no UNZ', EDIFACT.replace(/UNZ[^]*/, '')],
  ])(
    '%s: nothing is written, the finding and the number of Documents are told',
    async (_, input) => {
      const sound = input.startsWith('ISA') ? X12 : EDIFACT
      const { documents: all } = await written(sound)
      expect(all.length).toBeGreaterThan(1)
      const { code, stderr, documents } = await written(input)
      expect(documents).toEqual([])
      expect(await accepted(input)).toBe(0)
      expect(code).toBe(1)
      expect(stderr).toMatch(/^error [a-z-]+, /)
      expect(stderr).toContain(
        `${all.length} Documents not written: their group or interchange is refused.\n`,
      )
    },
  )

  test('of one group keeps that of the others, which are written', async () => {
    const { documents: all } = await written(GROUPS)
    for (const wrong of [
      GROUPS.replace(/GE\*\d+/, 'GE*99'),
      GROUPS.replace(/(GE\*\d+\*\d+[^]*)GE\*\d+/, '$1GE*99'),
    ]) {
      const { code, stderr, documents } = await written(wrong)
      expect(documents).toHaveLength(await accepted(wrong))
      expect(documents.length).toBeGreaterThan(0)
      expect(all).toEqual(expect.arrayContaining(documents))
      expect(all.length).toBeGreaterThan(documents.length)
      expect(code).toBe(1)
      expect(stderr).toContain('not written')
    }
  })

  test('of one interchange has no effect on the next', async () => {
    const wrong = X12.replace(/GE\*\d+/, 'GE*99')
    const { documents } = await written(wrong + EDIFACT + X12)
    const both = [...(await written(EDIFACT)).documents, ...(await written(X12)).documents]
    expect(documents).toEqual(both)
  })
})
