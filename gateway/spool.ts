// Bytes on their way in: hashed while they stream, in memory while they are few, on disk when they are many. The
// receiving transaction copies them part by part into the store.
import { createHash } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { PermanentError } from './errors.js'

/** A complete payload that can be read more than once until it is discarded. */
export interface Spool {
  readonly sha256: Buffer
  readonly size: number
  /** Path of the file that holds the bytes, when they are on disk: for readers in another thread. */
  readonly file?: string
  /** The bytes, when they are in memory. */
  readonly bytes?: Buffer
  /**
   * The bytes in parts of exactly `bytes` each but for the last; an empty payload has none. A part stays as it is until
   * the next but one is asked for: large payloads pass through the same memory.
   */
  parts(bytes: number): AsyncIterable<Buffer>
  /** Frees the file; the spool cannot be read afterwards. */
  discard(): Promise<void>
}

export interface SpoolOptions {
  /** Folder for files; it must exist. */
  folder: string
  /** Above this many bytes the payload goes to disk (default 1 MiB). */
  memoryBytes?: number
  /** More than this is refused (default 300 MiB). */
  maxBytes?: number
  /** Name for the file, unique in the folder. */
  newId: () => string
}

/** The payload is larger than the limit of its channel. */
export class TooLargeError extends PermanentError {}

/** A payload that is in memory already; `digest`: its SHA-256, where that is known. */
export function spoolOf(bytes: Uint8Array, digest?: Uint8Array): Spool {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sha256 = digest ?? createHash('sha256').update(whole).digest()
  return {
    sha256: Buffer.from(sha256.buffer, sha256.byteOffset, sha256.byteLength),
    size: whole.length,
    bytes: whole,
    async *parts(size) {
      for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size)
    },
    discard: async () => {},
  }
}

/** Takes a stream to its end. When it breaks or is too large the file is removed and the error thrown on. */
export async function spool(
  stream: AsyncIterable<Uint8Array>,
  options: SpoolOptions,
): Promise<Spool> {
  const limit = options.memoryBytes ?? 1_048_576
  const max = options.maxBytes ?? 314_572_800
  const hash = createHash('sha256')
  let held: Buffer[] = []
  let size = 0
  let file: { path: string; handle: FileHandle } | undefined

  try {
    for await (const piece of stream) {
      const chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
      size += chunk.length
      if (size > max) throw new TooLargeError(`the payload is larger than ${max} bytes`)
      hash.update(chunk)
      held.push(chunk)
      if (!file && size <= limit) continue
      file ??= await createFile(join(options.folder, options.newId()))
      for (const part of held) await file.handle.appendFile(part)
      held = []
    }
  } catch (error) {
    await file?.handle.close()
    if (file) await unlink(file.path)
    throw error
  }

  const sha256 = hash.digest()
  if (!file) return spoolOf(held.length === 1 ? held[0]! : Buffer.concat(held), sha256)
  const { path, handle } = file
  await handle.close()
  return spoolOfFile(path, sha256, size)
}

/** A payload that somebody has written to a file and hashed; the file belongs to the spool from then on. */
export function spoolOfFile(path: string, sha256: Buffer, size: number): Spool {
  return {
    sha256,
    size,
    file: path,
    parts: (bytes) => fileParts(path, bytes),
    discard: () => unlink(path),
  }
}

async function createFile(path: string): Promise<{ path: string; handle: FileHandle }> {
  return { path, handle: await open(path, 'wx', 0o600) }
}

async function* fileParts(path: string, bytes: number): AsyncGenerator<Buffer> {
  const handle = await open(path, 'r')
  try {
    let part: Buffer = Buffer.alloc(bytes)
    let other: Buffer | undefined
    for (;;) {
      let filled = 0
      while (filled < bytes) {
        const { bytesRead } = await handle.read(part, filled, bytes - filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      if (filled > 0) yield part.subarray(0, filled)
      if (filled < bytes) return
      ;[part, other] = [other ?? Buffer.alloc(bytes), part]
    }
  } finally {
    await handle.close()
  }
}
