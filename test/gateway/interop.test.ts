import { expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'

const ROOT = new URL('../../../', import.meta.url).pathname

/** Exit code and last line of a program; what it printed where that is not all right. */
const run = (...args: string[]) =>
  new Promise<{ code: unknown; last: string | undefined; wrong: string }>((done) =>
    execFile(process.execPath, args, { cwd: ROOT }, (error, stdout, stderr) =>
      done({
        code: error?.code ?? 0,
        last: stdout.trim().split('\n').at(-1),
        wrong: error ? stdout + stderr : '',
      }),
    ),
  )

test('the core of the interop cases passes with openssl, both ways', async () => {
  expect(await run('test/interop/as2/run.mjs', '--core', 'openssl')).toEqual({
    code: 0,
    last: '10 pass, 2 refused as expected, 0 not offered, 0 not as expected',
    wrong: '',
  })
}, 300_000)

test('documents go end to end with a partner on openssl and a warehouse on OpenSSH', async () => {
  expect(await run('test/interop/end-to-end.mjs', 'openssl', 'sftp')).toEqual({
    code: 0,
    last: '27 as they must be, 0 not',
    wrong: '',
  })
}, 600_000)
