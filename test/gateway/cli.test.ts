import { expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
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
