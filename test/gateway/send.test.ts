import { beforeEach, expect, test } from '@jest/globals'
import pino from 'pino'
import { cancelMessage, retransmit, sendAgain } from '../../gateway/operate.js'
import { searchMessages } from '../../gateway/store/message-search.js'
import { reportBack } from '../../gateway/store/odoo-rows.js'
import { doWork } from '../../gateway/store/work.js'
import { flagOverdue } from '../../gateway/store/acks.js'
import { localWake } from '../../gateway/wake.js'
import { testDatabase, until } from '../postgres.js'
import {
  GOLDEN_856,
  RECEIVING,
  RETAIL_IDENTITY,
  SENDING,
  outgoing,
  x12Ack,
  x12Ta1,
} from './documents.js'
import { configure } from './flow.js'
import { flowWithPartner } from './flow-with-partner.js'
import type { Leased } from './odoo-target.js'

const { db } = await testDatabase()
/** What was logged. */
const lines: string[] = []
const { flow, target, partner } = await flowWithPartner(
  db,
  (channel) => [RECEIVING, { ...SENDING, channel }],
  [RETAIL_IDENTITY],
  { log: pino({ level: 'warn' }, { write: (line) => void lines.push(line) }) },
)
beforeEach(() => void (lines.length = 0))

const told = (row: Leased) => row.results.map((one) => one.state)
const reaches = (row: Leased, state: string) =>
  until(`Odoo is told ${state}`, () => told(row).at(-1) === state)
const wake = localWake()
const operate = (verb: typeof retransmit | typeof sendAgain | typeof cancelMessage, id: string) =>
  doWork(db, wake, async (work) => void (await verb(work, { id, revision: 1 }, 'operator')))
const numbersOf = (text: string) => ({
  interchange: Number(/^ISA.{87}(\d{9})/.exec(text)?.[1] ?? text.slice(90, 99)),
  group: Number(/GS\*SH\*[^~]*\*(\d+)\*X/.exec(text)?.[1]),
})
const attention = async () =>
  (await db.query<{ kind: string }>('select kind from alert where closed_at is null')).map(
    (a) => a.kind,
  )

test('a Message of Odoo reaches the partner, and Odoo is told each state up to accepted', async () => {
  const message = outgoing()
  const row = target.queue(message)
  await reaches(row, 'transferred')
  const [bytes] = partner.received
  expect(bytes!.text).toContain(`BSN*00*${message.document.documentNumber}*`)
  expect(bytes!.text).toMatch(/^ISA.*\*ZZ\*EXSUPPLIER {5}\*ZZ\*EXRETAIL {7}\*/)
  const { group } = numbersOf(bytes!.text)
  await flow.bring(x12Ack({ control: 9, group }), 'retail-client')
  await reaches(row, 'accepted')
  const order = ['queued', 'sent', 'transferred', 'accepted']
  expect(told(row)).toEqual(order.filter((state) => told(row).includes(state)))
  expect(await db.query(`select state from message where direction = 'out'`)).toEqual([
    { state: 'accepted' },
  ])
})

test('a state that several changes led to is told once', async () => {
  const row = target.queue(outgoing())
  await reaches(row, 'transferred')
  const [message] = await db.query<{ id: string }>(`select id from message where direction = 'out'`)
  const idle = () =>
    until('all is reported', async () => (await db.query('select from job')).length === 0)
  await idle()
  const before = row.results.length
  await doWork(db, wake, async (work) => {
    await work.query('update odoo_outbox set reported = null')
    for (let n = 0; n < 5; n++) await reportBack(work, { id: message!.id, revision: 1 })
  })
  await idle()
  expect(row.results.slice(before).map((one) => one.state)).toEqual(['transferred'])
})

test('an acknowledgement with errors and a rejection are told with what is wrong', async () => {
  const [first, second] = [target.queue(outgoing()), target.queue(outgoing())]
  await reaches(first, 'transferred')
  await reaches(second, 'transferred')
  const groups = partner.received.map((one) => numbersOf(one.text).group).sort()
  await flow.bring(x12Ack({ control: 1, group: groups[0]!, status: 'E' }), 'retail-client')
  await flow.bring(x12Ack({ control: 2, group: groups[1]!, status: 'R' }), 'retail-client')
  const states = () => [told(first).at(-1), told(second).at(-1)].sort()
  await until('both are told', () => states().join() === 'accepted_with_errors,rejected')
  const rejected = [first, second].find((row) => told(row).at(-1) === 'rejected')!
  expect(rejected.results.at(-1)!.issues).toContainEqual(
    expect.objectContaining({ path: 'segment 4, REF, element 2' }),
  )
  expect(await attention()).toEqual(['message-rejected'])
})

test('an acknowledgement counts only from the pair it answers', async () => {
  const row = target.queue(outgoing())
  await reaches(row, 'transferred')
  const { group } = numbersOf(partner.received[0]!.text)
  const stranger = { interchange: { qualifier: 'ZZ', id: 'EXSTRANGER' } }
  const carries = [{ sender: { id: 'EXSTRANGER' }, receiver: { id: '*' } }]
  await configure(
    db,
    [{ ...SENDING, id: 'example-stranger', partner: stranger }],
    [{ ...RETAIL_IDENTITY, id: 'stranger-client', carries }],
  )
  await flow.bring(
    x12Ack({ control: 9, group, status: 'R', sender: 'EXSTRANGER' }),
    'stranger-client',
  )
  await until('the stranger is noticed', async () => (await attention()).includes('ack-unmatched'))
  expect(await db.query(`select state from message where direction = 'out'`)).toEqual([
    { state: 'transferred' },
  ])
})

test('a TA1 that rejects the interchange rejects the message; a later 997 does not take it back', async () => {
  const row = target.queue(outgoing())
  await reaches(row, 'transferred')
  const { interchange, group } = numbersOf(partner.received[0]!.text)
  await flow.bring(x12Ta1(7, interchange, 'R', '020'), 'retail-client')
  await reaches(row, 'rejected')
  await flow.bring(x12Ack({ control: 8, group }), 'retail-client')
  await until('the 997 is read', async () => {
    const rows = await db.query(`select from message where direction = 'in' and state = 'applied'`)
    return rows.length === 1
  })
  expect(await db.query(`select state from message where direction = 'out'`)).toEqual([
    { state: 'rejected' },
  ])
})

test('what cannot be written goes back to Odoo with the reasons and takes no number', async () => {
  const unknown = target.queue(outgoing({ partner: 'nobody' }))
  const wrongRole = target.queue(outgoing({ ourRole: 'warehouse', theirRole: 'depositor' }))
  const message = outgoing()
  const unwritable = target.queue({
    ...message,
    document: { ...message.document, parties: [{ role: 'martian', ids: [] }] },
  })
  const good = target.queue(outgoing())
  for (const row of [unknown, wrongRole, unwritable]) await reaches(row, 'held')
  expect(JSON.stringify(unknown.results.at(-1)!.issues)).toContain(
    'no agreement with partner nobody',
  )
  expect(JSON.stringify(unwritable.results.at(-1)!.issues)).toContain('parties[0]')
  await reaches(good, 'transferred')
  expect(numbersOf(partner.received[0]!.text)).toEqual({ interchange: 1, group: 1 })
})

test('a body that is no Message, or of the other environment, is held at Odoo', async () => {
  const broken = target.queue({ ...outgoing(), revision: 0 })
  const wrong = target.queue(outgoing({ test: true }))
  await reaches(broken, 'held')
  await reaches(wrong, 'held')
  expect(JSON.stringify(broken.results.at(-1)!.issues)).toContain('/revision')
  expect(JSON.stringify(wrong.results.at(-1)!.issues)).toContain(
    'a test message of a production database',
  )
  expect(partner.received).toEqual([])
})

test('while the partner is away the same bytes wait under the same key, in order', async () => {
  let failures = 1_000
  partner.behaviour = () => (failures-- > 0 ? 503 : undefined)
  const messages = [outgoing(), outgoing()] as const
  const rows = messages.map((one) => target.queue(one))
  await until('the first try failed', async () => {
    const sent = await searchMessages(db, { state: 'sent' }, 10)
    return sent.some((one) => one.error?.includes('503') === true && one.nextAttemptAt !== null)
  })
  failures = 2
  for (const row of rows) await reaches(row, 'transferred')
  for (const found of await searchMessages(db, { state: 'transferred' }, 10))
    expect(found).toMatchObject({ error: null, nextAttemptAt: null })
  expect(partner.received.map((one) => numbersOf(one.text).interchange)).toEqual([1, 2])
  const tries = await db.query<{ n: number }>(
    `select count(*) as n from delivery_attempt where outcome = 'retry' and outbox_id is not null`,
  )
  expect(tries[0]!.n).toBeGreaterThanOrEqual(3)
  const failed = lines.filter((line) => line.includes('answered 503'))
  expect(failed.length).toBeGreaterThanOrEqual(3)
  for (const line of failed) expect(line).toContain(messages[0].correlationId)
})

test('an answer that got lost leads to the same bytes and key again', async () => {
  let drops = 1
  partner.behaviour = () => (drops-- > 0 ? 'drop' : undefined)
  const row = target.queue(outgoing())
  await reaches(row, 'transferred')
  const [first, second] = partner.received
  expect(second).toEqual(first)
})

test('a partner that refuses holds the message at the channel', async () => {
  partner.behaviour = () => 400
  const row = target.queue(outgoing())
  await reaches(row, 'held')
  expect(JSON.stringify(row.results.at(-1)!.issues)).toContain('answered 400')
  expect(await attention()).toEqual(['transfer-failed'])
})

test('retransmit sends the same bytes under a new key, send again new numbers', async () => {
  const message = outgoing()
  const row = target.queue(message)
  await reaches(row, 'transferred')
  await operate(retransmit, message.id)
  await until('it came twice', () => partner.received.length === 2)
  expect(partner.received[1]!.text).toBe(partner.received[0]!.text)
  expect(partner.received[1]!.key).not.toBe(partner.received[0]!.key)
  await until('it is transferred', async () => {
    const [state] = await db.query<{ state: string }>(
      `select state from message where direction = 'out'`,
    )
    return state?.state === 'transferred'
  })
  await operate(sendAgain, message.id)
  await until('it came a third time', () => partner.received.length === 3)
  expect(numbersOf(partner.received[2]!.text)).toEqual({ interchange: 2, group: 2 })
})

test('what has not left can be cancelled, what has left cannot', async () => {
  const held = outgoing({ partner: 'nobody' })
  const row = target.queue(held)
  await reaches(row, 'held')
  await operate(cancelMessage, held.id)
  await reaches(row, 'cancelled')
  const sent = outgoing()
  await reaches(target.queue(sent), 'transferred')
  await expect(operate(cancelMessage, sent.id)).rejects.toThrow(
    'is transferred and cannot be cancelled',
  )
})

test('an acknowledgement that does not come is flagged once; one that comes late counts as ever', async () => {
  const row = target.queue(outgoing())
  await reaches(row, 'transferred')
  await db.query(`update ack_expectation set due_at = now() - interval '1 minute'`)
  expect(await doWork(db, wake, flagOverdue)).toBe(1)
  expect(await doWork(db, wake, flagOverdue)).toBe(0)
  await until('Odoo is told', () => row.results.at(-1)?.overdue === true)
  expect(await attention()).toEqual(['ack-overdue'])
  await flow.bring(x12Ack({ control: 9, group: 1 }), 'retail-client')
  await reaches(row, 'accepted')
  expect(row.results.at(-1)!.overdue).toBeUndefined()
  expect(await attention()).toEqual([])
})

test('what Odoo reports of inbound messages is kept, the newest report last', async () => {
  await configure(
    db,
    [],
    [
      {
        ...RETAIL_IDENTITY,
        id: 'supplier-client',
        carries: [{ sender: { id: '*' }, receiver: { id: '*' } }],
      },
    ],
  )
  await flow.bring(GOLDEN_856)
  const key = await until('the target has it', () => [...target.messages.keys()].at(-1))
  const id = key.split('.')[0]!
  const waiting = target.report({ id, revision: 1, state: 'waiting' }, 1)
  await reaches(waiting, 'accepted')
  const state = () => db.query('select state, odoo_state from message where id = $1', [id])
  expect(await state()).toEqual([{ state: 'handed_over', odoo_state: 'waiting' }])
  await reaches(target.report({ id, revision: 1, state: 'applied' }, 2), 'accepted')
  expect(await state()).toEqual([{ state: 'applied', odoo_state: 'applied' }])
  await reaches(target.report({ id, revision: 1, state: 'waiting' }, 1), 'accepted')
  expect(await state()).toEqual([{ state: 'applied', odoo_state: 'applied' }])
})
