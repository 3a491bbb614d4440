// What `edigw render` shows, beside golden cases as render.txt; and that every golden case can be shown, as text and as
// a page that runs and loads nothing.
import { expect, test } from '@jest/globals'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { render } from '../../../gateway/commands/render.js'
import { validate } from '../../../gateway/commands/validate.js'
import { explain } from '../../../gateway/commands/explain.js'
import { runCommand } from '../run-command.js'

const GOLDEN = 'test/golden'
const cases = ['x12', 'edifact'].flatMap((root) =>
  readdirSync(join(GOLDEN, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('in.edi'))
    .map((path) => join(GOLDEN, root, path, '..')),
)
const shown = cases.filter((folder) => existsSync(join(folder, 'render.txt')))

async function edigw(args: string[], input: string | Uint8Array = '') {
  const { code, stdout } = await runCommand(render, args, input)
  return { code, stdout: stdout.toString() }
}

test('documents of every kind are shown, sound and bad ones', () => {
  const kinds = new Set(shown.map((folder) => folder.split('/')[3]))
  const all = '810 856 214 940 945 997 999 824 DESADV INVOIC IFTSTA INSDES CONTRL APERAK'
  for (const kind of all.split(' ')) expect(kinds).toContain(kind)
  expect(shown.filter((folder) => folder.includes('/bad-')).length).toBeGreaterThan(8)
})

test.each(shown)('%s is shown as its file says', async (folder) => {
  const { stdout } = await edigw([join(folder, 'in.edi')])
  expect(stdout).toBe(readFileSync(join(folder, 'render.txt'), 'utf8'))
})

test('every golden case is shown, each with the exit code of its findings', async () => {
  for (const folder of cases) {
    const { code, stdout } = await edigw([join(folder, 'in.edi'), '--html'])
    const has = existsSync(join(folder, 'issues.json'))
      ? readFileSync(join(folder, 'issues.json'), 'utf8').includes('"severity": "error"')
      : false
    expect([folder, code]).toEqual([folder, has ? 1 : 0])
    expect(stdout).toMatch(/^<!doctype html>\n/)
    expect(stdout).not.toMatch(/undefined|\[object|NaN|<script|src=|href="[^#]|url\(|@import/)
  }
})

test('documents of a warehouse are shown as such by the role in the agreement', async () => {
  const file = join(GOLDEN, 'edifact/DESADV/warehouse-short/in.edi')
  const agreement = 'docs/examples/example-warehouse.json'
  expect((await edigw([file])).stdout).toMatch(/^Shipment notice/)
  expect((await edigw([file, '--agreement', agreement])).stdout).toMatch(/^Shipping report/)
})

const PICK = readFileSync(join(GOLDEN, 'x12/856/pick-and-pack/in.edi'), 'latin1')

test('what a partner wrote is text on the page, never markup', async () => {
  const nasty = `<script>alert("1")</script><img src=x onerror='alert(1)'>&`
  const { stdout } = await edigw(['-', '--html'], PICK.replace('EXAMPLE RETAIL DC 7', nasty))
  expect(stdout).toContain(
    '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;',
  )
  expect(stdout).not.toMatch(/<script|<img/)
  expect(stdout).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
})

test('so is a wrong value, which is marked where it stands', async () => {
  const { code, stdout } = await edigw(
    ['-', '--html'],
    PICK.replace('SN1**12*EA', 'SN1**<script>*EA'),
  )
  expect(code).toBe(1)
  expect(stdout).toContain('<dt>It says</dt><dd>“&lt;script&gt;”</dd>')
  expect(stdout).toContain('SN1**<mark>&lt;script&gt;</mark>*EA')
  expect(stdout).not.toContain('<script')
})

/** ESC, the 8-bit CSI in both encodings, a bell, and marks that turn the direction of text. */
const HOSTILE = '\x1b[31m\x1b]0;title\x07\x9b2J\u202e\u2066'

test.each([
  ['render', render],
  ['explain', explain],
  ['validate', validate],
])('%s lets nothing through that changes a terminal', async (_name, command) => {
  const input = PICK.replace('PRO1234567', `PRO${HOSTILE}`)
    .replace('SN1**12*EA', `SN1**${HOSTILE}*EA`)
    .replace('REF*BM*', `R${HOSTILE}F*BM*`)
    .replace('ST*856*', `ST*8${HOSTILE}*`)
  for (const encoding of ['utf8', 'latin1'] as const) {
    const bytes = Buffer.from(input, encoding)
    const { stdout, stderr } = await runCommand(command, ['-'], bytes)
    const controls = /[^\n\P{Cc}]|[\u202a-\u202e\u2066-\u2069]/u
    expect(controls.exec(stdout.toString() + stderr)).toBeNull()
  }
})

test('several documents are listed and shown one after the other, the bad one refused', async () => {
  const { code, stdout } = await edigw([join(GOLDEN, 'x12/856/bad-one-of-three/in.edi')])
  expect(code).toBe(1)
  expect(stdout).toContain('3 documents\n===========\n  Shipment notice SHP-49 – packing list\n')
  expect(stdout).toContain('  Shipment notice SHP-50 – packing list – refused – 1 error\n')
})

test('an answer that stands in the envelope itself (TA1) is shown', async () => {
  const ta1 = readFileSync(join(GOLDEN, 'x12/856/bad-interchange-control/ack.ta1.edi'))
  const { stdout } = await edigw(['-'], ta1)
  expect(stdout).toContain('The interchange was REJECTED')
  expect(stdout).toContain('The control numbers at beginning and end differ')
})

test('what is no EDI, and a document of a kind nobody knows, are told with their place', async () => {
  expect((await edigw(['-'], 'hello')).stdout).toMatch(/This is no EDI file[^]*line 1/)
  const { code, stdout } = await edigw(['-'], PICK.replace('ST*856', 'ST*850'))
  expect(code).toBe(1)
  expect(stdout).toMatch(/Order \(850\)[^]*cannot be read here[^]*line 3 of the file, segment ST/)
})

test('what is wrong with the arguments is a usage error', async () => {
  await expect(edigw([])).rejects.toThrow('name one file')
})

test('only a table of sums stands narrow on the right, not every table with a total', async () => {
  const { stdout } = await edigw([join(GOLDEN, 'x12/856/pick-and-pack/in.edi'), '--html'])
  expect(stdout).not.toContain('class="sum"')
  expect(stdout).toContain('class="total"')
  const invoice = await edigw([join(GOLDEN, 'x12/810/retail/in.edi'), '--html'])
  expect(invoice.stdout.match(/class="sum"/g)).toHaveLength(1)
})
