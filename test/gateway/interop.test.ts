import { expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'

const ROOT = new URL('../../../', import.meta.url).pathname

test('the core of the interop cases passes with openssl, both ways', async () => {
  const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((done) =>
    execFile(
      process.execPath,
      ['test/interop/as2/run.mjs', '--core', 'openssl'],
      { cwd: ROOT },
      (error, out) => done({ code: error?.code ?? 0, stdout: out }),
    ),
  )
  expect({ code, last: stdout.trim().split('\n').at(-1) }).toEqual({
    code: 0,
    last: '10 pass, 2 refused as expected, 0 not offered, 0 not as expected',
  })
}, 300_000)
