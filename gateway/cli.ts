#!/usr/bin/env node
// The `edigw` command: finds the subcommand, loads it and turns errors into exit codes.
import { UsageError, type ExitCode, type Io } from './command.js'
import { COMMANDS } from './commands/index.js'
import { EnvironmentError } from './environment-error.js'

const MAKE_ROOM = 'make room on the disk, or write elsewhere'

const EXIT_CODES = `Exit codes:
  0  clean: done, and no finding is an error
  1  at least one finding is an error, or what was asked for did not hold
  2  usage: the arguments, or a file they name, cannot be used as they are
  3  environment: a file, the disk, the network or the database`

const overview = () =>
  ['usage: edigw <command> [options]', '']
    .concat(COMMANDS.map((c) => `  ${c.name.padEnd(12)} ${c.summary}`))
    .concat(['', EXIT_CODES, '', '`edigw <command> --help` tells more.', ''])
    .join('\n')

/** What is wrong with the arguments, in our words; undefined when the error is no such thing. */
function usageProblem(error: unknown): string | undefined {
  if (error instanceof UsageError) return error.message
  const { code = '', message } = error as NodeJS.ErrnoException
  const [, option = ''] = /'([^' ]+)/.exec(message) ?? []
  switch (code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return `there is no option ${option}`
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return message.includes('does not take')
        ? `${option} takes no value`
        : `${option} needs a value; one that begins with - is written ${option}=VALUE`
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return `${option}: no argument is taken`
    default:
      return undefined
  }
}

const main = async (argv: readonly string[], io: Io): Promise<ExitCode> => {
  const [name, ...args] = argv
  if (name === undefined || name === '--help' || name === 'help') {
    io.stdout.write(overview())
    return name === undefined ? 2 : 0
  }
  if (name === '--version') {
    const { VERSION } = await import('./version.js')
    io.stdout.write(`edigw ${VERSION}\n`)
    return 0
  }
  const entry = COMMANDS.find((c) => c.name === name)
  if (entry === undefined) {
    io.stderr.write(`edigw: there is no command ${name}\n\n${overview()}`)
    return 2
  }
  const command = await entry.load()
  const ownArgs = args.includes('--') ? args.slice(0, args.indexOf('--')) : args
  if (ownArgs.includes('--help')) {
    io.stdout.write(`usage: ${command.usage}\n`)
    return 0
  }
  try {
    return await command.run(args, io)
  } catch (error) {
    const problem = usageProblem(error)
    if (problem !== undefined) {
      io.stderr.write(`edigw ${name}: ${problem}\n\nusage: ${command.usage}\n`)
      return 2
    }
    if (error instanceof EnvironmentError) {
      io.stderr.write(`edigw ${name}: ${error.message}\n  → ${error.remedy}\n`)
      return 3
    }
    throw error
  }
}

// `edigw … | head` closes our output early: that is the reader's right, not an error. Without a reader of findings what
// went to standard output is not all.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  process.stderr.write(`edigw: cannot write the output: ${error.message}\n  → ${MAKE_ROOM}\n`)
  process.exit(3)
})
process.stderr.on('error', () => process.exit(3))
process.exitCode = await main(process.argv.slice(2), process)
// What a command that failed for its surroundings had begun does not keep the process.
if (process.exitCode === 3) setTimeout(() => process.exit(), 1_000).unref()
