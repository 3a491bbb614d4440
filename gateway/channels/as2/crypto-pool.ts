// Threads for the cryptography of messages: a private RSA operation takes 2 to 10 ms and 3DES 15 MB/s, during which the
// event loop would serve nobody.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { RetryableError } from '../../errors.js'
import { bytesOfJob, type CryptoJob, movable, type ResultOf } from './crypto-job.js'
import type { Answer, Request } from './crypto-worker.js'

interface Thread {
  readonly worker: Worker
  readonly waiting: Map<number, { resolve(result: unknown): void; reject(error: Error): void }>
}

export interface CryptoPool {
  /** Does a job in a thread; bytes in memory move there and are gone here. Rejects with RetryableError when the thread dies or the disk fails. */
  run<J extends CryptoJob>(job: J): Promise<ResultOf<J>>
  /** Lets running jobs end, then stops the threads. */
  close(): Promise<void>
}

/** Threads are started on first use, at most `size` (default: processors, at most 4). */
export function openCryptoPool(size = Math.min(4, availableParallelism())): CryptoPool {
  const threads: Thread[] = []
  let lastId = 0
  let closed = false

  const start = (): Thread => {
    const worker = new Worker(new URL('./crypto-worker.js', import.meta.url), {
      // Large messages pass in small pieces: a small nursery gives their memory back early.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    })
    const thread: Thread = { worker, waiting: new Map() }
    const lost = (reason: string) => {
      const at = threads.indexOf(thread)
      if (at >= 0) threads.splice(at, 1)
      for (const { reject } of thread.waiting.values())
        reject(new RetryableError(`a cryptography thread was lost: ${reason}`))
      thread.waiting.clear()
    }
    worker.on('message', (answer: Answer) => {
      const waiting = thread.waiting.get(answer.id)
      thread.waiting.delete(answer.id)
      if (thread.waiting.size === 0) worker.unref()
      if ('result' in answer) waiting?.resolve(answer.result)
      else waiting?.reject(new RetryableError(answer.error.message))
    })
    worker.on('error', (error) => lost(error.message))
    worker.on('exit', (code) => lost(`exit ${code}`))
    threads.push(thread)
    return thread
  }

  const leastBusy = (): Thread => {
    const idle = threads.find(({ waiting }) => waiting.size === 0)
    if (idle !== undefined) return idle
    if (threads.length < size) return start()
    return threads.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a))
  }

  return {
    run<J extends CryptoJob>(job: J) {
      if (closed) return Promise.reject(new RetryableError('the gateway is shutting down'))
      const { worker, waiting } = leastBusy()
      const id = ++lastId
      return new Promise<ResultOf<J>>((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (result: unknown) => void, reject })
        worker.ref()
        worker.postMessage({ id, job } satisfies Request, movable(...bytesOfJob(job)))
      })
    },
    async close() {
      closed = true
      const running = threads.flatMap(({ waiting }) =>
        [...waiting.values()].map(
          (job) =>
            new Promise<void>((done) => {
              const { resolve, reject } = job
              job.resolve = (result) => (resolve(result), done())
              job.reject = (error) => (reject(error), done())
            }),
        ),
      )
      await Promise.all(running)
      await Promise.all(threads.map(({ worker }) => worker.terminate()))
    },
  }
}
