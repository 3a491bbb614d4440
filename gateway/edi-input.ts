// Input of the commands that read EDI or Documents: a file, or standard input as `-`.
import { createReadStream } from 'node:fs'
import { UsageError, type Io } from './command.js'
import { EnvironmentError } from './environment-error.js'

/** The bytes of a file or of standard input, piece by piece. A file that cannot be read is an EnvironmentError. */
export async function* openInput(path: string, io: Pick<Io, 'stdin'>): AsyncGenerator<Uint8Array> {
  const stream = path === '-' ? io.stdin : createReadStream(path, { highWaterMark: 256 * 1024 })
  try {
    for await (const chunk of stream) yield chunk as Uint8Array
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new EnvironmentError(`cannot read ${path}: ${message}`, 'name a readable file', error)
  }
}

/** All of it as text (UTF-8). */
export async function readText(path: string, io: Pick<Io, 'stdin'>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of openInput(path, io)) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** All of its bytes, for what only makes sense for inputs a person looks at; a larger one is a UsageError. */
export async function readWhole(
  path: string,
  io: Pick<Io, 'stdin'>,
  maxBytes: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of openInput(path, io)) {
    chunks.push(chunk)
    size += chunk.length
    if (size > maxBytes)
      throw new UsageError(
        `${path} is larger than ${maxBytes / 1024 / 1024} MB; cut out a part of it`,
      )
  }
  return Buffer.concat(chunks)
}
