// One poll of a partner's folder: what is complete is taken into the mailbox, and put away only when that is committed.
// Dying anywhere on the way leaves the file where it was, or taken and to be put away by the next poll.
import { createHash } from 'node:crypto'
import { PermanentError, describeError } from '../../errors.js'
import type { Fault } from '../../fault.js'
import type { NewId } from '../../ids.js'
import { spool, type Spool } from '../../spool.js'
import type { KnownFile, SftpConnection, SftpConnections } from '../../store/sftp-connections.js'
import type { Mailbox } from '../channel.js'
import { anyGlob } from './glob.js'
import { ConnectionError, freePath, remotePath, type Remote, type RemoteFile } from './remote.js'
import type { ConnectionSettings } from './settings.js'

export type FetchSettings = NonNullable<ConnectionSettings['fetch']>

export interface PollOptions {
  readonly connections: Pick<
    SftpConnections,
    'noteListing' | 'noteTaken' | 'noteFileFailure' | 'forgetFile'
  >
  readonly mailbox: Pick<Mailbox, 'deposit'>
  /** Folder for files on their way in. */
  readonly spoolFolder: string
  readonly newId: NewId
  readonly fault: Fault
  /** What happened to a file, for the audit. */
  readonly note: (action: string, detail: Readonly<Record<string, unknown>>) => void
  /** False when the poll is no longer ours, or is to end. */
  readonly goOn: () => boolean
}

/** Files in work at once: round trips, not bytes, are what small files cost. */
const WIDTH = 8

/** Names of a listing that count: not those still being written, not done-files, only what is included. */
export function wantedNames(fetch: FetchSettings): (name: string) => boolean {
  const options = { ignoreCase: fetch.ignoreCase }
  const [included, excluded, temporary] = [fetch.include, fetch.exclude, fetch.temporary].map(
    (patterns) => anyGlob(patterns, options),
  )
  const { doneSuffix } = fetch
  return (name) =>
    included!(name) &&
    !excluded!(name) &&
    !temporary!(name) &&
    (doneSuffix === undefined || !name.endsWith(doneSuffix))
}

/**
 * Polls over an open connection. Gives whether files are left that the next poll should not wait for. What is wrong with
 * one file is kept with it; throws ConnectionError when the server cannot be worked with any more.
 */
export async function poll(
  remote: Remote,
  { id, settings }: SftpConnection & { settings: { fetch: FetchSettings } },
  options: PollOptions,
): Promise<{ more: boolean }> {
  const { fetch, host } = settings
  const { connections } = options
  const listing = await listed(remote, fetch.folder)
  const isWanted = wantedNames(fetch)
  const present = new Set(listing.map((file) => file.name))
  const wanted = new Map(
    listing
      .filter((file) => isWanted(file.name))
      .map((file) => [remotePath(fetch.folder, file.name), file]),
  )
  const known = await connections.noteListing(
    id,
    [...wanted].map(([path, { size, modified }]) => ({ path, size, modified })),
  )
  const needed = fetch.doneSuffix === undefined ? fetch.stable : 0
  const isDue = (file: KnownFile) => {
    if (file.waits) return false
    if (file.taken) return fetch.after !== 'keep'
    const { name } = wanted.get(file.path)!
    const complete = fetch.doneSuffix === undefined || present.has(name + fetch.doneSuffix)
    return file.size > 0 && complete && file.unchanged >= needed
  }
  const due = known
    .filter(isDue)
    .sort((a, b) => a.modified - b.modified || (a.path < b.path ? -1 : 1))

  const take = async (file: KnownFile): Promise<void> => {
    const { name } = wanted.get(file.path)!
    if (!file.taken && !(await deposit(remote, { id, host, name, file, fetch }, options))) return
    if (fetch.after === 'keep') return
    const to = await putAway(remote, name, file, fetch)
    await connections.forgetFile(id, file.path)
    options.note('sftp.put-away', { path: file.path, ...(to === undefined ? {} : { to }) })
  }

  const queue = due.slice(0, fetch.maxFiles).values()
  let failure: unknown
  await Promise.all(
    Array.from({ length: WIDTH }, async () => {
      for (const file of queue) {
        if (failure !== undefined || !options.goOn()) return
        try {
          await take(file)
        } catch (error) {
          if (!remote.usable)
            failure ??= new ConnectionError(
              'unreachable',
              `${host}: ${describeError(error)}`,
              error,
            )
          else if (error instanceof DepositError) failure ??= error.cause
          else await connections.noteFileFailure(id, file.path, describeError(error))
        }
      }
    }),
  )
  if (failure !== undefined) throw failure
  return { more: due.length > fetch.maxFiles }
}

async function listed(remote: Remote, folder: string): Promise<RemoteFile[]> {
  try {
    return await remote.list(folder)
  } catch (error) {
    const kind = remote.usable ? 'folder' : 'unreachable'
    throw new ConnectionError(kind, `${folder} cannot be listed: ${describeError(error)}`, error)
  }
}

/** Our store failed, not the partner's file. */
class DepositError extends Error {}

interface Taking {
  readonly id: string
  readonly host: string
  readonly name: string
  readonly file: KnownFile
  readonly fetch: FetchSettings
}

/** Takes one file into the mailbox; false when it changed meanwhile and is left for a later poll. */
async function deposit(
  remote: Remote,
  { id, host, name, file, fetch }: Taking,
  options: PollOptions,
): Promise<boolean> {
  const { connections, mailbox, fault } = options
  const { path, size, modified } = file
  if (size > fetch.maxFileBytes)
    throw new PermanentError(`has ${size} bytes, more than the ${fetch.maxFileBytes} agreed`)
  const payload = await spool(remote.read(path), {
    folder: options.spoolFolder,
    newId: options.newId,
    maxBytes: fetch.maxFileBytes,
  })
  try {
    const after = await remote.stat(path)
    if (payload.size !== size || after?.size !== size || after.modified !== modified) return false
    fault('fetch-downloaded')
    await store(mailbox, connections, { id, host, name, file, payload })
    fault('fetch-committed')
    options.note('sftp.taken', { path, bytes: size, sha256: payload.sha256.toString('hex') })
    return true
  } finally {
    await payload.discard()
  }
}

async function store(
  mailbox: PollOptions['mailbox'],
  connections: PollOptions['connections'],
  { id, host, name, file, payload }: Omit<Taking, 'fetch'> & { payload: Spool },
): Promise<void> {
  const { path, size, modified } = file
  const taken = { path, size, modified, sha256: payload.sha256 }
  try {
    const { state } = await mailbox.deposit({
      channel: 'sftp',
      partnerId: id,
      dedupeKey: dedupeKey(taken),
      payload,
      fileName: name,
      headers: {
        'sftp-host': host,
        'sftp-path': path,
        'sftp-modified': new Date(modified * 1000).toISOString(),
      },
      within: () => ({ row: taken, write: (tx) => connections.noteTaken(id, taken, tx) }),
    })
    if (state === 'duplicate') await connections.noteTaken(id, taken)
  } catch (cause) {
    throw new DepositError('deposit', { cause })
  }
}

/** The same bytes at the same place with the same time are the same delivery; a new file there is another one. */
function dedupeKey(file: { path: string; size: number; modified: number; sha256: Buffer }): string {
  const place = createHash('sha256').update(file.path).digest('base64url')
  return `fetch ${place} ${file.size} ${file.modified} ${file.sha256.toString('hex')}`
}

/** Removes or moves a file that is taken, its done-file before it; gives where it went. */
async function putAway(
  remote: Remote,
  name: string,
  { path, size, modified }: KnownFile,
  { after, archive, doneSuffix }: FetchSettings,
): Promise<string | undefined> {
  const there = await remote.stat(path)
  // Another file has come under the name: the next listing shows it as new.
  if (!there || there.size !== size || there.modified !== modified) return undefined
  const done = doneSuffix === undefined ? undefined : path + doneSuffix
  if (done !== undefined && (await remote.stat(done))) await remote.remove(done)
  if (after !== 'move' || archive === undefined) {
    await remote.remove(path)
    return undefined
  }
  const to = await freePath(remote, remotePath(archive, name))
  await remote.rename(path, to)
  return to
}
