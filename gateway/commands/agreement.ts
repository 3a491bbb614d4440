// `edigw agreement`: check, add, list, show, compare and activate trading-partner agreements.
import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import type { GatewayAgreement } from '../agreement.js'
import { agreementDifference, type MessageDifference } from '../agreement-difference.js'
import { checkAgreementText, problemLines } from '../agreement-files.js'
import { UsageError, type Command, type ExitCode, type Io } from '../command.js'
import { readConfig } from '../config.js'
import { edi } from '../edi.js'
import { EnvironmentError } from '../environment-error.js'
import { PermanentError } from '../errors.js'
import { standardCheck } from '../agreement-check.js'
import {
  importAgreement,
  listAgreements,
  moveAgreement,
  readAgreement,
  saveAgreement,
} from '../store/agreements.js'
import type { Db } from '../store/db.js'
import { openStoreForCommand, type Store } from '../store/open.js'
import { doWork } from '../store/work.js'
import { localWake } from '../wake.js'

const withStore = async (io: Io, work: (store: Store) => Promise<ExitCode>) => {
  const store = await openStoreForCommand(readConfig(), (line) => io.stderr.write(`${line}\n`))
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

const readText = async (file: string) => {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new EnvironmentError(
      `${file} cannot be read: ${(error as Error).message}`,
      'give the path of an agreement in JSON',
    )
  }
}

/** Checks files; tells every problem with its place. Gives those that hold, and whether all do. */
const checkFiles = async (files: readonly string[], io: Io) => {
  if (files.length === 0) throw new UsageError('name at least one file')
  const check = standardCheck()
  const good: { file: string; agreement: GatewayAgreement }[] = []
  for (const file of files) {
    const result = checkAgreementText(await readText(file), check)
    if ('agreement' in result) good.push({ file, agreement: result.agreement })
    else for (const line of problemLines(result.problems)) io.stderr.write(`${file}: ${line}\n`)
  }
  return { good, all: good.length === files.length }
}

const actor = () => `cli ${userInfo().username}`

const add = async (files: readonly string[], io: Io) => {
  const { good, all } = await checkFiles(files, io)
  if (!all) return 1
  return withStore(io, async ({ db }) => {
    for (const { file, agreement } of good) {
      const by = { actor: actor(), note: file }
      const { version, changed } = await doWork(db, localWake(), (work) =>
        importAgreement(work, agreement, by),
      )
      const what = changed
        ? 'is active'
        : version.state === 'active'
          ? 'is active already, nothing changed'
          : `has this content and is ${version.state}; activate it with: edigw agreement activate ${version.id} ${version.version}`
      io.stdout.write(`agreement ${version.id} version ${version.version} ${what}\n`)
    }
    return 0
  })
}

const draft = async (files: readonly string[], io: Io) => {
  const { good, all } = await checkFiles(files, io)
  if (!all) return 1
  return withStore(io, async ({ db }) => {
    for (const { file, agreement } of good) {
      const by = { actor: actor(), note: file }
      const { id, version, state } = await doWork(db, localWake(), (work) =>
        saveAgreement(work, agreement, by),
      )
      io.stdout.write(`agreement ${id} version ${version} is ${state}\n`)
    }
    return 0
  })
}

const list = (io: Io) =>
  withStore(io, async ({ db }) => {
    const all = await listAgreements(db)
    if (all.length === 0)
      io.stdout.write('no agreement yet; add one with: edigw agreement add FILE\n')
    for (const { id, version, state, agreement } of all) {
      io.stdout.write(
        `${id}  v${version}  ${state.padEnd(7)}  ${agreement.environment}  ${agreement.name}\n`,
      )
    }
    return 0
  })

const versionOf = (text: string | undefined) => {
  if (text === undefined) return undefined
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new UsageError(`${text} is no version number`)
}

const show = (id: string | undefined, version: string | undefined, io: Io) => {
  if (id === undefined) throw new UsageError('name an agreement')
  const wanted = versionOf(version)
  return withStore(io, async ({ db }) => {
    const found = await readAgreement(db, id, wanted)
    if (found === undefined) {
      io.stderr.write(
        `there is no agreement ${id}${wanted === undefined ? '' : ` version ${wanted}`}\n`,
      )
      return 1
    }
    io.stdout.write(`${JSON.stringify(found.agreement, null, 2)}\n`)
    return 0
  })
}

const activate = (id: string | undefined, version: string | undefined, io: Io) => {
  const wanted = versionOf(version)
  if (id === undefined || wanted === undefined) throw new UsageError('name agreement and version')
  return withStore(io, async ({ db }) => {
    try {
      await doWork(db, localWake(), (work) => moveAgreement(work, id, wanted, 'active', actor()))
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error
      io.stderr.write(`${error.message}\n`)
      return 1
    }
    io.stdout.write(`agreement ${id} version ${wanted} is active\n`)
    return 0
  })
}

/** The version asked for, else the newest that is not active. */
const candidate = async (db: Db, id: string, wanted: number | undefined) => {
  if (wanted !== undefined) return readAgreement(db, id, wanted)
  return (await listAgreements(db, id)).find(({ state }) => state === 'draft' || state === 'test')
}

const shown = (value: unknown) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text === undefined ? 'nothing' : text.length > 100 ? `${text.slice(0, 99)}…` : text
}

const tellDifference = (io: Io, found: MessageDifference) => {
  const { message, result, differences, errors, text } = found
  const { id, direction, message_type: type, document_number: number } = message
  io.stdout.write(`${type ?? ''} ${number ?? ''} (${direction}, ${id}): ${text ?? result}\n`)
  for (const error of errors) io.stdout.write(`  ${error.text}\n`)
  for (const { path, before, after } of differences)
    io.stdout.write(`  ${path}: ${shown(before)} → ${shown(after)}\n`)
}

const diff = (id: string | undefined, version: string | undefined, last: string, io: Io) => {
  if (id === undefined) throw new UsageError('name an agreement')
  const wanted = versionOf(version)
  const count = versionOf(last) ?? 0
  return withStore(io, async ({ db }) => {
    const found = await candidate(db, id, wanted)
    if (found === undefined) {
      const what = wanted === undefined ? 'version that is not active' : `version ${wanted}`
      io.stderr.write(`agreement ${id} has no ${what}\n`)
      return 1
    }
    const counts = { same: 0, different: 0, refused: 0, 'not comparable': 0 }
    for await (const one of agreementDifference(db, edi, found, count)) {
      counts[one.result]++
      if (one.result !== 'same') tellDifference(io, one)
    }
    const told = Object.entries(counts).map(([result, n]) => `${n} ${result}`)
    io.stdout.write(`${id} version ${found.version}, ${found.state}: ${told.join(', ')}\n`)
    return counts.different + counts.refused + counts['not comparable'] > 0 ? 1 : 0
  })
}

export const agreement: Command = {
  usage: `edigw agreement check FILE…          tell what does not hold, and where (exit 1)
       edigw agreement add FILE…            check, store as a new version and activate it
       edigw agreement list                 all versions
       edigw agreement show ID [VERSION]    the active version, or that one, as JSON
       edigw agreement draft FILE…          check and store as a new version that is not active
       edigw agreement diff ID [VERSION] [--last N]
                                            what a version would change in the last N messages (default 20); without
                                            VERSION the newest that is not active; exit 1: something
       edigw agreement activate ID VERSION  also the way back to an older version

  Works on the database of the settings (docs/configuration.md), whether a gateway runs or not; a running gateway
  uses the change at once.`,
  run: async (args, io) => {
    const { positionals, values } = parseArgs({
      args: [...args],
      options: { last: { type: 'string', default: '20' } },
      allowPositionals: true,
    })
    const [verb, ...rest] = positionals
    switch (verb) {
      case 'check': {
        const { good, all } = await checkFiles(rest, io)
        for (const {
          file,
          agreement: { id },
        } of good)
          io.stdout.write(`${file}: ${id} holds\n`)
        return all ? 0 : 1
      }
      case 'add':
        return add(rest, io)
      case 'draft':
        return draft(rest, io)
      case 'diff':
        return diff(rest[0], rest[1], values.last, io)
      case 'list':
        return list(io)
      case 'show':
        return show(rest[0], rest[1], io)
      case 'activate':
        return activate(rest[0], rest[1], io)
      default:
        throw new UsageError(verb === undefined ? 'say what to do' : `there is no ${verb}`)
    }
  },
}
