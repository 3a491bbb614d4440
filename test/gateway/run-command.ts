// A command run as the command line runs it, with its streams in memory.
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Command } from '../../gateway/command.js'

export async function runCommand(
  command: Command,
  args: readonly string[],
  input: Uint8Array | string,
): Promise<{ code: number; stdout: Buffer; stderr: string }> {
  const io = {
    stdin: Readable.from([Buffer.from(input)]),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
  }
  const read = Promise.all([buffer(io.stdout), buffer(io.stderr)])
  const code = await command.run([...args], io).finally(() => {
    io.stdout.end()
    io.stderr.end()
  })
  const [stdout, stderr] = await read
  return { code, stdout, stderr: stderr.toString() }
}
