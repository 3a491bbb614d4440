// Crash points 3 and 4 and those of a put: a real gateway is killed while it fetches from and puts to a partner's server,
// and nothing is lost or delivered twice. Here one kill at the sharpest points; EDIGW_FAULT_RUNS times at all of them with
// npm run test:faults:sftp.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { sealer } from '../../../../gateway/security/sealing.js'
import { sftpConnections } from '../../../../gateway/store/sftp-connections.js'
import { MASTER_KEY } from '../../../master-key.js'
import { testDatabase, until } from '../../../postgres.js'
import { RECEIVING, SENDING, outgoing, x12Notices } from '../../documents.js'
import { configure } from '../../flow.js'
import { startTarget, type Target } from '../../odoo-target.js'
import { startProcess, temporaryFolder } from '../../process.js'
import { keyPair } from './openssh.js'
import { connectionSettings } from './our-server.js'
import { partnerServer } from './partner-server.js'
import { scratch } from './scratch.js'

const RUNS = Number(process.env['EDIGW_FAULT_RUNS'] ?? 0)
const FETCH_POINTS =
  RUNS === 0
    ? ['fetch-downloaded', 'fetch-committed']
    : ['fetch-downloaded', 'deposit-before-commit', 'deposit-committed', 'fetch-committed']
const PUT_POINTS =
  RUNS === 0
    ? ['put-renamed']
    : ['transfer-before-call', 'put-completing', 'put-renamed', 'transfer-answered']
/** For all kills of one test: each starts a gateway, on a busy machine more than slowly. */
const LIMIT_MS = 300_000 + Math.max(RUNS, 1) * 4 * 60_000
/** For what is left after the last kill; most of what was queued is. */
const restMs = (files: number) => 180_000 + files * 1_000
/** Files of one run; each passes its point at least once before the process dies at the second. */
const FILES = 6

const { db, url } = await testDatabase()
const folder = scratch()
const home = join(folder, 'home')
const data = temporaryFolder()
for (const name of ['outbox', 'inbox', 'taken']) mkdirSync(join(home, name), { recursive: true })
const [key, host] = [await keyPair(folder, 'gateway'), await keyPair(folder, 'host')]
const partner = await partnerServer(home, {
  hostKeys: [readFileSync(host.path, 'utf8')],
  user: 'gateway',
  publicKey: key.line,
})
let target: Target

beforeAll(async () => {
  target = await startTarget()
  await sftpConnections(db, sealer(MASTER_KEY)).save(db, {
    id: 'example-server',
    settings: connectionSettings({
      host: '127.0.0.1',
      port: partner.port,
      user: 'gateway',
      hostKeys: [host.line],
      fetch: { folder: 'outbox', every: 5, stable: 0 },
      put: { folder: 'inbox' },
    }),
    secrets: { privateKey: readFileSync(key.path, 'utf8') },
  })
  const pair = { sender: { id: 'EXSUPPLIER' }, receiver: { id: 'EXRETAIL' } }
  await configure(
    db,
    [
      { ...RECEIVING, acks: { functional: 'never' } },
      { ...SENDING, channel: { kind: 'sftp', connection: 'example-server' } },
    ],
    [
      {
        channel: 'sftp',
        id: 'example-server',
        name: 'Example Supplier',
        carries: [pair],
        environments: ['production'],
      },
    ],
  )
})

afterAll(() => target.close())

const start = (fault?: string) =>
  startProcess(
    {
      DATABASE_URL: url,
      EDIGW_ODOO_URL: target.url,
      EDIGW_ODOO_ENVIRONMENT: 'production',
      ...(fault === undefined ? {} : { EDIGW_FAULT: fault }),
    },
    data,
  )

/** What a killed process held is free when its leases have run out; here they have. */
const leasesRunOut = async () => {
  await db.query('update sftp_connection set lease_until = null, not_before = now()')
  await db.query(
    `update lane set lease_until = now() - interval '1 second' where lease_until is not null`,
  )
  for (const row of target.outbox) row.leaseUntil = 0
}

/** A gateway that dies at `fault`, which it must reach. */
const dieAt = async (fault: string) => {
  const gateway = await start(fault)
  await until(`the gateway dies at ${fault}`, () => gateway.child.signalCode !== null, 120_000)
  expect(gateway.child.signalCode).toBe('SIGKILL')
  await leasesRunOut()
}

/** The partner's system takes each file as soon as it is there under its name. */
const takeAway = () => {
  if (!existsSync(join(home, 'inbox'))) return // the test has ended
  for (const name of readdirSync(join(home, 'inbox')))
    if (!name.endsWith('.tmp')) {
      const place = join(home, 'taken', name)
      renameSync(join(home, 'inbox', name), existsSync(place) ? `${place}.again` : place)
    }
}

const whileTaking = async (work: () => Promise<void>) => {
  const watch = setInterval(takeAway, 5)
  try {
    await work()
  } finally {
    clearInterval(watch)
  }
}

let control = 0

test(
  'what is fetched reaches Odoo once, whenever the gateway dies',
  async () => {
    const shipments: string[] = []
    for (let run = 0; run < Math.max(RUNS, 1); run++)
      for (const point of FETCH_POINTS) {
        for (let n = 0; n < FILES; n++) {
          const shipment = `SHP-F${++control}`
          shipments.push(shipment)
          const text = x12Notices({ control, shipments: [shipment] })
          writeFileSync(join(home, 'outbox', `856-${control}.edi`), text)
        }
        // Deposits of one moment are one transaction: its points are passed less often.
        await dieAt(point.startsWith('fetch') ? `${point}:2` : point)
      }
    const gateway = await start()
    const arrived = () => [...target.messages.values()]
    const ms = restMs(shipments.length)
    await until('all have arrived', () => arrived().length >= shipments.length, ms)
    await until('all are removed there', () => readdirSync(join(home, 'outbox')).length === 0, ms)
    await gateway.stop()
    const numbers = arrived().map(
      ({ text }) =>
        (JSON.parse(text) as { document: { documentNumber: string } }).document.documentNumber,
    )
    expect(numbers.sort()).toEqual(shipments.sort())
    const [count] = await db.query<{ n: number }>('select count(*)::int as n from interchange')
    expect(count!.n).toBe(shipments.length)
  },
  LIMIT_MS,
)

test(
  'what is put arrives at the partner once, whenever the gateway dies',
  async () => {
    let sent = 0
    for (let run = 0; run < Math.max(RUNS, 1); run++)
      for (const point of PUT_POINTS) {
        for (let n = 0; n < FILES; n++) {
          target.queue(outgoing())
          sent++
        }
        await whileTaking(() => dieAt(`${point}:2`))
      }
    const transferred = () => db.query(`select id from outbox where state = 'transferred'`)
    await whileTaking(async () => {
      const gateway = await start()
      const all = async () => (await transferred()).length === sent
      await until('all are transferred', all, restMs(sent))
      await gateway.stop()
    })
    takeAway()
    const controls = readdirSync(join(home, 'taken')).map((name) =>
      readFileSync(join(home, 'taken', name), 'latin1').slice(90, 99),
    )
    expect(controls).toHaveLength(sent)
    expect(new Set(controls).size).toBe(sent)
    expect(readdirSync(join(home, 'inbox'))).toEqual([])
  },
  LIMIT_MS,
)
