// Work in the database. A job stands in a lane; jobs of one lane run in order, by one worker at a time. A worker holds
// a lane by lease and fencing token: the lease lets others take over, the token keeps a late worker from committing.
import type { Queryable, Tx, Value } from './db.js'
import { rows } from './blobs.js'

/** The steps work is made of; a lane holds jobs of one kind. */
export const JOB_KINDS = ['translate', 'deliver', 'send', 'transfer', 'report'] as const
export type JobKind = (typeof JOB_KINDS)[number]

/** Ids of what the job is about; never the content. */
export type JobPayload = Readonly<Record<string, string | number | boolean>>

export interface NewJob {
  /** Ordering key with its prefix, e.g. `deliver:example-retail:SHP-1`. */
  readonly lane: string
  readonly kind: JobKind
  readonly payload: JobPayload
  /** 0 acknowledgements, 1 urgent, 5 normal (default), 9 bulk; used when the lane is new. */
  readonly priority?: number
  /** `block`: a failing job holds back those behind it (default); `park`: after some tries it goes aside. */
  readonly policy?: 'block' | 'park'
  /** Connection the lane talks to, so that all its lanes can wait together. */
  readonly target?: string
  /** How many jobs of the same interchange come before this one (default 0): those of others may go in between. */
  readonly place?: number
}

export interface Job {
  readonly lane: string
  readonly seq: number
  readonly kind: JobKind
  readonly payload: JobPayload
  /** Times it was begun without an outcome being recorded, this time included: over 1 means a worker died. */
  readonly crashes: number
  /** Times it failed in good order. */
  readonly failures: number
}

/** Proof that a worker holds a lane. */
export interface LaneHold {
  readonly key: string
  readonly token: number
}

export interface ClaimedLane extends LaneHold {
  readonly policy: 'block' | 'park'
  readonly jobs: readonly Job[]
}

export interface ClaimOptions {
  kind: JobKind
  /** Lanes at most, 32 in one statement. */
  lanes: number
  /** Jobs of all lanes together at most, but one of each lane in any case. */
  jobs: number
  leaseMs: number
  /** Lanes whose worker died (lease ran out) instead of free ones: take one lane and one job to find a poisoned job. */
  suspects?: boolean
  /** Targets whose lanes stay where they are. */
  exclude?: readonly string[]
}

/** Seconds a lane waits longer for each step of priority: bulk gives way but never starves. */
const HANDICAP_SECONDS = 5
/** Seconds between the turns of lanes that one interchange fills, so that a large one does not hold up everybody else. */
const SPACING_SECONDS = 0.01
const HANDICAP = `make_interval(secs => ${HANDICAP_SECONDS} * lane.priority)`

/**
 * Adds jobs in the order given. Sequence numbers are given under the lane's row lock, held until commit, so the order
 * of commits is the order of numbers; lanes are locked sorted by key, so two transactions cannot block each other.
 */
export async function enqueue(tx: Tx, jobs: readonly NewJob[]): Promise<void> {
  if (jobs.length === 0) return
  const lanes = new Map<string, NewJob[]>()
  for (const job of jobs) {
    const list = lanes.get(job.lane)
    if (list) list.push(job)
    else lanes.set(job.lane, [job])
  }
  const keys = [...lanes.keys()].sort()
  for (let at = 0; at < keys.length; at += 1000)
    await enqueueLanes(
      tx,
      keys.slice(at, at + 1000).map((key) => lanes.get(key)!),
    )
}

async function enqueueLanes(tx: Tx, lanes: readonly NewJob[][]): Promise<void> {
  const given = await tx.query<{ key: string; next_seq: number }>(
    `insert into lane (key, kind, priority, policy, target, next_seq, pending, ready_at, turn_at)
     select key, kind, priority, policy, target, count + 1, count, now(),
       now() + make_interval(secs => ${HANDICAP_SECONDS} * priority + ${SPACING_SECONDS} * place)
     from (values ${rows(lanes.length, 7, ['', '', '::smallint', '', '', '::integer', '::integer'])})
       as new (key, kind, priority, policy, target, count, place)
     order by key
     on conflict (key) do update set
       next_seq = lane.next_seq + excluded.pending,
       pending = lane.pending + excluded.pending,
       ready_at = case when lane.pending = 0 then excluded.ready_at else lane.ready_at end,
       turn_at = case when lane.pending = 0 then excluded.turn_at else lane.turn_at end
     returning key, next_seq`,
    lanes.flatMap((list): Value[] => {
      const [first] = list
      return [
        first!.lane,
        first!.kind,
        first!.priority ?? 5,
        first!.policy ?? 'block',
        first!.target ?? null,
        list.length,
        first!.place ?? 0,
      ]
    }),
  )
  const next = new Map(given.map((row) => [row.key, row.next_seq]))
  const values: Value[] = []
  for (const list of lanes) {
    const from = next.get(list[0]!.lane)! - list.length
    list.forEach((job, n) => values.push(job.lane, from + n, job.kind, JSON.stringify(job.payload)))
  }
  for (let at = 0; at < values.length; at += 8000) {
    const slice = values.slice(at, at + 8000)
    await tx.query(
      `insert into job (lane, seq, kind, payload) values ${rows(slice.length / 4, 4, ['', '::bigint', '', '::jsonb'])}`,
      slice,
    )
  }
}

interface ClaimRow {
  key: string
  token: number
  policy: 'block' | 'park'
  seq: number | null
  kind: JobKind
  payload: JobPayload
  crashes: number
  failures: number
}

/**
 * Takes lanes with ready jobs and counts a crash for each job handed out, in one statement: what a worker does not
 * report back stays counted. Lanes come in the order of their turn. A job a dead worker had comes alone: so the one that
 * kills is found among many.
 */
export async function claimLanes(db: Queryable, options: ClaimOptions): Promise<ClaimedLane[]> {
  const free = options.suspects
    ? 'lease_until < now()'
    : 'lease_until is null and ready_at <= now()'
  const found = await db.query<ClaimRow>(
    `with turn as (
       select key from lane
       where kind = $1 and pending > 0 and paused_reason is null and ${free}
         and (target is null or (target <> all($5::text[])
           and target not in (select id from target where paused_reason is not null)))
       order by turn_at limit $2 for update skip locked
     ), claimed as (
       update lane set lease_until = now() + make_interval(secs => $3::float8 / 1000),
         token = nextval('lane_token')
       from turn where lane.key = turn.key
       returning lane.key, lane.token, lane.policy, lane.turn_at
     ), head as (
       select claimed.key, first.seq from claimed
       cross join lateral (
         select seq, row_number() over turn as n, bool_or(crashes > 0) over turn as suspect
         from (select seq, crashes from job where lane = claimed.key and state = 'ready' order by seq limit $4) ready
         window turn as (order by seq)
       ) first
       where first.n = 1 or not first.suspect
       order by first.n, claimed.turn_at limit greatest($4, $2)
     ), counted as (
       update job set crashes = crashes + 1
       from head where job.lane = head.key and job.seq = head.seq
       returning job.lane, job.seq, job.kind, job.payload, job.crashes, job.failures
     )
     select claimed.key, token, policy, seq, counted.kind, payload, crashes, failures
     from claimed left join counted on counted.lane = claimed.key
     order by claimed.turn_at, claimed.key, seq`,
    [
      options.kind,
      Math.min(options.lanes, 32),
      options.leaseMs,
      options.jobs,
      [...(options.exclude ?? [])],
    ],
  )
  const lanes = new Map<string, ClaimedLane & { jobs: Job[] }>()
  for (const row of found) {
    const lane = lanes.get(row.key) ?? {
      key: row.key,
      token: row.token,
      policy: row.policy,
      jobs: [],
    }
    lanes.set(row.key, lane)
    if (row.seq !== null)
      lane.jobs.push({
        lane: row.key,
        seq: row.seq,
        kind: row.kind,
        payload: row.payload,
        crashes: row.crashes,
        failures: row.failures,
      })
  }
  return [...lanes.values()]
}

/** Extends the leases that are still ours; gives the keys of those. */
export async function renewLeases(
  db: Queryable,
  lanes: readonly LaneHold[],
  leaseMs: number,
): Promise<string[]> {
  if (lanes.length === 0) return []
  const kept = await db.query<{ key: string }>(
    `update lane set lease_until = now() + make_interval(secs => $3::float8 / 1000)
     from unnest($1::text[], $2::bigint[]) as mine (key, token)
     where lane.key = mine.key and lane.token = mine.token and lane.lease_until is not null
     returning lane.key`,
    [lanes.map((lane) => lane.key), lanes.map((lane) => lane.token), leaseMs],
  )
  return kept.map((row) => row.key)
}

/** What became of the jobs handed out with one lane. Jobs of the claim in no list were not begun. */
export interface LaneOutcome {
  readonly lane: ClaimedLane
  readonly done: readonly Job[]
  readonly dead: readonly { job: Job; error: string }[]
  /** Put into a lane of its own, so that those behind it can go on. */
  readonly parked: readonly { job: Job; error: string; delayMs: number }[]
  /** The job that failed and holds the lane until `delayMs` is over. `counts: false` leaves its failures as they are. */
  readonly retry?: { job: Job; error: string; delayMs: number; counts: boolean }
  /** Keeps the lane for the next jobs of the claim instead of giving it back. */
  readonly keep?: boolean
}

/** Another worker has the lane by now: nothing of this transaction may stay. */
export class FenceLostError extends Error {
  override readonly name = 'FenceLostError'
  readonly lanes: readonly string[]

  constructor(lanes: readonly string[]) {
    super(`lanes taken over by another worker: ${lanes.length}`)
    this.lanes = lanes
  }
}

/** For work that commits in several transactions: throws FenceLostError unless the lane is still ours at its end. */
export async function holdLane(tx: Tx, lane: LaneHold): Promise<void> {
  const [held] = await tx.query('select from lane where key = $1 and token = $2 for share', [
    lane.key,
    lane.token,
  ])
  if (!held) throw new FenceLostError([lane.key])
}

/**
 * Records outcomes and gives lanes back: the last statements of the transaction that holds the effects. Lane rows are
 * locked only here, so intake is not held up while effects are written. Throws FenceLostError when a token is no
 * longer the lane's. The token alone decides: as long as nobody took the lane over, a lease that ran out harms nobody.
 */
export async function recordOutcomes(
  tx: Tx,
  outcomes: readonly LaneOutcome[],
  leaseMs: number,
): Promise<void> {
  if (outcomes.length === 0) return
  const held = await tx.query<{ key: string; token: number | null }>(
    'select key, token from lane where key = any($1::text[]) order by key for update',
    [outcomes.map((o) => o.lane.key)],
  )
  const tokens = new Map(held.map((row) => [row.key, row.token]))
  const lost = outcomes.filter((o) => tokens.get(o.lane.key) !== o.lane.token)
  if (lost.length > 0) throw new FenceLostError(lost.map((o) => o.lane.key))

  const done = outcomes.flatMap((o) => o.done)
  if (done.length > 0)
    await tx.query(
      `delete from job using unnest($1::text[], $2::bigint[]) as gone (lane, seq)
       where job.lane = gone.lane and job.seq = gone.seq`,
      [done.map((job) => job.lane), done.map((job) => job.seq)],
    )
  for (const o of outcomes) {
    for (const { job, error } of o.dead)
      await tx.query(
        `update job set state = 'dead', last_error = $3, failures = failures + 1
         where lane = $1 and seq = $2`,
        [job.lane, job.seq, error],
      )
    for (const { job, error, delayMs } of o.parked) await park(tx, job, error, delayMs)
    if (o.retry)
      await tx.query(
        `update job set last_error = $3, failures = failures + $4, crashes = 0 where lane = $1 and seq = $2`,
        [o.retry.job.lane, o.retry.job.seq, o.retry.error, o.retry.counts ? 1 : 0],
      )
  }
  const untouched = outcomes.flatMap((o) => {
    if (o.keep) return []
    const begun = new Set(
      [o.done, [...o.dead, ...o.parked].map(({ job }) => job), o.retry?.job ?? []].flat(),
    )
    return o.lane.jobs.filter((job) => !begun.has(job))
  })
  if (untouched.length > 0)
    await tx.query(
      `update job set crashes = crashes - 1 from unnest($1::text[], $2::bigint[]) as back (lane, seq)
       where job.lane = back.lane and job.seq = back.seq`,
      [untouched.map((job) => job.lane), untouched.map((job) => job.seq)],
    )
  await tx.query(
    `update lane set
       pending = lane.pending - over.gone,
       ready_at = case when over.delay is null then lane.ready_at
         else now() + make_interval(secs => over.delay / 1000) end,
       turn_at = now() + make_interval(secs => coalesce(over.delay, 0) / 1000) + ${HANDICAP},
       lease_until = case when over.keep then now() + make_interval(secs => $5::float8 / 1000) end,
       token = case when over.keep then lane.token end
     from unnest($1::text[], $2::integer[], $3::float8[], $4::boolean[])
       as over (key, gone, delay, keep)
     where lane.key = over.key`,
    [
      outcomes.map((o) => o.lane.key),
      outcomes.map((o) => o.done.length + o.dead.length + o.parked.length),
      outcomes.map((o) => o.retry?.delayMs ?? null),
      outcomes.map((o) => o.keep ?? false),
      leaseMs,
    ],
  )
}

async function park(tx: Tx, job: Job, error: string, delayMs: number): Promise<void> {
  const aside = `${job.lane}#${job.seq}`
  await tx.query(
    `insert into lane (key, kind, priority, policy, target, next_seq, pending, ready_at, turn_at)
     select $2, kind, priority, 'block', target, 2, 1, ready.at, ready.at + ${HANDICAP}
     from lane, (select now() + make_interval(secs => $3::float8 / 1000) as at) ready
     where key = $1`,
    [job.lane, aside, delayMs],
  )
  await tx.query(
    `update job set lane = $3, seq = 1, crashes = 0, failures = failures + 1, last_error = $4
     where lane = $1 and seq = $2`,
    [job.lane, job.seq, aside, error],
  )
}

/** Removes lanes with nothing in them that rested for an hour, at most `limit`; gives how many. */
export async function removeIdleLanes(db: Queryable, limit = 1000): Promise<number> {
  const gone = await db.query(
    `delete from lane where key in (
       select key from lane
       where pending = 0 and lease_until is null and paused_reason is null
         and turn_at < now() - interval '1 hour'
         and not exists (select from job where job.lane = lane.key)
       limit $1 for update skip locked)
     returning key`,
    [limit],
  )
  return gone.length
}

export interface LaneCounts {
  readonly kind: JobKind
  readonly lanes: number
  readonly jobs: number
  /** Seconds the lane that is due longest waits. */
  readonly oldestSeconds: number
}

/** What waits, by kind; for metrics and readiness. */
export async function countLanes(db: Queryable): Promise<LaneCounts[]> {
  return db.query<LaneCounts>(
    `select kind, count(*)::integer as lanes, sum(pending)::integer as jobs,
       coalesce(extract(epoch from now() - min(ready_at) filter (where ready_at <= now()
         and lease_until is null and paused_reason is null)), 0)::float8 as "oldestSeconds"
     from lane where pending > 0 group by kind`,
  )
}
