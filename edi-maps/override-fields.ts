// What an override does to the fields of a map's table: put one to an element, reach its value from another node,
// choose which item of a list an element is about.
import type { Holds } from './agreed.js'
import type { ElementFacts } from './dictionary.js'
import {
  code,
  date,
  decimal,
  implied,
  integer,
  text,
  type Codec,
  type GroupCodec,
} from './elements.js'
import { parsePosition } from './field.js'
import type { Field, Node, Through } from './map.js'
import type { DraftBinding, Places, Target } from './override-draft.js'
import { accessor } from './path.js'
import type { Position } from './segment.js'

export const positionOf = ({
  element,
  component,
}: {
  element: number
  component: number
}): Position => (component === 0 ? element : `${element}-${component}`)

/** Component 1 of an element and the element itself are one place where the element has no others. */
export function isAt(position: Position, target: Pick<Target, 'element' | 'component'>): boolean {
  const { element, component } = parsePosition(position)
  return element === target.element && (component || 1) === (target.component || 1)
}

export const covers = (field: Field, target: Target) =>
  field.positions.some((position) => isAt(position, target))

export const not =
  (holds: Holds): Holds =>
  (document) =>
    !holds(document)
export const both = (a: Holds | undefined, b: Holds): Holds =>
  a === undefined ? b : (document) => a(document) && b(document)

/** Puts a field to its element instead of the one that is there; under a condition both stay, each for its documents. */
export function place(
  binding: DraftBinding,
  target: Target,
  holds: Holds | undefined,
  field: Field,
): void {
  binding.fields = binding.fields.flatMap((one) => {
    if ('computed' in one) return one.computed === target.element && holds === undefined ? [] : one
    if ('pairs' in one || !covers(one, target)) return one
    return holds === undefined ? [] : { ...one, holds: both(one.holds, not(holds)) }
  })
  binding.fields.push(holds === undefined ? field : { ...field, holds })
}

export function codecOf(facts: ElementFacts, isNumber: boolean): Codec<unknown> | undefined {
  switch (facts.type) {
    case 'text':
      return (facts.list === undefined ? text : code(facts.list)) as Codec<unknown>
    case 'date':
      return date as Codec<unknown>
    case 'decimal':
      return (isNumber ? integer : decimal) as Codec<unknown>
    case 'implied':
      return (isNumber ? integer : implied(facts.decimals ?? 0)) as Codec<unknown>
    case 'time':
    case 'binary':
      return undefined
    default:
      return facts.type satisfies never
  }
}

/** The part of a path behind the node it begins with; undefined when it does not begin there. */
export function pathBetween(inner: string, outer: string): string | undefined {
  if (inner === outer) return ''
  return inner.startsWith(`${outer}.`) && !inner.slice(outer.length).includes('[]')
    ? inner.slice(outer.length + 1)
    : undefined
}

/** How a field reaches its value from a node further out. */
export function reach(
  field: Field,
  between: string | undefined,
  { within }: DraftBinding,
): Pick<Field, 'through'> | undefined {
  if (between === undefined) return undefined
  if (between === '') return {}
  const way = accessor(between)
  const value: Through<Node, unknown> = field.through ?? accessor(field.path)
  return {
    through: {
      get(node) {
        const inner = way.get(node) as Node | undefined
        return inner === undefined ? undefined : value.get(inner)
      },
      set(node, v) {
        const inner = (way.get(node) as Node | undefined) ?? within?.create() ?? {}
        way.set(node, inner)
        value.set(inner, v)
      },
    },
  }
}

/** Of a list the item is written whose element is the constant. */
export function choosing(
  codec: GroupCodec<unknown>,
  at: number,
  constant: string,
): GroupCodec<unknown> {
  return {
    ...codec,
    // Whether a text comes back can only be told by writing it.
    exact: () => false,
    encode(value, kept, report) {
      if (!Array.isArray(value)) return codec.encode(value, kept, report)
      for (const item of value) {
        const texts = codec.encode([item], kept, report)
        if (texts?.[at] === constant) return texts
      }
      return Array.from({ length: codec.width }, () => '')
    },
  }
}

/** Where a pair may not begin any more, an item without a place is left out. */
export function closePairs(places: Places, target: Target): void {
  for (const binding of places.bindings(target)) {
    binding.fields = binding.fields.map((field) =>
      'pairs' in field && target.element >= field.pairs.from && target.element <= field.pairs.to
        ? { ...field, closedFrom: Math.min(field.closedFrom ?? Infinity, target.element) }
        : field,
    )
  }
}

/** The qualifiers behind the first one of a row of pairs. */
export function otherQualifiers(places: Places, target: Target): number[] {
  const pairs = places
    .bindings(target)
    .flatMap(({ fields }) => fields.flatMap((field) => ('pairs' in field ? field.pairs : [])))
    .find(({ from }) => from === target.element)
  const others: number[] = []
  for (let n = target.element + 2; n < (pairs?.to ?? 0); n += 2) others.push(n)
  return others
}
