// Which value of the Document an element became: by the field of the map that reads it, and within what that made by
// the text itself. Nothing is claimed of an element whose value is not found.
import { says, type DocumentValues, type SentElement } from './document-values.js'
import { parsePosition } from './field.js'
import type { LoadedBinding } from './load.js'
import type { Node } from './map.js'
import { accessor } from './path.js'

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
  if (found?.path !== undefined) values.tell(found.path)
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
    if (field.path === '') return values.within(base, sent)
    // A fixed element has its text for a path: it is no value of the Document.
    if (!/^[a-z][A-Za-z0-9.]*$/.test(field.path)) return {}
    const value: unknown = accessor(field.path).get(ofDocument ? values.root : node)
    const path = base === '' ? field.path : `${base}.${field.path}`
    if (value === undefined) continue
    const inner = typeof value === 'object' ? values.within(path, sent) : undefined
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

/** Shorter texts stand in a document by chance. */
const TELLING = 3

const anywhere = (values: DocumentValues, sent: SentElement): Became | undefined =>
  sent.text.length < TELLING || sent.meaning !== undefined ? undefined : values.only(sent)
