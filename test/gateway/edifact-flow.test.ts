// EDIFACT through the gateway: what comes in is answered by CONTRL, what goes out moves on by the partner's CONTRL.
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { WarehouseShippingOrder } from '../../edi-maps/canonical/document.js'
import type { Message } from '../../edi-maps/canonical/message.js'
import type { ChannelIdentity, GatewayAgreement } from '../../gateway/agreement.js'
import { readWholeBlob } from '../../gateway/store/blobs.js'
import { testDatabase, until } from '../postgres.js'
import { flowWithPartner } from './flow-with-partner.js'
import type { Leased } from './odoo-target.js'

const GOLDEN = 'test/golden/edifact/INSDES/original'
const IN = readFileSync(`${GOLDEN}/in.edi`, 'latin1')
const ORDER = (
  JSON.parse(readFileSync(`${GOLDEN}/canonical.json`, 'utf8')) as WarehouseShippingOrder[]
)[0]!
const DEPOSITOR = { interchange: { qualifier: '14', id: '4012345000009' } }
const WAREHOUSE = { interchange: { qualifier: '14', id: '4012345000016' } }
const INSDES = { message: 'INSDES', version: 'D:01B:UN:EAN007' }

/** We are the warehouse and get instructions. */
const RECEIVING: GatewayAgreement = {
  ...{ id: 'example-depositor', name: 'Example Depositor sends instructions' },
  ...{ ourRole: 'warehouse', theirRole: 'depositor', environment: 'production' },
  standard: 'edifact',
  us: WAREHOUSE,
  partner: DEPOSITOR,
  documents: [{ direction: 'in', ...INSDES }],
}
/** We are the depositor and send them. */
const SENDING: GatewayAgreement = {
  ...{ id: 'example-warehouse', name: 'Example Warehouse gets instructions' },
  ...{ ourRole: 'depositor', theirRole: 'warehouse', environment: 'production' },
  standard: 'edifact',
  us: DEPOSITOR,
  partner: WAREHOUSE,
  documents: [
    { direction: 'out', ...INSDES },
    { direction: 'in', message: 'APERAK', version: 'D:01B' },
  ],
}
const identity = (
  id: string,
  sender: typeof DEPOSITOR,
  receiver: typeof DEPOSITOR,
): ChannelIdentity => ({
  channel: 'rest',
  id,
  name: id,
  carries: [{ sender: sender.interchange, receiver: receiver.interchange }],
  environments: ['production'],
})

const { db } = await testDatabase()
const { flow, target, partner } = await flowWithPartner(
  db,
  (channel) => [RECEIVING, { ...SENDING, channel }],
  [
    identity('depositor-client', DEPOSITOR, WAREHOUSE),
    identity('warehouse-client', WAREHOUSE, DEPOSITOR),
  ],
)

const arrived = () => [...target.messages.values()].map((one) => JSON.parse(one.text) as Message)
const translated = (inboxId: string) =>
  until('the interchange is translated', async () => {
    const [row] = await db.query<{ state: string; reason: string | null }>(
      `select interchange.state, reason from interchange
       join inbox on inbox.id = inbox_id where inbox_id = $1 and inbox.state <> 'received'`,
      [inboxId],
    )
    return row
  })
/** What was answered, from UCI on to before UNT. */
const answers = async () => {
  const rows = await db.query<{
    sha256: Buffer
    message_type: string
    control_group: string | null
  }>(
    `select sha256, message_type, control_group from outbox where purpose = 'ack' order by created_at, id`,
  )
  return Promise.all(
    rows.map(async ({ sha256, message_type: type, control_group: group }) => {
      const text = (await readWholeBlob(db, sha256)).toString('latin1')
      return { type, group, body: /UCI[^]*(?=UNT)/.exec(text)?.[0].trim().split("'\n") ?? [] }
    }),
  )
}

let count = 0
/** A Message as Odoo gives it to be sent. */
function outgoing(): Message {
  const n = String(++count).padStart(12, '0')
  const document = { ...ORDER, documentNumber: `PICK-${n}` }
  delete document.source
  return {
    ...{ id: `019b76da-a801-7000-8000-${n}`, revision: 1, correlationId: `corr-${n}` },
    ...{ direction: 'out', partner: 'example-warehouse', test: false },
    ...{ ourRole: 'depositor', theirRole: 'warehouse' },
    document,
  }
}
const told = (row: Leased) => row.results.map((one) => one.state)
const reaches = (row: Leased, state: string) =>
  until(`Odoo is told ${state}`, () => told(row).at(-1) === state)

/** An answer of the warehouse; `body` is what stands between UNH and UNT. */
const answer = (message: string, number: number, body: readonly string[]) =>
  [
    ...["UNA:+.? '", `UNB+UNOC:3+4012345000016:14+4012345000009:14+260102:0304+${number}'`],
    ...[`UNH+1+${message}:UN'`, ...body, `UNT+${body.length + 2}+1'`, `UNZ+1+${number}'`],
  ].join('\n')
const contrl = (number: number, ...body: string[]) => answer('CONTRL:D:3', number, body)
const aperak = (number: number, ...body: string[]) =>
  answer('APERAK:D:01B', number, [`BGM+313+APE-${number}+9+RE'`, ...body])
const uci = (control: string, action: string) =>
  `UCI+${control}+4012345000009:14+4012345000016:14+${action}'`
/** References of UNB and UNH in what the partner got. */
function references(text: string): { interchange: string; message: string } {
  const [, interchange = ''] = /UNZ\+1\+(\d+)'/.exec(text) ?? []
  const [, message = ''] = /UNH\+(\d+)\+/.exec(text) ?? []
  return { interchange, message }
}

test('an INSDES reaches the target, and its CONTRL waits for the partner', async () => {
  expect((await translated(await flow.bring(IN, 'depositor-client'))).state).toBe('translated')
  await until('the target has it', () => arrived().length === 1)
  expect(arrived()).toMatchObject([
    { direction: 'in', partner: 'example-depositor', ourRole: 'warehouse', document: ORDER },
  ])
  const control = ORDER.source!.control!.interchange
  expect(await answers()).toEqual([
    {
      type: 'CONTRL',
      group: null,
      body: [uci(control, '7').slice(0, -1), "UCM+1+INSDES:D:01B:UN:EAN007+7'"],
    },
  ])
})

test('one bad message never reaches the target; its siblings do, and the CONTRL says which', async () => {
  const message = /UNH\+1\+[^]*UNT\+\d+\+1'/.exec(IN)![0]
  const numbered = (n: number) =>
    message
      .replace('UNH+1+', `UNH+${n}+`)
      .replace(/UNT\+(\d+)\+1'/, `UNT+$1+${n}'`)
      .replace(/BGM\+350\+[^+]*\+/, `BGM+350+PICK-${n}+`)
  const bad = numbered(2).replace(/BGM\+350/, 'XXX+350')
  const three = IN.replace(message, [numbered(1), bad, numbered(3)].join('\n')).replace(
    'UNZ+1',
    'UNZ+3',
  )
  await translated(await flow.bring(three, 'depositor-client'))
  await until('the target has two', () => arrived().length === 2)
  expect(
    arrived()
      .map(({ document }) => document.documentNumber)
      .sort(),
  ).toEqual(['PICK-1', 'PICK-3'])
  const [answer] = await answers()
  expect(answer!.body.filter((line) => line.startsWith('UCM'))).toEqual([
    'UCM+1+INSDES:D:01B:UN:EAN007+7',
    'UCM+2+INSDES:D:01B:UN:EAN007+4',
    "UCM+3+INSDES:D:01B:UN:EAN007+7'",
  ])
  expect(answer!.body).toContain('UCS+2+15')
})

test('an interchange that comes again is rejected as a duplicate and has no effect', async () => {
  await translated(await flow.bring(IN, 'depositor-client'))
  const again = await translated(await flow.bring(`${IN}\n`, 'depositor-client'))
  expect(again.state).toBe('rejected')
  await until('both are answered', async () => (await answers()).length === 2)
  const bodies = (await answers()).map(({ body }) => body[0])
  expect(bodies[1]).toMatch(/^UCI\+\d+\+4012345000009:14\+4012345000016:14\+4\+26\+UNB\+6'$/)
  await until(
    'no work is left',
    async () => (await db.query(`select from job where state = 'ready'`)).length === 0,
  )
  expect(arrived()).toHaveLength(1)
})

test('a Message of Odoo is sent in a UNB without groups, and a CONTRL that names it accepts it', async () => {
  const message = outgoing()
  const row = target.queue(message)
  await reaches(row, 'transferred')
  const [sent] = partner.received
  expect(sent!.text).toMatch(/^UNA:\+\.\? '\r?\nUNB\+UNOC:3\+4012345000009:14\+4012345000016:14\+/)
  expect(sent!.text).toContain(`BGM+350+${message.document.documentNumber}+9'`)
  expect(sent!.text).not.toContain('UNG')
  expect(await db.query(`select control_group from outbox where purpose = 'document'`)).toEqual([
    { control_group: null },
  ])
  const { interchange, message: number } = references(sent!.text)
  const ucm = `UCM+${number}+INSDES:D:01B:UN:EAN007+7'`
  await flow.bring(contrl(1, uci(interchange, '7'), ucm), 'warehouse-client')
  await reaches(row, 'accepted')
})

test('a CONTRL that acknowledges the interchange alone accepts what it does not reject', async () => {
  const row = target.queue(outgoing())
  await reaches(row, 'transferred')
  const { interchange } = references(partner.received[0]!.text)
  await flow.bring(contrl(1, uci(interchange, '8')), 'warehouse-client')
  await until('the receipt is read', async () => {
    const rows = await db.query(`select from message where direction = 'in' and state = 'applied'`)
    return rows.length === 1
  })
  expect(told(row).at(-1)).toBe('transferred')
  await flow.bring(contrl(2, uci(interchange, '7')), 'warehouse-client')
  await reaches(row, 'accepted')
})

test('a CONTRL that rejects the message tells Odoo where it is wrong', async () => {
  const row = target.queue(outgoing())
  await reaches(row, 'transferred')
  const { interchange, message } = references(partner.received[0]!.text)
  const rejected = [`UCM+${message}+INSDES:D:01B:UN:EAN007+4'`, "UCS+4'", "UCD+39+3:1'"]
  await flow.bring(contrl(1, uci(interchange, '7'), ...rejected), 'warehouse-client')
  await reaches(row, 'rejected')
  expect(row.results.at(-1)!.issues).toMatchObject([
    { code: '39', path: 'segment 4, element 2, component 1' },
  ])
})

test('a CONTRL for an interchange of another partner is held and moves nothing', async () => {
  await flow.bring(contrl(1, uci('999', '4')), 'warehouse-client')
  await until('it is noticed', async () => {
    const alerts = await db.query<{ kind: string }>('select kind from alert')
    return alerts.some(({ kind }) => kind === 'ack-unmatched')
  })
  expect(await answers()).toEqual([])
})

test.each([
  ['document', (_: string, number: string) => `RFF+ACW:${number}'`],
  ['interchange', (sent: string) => `RFF+ACW:${references(sent).interchange}'`],
])('an APERAK that names the %s refuses what it says', async (_, reference) => {
  const message = outgoing()
  const row = target.queue(message)
  await reaches(row, 'transferred')
  const { text } = partner.received[0]!
  await flow.bring(
    aperak(
      5,
      "DTM+137:20260102:102'",
      reference(text, message.document.documentNumber),
      "ERC+12'",
      "FTX+AAO+++Line 2 is not stored here'",
    ),
    'warehouse-client',
  )
  const report = await until('Odoo is told that it is refused', () =>
    row.results.find(({ businessState }) => businessState === 'rejected'),
  )
  expect(report).toMatchObject({
    state: 'transferred',
    issues: [{ code: 'edifact:12', text: 'Line 2 is not stored here' }],
  })
  await until('the APERAK is answered', async () =>
    (await answers()).some(({ body }) => body[1]?.startsWith('UCM+1+APERAK:D:01B:UN+7') === true),
  )
})
