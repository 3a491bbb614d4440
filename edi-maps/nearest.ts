// The name a person most likely meant.

/** The candidate with the fewest single-character changes to `name`; undefined when there is none. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Infinity
  for (const candidate of candidates) {
    const changes = distance(name.toLowerCase(), candidate.toLowerCase(), least)
    if (changes >= least) continue
    least = changes
    best = candidate
  }
  return best
}

/** Levenshtein distance; at least `limit` when it is that or more. */
function distance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let above = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + change))
    }
    above = row
  }
  return above[b.length]!
}
