// The master key and the database belong together: a database whose secrets another key sealed is not touched. A key
// that follows another seals anew what that one sealed; payloads stay as they are, for only their data keys change.
import type { Config } from '../config.js'
import { EnvironmentError } from '../environment-error.js'
import {
  masterKeyOf,
  otherMasterKey,
  readMasterKey,
  sealer,
  type Sealer,
} from '../security/sealing.js'
import type { Db } from './db.js'

/** Every column the master key seals. A secret's place is the name of its table and the row's id. */
const SEALED = [
  { table: 'data_key', id: 'id', column: 'sealed' },
  { table: 'machine_key', id: 'kid', column: 'sealed' },
  { table: 'signing_key', id: 'kid', column: 'sealed' },
  { table: 'sftp_connection', id: 'id', column: 'secrets' },
  { table: 'as2_key', id: 'fingerprint', column: 'sealed' },
  { table: 'as2_partner', id: 'id', column: 'secrets' },
] as const

export type MasterKeys = Pick<Config, 'masterKey' | 'previousMasterKey' | 'data'>

/**
 * Opens the database's secrets with the key of the settings or of the data folder, where one is made for a database that
 * has none. Throws EnvironmentError, having written nothing, when it is missing or another one.
 */
export async function unlock(db: Db, settings: MasterKeys): Promise<Sealer> {
  const { masterKey, previousMasterKey: previous, data } = settings
  const samples = await db.query<{ sealed: Buffer }>(
    SEALED.map(
      ({ table, column }) =>
        `(select ${column} as sealed from ${table} where ${column} is not null limit 1)`,
    ).join(' union all '),
  )
  const known = masterKey ?? (await readMasterKey(data))
  if (known === undefined && previous === undefined && samples.length > 0)
    throw new EnvironmentError(
      'the master key that sealed the secrets in this database is missing',
      `put back the file master.key in ${data}, or set EDIGW_MASTER_KEY; without it payloads cannot be read`,
    )
  const secrets = sealer(known ?? (await masterKeyOf(data)), previous)
  if (samples.some(({ sealed }) => secrets.sealedBy(sealed) === undefined)) throw otherMasterKey()
  if (previous !== undefined) await sealAnew(db, secrets)
  db.unlock(secrets)
  await db.keys.own()
  return secrets
}

/** All or nothing: a start that is killed here leaves the database as it was. */
async function sealAnew(db: Db, secrets: Sealer): Promise<void> {
  await db.tx(async (tx) => {
    for (const { table, id, column } of SEALED) {
      const rows = await tx.query<{ id: string; sealed: Buffer }>(
        `select ${id} as id, ${column} as sealed from ${table} where ${column} is not null order by ${id} for update`,
      )
      for (const row of rows) {
        if (secrets.sealedBy(row.sealed) === 'this') continue
        const place = `${table} ${row.id}`
        await tx.query(`update ${table} set ${column} = $2 where ${id} = $1`, [
          row.id,
          secrets.seal(secrets.open(row.sealed, place), place),
        ])
      }
    }
  })
}
