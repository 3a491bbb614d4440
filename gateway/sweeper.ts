// Runs scheduled work when its row is due. Each run is claimed in the database, so of many processes one does it.
import type { Logger } from 'pino'
import { describeError } from './errors.js'
import type { Fault } from './fault.js'
import type { Db } from './store/db.js'
import { claimSchedules, noteRun, saveSchedule } from './store/schedules.js'

export interface Task {
  readonly name: string
  readonly everyMs: number
  run(): Promise<void>
}

export interface SweeperOptions {
  db: Db
  log: Pick<Logger, 'warn'>
  fault: Fault
  random: () => number
  /** Longest pause between looks (default 1 s). */
  pauseMs?: number
}

/** Starts looking; a task never runs twice at once in one process. */
export async function startSweeper(
  tasks: readonly Task[],
  { db, log, fault, random, pauseMs = 1_000 }: SweeperOptions,
): Promise<{ stop(): Promise<void> }> {
  for (const task of tasks) await saveSchedule(db, task.name, task.everyMs)
  const running = new Map<string, Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let stopping = false

  const run = async (task: Task) => {
    let failed: string | undefined
    try {
      await task.run()
    } catch (error) {
      failed = describeError(error)
      log.warn({ task: task.name, error: failed }, 'scheduled work failed')
    }
    await noteRun(db, task.name, failed)
  }

  const sweep = async () => {
    const free = tasks.filter((task) => !running.has(task.name))
    const due = await claimSchedules(
      db,
      free.map((task) => task.name),
    )
    if (due.length > 0) fault('sweep-claimed')
    for (const task of free)
      if (due.includes(task.name)) {
        const ended = run(task)
          .catch((error: unknown) =>
            log.warn({ task: task.name, error: describeError(error) }, 'run could not be noted'),
          )
          .finally(() => running.delete(task.name))
        running.set(task.name, ended)
      }
  }

  let looking: Promise<void> | undefined
  const look = () => {
    looking = sweep()
      .catch((error: unknown) =>
        log.warn({ error: describeError(error) }, 'schedules could not be claimed'),
      )
      .finally(() => {
        if (!stopping) timer = setTimeout(look, pauseMs * (0.5 + random() / 2))
      })
  }
  look()

  return {
    stop: async () => {
      stopping = true
      clearTimeout(timer)
      await looking
      await Promise.all(running.values())
    },
  }
}
