// What `ack` does where there is nothing a functional acknowledgement could answer.
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { ack } from '../../../gateway/commands/ack.js'
import { runCommand } from '../run-command.js'

const AT = ['--now', '2026-01-02T03:04:05Z']
const wild = (name: string) => readFileSync(`test/golden/x12/wild/${name}`, 'latin1')
const EMPTY = wild('bad-empty/in.edi')
const TA1 = wild('bad-empty/ack.ta1.edi')
const asking = (interchange: string) => interchange.replace('*0*P*', '*1*P*')

async function answer(input: string, ...args: string[]) {
  const { code, stdout, stderr } = await runCommand(ack, ['-', ...AT, ...args], input)
  return { code, written: stdout.toString(), told: stderr }
}

describe('an X12 interchange without a functional group', () => {
  test.each([
    ['empty', asking(EMPTY), TA1],
    [
      'with sets outside of any',
      wild('bad-sets-without-group/in.edi'),
      wild('bad-sets-without-group/ack.ta1.edi'),
    ],
  ])('%s gets the TA1 its ISA14 asks for', async (_, input, expected) => {
    const { code, written, told } = await answer(input)
    expect(written).toBe(expected)
    expect(code).toBe(1)
    expect(told).toContain('interchange-empty')
  })

  test('gets none that it does not ask for, which is told with its place', async () => {
    const { code, written, told } = await answer(`\n${EMPTY}`)
    expect({ code, written }).toEqual({ code: 1, written: '' })
    expect(told).toContain(
      'no 997 for line 2, ISA with control number 000000101: it holds no functional group that a ' +
        '997 could answer, and asks for no TA1 in ISA14\n',
    )
  })

  test('gets the type that was asked for, or why not', async () => {
    expect((await answer(EMPTY, '--type', 'ta1')).written).toBe(TA1)
    const { code, written, told } = await answer(asking(EMPTY), '--type', '999')
    expect({ code, written }).toEqual({ code: 1, written: '' })
    expect(told).toContain('a 999 could answer, and asks for a TA1 in ISA14\n')
  })
})

describe('an ISA that ends before its control number', () => {
  const cutOff = `\n${EMPTY.slice(0, 60)}`

  test('gets no TA1, which would repeat that, but one line saying why', async () => {
    const { code, written, told } = await answer(cutOff, '--type', 'ta1')
    expect({ code, written }).toEqual({ code: 1, written: '' })
    expect(told).toMatch(
      /^no TA1 for line 2, ISA without control number: its ISA does not say its control number/m,
    )
  })

  test('gets no 997 either', async () => {
    const { told } = await answer(cutOff)
    expect(told).toMatch(/^no 997 for line 2, ISA without control number: .* no TA1 in ISA14$/m)
  })
})

test('a UNB that does not say what a CONTRL repeats is told, also where that is a warning alone', async () => {
  const text = readFileSync('test/golden/edifact/DESADV/flat-d96a/in.edi', 'latin1')
  const { code, written, told } = await answer(text.replace(/^(UNB\+[^+]*)\+[^+]*/m, '$1+'))
  expect({ code, written }).toEqual({ code: 1, written: '' })
  expect(told).not.toContain('error')
  expect(told).toMatch(
    /^no CONTRL for line \d+, UNB with control number \d+: its UNB does not say sender/m,
  )
})

test.each(['x12/TA1/accepted', 'x12/997/accepted', 'edifact/CONTRL/accepted'])(
  '%s is an acknowledgement, which is never acknowledged: not one word',
  async (name) => {
    const input = readFileSync(`test/golden/${name}/in.edi`, 'latin1')
    expect(await answer(input)).toEqual({ code: 0, written: '', told: '' })
  },
)
