// One command run on one input, as the command line runs it; what comes out is only counted.
import { Readable, Writable } from 'node:stream'
import type { Command } from '../../../gateway/command.js'

/** Pieces as a pipe gives them. */
const PIECE = 64 * 1024

/** A sink that keeps what it gets only when it is asked for. */
class Sink extends Writable {
  readonly kept: Buffer[] = []
  private readonly keep: boolean
  constructor(keep: boolean) {
    super()
    this.keep = keep
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (this.keep) this.kept.push(Buffer.from(chunk))
    done()
  }
}

interface Run {
  readonly cpuMs: number
  readonly output: Buffer
}

/** Runs it and gives the CPU time of this process. */
export async function run(
  command: Command,
  args: readonly string[],
  input: Buffer,
  keep = false,
): Promise<Run> {
  const pieces = function* () {
    for (let at = 0; at < input.length; at += PIECE) yield input.subarray(at, at + PIECE)
  }
  const stdout = new Sink(keep)
  const stderr = new Sink(false)
  const before = process.cpuUsage()
  await command.run(args, { stdin: Readable.from(pieces()), stdout, stderr })
  const { user, system } = process.cpuUsage(before)
  const cpuMs = (user + system) / 1000
  return { cpuMs, output: Buffer.concat(stdout.kept) }
}
