/** The segment in whose bytes a position lies; `segments` stand in the order of the input. */
export function segmentAt<S extends { readonly offset: number; readonly end: number }>(
  segments: readonly S[],
  position: number,
): S | undefined {
  let [low, high] = [0, segments.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (segments[middle]!.offset <= position) low = middle + 1
    else high = middle
  }
  const found = segments[low - 1]
  return found !== undefined && position < found.end ? found : undefined
}
