// Stations, partners, keys and certificates of AS2 in the store. Private keys and passwords lie sealed.
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { type Certificate, readCertificate } from '../channels/as2/keys/certificate.js'
import type { Pin } from '../channels/as2/keys/pins.js'
import type { OwnKey, Partner } from '../channels/as2/partner.js'
import type { PartnerSecrets, PartnerSettings } from '../channels/as2/settings.js'
import type { Queryable } from './db.js'

/** Seals and opens small secrets; `place` names the row they belong to. */
export interface As2Sealer {
  seal(secret: Uint8Array, place: string): Buffer
  open(sealed: Uint8Array, place: string): Buffer
}

/** Window and use of a key or certificate. */
export interface Window {
  readonly use?: 'signature' | 'encryption'
  readonly validFrom?: Date
  readonly validUntil?: Date
}

export interface NewPartner {
  readonly id: string
  readonly name: string
  readonly station: string
  readonly settings: PartnerSettings
  readonly secrets?: PartnerSecrets
  readonly active?: boolean
}

interface PinRow {
  certificate: Buffer
  use: 'signature' | 'encryption' | null
  valid_from: Date | null
  valid_until: Date | null
  accept_expired_until: Date | null
}

interface KeyRow extends Omit<PinRow, 'accept_expired_until'> {
  fingerprint: string
  sealed: Buffer
}

/** A certificate or, with `sealed`, a key beside its partner; all null for a partner that has neither. */
interface JoinedRow extends Omit<PinRow, 'certificate'> {
  fingerprint: string | null
  certificate: Buffer | null
  sealed: Buffer | null
}

interface PartnerRow {
  id: string
  name: string
  station: string
  settings: PartnerSettings
  secrets: Buffer | null
  active: boolean
}

const keyPlace = (fingerprint: string) => `as2_key ${fingerprint}`
const secretsPlace = (id: string) => `as2_partner ${id}`

/** The verbs on partners and keys. `sealer` holds the master key. */
export function as2Partners(sealer: As2Sealer) {
  // Parsing is a millisecond, opening a sealed key too: both are kept by what they were made of.
  const certificates = new Map<string, Certificate>()
  const keys = new Map<string, KeyObject>()

  const certificate = (der: Buffer): Certificate =>
    kept(certificates, der.toString('latin1'), () => readCertificate(der))

  const pin = (row: PinRow | KeyRow): Pin => ({
    certificate: certificate(row.certificate),
    ...(row.use === null ? {} : { use: row.use }),
    ...(row.valid_from === null ? {} : { validFrom: row.valid_from }),
    ...(row.valid_until === null ? {} : { validUntil: row.valid_until }),
    ...('accept_expired_until' in row && row.accept_expired_until !== null
      ? { acceptExpiredUntil: row.accept_expired_until }
      : {}),
  })

  const ownKey = (row: KeyRow): OwnKey => ({
    ...pin(row),
    privateKey: kept(keys, row.sealed.toString('latin1'), () =>
      createPrivateKey({
        key: sealer.open(row.sealed, keyPlace(row.fingerprint)),
        format: 'der',
        type: 'pkcs8',
      }),
    ),
  })

  /** Partners with their certificates and keys, in one statement: every message asks for one. */
  const read = async (db: Queryable, where: string, values: readonly string[]) => {
    const found = await db.query<PartnerRow & JoinedRow>(
      `select p.id, p.name, p.station, p.settings, p.secrets, p.active, c.*
       from as2_partner p left join lateral (
         select fingerprint, certificate, null::bytea as sealed, use, valid_from, valid_until, accept_expired_until, created_at
         from as2_certificate where partner = p.id
         union all
         select fingerprint, certificate, sealed, use, valid_from, valid_until, null, created_at
         from as2_key where station = p.station
       ) c on true ${where} order by p.id, c.created_at, c.fingerprint`,
      values,
    )
    const byId = new Map<string, Partner & { pins: Pin[]; keys: OwnKey[] }>()
    for (const row of found) {
      const { id, name, station, settings, active, fingerprint, certificate, sealed } = row
      const partner = byId.get(id) ?? {
        ...{ id, name, station, settings, active, secrets: secretsOf(row), pins: [], keys: [] },
      }
      byId.set(id, partner)
      if (fingerprint === null || certificate === null) continue
      if (sealed === null) partner.pins.push(pin({ ...row, certificate }))
      else partner.keys.push(ownKey({ ...row, fingerprint, certificate, sealed }))
    }
    return [...byId.values()]
  }

  const secretsOf = ({ id, secrets }: PartnerRow): PartnerSecrets =>
    secrets === null
      ? {}
      : (JSON.parse(sealer.open(secrets, secretsPlace(id)).toString()) as PartnerSecrets)

  const keysOf = async (db: Queryable, station: string): Promise<OwnKey[]> => {
    const found = await db.query<KeyRow>(
      `select fingerprint, certificate, sealed, use, valid_from, valid_until
       from as2_key where station = $1 order by created_at, fingerprint`,
      [station],
    )
    return found.map(ownKey)
  }

  return {
    /** Keys of a station; none for an unknown one. */
    keysOf,

    /** Adds a key, and the station when it is new. The same key again changes its window. */
    async saveKey(
      db: Queryable,
      station: string,
      key: { certificate: Certificate; privateKey: KeyObject } & Window,
    ): Promise<void> {
      const { fingerprint, der } = key.certificate
      const secret = key.privateKey.export({ type: 'pkcs8', format: 'der' })
      await db.query('insert into as2_station (name) values ($1) on conflict do nothing', [station])
      await db.query(
        `insert into as2_key (fingerprint, station, certificate, sealed, use, valid_from, valid_until)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (fingerprint) do update set use = $5, valid_from = $6, valid_until = $7`,
        [
          fingerprint,
          station,
          der,
          sealer.seal(secret, keyPlace(fingerprint)),
          key.use ?? null,
          key.validFrom ?? null,
          key.validUntil ?? null,
        ],
      )
    },

    /** Creates the partner or replaces all of it but its certificates; absent secrets stay as they are. */
    async savePartner(db: Queryable, partner: NewPartner): Promise<void> {
      const secrets =
        partner.secrets === undefined
          ? null
          : sealer.seal(Buffer.from(JSON.stringify(partner.secrets)), secretsPlace(partner.id))
      await db.query('insert into as2_station (name) values ($1) on conflict do nothing', [
        partner.station,
      ])
      await db.query(
        `insert into as2_partner (id, station, name, settings, secrets, active)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (id) do update set station = $2, name = $3, settings = $4,
           secrets = coalesce($5, as2_partner.secrets), active = $6`,
        [
          partner.id,
          partner.station,
          partner.name,
          JSON.stringify(partner.settings),
          secrets,
          partner.active ?? true,
        ],
      )
    },

    /** Pins a certificate for a partner. The same one again changes its window. */
    async pinCertificate(
      db: Queryable,
      partner: string,
      pinned: { certificate: Certificate } & Window,
    ): Promise<void> {
      await db.query(
        `insert into as2_certificate (partner, fingerprint, certificate, use, valid_from, valid_until)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (partner, fingerprint) do update set use = $4, valid_from = $5, valid_until = $6`,
        [
          partner,
          pinned.certificate.fingerprint,
          pinned.certificate.der,
          pinned.use ?? null,
          pinned.validFrom ?? null,
          pinned.validUntil ?? null,
        ],
      )
    },

    /** Lets an expired certificate count until `until`; false when it is not pinned for the partner. */
    async extendCertificate(
      db: Queryable,
      partner: string,
      fingerprint: string,
      until: Date,
    ): Promise<boolean> {
      const extended = await db.query(
        `update as2_certificate set accept_expired_until = $3
         where partner = $1 and fingerprint = $2 returning partner`,
        [partner, fingerprint, until],
      )
      return extended.length > 0
    },

    /** The partner that calls itself `name` and talks to `station`; names are compared exactly. */
    async byNames(db: Queryable, name: string, station: string): Promise<Partner | undefined> {
      return (await read(db, 'where p.name = $1 and p.station = $2', [name, station]))[0]
    },

    async byId(db: Queryable, id: string): Promise<Partner | undefined> {
      return (await read(db, 'where p.id = $1', [id]))[0]
    },

    /** AS2 names of ours. */
    async stations(db: Queryable): Promise<string[]> {
      const found = await db.query<{ name: string }>('select name from as2_station order by name')
      return found.map(({ name }) => name)
    },

    list: (db: Queryable): Promise<Partner[]> => read(db, '', []),
  }
}
export type As2Partners = ReturnType<typeof as2Partners>

const MAX_KEPT = 1000

function kept<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key)
  if (known !== undefined) return known
  if (cache.size >= MAX_KEPT) cache.clear()
  const made = make()
  cache.set(key, made)
  return made
}
