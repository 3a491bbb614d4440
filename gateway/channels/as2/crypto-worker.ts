// Entry of a worker thread: does the jobs it is sent, several side by side.
import { parentPort } from 'node:worker_threads'
import { bytesOfResult, type CryptoJob, movable, perform } from './crypto-job.js'

/** One job with the number its answer repeats. */
export interface Request {
  readonly id: number
  readonly job: CryptoJob
}

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { message: string; code: string | undefined } }

parentPort?.on('message', ({ id, job }: Request) => {
  perform(job).then(
    (result) =>
      parentPort?.postMessage({ id, result } satisfies Answer, movable(...bytesOfResult(result))),
    (error: NodeJS.ErrnoException) =>
      parentPort?.postMessage({
        id,
        error: { message: error.message, code: error.code },
      } satisfies Answer),
  )
})
