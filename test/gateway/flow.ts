// The whole flow on a test database with a target and a partner, in this process or in another one that may die.
import { randomFillSync } from 'node:crypto'
import pino from 'pino'
import { edi } from '../../gateway/edi.js'
import type { ChannelIdentity, GatewayAgreement } from '../../gateway/agreement.js'
import { faultAt } from '../../gateway/fault.js'
import { startFlow, type Flow, type FlowOptions } from '../../gateway/flow.js'
import { uuidSource } from '../../gateway/ids.js'
import { silentMeter } from '../../gateway/meter.js'
import { odooClient } from '../../gateway/odoo.js'
import { spoolOf } from '../../gateway/spool.js'
import { importAgreement, saveIdentity } from '../../gateway/store/agreements.js'
import type { Db } from '../../gateway/store/db.js'
import { doWork } from '../../gateway/store/work.js'
import { localWake } from '../../gateway/wake.js'
import { openTestDb } from '../master-key.js'

export interface TestFlow extends Flow {
  /** Gives bytes to the mailbox as the REST intake does; gives the id of the payload. */
  bring(text: string, identity?: string, key?: string): Promise<string>
}

export interface TestFlowOptions {
  db: Db
  targetUrl: string
  environment?: 'test' | 'production'
  fault?: string
  leaseMs?: number
  more?: Partial<FlowOptions>
}

const newId = uuidSource(Date.now, randomFillSync)
let deliveries = 0

export async function testFlow(options: TestFlowOptions): Promise<TestFlow> {
  const { db } = options
  const environment = options.environment ?? 'production'
  const flow = await startFlow({
    db,
    wake: localWake(),
    edi,
    odoo: odooClient({
      connections: [{ id: 'odoo', url: options.targetUrl, environment }],
      fetch,
      now: Date.now,
      timeoutMs: 5_000,
    }),
    connections: ['odoo'],
    fetch,
    log: pino({ level: process.env['EDIGW_TEST_LOG'] ?? 'silent' }),
    meter: silentMeter,
    fault: faultAt(options.fault, () => process.kill(process.pid, 'SIGKILL')),
    newId,
    now: Date.now,
    random: () => Math.random() / 8, // short pauses
    pollMs: 100,
    leaseMs: options.leaseMs ?? 1_000,
    sweepMs: 200,
    ...options.more,
  })
  return {
    ...flow,
    bring: async (text, identity = 'supplier-client', key) => {
      const { messageId } = await flow.mailbox.deposit({
        channel: 'rest',
        partnerId: identity,
        dedupeKey: key ?? `delivery ${process.pid} ${++deliveries}`,
        payload: spoolOf(Buffer.from(text, 'latin1')),
        headers: {},
      })
      return messageId
    },
  }
}

/** Stores agreements and identities as an administrator would. */
export async function configure(
  db: Db,
  agreements: readonly GatewayAgreement[],
  identities: readonly ChannelIdentity[],
): Promise<void> {
  await doWork(db, localWake(), async (work) => {
    for (const one of agreements) await importAgreement(work, one, { actor: 'test' })
    for (const one of identities) await saveIdentity(work, one, 'test')
  })
}

// As a program: node flow.js <database url> <target url> [<fault>]
if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [url = '', targetUrl = '', fault] = process.argv.slice(2)
  await testFlow({
    db: openTestDb(url, 8),
    targetUrl,
    ...(fault ? { fault } : {}),
  })
  process.stdout.write('started\n')
}
