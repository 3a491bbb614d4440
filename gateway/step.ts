// A step of the flow as the lane workers see it: what happens outside a transaction, and what is written inside it.
import { PermanentError, RetryableError } from './errors.js'
import type { Job, JobKind, LaneHold } from './store/lanes.js'
import type { Work } from './store/work.js'

/** A job with what was prepared of it. */
interface Ready<Prepared> {
  readonly job: Job
  readonly prepared: Prepared
}

export type Prepare<Prepared> = (job: Job, lane: LaneHold) => Promise<Prepared>

export interface Step<Prepared = unknown> {
  readonly kind: JobKind
  /**
   * `batch`: database only; many lanes are prepared and committed together. `call`: talks to the outside; lanes run
   * beside each other and their results are committed in groups.
   */
  readonly mode: 'batch' | 'call'
  /** Lanes at once in one process. */
  readonly concurrency: number
  /** Failures after which a job is dead; absent: it is tried for ever. */
  readonly maxFailures?: number
  /** Deaths of a worker after which a job is dead. */
  readonly maxCrashes: number
  /**
   * Reads what the jobs of a claim are about, all in a few statements; what it gives then computes or calls for each of
   * them. What either throws decides: PermanentError is the end, anything else is tried again.
   */
  open(jobs: readonly Job[]): Promise<Prepare<Prepared>>
  /** Bytes a prepared job holds in memory; a batch takes no more jobs beyond some megabytes. */
  weight?(prepared: Prepared): number
  /**
   * Writes the effects of jobs in the order given, in the transaction that ends them. When it fails for many, each job is
   * written by itself in a savepoint, so that only those that cannot be written fail.
   */
  commit(work: Work, jobs: readonly Ready<Prepared>[]): Promise<void>
  /** A try failed: keeps what people want to see of it. `retryMs`: when it is tried again; absent when it is not. */
  failed?(work: Work, job: Job, error: unknown, retryMs?: number): Promise<void>
  /** The job will not be tried again: shows it to people. */
  dead(work: Work, job: Job, error: string): Promise<void>
  /** Targets whose lanes are left alone for now. */
  exclude?(): readonly string[]
}

/**
 * `maxCrashes` of steps that compute: a job of theirs may be what kills the worker. A worker killed from outside counts
 * for every job it had as well, so fewer deaths would set innocent ones aside.
 */
export const MOST_CRASHES = 10

/** Not a failure: the target waits for a person or a pause is on; the job keeps its count. */
export class PausedError extends RetryableError {}

/** Full jitter: anything from nothing to the doubling limit, so that those who failed together do not return together. */
export function backoff(
  failures: number,
  random: () => number,
  baseMs = 2_000,
  capMs = 3_600_000,
): number {
  return Math.round(random() * Math.min(capMs, baseMs * 2 ** Math.min(failures, 30)))
}

/** What follows from a failed try. */
export function verdict(
  error: unknown,
  job: Job,
  step: Pick<Step, 'maxFailures'>,
  random: () => number,
): { dead: true } | { dead: false; delayMs: number; counts: boolean } {
  if (error instanceof PermanentError) return { dead: true }
  const counts = !(error instanceof PausedError)
  if (counts && step.maxFailures !== undefined && job.failures + 1 >= step.maxFailures)
    return { dead: true }
  const asked = error instanceof RetryableError ? error.afterMs : undefined
  return { dead: false, delayMs: asked ?? backoff(job.failures, random), counts }
}
