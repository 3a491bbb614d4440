// Wiring: one process of the gateway from its settings. Nothing here decides anything; it says who gets what.
import { randomFillSync } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAgreementFolder } from './agreement-files.js'
import { openCryptoPool } from './channels/as2/crypto-pool.js'
import { as2Channel } from './channels/as2/channel.js'
import { openPoster } from './channels/as2/post.js'
import { createReceiver } from './channels/as2/receive.js'
import type { Channel } from './channels/channel.js'
import { sftpChannel } from './channels/sftp/channel.js'
import type { Config } from './config.js'
import { edi } from './edi.js'
import type { EnvironmentError } from './environment-error.js'
import { faultAt } from './fault.js'
import { startFlow } from './flow.js'
import { createApi } from './http/api.js'
import { AS2_PATH, createAs2 } from './http/as2.js'
import { createListener, INTERCHANGES_PATH } from './http/listener.js'
import { openApiRoute } from './http/openapi.js'
import type { Route } from './http/route.js'
import { alertRoutes } from './http/routes/alerts.js'
import { agreementRoutes } from './http/routes/agreements.js'
import { clientRoutes } from './http/routes/clients.js'
import { connectionRoutes } from './http/routes/connections.js'
import { healthRoutes, type HealthCheck } from './http/routes/health.js'
import { interchangeRoutes } from './http/routes/interchanges.js'
import { mailboxRoutes } from './http/routes/mailbox.js'
import { messageRoutes } from './http/routes/messages.js'
import { operateInterchangeRoutes } from './http/routes/operate-interchanges.js'
import { operateRoutes } from './http/routes/operate.js'
import { outboundRoutes } from './http/routes/outbound.js'
import { createMetricsPage, METRICS_PATH } from './http/routes/metrics.js'
import { sftpRoutes } from './http/routes/sftp.js'
import { tokenRoutes } from './http/routes/token.js'
import { startHttp } from './http/server.js'
import { uuidSource } from './ids.js'
import type { Log } from './log.js'
import { describeError } from './errors.js'
import { createMetrics } from './metrics.js'
import { odooClient } from './odoo.js'
import { rarely } from './rarely.js'
import { attempts } from './security/attempts.js'
import { authenticator } from './security/authenticate.js'
import { makeFirstClient } from './security/first-client.js'
import { tokenIssuer } from './security/token-issuer.js'
import { stageLog } from './stage-log.js'
import { as2Partners } from './store/as2-partners.js'
import { auditTrail } from './store/audit.js'
import type { Db } from './store/db.js'
import { storeFigures, untranslated } from './store/figures.js'
import { databaseVersion, newestMigration } from './store/migrate.js'
import { openStore } from './store/open.js'
import { sftpConnections } from './store/sftp-connections.js'
import { sftpStore } from './store/sftp.js'
import { VERSION } from './version.js'
import { localWake, type Wake } from './wake.js'
import { bullWake } from './wake-bull.js'

export interface Gateway {
  /** Where it listens. */
  readonly url: string
  /** Port of the SFTP server, when there is one. */
  readonly sftpPort?: number
  /** True when the first client was made in this start. */
  readonly firstStart: boolean
  /** Takes nothing new, ends what is open, closes everything. May be called twice. */
  stop(): Promise<void>
}

export interface GatewayOptions {
  log: Log
  /** The process cannot go on: the embedded database is gone for good. */
  onLost: (error: EnvironmentError) => void
  /** Ends a start that is under way: what was begun is ended, and the error is the signal's. */
  signal?: AbortSignal
}

const BACKLOG_EVERY_MS = 2_000
const BACKLOG_WAIT_MS = 10_000

/** Starts everything; what fails on the way ends what was begun. Throws EnvironmentError. */
export async function startGateway(config: Config, options: GatewayOptions): Promise<Gateway> {
  const ends: (() => Promise<void>)[] = []
  let stopped: Promise<void> | undefined
  const stop = () =>
    (stopped ??= (async () => {
      for (const end of ends.reverse()) await end()
    })())
  try {
    const assembled = await assemble(config, options, (end) => {
      ends.push(end)
      options.signal?.throwIfAborted()
    })
    return { ...assembled, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** `atEnd` registers what is to be ended, in the order it was begun; it is ended in the reverse order. */
async function assemble(
  config: Config,
  { log, onLost, signal }: GatewayOptions,
  atEnd: (end: () => Promise<void>) => void,
) {
  const now = () => Date.now()
  const newId = uuidSource(now, randomFillSync)
  const fault = faultAt(config.fault, () => process.kill(process.pid, 'SIGKILL'))

  const {
    db,
    sealer: secrets,
    close,
  } = await openStore(config, {
    say: (line) => log.info(line),
    onLost,
    onIdleError: rarely((more, error: Error) =>
      log.warn(
        { error: describeError(error), ...(more > 0 ? { more } : {}) },
        'an idle database connection broke',
      ),
    ),
    journal: stageLog(log),
    signal,
    fault,
  })
  atEnd(close)
  const spoolFolder = await emptyFolder(join(config.data, 'spool'))
  const metrics = createMetrics(() => storeFigures(db))
  const { meter } = metrics
  const { redisUrl } = config
  const wake = redisUrl === undefined ? localWake() : bullWake({ url: redisUrl, meter, log })
  atEnd(() => wake.close())
  const firstStart = await makeFirstClient(db, wake, secrets, config.data)

  const issuer = tokenIssuer(db, secrets, now)
  await issuer.ready()
  const guard = authenticator({
    ...{ db, sealer: secrets, issuer, now },
    onNoteFailed: (err) => log.warn({ err }, 'the time of last use of keys was not written'),
  })
  atEnd(() => guard.close())

  const pool = openCryptoPool()
  atEnd(() => pool.close())
  const poster = openPoster()
  atEnd(async () => poster.close())
  let publicUrl = config.publicUrl
  const partners = as2Partners(secrets)
  const as2 = as2Channel({
    ...{ db, partners, pool, poster, newId, log, meter, fault, spoolFolder },
    now: () => new Date(now()),
    receiptUrl: () => (publicUrl === undefined ? undefined : publicUrl + AS2_PATH),
  })

  const odoo = odooClient({ connections: config.connections, fetch, now })
  let backlog = 0
  const watch = setInterval(() => {
    untranslated(db, config.maxBacklog + 1).then(
      (count) => (backlog = count),
      (err: unknown) => log.warn({ err }, 'the backlog is not known'),
    )
  }, BACKLOG_EVERY_MS)
  atEnd(async () => clearInterval(watch))

  const backlogMs = () => (backlog > config.maxBacklog ? BACKLOG_WAIT_MS : 0)

  const trail = auditTrail(db, (err) => log.warn({ err }, 'an audit row was not written'))
  atEnd(() => trail.close())
  const servers = sftpConnections(db, secrets)
  const sftp = sftpChannel({
    store: sftpStore(db),
    connections: servers,
    data: config.data,
    spoolFolder,
    ...(config.sftp === undefined ? {} : { listen: config.sftp }),
    ...{ newId, now, fault, random: Math.random },
    busy: () => backlogMs() > 0,
    attempts: attempts({ now }),
    audit: (who, action, detail) =>
      trail.note({ actor: `sftp ${who}`, action, subject: `sftp ${who}`, detail }),
    failed: (err, about) => log.error({ err, ...about }, 'SFTP'),
  })
  const flow = await startFlow({
    channels: [as2 as Channel, sftp as Channel],
    ...{ db, wake, edi, odoo, fetch, log, meter, fault, newId, now, random: Math.random },
    connections: config.connections.map((one) => one.id),
  })
  atEnd(() => flow.stop())
  const { mailbox, checkAgreement: check } = flow
  await loadAgreementFolder(config.agreements, { db, wake, check, log })

  let stopping = false
  const common = { db, wake }
  const routes: Route[] = [
    ...healthRoutes({
      version: VERSION,
      checks: () => readiness(db, wake),
      stopping: () => stopping,
    }),
    ...tokenRoutes(issuer),
    ...clientRoutes({ ...common, sealer: secrets, authenticator: guard }),
    ...agreementRoutes({ ...common, check, release: flow.release }),
    ...interchangeRoutes(common),
    ...messageRoutes({ ...common, edi }),
    ...outboundRoutes({
      ...{ db, wake, edi, meter, now },
      directory: flow.directory,
      connections: config.connections,
    }),
    ...sftpRoutes({ ...common, connections: servers, hostKeys: sftp.hostKeys }),
    ...operateRoutes({ ...common, edi }),
    ...operateInterchangeRoutes({ ...common, edi, directory: flow.directory, now }),
    ...mailboxRoutes(common),
    ...alertRoutes(common),
    ...connectionRoutes({ ...common, connections: config.connections }),
  ]
  const listener = createListener({
    authenticator: guard,
    mailbox,
    meter,
    spoolFolder,
    newId,
    maxBytes: config.maxInterchangeBytes,
    slowClientMs: config.slowClientMs,
    backlogMs,
  })
  const receiveAs2 = createReceiver({
    ...{ db, partners, mailbox, pool, newId, log, meter, fault, spoolFolder },
    attempts: attempts({ now }),
    now: () => new Date(now()),
    takeReport: as2.takeReport,
  })
  const api = createApi({
    routes: [...routes, openApiRoute(routes, { version: VERSION, url: config.publicUrl ?? '/' })],
    elsewhere: { [INTERCHANGES_PATH]: ['POST'], [METRICS_PATH]: ['GET'] },
    authenticator: guard,
    meter,
    maxJsonBytes: config.maxJsonBytes,
    slowClientMs: config.slowClientMs,
  })
  const http = await startHttp({
    host: config.host,
    port: config.port,
    ...(config.tls === undefined ? {} : { tls: config.tls }),
    api,
    direct: {
      [`POST ${INTERCHANGES_PATH}`]: listener,
      [`POST ${AS2_PATH}`]: createAs2({
        receive: receiveAs2,
        maxBytes: config.maxAs2Bytes,
        slowClientMs: config.slowClientMs,
        backlogMs,
      }),
      [`GET ${METRICS_PATH}`]: createMetricsPage(metrics, guard),
    },
    log,
    meter,
    slowClientMs: config.slowClientMs,
  })
  atEnd(() => {
    stopping = true
    return http.stop(config.drainMs)
  })
  publicUrl ??= http.url
  const sftpPort = sftp.port()
  return { url: http.url, firstStart, ...(sftpPort === undefined ? {} : { sftpPort }) }
}

/** Half-written uploads of a process that was killed are of no use to anybody: they were never answered. */
const emptyFolder = async (path: string) => {
  await mkdir(path, { recursive: true, mode: 0o700 })
  for (const name of await readdir(path)) await rm(join(path, name), { force: true })
  return path
}

const readiness = async (db: Db, wake: Wake): Promise<HealthCheck[]> => {
  const problem = wake.problem?.()
  const slower: HealthCheck[] =
    problem === undefined
      ? []
      : [
          {
            name: 'wake-ups',
            state: 'degraded',
            text: `${problem}; work starts a second or two later`,
          },
        ]
  try {
    const [version, newest] = [await databaseVersion(db), await newestMigration()]
    const [row] = await db.query<{ readonly: boolean }>(
      `select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as readonly`,
    )
    return [
      row?.readonly
        ? { name: 'database', state: 'failed', text: 'is read-only' }
        : { name: 'database', state: 'ok' },
      version === newest
        ? { name: 'schema', state: 'ok' }
        : { name: 'schema', state: 'failed', text: `is ${version}, this version needs ${newest}` },
      ...slower,
    ]
  } catch {
    return [{ name: 'database', state: 'failed', text: 'does not answer' }, ...slower]
  }
}
