// `edigw sftp`: accounts with which partners log in to us, and connections to servers of theirs. Everything goes to the
// database, so a running gateway uses it with the next login, poll or file.
import { parseArgs } from 'node:util'
import { UsageError, type Command, type ExitCode, type Io } from '../command.js'
import { addAccount, changeKeys, listAccountLines, removeAccount } from './sftp-account.js'
import {
  addConnection,
  listConnectionLines,
  removeConnection,
  showHostKeys,
  testConnection,
} from './sftp-connection.js'
import type { Args } from './sftp-tools.js'

const OPTIONS = {
  name: { type: 'string' },
  agreement: { type: 'string' },
  carries: { type: 'string', multiple: true },
  environment: { type: 'string', multiple: true },
  key: { type: 'string', multiple: true },
  'remove-key': { type: 'string', multiple: true },
  'password-file': { type: 'string' },
  'passphrase-file': { type: 'string' },
  settings: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  user: { type: 'string' },
  'host-key': { type: 'string', multiple: true },
  fetch: { type: 'string' },
  put: { type: 'string' },
} as const

type Verb = (args: Args, io: Io) => Promise<ExitCode>

const VERBS: Readonly<Record<string, { named: boolean; run: Verb }>> = {
  'account add': { named: true, run: addAccount },
  'account key': { named: true, run: changeKeys },
  'account list': { named: false, run: listAccountLines },
  'account remove': { named: true, run: removeAccount },
  'connection add': { named: true, run: addConnection },
  'connection list': { named: false, run: listConnectionLines },
  'connection remove': { named: true, run: removeConnection },
  'connection test': { named: true, run: testConnection },
  'host-keys': { named: false, run: showHostKeys },
}

export const sftp: Command = {
  usage: `edigw sftp account add NAME [--agreement ID | --carries 'SENDER>RECEIVER'…] [--key FILE…]
                        [--password-file FILE] [--settings FILE]   a partner who logs in to us; again: change it
       edigw sftp account key NAME [--key FILE…] [--remove-key SHA256:…]   add and remove public keys
       edigw sftp account list
       edigw sftp account remove NAME          nobody logs in with it any more
       edigw sftp host-keys                    what partners who log in to us pin
       edigw sftp connection add NAME --host HOST [--port N] --user USER --host-key SHA256:…|FILE… [--fetch FOLDER]
                        [--put FOLDER] [--agreement ID | --carries 'SENDER>RECEIVER'…] [--key FILE
                        [--passphrase-file FILE]] [--password-file FILE] [--settings FILE]
                                               a server we log in to; again: change it. Without key and password
                                               a key pair is made, and its public key shown for the partner
       edigw sftp connection test NAME         log in and look into the folders; nothing is changed there
       edigw sftp connection list
       edigw sftp connection remove NAME

  --agreement     the interchange ids of this agreement are what may come; --carries says them one by one, as
                  QUALIFIER:ID>QUALIFIER:ID, * for any
  --environment   test or production; default that of the agreement, or both
  --settings      a JSON file with the settings of docs/sftp.md`,
  run: async (args, io) => {
    const { positionals, values } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    })
    const [thing = '', verb = '', ...more] = positionals
    const found = VERBS[thing] ?? VERBS[`${thing} ${verb}`]
    if (!found) throw new UsageError(`there is no ${[thing, verb].join(' ').trim() || 'nothing'}`)
    const words = found === VERBS[thing] ? positionals.slice(1) : more
    if (words.length !== (found.named ? 1 : 0))
      throw new UsageError(found.named ? 'name one' : `what is ${words[0]}?`)
    return found.run({ name: words[0] ?? '', values }, io)
  },
}
