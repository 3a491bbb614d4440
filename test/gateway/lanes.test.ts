import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Worker } from '../../gateway/lanes.js'
import { openDb, type Db } from '../../gateway/store/db.js'
import { claimLanes, enqueue, type NewJob } from '../../gateway/store/lanes.js'
import type { Step } from '../../gateway/step.js'
import { localWake } from '../../gateway/wake.js'
import { emptyTables, testDatabase, until } from '../postgres.js'
import { EFFECTS, notingStep, quickWorker, type NotingOptions } from './lane-worker.js'

const { db, url } = await testDatabase()
const workers: Worker[] = []
const pools: Db[] = []
const children: ChildProcess[] = []

beforeAll(() => db.query(EFFECTS))
beforeEach(() => emptyTables(db, 'job, lane, effect, call, alert'))
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await Promise.all(workers.splice(0).map((worker) => worker.stop()))
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

type More = Parameters<typeof quickWorker>[2]
const work = (options: Omit<NotingOptions, 'db'>, more: More = {}) => {
  const pool = openDb(url, { max: 4 })
  pools.push(pool)
  workers.push(quickWorker(notingStep({ db: pool, ...options }), pool, more))
}
const child = async (mode: Step['mode'], fault = '', poison = '') => {
  const program = new URL('lane-worker.js', import.meta.url).pathname
  const started = spawn(process.execPath, [program, url, mode, fault, poison], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(started)
  const ended = once(started, 'exit')
  await once(started.stdout, 'data')
  return { started, ended }
}
const job = (lane: string, n: number, more: Partial<NewJob['payload']> = {}): NewJob => ({
  lane,
  kind: 'translate',
  payload: { n, ...(more as NewJob['payload']) },
})
const add = (...jobs: NewJob[]) => db.tx((tx) => enqueue(tx, jobs))
const fill = async (lanes: number, jobs: number) => {
  for (let n = 1; n <= jobs; n++)
    await add(...Array.from({ length: lanes }, (_, lane) => job(`lane ${lane}`, n)))
}
const effects = () =>
  db.query<{ lane: string; n: number }>('select lane, n from effect order by id')
const drained = async (ms?: number) => {
  await until(
    'no job is left',
    async () => (await db.query('select from job where state = $1', ['ready'])).length === 0,
    ms,
  )
  return effects()
}
/** Every job once and in the order of its lane. */
const expectEachOnce = (done: { lane: string; n: number }[], lanes: number, jobs: number) => {
  const byLane = new Map<string, number[]>()
  for (const { lane, n } of done) byLane.set(lane, [...(byLane.get(lane) ?? []), n])
  expect(byLane.size).toBe(lanes)
  const order = Array.from({ length: jobs }, (_, n) => n + 1)
  for (const seen of byLane.values()) expect(seen).toEqual(order)
}

test.each(['batch', 'call'] as const)(
  'four workers do every job once and in the order of its lane (%s)',
  async (mode) => {
    await fill(25, 20)
    for (let n = 0; n < 4; n++) work({ mode })
    expectEachOnce(await drained(), 25, 20)
  },
)

test.each(['batch', 'call'] as const)(
  'with workers killed at any moment no job is lost, doubled or out of order (%s)',
  async (mode) => {
    await fill(20, 15)
    let isDone = false
    const killing = (async () => {
      for (let n = 0; n < 8 && !isDone; n++) {
        const { started, ended } = await child(mode)
        await new Promise((done) => setTimeout(done, 20 + Math.random() * 200))
        started.kill('SIGKILL')
        await ended
      }
    })()
    work({ mode, maxCrashes: 100, during: () => new Promise((done) => setTimeout(done, 5)) })
    const done = await drained(40_000)
    isDone = true
    await killing
    expectEachOnce(done, 20, 15)
    // A call may be repeated, but none is made before the one in front of it.
    const calls = await db.query<{ lane: string; n: number }>(
      'select lane, n from call group by lane, n order by min(id)',
    )
    if (mode === 'call') expectEachOnce(calls, 20, 15)
  },
)

test.each([
  ['batch', 'lane-claimed'],
  ['batch', 'batch-prepared'],
  ['batch', 'batch-before-commit'],
  ['batch', 'batch-committed'],
  ['call', 'lane-claimed'],
  ['call', 'batch-before-commit'],
  ['call', 'batch-committed'],
] as const)('a worker that dies (%s, at %s) leaves nothing half done', async (mode, fault) => {
  await fill(10, 5)
  const { ended } = await child(mode, fault)
  expect(await ended).toEqual([null, 'SIGKILL'])
  work({ mode })
  expectEachOnce(await drained(), 10, 5)
})

test('a lane that takes long holds up neither those claimed with it nor those that come later', async () => {
  let goOn = () => {}
  const long = new Promise<void>((done) => (goOn = done))
  await add(job('long', 1), job('long', 2), job('other', 1))
  work({ mode: 'batch', during: (lane) => (lane === 'long' ? long : undefined) })
  await until('the one beside it is done', async () => (await effects()).length === 1)
  await add(job('later', 1))
  await until('the later one is done', async () => (await effects()).length === 2)
  goOn()
  expect((await drained()).map(({ lane, n }) => `${lane} ${n}`)).toEqual([
    'other 1',
    'later 1',
    'long 1',
    'long 2',
  ])
})

test('a worker that is stopped beyond its lease finds its lane taken and writes nothing', async () => {
  await add(job('a', 1))
  let goOn = () => {}
  const stopped = new Promise<void>((done) => (goOn = done))
  let begun = () => {}
  const reached = new Promise<void>((done) => (begun = done))
  work({
    mode: 'batch',
    during: async () => {
      begun()
      await stopped
    },
  })
  await reached
  // As after SIGSTOP: the lease has run out, its renewal finds another token.
  await db.query(`update lane set lease_until = now() - interval '1 second'`)
  const [taken] = await claimLanes(db, {
    kind: 'translate',
    lanes: 1,
    jobs: 1,
    leaseMs: 60_000,
    suspects: true,
  })
  expect(taken?.key).toBe('a')
  goOn()
  await workers.splice(0)[0]!.stop()
  expect(await effects()).toEqual([])
  expect(await db.query('select token from lane')).toEqual([{ token: taken!.token }])
})

test('a poisoned job is dead after three deaths; its neighbours in the batch are done', async () => {
  await fill(5, 2)
  await add(job('poison', 1))
  for (let deaths = 0; ; deaths++) {
    const { started, ended } = await child('batch', '', 'poison')
    const gone = ended.then(() => 'died')
    const done = until('all others are done', async () => {
      const [row] = await db.query<{ n: number }>(`select count(*) as n from effect`)
      const dead = await db.query(`select from job where state = 'dead'`)
      return row!.n === 10 && dead.length === 1
    }).then(() => 'done')
    if ((await Promise.race([gone, done])) === 'died') continue
    expect(deaths).toBe(3)
    started.kill()
    break
  }
  expectEachOnce(await effects(), 5, 2)
  expect(await db.query('select lane, state from job')).toEqual([{ lane: 'poison', state: 'dead' }])
  expect(await db.query(`select key from alert where kind = 'dead'`)).toEqual([{ key: 'poison 1' }])
})

test('a job that fails is tried again and holds back those behind it', async () => {
  await add(job('a', 1, { fail: 'once' }), job('a', 2), job('b', 3))
  work({ mode: 'batch' })
  const done = await drained()
  expect(done.filter((one) => one.lane === 'a').map((one) => one.n)).toEqual([1, 2])
})

test('a job that can never work is dead at once, those behind it go on', async () => {
  await add(job('a', 1, { fail: 'permanent' }), job('a', 2))
  work({ mode: 'call' })
  expect(await drained()).toEqual([{ lane: 'a', n: 2 }])
  expect(await db.query(`select key, text from alert where kind = 'dead'`)).toEqual([
    { key: 'a 1', text: 'no use' },
  ])
})

test('a job that keeps failing is given up after its number of tries', async () => {
  await add(job('a', 1, { fail: 'always' }), job('a', 2))
  work({ mode: 'batch', maxFailures: 3 })
  expect(await drained()).toEqual([{ lane: 'a', n: 2 }])
  expect(await db.query(`select failures from job where state = 'dead'`)).toEqual([{ failures: 3 }])
})

test('a job whose own writing fails does not undo the rest of its batch', async () => {
  await add(job('a', 1), job('a', 2, { fail: 'in commit' }), job('b', 3))
  work({ mode: 'batch', maxFailures: 1 })
  await until('the good ones are there', async () => (await effects()).length === 2)
  expect((await effects()).map((one) => one.n).sort()).toEqual([1, 3])
})

test('in a lane that may park, a job that keeps failing goes aside and the others go on', async () => {
  const lane = { policy: 'park' as const }
  await add({ ...job('a', 1, { fail: 'always' }), ...lane }, { ...job('a', 2), ...lane })
  work({ mode: 'batch' })
  await until('the second is done', async () => (await effects()).length === 1)
  const [parked] = await db.query<{ lane: string; failures: number }>(
    'select lane, failures from job',
  )
  expect(parked!.lane).toBe('a#1')
})

test('a wake-up starts work at once, without one the sweeper finds it', async () => {
  const wake = localWake()
  work({ mode: 'batch' }, { wake })
  await add(job('a', 1))
  await until('the sweeper found it', async () => (await effects()).length === 1, 2_000)
  await add(job('a', 2))
  wake.publish(['translate'])
  await until('the wake-up was heard', async () => (await effects()).length === 2, 2_000)
})
