// How numbers of a line were spread over segments: kept in `extras.edifact` where it is not the usual way.
import { extrasOf, makeExtras, sameValue } from '../../path.js'
import { dropEmptyExtras } from '../../places.js'

type Line = Parameters<typeof extrasOf>[0]

export const spreadOf = <H>(line: object, key: string): H | undefined =>
  extrasOf(line as Line, 'edifact')?.[key] as H | undefined

/** Adds what one segment had. */
export function noteSpread(line: object, key: string, segment: unknown): void {
  const extras = makeExtras(line as Line, 'edifact')
  ;((extras[key] ??= []) as unknown[]).push(segment)
}

/** Forgets it where the usual way gives it back. */
export function settleSpread(line: object, key: string, usual: unknown): void {
  const kept = extrasOf(line as Line, 'edifact')
  if (kept === undefined) return
  if (sameValue(kept[key], usual)) delete kept[key]
  dropEmptyExtras(line, 'edifact')
}

export const total = (counts: readonly number[]) => counts.reduce((sum, n) => sum + n, 0)

/** How many of `count` each segment has, when one takes `most`. */
export const sizes = (count: number, most: number) =>
  Array.from({ length: Math.ceil(count / most) }, (_, n) => Math.min(most, count - n * most))
