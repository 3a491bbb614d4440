// What could be read of a document that was refused, completed so that it can be shown: a value that could not be read
// stands as it was sent, said to be not readable, and one that is not there is said to be missing. Only for people to look at.
import type { TSchema } from '@sinclair/typebox'
import { DOCUMENT_SCHEMAS, type Kind } from '../canonical/document.js'
import type { Node } from '../map.js'
import type { Unread } from '../read.js'
import { addTo } from './add-to.js'

/** `not readable: “TWELVE”`, `incomplete: “12”`. */
const words = ({ text, isIncomplete }: Unread): string =>
  `${isIncomplete ? 'incomplete' : 'not readable'}: “${text}”`

const NOT_THERE = 'not stated'

/** Whether no text in the value stands for one that could not be read, or is not there. */
export const isWhole = (value: unknown): boolean =>
  !/"(?:incomplete: “|not readable: “|not stated")/.test(JSON.stringify(value))

/** Words for what is missing that change nothing of what is said. */
const NEUTRAL = ['original', 'other', 'actual', 'received'] as const

/** The document with every value its kind must have; undefined where that cannot be said of what is there. */
export function shownPart(partial: unknown, unread: readonly Unread[]): unknown {
  if (!isNode(partial) || typeof partial['kind'] !== 'string') return undefined
  const kind = partial['kind']
  if (!isKind(kind)) return undefined
  const named = { ...partial, documentNumber: partial['documentNumber'] ?? 'without number' }
  const byNode = new Map<Node, Unread[]>()
  for (const one of unread) {
    addTo(byNode, one.node === partial ? named : one.node, one)
  }
  return completed(DOCUMENT_SCHEMAS[kind], named, byNode)
}

const isKind = (kind: string): kind is Kind => Object.hasOwn(DOCUMENT_SCHEMAS, kind)

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** By the node they are of. */
type UnreadOf = ReadonlyMap<Node, readonly Unread[]>

/** Undefined: there is nothing to be shown. */
function completed(schema: TSchema, value: unknown, unread: UnreadOf): unknown {
  if (schema['type'] === 'array') {
    const items = Array.isArray(value) ? value : []
    return items
      .map((item) => completed(partOf(schema, 'items'), item, unread))
      .filter((item) => item !== undefined)
  }
  if (schema['type'] !== 'object' || !('properties' in schema)) {
    return value === undefined || value === '' ? missing(schema) : value
  }
  const own = isNode(value) ? value : {}
  const said: Node = { ...own }
  for (const one of unread.get(own) ?? []) mark(schema, said, one.path.split('.'), words(one))
  const properties = partOf(schema, 'properties')
  const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : []
  for (const key of new Set([...Object.keys(said), ...required.map(String)])) {
    const inner = partOf(properties, key)
    const whole = completed(inner, said[key], unread)
    if (whole !== undefined) said[key] = whole
    else if (required.includes(key)) return undefined
    else delete said[key]
  }
  return said
}

const partOf = (schema: TSchema, key: string): TSchema => (schema[key] ?? {}) as TSchema

function missing(schema: TSchema): unknown {
  const choice: unknown = schema['enum']
  if (Array.isArray(choice)) return NEUTRAL.find((word) => choice.includes(word))
  return schema['type'] === 'string' ? NOT_THERE : schema['const']
}

/** Puts the text where the value would stand: of quantities and prices in their number. */
function mark(schema: TSchema, node: Node, [key = '', ...rest]: string[], text: string): void {
  const properties = partOf(schema, 'properties')
  if (!Object.hasOwn(properties, key) || (rest.length === 0 && (node[key] ?? '') !== '')) return
  const inner = partOf(properties, key)
  if (inner['type'] === 'string' && inner['enum'] === undefined) {
    if (rest.length === 0) node[key] = text
    return
  }
  const parts = partOf(inner, 'properties')
  const way =
    rest.length > 0 ? rest : ['value', 'amount'].filter((one) => Object.hasOwn(parts, one))
  if (way.length === 0) return
  const within = isNode(node[key]) ? { ...node[key] } : {}
  mark(inner, within, way, text)
  if (Object.hasOwn(parts, 'uom')) within['uom'] ??= ''
  node[key] = within
}
