// Input of the commands that read EDI or Documents: a file, or standard input as `-`.
import { createReadStream } from 'node:fs'
import type { Io } from './command.js'
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
