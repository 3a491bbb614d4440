import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { UsageError } from '../../../gateway/command.js'
import { schema } from '../../../gateway/commands/schema.js'
import { translate } from '../../../gateway/commands/translate.js'
import { EnvironmentError } from '../../../gateway/environment-error.js'

const GOLDEN = 'test/golden/x12/856/pick-and-pack'
const AGREEMENT = {
  id: 'example-retail',
  name: 'Example Retail',
  ourRole: 'supplier',
  theirRole: 'customer',
  environment: 'production',
  standard: 'x12',
  us: { interchange: { qualifier: 'ZZ', id: 'EXSUPPLIER' } },
  partner: { interchange: { qualifier: 'ZZ', id: 'EXRETAIL' } },
  documents: [{ direction: 'out', message: '856', version: '004010' }],
}

let folder: string
let agreement: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edigw-translate-'))
  agreement = join(folder, 'agreement.json')
  writeFileSync(agreement, JSON.stringify(AGREEMENT))
})
afterAll(() => rmSync(folder, { recursive: true }))

const COMMANDS = { translate, schema }

/** Runs a command on streams of its own; texts are byte texts. */
async function edigw([name, ...args]: string[], input = '') {
  const out = { stdout: '', stderr: '' }
  const sink = (key: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        out[key] += chunk.toString('latin1')
        done()
      },
    })
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input, 'latin1')])
  const io = { stdin, stdout: sink('stdout'), stderr: sink('stderr') }
  const status = await COMMANDS[name as keyof typeof COMMANDS].run(args, io)
  return { status, ...out }
}
const clock = ['--now', '2025-12-30T14:16:00Z', '--control', '101:101:1']

test('an interchange becomes Documents, and these the same bytes again', async () => {
  const read = await edigw(['translate', `${GOLDEN}/in.edi`])
  expect(read).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(read.stdout)).toEqual(
    (JSON.parse(readFileSync(`${GOLDEN}/canonical.json`, 'utf8')) as unknown[])[0],
  )
  const write = ['translate', '-', '--to', 'x12:856:004010', '--agreement', agreement, ...clock]
  const written = await edigw(write, read.stdout)
  expect(written).toMatchObject({ status: 0, stderr: '' })
  expect(written.stdout).toBe(readFileSync(`${GOLDEN}/in.edi`, 'latin1'))
})

test('several Documents of one type become one interchange and one group', async () => {
  const [document] = JSON.parse(readFileSync(`${GOLDEN}/canonical.json`, 'utf8')) as unknown[]
  const { status, stdout } = await edigw(
    ['translate', '-', '--to', 'x12:856:004010', '--agreement', agreement, ...clock],
    JSON.stringify([document, document]),
  )
  expect(status).toBe(0)
  expect(stdout.match(/^(ISA|GS|ST|SE|GE|IEA)\*[^*]*\*?[^*~]*/gm)).toEqual([
    'ISA*00*          ',
    'GS*SH*EXSUPPLIER',
    'ST*856*0001',
    'SE*41*0001',
    'ST*856*0002',
    'SE*41*0002',
    'GE*2*101',
    'IEA*1*000000101',
  ])
})

test('of several Documents a finding names the one it is about, by its line and number', async () => {
  const [document] = JSON.parse(readFileSync(`${GOLDEN}/canonical.json`, 'utf8')) as object[]
  const documents = [{ ...AGREEMENT.documents[0], override: { BSN02: { format: { cut: 9 } } } }]
  const file = join(folder, 'cut.json')
  writeFileSync(file, JSON.stringify({ ...AGREEMENT, documents }))
  const issues = join(folder, 'several.jsonl')
  const two = [
    { ...document, documentNumber: 'EX1' },
    { ...document, documentNumber: 'EXAMPLE-2-LONG' },
  ]
  const lines = two.map((one) => JSON.stringify(one)).join('\n\n')
  const write = ['translate', '-', '--to', 'x12:856:004010', '--agreement', file, ...clock]
  expect((await edigw(write, lines)).stderr).toContain(
    'warning value-cut, the Document in line 3 (EXAMPLE-2-LONG), BSN02: Cut to 9 characters.\n',
  )
  expect((await edigw(write, JSON.stringify(two))).stderr).toContain(
    'warning value-cut, Document 2 (EXAMPLE-2-LONG), BSN02: ',
  )
  await edigw([...write, '--issues', issues], lines)
  expect(JSON.parse(readFileSync(issues, 'utf8'))).toMatchObject({
    document: { line: 3, number: 'EXAMPLE-2-LONG' },
    code: 'value-cut',
  })
  // One by itself is plain.
  expect((await edigw(write, JSON.stringify(two[1]))).stderr).toMatch(/^warning value-cut, BSN02: /)
})

test('with an agreement its overrides are used in both directions', async () => {
  const override = {
    'HL-O/REF-DP': { use: 'required' },
    'HL-O/REF-DP.02': { format: { pad: { length: 6, with: '#' } } },
    'HL-S/FOB02': { constant: 'OR' },
  }
  const documents = ['in', 'out'].map((direction) => ({
    ...AGREEMENT.documents[0],
    direction,
    override,
  }))
  const file = join(folder, 'override.json')
  writeFileSync(file, JSON.stringify({ ...AGREEMENT, documents }))
  const wire = readFileSync(`${GOLDEN}/in.edi`, 'latin1')
    .replace('REF*DP*0042', 'REF*DP*##0042')
    .replace('FOB*PP', 'FOB*PP*OR')
  const read = await edigw(['translate', '-', '--agreement', file], wire)
  expect(read).toMatchObject({ status: 0, stderr: '' })
  expect(JSON.parse(read.stdout)).toMatchObject({
    body: { orders: [{ references: [{ type: 'department', value: '0042' }] }] },
  })
  const write = ['translate', '-', '--to', 'x12:856:004010', '--agreement', file, ...clock]
  expect(await edigw(write, read.stdout)).toEqual({ status: 0, stderr: '', stdout: wire })
  const without = await edigw(
    ['translate', '-', '--agreement', file],
    wire.replace('REF*DP*##0042~\n', '').replace('SE*41', 'SE*40'),
  )
  expect(without).toMatchObject({ status: 1, stdout: '' })
  expect(without.stderr).toContain('error segment-missing, segment 20, line 20')
})

test('an override that does not fit its map is a usage error that says where', async () => {
  const documents = [{ ...AGREEMENT.documents[0], override: { 'HL-S/TDX': { use: 'required' } } }]
  const file = join(folder, 'bad-override.json')
  writeFileSync(file, JSON.stringify({ ...AGREEMENT, documents }))
  await expect(edigw(['translate', `${GOLDEN}/in.edi`, '--agreement', file])).rejects.toThrow(
    '/documents/0/override/HL-S~1TDX there is no node HL-S/TDX; nearest: HL-S/TD1',
  )
})

test('findings go to standard error or to a file, and an error gives exit code 1 without a Document', async () => {
  const input = readFileSync(`${GOLDEN}/in.edi`, 'latin1').replace('SN1**12*EA', 'SN1**many*EA')
  const told = await edigw(['translate', '-'], input)
  expect(told).toMatchObject({ status: 1, stdout: '' })
  expect(told.stderr).toContain(
    'error number-invalid, segment 28, line 28 (byte 771), SN102 of HL-I: ',
  )
  const file = join(folder, 'issues.jsonl')
  expect(await edigw(['translate', '-', '--issues', file], input)).toEqual({
    status: 1,
    stdout: '',
    stderr: '',
  })
  expect(JSON.parse(readFileSync(file, 'utf8').split('\n')[0]!)).toMatchObject({
    code: 'number-invalid',
    value: 'many',
    segmentIndex: 26,
  })
})

test('--pretty indents', async () => {
  const { stdout } = await edigw(['translate', `${GOLDEN}/in.edi`, '--pretty'])
  expect(stdout).toMatch(/^\{\n {2}"kind": "shipmentNotice",\n/)
})

test('what is wrong with the arguments is a usage error', async () => {
  const to = ['--to', 'x12:856:004010']
  const cases: [string[], string][] = [
    [['translate'], 'name one file'],
    [['translate', 'a', 'b'], 'name one file'],
    [['translate', '-', '--control', '1'], 'belong to --to'],
    [['translate', '-', ...to], '--to needs --agreement'],
    [['translate', '-', '--to', 'x12:888:004010', '--agreement', agreement], 'there are: 214, '],
    [['translate', '-', '--to', 'x12:856:004060', '--agreement', agreement], '004010, 005010'],
    [['translate', '-', '--to', 'x12:856:', '--agreement', agreement], 'are: 004010, 005010'],
    [['translate', '-', '--to', 'edifact:DESADV', '--agreement', agreement], 'D:96A, D:01B'],
    [['translate', '-', '--to', 'edifact:DESADV::', '--agreement', agreement], 'D:96A, D:01B'],
    [['translate', '-', '--to', 'csv:856:1', '--agreement', agreement], 'x12 or edifact'],
    [['translate', '-', ...to, '--agreement', agreement, '--control', 'x'], '--control x'],
    [['translate', '-', ...to, '--agreement', agreement, '--now', 'today'], '--now today'],
    [['translate', '-', ...to, '--agreement', agreement], 'has no Documents'],
    [['translate', '-', '--agreement', `${GOLDEN}/in.edi`], 'is no JSON'],
    [['translate', '-', '--agreement', `${GOLDEN}/canonical.json`], 'is no agreement'],
  ]
  for (const [args, text] of cases) {
    const told = { args, name: 'UsageError', message: expect.stringContaining(text) }
    const error = (await edigw(args).catch((thrown: unknown) => thrown)) as UsageError
    expect({ args, name: error.name, message: error.message }).toEqual(told)
  }
})

test('a Document that does not fit its schema or its map is not written', async () => {
  const write = ['translate', '-', '--to', 'x12:856:004010', '--agreement', agreement]
  await expect(edigw(write, '{"kind": "shipmentNotice"}')).rejects.toThrow('is no shipmentNotice')
  await expect(edigw(write, '{"kind": "poem"}')).rejects.toThrow('has no known kind')
  await expect(edigw(write, '[]')).rejects.toThrow('the list is empty')
})

test('a Document of another kind than the set takes is told with both', async () => {
  const document = readFileSync(`${GOLDEN}/canonical.json`, 'utf8')
  const write = ['translate', '-', '--to', 'x12:810:004010', '--agreement', agreement]
  await expect(edigw(write, document)).rejects.toThrow(
    'a Document of kind shipmentNotice cannot be written as 810, which takes invoice',
  )
})

test.each(['D:99Z:UN', 'X:Y:ZZ'])(
  'edifact:DESADV:%s, a release there is no map for, is written with a warning',
  async (release) => {
    const document = readFileSync(`${GOLDEN}/canonical.json`, 'utf8')
    const file = join(folder, 'edifact.json')
    writeFileSync(file, JSON.stringify({ ...AGREEMENT, standard: 'edifact', documents: [] }))
    const target = `edifact:DESADV:${release}`
    const { status, stdout, stderr } = await edigw(
      ['translate', '-', '--to', target, '--agreement', file, ...clock],
      document,
    )
    expect({ status, isWritten: stdout.includes(`+DESADV:${release}`) }).toEqual({
      status: 0,
      isWritten: true,
    })
    expect(stderr).toContain(
      `warning release-read-as-another: There is no map for DESADV in version ${release}; it is written as D:01B.\n`,
    )
  },
)

test('what is wrong with Documents one a line is told with the line, and in JSON with the column', async () => {
  const [document] = JSON.parse(readFileSync(`${GOLDEN}/canonical.json`, 'utf8')) as object[]
  const good = JSON.stringify(document)
  const write = ['translate', '-', '--to', 'x12:856:004010', '--agreement', agreement]
  const told = async (text: string) =>
    ((await edigw(write, text).catch((thrown: unknown) => thrown)) as Error).message
  const cut = good.slice(0, 100)
  expect(await told(`${good}\n\n${cut}\n${good}\n`)).toMatch(/: it is no JSON, line 3 column \d+: /)
  expect(await told(`${cut}\n${good}\n`)).toMatch(/no JSON, line 1 column /)
  expect(await told(`${good}\n${good.replace('"kind":', '"kind"')}`)).toMatch(
    "line 2 column 8: Expected ':' after property name",
  )
  expect(await told(`{\n  "kind": "shipmentNotice",\n}`)).toMatch('line 3 column 1: ')
  const wrong = JSON.stringify({ ...document, documentDate: 7 })
  expect(await told(`${good}\n${wrong}\n`)).toContain(
    'the Document in line 2 is no shipmentNotice: /documentDate must be string',
  )
  expect(await told(`[${good},${wrong}]`)).toContain(
    'Document 2 is no shipmentNotice: /documentDate',
  )
})

test.each(['1000000000', '1:1000000000', '1:1:1000000000', '1:1:999999999'])(
  '--control %s: a number that has no room in its element is refused before anything is written',
  async (control) => {
    const text = readFileSync(`${GOLDEN}/canonical.json`, 'utf8')
    const two = JSON.stringify([...JSON.parse(text), ...JSON.parse(text)] as unknown[])
    const write = ['translate', '-', '--to', 'x12:856:004010', '--agreement', agreement]
    await expect(edigw([...write, '--control', control], two)).rejects.toThrow(
      /the (interchange|group|message) number 1000000000 has more than the 9 digits/,
    )
  },
)

test('a file that is not there is the fault of the environment', async () => {
  const nothing = edigw(['translate', join(folder, 'nothing.edi')])
  await expect(nothing).rejects.toThrow(EnvironmentError)
})

test('schema prints a JSON Schema, or the names there are', async () => {
  expect((await edigw(['schema'])).stdout.split('\n')).toContain('shipmentNotice')
  expect(JSON.parse((await edigw(['schema', 'agreement'])).stdout)).toMatchObject({
    title: 'agreement',
  })
  await expect(edigw(['schema', 'poem'])).rejects.toThrow(UsageError)
})
