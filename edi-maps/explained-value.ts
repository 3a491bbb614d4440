// Which value of the Document an element became: by the field of the map that reads it, and within what that made by
// the text itself. Nothing is claimed of an element whose value is not found.
import type { CodeList } from './code-list.js'
import { equal } from './decimal.js'
import { parsePosition } from './field.js'
import type { LoadedBinding } from './load.js'
import type { Node } from './map.js'
import { accessor } from './path.js'

type Scalar = string | number | boolean

interface Leaf {
  readonly path: string
  readonly value: Scalar
}

/** A Document taken apart, and which of its values have been told. */
export interface DocumentValues {
  readonly root: Node
  /** Canonical path of every object. */
  readonly paths: ReadonlyMap<unknown, string>
  readonly leaves: readonly Leaf[]
  readonly told: Set<string>
}

export function documentValues(root: Node): DocumentValues {
  const paths = new Map<unknown, string>()
  const leaves: Leaf[] = []
  const note = (value: unknown, path: string): void => {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      leaves.push({ path, value })
      return
    }
    if (typeof value !== 'object' || value === null) return
    paths.set(value, path)
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'extras' || key === 'source') continue
      const step = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
      note(inner, step)
    }
  }
  note(root, '')
  return { root, paths, leaves, told: new Set() }
}

/** An element as it was sent; `list` and `meaning` are what is known of its code, number or date. */
export interface SentElement {
  readonly element: number
  readonly component: number
  readonly text: string
  readonly list?: CodeList
  readonly meaning?: string
}

/** What an element became, and where that stands. */
export interface Became {
  readonly path?: string
  readonly value?: unknown
}

/** `binding` has read the segment into `node`, which need not be part of the Document itself. */
export function becameOf(
  values: DocumentValues,
  { binding, node }: { readonly binding: LoadedBinding; readonly node: Node },
  sent: SentElement,
): Became {
  const found = byField(values, binding, node, sent) ?? anywhere(values, sent)
  if (found?.path !== undefined) values.told.add(found.path)
  return found ?? {}
}

function byField(
  values: DocumentValues,
  binding: LoadedBinding,
  node: Node,
  sent: SentElement,
): Became | undefined {
  const { element, component } = sent
  for (const field of binding.of.fields) {
    // A computed one checks the document and is no value of it.
    if ('computed' in field) {
      const at = parsePosition(field.computed)
      if (at.element === element && at.component === component) return {}
      continue
    }
    if ('pairs' in field) {
      if (element < field.pairs.from || element > field.pairs.to) continue
      return ofPair(values, field.path, node, Math.floor((element - field.pairs.from) / 2))
    }
    const isHere = field.positions.some((position) => {
      const at = parsePosition(position)
      return at.element === element && (at.component || 1) === (component || 1)
    })
    if (!isHere) continue
    const ofDocument = 'codec' in field && field.ofDocument === true
    const base = values.paths.get(ofDocument ? values.root : node)
    if (base === undefined) continue
    if (field.path === '') return within(values, base, sent)
    // A fixed element has its text for a path: it is no value of the Document.
    if (!/^[a-z][A-Za-z0-9.]*$/.test(field.path)) return {}
    const value: unknown = accessor(field.path).get(ofDocument ? values.root : node)
    const path = base === '' ? field.path : `${base}.${field.path}`
    if (value === undefined) continue
    const inner = typeof value === 'object' ? within(values, path, sent) : undefined
    if (inner !== undefined) return inner
    // What a field takes from the document in its own way may be more than stands at its path.
    if (!('through' in field) || says(sent, value)) return { path, value }
  }
  return undefined
}

function ofPair(values: DocumentValues, path: string, node: Node, at: number): Became | undefined {
  const base = values.paths.get(node)
  const list: unknown = accessor(path).get(node)
  const item: unknown = Array.isArray(list) ? list[at] : undefined
  if (base === undefined || item === undefined) return undefined
  return { path: `${base === '' ? '' : `${base}.`}${path}[${at}]`, value: item }
}

/** The first value below a path that the text says, one that was not told yet before others. */
function within(
  { leaves, told }: DocumentValues,
  base: string,
  sent: SentElement,
): Became | undefined {
  const all = leaves.filter(
    ({ path, value }) =>
      (base === '' || path.startsWith(`${base}.`) || path.startsWith(`${base}[`)) &&
      says(sent, value),
  )
  return all.find(({ path }) => !told.has(path)) ?? all[0]
}

/** Shorter texts stand in a document by chance. */
const TELLING = 3

/** The one value of the Document that the text says, if there is just one that was not told. */
function anywhere({ leaves, told }: DocumentValues, sent: SentElement): Became | undefined {
  if (sent.text.length < TELLING || sent.meaning !== undefined) return undefined
  const [only, ...others] = leaves.filter(({ path, value }) => !told.has(path) && says(sent, value))
  return others.length === 0 ? only : undefined
}

const NUMBER = /^-?\d+(?:[.,]\d+)?$/

/** Whether a canonical value is what an element says: its text, number or date, or the word of its code. */
function says({ text, list, meaning }: SentElement, value: unknown): boolean {
  if (typeof value === 'object') return false
  const canonical = String(value)
  if (list !== undefined && list.word(text) === canonical) return true
  if (meaning !== undefined) {
    // Dates and implied decimals are told in their meaning; a code never is the number it looks like.
    const date = meaning.replace(' ', 'T')
    if (/^\d{4}-\d{2}-\d{2}/.test(date)) return canonical.startsWith(date)
    return NUMBER.test(meaning) && NUMBER.test(canonical) && equal(meaning, canonical)
  }
  if (canonical === text) return true
  if (/^\d{4}$/.test(text) && canonical.includes(`T${text.slice(0, 2)}:${text.slice(2)}`))
    return true
  const number = text.replace(',', '.')
  return NUMBER.test(number) && NUMBER.test(canonical) && equal(number, canonical)
}
