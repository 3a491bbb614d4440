// Uploads that are not complete: one file on disk each, always a true beginning of what the partner sends, so that it
// can be resumed after a lost connection or a crash. Nothing here is a message yet.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import {
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  truncate,
  unlink,
  type FileHandle,
} from 'node:fs/promises'
import { join } from 'node:path'
import { spoolOfFile, type Spool } from '../../spool.js'
import { Refusal, diskName, nameOnDisk } from './paths.js'
import { STATUS } from './wire.js'

/** Bytes one upload may hold in memory: waiting for the disk, or for bytes before them. */
const HELD_BYTES = 16 * 1024 * 1024
/** Bytes that are written in one go. */
const WRITE_BYTES = 262_144

export interface StagedFile {
  readonly name: string
  readonly size: number
  readonly modified: Date
}

/** Where an upload lies: the partner's account, virtual folder and file name. */
export interface Place {
  readonly account: string
  readonly folder: string
  readonly name: string
}

export interface UploadLimits {
  readonly maxFileBytes: number
  readonly maxStagedBytes: number
}

const missing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** The unfinished uploads of all accounts, under one folder of this machine. */
export class StagingArea {
  readonly #root: string
  readonly #used = new Map<string, number>()
  readonly #open = new Map<string, Upload>()

  constructor(root: string) {
    this.#root = root
  }

  /**
   * Opens an upload, from its beginning or (`resume`) behind what is there. Another session's upload of the same file
   * ends: after a lost connection the partner is back before the old one is noticed.
   */
  async open(place: Place, resume: boolean, limits: UploadLimits): Promise<Upload> {
    const path = this.#path(place)
    await this.#open.get(path)?.abandon()
    await mkdir(this.#folder(place), { recursive: true, mode: 0o700 })
    await this.#usage(place.account)
    await (await open(this.#mark(place), 'w', 0o600)).close()
    const handle = await open(path, resume ? 'a' : 'w', 0o600)
    if (!resume) await this.#measure(place.account)
    const size = resume ? (await handle.stat()).size : 0
    const upload = new Upload(handle, path, size, {
      maxFileBytes: limits.maxFileBytes,
      grow: (bytes) => this.#grow(place.account, bytes, limits.maxStagedBytes),
      complete: () => this.#unmark(place),
      closed: (dropped) => {
        if (this.#open.get(path) === upload) this.#open.delete(path)
        this.#used.set(place.account, (this.#used.get(place.account) ?? 0) - dropped)
      },
    })
    this.#open.set(path, upload)
    return upload
  }

  /** Whether a session is writing the file right now. */
  isOpen(place: Place): boolean {
    return this.#open.has(this.#path(place))
  }

  /** Whether the file is being written, or was broken off and not resumed to its end: also before a restart. */
  async isIncomplete(place: Place): Promise<boolean> {
    try {
      await stat(this.#mark(place))
      return true
    } catch (error) {
      if (missing(error)) return false
      throw error
    }
  }

  async find(place: Place): Promise<StagedFile | undefined> {
    const path = this.#path(place)
    const writing = this.#open.get(path)
    try {
      const { size, mtime } = await stat(path)
      return { name: place.name, size: writing?.size ?? size, modified: mtime }
    } catch (error) {
      if (missing(error)) return undefined
      throw error
    }
  }

  /** What lies in one virtual folder, in the order of names. */
  async list(account: string, folder: string): Promise<StagedFile[]> {
    let names: string[]
    try {
      names = await readdir(this.#folder({ account, folder }))
    } catch (error) {
      if (missing(error)) return []
      throw error
    }
    const found: StagedFile[] = []
    for (const name of names.map(nameOnDisk)) {
      const file = name === undefined ? undefined : await this.find({ account, folder, name })
      if (file) found.push(file)
    }
    return found.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** A complete upload as payload. Discarding it removes the file. */
  async spool(place: Place, sha256?: Buffer): Promise<Spool> {
    const path = this.#path(place)
    const { size } = await stat(path)
    return {
      ...spoolOfFile(path, sha256 ?? (await digest(path)), size),
      discard: () => this.remove(place),
    }
  }

  async remove(place: Place): Promise<void> {
    await this.#open.get(this.#path(place))?.abandon()
    await unlink(this.#path(place))
    await this.#unmark(place)
    await this.#measure(place.account)
  }

  /** Both places belong to one account. The file must be complete; one at the new place is replaced. */
  async rename(from: Place, to: Place): Promise<void> {
    await this.#open.get(this.#path(to))?.abandon()
    await mkdir(this.#folder(to), { recursive: true, mode: 0o700 })
    await rename(this.#path(from), this.#path(to))
    await this.#unmark(to)
    await this.#measure(from.account)
  }

  /** Removes an account's uploads that nothing was written to for `hours`; gives how many. */
  async expire(account: string, hours: number, now: number): Promise<number> {
    let count = 0
    const folders = await readdir(join(this.#root, diskName(account))).catch((error: unknown) => {
      if (missing(error)) return []
      throw error
    })
    for (const folder of folders.map(nameOnDisk)) {
      if (folder === undefined) continue
      for (const { name, modified } of await this.list(account, folder)) {
        const place = { account, folder, name }
        if (this.isOpen(place) || now - modified.getTime() < hours * 3_600_000) continue
        await this.remove(place)
        count++
      }
    }
    return count
  }

  async #usage(account: string): Promise<number> {
    return this.#used.get(account) ?? this.#measure(account)
  }

  async #measure(account: string): Promise<number> {
    let total = 0
    const base = join(this.#root, diskName(account))
    for (const entry of await readdir(base, { recursive: true, withFileTypes: true }).catch(
      (error: unknown) => {
        if (missing(error)) return []
        throw error
      },
    )) {
      if (!entry.isFile()) continue
      const file = await stat(join(entry.parentPath, entry.name)).catch((error: unknown) => {
        if (missing(error)) return { size: 0 }
        throw error
      })
      total += file.size
    }
    // What sessions hold in memory will be written too.
    for (const [path, upload] of this.#open)
      if (path.startsWith(`${base}/`)) total += upload.heldBytes
    this.#used.set(account, total)
    return total
  }

  #grow(account: string, bytes: number, limit: number): void {
    const used = (this.#used.get(account) ?? 0) + bytes
    if (used > limit)
      throw new Refusal(
        STATUS.failure,
        `the quota of ${limit} bytes for unfinished uploads is full`,
      )
    this.#used.set(account, used)
  }

  #folder(place: { account: string; folder: string }): string {
    return join(this.#root, diskName(place.account), diskName(place.folder))
  }

  #path(place: Place): string {
    return join(this.#folder(place), diskName(place.name))
  }

  /** An empty file beside an upload from its opening to its end; its name is that of no upload. */
  #mark(place: Place): string {
    return join(this.#folder(place), diskName(place.name).replace(/^f/, 'i'))
  }

  async #unmark(place: Place): Promise<void> {
    await rm(this.#mark(place), { force: true })
  }
}

interface UploadOptions {
  readonly maxFileBytes: number
  /** Books bytes before they are taken; throws Refusal when the quota is full. */
  readonly grow: (bytes: number) => void
  /** The file has all its bytes on disk. */
  readonly complete: () => Promise<void>
  /** `dropped` were booked but never reached the disk. */
  readonly closed: (dropped: number) => void
}

/** One file being written. The disk only ever gets the next bytes in order; what comes early waits in memory. */
export class Upload {
  readonly #handle: FileHandle
  readonly #path: string
  readonly #options: UploadOptions
  readonly #early = new Map<number, Buffer>()
  #earlyBytes = 0
  #queue: Buffer[] = []
  #queuedBytes = 0
  #flushing: Promise<void> | undefined
  #failure: unknown
  /** Absent when bytes that were there already belong to the file: then it is read again at the end. */
  #hash: Hash | undefined
  #onDisk: number
  #closed = false
  /** Bytes taken without a gap. */
  size: number

  constructor(handle: FileHandle, path: string, size: number, options: UploadOptions) {
    this.#handle = handle
    this.#path = path
    this.#options = options
    this.#onDisk = size
    this.#hash = size === 0 ? createHash('sha256') : undefined
    this.size = size
  }

  get heldBytes(): number {
    return this.#queuedBytes + this.#earlyBytes
  }

  /** Takes bytes at `offset` (undefined: at the end). Refuses what would lie beyond limits or over bytes taken before. */
  async write(offset: number | undefined, data: Buffer): Promise<void> {
    this.#assertOpen()
    const at = offset ?? this.size
    if (at + data.length > this.#options.maxFileBytes)
      throw new Refusal(
        STATUS.failure,
        `the file is larger than ${this.#options.maxFileBytes} bytes`,
      )
    if (at < this.size)
      throw new Refusal(STATUS.unsupported, 'bytes that were taken cannot be written over')
    if (data.length === 0) return
    if (at > this.size) {
      if (this.#earlyBytes + data.length > HELD_BYTES)
        throw new Refusal(STATUS.failure, `bytes from ${this.size} on are missing`)
      if (this.#early.has(at))
        throw new Refusal(STATUS.unsupported, 'bytes that were taken cannot be written over')
      this.#options.grow(data.length)
      this.#early.set(at, data)
      this.#earlyBytes += data.length
      return
    }
    this.#options.grow(data.length)
    this.#take(data)
    for (let next = this.#early.get(this.size); next; next = this.#early.get(this.size)) {
      this.#early.delete(this.size)
      this.#earlyBytes -= next.length
      this.#take(next)
    }
    if (this.#queuedBytes >= WRITE_BYTES) this.#flushing ??= this.#flush()
    if (this.#queuedBytes >= HELD_BYTES) await this.#flushing
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Everything taken so far reaches the disk. */
  async sync(): Promise<void> {
    this.#assertOpen()
    await this.#drain()
    await this.#handle.sync()
  }

  /** Ends the upload as complete; gives its digest when it is known without reading it again. Refuses gaps. */
  async finish(): Promise<Buffer | undefined> {
    this.#assertOpen()
    if (this.#early.size > 0) {
      const text = `bytes from ${this.size} on are missing`
      await this.abandon()
      throw new Refusal(STATUS.failure, text)
    }
    try {
      await this.#drain()
    } catch (error) {
      await this.abandon()
      throw error
    }
    await this.#close()
    await this.#options.complete()
    return this.#hash?.digest()
  }

  /** Ends the upload as incomplete: the file keeps the bytes without a gap. Does nothing when it has ended. */
  async abandon(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#drain().catch(() => undefined) // the sender has been told, or is gone
    await this.#close()
    // A write that failed half-way may have left more than was counted.
    await truncate(this.#path, this.#onDisk).catch((error: unknown) => {
      if (!missing(error)) throw error
    })
  }

  #assertOpen(): void {
    if (this.#closed)
      throw new Refusal(STATUS.failure, 'another session has taken over this upload')
    if (this.#failure !== undefined) throw this.#failure
  }

  #take(data: Buffer): void {
    this.#hash?.update(data)
    this.#queue.push(data)
    this.#queuedBytes += data.length
    this.size += data.length
  }

  async #drain(): Promise<void> {
    while (this.#failure === undefined && this.#queue.length > 0)
      await (this.#flushing ??= this.#flush())
    await this.#flushing
    if (this.#failure !== undefined) throw this.#failure
  }

  async #flush(): Promise<void> {
    try {
      const batch = this.#queue
      const bytes = this.#queuedBytes
      this.#queue = []
      for (let left = batch, missingBytes = bytes; missingBytes > 0;) {
        const { bytesWritten } = await this.#handle.writev(left)
        missingBytes -= bytesWritten
        this.#onDisk += bytesWritten
        if (missingBytes > 0) left = [Buffer.concat(left).subarray(bytesWritten)]
      }
      this.#queuedBytes -= bytes
    } catch (error) {
      this.#failure = error
    } finally {
      this.#flushing = undefined
    }
  }

  async #close(): Promise<void> {
    this.#closed = true
    this.#options.closed(this.heldBytes)
    await this.#handle.close()
  }
}

async function digest(path: string): Promise<Buffer> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest()
}
