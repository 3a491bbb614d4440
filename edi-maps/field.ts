// A field of a map, ready to be read and written: positions resolved, paths compiled, and the one rule by which
// nothing is lost: where writing the canonical value would not give the text that was sent, the text is kept in the
// node's extras, and written again as long as it still means that value. The kinds of fields stand in fields/.
import type { Report } from './elements.js'
import type { IssueCode } from './issue.js'
import type { ComputedField, Computing, Field, Node } from './map.js'
import type { ElementValue, Position } from './segment.js'
import type { SegmentElements } from './segment-elements.js'

/** `Field.check`. */
export type Compare = NonNullable<Field['check']>

/** What fields read from: the elements of one segment, and where to put what has no canonical place. */
export interface Reading {
  readonly elements: SegmentElements
  /** Puts a text into the extras of the node the segment belongs to. */
  keep(key: string, value: unknown): void
  /** What was read of the document so far. */
  readonly document: Node
  /** Positions of the field being read, for `report`. */
  positions: readonly Position[]
  readonly report: Report
  /** A required field has no value, or none that can be read; `place` is where it should stand. */
  missing(field: LoadedField, place: { readonly element: number; readonly component: number }): void
  /** Does something when all else is read; what it gives is put into the extras of the segment's node. */
  later(act: () => readonly [key: string, text: string] | undefined): void
  /** A value that is to be compared with the rest of the document when all is read. */
  check(node: Node, compare: Compare): void
  /** What computed elements were sent as; compared at the end, when all is known. */
  sent(field: LoadedComputed, node: Node, text: string): void
}

/** Reads a field of the segment at hand into a node; true when it gave a canonical value. */
export type ReadField = (reading: Reading, node: Node) => boolean

/** What fields write to. */
export interface Writing {
  readonly document: Node
  /** Elements from 1; index 0 is not used. */
  readonly elements: (ElementValue | undefined)[]
  positions: readonly Position[]
  readonly report: Report
  computing(): Computing
}

export interface LoadedField {
  readonly id: string
  /** Elements it reads. */
  readonly takes: readonly number[]
  /** It is to be read even where all of them are empty. */
  readonly isAlwaysRead: boolean
  /** Whether it writes what was kept of its elements itself; otherwise the segment does. */
  readonly writesKept: boolean
  /** What is wrong with a value that cannot be read, where nothing more precise is known. */
  readonly unreadable: IssueCode
  readonly read: ReadField
  /** True when it wrote something that is not constant. */
  write(writing: Writing, node: Node, extras: Node | undefined): boolean
}

export interface LoadedComputed extends LoadedField {
  /** Its place among the computed fields of the map. */
  readonly index: number
  readonly key: string
  readonly field: ComputedField
}

/** Element and component of a position; component 0 is the whole element. */
export function parsePosition(position: Position): { element: number; component: number } {
  if (typeof position === 'number') return { element: position, component: 0 }
  const [element, component] = position.split('-')
  return { element: Number(element), component: component === undefined ? 0 : Number(component) }
}

/** How keys in extras and alternatives are named; given by the loader, which knows the whole table. */
export interface FieldNames {
  readonly id: string
  /** Key in extras for the n-th position of the field. */
  readonly keys: readonly string[]
  readonly standard: string
  /** Ids of the fields that are alternative places of the same value. */
  readonly alternatives: readonly string[]
  /** Its node may have got the value from another segment: the first one counts, others keep their text. */
  readonly isShared: boolean
}

/** Text of a component of an element being written. */
export function componentOf(value: ElementValue | undefined, component: number): string {
  if (typeof value !== 'object') return component === 1 ? (value ?? '') : ''
  return value[0]?.[component - 1] ?? ''
}

/** Writes the text of an element, or of one of its components. */
export function put(
  writing: Pick<Writing, 'elements'>,
  at: { element: number; component: number },
  text: string,
): void {
  if (at.component === 0) {
    writing.elements[at.element] = text
    return
  }
  const present = writing.elements[at.element]
  const components =
    typeof present === 'string' ? [present] : present === undefined ? [] : [...present[0]!]
  for (let n = components.length; n < at.component; n++) components.push('')
  components[at.component - 1] = text
  writing.elements[at.element] = [components]
}

/** Tells that a value cannot be said where it is to be written. */
export function reportUnsayable(writing: Writing, value: unknown): void {
  const shown = typeof value === 'string' ? value : JSON.stringify(value)
  writing.report('value-not-writable', {
    text: `${shown} cannot be said in this element.`,
    value: shown,
  })
}
