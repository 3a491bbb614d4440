// Canonical paths as overrides name them, checked against the schema of a kind: `body.transport.mode` from the
// document, `.orderNumber` from the node a segment belongs to, `references[type=department].value` for one item of a
// list. What is not there is an error when the override is loaded, never when a message comes.
import type { TSchema } from '@sinclair/typebox'
import type { Node } from './map.js'
import { nearest } from './nearest.js'

export interface CanonicalPath {
  /** From the document, not from the node of the segment. */
  readonly isOfDocument: boolean
  /** The schema of the value. */
  readonly leaf: TSchema
  get(node: Node): unknown
  /** Makes the objects and the list item on the way. */
  set(node: Node, value: unknown): void
}

interface Step {
  readonly key: string
  /** For a list: which item. */
  readonly pick: { readonly key: string; readonly word: string } | undefined
  /** What a new object begins with: the lists its schema requires. */
  readonly fresh: () => Node
}

const STEP = /^([A-Za-z][A-Za-z0-9]*)(?:\[([A-Za-z]+)=([^\]]+)\])?$/

/**
 * Parses a path. `document` is the schema of the kind, `own` that of the segment's node (undefined: not known, then
 * only paths from the document are possible). A text says what is wrong with the path.
 */
export function canonicalPath(
  path: string,
  document: TSchema,
  own: TSchema | undefined,
): CanonicalPath | string {
  const isOfDocument = !path.startsWith('.')
  let schema = isOfDocument ? document : own
  if (schema === undefined)
    return `${path}: this segment has no node of its own; name a path from the document`
  const steps: Step[] = []
  for (const text of splitPath(isOfDocument ? path : path.slice(1))) {
    const match = STEP.exec(text)
    const keys: string[] =
      schema.type === 'object' ? Object.keys(schema['properties'] as object) : []
    const key = match?.[1] ?? text
    if (match === null || key === 'extras' || !keys.includes(key)) {
      const meant = nearest(
        key,
        keys.filter((one) => one !== 'extras'),
      )
      return `there is no ${key} in ${path}${meant === undefined ? '' : `; nearest: ${meant}`}`
    }
    schema = propertyOf(schema, key)
    const [, , pickKey, word] = match
    const isList = schema.type === 'array'
    if (isList) schema = schema['items'] as TSchema
    if (isList !== (pickKey !== undefined)) {
      return isList
        ? `${key} in ${path} is a list: say which item, as ${key}[type=…]`
        : `${key} in ${path} is no list`
    }
    if (pickKey !== undefined && propertyOf(schema, pickKey) === undefined) {
      return `the items of ${key} in ${path} have no ${pickKey}`
    }
    steps.push({
      key,
      pick: pickKey === undefined ? undefined : { key: pickKey, word: word! },
      fresh: freshOf(schema),
    })
  }
  if (schema.type === 'object') return `${path} is not one value: name one of its keys`
  return { isOfDocument, leaf: schema, ...accessing(steps) }
}

/** Dots inside brackets belong to the word. */
const splitPath = (path: string) => path.match(/(?:\[[^\]]*\]|[^.[])+/g) ?? ['']

const propertyOf = (schema: TSchema, key: string) =>
  (schema['properties'] as Record<string, TSchema>)[key]!

function freshOf(schema: TSchema): () => Node {
  const required = (schema['required'] as string[] | undefined) ?? []
  const lists = required.filter((key) => propertyOf(schema, key).type === 'array')
  return () => Object.fromEntries(lists.map((key) => [key, []]))
}

function accessing(steps: readonly Step[]): Pick<CanonicalPath, 'get' | 'set'> {
  const last = steps.at(-1)!
  return {
    get(node) {
      let at: unknown = node
      for (const { key, pick } of steps) {
        at = (at as Node)[key]
        if (pick !== undefined)
          at = (at as Node[] | undefined)?.find((item) => item[pick.key] === pick.word)
        if (at === undefined) return undefined
      }
      return at
    },
    set(node, value) {
      let at = node
      for (const { key, pick, fresh } of steps.slice(0, -1)) {
        if (pick === undefined) {
          at = (at[key] ??= fresh()) as Node
          continue
        }
        const list = (at[key] ??= []) as Node[]
        let item = list.find((one) => one[pick.key] === pick.word)
        if (item === undefined) list.push((item = { [pick.key]: pick.word, ...fresh() }))
        at = item
      }
      at[last.key] = value
    },
  }
}
