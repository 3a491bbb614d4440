// `npm run bench:gateway [-- --messages 2000] [--odoo 18.0]`: a gateway process on its embedded PostgreSQL takes 856s by
// HTTP from 32 connections and hands them over, to the example receiver or to a real Odoo (trees as for npm run
// test:odoo). Counted is what was answered as stored, and what the target itself shows. Times depend on the machine;
// compare runs on one machine only.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { OdooUser } from '../test/odoo/e2e/odoo-calls.mjs'
import { notice, sscc, supplier } from '../test/odoo/e2e/partners.mjs'
import { GatewayProcess, OdooProcess, ReceiverProcess, until } from '../test/odoo/e2e/processes.mjs'

const CONNECTIONS = 32
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '2000' },
    odoo: { type: 'string' },
    port: { type: 'string', default: '18500' },
  },
})
const count = Number(values.messages)
const port = Number(values.port)
const folder = mkdtempSync(join(tmpdir(), 'edigw-bench-'))
chmodSync(folder, 0o711)

const seconds = (from) => (performance.now() - from) / 1000
const say = (what, n, s) =>
  console.log(
    `${what.padEnd(28)} ${(n / s).toFixed(0).padStart(6)} /s   (${n} in ${s.toFixed(1)} s)`,
  )

/** One post; gives its duration in milliseconds once it is answered as stored. */
function post(gateway, agent, body) {
  const from = performance.now()
  return new Promise((resolve, reject) => {
    const call = request(`${gateway.url}/v1/interchanges`, {
      method: 'POST',
      agent,
      headers: {
        Authorization: `Bearer ${gateway.key}`,
        'Content-Type': 'application/edi-x12',
        'Content-Length': body.length,
      },
    })
    call.on('error', reject)
    call.on('response', (answer) => {
      answer.resume()
      if (answer.statusCode !== 202) reject(new Error(`answered ${answer.statusCode}`))
      answer.on('end', () => resolve(performance.now() - from))
    })
    call.end(body)
  })
}

async function intake(gateway, first, n) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  const bodies = Array.from({ length: n }, (_, k) =>
    Buffer.from(notice(`BEN-${first + k}`, String(first + k).padStart(9, '0'), sscc(first + k))),
  )
  const times = []
  const from = performance.now()
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (let body = bodies.pop(); body !== undefined; body = bodies.pop())
        times.push(await post(gateway, agent, body))
    }),
  )
  const took = seconds(from)
  agent.destroy()
  times.sort((a, b) => a - b)
  const at = (share) => times[Math.floor(times.length * share)].toFixed(0)
  return { took, from, text: `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms` }
}

async function withReceiver() {
  const receiver = new ReceiverProcess({ folder, port: port + 1 })
  await receiver.start()
  const gateway = new GatewayProcess({
    folder,
    port,
    env: { EDIGW_ODOO_URL: receiver.url, EDIGW_ODOO_ENVIRONMENT: 'production' },
  })
  gateway.agree(supplier)
  await gateway.start()
  const arrived = () =>
    new Set(receiver.arrivals().flatMap((a) => (a.what === 'message' ? [a.key ?? a.sha256] : [])))
      .size
  try {
    await intake(gateway, 1_000, 100)
    await until('warm', () => arrived() === 100)
    const { took, from, text } = await intake(gateway, 100_000, count)
    say('intake, durable 202', count, took)
    console.log(`${''.padEnd(28)} ${text}, ${CONNECTIONS} connections`)
    await until('handed over', () => arrived() === 100 + count, 600)
    say('received to handed over', count, seconds(from))
  } finally {
    await gateway.stop()
    await receiver.stop()
  }
}

async function withOdoo(series) {
  const odoo = new OdooProcess({ series, database: 'bench', folder, port: port + 10 })
  await odoo.start({ fresh: true })
  const gateway = new GatewayProcess({
    folder,
    port,
    env: {
      EDIGW_ODOO_URL: odoo.facts.url,
      EDIGW_ODOO_KEY: odoo.facts.apiKey,
      EDIGW_ODOO_ENVIRONMENT: 'production',
    },
  })
  gateway.agree(supplier)
  await gateway.start()
  const user = new OdooUser(odoo)
  const stored = (...domain) =>
    user.call('edi.gateway.message', 'search_count', [
      [['document_number', 'like', 'BEN-'], ...domain],
    ])
  const applied = () => stored(['state', '=', 'applied'])
  try {
    await intake(gateway, 1_000, 10)
    await until('warm', async () => (await applied()) === 10)
    const { from } = await intake(gateway, 100_000, count)
    await until('stored in Odoo', async () => (await stored()) === 10 + count, 1_200)
    say(`Odoo ${series} accepted`, count, seconds(from))
    await until('applied in Odoo', async () => (await applied()) === 10 + count, 1_200)
    say(`Odoo ${series} applied`, count, seconds(from))
  } finally {
    await gateway.stop()
    await odoo.stop()
  }
}

try {
  await (values.odoo === undefined ? withReceiver() : withOdoo(values.odoo))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
