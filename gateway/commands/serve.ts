// `edigw serve`: the gateway itself, until it is told to stop.
import { parseArgs } from 'node:util'
import type { Command, ExitCode } from '../command.js'
import { EXAMPLE_CONNECTION, readConfig, type Config } from '../config.js'
import { createLog } from '../log.js'
import type { Gateway } from '../main.js'
import { keyFileOf } from '../security/first-client.js'

/** A start that waits for what does not answer, e.g. a database far away, is ended like a kill after this time. */
const START_ENDS_MS = 10_000

const banner = (config: Config, { url, sftpPort }: Gateway) => [
  `edigw listens on ${url}`,
  ...(sftpPort === undefined ? [] : [`  SFTP            ${config.sftp?.host} port ${sftpPort}`]),
  `  first API key   ${keyFileOf(config.data)}`,
  `  data            ${config.databaseUrl === undefined ? config.data : `PostgreSQL of DATABASE_URL, files in ${config.data}`}`,
  ...config.connections.map(
    (c) =>
      `  messages go to  ${c.url} (${c.id}, ${c.environment}${c === EXAMPLE_CONNECTION ? '; `edigw receiver` listens there, EDIGW_ODOO_URL names your Odoo' : ''})`,
  ),
]

export const serve: Command = {
  usage: `edigw serve

  Settings are environment variables: docs/configuration.md. Stop it with SIGTERM or Ctrl-C: open requests and jobs are
  ended first. A second Ctrl-C ends it at once; nothing that was answered is lost by that.`,
  run: async (args, io) => {
    parseArgs({ args: [...args], options: {} })
    const config = readConfig()
    const log = createLog({
      level: config.logLevel,
      format: config.logFormat,
      stream: io.stdout,
    })
    let end: (code: ExitCode) => void = () => undefined
    const ended = new Promise<ExitCode>((done) => (end = done))
    let asked = false
    let ready = false
    const starting = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130)
        asked = true
        log.info({ signal }, 'stopping')
        if (!ready) setTimeout(() => process.exit(0), START_ENDS_MS).unref()
        starting.abort()
        end(0)
      })
    }
    process.on('uncaughtException', (err) => {
      log.fatal({ err }, 'this must not happen')
      process.exit(1) // what was answered is in the database; another start goes on from there
    })

    // Loaded only now: a wrong setting is told before all the rest is read.
    const { startGateway } = await import('../main.js')
    let gateway: Gateway
    try {
      gateway = await startGateway(config, {
        log,
        onLost: (err) => {
          log.fatal({ err }, 'the database is gone')
          end(3)
        },
        signal: starting.signal,
      })
    } catch (error) {
      if (!starting.signal.aborted) throw error
      log.info('stopped before it was ready')
      return 0
    }
    ready = true
    for (const line of banner(config, gateway)) io.stderr.write(`${line}\n`)
    log.info(
      { url: gateway.url, sftp_port: gateway.sftpPort, first_start: gateway.firstStart },
      'ready',
    )
    const code = await ended
    await gateway.stop()
    log.info('stopped')
    // A connection somebody else keeps open does not keep the process.
    setTimeout(() => process.exit(code), 1_000).unref()
    return code
  },
}
