// An example target. It answers as the Odoo addon does (POST /edi_gateway/v1/messages, idempotent by key) and takes
// interchanges as a partner does (POST /interchanges), and keeps a log of both that survives kill -9.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { openDurableLog, ownFolder } from './durable-log.js'

/** One line of the log. `state` is `repeat` for what was there already; `body` is the text as it came. */
export type Arrival =
  | {
      at: string
      what: 'message'
      state: 'new' | 'repeat'
      key: string
      sha256: string
      body: string
    }
  | { at: string; what: 'interchange'; state: 'new' | 'repeat'; sha256: string; size: number }

export interface ReceiverOptions {
  port: number
  host: string
  /** File of JSON lines, one `Arrival` each. Interchanges lie beside it in `<sha256>.edi`. */
  log: string
  /** What its health says of the database it has not got. */
  environment: 'test' | 'production'
  /** Gets each arrival after it is on disk, before it is answered; interchanges with their bytes. */
  onArrival?: (arrival: Arrival, bytes: Buffer) => void
  /** Bodies over this size are refused (default 64 MiB). */
  maxBytes?: number
}

export interface Receiver {
  url: string
  stop(): Promise<void>
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const KEY = /^([0-9a-f-]{36})\.([1-9]\d*)$/

/** What is answered instead of the work: status and the addon's `{error, text}`. */
class Refusal extends Error {
  readonly status: number
  readonly body: Record<string, unknown>

  constructor(status: number, error: string, text: string, more: Record<string, unknown> = {}) {
    super(text)
    this.status = status
    this.body = { error, text, ...more }
  }
}

const readBody = async (request: IncomingMessage, max: number) => {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > max) throw new Refusal(413, 'too_large', `the body is larger than ${max} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const parsed = (bytes: Buffer) => {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch (cause) {
    throw new Refusal(400, 'invalid_json', `the body is no JSON: ${(cause as Error).message}`)
  }
  throw new Refusal(400, 'invalid_json', 'the body is no JSON object')
}

const store = async (path: string, bytes: Buffer) => {
  await ownFolder(dirname(path))
  const handle = await open(path, 'w', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}

/** Starts listening; rejects with the server's error (EADDRINUSE) when it cannot. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const log = await openDurableLog<Arrival>(options.log)
  const seen = new Map<string, { sha256: string; stored: Promise<void> }>()
  for (const a of log.entries) {
    const key = a.what === 'message' ? a.key : a.sha256
    if (a.state === 'new') seen.set(key, { sha256: a.sha256, stored: Promise.resolve() })
  }
  const uuid = createHash('sha256').update(options.log).digest('hex')
  const now = () => new Date().toISOString()

  /** Runs `save` for the first of a key; whoever comes at the same time waits for it. */
  const remember = async (key: string, sha256: string, save: () => Promise<void>) => {
    const before = seen.get(key)
    if (before !== undefined) {
      await before.stored
      return before
    }
    const stored = save()
    seen.set(key, { sha256, stored })
    try {
      await stored
    } catch (error) {
      seen.delete(key) // a full disk: the sender tries again
      throw error
    }
    return undefined
  }

  const message = async (request: IncomingMessage) => {
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      throw new Refusal(415, 'content_type', 'the body must be application/json')
    }
    const bytes = await readBody(request, options.maxBytes ?? 64 * 1024 * 1024)
    const { id, revision } = parsed(bytes)
    const key = String(request.headers['idempotency-key'] ?? '')
    const [, keyId, keyRevision] = KEY.exec(key) ?? []
    if (
      typeof id !== 'string' ||
      !ID.test(id) ||
      keyId !== id ||
      Number(keyRevision) !== revision
    ) {
      throw new Refusal(422, 'invalid', 'Idempotency-Key must be <message id>.<revision>')
    }
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const arrival = { at: now(), what: 'message' as const, key, sha256, body: bytes.toString() }
    const before = await remember(key, sha256, async () => {
      await log.append({ ...arrival, state: 'new' })
      options.onArrival?.({ ...arrival, state: 'new' }, bytes)
    })
    const state = 'received'
    if (before === undefined) return { status: 202, body: { id, state } }
    if (before.sha256 !== sha256) {
      const text = 'another message was stored under this key'
      throw new Refusal(409, 'idempotency_conflict', text, { id, state })
    }
    await log.append({ ...arrival, state: 'repeat' })
    options.onArrival?.({ ...arrival, state: 'repeat' }, bytes)
    return { status: 200, body: { id, state } }
  }

  const messageStatus = (id: string) => {
    const revisions = [...seen.keys()].flatMap((key) => {
      const [, keyId, revision] = KEY.exec(key) ?? []
      return keyId === id ? [Number(revision)] : []
    })
    if (revisions.length === 0) throw new Refusal(404, 'not_found', 'there is no such message')
    const revision = Math.max(...revisions)
    return { status: 200, body: { id, revision, state: 'received', records: [] } }
  }

  const interchange = async (request: IncomingMessage) => {
    const bytes = await readBody(request, options.maxBytes ?? 64 * 1024 * 1024)
    if (bytes.length === 0) throw new Refusal(400, 'empty', 'the body is empty')
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const arrival = { at: now(), what: 'interchange' as const, sha256, size: bytes.length }
    const before = await remember(sha256, sha256, async () => {
      await store(join(dirname(options.log), `${sha256}.edi`), bytes)
      await log.append({ ...arrival, state: 'new' })
      options.onArrival?.({ ...arrival, state: 'new' }, bytes)
    })
    if (before === undefined) return { status: 202, body: { sha256 } }
    await log.append({ ...arrival, state: 'repeat' })
    options.onArrival?.({ ...arrival, state: 'repeat' }, bytes)
    return { status: 200, body: { sha256 } }
  }

  const health = () => ({
    status: 200,
    body: {
      status: 'ok',
      addon: 'edigw receiver',
      odoo: 'none',
      schemaVersions: [1],
      database: { uuid, url, environment: options.environment, binding: 'bound' },
      inbox: { received: seen.size, waiting: 0, error: 0 },
      outbox: { queued: 0, reports: 0 },
    },
  })

  const answer = (request: IncomingMessage) => {
    const { pathname } = new URL(request.url ?? '/', 'http://receiver')
    const route = `${request.method} ${pathname}`
    const status = /^GET \/edi_gateway\/v1\/messages\/([^/]+)$/.exec(route)
    if (route === 'POST /edi_gateway/v1/messages') return message(request)
    if (route === 'GET /edi_gateway/v1/health' || route === 'GET /health') return health()
    if (route === 'POST /edi_gateway/v1/outbox/lease') return { status: 200, body: [] }
    if (status?.[1] !== undefined) return messageStatus(status[1])
    if (route === 'POST /interchanges') return interchange(request)
    throw new Refusal(404, 'not_found', `there is nothing at ${route}`)
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    let result: { status: number; body: unknown }
    try {
      result = await answer(request)
    } catch (error) {
      if (request.destroyed && !request.complete) return // the client went away
      result =
        error instanceof Refusal
          ? { status: error.status, body: error.body }
          : { status: 503, body: { error: 'unavailable', text: (error as Error).message } }
    }
    const correlation = request.headers['x-correlation-id']
    if (correlation !== undefined) response.setHeader('X-Correlation-Id', correlation)
    response.writeHead(result.status, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(result.body))
    if (!request.complete) request.resume() // a refused upload: read on so that the answer gets through
  }

  const server = createServer((request, response) => void handle(request, response))
  server.listen(options.port, options.host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`
  return {
    url,
    stop: async () => {
      server.close()
      server.closeIdleConnections()
      await once(server, 'close')
      await log.close()
    },
  }
}
