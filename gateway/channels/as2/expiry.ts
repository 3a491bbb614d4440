// Certificates and keys that are about to end are told once at each threshold, while there is time to exchange new ones.
import { raiseAlertOnce } from '../../store/alerts.js'
import type { As2Partners } from '../../store/as2-partners.js'
import type { Db } from '../../store/db.js'
import { expiryWarnings, type Pin } from './keys/pins.js'

export async function warnOfExpiry(db: Db, partners: As2Partners, now: Date): Promise<void> {
  for (const station of await partners.stations(db))
    await warn(
      db,
      await partners.keysOf(db, station),
      now,
      `our key ${station}`,
      'edigw as2 keygen',
    )
  for (const partner of await partners.list(db))
    if (partner.active)
      await warn(db, partner.pins, now, `the certificate of ${partner.id}`, 'edigw as2 cert import')
}

async function warn(
  db: Db,
  pins: readonly Pin[],
  now: Date,
  what: string,
  remedy: string,
): Promise<void> {
  for (const { certificate, days, until } of expiryWarnings(pins, now)) {
    const date = until.toISOString().slice(0, 10)
    await raiseAlertOnce(db, {
      key: `as2-expiry ${certificate.fingerprint} ${days} ${date}`,
      kind: 'as2-expiry',
      subject: what,
      text:
        days === 0
          ? `AS2: ${what} has expired on ${date}; ${remedy}`
          : `AS2: ${what} expires on ${date}, in ${days} days or less, and nothing follows it; ${remedy}`,
    })
  }
}
