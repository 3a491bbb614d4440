// What a user sees on a good day: an 856 becomes a prepared receipt, a validated delivery becomes an 856, its 997 comes
// back to the delivery; and what is posted eight times happens once.
import assert from 'node:assert/strict'
import { edigw, until } from './processes.mjs'
import { notice, sscc } from './partners.mjs'

const APPLIED = 120

export async function flow({ check, odoo, gateway, receiver, user, golden }) {
  const messageOf = (number) =>
    until(`message ${number} in Odoo`, async () => {
      const [found] = await user.search(
        'edi.gateway.message',
        [['document_number', '=', number]],
        ['state', 'error_text', 'message_uid', 'business_state'],
      )
      return found
    })
  const inState = (number, ...states) =>
    until(
      `${number} ${states.join(' or ')}`,
      async () => {
        const found = await messageOf(number)
        if (['error', 'dead'].includes(found.state))
          throw new Error(`${found.state}: ${found.error_text}`)
        return states.includes(found.state) && found
      },
      APPLIED,
    )

  await check(
    'the golden 856 posted to the gateway prepares a receipt with lots and SSCC packages',
    async () => {
      const posted = await gateway.call('POST', '/v1/interchanges', golden)
      assert.equal(posted.status, 202)
      await inState('SHP-2025-0001', 'applied')
      const receipts = await user.search(
        'stock.picking',
        [['edi_gateway_notice_number', '=', 'SHP-2025-0001']],
        ['state', 'origin', 'move_line_ids', 'picking_type_code'],
      )
      assert.equal(receipts.length, 1)
      assert.equal(receipts[0].state, 'assigned')
      const lines = await user.search(
        'stock.move.line',
        [['picking_id', '=', receipts[0].id]],
        ['product_id', 'quantity', 'lot_name', 'lot_id', 'result_package_id'],
      )
      const seen = lines
        .map(
          (l) =>
            `${l.quantity} ${l.result_package_id[1].match(/\d{18}/)?.[0]} ${l.lot_name || l.lot_id?.[1] || '-'}`,
        )
        .sort()
      const [, first, second] = [...golden.toString().matchAll(/MAN\*GM\*00(\d{18})/g)].map(
        (m) => m[1],
      )
      assert.deepEqual(seen, [`12 ${first} -`, `12 ${second} -`, `6 ${second} LOT-B7`].sort())
      const rest = await user.search(
        'stock.picking',
        [
          ['purchase_id.name', '=', 'PO-4500012'],
          ['edi_gateway_notice_number', '=', false],
          ['state', '=', 'assigned'],
        ],
        ['name'],
      )
      assert.equal(rest.length, 1, 'the unshipped rest stays open in one receipt')
    },
  )

  await check('the gateway is told that Odoo applied it, and its 997 accepts it', async () => {
    const state = await until('applied at the gateway', async () => {
      const { body } = await gateway.call('GET', '/v1/messages?documentNumber=SHP-2025-0001')
      return body.items?.[0]?.state === 'applied' && body.items[0]
    })
    const page = await gateway.call('GET', `/v1/messages/${state.id}`)
    assert.equal(page.status, 200)
    const acks = await gateway.call(
      'GET',
      `/v1/interchanges/${page.body.interchange.inboxId ?? page.body.interchange.id}/acks`,
    )
    assert.match(JSON.stringify(acks.body) + acks.bytes.toString(), /AK9\*A\*1\*1\*1/)
  })

  await check(
    'Check EDI on a delivery shows the 856 the gateway would write, and sends nothing',
    async () => {
      const set = (name, value) => user.call('ir.config_parameter', 'set_param', [name, value])
      await set('edi_gateway.gateway_url', gateway.url)
      await set('edi_gateway.gateway_token', gateway.key)
      const picking = await user.sell('PO-CHECKED', 'SKU-RED', 3)
      const { res_id: id } = await user.call('stock.picking', 'action_edi_gateway_check', [
        [picking],
      ])
      const [{ result, edi, findings }] = await user.search(
        'edi.gateway.check',
        [['id', '=', id]],
        ['result', 'edi', 'findings'],
      )
      assert.equal(result, 'ok', findings)
      assert.match(edi, /ST\*856\*[^]*PRF\*PO-CHECKED[^]*SN1\*\*3\*EA/)
      const [{ edi_gateway_message_count: messages, state }] = await user.search(
        'stock.picking',
        [['id', '=', picking]],
        ['edi_gateway_message_count', 'state'],
      )
      assert.deepEqual([messages, state], [0, 'assigned'])
      assert.ok(!receiver.interchanges().some((text) => text.includes('PO-CHECKED')))
    },
  )

  await check('a delivery validated in Odoo reaches the partner as an 856', async () => {
    const picking = await user.sell('PO-RETAIL-77', 'SKU-RED', 5)
    await user.ship(picking)
    const [{ name }] = await user.search('stock.picking', [['id', '=', picking]], ['name'])
    const text = await until('its 856 at the receiver', () =>
      receiver
        .interchanges()
        .find((t) => t.includes(`BSN*00*${name.toUpperCase()}*`) || t.includes(`BSN*00*${name}*`)),
    )
    assert.match(text, /PRF\*PO-RETAIL-77/)
    assert.match(text, /MAN\*GM\*00\d{18}~/)
    assert.match(text, /SN1\*\*5\*EA/)

    const { code, stdout } = await edigw(
      ['ack', '-', '--control', '1'],
      Buffer.from(text, 'latin1'),
    )
    assert.equal(code, 0)
    assert.match(stdout.toString(), /AK9\*A\*1\*1\*1/)
    const answer = await gateway.call('POST', '/v1/interchanges', stdout)
    assert.equal(answer.status, 202)
    await inState(name, 'accepted')
  })

  await check('eight posts of one key at once make one payload at the gateway', async () => {
    const body = notice('SHP-EIGHT', '000000801', sscc(801))
    const headers = { 'Idempotency-Key': 'eight-at-once' }
    const all = await Promise.all(
      Array.from({ length: 8 }, () => gateway.call('POST', '/v1/interchanges', body, headers)),
    )
    assert.deepEqual(all.map((a) => a.status).sort(), [200, 200, 200, 200, 200, 200, 200, 202])
    assert.equal(new Set(all.map((a) => a.body.id)).size, 1)
    const { message_uid: uid } = await inState('SHP-EIGHT', 'applied')
    assert.ok(uid)
  })

  await check('eight posts of one key at once make one record in Odoo', async () => {
    const [known] = await user.search(
      'edi.gateway.message',
      [['document_number', '=', 'SHP-EIGHT']],
      ['payload'],
    )
    const message = JSON.parse(known.payload)
    const id = message.id.replace(/^.{8}/, '019b76da')
    message.id = id
    message.document.documentNumber = 'SHP-EIGHT-ODOO'
    message.document.body.packages[0].sscc = sscc(802)
    const body = JSON.stringify(message)
    const answers = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const response = await fetch(`${odoo.facts.url}/edi_gateway/v1/messages`, {
          method: 'POST',
          headers: {
            Authorization: `Bearer ${odoo.facts.apiKey}`,
            'Content-Type': 'application/json',
            'Idempotency-Key': `${id}.1`,
          },
          body,
        })
        return response.status
      }),
    )
    assert.deepEqual(answers.sort(), [200, 200, 200, 200, 200, 200, 200, 202])
    await inState('SHP-EIGHT-ODOO', 'applied')
    const rows = await user.search('edi.gateway.message', [['message_uid', '=', id]], ['id'])
    assert.equal(rows.length, 1)
    const receipts = await user.search(
      'stock.picking',
      [['edi_gateway_notice_number', '=', 'SHP-EIGHT-ODOO']],
      ['id'],
    )
    assert.equal(receipts.length, 1)
  })
}
