// Wake-ups between processes through Redis. A job of this queue carries no work, only the kinds of lanes that have
// some; when Redis is away or loses it, the sweepers find the work a second or two later.
import Bull from 'bull'
import { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { describeError } from './errors.js'
import type { Meter } from './meter.js'
import { JOB_KINDS, type JobKind } from './store/lanes.js'
import { localWake, type Wake } from './wake.js'

export interface BullWakeOptions {
  /** `redis://…` or `rediss://…`. */
  url: string
  meter: Meter
  log: Pick<Logger, 'info' | 'warn'>
  /** Processes with another name do not wake each other (default `edigw`). */
  name?: string
}

const DEBOUNCE_MS = 20
const PUBLISH_MS = 200

interface WakeJob {
  kinds: string[]
  at: number
}

/** Wakes this process at once and, by one job for all calls within 20 ms, whichever process takes it first. */
export function bullWake({ url, meter, log, name = 'edigw' }: BullWakeOptions): Wake {
  const local = localWake()
  const clients: Redis[] = []
  let reachable = true
  const connect = (blocking: boolean) => {
    const client = new Redis(url, {
      enableReadyCheck: false,
      maxRetriesPerRequest: blocking ? null : 1,
      retryStrategy: (times) => Math.min(2_000, 100 * 2 ** Math.min(times, 5)),
    })
    client.on('error', (error) => {
      if (reachable) log.warn({ error: describeError(error) }, 'Redis is away, sweepers carry on')
      reachable = false
    })
    client.on('ready', () => {
      if (!reachable) log.info('Redis is back')
      reachable = true
    })
    clients.push(client)
    return client
  }
  const publisher = connect(false)
  const queue = new Bull<WakeJob>(`${name}-wake`, {
    createClient: (type) => (type === 'client' ? publisher : connect(true)),
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
  })
  queue.on('error', (error) => {
    meter.count('gateway_wake_errors_total')
    if (reachable) log.warn({ error: describeError(error) }, 'wake-up queue')
  })

  const waiting = new Set<JobKind>()
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let consuming = false

  /** Gives up after 200 ms, and at once while there is no connection: nothing piles up in memory. */
  const send = async (kinds: string[]) => {
    if (publisher.status !== 'ready') throw new Error('no connection')
    let late: NodeJS.Timeout | undefined
    try {
      await Promise.race([
        queue.add({ kinds, at: Date.now() }),
        new Promise((_done, fail) => {
          late = setTimeout(() => fail(new Error('no answer in time')), PUBLISH_MS)
        }),
      ])
    } finally {
      clearTimeout(late)
    }
  }

  return {
    publish: (kinds) => {
      const list = [...kinds]
      local.publish(list)
      if (closed) return
      for (const kind of list) waiting.add(kind)
      timer ??= setTimeout(() => {
        timer = undefined
        const due = [...waiting]
        waiting.clear()
        send(due).then(
          () => meter.count('gateway_wakes_total', { outcome: 'sent' }),
          () => meter.count('gateway_wakes_total', { outcome: 'failed' }),
        )
      }, DEBOUNCE_MS)
    },
    consume: (listener) => {
      local.consume(listener)
      if (consuming) return
      consuming = true
      queue
        .process(async ({ data }) => {
          meter.observe('gateway_wakeup_latency_seconds', (Date.now() - data.at) / 1000)
          local.publish(JOB_KINDS.filter((kind) => data.kinds.includes(kind)))
        })
        .catch((error: unknown) => {
          if (!closed) log.warn({ error: describeError(error) }, 'wake-ups are not consumed')
        })
    },
    problem: () => (publisher.status === 'ready' ? undefined : 'Redis does not answer'),
    close: async () => {
      closed = true
      clearTimeout(timer)
      await local.close()
      let late: NodeJS.Timeout | undefined
      await Promise.race([
        queue.close(true).catch(() => undefined),
        new Promise((done) => {
          late = setTimeout(done, 1_000)
        }),
      ])
      clearTimeout(late)
      for (const client of clients) client.disconnect()
    },
  }
}
