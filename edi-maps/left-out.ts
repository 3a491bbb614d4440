// What a document says that a set has no place for: found on writing, so that nothing is dropped without a word.

/**
 * The places of values at canonical paths, e.g. `body.shipments[1].parties` for the path `body.shipments[].parties`.
 * `[]` stands for every item of a list; empty lists have no value.
 */
export function valuesAt(document: object, path: string): string[] {
  let found: { place: string; value: unknown }[] = [{ place: '', value: document }]
  for (const step of path.split('.')) {
    const isList = step.endsWith('[]')
    const key = isList ? step.slice(0, -2) : step
    found = found.flatMap(({ place, value }) => {
      const next = (value as Readonly<Record<string, unknown>>)[key]
      const at = place === '' ? key : `${place}.${key}`
      if (next === undefined || (Array.isArray(next) && next.length === 0)) return []
      if (!isList) return [{ place: at, value: next }]
      return (next as unknown[]).map((item, n) => ({ place: `${at}[${n}]`, value: item }))
    })
  }
  return found.map(({ place }) => place)
}
