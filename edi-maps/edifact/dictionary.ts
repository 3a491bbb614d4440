// What EDIFACT says of each segment: its elements, their components, mandatory or conditional, type and length, by
// directory. Facts of the standard only; what partners require on top is an agreement's business.
import type { CodeList } from '../code-list.js'
import { CODE_LISTS } from './codes.js'
import composites from './composites.json' with { type: 'json' }
import elements from './elements.json' with { type: 'json' }
import segments from './segments.json' with { type: 'json' }
import service from './service.json' with { type: 'json' }

/** A component or an element without components. `letters` and `digits` are types a and n, `any` is an. */
export interface ValueDefinition {
  /** Data element, e.g. `2379`. */
  readonly ref: string
  readonly mandatory: boolean
  readonly type: 'letters' | 'digits' | 'any'
  readonly min: number
  readonly max: number
  /** Of a value that must be there: the complete list of its codes, where there is one. */
  readonly codes?: CodeList
}

/** `components` only where the element is a composite; `ref` is then its number, e.g. `C507`. */
export interface ElementDefinition extends ValueDefinition {
  readonly components?: readonly ValueDefinition[]
  /** How often it may be repeated where the syntax has repetitions (version 4). */
  readonly repetitions: number
}

export interface SegmentDefinition {
  readonly tag: string
  readonly elements: readonly ElementDefinition[]
}

/** The two directories that are built in; others are read with the next later one, whose fields are wider. */
type Directory = 'D96A' | 'D01B'

/** A fact of both directories, or of each its own. */
type Facts<T> = Readonly<Record<string, T | { readonly [D in Directory]?: T }>>
interface ServiceDirectory {
  readonly elements: Readonly<Record<string, string>>
  readonly composites: Readonly<Record<string, readonly string[]>>
  readonly segments: Readonly<Record<string, readonly string[]>>
}

/** Lookup of the three kinds of facts in one directory. */
interface Source {
  format(element: string): string | undefined
  components(composite: string): readonly string[] | undefined
  readonly segments: readonly (readonly [tag: string, elements: readonly string[]])[]
}

const FORMAT = /^(an?|n)(\.\.)?(\d+)$/
const TYPES = { a: 'letters', n: 'digits', an: 'any' } as const

function value(row: string, { format }: Source): ValueDefinition {
  const [ref = '', use] = row.split(' ')
  const [, type = 'an', upTo, length = '0'] = FORMAT.exec(format(ref) ?? '') ?? []
  const max = Number(length)
  const codes = use === 'M' ? CODE_LISTS.get(ref) : undefined
  return {
    ref,
    mandatory: use === 'M',
    type: TYPES[type as keyof typeof TYPES],
    min: upTo === undefined ? max : 1,
    max,
    ...(codes?.closed === true ? { codes } : {}),
  }
}

/** `C212`, `4347 M`, `C212 M` or `4183 *5`, which stands for five elements. */
function expand(row: string, source: Source): ElementDefinition[] {
  const [ref = '', ...marks] = row.split(' ')
  const times = Number(marks.find((mark) => mark.startsWith('*'))?.slice(1) ?? '1')
  const parts = source.components(ref)
  return Array.from({ length: times }, (_, n) => ({
    ...value(row, source),
    mandatory: marks.includes('M') && n === 0,
    repetitions: 1,
    ...(parts === undefined ? {} : { components: parts.map((part) => value(part, source)) }),
  }))
}

/** What stands several times in a row up to syntax version 3 is one element repeated from version 4 on. */
function countRepetitions(elements: readonly ElementDefinition[]): ElementDefinition[] {
  return elements.map((element, n) => {
    const rest = elements.slice(n)
    const end = rest.findIndex(({ ref }) => ref !== element.ref)
    return { ...element, repetitions: end < 0 ? rest.length : end }
  })
}

const define = (source: Source): [string, SegmentDefinition][] =>
  source.segments.map(([tag, rows]) => [
    tag,
    { tag, elements: countRepetitions(rows.flatMap((row) => expand(row, source))) },
  ])

function directory(name: Directory): Source {
  const of = <T>(facts: Facts<T>, key: string): T | undefined => {
    const found = Object.hasOwn(facts, key) ? facts[key] : undefined
    return isByDirectory(found) ? found[name] : (found as T | undefined)
  }
  return {
    format: (element) => of<string>(elements, element),
    components: (composite) => of<readonly string[]>(composites, composite),
    segments: Object.keys(segments).flatMap((tag) => {
      const rows = of<readonly string[]>(segments, tag)
      return rows === undefined ? [] : [[tag, rows] as const]
    }),
  }
}

const isByDirectory = <T>(fact: unknown): fact is { readonly [D in Directory]?: T } =>
  typeof fact === 'object' && fact !== null && !Array.isArray(fact)

function serviceDirectory(facts: ServiceDirectory): Source {
  return {
    format: (element) => facts.elements[element],
    components: (composite) => facts.composites[composite],
    segments: Object.entries(facts.segments),
  }
}

const SERVICE = {
  '3': define(serviceDirectory(service['3'])),
  '4': define(serviceDirectory(service['4'])),
}
const DIRECTORIES = { D96A: define(directory('D96A')), D01B: define(directory('D01B')) }

/** Messages of the syntax itself have their own directory: `D:3` up to syntax version 3, `4:1` from 4 on. */
const isService = (release: string): boolean => /^(?:[DS]:[1-3]|[1-4]:\d)$/.test(release)

/** Which directory a release (`D:96A`, `D:01B`, `D:99B`) is read with. */
const directoryOf = (release: string): Directory => {
  const year = /^[A-Z]:(\d\d)/.exec(plainRelease(release))?.[1]
  return year === '96' || (year !== undefined && year >= '88' && year < '96') ? 'D96A' : 'D01B'
}

/**
 * The release among those there are maps for that a received one is read with: itself, else the one of its directory,
 * else the last. `D96A`, `D:096A` and `D:96A` are the same.
 */
export function nearestRelease(release: string, among: readonly string[]): string | undefined {
  const plain = plainRelease(release)
  if (among.includes(plain)) return plain
  if (among.some(isService))
    return among.find((one) => one.startsWith(plain.slice(0, 1))) ?? among[0]
  return among.find((one) => directoryOf(one) === directoryOf(plain)) ?? among.at(-1)
}

/** `D:96A` of a release however it is written (`D96A`, `D:096A`), without agency and association. */
export function plainRelease(release: string): string {
  const [, version, year] = /^([A-Z]):?0*(\d\d[A-Z])(?::.*)?$/.exec(release) ?? []
  return version === undefined ? release.split(':').slice(0, 2).join(':') : `${version}:${year}`
}

const known = new Map<string, ReadonlyMap<string, SegmentDefinition>>()

/** The segments of a release, those of the syntax included. */
export function segmentsOf(release: string): ReadonlyMap<string, SegmentDefinition> {
  const own = SERVICE[release.startsWith('4') ? '4' : '3']
  const name = isService(release) ? `service ${release}` : directoryOf(release)
  let found = known.get(name)
  if (found === undefined) {
    found = new Map(isService(release) ? own : [...DIRECTORIES[directoryOf(release)], ...own])
    known.set(name, found)
  }
  return found
}
