// What a subcommand of `edigw` is. Exit codes: 0 clean, 1 findings, 2 usage, 3 environment.
import type { Readable, Writable } from 'node:stream'

export type ExitCode = 0 | 1 | 2 | 3

/** The streams a command works on; a test passes its own. */
export interface Io {
  stdin: Readable
  stdout: Writable
  stderr: Writable
}

export interface Command {
  /** Shown by `--help` and on a usage error; the first line is `edigw <name> …`. */
  usage: string
  /** Bad arguments throw UsageError, a missing database or port EnvironmentError. */
  run(args: readonly string[], io: Io): Promise<ExitCode>
}

/** The arguments make no sense: exit code 2 and the command's usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
