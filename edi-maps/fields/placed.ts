// What a field of one element and one of several have in common: where its value stands in the node and in the segment,
// and when it belongs there.
import { parsePosition, type FieldNames, type LoadedField, type Writing } from '../field.js'
import type { Field, Node } from '../map.js'
import { accessor, type Accessor } from '../path.js'

export interface PlacedField {
  readonly field: Field
  readonly names: FieldNames
  readonly path: Accessor
  readonly at: readonly { readonly element: number; readonly component: number }[]
  /** What every field says of itself. */
  readonly facts: Pick<LoadedField, 'id' | 'takes' | 'isAlwaysRead' | 'writesKept' | 'unreadable'>
}

export function placed(field: Field, names: FieldNames): PlacedField {
  const at = field.positions.map(parsePosition)
  return {
    field,
    names,
    path: field.through ?? accessor(field.path),
    at,
    facts: {
      id: names.id,
      takes: [...new Set(at.map(({ element }) => element))],
      isAlwaysRead: field.required === true,
      writesKept: true,
      unreadable: field.codec.unreadable ?? 'code-invalid',
    },
  }
}

/** Compares a value that is written with the rest of the document. */
export function checkWritten({ field }: PlacedField, writing: Writing, node: Node): void {
  const mismatch = field.check?.(node, writing.computing().document)
  if (mismatch === undefined) return
  const { positions } = field
  writing.positions = positions
  writing.report('amount-mismatch', { at: positions.length - 1, ...mismatch })
}

/** Where the value is to be written here: not when the document says it came by another field. */
export function belongsHere({ field, names }: PlacedField, extras: Node | undefined): boolean {
  const at = extras?.['at']
  const used = Array.isArray(at) ? at : []
  if (field.alternative === true) return used.includes(names.id)
  return used.length === 0 || !names.alternatives.some((id) => used.includes(id))
}
