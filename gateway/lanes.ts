// Workers: they claim lanes, run the steps and commit effects and outcomes together. Any number of processes may do
// so; the sweeper in each finds what no wake-up announced.
import type { Logger } from 'pino'
import { RetryableError, describeError } from './errors.js'
import type { Fault } from './fault.js'
import type { Meter } from './meter.js'
import { semaphore } from './semaphore.js'
import { verdict, type Prepare, type Step } from './step.js'
import type { Db } from './store/db.js'
import {
  FenceLostError,
  claimLanes,
  recordOutcomes,
  renewLeases,
  type ClaimedLane,
  type Job,
  type LaneOutcome,
} from './store/lanes.js'
import { jobSubject } from './store/job-subject.js'
import { withWork, type Work } from './store/work.js'
import type { Wake } from './wake.js'

export interface WorkerOptions {
  db: Db
  wake: Wake
  log: Pick<Logger, 'info' | 'warn' | 'error'>
  meter: Meter
  fault: Fault
  random: () => number
  /** How long a silent worker keeps a lane (default 10 s); it is renewed while it works. */
  leaseMs?: number
  /** Longest wait for a lane nobody announced; each wait is this or down to half of it (default 2 s). */
  sweepMs?: number
}

export interface Worker {
  /** Takes no new lanes, ends what it has, then resolves. */
  stop(): Promise<void>
}

/** Tries after which a job of a `park` lane goes aside. */
const PARK_AFTER = 5
const BATCH_LANES = 32
const BATCH_JOBS = 200
const BATCH_BYTES = 8 * 1024 * 1024
/** A lane that takes longer to prepare goes its own way, so that a large interchange does not hold up the others. */
const PATIENCE_MS = 500
/** Lanes on their own way at a time. */
const SLOW_LANES = 2
/** Lanes held for each call that may be under way: those behind wait ready, many are claimed in one statement. */
const LANES_PER_CALL = 4
const GROUP_MS = 10

/** One lane with what its jobs came to, ready to be committed. */
interface Entry {
  lane: ClaimedLane
  ready: { job: Job; prepared: unknown }[]
  failed?: { job: Job; error: unknown }
  keep?: boolean
}

/** Starts a worker of one step. */
export function startWorker(step: Step, options: WorkerOptions): Worker {
  const { db, wake, log, meter, fault, random, leaseMs = 10_000, sweepMs = 2_000 } = options
  const held = new Map<string, ClaimedLane>()
  let stopping = false
  let rouse: (() => void) | undefined
  let roused = false

  wake.consume((kind) => {
    if (kind === step.kind) poke()
  })
  const poke = () => {
    roused = true
    rouse?.()
  }
  const rest = async (ms: number) => {
    if (!roused && !stopping)
      await new Promise<void>((done) => {
        const timer = setTimeout(done, ms)
        rouse = () => {
          clearTimeout(timer)
          done()
        }
      })
    rouse = undefined
    roused = false
  }
  const sweepPause = () => sweepMs * (0.5 + random() / 2)

  const claim = async (lanes: number, suspects: boolean) => {
    const claimed = await claimLanes(db, {
      kind: step.kind,
      lanes,
      jobs: suspects ? 1 : step.mode === 'batch' ? BATCH_JOBS : lanes,
      leaseMs,
      suspects,
      exclude: step.exclude?.() ?? [],
    })
    for (const lane of claimed) held.set(lane.key, lane)
    if (claimed.length > 0) fault('lane-claimed')
    return claimed
  }

  /** A lane whose worker died, alone: looked for once in a sweep, and again at once while there are any. */
  let suspectsFrom = 0
  const claimSuspect = async () => {
    if (performance.now() < suspectsFrom) return []
    const found = await claim(1, true)
    if (found.length === 0) suspectsFrom = performance.now() + sweepMs / 2
    else meter.count('gateway_lanes_recovered_total', { kind: step.kind })
    return found
  }

  const heartbeat = setInterval(() => {
    if (held.size === 0) return
    renewLeases(db, [...held.values()], leaseMs).catch((error: unknown) =>
      log.warn({ kind: step.kind, error: describeError(error) }, 'leases could not be renewed'),
    )
  }, leaseMs / 3)

  /** Begins to read what jobs are about; that it failed is seen by whoever asks for one of them. */
  const open = (lanes: readonly ClaimedLane[]): Promise<Prepare<unknown>> => {
    const opened = step.open(lanes.flatMap((lane) => lane.jobs))
    opened.catch(() => undefined)
    return opened
  }

  const prepare = async (
    lane: ClaimedLane,
    job: Job,
    opened: Promise<Prepare<unknown>>,
  ): Promise<Entry> => {
    if (job.crashes > step.maxCrashes)
      return { lane, ready: [], failed: { job, error: new CrashedError(job.crashes - 1) } }
    try {
      const prepareOne = await opened
      return { lane, ready: [{ job, prepared: await prepareOne(job, lane) }] }
    } catch (error) {
      return { lane, ready: [], failed: { job, error } }
    }
  }

  /**
   * Writes entries in one transaction: all effects together, and when that fails for what is in them, each job in a
   * savepoint, so that one that cannot be written is undone and fails alone.
   */
  const write = async (entries: readonly Entry[], apart = false): Promise<void> => {
    const started = performance.now()
    const outcomes: LaneOutcome[] = []
    try {
      await db.tx(async (tx) => {
        outcomes.length = 0
        await withWork(
          tx,
          wake,
          async (work) => {
            if (!apart)
              await step.commit(
                work,
                entries.flatMap((entry) => entry.ready),
              )
            for (const entry of entries) outcomes.push(await outcomeOf(work, entry, apart))
          },
          async () => {
            await recordOutcomes(tx, outcomes, leaseMs)
            fault('batch-before-commit')
          },
        )
      })
    } catch (error) {
      // With the database itself in trouble, or the lane lost, writing apart is of no use.
      if (apart || error instanceof RetryableError || error instanceof FenceLostError) throw error
      return write(entries, true)
    }
    fault('batch-committed')
    const counts = { done: 0, retry: 0, dead: 0 }
    for (const o of outcomes) {
      if (!o.keep) held.delete(o.lane.key)
      counts.done += o.done.length
      counts.dead += o.dead.length
      counts.retry += o.parked.length + (o.retry ? 1 : 0)
    }
    for (const [outcome, n] of Object.entries(counts))
      if (n > 0) meter.count('gateway_jobs_total', { kind: step.kind, outcome }, n)
    meter.observe('gateway_batch_seconds', (performance.now() - started) / 1000)
  }

  const outcomeOf = async (work: Work, entry: Entry, apart: boolean): Promise<LaneOutcome> => {
    const done: Job[] = apart ? [] : entry.ready.map(({ job }) => job)
    let { failed } = entry
    for (const one of apart ? entry.ready : []) {
      try {
        await work.savepoint(() => step.commit(work, [one]))
        done.push(one.job)
      } catch (error) {
        if (error instanceof RetryableError) throw error
        failed = { job: one.job, error }
        break
      }
    }
    if (!failed) return { lane: entry.lane, done, dead: [], parked: [], keep: entry.keep ?? false }
    const { job, error } = failed
    const text = describeError(error)
    const next =
      error instanceof CrashedError ? { dead: true as const } : verdict(error, job, step, random)
    const about = await jobSubject(work, job.payload)
    const attempt = job.failures + 1
    const again = next.dead ? {} : { again_in_ms: next.delayMs }
    log.warn(
      { kind: step.kind, lane: job.lane, ...about, attempt, ...again, error: text },
      next.dead ? 'job is dead' : 'job failed',
    )
    await step.failed?.(work, job, error, next.dead ? undefined : next.delayMs)
    if (next.dead) {
      await step.dead(work, job, text)
      return { lane: entry.lane, done, dead: [{ job, error: text }], parked: [] }
    }
    const { delayMs, counts } = next
    if (entry.lane.policy === 'park' && counts && job.failures + 1 >= PARK_AFTER)
      return { lane: entry.lane, done, dead: [], parked: [{ job, error: text, delayMs }] }
    return {
      lane: entry.lane,
      done,
      dead: [],
      parked: [],
      retry: { job, error: text, delayMs, counts },
    }
  }

  /** Writes entries together; when that fails, one by one. Never rejects. A lane that was not written is no longer held. */
  const commit = async (entries: readonly Entry[]): Promise<void> => {
    if (entries.length === 0) return
    try {
      await write(entries)
    } catch (error) {
      if (error instanceof FenceLostError) {
        meter.count('gateway_fence_rejections_total', { kind: step.kind }, error.lanes.length)
        log.warn(
          { kind: step.kind, lanes: error.lanes },
          'lanes were taken over; work on them is dropped',
        )
        for (const key of error.lanes) held.delete(key)
        return commit(entries.filter((entry) => !error.lanes.includes(entry.lane.key)))
      }
      if (entries.length === 1) return giveBack(entries[0]!, error)
      log.warn({ kind: step.kind, error: describeError(error) }, 'batch failed, going one by one')
      for (const entry of entries) await commit([entry])
    }
  }

  /**
   * The writing of one lane failed as a whole: mostly the database is away. The failure is recorded as soon as it can
   * be; when it cannot, the lease runs out and the lane is taken up as one whose worker died.
   */
  const giveBack = async (entry: Entry, error: unknown): Promise<void> => {
    const job = entry.ready[0]?.job ?? entry.failed?.job
    log.error({ kind: step.kind, lane: entry.lane.key, error: describeError(error) }, 'lane failed')
    const until = Date.now() + leaseMs
    for (let n = 0; ; n++) {
      try {
        const next = job ? verdict(error, job, {}, random) : undefined
        const retry =
          job && next
            ? {
                job,
                error: describeError(error),
                delayMs: next.dead ? 0 : next.delayMs,
                counts: !next.dead && next.counts,
              }
            : undefined
        const outcome: LaneOutcome = {
          lane: entry.lane,
          done: [],
          dead: [],
          parked: [],
          ...(retry ? { retry } : {}),
        }
        await db.tx((tx) => recordOutcomes(tx, [outcome], leaseMs))
        break
      } catch (again) {
        if (again instanceof FenceLostError || Date.now() > until || stopping) break
        await new Promise((done) => setTimeout(done, 200 * 2 ** Math.min(n, 4) * (0.5 + random())))
      }
    }
    held.delete(entry.lane.key)
  }

  /** Prepares all jobs of a claim and writes them together; what is slow is added to `running` and written by itself. */
  const runBatch = async (lanes: readonly ClaimedLane[], running: Set<Promise<void>>) => {
    if (lanes.length === 0) return
    let bytes = 0
    const opened = open(lanes)
    const prepareAll = async (lane: ClaimedLane): Promise<Entry> => {
      const entry: Entry = { lane, ready: [] }
      for (const job of lane.jobs) {
        if (bytes >= BATCH_BYTES) break
        const one = await prepare(lane, job, opened)
        entry.ready.push(...one.ready)
        for (const { prepared } of one.ready) bytes += step.weight?.(prepared) ?? 0
        if (one.failed) {
          entry.failed = one.failed
          break
        }
      }
      return entry
    }
    const entries: Entry[] = []
    for (const lane of lanes) {
      const preparing = prepareAll(lane)
      const entry =
        running.size < SLOW_LANES ? await within(PATIENCE_MS, preparing) : await preparing
      if (entry) entries.push(entry)
      else goOn(running, async () => commit([await preparing]))
    }
    fault('batch-prepared')
    await commit(entries)
  }

  /** Lets something run beside the loop, which looks for lanes again when it ends. */
  const goOn = (running: Set<Promise<void>>, act: () => Promise<void>) => {
    const run = act().finally(() => {
      running.delete(run)
      poke()
    })
    running.add(run)
  }

  // Results of calls wait for company for a moment and for the transaction before theirs, then are written together.
  let gathering: { entries: Map<string, Entry>; written: Promise<void> } | undefined
  let lastWritten = Promise.resolve()
  const writeSoon = (entry: Entry): Promise<void> => {
    if (!gathering) {
      const entries = new Map<string, Entry>()
      const gathered = new Promise((done) => setTimeout(done, GROUP_MS))
      const written = Promise.all([gathered, lastWritten]).then(() => {
        gathering = undefined
        return commit([...entries.values()])
      })
      gathering = { entries, written }
      lastWritten = written
    }
    const { entries, written } = gathering
    const before = entries.get(entry.lane.key)
    entries.set(entry.lane.key, { ...entry, ready: [...(before?.ready ?? []), ...entry.ready] })
    return written
  }

  const calls = semaphore(step.concurrency)

  /**
   * Calls for the jobs of a lane one after the other. Their results are written behind them: a call that was made and not
   * written is repeated under its key, in the same order, so the next one need not wait.
   */
  const runCalls = async (lane: ClaimedLane, opened: Promise<Prepare<unknown>>) => {
    for (const [n, job] of lane.jobs.entries()) {
      const entry: Entry = await calls(async () =>
        stopping ? { lane, ready: [] } : prepare(lane, job, opened),
      )
      if (held.get(lane.key) !== lane) return
      const more = n + 1 < lane.jobs.length && !entry.failed && !stopping
      const written = writeSoon({ ...entry, keep: more })
      if (!more) return written
    }
    return writeSoon({ lane, ready: [] })
  }

  const loop = async () => {
    const running = new Set<Promise<void>>()
    while (!stopping) {
      let found = 0
      try {
        found = step.mode === 'batch' ? await batchRound(running) : await callRound(running)
      } catch (error) {
        log.warn({ kind: step.kind, error: describeError(error) }, 'lanes could not be claimed')
      }
      if (found === 0) await rest(sweepPause())
    }
    await Promise.all(running)
    clearInterval(heartbeat)
  }

  const batchRound = async (running: Set<Promise<void>>) => {
    const [suspect] = await claimSuspect()
    if (suspect) await runBatch([suspect], running)
    const lanes = await claim(BATCH_LANES, false)
    await runBatch(lanes, running)
    return lanes.length + (suspect ? 1 : 0)
  }

  const callRound = async (running: Set<Promise<void>>) => {
    const most = step.concurrency * LANES_PER_CALL
    if (running.size > most / 2) {
      await Promise.race(running)
      return 1
    }
    const begin = (lanes: readonly ClaimedLane[]) => {
      const opened = open(lanes)
      for (const lane of lanes) goOn(running, () => runCalls(lane, opened))
      return lanes.length
    }
    const suspects = begin(await claimSuspect())
    return suspects + begin(await claim(most - running.size, false))
  }

  const ended = loop()
  return {
    stop: () => {
      stopping = true
      rouse?.()
      return ended
    },
  }
}

/** What a promise gives, or undefined when it takes longer. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((done) => {
    timer = setTimeout(done, ms, undefined)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The job was begun again and again and each time the process died. */
class CrashedError extends Error {
  override readonly name = 'CrashedError'

  constructor(times: number) {
    super(`the worker died ${times} times while it had this job`)
  }
}
