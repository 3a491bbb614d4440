// Machine clients and their keys. What is stored of an API key is its digest, of a shared secret the sealed form.
import type { Db, Queryable } from './db.js'

type KeyKind = 'api_key' | 'hs256' | 'rs256' | 'es256'

export interface ClientRow {
  id: string
  name: string
  scopes: string[]
  /** Channel identity under which it hands in interchanges; null: it may not. */
  identity: string | null
  connection: string | null
  active: boolean
  createdAt: Date
  lastUsedAt: Date | null
}

export interface KeyRow {
  kid: string
  client: string
  kind: KeyKind
  hash: Buffer | null
  sealed: Buffer | null
  /** PEM. */
  publicKey: string | null
  issuer: string | null
  createdAt: Date
  notBefore: Date | null
  expiresAt: Date | null
  revokedAt: Date | null
  lastUsedAt: Date | null
}

export type NewClient = Pick<ClientRow, 'id' | 'name' | 'scopes' | 'identity' | 'connection'>
export type NewKey = Pick<
  KeyRow,
  'kid' | 'client' | 'kind' | 'hash' | 'sealed' | 'publicKey' | 'issuer' | 'expiresAt'
>

const CLIENT = `id, name, scopes, identity, connection, active, created_at as "createdAt", last_used_at as "lastUsedAt"`
const KEY = `kid, client, kind, hash, sealed, public_key as "publicKey", issuer, created_at as "createdAt",
  not_before as "notBefore", expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"`

/** False when the id is taken. */
export async function insertClient(db: Queryable, client: NewClient): Promise<boolean> {
  const made = await db.query(
    `insert into machine_client (id, name, scopes, identity, connection) values ($1, $2, $3, $4, $5)
     on conflict do nothing returning id`,
    [client.id, client.name, client.scopes, client.identity, client.connection],
  )
  return made.length === 1
}

export async function insertKey(db: Queryable, key: NewKey): Promise<boolean> {
  const made = await db.query(
    `insert into machine_key (kid, client, kind, hash, sealed, public_key, issuer, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning kid`,
    [
      ...[key.kid, key.client, key.kind, key.hash, key.sealed],
      ...[key.publicKey, key.issuer, key.expiresAt],
    ],
  )
  return made.length === 1
}

export async function listClients(db: Queryable): Promise<ClientRow[]> {
  return db.query(`select ${CLIENT} from machine_client order by id`)
}

export async function findClient(db: Queryable, id: string): Promise<ClientRow | undefined> {
  const [row] = await db.query<ClientRow>(`select ${CLIENT} from machine_client where id = $1`, [
    id,
  ])
  return row
}

export async function keysOf(db: Queryable, client: string): Promise<KeyRow[]> {
  return db.query(`select ${KEY} from machine_key where client = $1 order by created_at, kid`, [
    client,
  ])
}

/** A key that may be used now, by the database's clock, with its client. */
export async function findLiveKey(
  db: Queryable,
  kid: string,
): Promise<{ key: KeyRow; client: ClientRow } | undefined> {
  const [key] = await db.query<KeyRow>(
    `select ${KEY} from machine_key where kid = $1 and revoked_at is null
       and (not_before is null or not_before <= now()) and (expires_at is null or expires_at > now())`,
    [kid],
  )
  if (key === undefined) return undefined
  const client = await findClient(db, key.client)
  return client?.active ? { key, client } : undefined
}

/** A key whose time is over and that nobody has revoked. */
export async function findExpiredKey(db: Queryable, kid: string): Promise<KeyRow | undefined> {
  const [key] = await db.query<KeyRow>(
    `select ${KEY} from machine_key where kid = $1 and revoked_at is null and expires_at <= now()`,
    [kid],
  )
  return key
}

/** False when there is no such key of that client, or it is revoked already. */
export async function revokeKey(db: Queryable, client: string, kid: string): Promise<boolean> {
  const rows = await db.query(
    `update machine_key set revoked_at = now() where client = $1 and kid = $2 and revoked_at is null returning kid`,
    [client, kid],
  )
  return rows.length === 1
}

/** Revokes all keys; the row stays, because history names it. False when there is no such active client. */
export async function deactivateClient(tx: Queryable, id: string): Promise<boolean> {
  const rows = await tx.query(
    'update machine_client set active = false where id = $1 and active returning id',
    [id],
  )
  await tx.query(
    'update machine_key set revoked_at = now() where client = $1 and revoked_at is null',
    [id],
  )
  return rows.length === 1
}

/** Whether some other active client with a live key has the scope. */
export async function anotherHolds(tx: Queryable, scope: string, than: string): Promise<boolean> {
  const rows = await tx.query(
    `select 1 from machine_client c join machine_key k on k.client = c.id
     where c.active and c.id <> $1 and $2 = any(c.scopes) and k.revoked_at is null
       and (k.expires_at is null or k.expires_at > now()) limit 1`,
    [than, scope],
  )
  return rows.length > 0
}

/** Notes when keys and their clients were last used. */
export async function noteUse(db: Db, kids: readonly string[]): Promise<void> {
  const sorted = [...kids].sort() // one order, so that two processes do not wait for each other in a circle
  await db.tx(async (tx) => {
    await tx.query(
      `update machine_key set last_used_at = now()
       where kid in (select kid from machine_key where kid = any($1) order by kid for update)`,
      [sorted],
    )
    await tx.query(
      `update machine_client set last_used_at = now() where id in (
         select id from machine_client where id in (select client from machine_key where kid = any($1))
         order by id for update)`,
      [sorted],
    )
  })
}

export interface SigningKeyRow {
  kid: string
  /** PEM. */
  publicKey: string
  sealed: Buffer
  ageSeconds: number
}

/** Newest first. */
export async function signingKeys(db: Queryable): Promise<SigningKeyRow[]> {
  return db.query(
    `select kid, public_key as "publicKey", sealed, extract(epoch from now() - created_at)::float8 as "ageSeconds"
     from signing_key order by created_at desc, kid`,
  )
}

export async function insertSigningKey(
  db: Queryable,
  key: Omit<SigningKeyRow, 'ageSeconds'>,
): Promise<void> {
  await db.query('insert into signing_key (kid, public_key, sealed) values ($1, $2, $3)', [
    ...[key.kid, key.publicKey, key.sealed],
  ])
}

/** Forgets keys that were replaced longer ago than any token lives. */
export async function deleteSigningKeys(db: Queryable, kids: readonly string[]): Promise<void> {
  await db.query('delete from signing_key where kid = any($1)', [[...kids]])
}
