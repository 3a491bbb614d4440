// Nothing lost, nothing doubled while processes die: most messages go in as 856, the others come out as 856, and all the
// while gateway, Odoo and both PostgreSQL servers are killed in turn. What happened is read from Odoo's tables and the
// receiver's log at the end.
import assert from 'node:assert/strict'
import { edigw, until } from './processes.mjs'
import { notice, sscc } from './partners.mjs'

const SETTLE_SECONDS = 900
const BATCH = 5
/** Selling and shipping takes Odoo a second or two each, so most messages go in. */
const INBOUND_SHARE = 0.8

/** A seeded generator (mulberry32), so that a run can be repeated. */
function random(seed) {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

export async function faults(run, { messages, kills }) {
  const { check, odoo, gateway, receiver, user } = run
  const half = Math.ceil(messages * INBOUND_SHARE)
  const inbound = Array.from({ length: half }, (_, k) => `FLT-${1000 + k}`)
  const orders = Array.from({ length: messages - half }, (_, k) => `PO-FLT-${1000 + k}`)

  await check(`${messages} messages, ${kills} kills: nothing lost, nothing doubled`, async () => {
    const dice = random(20260102)
    let working = true
    const counts = { gateway: 0, 'gateway database': 0, odoo: 0, 'odoo database': 0 }
    const killing = (async () => {
      const victims = [
        [
          'gateway',
          async () => {
            await gateway.kill()
            await until('the gateway again', () => gateway.start().then(() => true), 180)
          },
        ],
        ['gateway database', async () => gateway.killPostgres()],
        ['odoo', () => odoo.kill()],
        ['odoo database', async () => odoo.restartPostgres()],
      ]
      for (let k = 0; k < kills; k++) {
        await new Promise((resolve) => setTimeout(resolve, 1000 + dice() * 4000))
        // Gateways die in half of the cases; every victim has its turn.
        const [name, kill] = victims[k % 2 === 0 ? 0 : 1 + (((k - 1) / 2) % 3)]
        await kill()
        counts[name]++
      }
      working = false
    })()

    const incoming = (async () => {
      for (const [k, number] of inbound.entries()) {
        const body = notice(number, String(2000 + k).padStart(9, '0'), sscc(5000 + k))
        // What a partner does: the same bytes again until it has an answer.
        await until(
          `${number} taken`,
          async () => {
            const { status } = await gateway.call('POST', '/v1/interchanges', body, {
              'Idempotency-Key': number,
            })
            return taken(status)
          },
          300,
        )
      }
    })()

    const outgoing = (async () => {
      for (let at = 0; at < orders.length; at += BATCH) {
        for (const order of orders.slice(at, at + BATCH))
          await until(`${order} shipped`, () => shipped(user, order), 300)
      }
    })()

    // The partner answers what it gets; an answer that is not taken is sent again.
    const answered = new Set()
    const answering = (async () => {
      while (working || answered.size < orders.length) {
        for (const text of receiver.interchanges()) {
          const number = /BSN\*00\*([^*]+)\*/.exec(text)?.[1]
          if (answered.has(number) || !/PRF\*PO-FLT-/.test(text)) continue
          const { stdout } = await edigw(
            ['ack', '-', '--control', String(5000 + answered.size)],
            Buffer.from(text, 'latin1'),
          )
          await until(
            `997 of ${number} taken`,
            async () => {
              const { status } = await gateway.call('POST', '/v1/interchanges', stdout, {
                'Idempotency-Key': `997-${number.replaceAll('/', '-')}`,
              })
              return taken(status)
            },
            300,
          )
          answered.add(number)
        }
        await new Promise((resolve) => setTimeout(resolve, 300))
      }
    })()
    await Promise.all([killing, incoming, outgoing])
    await Promise.race([
      answering,
      new Promise((_, reject) =>
        setTimeout(
          () =>
            reject(
              new Error(`only ${answered.size} of ${orders.length} shipments reached the receiver`),
            ),
          SETTLE_SECONDS * 1000,
        ).unref(),
      ),
    ])

    await until(
      'all messages settled',
      async () => {
        const open = await user.call('edi.gateway.message', 'search_count', [
          [
            '|',
            '&',
            ['document_number', 'like', 'FLT-'],
            ['state', '!=', 'applied'],
            '&',
            ['direction', '=', 'out'],
            ['state', 'not in', ['accepted']],
          ],
        ])
        return open === 0
      },
      SETTLE_SECONDS,
    )

    const receipts = await user.search(
      'stock.picking',
      [['edi_gateway_notice_number', 'like', 'FLT-']],
      ['edi_gateway_notice_number', 'move_ids'],
    )
    assertOnce(
      inbound,
      receipts.map((r) => r.edi_gateway_notice_number),
      'receipts in Odoo',
    )
    const records = await user.search(
      'edi.gateway.message',
      [
        ['document_number', 'like', 'FLT-'],
        ['direction', '=', 'in'],
      ],
      ['document_number', 'state'],
    )
    assertOnce(
      inbound,
      records.map((r) => r.document_number),
      'messages in Odoo',
    )
    const moves = await user.search(
      'stock.move',
      [['id', 'in', receipts.flatMap((r) => r.move_ids)]],
      ['quantity'],
    )
    assert.equal(
      moves.reduce((sum, m) => sum + m.quantity, 0),
      2 * inbound.length,
      'goods on those receipts',
    )

    const sold = receiver
      .interchanges()
      .flatMap((text) => /PRF\*(PO-FLT-\d+)/.exec(text)?.[1] ?? [])
    assertOnce(orders, sold, "856 in the receiver's log")
    const sums = Object.entries(counts).map(([name, n]) => `${name} ${n}`)
    return `0 lost, 0 doubled of ${inbound.length} in and ${orders.length} out; killed: ${sums.join(', ')}`
  })
}

/** Whether a post was taken. What the gateway refuses would be refused for ever; anything else is tried again. */
function taken(status) {
  if (status >= 400 && status < 500 && status !== 429)
    throw new Error(`the gateway answers ${status}`)
  return status === 202 || status === 200
}

/** Sells and ships under an order number, whatever was done of it before a crash. */
async function shipped(user, order) {
  const [sale] = await user.search(
    'sale.order',
    [['client_order_ref', '=', order]],
    ['picking_ids'],
  )
  const picking = sale ? sale.picking_ids[0] : await user.sell(order, 'SKU-RED', 1)
  if (picking === undefined) {
    await user.call('sale.order', 'action_confirm', [[sale.id]])
    return false
  }
  const [{ state }] = await user.search('stock.picking', [['id', '=', picking]], ['state'])
  if (state === 'done') return true
  await user.call('stock.picking', 'action_assign', [[picking]])
  await user.ship(picking)
  return true
}

function assertOnce(expected, seen, what) {
  const counts = new Map(expected.map((key) => [key, 0]))
  for (const key of seen) counts.set(key, (counts.get(key) ?? 0) + 1)
  const lost = [...counts].filter(([, n]) => n === 0).map(([key]) => key)
  const doubled = [...counts].filter(([, n]) => n > 1).map(([key]) => key)
  assert.deepEqual({ lost, doubled }, { lost: [], doubled: [] }, what)
}
