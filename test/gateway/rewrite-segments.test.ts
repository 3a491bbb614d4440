// `edigw rewrite --from-segments` with values that cannot be written so: what is written reads back as it was given, or
// it is not written and the line that is to blame is named.
import { expect, test } from '@jest/globals'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { rewrite } from '../../gateway/commands/rewrite.js'
import { segments } from '../../gateway/commands/segments.js'
import { runCommand } from './run-command.js'

interface Line {
  tag: string
  elements: string[][][]
}

const golden = ['test/golden/x12', 'test/golden/edifact', 'test/golden/partners'].flatMap((root) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name === 'in.edi')
    .map(({ parentPath }) => join(parentPath, 'in.edi'))
    .sort(),
)
/** Values tried in each case: all of them in six. */
const TRIED = 4
const HOSTILE = [
  ...[
    'A*B',
    'A>B',
    'A:B',
    'A+B',
    'A~B',
    "A'B",
    'A^B',
    'A|B',
    'A?B',
    'A\nB',
    'A\r\nB',
    '\n',
    '~',
    "'",
  ],
  ...[' ', '', 'é', '€', 'Ł', '\ud800', '\u0001', 'ISA*00*', "A'UNB+UNOC:3+", 'X'.repeat(500)],
]

const lines = (bytes: Buffer): Line[] =>
  bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
const listed = async (bytes: Uint8Array) =>
  lines((await runCommand(segments, ['-', '--layout'], bytes)).stdout)
const written = (given: readonly Line[], ...more: string[]) =>
  runCommand(
    rewrite,
    ['-', '--from-segments', ...more],
    given.map((line) => `${JSON.stringify(line)}\n`).join(''),
  )

/** Empty components, repetitions and elements at the end are no data. */
function withoutEmptyEnd<T>(list: readonly T[], isEmpty: (one: T) => boolean): T[] {
  return list.slice(0, list.findLastIndex((one) => !isEmpty(one)) + 1)
}
const data = (given: readonly Line[]) =>
  given
    .filter(({ tag }) => tag !== '')
    .map(({ tag, elements }) => {
      const trimmed = elements.map((repetitions) =>
        withoutEmptyEnd(
          repetitions.map((components) => withoutEmptyEnd(components, (text) => text === '')),
          (components) => components.length === 0,
        ),
      )
      return JSON.stringify([tag, ...withoutEmptyEnd(trimmed, (one) => one.length === 0)])
    })

const interchanges = (rows: readonly string[]) =>
  rows.length === 0 ? [] : rows.join('\n').split(/\n(?=\["(?:ISA|UNB)")/)

test.each(golden.map((path, number) => [path, number] as const))(
  '%s: with any value what is written reads back, or is not written',
  async (path, number) => {
    const given = await listed(readFileSync(path))
    const places = given.flatMap(({ tag, elements }, line) =>
      elements.flatMap((repetitions, e) =>
        repetitions.flatMap((components, r) =>
          tag === '' ? [] : components.map((_, c) => [line, e, r, c] as const),
        ),
      ),
    )
    for (let n = number * TRIED; n < (number + 1) * TRIED; n++) {
      const value = HOSTILE[n % HOSTILE.length]!
      const place = places[(n * 37) % places.length]
      if (place === undefined) continue
      const [line, e, r, c] = place
      const changed = structuredClone(given)
      changed[line]!.elements[e]![r]![c] = value
      const { code, stdout, stderr } = await written(changed)
      const back = data(await listed(stdout))
      const told = { path, place, value, stderr }
      if (/error value-not-writable/.test(stderr)) {
        expect({ ...told, code }).toEqual({ ...told, code: 1 })
        expect(stderr).toMatch(/line \d+: /)
        // The interchange with the value is left out, the others are there.
        const all = interchanges(data(changed))
        expect(all).toEqual(expect.arrayContaining(interchanges(back)))
        expect(back.length).toBeLessThan(data(changed).length)
      } else expect({ ...told, back }).toEqual({ ...told, back: data(changed) })
    }
  },
)

const GOLDEN = readFileSync('test/golden/x12/856/pick-and-pack/in.edi')
const changing = async (line: number, element: number, value: string) => {
  const given = await listed(GOLDEN)
  given[line - 1]!.elements[element - 1] = [[value]]
  return given
}

test.each([
  [
    5,
    1,
    'A*B',
    /^error value-not-writable, \w+01: line 5: “A\*B” contains \*, which separates data\.\n$/,
  ],
  [1, 6, 'SHORT', /line 1: ISA06 “SHORT” has 5 of its 15 characters/],
  [
    1,
    6,
    'LONGER THAN IT MAY BE',
    /line 1: ISA06 “LONGER THAN IT MAY BE” has 21 of its 15 characters/,
  ],
])(
  'line %i element %i as %j is refused with its place, and nothing is written',
  async (line, element, value, told) => {
    const { code, stdout, stderr } = await written(await changing(line, element, value))
    expect([code, stdout.toString()]).toEqual([1, ''])
    expect(stderr).toMatch(told)
  },
)

test('an interchange with such a value is left out, those around it are written', async () => {
  const one = (await listed(GOLDEN)).filter(({ tag }) => tag !== '')
  const bad = (await changing(5, 1, 'A~B')).filter(({ tag }) => tag !== '')
  const { code, stdout } = await written([...one, ...bad, ...one])
  expect(code).toBe(1)
  expect(data(await listed(stdout))).toEqual(data([...one, ...one]))
})

test('in the normal form a short ISA06 is filled, and one that is too long refused', async () => {
  const short = await written(await changing(1, 6, 'SHORT'), '--normalise')
  expect([short.code, short.stdout.toString().slice(35, 51)]).toEqual([0, 'SHORT          *'])
  const long = await written(await changing(1, 6, 'LONGER THAN IT MAY BE'), '--normalise')
  expect([long.code, long.stdout.toString()]).toEqual([1, ''])
})

test('a segment that stands before any header is refused', async () => {
  const { code, stdout, stderr } = await written([{ tag: 'ST', elements: [[['856']]] }])
  expect([code, stdout.toString()]).toEqual([1, ''])
  expect(stderr).toContain('line 1: ST stands before the first ISA or UNB')
})
