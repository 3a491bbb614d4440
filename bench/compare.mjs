// Side-by-side measuring: every contestant once per round, rounds interleaved, CPU time, medians, and ratios against
// ours. A contestant returns a checksum; one whose checksum differs did another job, so its row is not met.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * `run` does the job once and gives its checksum. A contestant in another process measures itself: `measure` repeats
 * the job for some seconds of CPU time and gives seconds per run.
 * @typedef {{ name: string, must?: number, aim?: number, checksum?: boolean } & (
 *   { run: () => unknown | Promise<unknown> } |
 *   { measure: (leastSeconds: number) => Promise<{ sum: unknown, seconds: number }> })} Contestant
 * @typedef {{ title: string, bytes: number, ours: Contestant, peers: Contestant[] }} Job
 * @typedef {{ job: string, name: string, mbPerCpuSecond: number, ratio?: number, must?: number, aim?: number,
 *   sum: string, same: boolean, met: boolean }} Row
 */

/**
 * Seconds of CPU time a contestant runs before it counts, in each round: until then the compiler is what is measured, and
 * it begins anew after a collection, as code made for shapes of objects of which none is left is dropped.
 */
const WARM_SECONDS = 1
/** A shorter run is repeated: what takes less is lost in the noise of the process. */
const LEAST_SECONDS = 0.5

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]

/** CPU time of this process, all its threads included, in seconds. */
const cpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

setFlagsFromString('--expose-gc')
/** Clears the heap: nobody is to be billed for the garbage another has left. */
const collectGarbage = runInNewContext('gc')

async function measure(contestant, leastSeconds) {
  if ('measure' in contestant) return contestant.measure(leastSeconds)
  collectGarbage()
  await repeat(contestant, WARM_SECONDS)
  return repeat(contestant, leastSeconds)
}

/** Runs a contestant until it has taken that much CPU time; gives its checksum and seconds per run. */
async function repeat(contestant, leastSeconds) {
  let sum
  let runs = 0
  let seconds
  const from = cpu()
  do {
    sum = await contestant.run()
    runs++
    seconds = cpu() - from
  } while (seconds < leastSeconds)
  return { sum, seconds: seconds / runs }
}

/**
 * Runs a job; the first row is ours.
 * @param {Job} job
 * @param {number} rounds
 * @returns {Promise<Row[]>}
 */
export async function compare(job, rounds) {
  const contestants = [job.ours, ...job.peers]
  const times = contestants.map(() => [])
  const sums = []
  for (let round = 0; round < rounds; round++) {
    for (const [k, one] of contestants.entries()) {
      const { sum, seconds } = await measure(one, LEAST_SECONDS)
      sums[k] = String(sum)
      times[k].push(seconds)
    }
  }
  const rates = times.map((list) => job.bytes / 1e6 / median(list))
  return contestants.map(({ name, must, aim, checksum = true }, k) => {
    const same = !checksum || sums[k] === sums[0]
    const ratio = k === 0 ? undefined : rates[0] / rates[k]
    const met = same && (must === undefined || ratio >= must)
    return {
      job: job.title,
      name,
      mbPerCpuSecond: rates[k],
      ratio,
      must,
      aim,
      sum: sums[k],
      same,
      met,
    }
  })
}
