// `edigw audit`: whether the record of who did what is as it was written.
import { parseArgs } from 'node:util'
import { UsageError, type Command } from '../command.js'
import { readConfig } from '../config.js'
import { verifyAudit, type KnownEntry } from '../store/audit.js'
import { openStoreForCommand } from '../store/open.js'

function knownEntry(text: string): KnownEntry {
  const [, seq, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? []
  if (seq === undefined || hash === undefined)
    throw new UsageError(`--known ${text}: an entry as this command told it, NUMBER:HASH`)
  return { seq: Number(seq), hash }
}

export const audit: Command = {
  usage: `edigw audit verify [--known NUMBER:HASH]

  Recomputes the chain of hashes over all audit entries, and tells the first that was changed or removed. It also tells
  number and hash of the last entry: kept elsewhere and given to --known later, they show a chain that was made anew.

  Exit code 1: the chain is broken.`,
  run: async (args, io) => {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { known: { type: 'string' } },
    })
    const [verb, ...more] = positionals
    if (verb !== 'verify' || more.length > 0)
      throw new UsageError(
        verb === undefined ? 'say what to do' : `there is no ${positionals.join(' ')}`,
      )
    const known = values.known === undefined ? undefined : knownEntry(values.known)
    const store = await openStoreForCommand(readConfig(), (line) => io.stderr.write(`${line}\n`))
    try {
      const verdict = await verifyAudit(store.db, known)
      if ('brokenAt' in verdict) {
        const { brokenAt, at, text } = verdict
        const when = at === undefined ? '' : ` of ${at.toISOString()}`
        io.stdout.write(`the audit is broken: entry ${brokenAt}${when} ${text}\n`)
        return 1
      }
      const { length, until, hash, unsealed } = verdict
      const last = until === undefined ? '' : `, the last of ${until.toISOString()}`
      io.stdout.write(`the audit holds: ${length} entries in the chain${last}\n`)
      if (unsealed > 0) io.stdout.write(`not yet in the chain: ${unsealed}\n`)
      if (length > 0) io.stdout.write(`to be kept elsewhere, for --known: ${length}:${hash}\n`)
      return 0
    } finally {
      await store.close()
    }
  },
}
