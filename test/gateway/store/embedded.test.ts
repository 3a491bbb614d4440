import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { EnvironmentError } from '../../../gateway/environment-error.js'
import { runningEmbedded, startEmbedded } from '../../../gateway/store/embedded.js'
import { isAlive } from '../../../gateway/store/folder-lock.js'

let folder: string
const cleanups: (() => Promise<void> | void)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edigw-embedded-'))
  chmodSync(folder, 0o711)
})
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  rmSync(folder, { recursive: true, force: true })
})

const start = async (at = folder) => {
  const lines: string[] = []
  const server = await startEmbedded({ folder: at, say: (line) => lines.push(line) })
  cleanups.push(() => server.stop())
  return { server, lines }
}

const holder = async () => {
  const child = spawn(
    process.execPath,
    [new URL('embedded-holder.js', import.meta.url).pathname, folder],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  cleanups.push(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  return { child: child as ChildProcess, ...(JSON.parse(line) as { url: string; pid: number }) }
}

const query = async <T>(url: string, text: string) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows as T[]
  } finally {
    await client.end()
  }
}

const until = async <T>(what: () => Promise<T> | T): Promise<T> => {
  for (;;) {
    try {
      return await what()
    } catch {
      await delay(50)
    }
  }
}

test('starts a durable server that keeps its data over a stop and a start', async () => {
  const first = await start()
  await query(first.server.url, 'CREATE TABLE kept AS SELECT 7 AS n')
  const [settings] = await query<Record<string, string>>(
    first.server.url,
    `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
            current_setting('listen_addresses') AS listen, current_setting('server_encoding') AS encoding`,
  )
  expect(settings).toEqual({ fsync: 'on', commit: 'on', listen: '127.0.0.1', encoding: 'UTF8' })
  await first.server.stop()
  expect(isAlive(first.server.pid)).toBe(false)

  const second = await start()
  expect(await query(second.server.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }])
  expect(second.lines.join()).not.toContain('left by')
})

test('takes no connection without the password, which only the owner can read', async () => {
  const { server } = await start()
  const url = new URL(server.url)
  url.password = 'wrong'
  await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  expect(statSync(join(folder, 'postgres.password')).mode & 0o777).toBe(0o600)
})

test('stops the orphan of a gateway that was killed, and loses nothing', async () => {
  const held = await holder()
  await query(held.url, 'CREATE TABLE kept AS SELECT 8 AS n')
  held.child.kill('SIGKILL')
  await once(held.child, 'exit')
  expect(isAlive(held.pid)).toBe(true)

  const { server, lines } = await start()
  expect(lines.join()).toContain(`stopping process ${held.pid}`)
  expect(isAlive(held.pid)).toBe(false)
  expect(await query(server.url, 'SELECT n FROM kept')).toEqual([{ n: 8 }])
})

test('starts after gateway and server were both killed', async () => {
  const held = await holder()
  await query(held.url, 'CREATE TABLE kept AS SELECT 9 AS n')
  held.child.kill('SIGKILL')
  process.kill(held.pid, 'SIGKILL')
  await once(held.child, 'exit')
  const { server } = await start()
  expect(await query(server.url, 'SELECT n FROM kept')).toEqual([{ n: 9 }])
})

test('starts the server again at the same address when it dies while in use', async () => {
  const { server } = await start()
  await query(server.url, 'CREATE TABLE kept AS SELECT 10 AS n')
  const { pid, url } = server
  process.kill(pid, 'SIGKILL')
  expect(await until(() => query(url, 'SELECT n FROM kept'))).toEqual([{ n: 10 }])
  // The server answers a moment before the gateway has noted its number.
  await until(() => expect(server.pid).not.toBe(pid))
})

test('a stop during the restart leaves no server behind', async () => {
  const { server } = await start()
  process.kill(server.pid, 'SIGKILL')
  await server.stop()
  expect(await runningEmbedded(folder)).toBeUndefined()
})

test('refuses a second gateway on the same data folder and says who holds it', async () => {
  const held = await holder()
  const refused = await startEmbedded({ folder }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(EnvironmentError)
  expect((refused as EnvironmentError).message).toContain(`process ${held.child.pid}`)
  expect((refused as EnvironmentError).remedy).toContain('EDIGW_DATA')
  expect(await query(held.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
  expect(await runningEmbedded(folder)).toBe(held.url)
})

test('a cluster without its password file is an error with a remedy, not a new database', async () => {
  const { server } = await start()
  await server.stop()
  rmSync(join(folder, 'postgres.password'))
  await expect(startEmbedded({ folder })).rejects.toMatchObject({
    name: 'EnvironmentError',
    remedy: expect.stringContaining('put the file back'),
  })
})

const root = process.getuid?.() === 0

test('runs the server as an ordinary user who owns the database folder and nothing else', async () => {
  const { server } = await start()
  const owner = (path: string) => statSync(join(folder, path)).uid
  const ours = process.getuid?.()
  expect(owner('postgres/cluster')).not.toBe(0)
  expect(owner('postgres')).toBe(owner('postgres/cluster'))
  expect([owner(''), owner('postgres.password'), owner('postgres.log')]).toEqual([ours, ours, ours])
  expect(statSync(join(folder, 'postgres')).mode & 0o077).toBe(0)
  expect(await query(server.url, 'SELECT 1 AS n')).toEqual([{ n: 1 }])
})

test('under a closed home the database lies where the user it runs as can reach it', async () => {
  chmodSync(folder, 0o700)
  const data = join(folder, 'data')
  const first = await start(data)
  if (root) {
    const away = readFileSync(join(data, 'postgres.location'), 'utf8').trim()
    cleanups.push(() => rmSync(dirname(away), { recursive: true }))
    expect(away).toMatch(/^\/var\/lib\/odoo-edi-gateway\//)
    expect(first.lines).toEqual([expect.stringContaining(away)])
  } else {
    expect(first.lines).toEqual([])
  }
  await query(first.server.url, 'CREATE TABLE kept AS SELECT 11 AS n')
  await first.server.stop()
  const second = await start(data)
  expect(await query(second.server.url, 'SELECT n FROM kept')).toEqual([{ n: 11 }])
})
