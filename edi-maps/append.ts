/**
 * Adds the items of a list to another. `push(...items)` would give each as an argument of one call, and from some hundred
 * thousand on, which one bad document can give, the call stack ends.
 */
export function append<T>(to: T[], items: Iterable<T>): void {
  for (const item of items) to.push(item)
}
