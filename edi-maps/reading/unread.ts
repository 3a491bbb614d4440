// Of a field that could not be read: which text that is, for showing a refused document as far as it goes.
import { parsePosition } from '../field.js'
import type { LoadedBinding } from '../load.js'
import type { Node } from '../map.js'
import type { Unread } from '../read.js'
import type { SegmentElements } from '../segment-elements.js'
import type { Issue } from '../issue.js'
import { isError } from './findings.js'

interface Place {
  readonly element?: number | undefined
  readonly component?: number | undefined
}
const isAt = (one: Place, other: Place) =>
  one.element === other.element && (one.component ?? 0) === (other.component ?? 0)

/** `issues` are those on the segment; undefined where there is nothing to show of the n-th field of the binding. */
export function unreadField(
  binding: LoadedBinding,
  n: number,
  node: Node,
  elements: SegmentElements,
  issues: readonly Issue[],
): Unread | undefined {
  const field = binding.of.fields[n]!
  if (!('positions' in field)) return undefined
  const { takes } = binding.fields[n]!
  const errors = issues.filter((issue) => isError(issue) && takes.includes(issue.element ?? 0))
  if (errors.length === 0) return undefined
  const texts = field.positions
    .map(parsePosition)
    .filter((at) => !binding.conditions.some((one) => isAt(one, at)))
    .map((at) => ({ at, text: elements.at(at.element, at.component) }))
  const said = texts.filter(({ text }) => text !== '')
  if (said.length === 0) return undefined
  // Of a value in several elements the wrong one, or all there is where the wrong one is missing.
  const wrong = said.find(({ at }) =>
    errors.some(({ element, component = 0 }) => isAt({ element, component }, at)),
  )
  const isMissing = texts.some(({ at, text }) => text === '' && errors.some((one) => isAt(one, at)))
  return {
    node,
    path: field.path,
    text: (wrong ?? said[0]!).text,
    isIncomplete: wrong === undefined && isMissing,
  }
}
