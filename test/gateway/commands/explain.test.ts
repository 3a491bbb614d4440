// What `edigw explain` says, beside golden cases as explain.txt; and that every golden case and every place of a map
// can be explained.
import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { explain } from '../../../gateway/commands/explain.js'
import { dictionaryFor, MAPS, ready } from '../../../edi-maps/maps.js'
import { parsePosition } from '../../../edi-maps/field.js'
import type { LoadedBody, LoadedSlot } from '../../../edi-maps/load.js'
import edifactNames from '../../../edi-maps/edifact/names.json' with { type: 'json' }
import service from '../../../edi-maps/edifact/service.json' with { type: 'json' }
import x12Names from '../../../edi-maps/x12/names.json' with { type: 'json' }

const GOLDEN = 'test/golden'
const cases = ['x12', 'edifact', 'partners'].flatMap((root) =>
  readdirSync(join(GOLDEN, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('in.edi'))
    .map((path) => join(GOLDEN, root, path, '..')),
)
const explained = cases.filter((folder) => existsSync(join(folder, 'explain.txt')))

async function edigw(args: string[], input?: Buffer) {
  let stdout = ''
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      stdout += chunk.toString('utf8')
      done()
    },
  })
  const io = {
    stdin: Readable.from(input === undefined ? [] : [input]),
    stdout: sink,
    stderr: sink,
  }
  return { status: await explain.run(args, io), stdout }
}

test('some golden cases are explained', () => expect(explained.length).toBeGreaterThan(3))

test.each(explained)('%s is explained as its file says', async (folder) => {
  const { stdout } = await edigw([join(folder, 'in.edi')])
  expect(stdout).toBe(readFileSync(join(folder, 'explain.txt'), 'utf8'))
})

test('every golden case is explained, each with the exit code of its findings', async () => {
  for (const folder of cases) {
    const { status, stdout } = await edigw([join(folder, 'in.edi'), '--json'])
    const has = existsSync(join(folder, 'issues.json'))
      ? readFileSync(join(folder, 'issues.json'), 'utf8').includes('"severity": "error"')
      : false
    if (!folder.includes('partners')) expect([folder, status]).toEqual([folder, has ? 1 : 0])
    expect(stdout.length).toBeGreaterThan(0)
  }
})

const PICK = join(GOLDEN, 'x12/856/pick-and-pack/in.edi')

test('one segment alone, by its number or by a byte in it', async () => {
  const all = (await edigw([PICK, '--json'])).stdout.trimEnd().split('\n')
  const one = await edigw([PICK, '--segment', '6', '--json'])
  expect(one.stdout).toBe(`${all[5]}\n`)
  const { offset } = JSON.parse(all[5]!) as { offset: number }
  expect((await edigw([PICK, '--at', String(offset + 4), '--json'])).stdout).toBe(one.stdout)
  expect((await edigw([PICK, '--at', String(offset + 4)])).stdout).toContain('\n    >  01')
  // The line break before it.
  expect((await edigw([PICK, '--at', String(offset - 1), '--json'])).stdout).toBe(one.stdout)
})

test('what is wrong with the arguments is a usage error', async () => {
  await expect(edigw([])).rejects.toThrow('name one file')
  await expect(edigw([PICK, '--at', '1', '--segment', '1'])).rejects.toThrow('not both')
  await expect(edigw([PICK, '--at', 'x'])).rejects.toThrow('--at x: a number from 0')
  await expect(edigw([PICK, '--segment', '999'])).rejects.toThrow(
    'has no segment 999; it has 45 segments',
  )
  await expect(edigw([PICK, '--at', '1113'])).rejects.toThrow(
    'has no segment at byte 1113; its last one ends before byte 1113',
  )
})

test('one segment alone is told in full, with the document it is in', async () => {
  const file = join(GOLDEN, 'x12/810/allowances-and-charges/in.edi')
  const { stdout } = await edigw([file, '--segment', '7'])
  expect(stdout).toMatch(/in.edi: 810 004010, number INV-5, control number 0001\n\n/)
  expect(stdout).toContain(
    'How an allowance or charge is settled: taken off this invoice  → body.lines[0].allowancesCharges[0].settlement = "offInvoice"\n',
  )
  expect((await edigw([file, '--segment', '1'])).stdout).toMatch(/in.edi: in the envelope\n/)
})

test('of a long line only the value is cut, never what it means', async () => {
  const { stdout } = await edigw([join(GOLDEN, 'x12/945/short/in.edi')])
  expect(stdout).toContain(
    'in part; whether the rest follows is not told  → body.lines[2].status = ',
  )
})

test('an element is said to have become what says the same, not what its field is named after', async () => {
  const { stdout } = await edigw([join(GOLDEN, 'x12/945/short/in.edi')])
  expect(stdout).toMatch(/06 {2}PO-4711 .*→ body\.customerOrderNumber = "PO-4711"/)
  expect(stdout).toMatch(/02 {2}12 .*→ body\.lines\[0\]\.quantityOrdered\.value = "12"/)
  const pallets = await edigw([join(GOLDEN, 'edifact/DESADV/pallets-and-cartons/in.edi')])
  expect(pallets.stdout).toMatch(/340123450000000031 .*→ body\.packages\[2\]\.sscc/)
  expect(pallets.stdout).toMatch(/202512301415 .*: 2025-12-30 14:15 /)
})

test('what is no EDI is told', async () => {
  const { status, stdout } = await edigw(['-'], Buffer.from('hello'))
  expect({ status, stdout }).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('error not-edi'),
  })
})

describe('names', () => {
  const slots = (body: LoadedBody): LoadedSlot[] =>
    body.slots.flatMap((slot) => [
      slot,
      ...(slot.body === undefined ? [] : slots(slot.body)),
      ...slot.bindings.flatMap((one) => (one.body === undefined ? [] : slots(one.body))),
      ...[...(slot.hierarchy?.levels.values() ?? [])].flatMap(({ body }) => slots(body)),
    ])
  const NAMES = { x12: x12Names, edifact: edifactNames }

  test.each(MAPS.map((map) => [`${map.id} ${map.version}`, map] as const))(
    '%s: every segment and every element with a canonical place has a name',
    (_name, map) => {
      const names = NAMES[map.standard]
      const dictionary = dictionaryFor(map.standard, map.version)
      const missing = new Set<string>()
      for (const { tag, bindings } of slots(ready(map).body)) {
        if (!Object.hasOwn(names.segments, tag)) missing.add(tag)
        for (const field of bindings.flatMap(({ of }) => of.fields)) {
          for (const position of 'positions' in field ? field.positions : []) {
            const { element, component } = parsePosition(position)
            const at = dictionary.isComposite(tag, element) ? component || 1 : component
            const facts = dictionary.facts(tag, element, at)
            if (facts === undefined || facts.list !== undefined) continue
            if (!Object.hasOwn(names.elements, facts.ref)) missing.add(`${tag} ${facts.ref}`)
          }
        }
      }
      expect([...missing]).toEqual([])
    },
  )

  test('every element and composite of the service segments has a name, in either version of the syntax', () => {
    for (const { elements, composites } of Object.values(service)) {
      const all = [...Object.keys(elements), ...Object.keys(composites)]
      expect(all.filter((ref) => !Object.hasOwn(edifactNames.elements, ref))).toEqual([])
    }
  })
})
