import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { ack } from '../../gateway/commands/ack.js'
import { explain } from '../../gateway/commands/explain.js'
import { render } from '../../gateway/commands/render.js'
import { rewrite } from '../../gateway/commands/rewrite.js'
import { segments } from '../../gateway/commands/segments.js'
import { translate } from '../../gateway/commands/translate.js'
import { validate } from '../../gateway/commands/validate.js'
import { UsageError, type Command } from '../../gateway/command.js'
import { runCommand } from './run-command.js'

const GOLDEN = 'test/golden/x12/856/pick-and-pack'
const golden = readFileSync(`${GOLDEN}/in.edi`)
const AT = ['--now', '2026-01-02T03:04:05Z']

const run = (command: Command, args: string[], input: Uint8Array | string = golden) =>
  runCommand(command, args, input)

const lines = (bytes: Buffer) =>
  bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { tag: string; elements: string[][][] })

describe.each(Object.entries({ segments, rewrite, translate, validate, ack, explain, render }))(
  '%s',
  (name, command) => {
    test('says of an empty input that it is, and of one that is no EDI: exit code 1', async () => {
      for (const [input, told] of [
        ['', /input is empty/],
        ['hello', /not EDI|no EDI file/],
      ] as const) {
        const { code, stdout, stderr } = await run(command, ['-'], input)
        expect([name, code]).toEqual([name, 1])
        expect(stdout.toString() + stderr).toMatch(told)
      }
    })

    test('needs one file that can be read', async () => {
      const usage = { name: 'UsageError' }
      await expect(run(command, [])).rejects.toMatchObject(usage)
      await expect(run(command, ['-', '-'])).rejects.toMatchObject(usage)
      const unread = { name: 'EnvironmentError', message: expect.stringMatching(/^cannot read/) }
      await expect(run(command, ['no-such-file.edi'])).rejects.toMatchObject(unread)
      await expect(run(command, ['test'])).rejects.toMatchObject(unread)
      await expect(run(command, ['-', '--nope'])).rejects.toThrow(/--nope/)
    })
  },
)

describe('segments', () => {
  test('prints one object a line, elements as repetitions of components', async () => {
    const { code, stdout } = await run(segments, ['-'])
    expect(code).toBe(0)
    expect(lines(stdout)[2]).toEqual({
      i: 3,
      tag: 'ST',
      elements: [[['856']], [['0001']]],
      offset: 161,
      end: 173,
    })
  })

  test('says what is wrong with an input that is no EDI and exits 1', async () => {
    const { code, stdout, stderr } = await run(segments, ['-'], 'hello')
    expect({ code, stdout: stdout.toString() }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error not-edi/)
  })
})

describe('translate', () => {
  test('says that findings cannot be written where they should go', async () => {
    const why = { name: 'EnvironmentError', message: expect.stringContaining('cannot write') }
    await expect(run(translate, ['--issues', 'no/such/folder', '-'])).rejects.toMatchObject(why)
  })

  test('shows control characters of a partner as dots', async () => {
    const input = golden.toString('latin1').replace('REF*', 'R\x1b[31mF*')
    const { stderr } = await run(translate, ['-'], input)
    expect(stderr).toContain('R·[31mF is not a segment')
  })
})

describe('rewrite', () => {
  test('writes the bytes it read', async () => {
    const { code, stdout } = await run(rewrite, ['-'])
    expect({ code, same: stdout.equals(golden) }).toEqual({ code: 0, same: true })
  })

  test('writes the same bytes from segments with their layout, and one changed element changes only its bytes', async () => {
    const odd = Buffer.from(golden.toString().replaceAll('~\n', '~\r\n'), 'latin1')
    const { stdout: listed } = await run(segments, ['-', '--layout'], odd)
    const { stdout: same } = await run(rewrite, ['-', '--from-segments'], listed)
    expect(same.equals(odd)).toBe(true)

    const changed = listed.toString().replace('"SHP-2025-0001"', '"SHP-2025-0002X"')
    const { stdout } = await run(rewrite, ['-', '--from-segments'], changed)
    expect(stdout.toString()).toBe(odd.toString().replace('SHP-2025-0001', 'SHP-2025-0002X'))
  })

  test('normalises: one form whatever the layout was', async () => {
    const odd = golden
      .toString()
      .replaceAll('~\n', '~\r\n')
      .replace('*0001~\r\nHL', '*0001***~\r\nHL')
    const { stdout } = await run(rewrite, ['-', '--normalise'], odd)
    const { stdout: plain } = await run(rewrite, ['-', '--normalise'])
    expect(stdout.toString()).toBe(plain.toString())
  })

  test('says which line is no segment', async () => {
    await expect(run(rewrite, ['-', '--from-segments'], '{"tag":"ISA"}\n')).rejects.toThrow(
      /line 1/,
    )
  })
})

describe('validate', () => {
  test('has nothing to say of a good input', async () => {
    const { code, stdout } = await run(validate, ['-'])
    expect({ code, text: stdout.toString() }).toEqual({
      code: 0,
      text: '1 interchange, 1 transaction: 0 errors, 0 warnings, 0 notes\n',
    })
  })

  test('locates a wrong count to the byte, with what the acknowledgement says', async () => {
    const bad = golden.toString().replace('SE*41*', 'SE*40*')
    const { code, stdout } = await run(validate, ['-', '--json'], bad)
    expect(code).toBe(1)
    const [issue] = stdout.toString().split('\n')
    expect(JSON.parse(issue!)).toMatchObject({
      code: 'segment-count-mismatch',
      tag: 'SE',
      offset: bad.indexOf('40*0001'),
      ack: { level: 'transaction', code: '4' },
    })
  })

  test('names segments as explain shows them, also in a second interchange', async () => {
    const bad = golden.toString().replace('SE*41*', 'SE*40*').replace('IEA*1*', 'IEA*2*')
    const both = `${golden.toString()}${bad}`
    const { stdout } = await run(validate, ['-'], both)
    expect(stdout.toString()).toMatch(/^error segment-count-mismatch, segment 88, line \d+/m)
    expect(stdout.toString()).toMatch(/^warning group-count-mismatch, segment 90, line \d+/m)
    for (const [number, code] of [
      ['88', 'segment-count-mismatch'],
      ['90', 'group-count-mismatch'],
    ] as const) {
      const shown = (await run(explain, ['-', '--segment', number], both)).stdout.toString()
      expect(shown).toMatch(new RegExp(`^ +${number}  (SE|IEA) [^]*${code}`, 'm'))
    }
  })

  test('says of one thing that it is one', async () => {
    const bad = golden.toString().replace('GE*1*', 'GE*5*').replace('IEA*1*', 'IEA*2*')
    const text = (await run(validate, ['-'], bad)).stdout.toString()
    expect(text).toContain('GE01 says 5, the group has 1 set.')
    expect(text).toContain('IEA01 says 2, the interchange has 1 functional group.')
    expect(text).toContain('1 interchange, 1 transaction: 1 error, 1 warning, 0 notes')
  })

  test('names the element that is missing, and the codes nearest to a wrong one', async () => {
    const bad = golden.toString().replace('PRF*PO-4500012*', 'PRF**').replace('BSN*00*', 'BSN*0*')
    const issues = (await run(validate, ['-', '--json'], bad)).stdout
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { code: string; text: string; expected?: string })
    expect(issues.find((one) => one.code === 'element-missing')!.text).toBe(
      'PRF01 (number of the purchase order) must be given.',
    )
    expect(issues.find((one) => one.code === 'code-invalid')!.expected).toBe(
      '00 (first sending of this document), 01 (cancels a document sent before), ' +
        '04 (changes parts of a document sent before), or 05, 06, 07, 11, 18, 22',
    )
  })
})

describe('ack', () => {
  test('writes the golden 997', async () => {
    const { code, stdout } = await run(ack, ['-', ...AT])
    expect({ code, text: stdout.toString() }).toEqual({
      code: 0,
      text: readFileSync(`${GOLDEN}/ack.997.edi`, 'utf8'),
    })
  })

  test('rejects a bad set and exits 1', async () => {
    const { code, stdout } = await run(
      ack,
      ['-', ...AT],
      golden.toString().replace('BSN*00*', 'BSN**'),
    )
    expect(code).toBe(1)
    expect(stdout.toString()).toMatch(
      /AK3\*BSN\*2\*\*8~\nAK4\*1\*353\*1~\nAK5\*R\*5~\nAK9\*R\*1\*1\*0~/,
    )
  })

  test('never acknowledges an acknowledgement', async () => {
    const { code, stdout } = await run(ack, ['-', ...AT], readFileSync(`${GOLDEN}/ack.997.edi`))
    expect({ code, size: stdout.length }).toEqual({ code: 0, size: 0 })
  })

  test('gives each interchange its own number', async () => {
    const two = Buffer.concat([golden, golden])
    const { stdout } = await run(ack, ['-', ...AT, '--control', '7:3'], two)
    expect(stdout.toString().match(/IEA\*1\*\d+/g)).toEqual(['IEA*1*000000007', 'IEA*1*000000008'])
  })

  test('counts groups by what was written: sets of two versions are answered in two groups', async () => {
    const text = golden.toString()
    const group = text.slice(text.indexOf('GS*'), text.indexOf('IEA*'))
    const newer = group
      .replace('004010', '005010')
      .replaceAll('*101*X', '*102*X')
      .replace('GE*1*101', 'GE*1*102')
    const both = text.replace(group, group + newer).replace('IEA*1', 'IEA*2')
    const { stdout } = await run(
      ack,
      ['-', ...AT],
      both + both.replaceAll('000000101', '000000102'),
    )
    expect(stdout.toString().match(/^GE\*1\*\d+/gm)).toEqual([1, 2, 3, 4].map((n) => `GE*1*${n}`))
  })

  test.each([
    '1000000000',
    '1:1000000000',
    '1:1:1000000000',
    '999999999',
    '1:999999999',
    '1:1:x',
    '0',
    `${10 ** 14}`,
  ])('refuses --control %s for two interchanges: a number would have no room', async (control) => {
    const two = Buffer.concat([golden, golden])
    await expect(run(ack, ['-', ...AT, '--control', control], two)).rejects.toThrow(UsageError)
  })

  test('refuses a type that does not answer the standard', async () => {
    await expect(run(ack, ['-', '--type', 'contrl'])).rejects.toThrow(/997/)
  })
})
