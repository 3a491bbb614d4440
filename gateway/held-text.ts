// Text that waits until it is known whether it is to be written: in memory while it is little, in a file without a name
// when it is much.
import { randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EnvironmentError } from './environment-error.js'

/** Bytes in memory. */
const MOST_IN_MEMORY = 4 * 1024 * 1024
const FIRST_ROOM = 64 * 1024
const PART = 256 * 1024
const NOTHING = Buffer.alloc(0)

export class HeldText {
  private readonly folder: string
  private readonly mostInMemory: number
  private file: FileHandle | undefined
  private inFile = 0
  /** What follows the bytes of the file. */
  private memory: Buffer = NOTHING
  private inMemory = 0

  /** `folder` for the file, which must exist. */
  constructor(folder = tmpdir(), mostInMemory = MOST_IN_MEMORY) {
    this.folder = folder
    this.mostInMemory = mostInMemory
  }

  /** Bytes held. */
  get size(): number {
    return this.inFile + this.inMemory
  }

  async add(text: string): Promise<void> {
    const length = Buffer.byteLength(text)
    if (this.inMemory + length > this.mostInMemory) {
      await this.toFile(this.memory.subarray(0, this.inMemory))
      this.inMemory = 0
    }
    if (length > this.mostInMemory) return this.toFile(Buffer.from(text))
    this.makeRoom(this.inMemory + length)
    this.inMemory += this.memory.write(text, this.inMemory)
  }

  /** Forgets what was added since `size` was this. */
  async cut(size: number): Promise<void> {
    this.inMemory = Math.max(0, size - this.inFile)
    if (size >= this.inFile) return
    await this.attempt(async () => this.file?.truncate(size))
    this.inFile = size
  }

  /** Gives all that is held, which is no longer held then. */
  async *take(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.inFile;) {
      // One of its own each time: a stream may keep it while it has not written it.
      const part = Buffer.allocUnsafe(Math.min(PART, this.inFile - at))
      const { bytesRead } = await this.attempt(() => this.file!.read(part, 0, part.length, at))
      yield part.subarray(0, bytesRead)
      at += bytesRead
    }
    if (this.inMemory > 0) yield this.memory.subarray(0, this.inMemory)
    this.memory = NOTHING
    await this.cut(0)
  }

  async close(): Promise<void> {
    await this.file?.close()
    this.file = undefined
  }

  private makeRoom(bytes: number): void {
    if (bytes <= this.memory.length) return
    const larger = Math.max(FIRST_ROOM, bytes, 2 * this.memory.length)
    const memory = Buffer.allocUnsafe(Math.min(larger, this.mostInMemory))
    this.memory.copy(memory, 0, 0, this.inMemory)
    this.memory = memory
  }

  private toFile(bytes: Buffer): Promise<void> {
    return this.attempt(async () => {
      this.file ??= await namelessFile(this.folder)
      for (let at = 0; at < bytes.length;) {
        const { bytesWritten } = await this.file.write(bytes, at, bytes.length - at, this.inFile)
        this.inFile += bytesWritten
        at += bytesWritten
      }
    })
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw new EnvironmentError(
        `cannot hold what is not to be written yet in ${this.folder}: ${(error as Error).message}`,
        'set TMPDIR to a folder that can be written, on a disk with room',
        error,
      )
    }
  }
}

/** Only its handle keeps it: it is gone with the process, however that ends. */
async function namelessFile(folder: string): Promise<FileHandle> {
  const path = join(folder, `edigw-${randomUUID()}`)
  const handle = await open(path, 'wx+', 0o600)
  await unlink(path)
  return handle
}
