// For what happens to many at once: it is told at first and then now and then, with how often it happened in between.

const EVERY_MS = 10_000

/** Calls `tell` at most once in ten seconds; its first argument is how many calls were left out since. */
export function rarely<A extends readonly unknown[]>(
  tell: (more: number, ...args: A) => void,
): (...args: A) => void {
  let next = -Infinity
  let left = 0
  return (...args) => {
    const now = performance.now()
    if (now < next) {
      left++
      return
    }
    next = now + EVERY_MS
    tell(left, ...args)
    left = 0
  }
}
