import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDurableLog } from '../../gateway/durable-log.js'
import { createInterface } from 'node:readline'

let folder: string
let log: string
const running: { kill(signal: NodeJS.Signals): void }[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edigw-receiver-'))
  log = join(folder, 'log.jsonl')
})
afterEach(() => {
  for (const process of running.splice(0)) process.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

const start = async () => {
  const child = spawn('dist/gateway/cli.js', ['receiver', '--port', '0', '--log', log])
  running.push(child)
  const lines: string[] = []
  const reader = createInterface(child.stdout)
  reader.on('line', (line) => lines.push(line))
  const [first] = (await once(reader, 'line')) as [string]
  return { child, lines, url: /http:\S+?(?=,)/.exec(first)?.[0] ?? '' }
}

interface Exchange {
  request: { path: string; headers: Record<string, string>; body?: unknown; bodyText?: string }
  response: { status: number; body: unknown }
}

const goldenCase = (name: string) =>
  (
    JSON.parse(readFileSync(`test/golden/odoo/${name}/case.json`, 'utf8')) as {
      exchanges: [Exchange, ...Exchange[]]
    }
  ).exchanges

const play = async (url: string, { request }: Exchange) => {
  const response = await fetch(url + request.path, {
    method: 'POST',
    headers: request.headers,
    body: request.bodyText ?? JSON.stringify(request.body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const entries = () =>
  readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as { what: string; state: string; key?: string; sha256: string },
    )

test.each(['message-new', 'message-repeat', 'message-same-key-other-body', 'message-not-json'])(
  'answers the golden case %s as the addon does',
  async (name) => {
    const { url } = await start()
    for (const exchange of goldenCase(name).filter(
      (e) => 'bodyText' in e.request || e.request.body,
    )) {
      const answer = await play(url, exchange)
      expect(answer.status).toBe(exchange.response.status)
      expect(Object.keys(answer.body).sort()).toEqual(
        Object.keys(exchange.response.body as object).sort(),
      )
    }
  },
)

test('eight posts of one key at once are one message, and the others are told so', async () => {
  const { url, lines } = await start()
  const [exchange] = goldenCase('message-new')
  const answers = await Promise.all(Array.from({ length: 8 }, () => play(url, exchange)))
  expect(answers.map((a) => a.status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 202])
  expect(entries().filter((e) => e.state === 'new')).toHaveLength(1)
  expect(lines[1]).toContain('shipmentNotice SHP-1 from example-supplier: 1 order')
})

test('knows after kill -9 what it has answered, and drops a line that was cut off', async () => {
  const first = await start()
  const [exchange] = goldenCase('message-new')
  expect(await play(first.url, exchange)).toMatchObject({ status: 202 })
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  writeFileSync(log, '{"at":"2026', { flag: 'a' })

  const second = await start()
  expect(await play(second.url, exchange)).toMatchObject({ status: 200 })
  expect(entries().map((e) => e.state)).toEqual(['new', 'repeat'])
})

test('takes interchanges byte for byte under their digest, the same bytes once', async () => {
  const { url, lines } = await start()
  const bytes = readFileSync('test/golden/x12/856/pick-and-pack/in.edi')
  const post = async () => {
    const response = await fetch(`${url}/interchanges`, { method: 'POST', body: bytes })
    return { status: response.status, ...((await response.json()) as { sha256: string }) }
  }
  const { status, sha256 } = await post()
  expect(status).toBe(202)
  expect(readFileSync(join(folder, `${sha256}.edi`))).toEqual(bytes)
  expect(await post()).toEqual({ status: 200, sha256 })
  expect(lines.join('\n')).toContain('EXSUPPLIER')
})

test('a port in use is exit code 3 with a remedy', async () => {
  const { url } = await start()
  const child = spawn('dist/gateway/cli.js', [
    'receiver',
    '--port',
    new URL(url).port,
    '--log',
    log,
  ])
  running.push(child)
  let told = ''
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
  expect(await once(child, 'close')).toEqual([3, null])
  expect(told).toContain('EADDRINUSE')
  expect(told).toContain('--port')
})

test('what arrives lies in a folder that nobody else may enter', async () => {
  const file = join(folder, 'data', 'receiver', 'log.jsonl')
  await (await openDurableLog(file)).close()
  expect(statSync(join(folder, 'data', 'receiver')).mode & 0o777).toBe(0o700)
})
