// kill -9 at every state of receiving and of sending: nothing is lost, nothing delivered twice, every accepted message
// has its receipt. `npm run test:faults:as2` does the same with 500 exchanges each way.
import { beforeAll, expect, test } from '@jest/globals'
import { randomFillSync, randomInt } from 'node:crypto'
import { chunksOf } from '../../../../gateway/channels/as2/bytes.js'
import { ok, plain } from '../../../../gateway/channels/as2/incoming.js'
import { seal } from '../../../../gateway/channels/as2/seal.js'
import type { FaultPoint } from '../../../../gateway/fault.js'
import { uuidSource } from '../../../../gateway/ids.js'
import { sealer } from '../../../../gateway/security/sealing.js'
import { spoolOf } from '../../../../gateway/spool.js'
import { as2Partners } from '../../../../gateway/store/as2-partners.js'
import { openMailbox } from '../../../../gateway/store/mailbox.js'
import { localWake } from '../../../../gateway/wake.js'
import { MASTER_KEY } from '../../../master-key.js'
import { testDatabase, until } from '../../../postgres.js'
import { startProcess, temporaryFolder, type GatewayProcess } from '../../process.js'
import { stablePort } from '../../stable-port.js'
import { receive as open, sent } from './conversation.js'
import { identity, type TestIdentity } from './identities.js'
import { type Arrived, partnerServer, type PartnerServer } from './partner-server.js'

/** Given by the long run: then every point, again and again until all is through. */
const LONG = process.env['AS2_EXCHANGES']
const EXCHANGES = Number(LONG ?? 24)
/** Times a point is passed before the process dies there. */
const passes = () => (LONG === undefined ? 2 : 5 + randomInt(15))
const LIMIT_MS = 120_000 + EXCHANGES * 3_000

const { db, url } = await testDatabase()
const partners = as2Partners(sealer(MASTER_KEY))
const newId = uuidSource(Date.now, (bytes) => randomFillSync(bytes))
const folder = temporaryFolder()
const NAMES = ['sync', 'async'] as const
let us: TestIdentity
let partner: TestIdentity
let server: PartnerServer
let port: number

beforeAll(async () => {
  const notBefore = new Date(Date.now() - 60_000)
  us = await identity('us', { notBefore })
  partner = await identity('partner', { notBefore })
  server = await partnerServer(partner, us)
  await partners.saveKey(db, 'US', us)
  for (const mode of NAMES) {
    await partners.savePartner(db, {
      ...{ id: mode, name: mode, station: 'US' },
      settings: { url: server.url, privateNetwork: true, receipt: { mode } },
    })
    await partners.pinCertificate(db, mode, partner)
  }
  port = await stablePort()
})

/**
 * One gateway after the other on the same address, each dying at the next of `points`. In the short run each of `short`
 * once, and then one that lives.
 */
async function mortalGateway(short: readonly FaultPoint[], more: readonly FaultPoint[]) {
  let stopping = false
  let running: GatewayProcess | undefined
  let up: () => void = () => undefined
  let listening = new Promise<void>((done) => (up = done))
  const deaths: FaultPoint[] = []
  const env = {
    DATABASE_URL: url,
    PORT: String(port),
  }
  const points = LONG === undefined ? short : [...short, ...more]
  const live = async () => {
    for (let n = 0; !stopping; n++) {
      const point = LONG === undefined ? points[n] : points[n % points.length]
      const fault = point === undefined ? {} : { EDIGW_FAULT: `${point}:${passes()}` }
      try {
        running = await startProcess({ ...env, ...fault }, folder)
        up()
        if (stopping || point === undefined) break
        await running.ended()
      } catch (error) {
        // It may die before it listens: what it does first is what the last one left.
        if (!String(error).startsWith('Error: exit null')) throw error
      }
      if (stopping || point === undefined) break
      listening = new Promise<void>((done) => (up = done))
      deaths.push(point)
      // The time the next one would wait for the leases of the dead is not waited for here.
      await db.query('update lane set lease_until = now() where lease_until is not null')
      await db.query(`update mailbox_claim set lease_until = now() - interval '1 second'`)
    }
  }
  const ended = live()
  return {
    deaths,
    points,
    /** Resolves when one listens; rejects when one could not be started. */
    up: () => Promise.race([listening, ended.then(() => listening)]),
    stop: async () => {
      stopping = true
      await running?.stop()
      await ended
      await running?.stop()
    },
  }
}

test(
  'receiving: every message is taken once and answered with one receipt, whenever the gateway dies',
  async () => {
    const gateway = await mortalGateway(
      ['as2-opened', 'deposit-before-commit', 'deposit-committed'],
      ['as2-spooled', 'as2-claimed', 'deposit-begun', 'as2-before-post'],
    )
    const receipts = new Map<string, Set<string>>()
    const told = (id: string, bytes: Buffer) => {
      if (!receipts.has(id)) receipts.set(id, new Set())
      receipts.get(id)!.add(bytes.toString('latin1'))
    }
    server.answer = async (arrived) => {
      expect(arrived.report?.disposition).toMatchObject({ type: 'processed', modifier: 'none' })
      told(arrived.report!.originalMessageId!, arrived.body)
      return plain(200, '')
    }
    let next = 0
    const sender = async () => {
      for (let n = next++; n < EXCHANGES; n = next++) await deliver(n)
    }
    const deliver = async (n: number) => {
      const mode = NAMES[n % 2]!
      const message = await sealed(n)
      await until(
        `message ${n} is answered`,
        async () => {
          await gateway.up()
          const response = await fetch(`http://127.0.0.1:${port}/as2`, {
            method: 'POST',
            headers: [
              ['AS2-From', mode],
              ['AS2-To', 'US'],
              ['Message-ID', `<${n}@partner>`],
              ['Disposition-Notification-To', 'x'],
              [
                'Disposition-Notification-Options',
                'signed-receipt-protocol=required, pkcs7-signature',
              ],
              ...(mode === 'async' ? [['Receipt-Delivery-Option', `${server.url}/mdn`]] : []),
              ...message.headers,
            ] as [string, string][],
            body: message.body,
          }).catch(() => undefined)
          if (response?.status !== 200) return false
          const body = Buffer.from(await response.arrayBuffer())
          if (mode === 'async') return true
          const { report } = await open(
            { identities: [], pinned: [us.certificate] },
            [...response.headers],
            () => chunksOf(body),
          )
          expect(report?.mic).toEqual(message.mic)
          told(`<${n}@partner>`, body)
          return true
        },
        LIMIT_MS,
      )
    }
    await Promise.all(Array.from({ length: 6 }, sender))
    await until('the asynchronous receipts have come', () => receipts.size === EXCHANGES, LIMIT_MS)
    await gateway.stop()

    if (LONG === undefined) expect(gateway.deaths).toEqual(gateway.points)
    else process.stderr.write(`${gateway.deaths.length} kills\n`)
    expect([...receipts.values()].filter((bytes) => bytes.size !== 1)).toEqual([])
    const [inbox] = await db.query<object>(
      `select count(*) as rows, count(distinct sha256) as payloads, count(answer) as receipts from inbox`,
    )
    expect(inbox).toEqual({ rows: EXCHANGES, payloads: EXCHANGES, receipts: EXCHANGES })
    const [received] = await db.query<object>(
      `select count(*) as rows from as2_received where state = 'accepted'`,
    )
    expect(received).toEqual({ rows: EXCHANGES })
  },
  LIMIT_MS * 2,
)

const sealed = async (n: number) =>
  sent(
    seal([{ content: chunksOf(Buffer.from(`message ${n}`)), contentType: 'text/plain' }], {
      sign: { signer: partner, digest: 'sha256', signingTime: new Date() },
      encrypt: { recipients: [us.certificate], cipher: 'aes256-cbc', transport: 'rsa' },
    }),
  )

test(
  'sending: every message arrives under one id and ends by its receipt, whenever the gateway dies',
  async () => {
    const wake = localWake()
    const intake = openMailbox({ db, wake, newId })
    await db.query('truncate outbox, lane cascade')
    for (let n = 0; n < EXCHANGES; n++)
      await intake.answer({
        ...{ idempotencyKey: `send ${n}`, channel: 'as2', partnerId: NAMES[n % 2]! },
        ...{ payload: spoolOf(Buffer.from(`outgoing ${n}`)), contentType: 'text/plain' },
        address: { partner: NAMES[n % 2]! },
      })
    server.arrived.length = 0
    const late: Promise<void>[] = []
    server.answer = async (arrived) => {
      const receipt = await server.receipt(arrived)
      const target = arrived.headers.get('receipt-delivery-option')
      if (target === undefined) return ok(receipt)
      late.push(deliver(target, receipt))
      return plain(202, '')
    }
    /** As a good partner does: until it is taken. */
    const deliver = async (
      target: string,
      receipt: Awaited<ReturnType<PartnerServer['receipt']>>,
    ) => {
      await until(
        'our receipt is taken',
        async () => {
          await gateway.up()
          const headers = receipt.headers.map(([name, value]): [string, string] => [name, value])
          const answer = await fetch(target, { method: 'POST', headers, body: receipt.body }).catch(
            () => undefined,
          )
          return answer?.status === 200
        },
        LIMIT_MS,
      )
    }
    const gateway = await mortalGateway(
      ['as2-built', 'as2-posted', 'transfer-answered', 'as2-report-opened', 'batch-before-commit'],
      [
        ...(['lane-claimed', 'transfer-before-call', 'as2-before-post'] as const),
        ...(['batch-committed', 'as2-report-taken'] as const),
      ],
    )
    await until(
      'all are transferred',
      async () => {
        const [open] = await db.query<{ n: number }>(
          `select count(*) as n from outbox where state <> 'transferred'`,
        )
        return open!.n === 0
      },
      LIMIT_MS,
    )
    await gateway.stop()
    await Promise.all(late)
    await intake.close()

    if (LONG === undefined) expect(gateway.deaths).toEqual(gateway.points)
    else process.stderr.write(`${gateway.deaths.length} kills\n`)
    const ids = new Map<string, Set<string>>()
    for (const { payload, messageId } of server.arrived as Arrived[]) {
      const text = payload!.toString()
      ids.set(text, (ids.get(text) ?? new Set()).add(messageId))
    }
    expect(ids.size).toBe(EXCHANGES)
    // A repeat carries the id of the first: the partner takes it once.
    expect([...ids.values()].filter(({ size }) => size !== 1)).toEqual([])
    const [record] = await db.query<object>(
      `select count(*) as rows, count(mdn) as receipts from as2_sent where state = 'transferred'`,
    )
    expect(record).toEqual({ rows: EXCHANGES, receipts: EXCHANGES })
  },
  LIMIT_MS * 2,
)
