// `edigw as2`: keys, partners and certificates of AS2, and trying out a partner. Everything goes to the database, so a
// running gateway uses it with the next message.
import { parseArgs } from 'node:util'
import { UsageError, type Command, type ExitCode, type Io } from '../command.js'
import { extendCertificate, exportCertificates, importCertificate, keygen } from './as2-keys.js'
import { listPartners, setPartner, endPartner } from './as2-partners.js'
import { sendFile, testPartner } from './as2-exchange.js'
import type { Args } from './as2-tools.js'

const OPTIONS = {
  name: { type: 'string' },
  station: { type: 'string' },
  url: { type: 'string' },
  settings: { type: 'string' },
  receipt: { type: 'string' },
  'private-network': { type: 'boolean' },
  'password-file': { type: 'string' },
  'accept-password-file': { type: 'string' },
  'tls-certificate': { type: 'string' },
  'tls-key': { type: 'string' },
  carries: { type: 'string', multiple: true },
  environment: { type: 'string', multiple: true },
  certificate: { type: 'string' },
  key: { type: 'string' },
  out: { type: 'string' },
  days: { type: 'string' },
  bits: { type: 'string' },
  use: { type: 'string' },
  from: { type: 'string' },
  until: { type: 'string' },
  partner: { type: 'string' },
  type: { type: 'string' },
  wait: { type: 'string' },
  send: { type: 'boolean' },
} as const

type Verb = (args: Args, io: Io) => Promise<ExitCode>

/** Each with the number of words behind it. */
const VERBS: Readonly<Record<string, { words: number; run: Verb }>> = {
  keygen: { words: 1, run: keygen },
  list: { words: 0, run: listPartners },
  'partner set': { words: 1, run: setPartner },
  'partner end': { words: 1, run: endPartner },
  'cert import': { words: 2, run: importCertificate },
  'cert extend': { words: 2, run: extendCertificate },
  'cert export': { words: 1, run: exportCertificates },
  test: { words: 1, run: testPartner },
  send: { words: 1, run: sendFile },
}

export const as2: Command = {
  usage: `edigw as2 keygen STATION [--out FILE] [--days N] [--bits 2048|3072|4096] [--use U] [--from T] [--until T]
                                               make a key of ours under the AS2 name STATION; the certificate for the
                                               partners goes to FILE or standard output
       edigw as2 keygen STATION --key FILE --certificate FILE [--use U] [--from T] [--until T]
                                               take a key made elsewhere (PEM) instead
       edigw as2 partner set ID [--name NAME] [--station STATION] [--url URL] [--certificate FILE]
                        [--receipt sync|async|none] [--settings FILE] [--private-network]
                        [--carries 'SENDER>RECEIVER'…] [--environment test|production …]
                        [--password-file FILE] [--accept-password-file FILE]
                        [--tls-certificate FILE --tls-key FILE]
                                               make a partner, or change what is given
       edigw as2 partner end ID                take nothing more from it and send it nothing
       edigw as2 list                          keys, partners, certificates and until when they are valid
       edigw as2 cert import ID FILE [--use U] [--from T] [--until T]
                                               pin a certificate of a partner; older ones stay valid beside it
       edigw as2 cert extend ID FINGERPRINT --until T
                                               accept an expired one until then, with a warning
       edigw as2 cert export STATION [--out FILE]
                                               our valid certificates again
       edigw as2 test ID [--send]              is everything there, and does the partner's server answer? --send
                                               exchanges a small text with it
       edigw as2 send FILE --partner ID [--type TYPE] [--name NAME] [--wait SECONDS]
                                               send a file and tell what its receipt says

  ID              our name for the partner: what an agreement's "channel": {"kind": "as2", "partner": ID} names
  --name          AS2 name of the partner (with send: the file name), exactly as it writes it
  --carries PAIR  interchange ids it may hand in, as QUALIFIER:ID>QUALIFIER:ID; * stands for any
  --settings      JSON with everything that can be agreed, see docs/as2.md
  --use U         signature or encryption (default both)
  T               date (2027-01-31) or time (2027-01-31T12:00:00Z)

  Files: certificates and keys in PEM, certificates also DER; passwords as the first line.`,
  run: async (given, io) => {
    const { positionals, values } = parseArgs({
      args: [...given],
      options: OPTIONS,
      allowPositionals: true,
    })
    if (positionals.length === 0) throw new UsageError('say what to do')
    for (const length of [2, 1]) {
      const verb = VERBS[positionals.slice(0, length).join(' ')]
      if (verb === undefined) continue
      const words = positionals.slice(length)
      if (words.length !== verb.words)
        throw new UsageError(
          `${positionals.slice(0, length).join(' ')} takes ${verb.words} names, ${words.length} given`,
        )
      return verb.run({ words, values }, io)
    }
    throw new UsageError(`there is no ${positionals.slice(0, 2).join(' ')}`)
  },
}
