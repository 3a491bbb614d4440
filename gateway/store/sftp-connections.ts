// Servers of partners we log in to: what is agreed, when each is polled next, and which of its files were taken.
import { publicPart } from '../channels/sftp/keys.js'
import type { ConnectionError, ConnectionSecrets } from '../channels/sftp/remote.js'
import type { ConnectionSettings } from '../channels/sftp/settings.js'
import type { Sealer } from '../security/sealing.js'
import { closeAlert, raiseAlert } from './alerts.js'
import type { Db, Queryable } from './db.js'

/** A server as people see it; secrets are never shown. */
export interface ConnectionState {
  readonly id: string
  readonly settings: ConnectionSettings
  readonly active: boolean
  /** Which secrets there are, and the public key of ours that the partner lets in. */
  readonly secrets: readonly (keyof ConnectionSecrets)[]
  readonly publicKey?: string
  readonly failures: number
  readonly nextPollAt: Date
  readonly lastOkAt?: Date
  readonly lastError?: string
}

/** A server to work with. */
export interface SftpConnection {
  readonly id: string
  readonly settings: ConnectionSettings
  readonly secrets: ConnectionSecrets
}

/** A poll that is ours: nobody else polls the server until the lease ends. */
export interface PollLease extends SftpConnection {
  readonly token: number
}

/** A file as it was listed and what became of it. `unchanged` counts listings with equal size and time. */
export interface KnownFile {
  readonly path: string
  readonly size: number
  readonly modified: number
  readonly unchanged: number
  readonly taken: boolean
  /** Whether an earlier failure lets it wait. */
  readonly waits: boolean
}

/** How far the put of a file has come. */
export interface PutProgress {
  readonly path: string
  /** Absent: written directly under its name. */
  readonly temporary?: string
  readonly state: 'uploading' | 'completing' | 'done'
}

type ServerFailure = Pick<ConnectionError, 'kind' | 'message'>

/** Failures in a row after which people are told; at once of what does not end by itself. */
const ALERT_AT: Readonly<Record<ConnectionError['kind'], number>> = {
  'host-key': 1,
  login: 1,
  folder: 1,
  unreachable: 3,
}

interface Row {
  id: string
  settings: ConnectionSettings
  secrets: Buffer | null
  active: boolean
  failures: number
  not_before: Date
  last_ok_at: Date | null
  last_error: string | null
  token: number
}

const COLUMNS = 'id, settings, secrets, active, failures, not_before, last_ok_at, last_error, token'
const place = (id: string) => `sftp_connection ${id}`
const filePlace = (id: string, path: string) => `sftp_remote_file ${id} ${path}`

/** The verbs on connections, each one transaction. `sealer` holds the master key. */
export function sftpConnections(db: Db, sealer: Sealer) {
  const secretsOf = (row: Row): ConnectionSecrets =>
    row.secrets === null
      ? {}
      : (JSON.parse(sealer.open(row.secrets, place(row.id)).toString()) as ConnectionSecrets)

  const toState = (row: Row): ConnectionState => {
    const secrets = secretsOf(row)
    const { privateKey, passphrase } = secrets
    return {
      id: row.id,
      settings: row.settings,
      active: row.active,
      secrets: Object.keys(secrets) as (keyof ConnectionSecrets)[],
      ...(privateKey === undefined ? {} : { publicKey: publicPart(privateKey, passphrase).line }),
      failures: row.failures,
      nextPollAt: row.not_before,
      ...(row.last_ok_at === null ? {} : { lastOkAt: row.last_ok_at }),
      ...(row.last_error === null ? {} : { lastError: row.last_error }),
    }
  }

  return {
    /** Creates the connection or replaces its settings; absent secrets stay as they are. It is polled at once. */
    async save(
      tx: Queryable,
      connection: { id: string; settings: ConnectionSettings; secrets?: ConnectionSecrets },
    ): Promise<void> {
      const { id, settings, secrets } = connection
      const sealed =
        secrets === undefined ? null : sealer.seal(Buffer.from(JSON.stringify(secrets)), place(id))
      await tx.query(
        `insert into sftp_connection (id, settings, secrets) values ($1, $2, $3)
         on conflict (id) do update set settings = $2, secrets = coalesce($3, sftp_connection.secrets),
           active = true, failures = 0, not_before = now()`,
        [id, JSON.stringify(settings), sealed],
      )
    },

    /** False when there is none. What was fetched from it stays fetched. */
    async remove(tx: Queryable, id: string): Promise<boolean> {
      const gone = await tx.query('delete from sftp_connection where id = $1 returning id', [id])
      return gone.length > 0
    },

    async list(): Promise<ConnectionState[]> {
      return (await db.query<Row>(`select ${COLUMNS} from sftp_connection order by id`)).map(
        toState,
      )
    },

    async state(id: string, tx: Queryable = db): Promise<ConnectionState | undefined> {
      const [row] = await tx.query<Row>(`select ${COLUMNS} from sftp_connection where id = $1`, [
        id,
      ])
      return row && toState(row)
    },

    /** An active connection with its secrets. */
    async find(id: string): Promise<SftpConnection | undefined> {
      const [row] = await db.query<Row>(
        `select ${COLUMNS} from sftp_connection where id = $1 and active`,
        [id],
      )
      return row && { id: row.id, settings: row.settings, secrets: secretsOf(row) }
    },

    /** Takes connections whose poll is due, those waiting longest first. */
    async claimDue(limit: number, leaseSeconds: number): Promise<PollLease[]> {
      const due = await db.query<Row>(
        `update sftp_connection set token = token + 1, lease_until = now() + make_interval(secs => $2)
         where id in (
           select id from sftp_connection
           where active and settings ? 'fetch' and not_before <= now()
             and (lease_until is null or lease_until < now())
           order by not_before limit $1 for update skip locked)
         returning ${COLUMNS}`,
        [limit, leaseSeconds],
      )
      return due.map((row) => ({
        id: row.id,
        settings: row.settings,
        secrets: secretsOf(row),
        token: row.token,
      }))
    },

    /** Keeps a poll ours; false when it no longer is. */
    async renew({ id, token }: PollLease, leaseSeconds: number): Promise<boolean> {
      const kept = await db.query(
        `update sftp_connection set lease_until = now() + make_interval(secs => $3)
         where id = $1 and token = $2 and lease_until > now() returning id`,
        [id, token, leaseSeconds],
      )
      return kept.length > 0
    },

    /** Ends a poll; the next one is due after `nextMs`. Does nothing when it is not ours any more. */
    async endPoll({ id, token }: PollLease, nextMs: number): Promise<void> {
      await db.query(
        `update sftp_connection set lease_until = null, not_before = now() + make_interval(secs => $3)
         where id = $1 and token = $2`,
        [id, token, nextMs / 1000],
      )
    },

    /** Lets the next poll begin now. */
    async hasten(tx: Queryable, id: string): Promise<void> {
      await tx.query('update sftp_connection set not_before = now() where id = $1', [id])
    },

    /** Notes that a poll or a put went well, and closes what people were told of it. */
    async worked(id: string, use: 'fetch' | 'put'): Promise<void> {
      await db.tx(async (tx) => {
        await tx.query(
          `update sftp_connection set failures = 0, last_ok_at = now(), last_error = null where id = $1`,
          [id],
        )
        await closeAlert(tx, place(id), 'gateway')
        await closeAlert(tx, `${place(id)} ${use}`, 'gateway')
      })
    },

    /** Notes that it did not; gives how many times in a row. People are told from the `alertAt`-th time on. */
    async failed(id: string, use: 'fetch' | 'put', failure: ServerFailure): Promise<number> {
      return db.tx(async (tx) => {
        const [row] = await tx.query<{ failures: number }>(
          `update sftp_connection set failures = failures + 1, last_error = $2 where id = $1 returning failures`,
          [id, failure.message],
        )
        const failures = row?.failures ?? 0
        if (failures >= ALERT_AT[failure.kind])
          await raiseAlert(tx, {
            key: failure.kind === 'folder' ? `${place(id)} ${use}` : place(id),
            kind: `sftp-${failure.kind}`,
            subject: `sftp connection ${id}`,
            text: failure.message,
          })
        return failures
      })
    },

    /** Compares a listing with the one before, forgets what is gone, and gives what is known of each file. */
    async noteListing(
      id: string,
      files: readonly { path: string; size: number; modified: number }[],
    ): Promise<KnownFile[]> {
      const listed = JSON.stringify(files)
      return db.tx(async (tx) => {
        await tx.query(
          `delete from sftp_remote_file where connection = $1
             and path not in (select path from jsonb_to_recordset($2) as f (path text))`,
          [id, listed],
        )
        return tx.query<KnownFile>(
          `insert into sftp_remote_file as known (connection, path, size, modified)
           select $1, path, size, modified from jsonb_to_recordset($2) as f (path text, size bigint, modified bigint)
           on conflict (connection, path) do update set seen_at = now(), size = excluded.size,
             modified = excluded.modified,
             unchanged = case when ${SAME} then known.unchanged + 1 else 0 end,
             taken_at = case when ${SAME} then known.taken_at end,
             failures = case when ${SAME} then known.failures else 0 end,
             not_before = case when ${SAME} then known.not_before else now() end,
             error = case when ${SAME} then known.error end
           returning path, size, modified, unchanged, taken_at is not null as taken, not_before > now() as waits`,
          [id, listed],
        )
      })
    },

    /** The bytes of a file are in the inbox. For a new deposit `tx` is its transaction. */
    async noteTaken(
      id: string,
      file: { path: string; size: number; modified: number; sha256: Buffer },
      tx: Queryable = db,
    ): Promise<void> {
      await tx.query(
        `update sftp_remote_file set taken_at = now(), sha256 = $5, error = null
         where connection = $1 and path = $2 and size = $3 and modified = $4`,
        [id, file.path, file.size, file.modified, file.sha256],
      )
    },

    /** A file could not be taken or put away: it waits, each time longer, and people are told. */
    async noteFileFailure(id: string, path: string, error: string): Promise<void> {
      await db.tx(async (tx) => {
        await tx.query(
          `update sftp_remote_file set failures = failures + 1, error = $3,
             not_before = now() + least(interval '1 hour', interval '30 seconds' * 2 ^ least(failures, 20))
           where connection = $1 and path = $2`,
          [id, path, error],
        )
        await raiseAlert(tx, {
          key: filePlace(id, path),
          kind: 'sftp-file',
          subject: `sftp connection ${id}`,
          text: `${path}: ${error}`,
        })
      })
    },

    /** The file is gone from its folder; with it what was known, and the alert about it. */
    async forgetFile(id: string, path: string): Promise<void> {
      await db.tx(async (tx) => {
        const [gone] = await tx.query<{ failures: number }>(
          'delete from sftp_remote_file where connection = $1 and path = $2 returning failures',
          [id, path],
        )
        if (gone && gone.failures > 0) await closeAlert(tx, filePlace(id, path), 'gateway')
      })
    },

    async findPut(key: string): Promise<PutProgress | undefined> {
      const [row] = await db.query<PutRow>(
        'select path, temporary, state from sftp_put where idempotency_key = $1',
        [key],
      )
      return (
        row && {
          path: row.path,
          state: row.state,
          ...(row.temporary === null ? {} : { temporary: row.temporary }),
        }
      )
    },

    async beginPut(
      key: string,
      connection: string,
      put: { path: string; temporary?: string },
    ): Promise<void> {
      await db.query(
        `insert into sftp_put (idempotency_key, connection, path, temporary) values ($1, $2, $3, $4)`,
        [key, connection, put.path, put.temporary ?? null],
      )
    },

    async movePut(key: string, state: PutProgress['state']): Promise<void> {
      await db.query(
        'update sftp_put set state = $2, updated_at = now() where idempotency_key = $1',
        [key, state],
      )
    },

    /** Forgets puts that ended long ago. */
    async removeOldPuts(days = 30): Promise<void> {
      await db.query(
        `delete from sftp_put where state = 'done' and updated_at < now() - make_interval(days => $1)`,
        [days],
      )
    },
  }
}
export type SftpConnections = ReturnType<typeof sftpConnections>

interface PutRow {
  path: string
  temporary: string | null
  state: PutProgress['state']
}

const SAME = '(known.size = excluded.size and known.modified = excluded.modified)'
