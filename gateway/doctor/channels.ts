// What agreements need of AS2 and SFTP: partners with valid keys, connections that work, accounts that are there.
import { bestPin, expiryWarnings } from '../channels/as2/keys/pins.js'
import type { Partner } from '../channels/as2/partner.js'
import type { As2Partners } from '../store/as2-partners.js'
import { listAgreements } from '../store/agreements.js'
import type { Db } from '../store/db.js'
import { findAccount, storedBytes, type SftpAccount } from '../store/sftp.js'
import type { SftpConnections } from '../store/sftp-connections.js'
import { failed, ok, warning, type Diagnosis } from './check.js'

/** Share of a quota from which on people are told. */
const NEARLY_FULL = 0.9

export interface ChannelStores {
  readonly db: Db
  readonly partners: As2Partners
  readonly connections: SftpConnections
}

/** Every channel an active agreement names, every AS2 partner and every SFTP connection, each once. */
export async function checkChannels(stores: ChannelStores, now: Date): Promise<Diagnosis[]> {
  const { db, partners, connections } = stores
  const active = (await listAgreements(db)).filter(({ state }) => state === 'active')
  const named = active.flatMap(({ agreement: { id, channel } }) =>
    channel === undefined ? [] : [{ agreement: id, channel: channel as Record<string, unknown> }],
  )
  const used = (kind: string, field: string) =>
    new Map(
      named
        .filter(({ channel }) => channel['kind'] === kind && typeof channel[field] === 'string')
        .map(({ agreement, channel }) => [String(channel[field]), agreement]),
    )
  const found: Diagnosis[] = []

  const as2 = used('as2', 'partner')
  const known = await partners.list(db)
  for (const partner of known)
    if (partner.active || as2.has(partner.id))
      found.push(...checkPartner(partner, as2.get(partner.id), now))
  for (const [id, agreement] of as2)
    if (!known.some((partner) => partner.id === id))
      found.push(
        failed(
          `AS2 partner ${id}`,
          `agreement ${agreement} names it, and it is not known`,
          `edigw as2 partner set ${id} --name NAME --station STATION --url URL --certificate FILE`,
        ),
      )

  const sftp = used('sftp', 'connection')
  const states = await connections.list()
  for (const { id, active: on, lastError, failures } of states) {
    const name = `SFTP connection ${id}`
    if (!on && sftp.has(id))
      found.push(
        failed(
          name,
          `has ended; agreement ${sftp.get(id)} needs it`,
          `edigw sftp connection add ${id}`,
        ),
      )
    else if (on && failures > 0)
      found.push(
        warning(
          name,
          `failed ${failures} times in a row: ${lastError ?? 'no reason known'}`,
          `edigw sftp connection test ${id}`,
        ),
      )
    else if (on) found.push(ok(name, 'no failure'))
  }
  for (const [id, agreement] of sftp)
    if (!states.some((state) => state.id === id))
      found.push(
        failed(
          `SFTP connection ${id}`,
          `agreement ${agreement} names it, and it is not known`,
          `edigw sftp connection add ${id} --host HOST --user USER --host-key KEY`,
        ),
      )

  for (const [name, agreement] of used('sftp', 'account')) {
    const account = await findAccount(db, name)
    if (account?.active === true) found.push(await checkRoom(db, account))
    else
      found.push(
        failed(
          `SFTP account ${name}`,
          `agreement ${agreement} names it, and it ${account ? 'has ended' : 'is not known'}`,
          `edigw sftp account add ${name} --agreement ${agreement} --key FILE`,
        ),
      )
  }
  return found
}

/** Of what lies in the store; uploads in progress are known to the process that takes them. */
async function checkRoom(db: Db, { name, settings }: SftpAccount): Promise<Diagnosis> {
  const subject = `SFTP account ${name}`
  const { quotaBytes } = settings
  if (quotaBytes === undefined) return ok(subject, 'can log in')
  const used = await storedBytes(db, name)
  const text = `can log in; its files take ${used} of ${quotaBytes} bytes`
  return used < quotaBytes * NEARLY_FULL
    ? ok(subject, text)
    : warning(
        subject,
        text,
        `ask the partner to fetch and remove its files, or raise quotaBytes: edigw sftp account add ${name} --settings FILE`,
      )
}

/** `agreement`: the one that sends through the partner; without one it need only be able to send to us. */
function checkPartner(partner: Partner, agreement: string | undefined, now: Date): Diagnosis[] {
  const { id, station, settings, keys, pins } = partner
  const name = `AS2 partner ${id}`
  const found: Diagnosis[] = []
  const lacks = (text: string, remedy: string) => found.push(failed(name, text, remedy))
  if (!partner.active)
    lacks(`has ended; agreement ${agreement} needs it`, `edigw as2 partner set ${id}`)
  if (agreement !== undefined && settings.url === undefined)
    lacks(
      `has no address; agreement ${agreement} sends to it`,
      `edigw as2 partner set ${id} --url URL`,
    )
  if (!bestPin(keys, 'signature', now) || !bestPin(keys, 'encryption', now))
    lacks(`${station} has no valid key`, `edigw as2 keygen ${station}`)
  for (const use of ['signature', 'encryption'] as const)
    if (!bestPin(pins, use, now))
      lacks(
        pins.length === 0
          ? `has no certificate for ${use}`
          : `has no certificate for ${use} that is valid now`,
        pins.length === 0
          ? `edigw as2 cert import ${id} FILE`
          : `edigw as2 cert import ${id} FILE, or for a while edigw as2 cert extend`,
      )
  if (found.length > 0) return found
  const ends = [
    ...expiryWarnings(keys, now).map((end) => ({ ...end, what: `our key ${station}` })),
    ...expiryWarnings(pins, now).map((end) => ({ ...end, what: 'its certificate' })),
  ]
  for (const { what, days, until } of ends)
    found.push(
      warning(
        name,
        `${what} ${days === 0 ? 'has expired' : 'expires'} on ${until.toISOString().slice(0, 10)}, and nothing follows it`,
        'docs/as2.md, Certificates',
      ),
    )
  return found.length > 0 ? found : [ok(name, 'keys and certificates are valid')]
}
