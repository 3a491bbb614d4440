// `edigw partner`: whose payloads are kept, and erasing those of one partner.
import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import { UsageError, type Command, type ExitCode, type Io } from '../command.js'
import { readConfig } from '../config.js'
import { erasePartner, holdingsOf, partnerKeys } from '../store/erase.js'
import type { Db } from '../store/db.js'
import { openStoreForCommand } from '../store/open.js'

const withDb = async (io: Io, work: (db: Db) => Promise<ExitCode>) => {
  const store = await openStoreForCommand(readConfig(), (line) => io.stderr.write(`${line}\n`))
  try {
    return await work(store.db)
  } finally {
    await store.close()
  }
}

const list = (io: Io) =>
  withDb(io, async (db) => {
    for (const { partner, createdAt, erasedAt } of await partnerKeys(db)) {
      const ended = erasedAt === null ? '' : `  erased ${erasedAt.toISOString()}`
      io.stdout.write(`${partner}  key of ${createdAt.toISOString()}${ended}\n`)
    }
    return 0
  })

const erase = (partner: string, yes: boolean, io: Io) =>
  withDb(io, async (db) => {
    const held = await holdingsOf(db, partner)
    if (held === undefined) {
      io.stderr.write(`no payload of ${partner} is kept that could be read\n`)
      return 1
    }
    const { payloads, messages, shared } = held
    const amount = `${payloads} payloads and ${messages} messages of ${partner}`
    if (!yes) {
      io.stderr.write(`${amount} would be erased for good: repeat it with --yes\n`)
      return 1
    }
    await erasePartner(db, partner, `cli ${userInfo().username}`)
    io.stdout.write(`${amount} are erased\n`)
    if (shared > 0)
      io.stderr.write(`${shared} payloads stay: they hold interchanges of other partners, too\n`)
    return 0
  })

export const partner: Command = {
  usage: `edigw partner list                  whose payloads are kept, by the keys they are encrypted with
       edigw partner erase PARTNER --yes   destroy the key of a partner (without --yes: tell what it opens)

  Erased payloads cannot be read by anybody any more, not even from a copy of the encrypted bytes. Messages, states and
  digests stay. PARTNER is the partner code of agreements and messages. What it sends afterwards is kept under a new key.`,
  run: async (args, io) => {
    const { positionals, values } = parseArgs({
      args: [...args],
      options: { yes: { type: 'boolean', default: false } },
      allowPositionals: true,
    })
    const [verb, name] = positionals
    if (verb === 'list') return list(io)
    if (verb !== 'erase')
      throw new UsageError(verb === undefined ? 'say what to do' : `there is no ${verb}`)
    if (name === undefined) throw new UsageError('name a partner')
    return erase(name, values.yes, io)
  },
}
