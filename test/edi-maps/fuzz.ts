// `npm run fuzz [-- count [seed]]`: the long run of what fuzz.test.ts does in short. Prints what it found; exit 1 when a
// document broke a rule, took too long, or memory grew.
import { fuzz } from './mutation.js'

const count = Number(process.argv[2] ?? 200_000)
const seed = Number(process.argv[3] ?? 856)
const SLICE = 10_000
const MAX_GROWTH = 200 * 1024 * 1024
const MAX_MS = 10_000

const sum = { documents: 0, faulty: 0, sound: 0, slowestMs: 0 }
let base: number | undefined
for (let done = 0; done < count; done += SLICE) {
  const found = fuzz(seed + done, Math.min(SLICE, count - done))
  sum.documents += found.documents
  sum.faulty += found.faulty
  sum.sound += found.sound
  sum.slowestMs = Math.max(sum.slowestMs, found.slowestMs)
  const { rss } = process.memoryUsage()
  base ??= rss
  if (rss - base > MAX_GROWTH) throw new Error(`memory grew by ${rss - base} bytes`)
  if (sum.slowestMs > MAX_MS) throw new Error(`one document took ${sum.slowestMs} ms`)
  console.log(
    `${sum.faulty + sum.sound} inputs: ${sum.faulty} with findings, ${sum.sound} without, ` +
      `${sum.documents} Documents, slowest ${sum.slowestMs.toFixed(0)} ms, RSS ${(rss / 1048576).toFixed(0)} MB`,
  )
}
