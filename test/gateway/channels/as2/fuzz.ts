// `npm run fuzz:as2 [count] [seed]`: the long run of what fuzz.test.ts does in short. Prints what it found; exit 1 when a
// message broke a rule or memory grew.
import { fuzz } from './mutation.js'

const count = Number(process.argv[2] ?? 200_000)
const seed = Number(process.argv[3] ?? 4130)
const SLICE = 10_000
const MAX_GROWTH = 150 * 1024 * 1024

let opened = 0
let failed = 0
let slowestMs = 0
let base: number | undefined
for (let done = 0; done < count; done += SLICE) {
  const found = await fuzz(seed + done, Math.min(SLICE, count - done))
  opened += found.opened
  failed += found.failed
  slowestMs = Math.max(slowestMs, found.slowestMs)
  const { rss } = process.memoryUsage()
  base ??= rss
  if (rss - base > MAX_GROWTH) throw new Error(`memory grew by ${rss - base} bytes`)
  process.stdout.write(
    `${opened + failed} mutations: ${opened} opened, ${failed} failed, slowest ${slowestMs.toFixed(0)} ms, ` +
      `RSS ${(rss / 1048576).toFixed(0)} MB\n`,
  )
}
