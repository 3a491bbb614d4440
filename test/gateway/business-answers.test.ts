// What a partner's business says of what we sent (824), and a 999 in the place of a 997.
import { expect, test } from '@jest/globals'
import type { GatewayAgreement } from '../../gateway/agreement.js'
import { readWholeBlob } from '../../gateway/store/blobs.js'
import { testDatabase, until } from '../postgres.js'
import {
  GOLDEN_856,
  RECEIVING,
  RETAIL_IDENTITY,
  SENDING,
  SUPPLIER_IDENTITY,
  outgoing,
  x12Ack,
} from './documents.js'
import { configure } from './flow.js'
import { flowWithPartner } from './flow-with-partner.js'
import type { Leased } from './odoo-target.js'

const { db } = await testDatabase()
const retail: GatewayAgreement = {
  ...SENDING,
  documents: [...SENDING.documents, { direction: 'in', message: '824', version: '004010' }],
}
const { flow, target, partner } = await flowWithPartner(
  db,
  (channel) => [RECEIVING, { ...retail, channel }],
  [RETAIL_IDENTITY, SUPPLIER_IDENTITY],
)

let control = 500
/** An interchange of Example Retail for Example Supplier with one set. */
function interchange(group: 'AG' | 'FA', type: '824' | '999', body: readonly string[]): string {
  const number = String(++control).padStart(9, '0')
  const is999 = type === '999'
  const version = is999 ? '005010X231A1' : '004010'
  const segments = [
    `ISA*00*          *00*          *ZZ*EXRETAIL       *ZZ*EXSUPPLIER     *260102*0910*` +
      `${is999 ? '^*00501' : 'U*00401'}*${number}*0*P*>`,
    `GS*${group}*EXRETAIL*EXSUPPLIER*20260102*0910*${control}*X*${version}`,
    `ST*${type}*0001${is999 ? `*${version}` : ''}`,
    ...body,
    `SE*${body.length + 2}*0001`,
    `GE*1*${control}`,
    `IEA*1*${number}`,
  ]
  return segments.join('~') + '~'
}
const advice = (...answers: string[]) =>
  interchange('AG', '824', [`BGN*11*ADV-${control}*20260102*0905`, ...answers])

const last = (row: Leased) => row.results.at(-1)
const told = (row: Leased, state: string, businessState: string | undefined) =>
  until(`Odoo is told ${state} and ${businessState ?? 'nothing of the business'}`, () =>
    last(row)?.state === state && last(row)?.businessState === businessState
      ? last(row)
      : undefined,
  )
const group = (text: string) => Number(/GS\*SH\*[^~]*\*(\d+)\*X/.exec(text)?.[1])

async function sent(more: Parameters<typeof outgoing>[0] = {}) {
  const before = partner.received.length
  const message = outgoing(more)
  const row = target.queue(message)
  await told(row, 'transferred', undefined)
  const text = partner.received
    .slice(before)
    .find(({ text }) => text.includes(`BSN*00*${message.document.documentNumber}*`))!.text
  return { row, number: message.document.documentNumber, group: group(text) }
}
const outbound = () =>
  db.query(
    `select state, business_state from message where direction = 'out' order by created_at, id`,
  )
const inbound = (state: string, count = 1) =>
  until(`${count} inbound ${state}`, async () => {
    const rows = await db.query(
      `select from message where direction = 'in' and kind = 'applicationAck' and state = $1`,
      [state],
    )
    return rows.length === count
  })
const alerts = async () =>
  (await db.query<{ kind: string }>('select kind from alert order by id')).map(({ kind }) => kind)

test('an 824 that refuses a notice after its accepting 997 wins, with its reasons, and is acknowledged', async () => {
  const { row, group } = await sent()
  await flow.bring(x12Ack({ control: 9, group }), 'retail-client')
  await told(row, 'accepted', undefined)
  await flow.bring(
    advice(
      `OTI*TR*SI*WHATEVER*EXSUPPLIER*EXRETAIL*20260102*0304*${group}*0001*856`,
      'TED*848*CARTON MARK IS NOT KNOWN*MAN*12*2*87*00006141410000000111',
      'NTE**SEND IT AGAIN',
    ),
    'retail-client',
  )
  const report = await told(row, 'accepted', 'rejected')
  expect(report!.issues).toEqual([
    {
      code: 'invalidData',
      path: 'segment 12, MAN, element 2',
      text: 'CARTON MARK IS NOT KNOWN; value 00006141410000000111; SEND IT AGAIN',
    },
  ])
  expect(await alerts()).toEqual(['message-rejected'])
  await inbound('applied')
  expect(target.messages.size).toBe(0)
  const acks = await until('the 824 is acknowledged', async () => {
    const rows = await db.query<{ sha256: Buffer }>(
      `select sha256 from outbox where purpose = 'ack'`,
    )
    return rows.length === 1 ? rows : undefined
  })
  const ack = (await readWholeBlob(db, acks[0]!.sha256)).toString('latin1')
  expect(ack.replaceAll('\n', '')).toContain(`AK1*AG*${control}~AK2*824*0001~AK5*A~AK9*A*1*1*1`)
})

test('an 824 finds what it answers by the document number, and a refusal is not taken back', async () => {
  const { row, number } = await sent()
  await flow.bring(advice(`OTI*TA*SI*${number}`), 'retail-client')
  await told(row, 'transferred', 'accepted')
  await flow.bring(advice(`OTI*IR*SI*${number}`, 'TED*007*SHIP DATE'), 'retail-client')
  await told(row, 'transferred', 'rejected')
  await flow.bring(advice(`OTI*TA*SI*${number}`), 'retail-client')
  await inbound('applied', 3)
  expect(await outbound()).toEqual([{ state: 'transferred', business_state: 'rejected' }])
})

test('an accepted item says nothing of the document', async () => {
  const { number } = await sent()
  await flow.bring(advice(`OTI*IA*SI*${number}`), 'retail-client')
  await inbound('applied')
  expect(await outbound()).toEqual([{ state: 'transferred', business_state: 'none' }])
})

test('an order number finds the one notice of the order, but chooses none of two', async () => {
  const { row } = await sent()
  await flow.bring(advice('OTI*TA*PO*PO-4500012*******856'), 'retail-client')
  await told(row, 'transferred', 'accepted')
  await sent()
  await flow.bring(advice('OTI*TR*PO*PO-4500012*******856', 'TED*848'), 'retail-client')
  await inbound('held')
  expect(await alerts()).toEqual(['ack-unmatched'])
  expect(await outbound()).toEqual([
    { state: 'transferred', business_state: 'accepted' },
    { state: 'transferred', business_state: 'none' },
  ])
})

test('a stranger who names our numbers refuses nothing', async () => {
  const { number, group } = await sent()
  const stranger = { interchange: { qualifier: 'ZZ', id: 'EXSTRANGER' } }
  await configure(
    db,
    [
      {
        ...retail,
        channel: { kind: 'rest', url: partner.url },
        id: 'example-stranger',
        partner: stranger,
      },
    ],
    [
      {
        ...RETAIL_IDENTITY,
        id: 'stranger',
        carries: [{ sender: { id: 'EXSTRANGER' }, receiver: { id: '*' } }],
      },
    ],
  )
  const text = advice(`OTI*TR*SI*${number}*****${group}*0001*856`, 'TED*848')
  await flow.bring(text.replace('EXRETAIL       ', 'EXSTRANGER     '), 'stranger')
  await inbound('held')
  expect(await outbound()).toEqual([{ state: 'transferred', business_state: 'none' }])
})

test('a 999 moves what it answers as a 997 does', async () => {
  const [first, second] = [await sent(), await sent()]
  const answer = (group: number, code: 'A' | 'R') =>
    interchange('FA', '999', [
      `AK1*SH*${group}*004010`,
      'AK2*856*0001',
      ...(code === 'A' ? [] : ['IK3*REF*4**8', 'CTX*SITUATIONAL TRIGGER*REF*4**1', 'IK4*2*127*I9']),
      `IK5*${code}${code === 'A' ? '' : '*5'}`,
      `AK9*${code}*1*1*${code === 'A' ? 1 : 0}`,
    ])
  await flow.bring(answer(first.group, 'A'), 'retail-client')
  await told(first.row, 'accepted', undefined)
  await flow.bring(answer(second.group, 'R'), 'retail-client')
  const report = await told(second.row, 'rejected', undefined)
  expect(report!.issues).toContainEqual(
    expect.objectContaining({ code: 'I9', path: 'segment 4, REF, element 2' }),
  )
})

test('an agreement that wants a 999 answers with one', async () => {
  await configure(db, [{ ...RECEIVING, acks: { functional: '999' } }], [SUPPLIER_IDENTITY])
  await flow.bring(GOLDEN_856, 'supplier-client')
  const [row] = await until('the 856 is acknowledged', async () => {
    const rows = await db.query<{ sha256: Buffer; message_type: string }>(
      `select sha256, message_type from outbox where purpose = 'ack'`,
    )
    return rows.length === 1 ? rows : undefined
  })
  expect(row!.message_type).toBe('999')
  const text = (await readWholeBlob(db, row!.sha256)).toString('latin1')
  expect(text).toContain('ST*999*0001*005010X231A1~')
  expect(text).toMatch(/AK2\*856\*0001~\s*IK5\*A~/)
})
