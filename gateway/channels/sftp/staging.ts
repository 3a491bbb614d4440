// Uploads that are not complete: one file on disk each, always a true beginning of what the partner sends, so that it
// can be resumed after a lost connection or a crash. Nothing here is a message yet.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { spoolOfFile, type Spool } from '../../spool.js'
import { Refusal, diskName, nameOnDisk } from './paths.js'
import { STATUS } from './wire.js'

/** Bytes one upload may hold in memory: waiting for the disk, or for bytes before them. */
const HELD_BYTES = 16 * 1024 * 1024
const TAKEN_OVER = 'another session has taken over this upload'
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
  /** For all that lies in the account's folders, uploads in progress included; absent: no such limit. */
  readonly quotaBytes?: number | undefined
}

/** What an account takes up. Uploads in progress are counted by what they have taken, on disk or not yet. */
interface Book {
  readonly open: Map<string, Upload>
  /** Complete uploads that are being taken in: nobody may change them now. */
  readonly held: Set<string>
  /** Bytes of uploads no session writes to. */
  ended: number
  /** How many uploads have ended: a measurement during which one did is taken again. */
  endings: number
  /** Bytes of files in the store, as they were last asked for; undefined where no quota is agreed. */
  stored: number | undefined
}

const missing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** The unfinished uploads of all accounts, under one folder of this machine. */
export class StagingArea {
  readonly #root: string
  readonly #storedBytes: (account: string) => Promise<number>
  readonly #books = new Map<string, Book>()
  readonly #turns = new Map<string, Promise<unknown>>()

  /** `storedBytes`: of the files an account sees besides its unfinished uploads; asked only where a quota is agreed. */
  constructor(root: string, storedBytes: (account: string) => Promise<number>) {
    this.#root = root
    this.#storedBytes = storedBytes
  }

  /**
   * Opens an upload, from its beginning or (`resume`) behind what is there. Another session's upload of the same file
   * ends: after a lost connection the partner is back before the old one is noticed.
   */
  open(place: Place, resume: boolean, limits: UploadLimits): Promise<Upload> {
    const path = this.#path(place)
    const { account } = place
    return this.#inTurn(account, async () => {
      const book = this.#book(account)
      await book.open.get(path)?.abandon()
      assertFree(book, path)
      await mkdir(this.#folder(place), { recursive: true, mode: 0o700 })
      await this.#measure(account, limits)
      const had = await sizeOf(path)
      await (await open(this.#mark(place), 'w', 0o600)).close()
      const handle = await open(path, resume ? 'a' : 'w', 0o600)
      const upload = new Upload(handle, path, resume ? had : 0, {
        maxFileBytes: limits.maxFileBytes,
        assertRoom: (bytes) => assertRoom(book, bytes, limits),
        complete: () => this.#unmark(place),
        closed: (bytes, isComplete) => {
          book.open.delete(path)
          if (isComplete) book.held.add(path)
          book.ended += bytes
          book.endings++
        },
      })
      book.open.set(path, upload)
      book.ended -= had
      return upload
    })
  }

  /** Bytes of all that lies in an account's folders, as its quota counts them. */
  used(account: string, limits: UploadLimits): Promise<number> {
    return this.#inTurn(account, async () => {
      await this.#measure(account, limits)
      const book = this.#book(account)
      return (book.stored ?? 0) + stagedBytes(book)
    })
  }

  /** A file that was finished or renamed may be written to again; said once it was looked at whether to take it in. */
  release(place: Place): void {
    this.#book(place.account).held.delete(this.#path(place))
  }

  /** Whether the file is being written or taken in right now. */
  isBusy(place: Place): boolean {
    const { open: writing, held } = this.#book(place.account)
    return writing.has(this.#path(place)) || held.has(this.#path(place))
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
    const writing = this.#book(place.account).open.get(path)
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

  /**
   * A complete upload as payload; discarding it removes the file. It is held until `release`. Throws Refusal where the
   * account has more than its quota by now: other processes may have stored for it too.
   */
  async spool(place: Place, limits: UploadLimits, sha256?: Buffer): Promise<Spool> {
    const path = this.#path(place)
    await this.#inTurn(place.account, async () => {
      const book = this.#book(place.account)
      if (book.open.has(path)) throw new Refusal(STATUS.failure, `${place.name} is being written`)
      book.held.add(path)
      if (limits.quotaBytes !== undefined) {
        await this.#measure(place.account, limits)
        assertRoom(book, 0, limits)
      }
    })
    const { size } = await stat(path)
    const spool = spoolOfFile(path, sha256 ?? (await digest(path)), size)
    return { ...spool, discard: () => this.#inTurn(place.account, () => this.#drop(place)) }
  }

  remove(place: Place): Promise<void> {
    return this.#inTurn(place.account, async () => {
      const book = this.#book(place.account)
      await book.open.get(this.#path(place))?.abandon()
      assertFree(book, this.#path(place))
      await this.#drop(place)
    })
  }

  /** Both places belong to one account. The file must be complete, and is held; one at the new place is replaced. */
  rename(from: Place, to: Place): Promise<void> {
    return this.#inTurn(from.account, async () => {
      const book = this.#book(from.account)
      await book.open.get(this.#path(to))?.abandon()
      for (const place of [from, to]) assertFree(book, this.#path(place))
      await mkdir(this.#folder(to), { recursive: true, mode: 0o700 })
      const replaced = await sizeOf(this.#path(to))
      await rename(this.#path(from), this.#path(to))
      book.ended -= replaced
      book.held.add(this.#path(to))
      await this.#unmark(to)
    })
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
        if (this.isBusy(place) || now - modified.getTime() < hours * 3_600_000) continue
        await this.remove(place)
        count++
      }
    }
    return count
  }

  async #drop(place: Place): Promise<void> {
    const book = this.#book(place.account)
    const size = await sizeOf(this.#path(place))
    // What is removed because it is in the store now counts there from the moment it does not count here.
    const stored = book.stored === undefined ? undefined : await this.#storedBytes(place.account)
    await unlink(this.#path(place))
    book.ended -= size
    book.stored = stored
    await this.#unmark(place)
  }

  /** What changes an account's files is done one after the other. */
  #inTurn<T>(account: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(account) ?? Promise.resolve()).then(work)
    const done = turn.catch(() => undefined) // its caller is told
    this.#turns.set(account, done)
    return turn
  }

  #book(account: string): Book {
    let book = this.#books.get(account)
    if (!book) this.#books.set(account, (book = emptyBook()))
    return book
  }

  /** Counts anew: other processes may share the folder, and they share the store. */
  async #measure(account: string, { quotaBytes }: UploadLimits): Promise<void> {
    const book = this.#book(account)
    const stored = quotaBytes === undefined ? undefined : await this.#storedBytes(account)
    let total: number
    let endings: number
    do {
      endings = book.endings
      total = await this.#endedBytes(account, book)
    } while (endings !== book.endings)
    book.ended = total
    book.stored = stored
  }

  async #endedBytes(account: string, { open: writing }: Book): Promise<number> {
    let total = 0
    const base = join(this.#root, diskName(account))
    for (const entry of await readdir(base, { recursive: true, withFileTypes: true }).catch(
      (error: unknown) => {
        if (missing(error)) return []
        throw error
      },
    )) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile() && !writing.has(path)) total += await sizeOf(path)
    }
    return total
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

const emptyBook = (): Book => ({
  ...{ open: new Map(), held: new Set() },
  ...{ ended: 0, endings: 0, stored: undefined },
})

function assertFree({ held }: Book, path: string): void {
  if (held.has(path))
    throw new Refusal(STATUS.failure, 'the file is being taken in; try again later')
}

const stagedBytes = ({ open: writing, ended }: Book): number =>
  [...writing.values()].reduce((sum, upload) => sum + upload.bytes, ended)

/** Throws Refusal where `bytes` more are more than agreed. */
function assertRoom(book: Book, bytes: number, limits: UploadLimits) {
  const { maxStagedBytes, quotaBytes } = limits
  const staged = stagedBytes(book) + bytes
  if (staged > maxStagedBytes)
    throw new Refusal(
      STATUS.failure,
      `the quota of ${maxStagedBytes} bytes for unfinished uploads is full`,
    )
  if (quotaBytes !== undefined && (book.stored ?? 0) + staged > quotaBytes)
    throw new Refusal(
      STATUS.failure,
      `the quota of ${quotaBytes} bytes is full; fetch or remove files to make room`,
    )
}

const sizeOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (missing(error)) return 0
    throw error
  }
}

interface UploadOptions {
  readonly maxFileBytes: number
  /** Called before bytes are taken; throws Refusal when there is no room for so many. */
  readonly assertRoom: (bytes: number) => void
  /** The file has all its bytes on disk. */
  readonly complete: () => Promise<void>
  /** The upload has ended with so many bytes on disk; `isComplete`: by `finish`. */
  readonly closed: (bytes: number, isComplete: boolean) => void
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
  #refusal: unknown
  /** Absent when bytes that were there already belong to the file: then it is read again at the end. */
  #hash: Hash | undefined
  #onDisk: number
  /** Set once the upload ends, in whatever way. */
  #end: Promise<unknown> | undefined
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

  /** What it takes up, bytes before which others are missing included. */
  get bytes(): number {
    return this.size + this.#earlyBytes
  }

  /**
   * Takes bytes at `offset` (undefined: at the end). Refuses what would lie beyond limits or over bytes taken before; an
   * upload of which something was refused is never complete.
   */
  async write(offset: number | undefined, data: Buffer): Promise<void> {
    this.#assertOpen()
    try {
      this.#accept(offset ?? this.size, data)
    } catch (error) {
      this.#refusal = error
      throw error
    }
    if (this.#queuedBytes >= WRITE_BYTES) this.#flushing ??= this.#flush()
    if (this.#queuedBytes >= HELD_BYTES) await this.#flushing
    if (this.#failure !== undefined) throw this.#failure
  }

  #accept(at: number, data: Buffer): void {
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
      this.#options.assertRoom(data.length)
      this.#early.set(at, data)
      this.#earlyBytes += data.length
      return
    }
    this.#options.assertRoom(data.length)
    this.#take(data)
    for (let next = this.#early.get(this.size); next; next = this.#early.get(this.size)) {
      this.#early.delete(this.size)
      this.#earlyBytes -= next.length
      this.#take(next)
    }
  }

  /** Everything taken so far reaches the disk. */
  async sync(): Promise<void> {
    this.#assertOpen()
    await this.#drain()
    await this.#handle.sync()
  }

  /**
   * Ends the upload as complete; gives its digest when it is known without reading it again. Refuses gaps. What throws
   * has ended it as incomplete.
   */
  async finish(): Promise<Buffer | undefined> {
    if (this.#end) throw new Refusal(STATUS.failure, TAKEN_OVER)
    const finished = this.#finish()
    this.#end = finished.catch(() => undefined) // thrown here
    return finished
  }

  /** Ends the upload as incomplete: the file keeps the bytes without a gap. What has ended or is ending does so. */
  async abandon(): Promise<void> {
    await (this.#end ??= this.#breakOff())
  }

  async #finish(): Promise<Buffer | undefined> {
    try {
      this.#assertWell()
      if (this.#early.size > 0)
        throw new Refusal(STATUS.failure, `bytes from ${this.size} on are missing`)
      await this.#drain()
      await this.#options.complete()
    } catch (error) {
      await this.#breakOff()
      throw error
    }
    await this.#close(true)
    return this.#hash?.digest()
  }

  async #breakOff(): Promise<void> {
    await this.#drain().catch(() => undefined) // the sender has been told, or is gone
    try {
      // A write that failed half-way may have left more than was counted.
      await this.#handle.truncate(this.#onDisk)
    } finally {
      await this.#close(false)
    }
  }

  #assertOpen(): void {
    if (this.#end) throw new Refusal(STATUS.failure, TAKEN_OVER)
    this.#assertWell()
  }

  #assertWell(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#refusal !== undefined) throw this.#refusal
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

  async #close(isComplete: boolean): Promise<void> {
    this.#options.closed(this.#onDisk, isComplete)
    await this.#handle.close()
  }
}

async function digest(path: string): Promise<Buffer> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest()
}
