// The SFTP part of `npm run test:interop`: OpenSSH's sftp against our server and our client against OpenSSH's server and
// others, as the tests have it, printed as a table. Exit 1 when something is not as expected.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

const WAYS = {
  'server.test.js': 'OpenSSH sftp → us',
  'limits.test.js': 'OpenSSH sftp → us',
  'uploads.test.js': 'OpenSSH sftp → us',
  'client.test.js': 'us → servers',
}

const folder = await mkdtemp(join(tmpdir(), 'edigw-interop-sftp-'))
const results = join(folder, 'results.json')
const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js']
const which = [
  '--selectProjects',
  'gateway',
  '--testPathPatterns',
  'channels/sftp/(server|client|limits|uploads)',
]
const child = spawn(process.execPath, [...jest, ...which, '--json', '--outputFile', results], {
  stdio: ['ignore', 'ignore', 'pipe'],
})
let told = ''
child.stderr.on('data', (text) => (told += text))
const [code] = await once(child, 'close')
const { testResults } = JSON.parse(await readFile(results, 'utf8'))
for (const { name, assertionResults } of testResults)
  for (const { title, status } of assertionResults) {
    const outcome = status === 'passed' ? 'pass' : '!! not as expected'
    console.log(`${(WAYS[basename(name)] ?? name).padEnd(18)} ${title.padEnd(104)} ${outcome}`)
  }
if (code !== 0) console.error(told)
await rm(folder, { recursive: true, force: true })
process.exitCode = code
