// Versions of agreements and the channel identities: draft → test → active → retired, one active version of each.
import {
  agreementBook,
  contentHash,
  type AgreementBook,
  type AgreementVersion,
  type ChannelIdentity,
  type GatewayAgreement,
} from '../agreement.js'
import { PermanentError } from '../errors.js'
import { addAudit } from './audit.js'
import type { Queryable } from './db.js'
import { releaseInterchanges } from './waiting.js'
import type { Work } from './work.js'

export type VersionState = 'draft' | 'test' | 'active' | 'retired'

export interface StoredVersion extends AgreementVersion {
  readonly state: VersionState
  readonly hash: string
  readonly note?: string
  readonly createdAt: Date
  readonly activatedAt?: Date
}

interface Row {
  id: string
  version: number
  state: VersionState
  body: GatewayAgreement
  hash: string
  note: string | null
  created_at: Date
  activated_at: Date | null
}

const COLUMNS = 'id, version, state, body, hash, note, created_at, activated_at'

const stored = (row: Row): StoredVersion => ({
  id: row.id,
  version: row.version,
  agreement: row.body,
  state: row.state,
  hash: row.hash,
  createdAt: row.created_at,
  ...(row.note === null ? {} : { note: row.note }),
  ...(row.activated_at === null ? {} : { activatedAt: row.activated_at }),
})

/** Tells every process that its copy is out of date. The row lock also puts changes one after the other. */
const stamp = (work: Work) => work.query('update agreement_stamp set stamp = stamp + 1')

/**
 * Adds a version in state draft, or gives the newest one when its content is the same. The agreement has been checked.
 */
export async function saveAgreement(
  work: Work,
  agreement: GatewayAgreement,
  by: { actor: string; note?: string },
): Promise<StoredVersion> {
  await stamp(work)
  const hash = contentHash(agreement)
  const [newest] = await work.query<Row>(
    `select ${COLUMNS} from agreement where id = $1 order by version desc limit 1`,
    [agreement.id],
  )
  if (newest?.hash === hash) return stored(newest)
  const [row] = await work.query<Row>(
    `insert into agreement (id, version, state, body, hash, note) values ($1, $2, 'draft', $3, $4, $5)
     returning ${COLUMNS}`,
    [agreement.id, (newest?.version ?? 0) + 1, JSON.stringify(agreement), hash, by.note ?? null],
  )
  await addAudit(work, {
    actor: by.actor,
    action: 'agreement.save',
    subject: `agreement ${agreement.id}`,
    detail: { version: row!.version, hash, ...(by.note ? { note: by.note } : {}) },
  })
  return stored(row!)
}

/**
 * Moves one version; activating retires the version active before, and activating a retired one is the rollback.
 * Interchanges that waited for it are translated.
 * PermanentError when there is no such version or it would go from active to draft or test.
 */
export async function moveAgreement(
  work: Work,
  id: string,
  version: number,
  to: VersionState,
  actor: string,
): Promise<StoredVersion> {
  await stamp(work)
  const [row] = await work.query<Row>(
    `select ${COLUMNS} from agreement where id = $1 and version = $2`,
    [id, version],
  )
  if (!row) throw new PermanentError(`agreement ${id} has no version ${version}`)
  if (row.state === to) return stored(row)
  if ((row.state === 'active' || row.state === 'retired') && (to === 'draft' || to === 'test'))
    throw new PermanentError(`version ${version} of ${id} was active; save a new version instead`)
  if (to === 'active')
    await work.query(`update agreement set state = 'retired' where id = $1 and state = 'active'`, [
      id,
    ])
  const [moved] = await work.query<Row>(
    `update agreement set state = $3, activated_at = case when $3 = 'active' then now() else activated_at end
     where id = $1 and version = $2 returning ${COLUMNS}`,
    [id, version, to],
  )
  await addAudit(work, {
    actor,
    action: `agreement.${to}`,
    subject: `agreement ${id}`,
    detail: { version, from: row.state },
  })
  if (to === 'active') await releaseInterchanges(work, actor, id)
  return stored(moved!)
}

/**
 * Takes an agreement from a file: new content becomes a new version and active at once. Content that any version had
 * changes nothing while one is active, so neither a rollback nor a change made by API is undone by the next start.
 */
export async function importAgreement(
  work: Work,
  agreement: GatewayAgreement,
  by: { actor: string; note?: string },
): Promise<{ version: StoredVersion; changed: boolean }> {
  await stamp(work)
  const versions = await listAgreements(work, agreement.id)
  const hash = contentHash(agreement)
  const known = versions.find((one) => one.hash === hash)
  if (known && versions.some((one) => one.state === 'active'))
    return { version: known, changed: false }
  const { id, version } = known ?? (await saveAgreement(work, agreement, by))
  return { version: await moveAgreement(work, id, version, 'active', by.actor), changed: true }
}

export async function readAgreement(
  db: Queryable,
  id: string,
  version?: number,
): Promise<StoredVersion | undefined> {
  const [row] = await db.query<Row>(
    `select ${COLUMNS} from agreement where id = $1 and ($2::integer is null or version = $2)
     order by state = 'active' desc, version desc limit 1`,
    [id, version ?? null],
  )
  return row && stored(row)
}

/** Newest versions first. */
export async function listAgreements(db: Queryable, id?: string): Promise<StoredVersion[]> {
  const rows = await db.query<Row>(
    `select ${COLUMNS} from agreement where $1::text is null or id = $1 order by id, version desc`,
    [id ?? null],
  )
  return rows.map(stored)
}

/** Adds or changes a channel identity. */
export async function saveIdentity(
  work: Work,
  identity: ChannelIdentity,
  actor: string,
): Promise<void> {
  await stamp(work)
  await work.query(
    `insert into channel_identity (channel, id, name, carries, environments) values ($1, $2, $3, $4, $5)
     on conflict (channel, id) do update set name = excluded.name, carries = excluded.carries,
       environments = excluded.environments, active = true`,
    [
      identity.channel,
      identity.id,
      identity.name,
      JSON.stringify(identity.carries),
      [...identity.environments],
    ],
  )
  await addAudit(work, {
    actor,
    action: 'identity.save',
    subject: `identity ${identity.channel}:${identity.id}`,
    detail: { carries: identity.carries, environments: identity.environments },
  })
}

/** Takes an identity out of use: what it brings from now on is quarantined. */
export async function endIdentity(work: Work, channel: string, id: string): Promise<void> {
  await stamp(work)
  await work.query('update channel_identity set active = false where channel = $1 and id = $2', [
    channel,
    id,
  ])
}

export async function findIdentity(
  db: Queryable,
  channel: string,
  id: string,
): Promise<ChannelIdentity | undefined> {
  const [row] = await db.query<ChannelIdentity>(
    `select channel, id, name, carries, environments from channel_identity
     where channel = $1 and id = $2 and active`,
    [channel, id],
  )
  return row
}

/** What the steps look up in: agreements in force and identities, as of one stamp. */
export interface Directory {
  readonly book: AgreementBook
  identity(channel: string, id: string): ChannelIdentity | undefined
}

/** Gives the directory as it is now; it is read again only when something has changed. */
export function openDirectory(db: Queryable): () => Promise<Directory> {
  let known: { stamp: number; directory: Directory } | undefined
  return async () => {
    const [row] = await db.query<{ stamp: number }>('select stamp from agreement_stamp')
    if (known && known.stamp === row?.stamp) return known.directory
    const active = await db.query<{ id: string; version: number; body: GatewayAgreement }>(
      `select id, version, body from agreement where state = 'active' order by id`,
    )
    const identities = await db.query<ChannelIdentity>(
      'select channel, id, name, carries, environments from channel_identity where active',
    )
    const byKey = new Map(identities.map((one) => [`${one.channel}\n${one.id}`, one]))
    const directory: Directory = {
      book: agreementBook(
        active.map(({ id, version, body }) => ({ id, version, agreement: body })),
      ),
      identity: (channel, id) => byKey.get(`${channel}\n${id}`),
    }
    known = { stamp: row?.stamp ?? 0, directory }
    return directory
  }
}
