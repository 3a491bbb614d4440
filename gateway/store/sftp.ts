// What our SFTP server keeps: who may log in, and which files each partner sees. Bytes are blobs.
import type { PartSource } from '../channels/sftp/download.js'
import type { AccountSettings } from '../channels/sftp/settings.js'
import { closeAlert, raiseAlert } from './alerts.js'
import { PART_BYTES, readPart, type BlobRef } from './blobs.js'
import type { Db, Queryable } from './db.js'

/** A partner who may log in. `name` is the channel identity. */
export interface SftpAccount {
  readonly name: string
  /** scrypt hash; absent: no login by password. */
  readonly password?: string
  /** Lines as in authorized_keys. */
  readonly keys: readonly string[]
  readonly settings: AccountSettings
  readonly active: boolean
}

interface AccountRow {
  name: string
  password: string | null
  keys: string[]
  settings: AccountSettings
  active: boolean
}

const toAccount = ({ password, ...row }: AccountRow): SftpAccount =>
  password === null ? row : { ...row, password }

/** Creates the account or replaces all of it. */
export async function saveAccount(db: Queryable, account: SftpAccount): Promise<void> {
  await db.query(
    `insert into sftp_account (name, password, keys, settings, active) values ($1, $2, $3, $4, $5)
     on conflict (name) do update set password = $2, keys = $3, settings = $4, active = $5`,
    [
      account.name,
      account.password ?? null,
      [...account.keys],
      JSON.stringify(account.settings),
      account.active,
    ],
  )
}

export async function findAccount(db: Queryable, name: string): Promise<SftpAccount | undefined> {
  const [row] = await db.query<AccountRow>(
    'select name, password, keys, settings, active from sftp_account where name = $1',
    [name],
  )
  return row && toAccount(row)
}

export async function listAccounts(db: Queryable): Promise<SftpAccount[]> {
  const found = await db.query<AccountRow>(
    'select name, password, keys, settings, active from sftp_account order by name',
  )
  return found.map(toAccount)
}

/** A file an account sees. */
export interface SftpFile extends BlobRef {
  readonly id: string
  readonly use: 'in' | 'out' | 'archive'
  readonly folder: string
  readonly name: string
  readonly createdAt: Date
}

const FILE = 'id, use, folder, name, sha256, size, created_at as "createdAt"'
const VISIBLE = '(expires_at is null or expires_at > now())'

/** Files of one folder in the order of their names, beginning after the name `after`. */
async function listFiles(
  db: Queryable,
  account: string,
  folder: string,
  after: string,
  limit: number,
): Promise<SftpFile[]> {
  return db.query(
    `select ${FILE} from sftp_file
     where account = $1 and folder = $2 and name collate "C" > $3 and ${VISIBLE}
     order by name collate "C" limit $4`,
    [account, folder, after, limit],
  )
}

async function findFile(
  db: Queryable,
  account: string,
  folder: string,
  name: string,
): Promise<SftpFile | undefined> {
  const [row] = await db.query<SftpFile>(
    `select ${FILE} from sftp_file where account = $1 and folder = $2 and name = $3 and ${VISIBLE}`,
    [account, folder, name],
  )
  return row
}

/** Bytes of the files an account can remove: what it brought and still sees, and what waits to be fetched. */
export async function storedBytes(db: Queryable, account: string): Promise<number> {
  const [sum] = await db.query<{ bytes: number }>(
    `select coalesce(sum(size), 0)::bigint as bytes from sftp_file
     where account = $1 and use in ('in', 'out') and ${VISIBLE}`,
    [account],
  )
  return sum!.bytes
}

/** Shows an upload that was taken in for `hours`, in place of an earlier one of that name. */
async function showUpload(
  db: Queryable,
  file: { id: string; account: string; folder: string; name: string; hours: number } & BlobRef,
): Promise<void> {
  await db.query(
    `insert into sftp_file (id, account, use, folder, name, sha256, size, expires_at)
     values ($1, $2, 'in', $3, $4, $5, $6, now() + make_interval(hours => $7))
     on conflict (account, folder, name) do update set id = excluded.id, use = 'in',
       sha256 = excluded.sha256, size = excluded.size, created_at = now(),
       expires_at = excluded.expires_at`,
    [file.id, file.account, file.folder, file.name, file.sha256, file.size, file.hours],
  )
}

/** Bytes to be fetched by an account. The same `idempotencyKey` lays them out once. */
interface NewOutFile extends BlobRef {
  readonly id: string
  readonly account: string
  readonly folder: string
  /** Wanted name; `-2`, `-3` … is put before its ending when a file of that name is still there. */
  readonly name: string
  readonly outboxId: string
  readonly idempotencyKey: string
}

/** Gives the name and, when the file was fetched already, the time. */
async function layOut(db: Db, file: NewOutFile): Promise<{ name: string; fetchedAt?: Date }> {
  return db.tx(async (tx) => {
    // The account's row lock orders those who look for a free name.
    await tx.query('select name from sftp_account where name = $1 for update', [file.account])
    const [known] = await tx.query<{ name: string; fetched_at: Date | null }>(
      'select name, fetched_at from sftp_file where account = $1 and idempotency_key = $2',
      [file.account, file.idempotencyKey],
    )
    if (known)
      return { name: known.name, ...(known.fetched_at ? { fetchedAt: known.fetched_at } : {}) }
    for (let n = 1; ; n++) {
      const name = n === 1 ? file.name : file.name.replace(/(?=\.[^.]*$)|$/, `-${n}`)
      const stored = await tx.query(
        `insert into sftp_file (id, account, use, folder, name, sha256, size, outbox_id, idempotency_key)
         values ($1, $2, 'out', $3, $4, $5, $6, $7, $8)
         on conflict (account, folder, name) do nothing returning id`,
        [
          file.id,
          file.account,
          file.folder,
          name,
          file.sha256,
          file.size,
          file.outboxId,
          file.idempotencyKey,
        ],
      )
      if (stored.length > 0) return { name }
    }
  })
}

/** Notes that an account has read a file to its end; false when that was known. */
async function noteFetched(db: Queryable, id: string): Promise<boolean> {
  const noted = await db.query(
    `update sftp_file set fetched_at = now() where id = $1 and fetched_at is null and use = 'out' returning id`,
    [id],
  )
  return noted.length > 0
}

/**
 * Takes a file out of sight of its folder: an outgoing one goes to `archive` for some days (and counts as fetched),
 * others are gone. Where the archive has that name already, the older one makes way.
 */
async function takeFile(
  db: Db,
  id: string,
  archive: { folder: string; days: number } | undefined,
): Promise<void> {
  await db.tx(async (tx) => {
    const [file] = await tx.query<{ account: string; use: string; name: string }>(
      'select account, use, name from sftp_file where id = $1 for update',
      [id],
    )
    if (!file) return
    if (file.use !== 'out') {
      await tx.query('delete from sftp_file where id = $1', [id])
      return
    }
    if (archive)
      await tx.query(
        `delete from sftp_file where account = $1 and folder = $2 and name = $3 and reported_at is not null`,
        [file.account, archive.folder, file.name],
      )
    // Without an archive the row stays until its receipt is reported, out of every folder.
    await tx.query(
      `update sftp_file set use = 'archive', folder = coalesce($2, ''), fetched_at = coalesce(fetched_at, now()),
         name = case when exists (select from sftp_file other where other.account = sftp_file.account
           and other.folder = coalesce($2, '') and other.name = sftp_file.name) or $2 is null
           then sftp_file.name || '.' || sftp_file.id else sftp_file.name end,
         expires_at = now() + make_interval(days => $3)
       where id = $1`,
      [id, archive?.folder ?? null, archive?.days ?? 1],
    )
  })
}

/** Fetched files whose receipt the mailbox has not been given yet, oldest first. */
async function unreportedFetches(db: Queryable, limit: number): Promise<Fetch[]> {
  return db.query(
    `select id, outbox_id as "outboxId", account, name, fetched_at as "fetchedAt" from sftp_file
     where fetched_at is not null and reported_at is null order by fetched_at limit $1`,
    [limit],
  )
}

async function noteReported(db: Queryable, ids: readonly string[]): Promise<void> {
  await db.query('update sftp_file set reported_at = now() where id = any($1::uuid[])', [[...ids]])
}

/** Removes what is past its time; gives how many. */
async function removeExpired(db: Queryable, limit = 1000): Promise<number> {
  const gone = await db.query(
    `delete from sftp_file where id in (
       select id from sftp_file where expires_at <= now() and (fetched_at is null or reported_at is not null)
       order by expires_at limit $1 for update skip locked)
     returning id`,
    [limit],
  )
  return gone.length
}

/** Tells people of accounts whose files wait longer than agreed, once while it lasts. */
async function flagUnfetched(db: Db): Promise<void> {
  await db.tx(async (tx) => {
    const late = await tx.query<{ account: string; files: number; since: Date }>(
      `select f.account, count(*)::int as files, min(f.created_at) as since
       from sftp_file f join sftp_account a on a.name = f.account
       where f.use = 'out' and f.fetched_at is null
         and f.created_at < now() - make_interval(hours => (a.settings->>'fetchWithinHours')::int)
       group by f.account order by f.account`,
    )
    const open = await tx.query<{ key: string }>(
      `select key from alert where kind = 'sftp-unfetched' and closed_at is null`,
    )
    const keyOf = (account: string) => `sftp_account ${account} unfetched`
    for (const { account, files, since } of late)
      if (!open.some((alert) => alert.key === keyOf(account)))
        await raiseAlert(tx, {
          key: keyOf(account),
          kind: 'sftp-unfetched',
          subject: `sftp account ${account}`,
          text: `${account} has not fetched ${files} files, the oldest since ${since.toISOString()}`,
        })
    for (const { key } of open)
      if (!late.some(({ account }) => keyOf(account) === key)) await closeAlert(tx, key, 'gateway')
  })
}

/** A fetched file whose receipt is due. */
interface Fetch {
  readonly id: string
  readonly outboxId: string
  readonly account: string
  readonly name: string
  readonly fetchedAt: Date
}

type Bound<F> = F extends (db: Db, ...rest: infer R) => infer T ? (...rest: R) => T : never

/** The verbs of the SFTP server, each one transaction. */
export interface SftpStore {
  readonly saveAccount: Bound<typeof saveAccount>
  readonly findAccount: Bound<typeof findAccount>
  readonly listAccounts: Bound<typeof listAccounts>
  readonly list: Bound<typeof listFiles>
  readonly find: Bound<typeof findFile>
  readonly storedBytes: Bound<typeof storedBytes>
  readonly showUpload: Bound<typeof showUpload>
  readonly layOut: Bound<typeof layOut>
  readonly noteFetched: Bound<typeof noteFetched>
  readonly takeFile: Bound<typeof takeFile>
  readonly unreportedFetches: Bound<typeof unreportedFetches>
  readonly noteReported: Bound<typeof noteReported>
  readonly removeExpired: Bound<typeof removeExpired>
  readonly flagUnfetched: Bound<typeof flagUnfetched>
  readonly parts: PartSource
}

export function sftpStore(db: Db): SftpStore {
  const bind =
    <R extends unknown[], T>(verb: (db: Db, ...rest: R) => T) =>
    (...rest: R): T =>
      verb(db, ...rest)
  return {
    saveAccount: bind(saveAccount),
    findAccount: bind(findAccount),
    listAccounts: bind(listAccounts),
    list: bind(listFiles),
    find: bind(findFile),
    storedBytes: bind(storedBytes),
    showUpload: bind(showUpload),
    layOut: bind(layOut),
    noteFetched: bind(noteFetched),
    takeFile: bind(takeFile),
    unreportedFetches: bind(unreportedFetches),
    noteReported: bind(noteReported),
    removeExpired: bind(removeExpired),
    flagUnfetched: bind(flagUnfetched),
    parts: {
      partBytes: PART_BYTES,
      read: async (sha256, n) => (await readPart(db, sha256, n)).bytes,
    },
  }
}
