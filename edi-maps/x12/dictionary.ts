// What X12 says of each segment's elements: reference number, mandatory or optional, type, lengths, syntax notes, by
// release. Facts of the standard only; what partners require on top is an agreement's business.
import composites from './composites.json' with { type: 'json' }
import segments from './segments.json' with { type: 'json' }

/** Element types: identifier, text, decimal, date, time, binary, or a number with n implied decimals. */
export type ElementType = 'ID' | 'AN' | 'R' | 'DT' | 'TM' | 'B' | `N${0 | 1 | 2 | 3 | 4 | 5 | 6}`

/** `ref` is the data element number (`355`) or, for a composite, its number (`C001`) with its components. */
export interface ElementDefinition {
  readonly ref: string
  readonly mandatory: boolean
  readonly type: ElementType
  readonly min: number
  readonly max: number
  readonly components?: readonly ElementDefinition[]
}

/**
 * A syntax note: P all or none, R at least one, E at most one, C the first needs all others, L the first needs at
 * least one of the others.
 */
export interface SyntaxNote {
  readonly kind: 'P' | 'R' | 'E' | 'C' | 'L'
  readonly elements: readonly number[]
  /** As the standard writes it, e.g. `P0304`. */
  readonly text: string
}

export interface SegmentDefinition {
  readonly tag: string
  readonly elements: readonly ElementDefinition[]
  readonly notes: readonly SyntaxNote[]
}

type ElementRow = readonly (string | number)[]
interface SegmentRow {
  readonly notes?: readonly string[]
  readonly elements: readonly ElementRow[]
  readonly '005010'?: {
    readonly notes?: readonly string[]
    readonly add?: readonly ElementRow[]
    readonly change?: Readonly<Record<string, { max?: number; use?: string; ref?: string }>>
  }
}

const COMPOSITES = composites as Readonly<Record<string, readonly ElementRow[]>>
const SEGMENTS = segments as Readonly<Record<string, SegmentRow>>

const element = (row: ElementRow): ElementDefinition => {
  const [ref, use, type = 'AN', min = 1, max = 0] = row as [
    string,
    string,
    ElementType?,
    number?,
    number?,
  ]
  const parts = COMPOSITES[ref]
  return {
    ref,
    mandatory: use === 'M',
    type,
    min,
    max,
    ...(parts === undefined ? {} : { components: parts.map(element) }),
  }
}

const note = (text: string): SyntaxNote => ({
  kind: text[0] as SyntaxNote['kind'],
  elements: (text.slice(1).match(/\d\d/g) ?? []).map(Number),
  text,
})

function define(tag: string, row: SegmentRow, since5010: boolean): SegmentDefinition {
  const later = since5010 ? row['005010'] : undefined
  const rows = row.elements.map((cells, k) => {
    const change = later?.change?.[k + 1]
    if (change === undefined) return cells
    const [ref, use, type, min, max] = cells
    return [change.ref ?? ref!, change.use ?? use!, type!, min!, change.max ?? max!]
  })
  return {
    tag,
    elements: [...rows, ...(later?.add ?? [])].map(element),
    notes: (later?.notes ?? row.notes ?? []).map(note),
  }
}

const dictionary = (since5010: boolean): ReadonlyMap<string, SegmentDefinition> =>
  new Map(Object.entries(SEGMENTS).map(([tag, row]) => [tag, define(tag, row, since5010)]))

const BEFORE_5010 = dictionary(false)
const SINCE_5010 = dictionary(true)

/** The segments of a release (`004010`, `005010`, any GS08); older releases are read with 004010's lengths. */
export const segmentsOf = (release: string): ReadonlyMap<string, SegmentDefinition> =>
  release.slice(0, 6) >= '005010' ? SINCE_5010 : BEFORE_5010
