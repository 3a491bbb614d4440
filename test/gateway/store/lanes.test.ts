import { beforeEach, expect, test } from '@jest/globals'
import {
  FenceLostError,
  claimLanes,
  countLanes,
  enqueue,
  recordOutcomes,
  removeIdleLanes,
  renewLeases,
  type ClaimedLane,
  type ClaimOptions,
  type Job,
  type LaneOutcome,
} from '../../../gateway/store/lanes.js'
import { emptyTables, testDatabase } from '../../postgres.js'

const { db } = await testDatabase()
const LEASE = 10_000
beforeEach(() => emptyTables(db, 'job, lane'))

const add = (lane: string, ...ns: number[]) =>
  db.tx((tx) =>
    enqueue(
      tx,
      ns.map((n) => ({ lane, kind: 'deliver' as const, payload: { n } })),
    ),
  )
const claim = (options: Partial<ClaimOptions> = {}) =>
  claimLanes(db, { kind: 'deliver', lanes: 32, jobs: 20, leaseMs: LEASE, ...options })
const outcome = (lane: ClaimedLane, more: Partial<LaneOutcome> = {}): LaneOutcome => ({
  lane,
  done: [],
  dead: [],
  parked: [],
  ...more,
})
const record = (...outcomes: LaneOutcome[]) => db.tx((tx) => recordOutcomes(tx, outcomes, LEASE))
const failed = (job: Job, delayMs: number) => ({ job, error: 'no answer', delayMs, counts: true })
const expire = () => db.query(`update lane set lease_until = now() - interval '1 second'`)
const numbers = (lane: ClaimedLane | undefined) => lane?.jobs.map((job) => job.payload['n'])

test('jobs of a lane come in the order they were added, to one worker only', async () => {
  await add('a', 1, 2)
  await add('a', 3)
  await add('b', 4)
  const [first, second] = await Promise.all([claim(), claim()])
  const lanes = [...first, ...second]
  expect(lanes.map((lane) => lane.key).sort()).toEqual(['a', 'b'])
  expect(numbers(lanes.find((lane) => lane.key === 'a'))).toEqual([1, 2, 3])
  expect(await claim()).toEqual([])
})

test('done jobs are gone, what was not begun is handed out again without a mark', async () => {
  await add('a', 1, 2, 3)
  const [lane] = await claim()
  await record(outcome(lane!, { done: [lane!.jobs[0]!] }))
  const [again] = await claim()
  expect(again!.jobs.map((job) => [job.payload['n'], job.crashes])).toEqual([
    [2, 1],
    [3, 1],
  ])
})

test('a failing job holds its lane until the delay is over; other lanes go on', async () => {
  await add('a', 1, 2)
  await add('b', 3)
  const [lane] = (await claim({ lanes: 1 })).filter((l) => l.key === 'a')
  await record(outcome(lane!, { retry: failed(lane!.jobs[0]!, 60_000) }))
  expect((await claim()).map((l) => l.key)).toEqual(['b'])
  await db.query(`update lane set ready_at = now() where key = 'a'`)
  const [again] = await claim()
  expect(again!.jobs.map((job) => [job.payload['n'], job.failures])).toEqual([
    [1, 1],
    [2, 0],
  ])
})

test('a parked job waits in a lane of its own, those behind it go on', async () => {
  await add('a', 1, 2)
  const [lane] = await claim()
  await record(
    outcome(lane!, { parked: [{ job: lane!.jobs[0]!, error: 'no answer', delayMs: 60_000 }] }),
  )
  expect((await claim()).map(numbers)).toEqual([[2]])
  await db.query(`update lane set ready_at = now() where key = 'a#1'`)
  expect((await claim()).map((l) => [l.key, numbers(l), l.jobs[0]!.failures])).toEqual([
    ['a#1', [1], 1],
  ])
})

test('a dead job stands aside and the lane goes on', async () => {
  await add('a', 1, 2)
  const [lane] = await claim()
  await record(outcome(lane!, { dead: [{ job: lane!.jobs[0]!, error: 'poison' }] }))
  const [rest] = await claim()
  expect(numbers(rest)).toEqual([2])
  await record(outcome(rest!, { done: rest!.jobs }))
  expect(await claim()).toEqual([])
})

test('the lanes of a dead worker come one job at a time, with the crash counted', async () => {
  await add('a', 1, 2)
  await add('b', 3)
  await claim()
  await expire()
  expect(await claim()).toEqual([])
  const [suspect] = await claim({ suspects: true, lanes: 1, jobs: 1 })
  expect(suspect!.jobs.map((job) => job.crashes)).toEqual([2])
  await record(outcome(suspect!, { done: suspect!.jobs }))
  expect(suspect!.key).toBe('a')
  expect((await claim()).map(numbers)).toEqual([[2]])
  expect((await claim({ suspects: true })).map(numbers)).toEqual([[3]])
})

test('what a dead worker had comes one job at a time, also when it had many', async () => {
  await add('a', 1, 2, 3)
  await claim()
  await expire()
  await add('a', 4, 5)
  const [suspect] = await claim({ suspects: true, lanes: 1, jobs: 1 })
  await record(outcome(suspect!, { done: suspect!.jobs }))
  for (const n of [2, 3]) {
    const [lane] = await claim()
    expect(lane!.jobs.map((job) => [job.payload['n'], job.crashes])).toEqual([[n, 2]])
    await record(outcome(lane!, { done: lane!.jobs }))
  }
  expect((await claim()).map(numbers)).toEqual([[4, 5]])
})

test('lanes share the jobs of a claim: the first of each, then the second', async () => {
  await add('a', 1, 2, 3, 4, 5)
  await add('b', 6)
  await add('c', 7, 8)
  const byLane = async (jobs: number) =>
    (await claim({ lanes: 3, jobs })).map((lane) => [lane.key, numbers(lane)]).sort()
  expect(await byLane(5)).toEqual([
    ['a', [1, 2]],
    ['b', [6]],
    ['c', [7, 8]],
  ])
})

test('a worker that comes back after its lane was taken over commits nothing', async () => {
  await add('a', 1)
  const [late] = await claim()
  await expire()
  const [taker] = await claim({ suspects: true })
  const commitLate = db.tx(async (tx) => {
    await tx.query(`insert into alert (key, kind, text) values ('late', 'test', 'effect')`)
    await recordOutcomes(tx, [outcome(late!, { done: late!.jobs })], LEASE)
  })
  await expect(commitLate).rejects.toBeInstanceOf(FenceLostError)
  expect(await db.query(`select id from alert where key = 'late'`)).toEqual([])
  await record(outcome(taker!, { done: taker!.jobs }))
  await expect(record(outcome(taker!))).rejects.toBeInstanceOf(FenceLostError)
})

test('a lease that is renewed stays, one that was taken over does not', async () => {
  await add('a', 1)
  const [lane] = await claim()
  expect(await renewLeases(db, [lane!], LEASE)).toEqual(['a'])
  await expire()
  await claim({ suspects: true })
  expect(await renewLeases(db, [lane!], LEASE)).toEqual([])
})

test('a kept lane hands on the same token, jobs added meanwhile wait for the next claim', async () => {
  await add('a', 1, 2)
  const [lane] = await claim()
  await record(outcome(lane!, { done: [lane!.jobs[0]!], keep: true }))
  await add('a', 3)
  expect(await claim()).toEqual([])
  await record(outcome(lane!, { done: [lane!.jobs[1]!] }))
  expect((await claim()).map(numbers)).toEqual([[3]])
})

test('lanes of an excluded target or another kind stay where they are', async () => {
  await db.tx((tx) =>
    enqueue(tx, [
      { lane: 'a', kind: 'deliver', payload: {}, target: 'odoo' },
      { lane: 'b', kind: 'deliver', payload: {}, target: 'other' },
      { lane: 'c', kind: 'send', payload: {} },
    ]),
  )
  expect((await claim({ exclude: ['odoo'] })).map((l) => l.key)).toEqual(['b'])
})

test('urgent lanes go first, yet bulk that waits long enough has its turn', async () => {
  const lanes = [
    { lane: 'bulk', priority: 9 },
    { lane: 'ack', priority: 0 },
    { lane: 'normal', priority: 5 },
  ].map((lane) => ({ ...lane, kind: 'deliver' as const, payload: {} }))
  await db.tx((tx) => enqueue(tx, lanes))
  await db.query(`update lane set turn_at = turn_at - interval '1 minute' where key = 'bulk'`)
  const order: string[] = []
  for (let n = 0; n < 3; n++) order.push((await claim({ lanes: 1 }))[0]!.key)
  expect(order).toEqual(['bulk', 'ack', 'normal'])
})

test('lanes of a large interchange leave turns for others', async () => {
  const one = (lane: string, place?: number) => ({
    ...{ lane, kind: 'deliver' as const, payload: {} },
    ...(place === undefined ? {} : { place }),
  })
  await db.tx((tx) => enqueue(tx, [one('large 0', 0), one('large 1', 60_000)]))
  await db.tx((tx) => enqueue(tx, [one('small')]))
  const order: string[] = []
  for (let n = 0; n < 3; n++) order.push((await claim({ lanes: 1 }))[0]!.key)
  expect(order).toEqual(['large 0', 'small', 'large 1'])
})

test('adding to many lanes at once from several sides never deadlocks', async () => {
  const keys = Array.from({ length: 60 }, (_, n) => `lane ${n}`)
  const sides = [keys, [...keys].reverse(), keys, [...keys].reverse()]
  await Promise.all(
    sides.map((order) =>
      db.tx((tx) =>
        enqueue(
          tx,
          order.map((lane) => ({ lane, kind: 'deliver', payload: {} })),
        ),
      ),
    ),
  )
  const deadlocks = await db.query<{ deadlocks: number }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  )
  expect(deadlocks).toEqual([{ deadlocks: 0 }])
  expect(await countLanes(db)).toMatchObject([{ kind: 'deliver', lanes: 60, jobs: 240 }])
})

test('lanes that rested are removed, and start anew without losing anything', async () => {
  await add('a', 1)
  const [lane] = await claim()
  await record(outcome(lane!, { done: lane!.jobs }))
  expect(await removeIdleLanes(db)).toBe(0)
  await db.query(`update lane set turn_at = now() - interval '2 hours'`)
  expect(await removeIdleLanes(db)).toBe(1)
  await add('a', 2)
  expect((await claim()).map(numbers)).toEqual([[2]])
})
