// One SFTP session: requests in, answers out, strictly one after the other. That order gives backpressure for free (the
// partner's window opens as we read) and makes CLOSE wait for the writes before it.
import type { Duplex } from 'node:stream'
import { once } from 'node:events'
import { describeError } from '../../errors.js'
import { Refusal, resolvePath } from './paths.js'
import type { OpenFile, PartnerTree, TreeEntry } from './tree.js'
import {
  MAX_DATA,
  MAX_HANDLES,
  STATUS,
  WireError,
  answer,
  packetsOf,
  parseRequest,
  type NameEntry,
  type Request,
} from './wire.js'

/** Names in one answer to READDIR. */
const NAMES = 100

type Handle =
  | { readonly kind: 'file'; readonly file: OpenFile }
  | {
      readonly kind: 'folder'
      readonly pages: AsyncGenerator<TreeEntry[]>
      rest: TreeEntry[]
    }

export interface SessionOptions {
  readonly tree: PartnerTree
  /** Owner shown in listings. */
  readonly owner: string
  /** Called at each request; the server ends sessions that are idle. */
  readonly active: () => void
  /** A failure of ours, not of the partner; the session goes on. */
  readonly failed: (error: unknown) => void
  /** Sends the exit status 0, without which some clients report an error. */
  readonly exit: () => void
}

/** Serves until the stream ends. Open uploads are then abandoned, never completed. */
export async function serveSession(stream: Duplex, options: SessionOptions): Promise<void> {
  const session = new Session(options)
  try {
    for await (const packet of packetsOf(stream)) {
      options.active()
      const reply = await session.handle(parseRequest(packet))
      if (!stream.writable) break
      if (!stream.write(reply)) await Promise.race([once(stream, 'drain'), once(stream, 'close')])
    }
  } finally {
    await session.end()
    if (stream.writable) options.exit()
    stream.end() // not answering the partner's end leaves OpenSSH waiting for ever
  }
}

class Session {
  readonly #options: SessionOptions
  readonly #handles = new Map<string, Handle>()
  #next = 1
  #begun = false

  constructor(options: SessionOptions) {
    this.#options = options
  }

  async handle(request: Request): Promise<Buffer> {
    if (request.type === 'init') {
      if (this.#begun) throw new WireError('a second INIT')
      this.#begun = true
      return answer.version()
    }
    if (!this.#begun) throw new WireError('a request before INIT')
    try {
      return await this.#answer(request)
    } catch (error) {
      if (error instanceof Refusal) return answer.status(request.id, error.status, error.message)
      this.#options.failed(error)
      const text = isFull(error) ? 'the disk is full' : 'the server cannot do this now'
      return answer.status(request.id, STATUS.failure, text)
    }
  }

  /** Ends what is open. */
  async end(): Promise<void> {
    for (const handle of this.#handles.values()) {
      try {
        if (handle.kind === 'file') await handle.file.abandon()
        else await handle.pages.return(undefined)
      } catch (error) {
        this.#options.failed(error)
      }
    }
    this.#handles.clear()
  }

  async #answer(request: Exclude<Request, { type: 'init' }>): Promise<Buffer> {
    const { tree } = this.#options
    const { id } = request
    const done = () => answer.status(id, STATUS.ok, 'done')
    switch (request.type) {
      case 'realpath': {
        const path = resolvePath(request.path)
        return answer.names(id, [{ name: path, longName: path, attributes: {} }])
      }
      case 'stat':
      case 'lstat':
        return answer.attributes(id, attributesOf(await tree.stat(request.path)))
      case 'opendir': {
        const pages = tree.list(request.path)
        const first = await pages.next()
        return this.#opened(id, { kind: 'folder', pages, rest: first.value ?? [] })
      }
      case 'readdir':
        return this.#readFolder(id, request.handle)
      case 'open':
        this.#assertRoom()
        return this.#opened(id, {
          kind: 'file',
          file: await tree.open(request.path, request.flags),
        })
      case 'read': {
        const length = Math.min(request.length, MAX_DATA)
        const data = await this.#file(request.handle).read(request.offset, length)
        if (data.length === 0) return answer.status(id, STATUS.eof, 'end of the file')
        return answer.data(id, data)
      }
      case 'write':
        await this.#file(request.handle).write(request.offset, request.data)
        return done()
      case 'fstat':
        return answer.attributes(id, attributesOf(this.#file(request.handle).stat()))
      case 'fsync':
        await this.#file(request.handle).sync()
        return done()
      case 'close': {
        const handle = this.#handle(request.handle)
        this.#handles.delete(request.handle)
        if (handle.kind === 'file') await handle.file.close()
        else await handle.pages.return(undefined)
        return done()
      }
      case 'fsetstat': {
        const { size } = this.#file(request.handle).stat()
        if (request.attributes.size !== undefined && request.attributes.size !== size)
          throw new Refusal(STATUS.unsupported, 'the size of a file cannot be set')
        return done()
      }
      case 'setstat':
        if (request.attributes.size !== undefined)
          throw new Refusal(STATUS.unsupported, 'the size of a file cannot be set')
        await tree.touch(request.path)
        return done()
      case 'remove':
        await tree.remove(request.path)
        return done()
      case 'rename':
      case 'posix-rename':
        await tree.rename(request.path, request.to, request.type === 'posix-rename')
        return done()
      case 'limits':
        return answer.limits(id)
      case 'statvfs': {
        const { bytes, free } = await tree.room(request.path)
        return answer.room(id, bytes, free)
      }
      case 'mkdir':
      case 'rmdir':
        throw new Refusal(STATUS.permissionDenied, 'folders are set up by the gateway')
      case 'symlink':
      case 'readlink':
        throw new Refusal(STATUS.permissionDenied, 'there are no links here')
      case 'unknown':
        throw new Refusal(STATUS.unsupported, 'this server does not know the request')
      default:
        return request satisfies never
    }
  }

  async #readFolder(id: number, name: string): Promise<Buffer> {
    const handle = this.#handle(name)
    if (handle.kind !== 'folder') throw new Refusal(STATUS.failure, 'this is no folder')
    while (handle.rest.length === 0) {
      const page = await handle.pages.next()
      if (page.done) return answer.status(id, STATUS.eof, 'end of the folder')
      handle.rest = page.value
    }
    const names = handle.rest.slice(0, NAMES).map((entry) => this.#named(entry))
    handle.rest = handle.rest.slice(NAMES)
    return answer.names(id, names)
  }

  #named(entry: TreeEntry): NameEntry {
    const mode = entry.folder
      ? entry.writable
        ? 'drwxr-x---'
        : 'dr-xr-x---'
      : entry.writable
        ? '-rw-r-----'
        : '-r--r-----'
    const owner = this.#options.owner.slice(0, 16).padEnd(8)
    const longName = `${mode} 1 ${owner} ${owner} ${String(entry.size).padStart(12)} ${listedTime(entry.modified)} ${entry.name}`
    return { name: entry.name, longName, attributes: attributesOf(entry) }
  }

  #opened(id: number, handle: Handle): Buffer {
    this.#assertRoom()
    const name = String(this.#next++)
    this.#handles.set(name, handle)
    return answer.handle(id, name)
  }

  #assertRoom(): void {
    if (this.#handles.size >= MAX_HANDLES)
      throw new Refusal(STATUS.failure, `more than ${MAX_HANDLES} files are open`)
  }

  #handle(name: string): Handle {
    const handle = this.#handles.get(name)
    if (!handle) throw new Refusal(STATUS.failure, 'the handle is not open')
    return handle
  }

  #file(name: string): OpenFile {
    const handle = this.#handle(name)
    if (handle.kind !== 'file') throw new Refusal(STATUS.failure, 'the handle is a folder')
    return handle.file
  }
}

const isFull = (error: unknown) =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '') ||
  describeError(error).includes('No space left')

function attributesOf(entry: TreeEntry) {
  const seconds = Math.floor(entry.modified.getTime() / 1000)
  const mode = entry.folder
    ? entry.writable
      ? 0o040750
      : 0o040550
    : entry.writable
      ? 0o100640
      : 0o100440
  return { size: entry.size, uid: 0, gid: 0, mode, atime: seconds, mtime: seconds }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** As `ls -l` writes it, in UTC. */
function listedTime(at: Date): string {
  const day = String(at.getUTCDate()).padStart(2)
  return `${MONTHS[at.getUTCMonth()]} ${day} ${at.toISOString().slice(11, 16)}`
}
