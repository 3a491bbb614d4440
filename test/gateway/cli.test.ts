import { expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { COMMANDS } from '../../gateway/commands/index.js'

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

test('an unknown command or option is a usage error: exit code 2, on standard error', () => {
  expect(edigw('recieve')).toMatchObject({ status: 2, stdout: '' })
  expect(edigw()).toMatchObject({ status: 2 })
  const option = edigw('receiver', '--prot', '1')
  expect(option).toMatchObject({ status: 2, stdout: '' })
  expect(option.stderr).toContain('--prot')
  expect(option.stderr).toContain('usage: edigw receiver')
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

test('an agreement that is no JSON is told with line and column', () => {
  const folder = mkdtempSync(join(tmpdir(), 'edigw-cli-'))
  const file = join(folder, 'broken.json')
  writeFileSync(file, '{\n  "id": "x",\n}')
  const { status, stderr } = edigw('agreement', 'check', file)
  rmSync(folder, { recursive: true })
  expect(status).toBe(1)
  expect(stderr).toMatch(`${file}: is no JSON, line 3 column 1: `)
})
