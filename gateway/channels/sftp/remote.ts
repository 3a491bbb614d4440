// A partner's SFTP server we have logged in to: the few verbs that are needed, as promises that end. ssh2 speaks the
// protocol; reading and writing are ours, since its own transfers hang or give wrong bytes with some servers.
import ssh2, { type ConnectConfig, type FileEntryWithStats, type SFTPWrapper } from 'ssh2'
import { RetryableError, describeError } from '../../errors.js'
import { fingerprint, pinned } from './keys.js'
import type { ConnectionSettings } from './settings.js'
import { STATUS } from './wire.js'

/** What we prove with who we are; at least one of them. */
export interface ConnectionSecrets {
  readonly password?: string
  /** PEM or OpenSSH form. */
  readonly privateKey?: string
  readonly passphrase?: string
}

/**
 * Why a server cannot be worked with. `host-key`: it shows a key that is not pinned. `login`: it refuses us. `folder`:
 * the agreed folder cannot be used. `unreachable`: anything that may be over by itself.
 */
export class ConnectionError extends RetryableError {
  readonly kind: 'host-key' | 'login' | 'folder' | 'unreachable'

  constructor(kind: ConnectionError['kind'], message: string, cause?: unknown) {
    super(message, { cause })
    this.kind = kind
  }
}

/** A file as a listing shows it; `modified` is in seconds since 1970. */
export interface RemoteFile {
  readonly name: string
  readonly size: number
  readonly modified: number
}

export interface Remote {
  /** Regular files of a folder. Names that lead elsewhere or hold control characters are left out. */
  list(folder: string): Promise<RemoteFile[]>
  /** Undefined when there is no such file. */
  stat(path: string): Promise<Omit<RemoteFile, 'name'> | undefined>
  /** The bytes in order. Throws when there are fewer than the size told at the opening. */
  read(path: string): AsyncGenerator<Buffer>
  /**
   * Writes `chunks` from `offset` on, keeping what is before it; offset 0 makes the file or empties it. `beforeClose`
   * runs when the server has acknowledged every byte.
   */
  write(
    path: string,
    chunks: AsyncIterable<Buffer>,
    offset: number,
    beforeClose?: () => Promise<void>,
  ): Promise<void>
  /** By posix-rename where the server has it, which is one step; else by RENAME. */
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** False once the connection has ended, from whichever side. */
  readonly usable: boolean
  end(): void
}

/** Bytes of one request; servers that take less get it in pieces. */
const CHUNK = 65_536
/** Bytes asked for or sent ahead of the answers. A broken-off upload has no gap before its last so many bytes. */
export const AHEAD_BYTES = 1_048_576
const KEEPALIVE_MS = 10_000
/** Names read of one folder. */
const MAX_NAMES = 100_000

/** Logs in. Throws ConnectionError. */
export function connect(settings: ConnectionSettings, secrets: ConnectionSecrets): Promise<Remote> {
  const { host, port } = settings
  const timeoutMs = settings.timeoutSeconds * 1000
  const isPinned = pinned(settings.hostKeys)
  let shown: string | undefined
  const client = new ssh2.Client()
  return new Promise<Remote>((resolve, reject) => {
    const fail = (error: unknown) => {
      client.destroy()
      reject(connectionError(error, `${host} port ${port}`, shown))
    }
    // After the login an error is followed by 'close', which ends what is under way.
    client.on('error', fail)
    client.once('close', () => fail(new Error('the server closed the connection')))
    client.once('ready', () =>
      client.sftp((error, sftp) => {
        if (error) fail(error)
        else resolve(remote(client, sftp, timeoutMs))
      }),
    )
    client.on('keyboard-interactive', (_name, _text, _language, prompts, answer) =>
      answer(prompts.map(() => secrets.password ?? '')),
    )
    try {
      client.connect({
        host,
        port,
        username: settings.user,
        ...secrets,
        ...(settings.algorithms === undefined
          ? {}
          : // The names are the agreement's; ssh2 throws for one it does not know.
            { algorithms: settings.algorithms as NonNullable<ConnectConfig['algorithms']> }),
        authHandler: [
          ...(secrets.privateKey === undefined ? [] : (['publickey'] as const)),
          ...(secrets.password === undefined
            ? []
            : (['password', 'keyboard-interactive'] as const)),
        ],
        tryKeyboard: secrets.password !== undefined,
        hostVerifier: (key: Buffer) => {
          if (isPinned(key)) return true
          shown = fingerprint(key)
          return false
        },
        readyTimeout: timeoutMs,
        keepaliveInterval: KEEPALIVE_MS,
        keepaliveCountMax: 3,
      })
      // Small requests that each wait for an answer: Nagle's algorithm would hold most of them back for 40 ms.
      client.setNoDelay()
    } catch (error) {
      fail(error)
    }
  })
}

function connectionError(error: unknown, where: string, shown: string | undefined) {
  const { level } = error as { level?: string }
  if (shown !== undefined)
    return new ConnectionError(
      'host-key',
      `${where} shows the host key ${shown}, which is not pinned`,
    )
  if (level === 'client-authentication')
    return new ConnectionError('login', `${where} refuses our login`, error)
  return new ConnectionError('unreachable', `${where}: ${describeError(error)}`, error)
}

type Callback<T> = (error: Error | null | undefined, value?: T) => void

function remote(client: ssh2.Client, sftp: SFTPWrapper, timeoutMs: number): Remote {
  let usable = true
  const pending = new Set<(error: Error) => void>()
  const over = (error: Error) => {
    usable = false
    for (const reject of pending) reject(error)
    pending.clear()
  }
  client.on('close', () => over(new RetryableError('the connection was lost')))
  client.on('error', (error) =>
    over(new RetryableError(`the connection was lost: ${describeError(error)}`, { cause: error })),
  )
  sftp.on('close', () => over(new RetryableError('the server ended the session')))

  /** One request. It ends with its answer, with the connection, or by time, which ends the connection. */
  const ask = <T>(request: (done: Callback<T>) => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (!usable) return reject(new RetryableError('the connection was lost'))
      const settle = (act: () => void) => {
        clearTimeout(timer)
        pending.delete(failed)
        act()
      }
      const failed = (error: Error) => settle(() => reject(error))
      const timer = setTimeout(() => {
        failed(new RetryableError(`the server has not answered for ${timeoutMs / 1000} s`))
        client.destroy()
      }, timeoutMs)
      pending.add(failed)
      try {
        request((error, value) => {
          if (error) failed(error)
          else settle(() => resolve(value as T))
        })
      } catch (error) {
        settle(() => reject(error as Error))
      }
    })
  const open = (path: string, mode: 'r' | 'r+' | 'w') =>
    ask<Buffer>((done) => sftp.open(path, mode, done))
  const close = (handle: Buffer) => ask<undefined>((done) => sftp.close(handle, done))

  /** Exactly `length` bytes from `at`, however many answers it takes. */
  const readPart = async (handle: Buffer, at: number, length: number): Promise<Buffer> => {
    const part = Buffer.allocUnsafe(length)
    for (let filled = 0; filled < length;) {
      const got = await ask<number>((done) =>
        sftp.read(handle, part, filled, length - filled, at + filled, done),
      )
      if (got === 0) throw new RetryableError('the file is shorter than the server said')
      filled += got
    }
    return part
  }

  return {
    list: async (folder) => {
      const handle = await ask<Buffer>((done) => sftp.opendir(folder, done))
      const files: RemoteFile[] = []
      try {
        for (let names = 0; names < MAX_NAMES;) {
          const page = await ask<FileEntryWithStats[] | undefined>((done) =>
            sftp.readdir(handle, (error, list) =>
              statusOf(error) === STATUS.eof ? done(null, undefined) : done(error, list),
            ),
          )
          if (!page) break
          names += page.length
          files.push(...page.flatMap(regularFile))
        }
      } finally {
        if (usable) await close(handle)
      }
      return files
    },
    stat: async (path) => {
      try {
        const { size, mtime } = await ask<ssh2.Stats>((done) => sftp.stat(path, done))
        return { size, modified: mtime }
      } catch (error) {
        if (statusOf(error) === STATUS.noSuchFile) return undefined
        throw error
      }
    },
    read: async function* (path) {
      const handle = await open(path, 'r')
      try {
        const { size } = await ask<ssh2.Stats>((done) => sftp.fstat(handle, done))
        const ahead: Promise<Buffer>[] = []
        for (let asked = 0; asked < size || ahead.length > 0;) {
          while (asked < size && ahead.length < AHEAD_BYTES / CHUNK) {
            const part = readPart(handle, asked, Math.min(CHUNK, size - asked))
            part.catch(() => undefined) // whoever reads on hears of it
            ahead.push(part)
            asked += CHUNK
          }
          yield await ahead.shift()!
        }
      } finally {
        if (usable) await close(handle)
      }
    },
    write: async (path, chunks, offset, beforeClose) => {
      const handle = await open(path, offset === 0 ? 'w' : 'r+')
      let closing = false
      try {
        const ahead: Promise<unknown>[] = []
        let at = offset
        let bytes = 0
        for await (const chunk of chunks)
          for (let from = 0; from < chunk.length; from += CHUNK) {
            const length = Math.min(CHUNK, chunk.length - from)
            const position = at
            const written = ask((done) => sftp.write(handle, chunk, from, length, position, done))
            written.catch(() => undefined) // thrown where it is awaited
            ahead.push(written)
            at += length
            bytes += length
            if (bytes >= AHEAD_BYTES) {
              await ahead.shift()
              bytes -= CHUNK
            }
          }
        await Promise.all(ahead)
        await beforeClose?.()
        closing = true
        await close(handle)
      } finally {
        if (usable && !closing) await close(handle).catch(() => undefined) // the first failure is told
      }
    },
    rename: (from, to) =>
      ask<undefined>((done) => {
        try {
          sftp.ext_openssh_rename(from, to, done)
        } catch {
          sftp.rename(from, to, done) // ssh2 throws where the server has not announced the extension
        }
      }),
    remove: (path) => ask<undefined>((done) => sftp.unlink(path, done)),
    get usable() {
      return usable
    },
    end: () => {
      client.end()
      // Some servers never answer the end.
      setTimeout(() => client.destroy(), 2_000).unref()
    },
  }
}

/** `path`, or with `-2`, `-3` … before its ending the first that is free. */
export async function freePath(remote: Pick<Remote, 'stat'>, path: string): Promise<string> {
  for (let n = 1; ; n++) {
    const tried = n === 1 ? path : path.replace(/(?=\.[^./]*$)|$/, `-${n}`)
    if (!(await remote.stat(tried))) return tried
  }
}

/** A path on a server; `.` is where the login begins. */
export const remotePath = (folder: string, name: string) =>
  folder === '.' ? name : `${folder.replace(/\/+$/, '')}/${name}`

/** The SFTP status of an answer that is an error. */
export function statusOf(error: unknown): number | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'number' ? code : undefined
}

const KIND = 0o170000
const REGULAR = 0o100000

function regularFile({ filename: name, longname, attrs }: FileEntryWithStats): RemoteFile[] {
  const mode = attrs.mode as number | undefined // version 3 lets a server leave it out
  const regular =
    mode !== undefined && (mode & KIND) !== 0
      ? (mode & KIND) === REGULAR
      : !/^[dlcbps]/.test(longname)
  if (!regular || /[/\u0000-\u001f\u007f\ufffd]/.test(name)) return []
  return [{ name, size: attrs.size, modified: attrs.mtime }]
}
