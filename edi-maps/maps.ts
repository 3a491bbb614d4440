// Every map there is, ready to read and write with. A map without override is loaded once.
import type { Override } from './agreement.js'
import type { Dictionary } from './dictionary.js'
import { loadMap, type LoadedMap } from './load.js'
import type { TransactionMap } from './map.js'
import { x12Dictionary } from './x12/element-check.js'
import { X12_MAPS } from './x12/sets/index.js'

export const MAPS: readonly TransactionMap[] = [...X12_MAPS]

/**
 * The map of a set or message and its version. Industry suffixes of the version are tolerated: `004010VICS` is read
 * as `004010`. Undefined when there is none.
 */
export function findMap(
  standard: TransactionMap['standard'],
  id: string,
  version: string,
): TransactionMap | undefined {
  return MAPS.find(
    (map) => map.standard === standard && map.id === id && version.startsWith(map.version),
  )
}

/** Whether a set or message is known in any version. */
export const knowsSet = (standard: TransactionMap['standard'], id: string): boolean =>
  MAPS.some((map) => map.standard === standard && map.id === id)

const loaded = new Map<TransactionMap, LoadedMap>()
const dictionaries = new Map<string, Dictionary>()

/** A map made ready. Throws OverrideError for an override that names what the map does not have. */
export function ready(map: TransactionMap, override?: Override): LoadedMap {
  if (override !== undefined && Object.keys(override).length > 0) {
    throw new Error('this version reads no overrides yet: leave "override" out of the agreement')
  }
  let found = loaded.get(map)
  if (found === undefined) loaded.set(map, (found = loadMap(map, dictionaryOf(map))))
  return found
}

function dictionaryOf({ standard, version }: TransactionMap): Dictionary {
  const key = `${standard} ${version}`
  let found = dictionaries.get(key)
  if (found === undefined) dictionaries.set(key, (found = x12Dictionary(version)))
  return found
}
