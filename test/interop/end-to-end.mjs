// The end-to-end part of `npm run test:interop`: documents go through the whole gateway, from a foreign product to the
// target in Odoo's place and back. The gateway is set up by commands and API alone, as its users do. Prints what each step
// saw; exit 1 when one is not as it must be. Words choose (`openas2 pyas2 openssl sftp`).
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stablePort } from '../../dist/test/gateway/stable-port.js'
import { GatewayProcess, ReceiverProcess } from '../odoo/e2e/processes.mjs'
import { bring, PEERS } from './as2/peers.mjs'
import { as2Scenarios } from './end-to-end/by-as2.mjs'
import { sftpScenarios } from './end-to-end/by-sftp.mjs'
import { createReport } from './end-to-end/report.mjs'

const words = process.argv.slice(2).map((word) => word.toLowerCase())
const wanted = (name) =>
  words.length === 0 || words.some((word) => name.toLowerCase().includes(word))

const folder = mkdtempSync(join(tmpdir(), 'edigw-end-to-end-'))
chmodSync(folder, 0o711) // the database server may run as another user
const receiver = new ReceiverProcess({ folder, port: await stablePort() })
const sftpPort = await stablePort()
const gateway = new GatewayProcess({
  ...{ folder, port: await stablePort() },
  env: {
    EDIGW_SFTP_PORT: String(sftpPort),
    EDIGW_ODOO_URL: receiver.url,
    EDIGW_ODOO_ENVIRONMENT: 'production',
  },
})
const report = createReport()
try {
  await receiver.start()
  await gateway.start()
  const ours = { folder, gateway, receiver, sftpPort }
  for (const definition of PEERS.filter(({ name }) => name !== 'BouncyCastle' && wanted(name))) {
    const missing = await bring(definition)
    if (missing === undefined) await as2Scenarios(ours, definition, report)
    else report.fail(definition.name, 'is on this machine', missing)
  }
  if (wanted('sftp')) await sftpScenarios(ours, report)
} finally {
  await gateway.stop()
  await receiver.stop()
  rmSync(folder, { recursive: true, force: true })
}
report.end()
process.exit(report.failures === 0 ? 0 : 1)
