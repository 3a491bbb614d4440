// What the gateway works with: its database, Redis, the targets of its messages.
import { Redis } from 'ioredis'
import type { Config, Connection } from '../config.js'
import { describeError } from '../errors.js'
import { odooClient, TargetRefusedError, type OdooHealth } from '../odoo.js'
import type { Db } from '../store/db.js'
import { failed, ok, warning, type Diagnosis } from './check.js'

const OLDEST_POSTGRES = 14
const OLDEST_REDIS = 6.2
const ANSWER_MS = 5_000
/** Version of the canonical schema. */
const SCHEMA_VERSION = 1

interface ServerSettings {
  version: string
  number: number
  recovery: boolean
  fsync: string
  pages: string
  commit: string
}

/** Settings under which PostgreSQL keeps what it has committed. */
export async function checkDatabase(db: Db): Promise<Diagnosis[]> {
  const [server] = await db.query<ServerSettings>(
    `select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
       pg_is_in_recovery() as recovery, current_setting('fsync') as fsync,
       current_setting('full_page_writes') as pages, current_setting('synchronous_commit') as commit`,
  )
  const { version, number, recovery, fsync, pages, commit } = server!
  const name = 'database'
  if (number < OLDEST_POSTGRES * 10_000)
    return [failed(name, `PostgreSQL ${version}`, `use ${OLDEST_POSTGRES} or later`)]
  if (recovery)
    return [failed(name, `PostgreSQL ${version} is a read-only standby`, 'name the primary')]
  const found: Diagnosis[] = [ok(name, `PostgreSQL ${version}`)]
  const lossy = [
    fsync === 'off' && 'fsync',
    pages === 'off' && 'full_page_writes',
    commit === 'off' && 'synchronous_commit',
  ].filter((one) => one !== false)
  if (lossy.length > 0) {
    found.push(
      failed(
        name,
        `${lossy.join(', ')} off: a crash of the machine loses messages that were acknowledged`,
        `set ${lossy.join(', ')} to on in postgresql.conf`,
      ),
    )
  }
  return found
}

export async function checkRedis({ redisUrl }: Pick<Config, 'redisUrl'>): Promise<Diagnosis> {
  const name = 'Redis'
  if (redisUrl === undefined) return ok(name, 'not used; one process wakes itself')
  const remedy = 'check REDIS_URL; without Redis work still goes on, a second or two later'
  const client = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  let told = ''
  client.on('error', (error) => (told = describeError(error)))
  try {
    await client.connect()
    const version = /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? '0'
    return Number.parseFloat(version) >= OLDEST_REDIS
      ? ok(name, version)
      : warning(name, `${version} is too old`, `use ${OLDEST_REDIS} or later`)
  } catch (error) {
    return warning(name, `does not answer: ${told || describeError(error)}`, remedy)
  } finally {
    client.disconnect()
  }
}

/** Whether a target answers us, and is what the settings say it is. */
export async function checkConnection(
  connection: Connection,
  { fetch, now }: { fetch: typeof globalThis.fetch; now: () => number },
): Promise<Diagnosis> {
  const { id, url } = connection
  const name = `target ${id}`
  const odoo = odooClient({ connections: [connection], fetch, now, timeoutMs: ANSWER_MS })
  try {
    return judge(name, connection, await odoo.health(id))
  } catch (error) {
    const text = `${url}: ${describeError(error)}`
    if (!(error instanceof TargetRefusedError))
      return failed(
        name,
        text,
        'is it up, and is the address right? Messages wait until it answers',
      )
    if (error.status === 404)
      return failed(name, text, 'is the addon EDI Gateway installed in that database?')
    if (error.status < 400)
      return failed(name, text, 'it sends us elsewhere: give the address it sends to')
    return failed(
      name,
      text,
      'check the key (EDIGW_ODOO_KEY): valid, not expired, for this database',
    )
  }
}

const UNBOUND: Readonly<Record<string, string>> = {
  not_bound: 'is not bound to a gateway yet',
  binding_mismatch: 'is not the one that was bound (a copy, or it has moved)',
}

function judge(name: string, connection: Connection, health: OdooHealth): Diagnosis {
  const { url, environment } = connection
  const { database, schemaVersions = [SCHEMA_VERSION] } = health
  if (!schemaVersions.includes(SCHEMA_VERSION))
    return failed(
      name,
      `${url} takes messages of version ${schemaVersions.join(', ')}, this gateway sends ${SCHEMA_VERSION}`,
      'bring gateway and addon to the same version',
    )
  if (database === undefined)
    return failed(
      name,
      `${url} answers, but tells us nothing of its database`,
      'set the key the addon has issued (EDIGW_ODOO_KEY)',
    )
  if (database.binding !== 'bound')
    return failed(
      name,
      `${url}: the database ${UNBOUND[database.binding] ?? `is ${database.binding}`}`,
      'bind it in Odoo: EDI Gateway › Configuration; until then it takes no message',
    )
  if (database.environment !== environment)
    return failed(
      name,
      `${url} is a ${database.environment} database, the settings say ${environment}`,
      'set EDIGW_ODOO_ENVIRONMENT, or the environment of the connection; until then messages are held',
    )
  return ok(name, `${url} answers (${environment})`)
}
