// `edigw doctor`: looks at everything the gateway needs and says what is wrong and what to do, changing nothing.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { standardCheck } from '../agreement-check.js'
import type { Command, Io } from '../command.js'
import { EXAMPLE_CONNECTION, readConfig, type Config } from '../config.js'
import { checkChannels } from '../doctor/channels.js'
import { failed, ok, warning, type Diagnosis } from '../doctor/check.js'
import { checkData, checkKeyFiles, checkNode, checkPort } from '../doctor/machine.js'
import { checkConnection, checkDatabase, checkRedis } from '../doctor/services.js'
import { checkAgreementFiles, checkWork } from '../doctor/work.js'
import { EnvironmentError } from '../environment-error.js'
import { hasColours, write } from '../output.js'
import { masterKeyOf, sealer } from '../security/sealing.js'
import { as2Partners } from '../store/as2-partners.js'
import type { Db } from '../store/db.js'
import { passwordFileOf } from '../store/embedded-place.js'
import { openStoreForCommand } from '../store/open.js'
import { sftpConnections } from '../store/sftp-connections.js'

const SET_A_TARGET = 'set EDIGW_ODOO_URL and EDIGW_ODOO_KEY, or try it with `edigw receiver`'
const COLOURS = { ok: 32, warning: 33, failed: 31 }

const configOr = (): Config | Diagnosis[] => {
  try {
    return readConfig()
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    return error.message.split('\n').map((line) => failed('settings', line, error.remedy))
  }
}

/** Before the first start there is no database, and looking must not make one. */
const hasDatabase = ({ databaseUrl, data }: Config) =>
  databaseUrl !== undefined || existsSync(passwordFileOf(data))

/** Partners and connections lie sealed with the master key; looking must not make one. */
async function checkSealed({ masterKey, data }: Config, db: Db): Promise<Diagnosis[]> {
  if (masterKey === undefined && !existsSync(join(data, 'master.key'))) return []
  try {
    const seals = sealer(masterKey ?? (await masterKeyOf(data)))
    const stores = { db, partners: as2Partners(seals), connections: sftpConnections(db, seals) }
    return await checkChannels(stores, new Date())
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    return [failed('channels', error.message, error.remedy)]
  }
}

async function checkStore(config: Config): Promise<Diagnosis[]> {
  if (!hasDatabase(config))
    return [ok('database', 'PostgreSQL of our own, made at the first start')]
  try {
    const { db, close } = await openStoreForCommand(config, () => undefined)
    try {
      return [
        ...(await checkDatabase(db)),
        ...(await checkWork(db)),
        ...(await checkSealed(config, db)),
      ]
    } finally {
      await close()
    }
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error
    return [failed('database', error.message, error.remedy)]
  }
}

async function* examine(): AsyncGenerator<Diagnosis> {
  yield checkNode(process.version)
  const config = configOr()
  if (Array.isArray(config)) return yield* config
  yield await checkData(config)
  yield* await checkKeyFiles(config)
  yield await checkPort(config, fetch)
  yield* await checkStore(config)
  yield await checkRedis(config)
  yield* await checkAgreementFiles(config.agreements, standardCheck())
  for (const connection of config.connections) {
    const diagnosis = await checkConnection(connection, { fetch, now: Date.now })
    yield connection === EXAMPLE_CONNECTION && diagnosis.state !== 'ok'
      ? warning('target', 'no Odoo is set, and `edigw receiver` does not run', SET_A_TARGET)
      : diagnosis
  }
}

const lines = ({ name, state, text, remedy }: Diagnosis, { stdout }: Io) => {
  const word = state.padEnd(8)
  const shown = hasColours(stdout) ? `\x1b[${COLOURS[state]}m${word}\x1b[0m` : word
  return `${shown} ${name}: ${text}\n${remedy === undefined ? '' : `         → ${remedy}\n`}`
}

export const doctor: Command = {
  usage: `edigw doctor [--json]

  Looks at the machine, the settings, the database, Redis, agreements, channels, targets and waiting work; changes nothing.
  --json  one JSON object a line

  Exit code 0: nothing failed; 3: something did.`,
  run: async (args, io) => {
    const { values } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false } },
    })
    const counts = { ok: 0, warning: 0, failed: 0 }
    for await (const diagnosis of examine()) {
      counts[diagnosis.state]++
      await write(io.stdout, values.json ? `${JSON.stringify(diagnosis)}\n` : lines(diagnosis, io))
    }
    if (!values.json)
      await write(
        io.stdout,
        `${counts.ok} ok, ${counts.warning} warning${counts.warning === 1 ? '' : 's'}, ${counts.failed} failed\n`,
      )
    return counts.failed > 0 ? 3 : 0
  },
}
