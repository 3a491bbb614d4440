// A real gateway process (`edigw serve`) with a data folder of its own, ended after the test file.
import { afterAll } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { MASTER_KEY } from '../master-key.js'

export interface GatewayProcess {
  readonly child: ChildProcess
  readonly url: string
  readonly folder: string
  /** API key of the first client. */
  readonly key: string
  /** What it wrote to standard error. */
  readonly said: string[]
  /** Its log, one parsed line each. */
  readonly log: Record<string, unknown>[]
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null>
  /** Waits for the end, whatever brings it; gives the exit code. */
  ended(): Promise<number | null>
  kill(): Promise<void>
}

const CLI = 'dist/gateway/cli.js'
const folders: string[] = []
const running = new Set<ChildProcess>()

afterAll(async () => {
  for (const child of running) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** A folder that is removed at the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'edigw-serve-'))
  chmodSync(folder, 0o711)
  folders.push(folder)
  return folder
}

/** Nothing of the surroundings' settings. */
const clean = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(EDIGW_|DATABASE_URL|REDIS_URL|PORT$|HOST$)/.test(name),
  ),
)

/** Databases of tests have the tests' master key. */
const keyFor = (env: Record<string, string>) =>
  env['DATABASE_URL'] === undefined ? {} : { EDIGW_MASTER_KEY: MASTER_KEY.toString('base64') }

/** Starts the process; rejects with what it said when it ends before it listens. */
export async function startProcess(
  env: Record<string, string> = {},
  folder = temporaryFolder(),
): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [CLI, 'serve'], {
    env: { ...clean, PORT: '0', EDIGW_DATA: folder, ...keyFor(env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const exited = once(child, 'exit').then(() => running.delete(child))
  const said: string[] = []
  const log: Record<string, unknown>[] = []
  createInterface(child.stderr).on('line', (line) => said.push(line))
  const url = await new Promise<string>((done, fail) => {
    createInterface(child.stdout).on('line', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>
      log.push(entry)
      if (entry['msg'] === 'ready') done(String(entry['url']))
    })
    child.once('close', (code) => fail(new Error(`exit ${code}: ${said.join('\n')}`)))
  })
  return {
    child,
    url,
    folder,
    key: readFileSync(join(folder, 'admin.key'), 'utf8').trim(),
    said,
    log,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
      return child.exitCode
    },
    ended: async () => {
      await exited
      return child.exitCode
    },
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Runs a command to its end. */
export async function edigw(args: string[], env: Record<string, string> = {}, input = '') {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { ...clean, ...keyFor(env), ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.end(input)
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, stdout, stderr }
}

export interface Answer {
  status: number
  headers: Headers
  // The tests say what they expect of it.
  body: Record<string, unknown>
}

/** A call with a bearer credential (`''`: none); `body` that is no string or bytes goes as JSON. */
export async function call(
  at: Pick<GatewayProcess, 'url'>,
  credential: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array
  const response = await fetch(at.url + path, {
    method,
    redirect: 'manual',
    headers: {
      ...(credential === '' ? {} : { Authorization: `Bearer ${credential}` }),
      ...(body === undefined || raw ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const type = response.headers.get('content-type') ?? ''
  return {
    status: response.status,
    headers: response.headers,
    body: (/json/.test(type) ? JSON.parse(text) : { text }) as Record<string, unknown>,
  }
}
