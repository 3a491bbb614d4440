// What of a document a finding is about, as a person would call it: a line of goods, a carton, an order, a party.
import type { Node } from '../map.js'
import { joined } from './page.js'
import { numberText } from './party.js'
import { label } from './wording.js'

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const textOf = (node: Node, key: string): string | undefined =>
  typeof node[key] === 'string' && node[key] !== '' ? node[key] : undefined

/** `line 1, GTIN 061414100014, in carton SSCC 006141410000000111`; undefined where it is about the document as a whole. */
export function subjectOf(document: Node | undefined, node: Node): string | undefined {
  if (document === undefined) return undefined
  const way = wayTo(document, node) ?? []
  const body = isNode(document['body']) ? document['body'] : {}
  for (const { key, value } of [...way].reverse()) {
    const words = wordsOf(key, value, body)
    if (words !== undefined) return words
  }
  return undefined
}

type Step = { readonly key: string; readonly value: Node }

/** The nodes from the document down to one of them. */
function wayTo(within: Node, node: Node): readonly Step[] | undefined {
  if (within === node) return []
  for (const [key, inner] of Object.entries(within)) {
    if (key === 'extras') continue
    for (const value of Array.isArray(inner) ? inner : [inner]) {
      const rest = isNode(value) ? wayTo(value, node) : undefined
      if (rest !== undefined && isNode(value)) return [{ key, value }, ...rest]
    }
  }
  return undefined
}

function wordsOf(key: string, node: Node, body: Node): string | undefined {
  switch (key) {
    case 'lines':
      return joined([
        `line ${textOf(node, 'orderLine') ?? textOf(node, 'lineNumber') ?? ''}`.trim(),
        articleNumber(node),
        packageAround(node, body),
      ])
    case 'packages':
      return packageWords(node)
    case 'orders':
      return `order ${textOf(node, 'orderNumber') ?? ''}`.trim()
    case 'parties':
      return joined([label(textOf(node, 'role') ?? 'party'), textOf(node, 'name')], ' ')
    case 'allowancesCharges':
      return textOf(node, 'direction') === 'charge' ? 'a charge' : 'an allowance'
    case 'taxes':
      return 'a tax'
    case 'terms':
      return 'the terms of payment'
    default:
      return undefined
  }
}

function articleNumber(line: Node): string | undefined {
  const [first] = listOf(line['productIds'])
  if (!isNode(first)) return undefined
  const [scheme, value] = [textOf(first, 'scheme'), textOf(first, 'value')]
  return scheme === undefined || value === undefined ? undefined : numberText({ scheme, value })
}

const packageWords = (node: Node): string => {
  const sscc = textOf(node, 'sscc')
  return joined([textOf(node, 'level') ?? 'package', sscc && `SSCC ${sscc}`], ' ')
}

function packageAround(line: Node, body: Node): string | undefined {
  const [id] = listOf(line['packageIds'])
  const found = listOf(body['packages']).find((one) => isNode(one) && one['id'] === id)
  return isNode(found) && textOf(found, 'sscc') !== undefined
    ? `in ${packageWords(found)}`
    : undefined
}
