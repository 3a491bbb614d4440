// `edigw receiver`: the example target of the quick start and of the end-to-end tests.
import { once } from 'node:events'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { UsageError, type Command } from '../command.js'
import { RECEIVER_PORT } from '../config.js'
import { EnvironmentError } from '../environment-error.js'
import { startReceiver, type Arrival } from '../receiver.js'

interface Told {
  id?: string
  revision?: number
  partner?: string
  document?: {
    kind?: string
    documentNumber?: string
    body?: { orders?: unknown[]; packages?: unknown[]; lines?: unknown[] }
  }
}

const count = (list: unknown[] | undefined, one: string) =>
  list === undefined ? [] : [`${list.length} ${one}${list.length === 1 ? '' : 's'}`]

const describe = (arrival: Arrival, bytes: Buffer) => {
  const again = arrival.state === 'repeat' ? ' (again)' : ''
  if (arrival.what === 'interchange') {
    const start = bytes.toString('latin1', 0, 105).replace(/[^\x20-\x7e]/g, ' ')
    return `interchange${again}, ${arrival.size} bytes, sha256 ${arrival.sha256.slice(0, 12)}…: ${start}`
  }
  const { id, revision, partner, document } = JSON.parse(arrival.body) as Told
  const body = document?.body
  const parts = [
    ...count(body?.orders, 'order'),
    ...count(body?.packages, 'package'),
    ...count(body?.lines, 'line'),
  ]
  return `${document?.kind} ${document?.documentNumber} from ${partner}${again}: ${parts.join(', ')} (message ${id}.${revision})`
}

const portOf = (text: string | undefined) => {
  const port = text === undefined ? RECEIVER_PORT : Number(text)
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port
  throw new UsageError(`--port ${text} is no port number`)
}

export const receiver: Command = {
  usage: `edigw receiver [--port N] [--host ADDRESS] [--log FILE] [--test]

  --port N        port to listen on (default ${RECEIVER_PORT})
  --host ADDRESS  address to listen on (default 127.0.0.1)
  --log FILE      JSON lines, one for each arrival, on disk before it is answered
                  (default ./data/receiver/log.jsonl; interchanges lie beside it as <sha256>.edi)
  --test          be a test database (default: production)`,
  run: async (args, io) => {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        host: { type: 'string' },
        log: { type: 'string' },
        test: { type: 'boolean' },
      },
    })
    const port = portOf(values.port)
    const log = resolve(values.log ?? 'data/receiver/log.jsonl')
    const running = await startReceiver({
      port,
      host: values.host ?? '127.0.0.1',
      log,
      environment: values.test ? 'test' : 'production',
      onArrival: (arrival, bytes) => io.stdout.write(`${describe(arrival, bytes)}\n`),
    }).catch((cause: unknown) => {
      throw new EnvironmentError(
        `the receiver cannot listen: ${(cause as Error).message}`,
        'choose another --port, or end the program that uses it',
        cause,
      )
    })
    io.stdout.write(`receiver listens on ${running.url}, log ${log}\n`)
    const stop = new AbortController()
    await Promise.race(
      ['SIGINT', 'SIGTERM'].map((signal) => once(process, signal, { signal: stop.signal })),
    )
    stop.abort()
    await running.stop()
    return 0
  },
}
