// One shipment notice all the way, both directions, between a real Odoo and a real gateway process:
//   node test/odoo/e2e.mjs [--series 18.0,19.0] [--messages 500] [--kills 30] [--only flow|faults]
// Trees as for npm run test:odoo (test/odoo/README.md). Ends with one line `N passed, N failed`.
import { mkdtempSync, chmodSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { faults } from './e2e/faults.mjs'
import { flow } from './e2e/flow.mjs'
import { OdooUser } from './e2e/odoo-calls.mjs'
import { GatewayProcess, OdooProcess, ReceiverProcess } from './e2e/processes.mjs'
import { retailer, supplier } from './e2e/partners.mjs'

const { values } = parseArgs({
  options: {
    series: { type: 'string' },
    messages: { type: 'string', default: '500' },
    kills: { type: 'string', default: '30' },
    only: { type: 'string' },
    port: { type: 'string', default: '18169' },
  },
})
const given = ['18.0', '19.0'].filter((series) => process.env[`ODOO_${series.slice(0, 2)}_PATH`])
const wanted = values.series?.split(',') ?? given
if (wanted.length === 0) {
  console.error(
    'missing: ODOO_18_PATH or ODOO_19_PATH, a source tree of Odoo (test/odoo/README.md)',
  )
  process.exit(3)
}

const score = { passed: 0, failed: 0 }
async function check(title, run) {
  const from = Date.now()
  try {
    const detail = await run()
    score.passed++
    console.log(
      `ok   ${title} (${((Date.now() - from) / 1000).toFixed(1)} s)${detail ? `: ${detail}` : ''}`,
    )
  } catch (error) {
    score.failed++
    console.log(`FAIL ${title}: ${error.stack ?? error}`)
  }
}

for (const series of wanted) {
  const folder = mkdtempSync(join(tmpdir(), 'edigw-e2e-'))
  chmodSync(folder, 0o711)
  console.log(`\nOdoo ${series}, logs in ${folder}`)
  const port = Number(values.port)
  const odoo = new OdooProcess({
    series,
    database: `e2e_${series.replace('.', '_')}`,
    folder,
    port,
  })
  const receiver = new ReceiverProcess({ folder, port: port + 20 })
  try {
    await odoo.start({ fresh: true })
    await receiver.start()
    const gateway = new GatewayProcess({
      folder,
      port: port + 21,
      env: {
        EDIGW_ODOO_URL: odoo.facts.url,
        EDIGW_ODOO_KEY: odoo.facts.apiKey,
        EDIGW_ODOO_ENVIRONMENT: 'production',
      },
    })
    gateway.agree(supplier)
    gateway.agree(retailer(`${receiver.url}/interchanges`))
    await gateway.start()
    const run = {
      check,
      odoo,
      gateway,
      receiver,
      user: new OdooUser(odoo),
      golden: readFileSync('test/golden/x12/856/pick-and-pack/in.edi'),
    }
    try {
      if (values.only !== 'faults') await flow(run)
      if (values.only !== 'flow') {
        await faults(run, { messages: Number(values.messages), kills: Number(values.kills) })
      }
    } finally {
      await gateway.stop()
    }
  } catch (error) {
    score.failed++
    console.log(`FAIL set-up of Odoo ${series}: ${error.stack ?? error}`)
  } finally {
    await receiver.stop().catch((error) => console.log(`receiver: ${error.message}`))
    await odoo.stop().catch((error) => console.log(`odoo: ${error.message}`))
  }
}
console.log(`\n${score.passed} passed, ${score.failed} failed`)
process.exit(score.failed === 0 && score.passed > 0 ? 0 : 1)
