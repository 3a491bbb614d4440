// One gateway per data folder. A lock file names its holder; a holder that is dead, or silent although it runs where we
// cannot see its process (another container on the same volume), loses it.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { readFileSync, readlinkSync } from 'node:fs'
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EnvironmentError } from '../environment-error.js'

const BEAT_MS = 2_000
/** A holder on the same volume that we cannot look up has to touch its lock within this time to keep it. */
const SILENCE_MS = 5 * BEAT_MS

interface Holder {
  id: string
  pid: number
  /** Kernel start time of the process, so that a reused process id is not taken for the holder. */
  started: string
  /** Where the process id means something: host and process namespace. */
  place: string
}

/** The lock on a data folder; `release` may be called twice. */
export interface FolderLock {
  release(): Promise<void>
}

const place = () => {
  try {
    return `${hostname()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return hostname() // no /proc: macOS, Windows
  }
}

/** State letter and start time in clock ticks since boot (fields 3 and 22 of /proc/<pid>/stat), if there is a /proc. */
const processStat = (pid: number) => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', started: fields[19] ?? '' }
  } catch {
    return { state: '', started: '' }
  }
}

/** Whether a process with this id runs (also one that is not ours to signal); one that only waits to be reaped does not. */
export const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return processStat(pid).state !== 'Z'
}

const missing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'

const readHolder = async (file: string): Promise<{ text: string; holder?: Holder } | undefined> => {
  try {
    const text = await readFile(file, 'utf8')
    try {
      return { text, holder: JSON.parse(text) as Holder }
    } catch {
      return { text } // cut off by a full disk: nobody can prove to hold it but by touching it
    }
  } catch (error) {
    if (missing(error)) return undefined
    throw error
  }
}

const touchedWithin = async (file: string, ms: number, signal?: AbortSignal) => {
  const before = (await stat(file)).mtimeMs
  const end = performance.now() + ms
  while (performance.now() < end) {
    await delay(BEAT_MS / 4, undefined, { signal })
    if ((await stat(file)).mtimeMs !== before) return true
  }
  return false
}

const isHeld = async (file: string, holder: Holder | undefined, signal?: AbortSignal) => {
  if (holder?.place === place()) {
    return isAlive(holder.pid) && processStat(holder.pid).started === holder.started
  }
  try {
    return await touchedWithin(file, SILENCE_MS, signal)
  } catch (error) {
    if (missing(error)) return false
    throw error
  }
}

/** Removes a dead holder's lock; a lock that was taken anew in the meantime is put back untouched. */
const removeStale = async (file: string, text: string) => {
  const aside = `${file}.${randomUUID()}`
  try {
    await rename(file, aside)
    if ((await readFile(aside, 'utf8')) !== text) await link(aside, file)
  } catch (error) {
    if (!missing(error)) throw error
  }
  await rm(aside, { force: true })
}

/**
 * Takes `<folder>/gateway.lock`. Throws EnvironmentError when a living gateway holds it; a lock left by kill -9 is
 * taken over at once on the same host, after ten seconds of silence from elsewhere; `signal` ends that wait.
 */
export async function lockFolder(folder: string, signal?: AbortSignal): Promise<FolderLock> {
  const file = join(folder, 'gateway.lock')
  const mine: Holder = {
    id: randomUUID(),
    pid: process.pid,
    started: processStat(process.pid).started,
    place: place(),
  }
  const draft = `${file}.${mine.id}`
  try {
    await writeFile(draft, JSON.stringify(mine), { mode: 0o600 })
  } catch (cause) {
    throw new EnvironmentError(
      `the data folder ${folder} cannot be written: ${(cause as Error).message}`,
      'give the gateway a folder it may write, with EDIGW_DATA',
      cause,
    )
  }
  try {
    for (;;) {
      try {
        await link(draft, file)
        break
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const found = await readHolder(file)
      if (found === undefined) continue
      if (await isHeld(file, found.holder, signal)) {
        const who = found.holder ? ` (process ${found.holder.pid} on ${found.holder.place})` : ''
        throw new EnvironmentError(
          `another gateway${who} works on the data folder ${folder}`,
          'stop it, or give this one a folder of its own with EDIGW_DATA',
        )
      }
      await removeStale(file, found.text)
    }
  } finally {
    await rm(draft, { force: true })
  }
  const beat = setInterval(() => {
    const now = new Date()
    // A failed touch means the disk is gone; the store will say so louder than the lock could.
    utimes(file, now, now).catch(() => undefined)
  }, BEAT_MS)
  beat.unref()
  let released = false
  return {
    release: async () => {
      if (released) return
      released = true
      clearInterval(beat)
      const found = await readHolder(file)
      if (found?.holder?.id === mine.id) await rm(file, { force: true })
    },
  }
}
