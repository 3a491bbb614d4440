// What one partner sees after logging in: folders that exist only for them, uploads that become payloads, files laid
// out for them. No path of this machine is ever involved.
import { RetryableError, describeError } from '../../errors.js'
import type { NewId } from '../../ids.js'
import type { SftpFile, SftpStore, SftpAccount } from '../../store/sftp.js'
import type { Mailbox } from '../channel.js'
import { Download } from './download.js'
import { anyGlob } from './glob.js'
import { Refusal, joinPath, resolvePath, splitPath } from './paths.js'
import type { ServedFolder } from './settings.js'
import type { Place, StagingArea, Upload } from './staging.js'
import { OPEN, STATUS } from './wire.js'

/** The store's verbs for the files of accounts. */
export type FileStore = Pick<
  SftpStore,
  'list' | 'find' | 'showUpload' | 'noteFetched' | 'takeFile' | 'parts'
>

/** Something that happened, for the audit: `action` is `<thing>.<verb>`. */
export type Note = (action: string, detail: Readonly<Record<string, unknown>>) => void

export interface TreeServices {
  readonly files: FileStore
  readonly staging: StagingArea
  readonly mailbox: Pick<Mailbox, 'deposit'>
  readonly newId: NewId
  readonly note: Note
  /** Called when a file was fetched, so that its receipt can be given. */
  readonly fetched: () => void
  /** Address the partner came from. */
  readonly address: string
}

export interface TreeEntry {
  readonly name: string
  readonly folder: boolean
  readonly size: number
  readonly modified: Date
  readonly writable: boolean
}

/** An open file. `close` is the partner's CLOSE; `abandon` is the end of a connection without it. */
export interface OpenFile {
  read(offset: number, length: number): Promise<Buffer>
  write(offset: number | undefined, data: Buffer): Promise<void>
  stat(): TreeEntry
  sync(): Promise<void>
  close(): Promise<void>
  abandon(): Promise<void>
}

type Right = 'list' | 'read' | 'write' | 'remove'
const RIGHTS: Readonly<Record<ServedFolder['use'], readonly Right[]>> = {
  in: ['list', 'write', 'remove'],
  out: ['list', 'read', 'remove'],
  archive: ['list', 'read'],
}

/** Files of a folder read from the store at once. */
const PAGE = 200
/** How long an upload that was taken in stays visible. */
const SHOWN_HOURS = 24
const NONE = () => new Refusal(STATUS.noSuchFile, 'there is no such file')
const DENIED = (text: string) => new Refusal(STATUS.permissionDenied, text)

export class PartnerTree {
  readonly #account: SftpAccount
  readonly #services: TreeServices
  readonly #isTemporary: (name: string) => boolean
  readonly #since = new Date()

  constructor(account: SftpAccount, services: TreeServices) {
    this.#account = account
    this.#services = services
    this.#isTemporary = anyGlob(account.settings.temporary, { ignoreCase: true })
  }

  async stat(path: string): Promise<TreeEntry> {
    const at = resolvePath(path)
    if (this.#isFolder(at)) return this.#folderEntry(splitPath(at).name || '/', at)
    const { folder, name } = this.#file(at)
    if (!this.#allows(folder, 'list')) throw DENIED(`${folder.path} may not be listed`)
    const staged =
      folder.use === 'in' ? await this.#services.staging.find(this.#place(folder, name)) : undefined
    if (staged) return { ...staged, folder: false, writable: true }
    const stored = await this.#services.files.find(this.#account.name, folder.path, name)
    if (!stored) throw NONE()
    return storedEntry(stored)
  }

  /** The entries of a folder, page by page. */
  async *list(path: string): AsyncGenerator<TreeEntry[]> {
    const at = resolvePath(path)
    if (!this.#isFolder(at)) throw NONE()
    const children = new Set<string>()
    for (const { path: known } of this.#account.settings.folders)
      if (known.startsWith(at === '/' ? '/' : `${at}/`))
        children.add(known.slice(at === '/' ? 1 : at.length + 1).split('/')[0]!)
    yield [
      this.#folderEntry('.', at),
      this.#folderEntry('..', at),
      ...[...children].map((name) => this.#folderEntry(name, joinPath(at, name))),
    ]
    const folder = this.#account.settings.folders.find((known) => known.path === at)
    if (!folder) return
    if (!this.#allows(folder, 'list')) throw DENIED(`${folder.path} may not be listed`)
    const staged =
      folder.use === 'in' ? await this.#services.staging.list(this.#account.name, at) : []
    yield staged.map((file) => ({ ...file, folder: false, writable: true }))
    const hidden = new Set(staged.map((file) => file.name))
    for (let after = ''; ;) {
      const page = await this.#services.files.list(this.#account.name, at, after, PAGE)
      yield page.filter((file) => !hidden.has(file.name)).map(storedEntry)
      if (page.length < PAGE) return
      after = page.at(-1)!.name
    }
  }

  async open(path: string, flags: number): Promise<OpenFile> {
    const at = resolvePath(path)
    if (this.#isFolder(at)) throw new Refusal(STATUS.failure, 'this is a folder')
    const { folder, name } = this.#file(at)
    if (flags & (OPEN.write | OPEN.append | OPEN.create | OPEN.truncate))
      return this.#openUpload(folder, name, flags)
    if (!this.#allows(folder, 'read')) throw DENIED(`files in ${folder.path} may not be read`)
    const stored = await this.#services.files.find(this.#account.name, folder.path, name)
    if (!stored) throw NONE()
    return this.#openDownload(stored, at)
  }

  async remove(path: string): Promise<void> {
    const at = resolvePath(path)
    const { folder, name } = this.#file(at)
    if (!this.#allows(folder, 'remove')) throw DENIED(`files in ${folder.path} may not be removed`)
    if (folder.use === 'in' && (await this.#services.staging.find(this.#place(folder, name)))) {
      await this.#services.staging.remove(this.#place(folder, name))
      this.#services.note('sftp.upload-removed', { path: at })
      return
    }
    const stored = await this.#services.files.find(this.#account.name, folder.path, name)
    if (!stored) throw NONE()
    await this.#take(stored, at)
  }

  /** `replace`: a file at the new place makes way (posix-rename). */
  async rename(path: string, to: string, replace: boolean): Promise<void> {
    const from = resolvePath(path)
    const target = resolvePath(to)
    const old = this.#file(from)
    const fresh = this.#file(target)
    if (old.folder.use === 'out') return this.#moveToArchive(old, fresh, from)
    if (
      old.folder.use !== 'in' ||
      fresh.folder.use !== 'in' ||
      !this.#allows(fresh.folder, 'write')
    )
      throw DENIED(`${from} may not be moved to ${target}`)
    const place = this.#place(old.folder, old.name)
    const next = this.#place(fresh.folder, fresh.name)
    if (!(await this.#services.staging.find(place))) {
      if (await this.#services.files.find(this.#account.name, old.folder.path, old.name))
        throw DENIED(`${from} has been received and cannot be renamed`)
      throw NONE()
    }
    if (await this.#services.staging.isIncomplete(place))
      throw new Refusal(
        STATUS.failure,
        `${from} is not complete; resume it (reput) or send it again before it is renamed`,
      )
    if (from === target) return
    if (!replace && (await this.#services.staging.find(next)))
      throw new Refusal(STATUS.failure, `${target} is there already`)
    await this.#services.staging.rename(place, next)
    await this.#written(fresh.folder, fresh.name, undefined, true)
  }

  /** The account's quota and what is free of it, in bytes: the same in all its folders. */
  async room(path: string): Promise<{ bytes: number; free: number }> {
    await this.stat(path)
    const { name, settings } = this.#account
    const { quotaBytes } = settings
    if (quotaBytes === undefined) throw new Refusal(STATUS.unsupported, 'no quota is agreed')
    const used = await this.#services.staging.used(name, settings)
    return { bytes: quotaBytes, free: Math.max(0, quotaBytes - used) }
  }

  /** Clients set times and modes after an upload; there is nothing to set, only to be there. */
  async touch(path: string): Promise<void> {
    await this.stat(path)
  }

  async #openUpload(folder: ServedFolder, name: string, flags: number): Promise<OpenFile> {
    if (folder.use !== 'in' || !this.#allows(folder, 'write'))
      throw DENIED(`files may not be written to ${folder.path}`)
    const { staging } = this.#services
    const place = this.#place(folder, name)
    const there = await staging.find(place)
    if (there && flags & OPEN.exclusive)
      throw new Refusal(STATUS.failure, `${joinPath(folder.path, name)} is there already`)
    if (!there && !(flags & OPEN.create)) {
      if (await this.#services.files.find(this.#account.name, folder.path, name))
        throw DENIED(`${joinPath(folder.path, name)} has been received and cannot be changed`)
      throw NONE()
    }
    const resume = there !== undefined && !(flags & OPEN.truncate)
    const upload = await staging
      .open(place, resume, this.#account.settings)
      .catch(locate(joinPath(folder.path, name)))
    return this.#uploadFile(folder, name, upload, (flags & OPEN.append) !== 0)
  }

  #uploadFile(folder: ServedFolder, name: string, upload: Upload, append: boolean): OpenFile {
    const path = joinPath(folder.path, name)
    return {
      read: () => Promise.reject(DENIED('the file was opened for writing')),
      write: (offset, data) => upload.write(append ? undefined : offset, data).catch(locate(path)),
      stat: () => ({
        name,
        folder: false,
        size: upload.size,
        modified: new Date(),
        writable: true,
      }),
      sync: () => upload.sync(),
      close: async () => {
        const sha256 = await upload.finish().catch(this.#refused(path))
        await this.#written(folder, name, sha256, false)
      },
      abandon: async () => {
        await upload.abandon()
        this.#services.note('sftp.upload-broken-off', { path, bytes: upload.size })
      },
    }
  }

  #openDownload(stored: SftpFile, path: string): OpenFile {
    const download = new Download(stored, this.#services.files.parts)
    return {
      read: (offset, length) => download.read(offset, length),
      write: () => Promise.reject(DENIED('the file was opened for reading')),
      stat: () => storedEntry(stored),
      sync: async () => undefined,
      close: async () => {
        if (!download.complete || stored.use !== 'out') return
        if (await this.#services.files.noteFetched(stored.id)) {
          this.#services.note('sftp.fetched', { path, ...facts(stored) })
          this.#services.fetched()
        }
        if (this.#account.settings.afterFetch === 'archive') await this.#take(stored, path)
      },
      abandon: async () => undefined,
    }
  }

  /** A file has its bytes or its name now, and is held until it is clear what that completes. */
  async #written(
    folder: ServedFolder,
    name: string,
    sha256: Buffer | undefined,
    renamed: boolean,
  ): Promise<void> {
    try {
      await this.#complete(folder, name, sha256, renamed)
    } finally {
      this.#services.staging.release(this.#place(folder, name))
    }
  }

  /** The account's settings decide what a file completes that is there under its name. */
  async #complete(
    folder: ServedFolder,
    name: string,
    sha256: Buffer | undefined,
    renamed: boolean,
  ): Promise<void> {
    const { publish, doneSuffix } = this.#account.settings
    if (publish === 'done') {
      const isDone = name.endsWith(doneSuffix) && name.length > doneSuffix.length
      const data = isDone ? name.slice(0, -doneSuffix.length) : name
      const done = this.#place(folder, data + doneSuffix)
      const { staging } = this.#services
      const place = this.#place(folder, data)
      if (this.#isTemporary(data) || (await staging.isIncomplete(place))) return
      if (!(await staging.find(place)) || !(await staging.find(done))) return
      try {
        await this.#publish(folder, data, isDone ? undefined : sha256)
      } finally {
        staging.release(place)
      }
      staging.release(done)
      await staging.remove(done)
    } else if (!this.#isTemporary(name) && (publish === 'close' || renamed)) {
      await this.#publish(folder, name, sha256)
    }
  }

  async #publish(folder: ServedFolder, name: string, sha256: Buffer | undefined): Promise<void> {
    const path = joinPath(folder.path, name)
    const { staging, mailbox, files, note } = this.#services
    const { settings } = this.#account
    const payload = await staging
      .spool(this.#place(folder, name), settings, sha256)
      .catch(this.#refused(path))
    if (payload.size === 0) {
      await payload.discard()
      throw new Refusal(STATUS.failure, `${path} is empty and was not taken`)
    }
    const deposited = await mailbox
      .deposit({
        channel: 'sftp',
        partnerId: this.#account.name,
        dedupeKey: `put ${path} ${payload.sha256.toString('hex')}`,
        payload,
        fileName: name,
        headers: { 'sftp-path': path, 'remote-address': this.#services.address },
      })
      .catch((error: unknown) => {
        if (!(error instanceof RetryableError)) throw error
        note('sftp.upload-not-stored', { path, reason: describeError(error) })
        throw new Refusal(STATUS.failure, `${path} could not be stored now; send it again later`)
      })
    await files.showUpload({
      id: this.#services.newId(),
      account: this.#account.name,
      folder: folder.path,
      name,
      sha256: payload.sha256,
      size: payload.size,
      hours: SHOWN_HOURS,
    })
    await payload.discard()
    note('sftp.received', {
      path,
      ...facts(payload),
      state: deposited.state,
      payload: deposited.messageId,
    })
  }

  /** Notes why an upload was not taken and throws that on. */
  #refused(path: string): (error: unknown) => never {
    return (error) => {
      this.#services.note('sftp.upload-refused', { path, reason: describeError(error) })
      return locate(path)(error)
    }
  }

  async #moveToArchive(
    old: { folder: ServedFolder; name: string },
    fresh: { folder: ServedFolder; name: string },
    from: string,
  ): Promise<void> {
    if (
      fresh.folder.use !== 'archive' ||
      fresh.name !== old.name ||
      !this.#allows(old.folder, 'remove')
    )
      throw DENIED(`${from} may only be moved to the archive under its name`)
    const stored = await this.#services.files.find(this.#account.name, old.folder.path, old.name)
    if (!stored) throw NONE()
    await this.#take(stored, from)
  }

  async #take(stored: SftpFile, path: string): Promise<void> {
    const { folders, archiveDays } = this.#account.settings
    const archive = folders.find((folder) => folder.use === 'archive')
    await this.#services.files.takeFile(
      stored.id,
      archive && archiveDays > 0 ? { folder: archive.path, days: archiveDays } : undefined,
    )
    this.#services.note('sftp.removed', { path, ...facts(stored) })
    if (stored.use === 'out') this.#services.fetched()
  }

  #file(path: string): { folder: ServedFolder; name: string } {
    const { folder, name } = splitPath(path)
    const served = this.#account.settings.folders.find((known) => known.path === folder)
    if (!served || name === '') throw this.#isFolder(path) ? DENIED('this is a folder') : NONE()
    return { folder: served, name }
  }

  #isFolder(path: string): boolean {
    return (
      path === '/' ||
      this.#account.settings.folders.some((f) => f.path === path || f.path.startsWith(`${path}/`))
    )
  }

  #folderEntry(name: string, path: string): TreeEntry {
    const folder = this.#account.settings.folders.find((known) => known.path === path)
    const writable = folder !== undefined && this.#allows(folder, 'write')
    return { name, folder: true, size: 0, modified: this.#since, writable }
  }

  #allows(folder: ServedFolder, right: Right): boolean {
    return (folder.rights ?? RIGHTS[folder.use]).includes(right)
  }

  #place(folder: ServedFolder, name: string): Place {
    return { account: this.#account.name, folder: folder.path, name }
  }
}

/** Throws on, a refusal with the path it is about. */
const locate =
  (path: string) =>
  (error: unknown): never => {
    if (!(error instanceof Refusal)) throw error
    throw new Refusal(error.status, `${path}: ${error.message}`)
  }

const facts = ({ size, sha256 }: { size: number; sha256: Buffer }) => ({
  bytes: size,
  sha256: sha256.toString('hex'),
})

const storedEntry = (file: SftpFile): TreeEntry => ({
  name: file.name,
  folder: false,
  size: file.size,
  modified: file.createdAt,
  writable: false,
})
