// Every map there is, ready to read and write with. A map without override is loaded once.
import type { AgreedDocument, Agreement, Override } from './agreement.js'
import type { Kind } from './canonical/document.js'
import type { Role } from './canonical/message.js'
import type { Dictionary } from './dictionary.js'
import { nearestRelease, plainRelease } from './edifact/dictionary.js'
import { edifactDictionary } from './edifact/element-check.js'
import { EDIFACT_MAPS } from './edifact/messages/index.js'
import { loadMap, type LoadedMap } from './load.js'
import type { TransactionMap } from './map.js'
import { OverrideError, applyOverride, type OverrideProblem } from './override.js'
import { inTimeZone } from './time-zone.js'
import { x12Dictionary } from './x12/element-check.js'
import { X12_MAPS } from './x12/sets/index.js'

export const MAPS: readonly TransactionMap[] = [...X12_MAPS, ...EDIFACT_MAPS]

/**
 * The map of a set or message and its version. Industry suffixes of the version are tolerated: `004010VICS` is read
 * as `004010`. An EDIFACT message is read with the map of the nearest directory. `sender` is the role of who sends it: a
 * DESADV of a warehouse is another kind of document than that of a supplier. Undefined when there is none.
 */
export function findMap(
  standard: TransactionMap['standard'],
  id: string,
  version: string,
  sender?: Role,
): TransactionMap | undefined {
  // The sets of a file are mostly of one kind.
  const isAsked =
    asked.id === id &&
    asked.version === version &&
    asked.standard === standard &&
    asked.sender === sender
  if (!isAsked)
    asked = { standard, id, version, sender, map: seekMap(standard, id, version, sender) }
  return asked.map
}

/** What `findMap` was asked last, and its answer. */
let asked: {
  readonly standard: TransactionMap['standard'] | undefined
  readonly id: string
  readonly version: string
  readonly sender: Role | undefined
  readonly map: TransactionMap | undefined
} = { standard: undefined, id: '', version: '', sender: undefined, map: undefined }

function seekMap(
  standard: TransactionMap['standard'],
  id: string,
  version: string,
  sender: Role | undefined,
): TransactionMap | undefined {
  const known = MAPS.filter((map) => map.standard === standard && map.id === id)
  const own = sender === undefined ? [] : known.filter((map) => map.sender === sender)
  const maps = own.length > 0 ? own : known.filter((map) => map.sender === undefined)
  if (standard === 'x12') return maps.find((map) => version.startsWith(map.version))
  const release = nearestRelease(
    version,
    maps.map((map) => map.version),
  )
  return maps.find((map) => map.version === release)
}

/** Releases a set or message has a map for: what an agreement may name as `map`. */
export const mapReleases = (
  standard: TransactionMap['standard'],
  id: string,
): ReadonlySet<string> =>
  new Set(
    MAPS.filter((map) => map.standard === standard && map.id === id).map(({ version }) => version),
  )

/** The map of the same message and release that makes documents of a kind. */
export const mapOfKind = (map: TransactionMap, kind: Kind): TransactionMap | undefined =>
  map.kind === kind
    ? map
    : MAPS.find(
        (other) =>
          other.standard === map.standard &&
          other.id === map.id &&
          other.version === map.version &&
          other.kind === kind,
      )

/**
 * Whether a received version is the one agreed upon: an industry suffix may follow (`004010VICS`), and of EDIFACT only
 * the release counts, as partners mix association codes (`D:96A:UN:EAN005` is `D:96A`).
 */
export const isVersion = (
  standard: TransactionMap['standard'],
  agreed: string,
  received: string,
): boolean =>
  standard === 'x12' ? received.startsWith(agreed) : plainRelease(agreed) === plainRelease(received)

/** Whether a set or message is known in any version. */
export const knowsSet = (standard: TransactionMap['standard'], id: string): boolean =>
  MAPS.some((map) => map.standard === standard && map.id === id)

const loaded = new Map<TransactionMap, LoadedMap>()
const dictionaries = new Map<string, Dictionary>()

/** Maps with an override or zone, by their text: agreements are read anew for every message, what they say seldom differs. */
const overridden = new Map<TransactionMap, Map<string, LoadedMap>>()
const MOST_OVERRIDDEN = 200

/** What an agreement says of how one of its documents is read and written. */
export interface Agreed {
  readonly override?: Override | undefined
  /** Release whose map is used instead of that of the document's version. */
  readonly map?: string | undefined
  /** IANA name. */
  readonly timezone?: string | undefined
}

export const agreedOn = (
  { timezone }: Pick<Agreement, 'timezone'>,
  { override, map }: Pick<AgreedDocument, 'override' | 'map'>,
): Agreed => ({ override, map, timezone })

/** A map made ready. Throws OverrideError for an override that names what the map does not have. */
export function ready(map: TransactionMap, { override = {}, timezone }: Agreed = {}): LoadedMap {
  let plain = loaded.get(map)
  if (plain === undefined)
    loaded.set(map, (plain = loadMap(map, dictionaryFor(map.standard, map.version))))
  if (Object.keys(override).length === 0 && timezone === undefined) return plain
  const known = overridden.get(map) ?? new Map<string, LoadedMap>()
  overridden.set(map, known)
  const text = JSON.stringify([override, timezone])
  let found = known.get(text)
  if (found === undefined) {
    const { dictionary, ids } = plain
    const own = applyOverride(map, override, dictionary, ids)
    found = loadMap(timezone === undefined ? own : inTimeZone(own, timezone), dictionary)
    const [oldest] = known.keys()
    if (known.size >= MOST_OVERRIDDEN && oldest !== undefined) known.delete(oldest)
    known.set(text, found)
  }
  return found
}

/** What does not hold in an override of a map. */
export function overrideProblems(
  map: TransactionMap,
  override: Override = {},
): readonly OverrideProblem[] {
  try {
    ready(map, { override })
    return []
  } catch (error) {
    if (error instanceof OverrideError) return error.problems
    throw error
  }
}

/** The dictionary of a release; without one, that of the oldest release there is. */
export function dictionaryFor(
  standard: TransactionMap['standard'],
  version = standard === 'x12' ? '004010' : 'D:96A',
): Dictionary {
  const key = `${standard} ${version}`
  let found = dictionaries.get(key)
  if (found === undefined) {
    found = standard === 'x12' ? x12Dictionary(version) : edifactDictionary(version)
    dictionaries.set(key, found)
  }
  return found
}
