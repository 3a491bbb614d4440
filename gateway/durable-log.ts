// A file of JSON lines that a kill -9 or power loss cannot take back: a line is on disk before `append` resolves. Lines
// that come while one is being synced are synced together.
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface DurableLog<T> {
  /** What the file held when it was opened, oldest first. */
  readonly entries: readonly T[]
  append(entry: T): Promise<void>
  close(): Promise<void>
}

const readWhole = async (path: string) => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** Makes a folder nobody else may enter where it is missing; those above it may be passed through. */
export async function ownFolder(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o711 })
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Opens (or makes) the file; a last line cut off by a crash was never confirmed and is removed. */
export async function openDurableLog<T>(path: string): Promise<DurableLog<T>> {
  await ownFolder(dirname(path))
  const text = await readWhole(path)
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  const handle = await open(path, 'a', 0o600)
  if (whole.length < text.length) await handle.truncate(Buffer.byteLength(whole))

  let waiting: { line: string; done: () => void; fail: (error: unknown) => void }[] = []
  let running: Promise<void> | undefined
  const flush = async () => {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        await handle.appendFile(batch.map((w) => w.line).join(''))
        await handle.datasync()
        for (const w of batch) w.done()
      } catch (error) {
        for (const w of batch) w.fail(error)
      }
    }
    running = undefined
  }
  return {
    entries: whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T),
    append: (entry) =>
      new Promise<void>((done, fail) => {
        waiting.push({ line: `${JSON.stringify(entry)}\n`, done, fail })
        running ??= flush()
      }),
    close: async () => {
      await running
      await handle.close()
    },
  }
}
