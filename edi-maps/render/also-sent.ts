// What a document says for which there is no canonical place: the map kept it in the extras of the node it belongs to.
// It is shown under the names of the standard, so that nothing a partner sent is missing on the page.
import type { Document } from '../canonical/document.js'
import type { Extras } from '../canonical/values.js'
import { moment } from '../edifact/elements.js'
import { elementWords } from '../element-text.js'
import { dictionaryFor } from '../maps.js'
import { segmentName } from '../names.js'
import type { Static } from '@sinclair/typebox'
import { dateText } from './date-text.js'
import { joined, type Table } from './page.js'
import { capital, label } from './wording.js'

type Standard = 'x12' | 'edifact'
type Place = readonly [tag: string, element: number, component: number]

/** One thing that was sent: what it is called and what was said. */
type Said = readonly [what: string, value: string]

/** Not told to people: how to read what stands beside it, or what the page says in its own words. */
const TECHNICAL: ReadonlySet<string> = new Set([
  ...['TD501', 'TDT04', 'TDT01', 'TOD01', 'ALC04', 'PIA01', 'FTX02', 'SN101', 'CTT01', 'CTT02'],
  ...['UCI02', 'UCI03', 'UCM02-2', 'UCM02-3', 'UCM02-4', 'UCM02-5'],
])

/** What the extras of one node say; `node` is what is shown of it anyway. */
export function alsoSent(extras: Static<typeof Extras> | undefined, node: unknown = {}): Said[] {
  const plain = JSON.stringify(node, (key, value: unknown) =>
    key === 'extras' ? undefined : value,
  )
  return (['x12', 'edifact'] as const).flatMap((standard) => {
    const own = extras?.[standard]
    if (!isRecord(own)) return []
    // A number alone is an element of which the canonical word is not written with the code that came.
    const codes = Object.entries(own).filter(([key]) => /^I?\d+$/.test(key))
    const shown = plain + JSON.stringify(codes)
    return Object.entries(own).flatMap(([key, value]) => saidBy(standard, key, value, shown))
  })
}

/** All of them as lines of text. */
export const alsoSentText = (node: { readonly extras?: Static<typeof Extras> }): string[] =>
  alsoSent(node.extras, node).map(([what, value]) => `${what}: ${value}`)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** `ITD09`, `NAD02-3`, `PIA02*`; or with the place in the map before a dot, `MOA-203.01-3`. */
const PLACE =
  /^(?:([A-Z][A-Z0-9]{1,2})|(?:[^.]*\/)?([A-Z][A-Z0-9]{1,2})[^./]*\.)(\d\d)(?:-(\d+))?\*?$/

function saidBy(standard: Standard, key: string, value: unknown, shown: string): Said[] {
  if (key === 'segments') return listOf(value).flatMap((one) => segmentSaid(standard, listOf(one)))
  if (key === 'LX') return listOf(value).flatMap((one) => alsoSent(recordOr(one)))
  if (key === 'CPS') return nested(value)
  if (key === 'totals' && isRecord(value)) {
    return Object.entries(value).map(([code, amount]) => [
      valueText(standard, ['MOA', 1, 1], code),
      String(amount),
    ])
  }
  const [, tag, inNode, element = '', component] = PLACE.exec(key) ?? []
  const segment = tag ?? inNode
  if (segment === undefined || TECHNICAL.has(key)) return []
  const place: Place = [segment, Number(element), Number(component ?? 0)]
  if (wordsOf(standard, place, '').ref === CODE_KEEPER) return []
  if (typeof value !== 'string') {
    const texts = Array.isArray(value) ? partsSaid(standard, place, value) : []
    return texts.length === 0 ? [] : [[nameOf(standard, place), texts.join(', ')]]
  }
  return value === '' || isIn(shown, value, tag === undefined)
    ? []
    : [[nameOf(standard, place), valueText(standard, place, value)]]
}

/** Whether a node shows the value anyway: the same text, or the number it is. */
function isIn(shown: string, value: string, isNumberOfNode: boolean): boolean {
  if (shown.includes(JSON.stringify(value))) return true
  if (!/^\d+(?:,\d+)?$/.test(value)) return false
  return isNumberOfNode || new RegExp(`:${Number(value)}[,}]`).test(shown)
}

const recordOr = (value: unknown) => (isRecord(value) ? value : undefined)

/** What the extras of anything within a value say. */
function nested(value: unknown): Said[] {
  if (Array.isArray(value)) return value.flatMap(nested)
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'extras' ? alsoSent(recordOr(inner), value) : nested(inner),
  )
}

/** Element 3055: who keeps the code list another component is of. */
const CODE_KEEPER = '3055'

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** `[node id, tag, element 1, …]`: what the segment is, and what its elements say. */
function segmentSaid(standard: Standard, [, tag, ...elements]: readonly unknown[]): Said[] {
  if (typeof tag !== 'string') return []
  if (standard === 'edifact' && tag === 'DTM') return momentsSaid(elements[0])
  const texts = elements.flatMap((one, n) => partsSaid(standard, [tag, n + 1, 0], one))
  return texts.length === 0 ? [] : [[segmentName(standard, tag) ?? tag, joined(texts)]]
}

/** C507 of EDIFACT: what date it is, the date, and how that is written. */
const momentsSaid = (composites: unknown): Said[] =>
  listOf(composites).flatMap((one): Said[] => {
    const [kind = '', value = '', format = ''] = listOf(one).map(String)
    const read = moment.decode([value, format], () => {})
    const date = read === undefined ? value : dateText(read)
    return [[capital(valueText('edifact', ['DTM', 1, 1], kind)), date]]
  })

/** An element as kept: a text, or repetitions, each a text or components. */
function partsSaid(standard: Standard, [tag, element]: Place, value: unknown): string[] {
  if (typeof value === 'string')
    return value === '' ? [] : [valueText(standard, [tag, element, 0], value)]
  return listOf(value).flatMap((repetition) =>
    typeof repetition === 'string'
      ? partsSaid(standard, [tag, element, 0], repetition)
      : listOf(repetition).flatMap((part, n) =>
          typeof part === 'string' && part !== ''
            ? [valueText(standard, [tag, element, n + 1], part)]
            : [],
        ),
  )
}

const wordsOf = (standard: Standard, place: Place, text: string) =>
  elementWords(standard, dictionaryFor(standard), place, text)

const nameOf = (standard: Standard, place: Place): string => {
  const [tag, element, component] = place
  const { name = wordsOf(standard, [tag, element, 1], '').name } = wordsOf(standard, place, '')
  const part = component === 0 ? '' : `-${component}`
  return name ?? `${segmentName(standard, tag) ?? tag}, element ${element}${part}`
}

/** A code in words, a date as people write it, anything else as it came. */
function valueText(standard: Standard, place: Place, text: string): string {
  const { meaning } = wordsOf(standard, place, text)
  return meaning === undefined ? text : (dateText(meaning) ?? text)
}

/** Where extras are told beside what they belong to. */
const INLINE: ReadonlySet<string> = new Set(['terms'])

/** What is kept anywhere in the document. */
export function alsoSentTable(document: Document): Table {
  const rows: { cells: string[] }[] = []
  const walk = (value: unknown, of: readonly string[]): void => {
    if (!isRecord(value)) return
    const extras = value['extras']
    if (isRecord(extras)) {
      for (const [what, said] of alsoSent(extras, value)) {
        rows.push({ cells: [what, said, joined(of)] })
      }
    }
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'extras' || INLINE.has(key)) continue
      const items = Array.isArray(inner) ? inner : [inner]
      for (const [n, item] of items.entries()) {
        const name = isRecord(item) ? nameOfNode(key, item, n) : undefined
        walk(item, name === undefined ? of : [...of, name])
      }
    }
  }
  walk(document, [])
  return {
    caption: 'Also sent',
    columns: [{ title: 'What' }, { title: 'It says' }, { title: 'Belongs to', optional: true }],
    rows,
  }
}

/** What a part of a document is called, as far as it is told apart from others. */
function nameOfNode(
  key: string,
  node: Readonly<Record<string, unknown>>,
  n: number,
): string | undefined {
  const text = (name: string) => (typeof node[name] === 'string' ? node[name] : undefined)
  switch (key) {
    case 'body':
      return undefined
    case 'lines':
      return `line ${text('orderLine') ?? text('lineNumber') ?? n + 1}`
    case 'packages':
      return text('sscc') === undefined ? `package ${n + 1}` : `SSCC ${text('sscc')}`
    case 'orders':
      return `order ${text('orderNumber') ?? n + 1}`
    case 'parties':
      return label(text('role') ?? 'party')
    case 'references':
    case 'dates':
      return joined([label(text('type') ?? ''), text('value')], ' ')
    case 'allowancesCharges':
      return `allowance or charge ${n + 1}`
    case 'productIds':
    case 'ids':
      return text('value')
    case 'events':
      return `report ${n + 1}`
    case 'shipments':
      return `part ${n + 1}`
    default:
      return label(key)
  }
}
