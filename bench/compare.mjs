// Side-by-side measuring: every contestant once per round, rounds interleaved, CPU time of the process, medians, and
// ratios against ours. A contestant returns a checksum; a job whose checksums differ is not a comparison and fails.

/** @typedef {{name: string, run: () => unknown | Promise<unknown>, checksum?: boolean}} Contestant */
/** @typedef {{title: string, bytes: number, ours: Contestant, peers: (Contestant & {must?: number, aim?: number})[]}} Job */

const cpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
/** Runs before the first that counts: until then the compiler is what is measured. */
const WARM_UPS = 3
const LEAST_SECONDS = 0.25
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]

/**
 * Runs a job and prints a line per contestant; gives rows with MB per CPU second, the ratio ours/peer and whether
 * each `must` was met.
 * @param {Job} job
 * @param {{rounds?: number}} [options]
 */
export async function compare(job, { rounds = 5 } = {}) {
  const contestants = [job.ours, ...job.peers]
  const times = contestants.map(() => [])
  const sums = contestants.map(() => undefined)
  for (const one of contestants) for (let k = 0; k < WARM_UPS; k++) await one.run()
  for (let round = 0; round < rounds; round++) {
    for (const [k, one] of contestants.entries()) {
      // A short run is repeated: what takes less than this is lost in the noise of the process.
      let runs = 0
      const from = cpu()
      do {
        sums[k] = await one.run()
        runs++
      } while (cpu() - from < LEAST_SECONDS)
      times[k].push((cpu() - from) / runs)
    }
  }
  const rate = (k) => job.bytes / 1e6 / median(times[k])
  console.log(
    `\n${job.title} (${(job.bytes / 1e6).toFixed(1)} MB, median of ${rounds}, MB per CPU second)`,
  )
  const rows = contestants.map((one, k) => {
    const ratio = k === 0 ? 1 : rate(0) / rate(k)
    const same = one.checksum === false || sums[k] === sums[0]
    const met = same && (one.must === undefined || ratio >= one.must)
    const goal =
      one.must === undefined
        ? ''
        : `  must ${one.must}x${one.aim ? `, aim ${one.aim}x` : ''}  ${met ? 'met' : 'MISSED'}`
    console.log(
      `  ${one.name.padEnd(24)} ${rate(k).toFixed(1).padStart(8)}  ${k === 0 ? '' : `${ratio.toFixed(1)}x`.padStart(8)}${goal}${same ? '' : `  checksum ${sums[k]} is not ${sums[0]}`}`,
    )
    return {
      job: job.title,
      name: one.name,
      mbPerCpuSecond: rate(k),
      ratio,
      must: one.must,
      met,
      same,
    }
  })
  return rows
}
