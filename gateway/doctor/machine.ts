// What the gateway finds on its machine before it can start: Node.js, the data folder, its port.
import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import type { Config } from '../config.js'
import { describeError } from '../errors.js'
import { keyFileOf } from '../security/first-client.js'
import { failed, ok, warning, type Diagnosis } from './check.js'

const OLDEST_NODE = [20, 19] as const
const MIB = 1024 * 1024
const LOW_BYTES = 1024 * MIB
const TOO_LOW_BYTES = 100 * MIB

export function checkNode(version: string): Diagnosis {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const recent = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])
  return recent
    ? ok('Node.js', version)
    : failed('Node.js', `${version} is too old`, `install ${OLDEST_NODE.join('.')} or newer`)
}

/** Also below what is a file: checkData tells that. */
export const isMissing = (error: unknown) =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

/** The folder, or the nearest one above it that is there. */
const existing = async (path: string): Promise<string> => {
  try {
    await stat(path)
    return path
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error
    return existing(dirname(path))
  }
}

export async function checkData({ data }: Pick<Config, 'data'>): Promise<Diagnosis> {
  const remedy = 'EDIGW_DATA names the folder; it must be on a disk with room and belong to us'
  try {
    const place = await existing(data)
    if (!(await stat(place)).isDirectory())
      return failed('data folder', `${place} is a file, not a folder`, remedy)
    await access(place, constants.R_OK | constants.W_OK | constants.X_OK)
    const { bavail, bsize } = await statfs(place)
    const free = bavail * bsize
    const room = `${Math.floor(free / MIB)} MiB free`
    if (free < TOO_LOW_BYTES) return failed('data folder', `${data}: ${room}`, remedy)
    if (free < LOW_BYTES) return warning('data folder', `${data}: ${room}`, remedy)
    const text = place === data ? room : `${room}, made at the first start`
    return ok('data folder', `${data}: ${text}`)
  } catch (error) {
    return failed('data folder', `${data}: ${describeError(error)}`, remedy)
  }
}

/** Files that hold keys are for their owner alone. */
export async function checkKeyFiles({ data }: Pick<Config, 'data'>): Promise<Diagnosis[]> {
  const found: Diagnosis[] = []
  for (const file of [join(data, 'master.key'), keyFileOf(data)]) {
    try {
      const { mode } = await stat(file)
      if ((mode & 0o077) === 0) continue
      found.push(failed('key files', `others can read ${file}`, `chmod 600 ${file}`))
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }
  return found.length > 0 ? found : [ok('key files', 'only their owner can read them')]
}

/** A gateway that answers there is well; a port somebody else holds is not. */
export async function checkPort(
  { host, port, tls }: Pick<Config, 'host' | 'port' | 'tls'>,
  ask: typeof fetch,
): Promise<Diagnosis> {
  const address = `${host} port ${port}`
  if (port === 0) return ok('gateway', `listens on ${host}, on any free port`)
  const taken = await new Promise<string | undefined>((done) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message))
    server.listen(port, host, () => server.close(() => done(undefined)))
  })
  if (taken === undefined) return ok('gateway', `does not run; ${address} is free`)
  if (taken !== 'EADDRINUSE')
    return failed('gateway', `${address} cannot be used: ${taken}`, 'set HOST and PORT')
  // Its certificate is for the name partners know, not for this address: what answers is not asked.
  if (tls) return ok('gateway', `something listens on ${address}, so that it may be this gateway`)
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/readyz`
  try {
    const answer = await ask(url, { signal: AbortSignal.timeout(5_000), redirect: 'manual' })
    const { status, checks } = (await answer.json()) as {
      status?: unknown
      checks?: { state: string; text?: string }[]
    }
    if (status === 'ready') return ok('gateway', `runs on ${address} and is ready`)
    const why = checks?.find(({ state }) => state !== 'ok')?.text ?? String(status)
    if (status === 'degraded')
      return warning('gateway', `runs on ${address}: ${why}`, 'check REDIS_URL and that server')
    return failed('gateway', `runs on ${address}: ${why}`, `see ${url}`)
  } catch {
    return failed('gateway', `something else listens on ${address}`, 'set PORT to another one')
  }
}
