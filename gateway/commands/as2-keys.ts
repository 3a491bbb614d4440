// `edigw as2 keygen` and `edigw as2 cert …`: keys of ours and pinned certificates of partners.
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { formatAs2Name } from '../channels/as2/as2-name.js'
import { Malformed } from '../channels/as2/failure.js'
import { type Certificate, readCertificate } from '../channels/as2/keys/certificate.js'
import { generateKey } from '../channels/as2/keys/keygen.js'
import { pinState } from '../channels/as2/keys/pins.js'
import type { OwnKey } from '../channels/as2/partner.js'
import { UsageError, type ExitCode, type Io } from '../command.js'
import { addAudit } from '../store/audit.js'
import {
  actor,
  type Args,
  day,
  option,
  plainFingerprint,
  readCertificateFile,
  readInput,
  shown,
  timeOf,
  windowOf,
  withTools,
} from './as2-tools.js'

const pem = (certificate: Certificate): string => {
  const lines = certificate.der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}

async function give(args: Args, io: Io, text: string): Promise<void> {
  const out = option(args, 'out')
  if (out === undefined) io.stdout.write(text)
  else await writeFile(out, text)
}

export async function keygen(args: Args, io: Io): Promise<ExitCode> {
  const station = stationName(args.words[0]!)
  const { certificate, privateKey } = await newOrGivenKey(args, station)
  return withTools(io, async ({ db, partners }) => {
    await db.tx(async (tx) => {
      await partners.saveKey(tx, station, { certificate, privateKey, ...windowOf(args) })
      await addAudit(tx, {
        ...{ actor: actor(), action: 'as2.key', subject: `as2 station ${station}` },
        detail: { fingerprint: certificate.fingerprint },
      })
    })
    io.stderr.write(
      `key of ${station}, valid until ${day(certificate.notAfter)}, SHA-256 ${shown(certificate.fingerprint)}\n`,
    )
    await give(args, io, pem(certificate))
    return 0
  })
}

function stationName(text: string): string {
  try {
    formatAs2Name(text)
    return text
  } catch (error) {
    if (error instanceof Malformed) throw new UsageError(`${text} is no AS2 name`)
    throw error
  }
}

async function newOrGivenKey(
  args: Args,
  station: string,
): Promise<{ certificate: Certificate; privateKey: KeyObject }> {
  const [keyFile, certificateFile] = [option(args, 'key'), option(args, 'certificate')]
  if ((keyFile === undefined) !== (certificateFile === undefined))
    throw new UsageError('--key and --certificate go together')
  if (keyFile === undefined || certificateFile === undefined) {
    const bits = Number(option(args, 'bits') ?? 2048)
    if (bits !== 2048 && bits !== 3072 && bits !== 4096)
      throw new UsageError('--bits is 2048, 3072 or 4096')
    const days = Number(option(args, 'days') ?? 730)
    if (!Number.isInteger(days) || days < 1 || days > 3650)
      throw new UsageError('--days is a number from 1 to 3650')
    // A minute early: a partner whose clock is behind ours can use it at once.
    const notBefore = new Date(Date.now() - 60_000)
    const made = await generateKey({ commonName: station, bits, days, notBefore })
    return {
      certificate: readCertificate(made.certificatePem),
      privateKey: createPrivateKey(made.privateKeyPem),
    }
  }
  const certificate = await readCertificateFile(certificateFile)
  const privateKey = readKey(keyFile, await readInput(keyFile))
  const own = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  if (!own.equals(certificate.publicKey.export({ type: 'spki', format: 'der' })))
    throw new UsageError(`${certificateFile} is not the certificate of ${keyFile}`)
  return { certificate, privateKey }
}

function readKey(file: string, bytes: Buffer): KeyObject {
  try {
    return createPrivateKey(bytes)
  } catch {
    throw new UsageError(`${file} is no private key in PEM without a passphrase`)
  }
}

export async function exportCertificates(args: Args, io: Io): Promise<ExitCode> {
  const station = args.words[0]!
  return withTools(io, async ({ db, partners }) => {
    const keys = await partners.keysOf(db, station)
    const valid = keys.filter((key) => ['valid', 'not-yet'].includes(pinState(key, new Date())))
    if (valid.length === 0) {
      io.stderr.write(
        `there is no valid key of ${station}; make one: edigw as2 keygen ${station}\n`,
      )
      return 1
    }
    await give(args, io, valid.map(({ certificate }) => pem(certificate)).join(''))
    return 0
  })
}

export async function importCertificate(args: Args, io: Io): Promise<ExitCode> {
  const [id, file] = [args.words[0]!, args.words[1]!]
  const certificate = await readCertificateFile(file)
  const pin = { certificate, ...windowOf(args) }
  return withTools(io, async ({ db, partners }) => {
    const partner = await partners.byId(db, id)
    if (partner === undefined) return unknown(io, id)
    refuseOwn(partner.keys, certificate, partner.station)
    await db.tx(async (tx) => {
      await partners.pinCertificate(tx, id, pin)
      await addAudit(tx, {
        ...{ actor: actor(), action: 'as2.certificate', subject: `as2 partner ${id}` },
        detail: { fingerprint: certificate.fingerprint },
      })
    })
    io.stdout.write(
      `${id}: ${certificate.subject}, ${STATES[pinState(pin, new Date())]}, valid until ${day(certificate.notAfter)}\n` +
        `SHA-256 ${shown(certificate.fingerprint)}; compare it with the partner by another way than this file came\n`,
    )
    return 0
  })
}

/** A station's own certificate taken for its partner's would make every exchange fail. Throws UsageError. */
export function refuseOwn(
  keys: readonly OwnKey[],
  certificate: Certificate,
  station: string,
): void {
  if (keys.some((key) => key.certificate.fingerprint === certificate.fingerprint))
    throw new UsageError(
      `this is the certificate of ${station}, our own; the partner's is the one it sent to us`,
    )
}

/** How people read the state of a key or certificate. */
export const STATES = {
  valid: 'valid',
  'not-yet': 'not valid yet',
  expired: 'expired',
  'accepted-expired': 'expired, still accepted',
} as const

export async function extendCertificate(args: Args, io: Io): Promise<ExitCode> {
  const [id, text] = [args.words[0]!, args.words[1]!]
  const until = timeOf(args, 'until')
  if (until === undefined) throw new UsageError('say --until when')
  const wanted = plainFingerprint(text)
  return withTools(io, async ({ db, partners }) => {
    const partner = await partners.byId(db, id)
    if (partner === undefined) return unknown(io, id)
    const found = partner.pins.filter(({ certificate }) =>
      certificate.fingerprint.startsWith(wanted),
    )
    const [pin] = found
    if (pin === undefined || found.length > 1) {
      io.stderr.write(`${id} has ${found.length} certificates whose fingerprint begins so\n`)
      return 1
    }
    const { fingerprint } = pin.certificate
    await db.tx(async (tx) => {
      await partners.extendCertificate(tx, id, fingerprint, until)
      await addAudit(tx, {
        ...{ actor: actor(), action: 'as2.certificate-extend', subject: `as2 partner ${id}` },
        detail: { fingerprint, until: until.toISOString() },
      })
    })
    io.stdout.write(`${id}: ${shown(fingerprint)} is accepted until ${day(until)}\n`)
    return 0
  })
}

export function unknown(io: Io, id: string): ExitCode {
  io.stderr.write(`there is no AS2 partner ${id}; edigw as2 list shows all\n`)
  return 1
}
