// `edigw as2 partner …` and `edigw as2 list`: who the partners are and what is agreed with them.
import { Ajv } from 'ajv'
import { PartnerSettings, type PartnerSecrets } from '../channels/as2/settings.js'
import type { Pin } from '../channels/as2/keys/pins.js'
import { pinState } from '../channels/as2/keys/pins.js'
import { UsageError, type ExitCode, type Io } from '../command.js'
import { hashPassword } from '../security/password.js'
import { addAudit } from '../store/audit.js'
import { saveIdentity } from '../store/agreements.js'
import { doWork } from '../store/work.js'
import { localWake } from '../wake.js'
import { refuseOwn, STATES, unknown } from './as2-keys.js'
import {
  actor,
  type Args,
  day,
  option,
  readCertificateFile,
  readInput,
  shown,
  withTools,
} from './as2-tools.js'
import { pairOf } from './carried-pair.js'

const check = new Ajv({ allErrors: true }).compile<PartnerSettings>(PartnerSettings)

/** What is agreed: as it was, changed by a settings file, changed by options. */
async function settingsOf(args: Args, known: PartnerSettings): Promise<PartnerSettings> {
  const file = option(args, 'settings')
  const text = file === undefined ? '{}' : (await readInput(file)).toString('utf8')
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw new UsageError(`${file} is no JSON`)
  }
  if (typeof given !== 'object' || given === null) throw new UsageError(`${file} is no object`)
  const merged: Record<string, unknown> = { ...known, ...given }
  const [url, receipt] = [option(args, 'url'), option(args, 'receipt')]
  if (url !== undefined) merged['url'] = url
  if (receipt !== undefined) merged['receipt'] = { ...known.receipt, mode: receipt }
  if (args.values['private-network'] === true) merged['privateNetwork'] = true
  if (check(merged)) return merged
  const wrong = (check.errors ?? []).map((e) => `${e.instancePath || '/'} ${e.message}`)
  throw new UsageError(`settings: ${wrong.join('; ')}`)
}

const firstLine = async (file: string) =>
  (await readInput(file)).toString('utf8').split(/\r?\n/)[0]!

async function secretsOf(args: Args): Promise<PartnerSecrets> {
  const read = async (name: string) => {
    const file = option(args, name)
    return file === undefined ? undefined : (await readInput(file)).toString('utf8')
  }
  const [password, accept] = [option(args, 'password-file'), option(args, 'accept-password-file')]
  const [tlsCertificate, tlsKey] = [await read('tls-certificate'), await read('tls-key')]
  if ((tlsCertificate === undefined) !== (tlsKey === undefined))
    throw new UsageError('--tls-certificate and --tls-key go together')
  return {
    ...(password === undefined ? {} : { password: await firstLine(password) }),
    ...(accept === undefined
      ? {}
      : { acceptPassword: await hashPassword(await firstLine(accept)) }),
    ...(tlsCertificate === undefined ? {} : { tlsCertificate }),
    ...(tlsKey === undefined ? {} : { tlsKey }),
  }
}

const ID = /^[a-z0-9][a-z0-9._-]{0,62}$/

export async function setPartner(args: Args, io: Io): Promise<ExitCode> {
  const id = args.words[0]!
  if (!ID.test(id)) throw new UsageError(`${id}: an ID has lower-case letters, digits, . _ -`)
  const file = option(args, 'certificate')
  const certificate = file === undefined ? undefined : await readCertificateFile(file)
  const { carries, environment = ['production'] } = args.values
  const pairs = Array.isArray(carries) ? carries.map(pairOf) : undefined
  const environments = (Array.isArray(environment) ? environment : []).map(environmentOf)
  return withTools(io, async ({ db, partners }) => {
    const known = await partners.byId(db, id)
    const [name, station] = [
      option(args, 'name') ?? known?.name,
      option(args, 'station') ?? known?.station,
    ]
    if (name === undefined || station === undefined)
      throw new UsageError(`${id} is new: give --name and --station`)
    const other = await partners.byNames(db, name, station)
    if (other !== undefined && other.id !== id) {
      io.stderr.write(
        `partner ${other.id}${other.active ? '' : ' (ended)'} already has the name ${name} with station ${station}; nothing was changed\n`,
      )
      return 1
    }
    if (certificate !== undefined)
      refuseOwn(await partners.keysOf(db, station), certificate, station)
    const settings = await settingsOf(args, known?.settings ?? {})
    const secrets = { ...known?.secrets, ...(await secretsOf(args)) }
    await doWork(db, localWake(), async (work) => {
      await partners.savePartner(work, { id, name, station, settings, secrets })
      if (certificate !== undefined) await partners.pinCertificate(work, id, { certificate })
      if (pairs !== undefined)
        await saveIdentity(
          work,
          { channel: 'as2', id, name, carries: pairs, environments },
          actor(),
        )
      await addAudit(work, {
        ...{ actor: actor(), action: 'as2.partner', subject: `as2 partner ${id}` },
        detail: { name, station, settings, secrets: Object.keys(secrets) },
      })
    })
    const keys = await partners.keysOf(db, station)
    io.stdout.write(`partner ${id} (${name}) talks to ${station}\n`)
    if (keys.length === 0)
      io.stdout.write(`${station} has no key yet: edigw as2 keygen ${station}\n`)
    if (pairs === undefined && known === undefined)
      io.stdout.write('it may carry no interchanges yet: --carries tells which\n')
    return 0
  })
}

function environmentOf(text: string): 'test' | 'production' {
  if (text === 'test' || text === 'production') return text
  throw new UsageError(`--environment is test or production, not ${text}`)
}

export async function endPartner(args: Args, io: Io): Promise<ExitCode> {
  const id = args.words[0]!
  return withTools(io, async ({ db, partners }) => {
    const known = await partners.byId(db, id)
    if (known === undefined) return unknown(io, id)
    const { name, station, settings } = known
    await db.tx(async (tx) => {
      await partners.savePartner(tx, { id, name, station, settings, active: false })
      await addAudit(tx, {
        actor: actor(),
        action: 'as2.partner-end',
        subject: `as2 partner ${id}`,
      })
    })
    io.stdout.write(`partner ${id} is ended; partner set ${id} brings it back\n`)
    return 0
  })
}

export async function listPartners(_: Args, io: Io): Promise<ExitCode> {
  return withTools(io, async ({ db, partners }) => {
    const now = new Date()
    const lines = (pins: readonly Pin[]) =>
      pins.map((pin) => {
        const { certificate, use } = pin
        const state = STATES[pinState(pin, now)]
        const until = day(pin.acceptExpiredUntil ?? pin.validUntil ?? certificate.notAfter)
        return `  ${shown(certificate.fingerprint)}\n    ${state}, until ${until}${use ? `, ${use} only` : ''}, ${certificate.subject}\n`
      })
    for (const station of await partners.stations(db))
      io.stdout.write(
        `station ${station}\n${lines(await partners.keysOf(db, station)).join('') || '  no key\n'}`,
      )
    for (const { id, name, station, settings, active, pins } of await partners.list(db))
      io.stdout.write(
        `partner ${id}${active ? '' : ' (ended)'}: ${name}, talks to ${station}, ${settings.url ?? 'only sends'}\n` +
          (lines(pins).join('') || '  no certificate\n'),
      )
    return 0
  })
}
