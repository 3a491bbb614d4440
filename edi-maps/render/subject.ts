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

interface Place {
  readonly key: string
  readonly around: Node
}

/** The nodes of a document, found without looking for each anew. */
export class Subjects {
  private readonly body: Node
  /** What stands around each node, and the key it has there. */
  private readonly places = new Map<Node, Place>()

  constructor(document: Node) {
    this.body = isNode(document['body']) ? document['body'] : {}
    this.place(document)
  }

  /** `line 1, GTIN 061414100014, in carton SSCC 006141410000000111`; undefined where it is about the document as a whole. */
  of(node: Node): string | undefined {
    for (let at = node, place = this.places.get(at); place !== undefined;) {
      const words = wordsOf(place.key, at, this.body)
      if (words !== undefined) return words
      at = place.around
      place = this.places.get(at)
    }
    return undefined
  }

  private place(around: Node): void {
    for (const [key, inner] of Object.entries(around)) {
      if (key === 'extras') continue
      for (const value of Array.isArray(inner) ? inner : [inner]) {
        if (!isNode(value) || this.places.has(value)) continue
        this.places.set(value, { key, around })
        this.place(value)
      }
    }
  }
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
