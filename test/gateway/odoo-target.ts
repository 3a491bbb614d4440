// A target that answers as the Odoo addon does, in memory: messages are idempotent by key, the outbox is leased. Tests
// look at what arrived and decide how it behaves.
import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Message } from '../../edi-maps/canonical/message.js'

export interface Leased {
  id: string
  message?: unknown
  status?: unknown
  key: string
  token: string | undefined
  leaseUntil: number
  /** States told by the gateway, in order. */
  results: { state: string; businessState?: string; issues?: unknown[]; overdue?: boolean }[]
  isDone: boolean
}

/** What to do with a request instead of answering it well; undefined: answer. */
type Behaviour = (request: {
  method: string
  path: string
}) => { status: number; headers?: Record<string, string>; body?: unknown } | 'drop' | undefined

export interface Target {
  readonly url: string
  /** By idempotency key: the text as it came, and how often it came. */
  readonly messages: Map<string, { text: string; times: number }>
  /** Calls by path, refused ones too. */
  readonly calls: string[]
  readonly outbox: Leased[]
  /** Most calls of POST /messages under way at once. */
  busiest: number
  behaviour: Behaviour
  database: { uuid: string; environment: string; binding: string }
  queue(message: Message): Leased
  report(status: { id: string; revision: number; state: string }, n?: number): Leased
  close(): Promise<void>
}

export async function startTarget(
  environment: 'test' | 'production' = 'production',
): Promise<Target> {
  let busy = 0
  const target: Omit<Target, 'url'> = {
    messages: new Map(),
    calls: [],
    outbox: [],
    busiest: 0,
    behaviour: () => undefined,
    database: { uuid: randomUUID(), environment, binding: 'bound' },
    queue: (message) => add({ message, key: `${message.id}.${message.revision}` }),
    report: (status, n = 1) =>
      add({ status: { records: [], ...status }, key: `${status.id}.${status.revision}.s${n}` }),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  const add = (row: Pick<Leased, 'message' | 'status' | 'key'>) => {
    const rest = { id: randomUUID(), token: undefined, leaseUntil: 0, results: [], isDone: false }
    const leased: Leased = { ...row, ...rest }
    target.outbox.push(leased)
    return leased
  }

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const bytes = Buffer.concat(parts)
    const path = (request.url ?? '').replace(/^\/edi_gateway\/v1/, '')
    const method = request.method ?? ''
    target.calls.push(`${method} ${path}`)
    const other = target.behaviour({ method, path })
    if (other === 'drop') {
      // As when the connection breaks after the work: done, but nobody is told.
      work(method, path, request, bytes)
      request.socket.destroy()
      return
    }
    const answer = other ?? work(method, path, request, bytes)
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      ...('headers' in answer ? answer.headers : {}),
    })
    response.end(JSON.stringify(answer.body ?? {}))
  }

  const work = (method: string, path: string, request: IncomingMessage, bytes: Buffer) => {
    if (path === '/health')
      return {
        status: 200,
        body: { status: 'ok', schemaVersions: [1], database: { ...target.database, url: 'x' } },
      }
    if (path === '/messages') {
      const key = String(request.headers['idempotency-key'])
      const text = bytes.toString()
      const before = target.messages.get(key)
      if (before && digest(before.text) !== digest(text))
        return { status: 409, body: { error: 'idempotency_conflict', text: 'another body' } }
      if (before) before.times++
      else target.messages.set(key, { text, times: 1 })
      return { status: before ? 200 : 202, body: { id: key.split('.')[0], state: 'received' } }
    }
    if (path === '/outbox/lease') {
      const { limit, leaseSeconds } = JSON.parse(bytes.toString()) as Record<string, number>
      const free = target.outbox.filter((row) => !row.isDone && row.leaseUntil < Date.now())
      const body = free.slice(0, limit).map((row) => {
        row.token = randomUUID()
        row.leaseUntil = Date.now() + leaseSeconds! * 1000
        const { id, message, status } = row
        return { id, leaseToken: row.token, idempotencyKey: row.key, message, status }
      })
      return { status: 200, body }
    }
    const id = /^\/outbox\/([^/]+)\/result$/.exec(path)?.[1]
    const row = target.outbox.find((one) => one.id === id)
    if (method !== 'POST' || !row) return { status: 404, body: { error: 'not_found', text: 'no' } }
    const result = JSON.parse(bytes.toString()) as Leased['results'][number] & {
      leaseToken?: string
    }
    if (result.leaseToken !== row.token)
      return { status: 409, body: { error: 'stale_lease', text: 'leased again' } }
    row.isDone = true
    row.results.push(result)
    return { status: 200, body: { id, state: result.state } }
  }

  const server = createServer((request, response) => {
    const counted = request.url?.endsWith('/messages')
    if (counted) target.busiest = Math.max(target.busiest, ++busy)
    void serve(request, response).finally(() => {
      if (counted) busy--
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(target, { url })
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex')

/** A partner that takes bytes by POST. */
export interface Partner {
  readonly url: string
  readonly received: { key: string; text: string }[]
  behaviour: () => number | 'drop' | undefined
  close(): Promise<void>
}

export async function startPartner(): Promise<Partner> {
  const partner: Omit<Partner, 'url'> = {
    received: [],
    behaviour: () => undefined,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const parts: Buffer[] = []
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
    const other = partner.behaviour()
    if (typeof other !== 'number')
      partner.received.push({
        key: String(request.headers['idempotency-key']),
        text: Buffer.concat(parts).toString('latin1'),
      })
    if (other === 'drop') request.socket.destroy()
    else response.writeHead(other ?? 200).end()
  }
  const server = createServer((request, response) => void serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/edi`
  return Object.assign(partner, { url })
}
