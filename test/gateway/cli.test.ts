import { expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMANDS } from '../../gateway/commands/index.js'

const GOLDEN = 'test/golden/x12/856/pick-and-pack/in.edi'

const edigw = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('dist/gateway/cli.js', args, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test('the overview lists every command, and each explains itself', () => {
  const overview = edigw('--help')
  expect(overview.status).toBe(0)
  for (const { name } of COMMANDS) {
    expect(overview.stdout).toContain(`  ${name} `)
    const help = edigw(name, '--help')
    expect([name, help.status]).toEqual([name, 0])
    expect(help.stdout).toMatch(new RegExp(`^usage: edigw ${name}\\b`))
  }
})

test('the overview and the README say what every exit code means', () => {
  const readme = readFileSync('README.md', 'utf8')
  const { stdout } = edigw('--help')
  for (const [code, meaning] of ['clean', 'at least one', 'usage', 'environment'].entries()) {
    expect(stdout).toContain(`\n  ${code}  ${meaning}`)
    expect(readme).toMatch(new RegExp(`^\\| +\`${code}\` +\\| ${meaning}`, 'im'))
  }
})

test('an unknown command or option is a usage error: exit code 2, on standard error', () => {
  expect(edigw('recieve')).toMatchObject({ status: 2, stdout: '' })
  expect(edigw()).toMatchObject({ status: 2 })
  const option = edigw('receiver', '--prot', '1')
  expect(option).toMatchObject({ status: 2, stdout: '' })
  expect(option.stderr).toContain('--prot')
  expect(option.stderr).toContain('usage: edigw receiver')
})

test.each([
  [
    ['explain', GOLDEN, '--at', '-3'],
    '--at needs a value; one that begins with - is written --at=VALUE',
  ],
  [['explain', GOLDEN, '--at=-3'], '--at -3: a number from 0'],
  [['explain', GOLDEN, '--at', '1e9'], '--at 1e9: a number from 0'],
  [
    ['explain', GOLDEN, '--at', '999999'],
    'has no segment at byte 999999; its last one ends before byte',
  ],
  [['explain', GOLDEN, '--segment', '0'], 'has no segment 0; it has 45 segments'],
  [['explain', GOLDEN, '--at'], '--at needs a value'],
  [['explain', GOLDEN, '--json=1'], '--json takes no value'],
  [['explain', GOLDEN, '--bite', '1'], 'there is no option --bite'],
  [['doctor', 'everything'], 'everything: no argument is taken'],
])('%j is told in our words: exit code 2', (args, text) => {
  const { status, stdout, stderr } = edigw(...args)
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(new RegExp(`^edigw ${args[0]}: [^\\n]*\\n\\nusage: `))
  expect(stderr).toContain(text)
})

test('the version is told', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(edigw('--version')).toEqual({ status: 0, stdout: `edigw ${version}\n`, stderr: '' })
})

test('a type of acknowledgement that does not exist is told before anything is read', () => {
  const { status, stdout, stderr } = edigw('ack', 'no-such-file.edi', '--type', '998')
  expect([status, stdout]).toEqual([2, ''])
  expect(stderr).toContain('--type 998 is none of 997, 999, ta1, contrl')
})

const shell = (script: string) => spawnSync('bash', ['-c', script], { encoding: 'utf8' })
const BAD = `sed 's/BSN[*]00/BSN*0/' ${GOLDEN}`

test('a disk that is full is told in words: exit code 3', () => {
  const output = shell(`dist/gateway/cli.js segments ${GOLDEN} > /dev/full`)
  expect(output.status).toBe(3)
  expect(output.stderr).toMatch(/^edigw: cannot write the output: ENOSPC.*\n {2}→ make room/)
  const findings = shell(`${BAD} | dist/gateway/cli.js translate - --issues /dev/full`)
  expect(findings.status).toBe(3)
  expect(findings.stderr).toMatch(/^edigw translate: cannot write \/dev\/full: ENOSPC.*\n {2}→ /)
})

test('a closed pipe ends a command; where it was that of findings, the exit code says that not all is written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'edigw-cli-'))
  const file = join(folder, 'many.edi')
  writeFileSync(file, readFileSync(GOLDEN, 'latin1').replace('BSN*00', 'BSN*0').repeat(1000))
  const piped = (command: string) =>
    shell(`set -o pipefail; dist/gateway/cli.js ${command} | head -1`)
  const output = piped(`segments ${file}`)
  const findings = piped(`translate ${file} 2>&1 >/dev/null`)
  rmSync(folder, { recursive: true })
  expect([output.status, output.stdout.slice(0, 19), output.stderr]).toEqual([
    0,
    '{"i":1,"tag":"ISA",',
    '',
  ])
  expect([findings.status, findings.stderr]).toEqual([3, ''])
  expect(findings.stdout).toMatch(/^warning element-too-short/)
})

test('an agreement that is no JSON is told with line and column', () => {
  const folder = mkdtempSync(join(tmpdir(), 'edigw-cli-'))
  const file = join(folder, 'broken.json')
  writeFileSync(file, '{\n  "id": "x",\n}')
  const { status, stderr } = edigw('agreement', 'check', file)
  rmSync(folder, { recursive: true })
  expect(status).toBe(1)
  expect(stderr).toMatch(`${file}: is no JSON, line 3 column 1: `)
})
