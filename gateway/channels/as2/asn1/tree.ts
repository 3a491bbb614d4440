// BER reader for what is small enough to hold: one buffer becomes a tree of elements. Depth and number of elements are
// bounded, so hostile bytes cost no more than their length.
import { Malformed } from '../failure.js'
import { element } from './write.js'
import { isConstructed, TAG, tagName } from './tags.js'

/** One element. `raw` is the element as it came, `content` its content octets, `children` of a constructed one. */
export interface Asn1 {
  readonly tag: number
  readonly offset: number
  readonly raw: Buffer
  readonly content: Buffer
  readonly children: readonly Asn1[]
}

export const MAX_DEPTH = 32
const MAX_ELEMENTS = 10_000

/** Reads `bytes` as exactly one element. Throws Malformed. */
export function parse(bytes: Buffer): Asn1 {
  const state = { left: MAX_ELEMENTS }
  const node = readElement(bytes, 0, bytes.length, 0, state)
  if (node.raw.length !== bytes.length)
    throw new Malformed('bytes after the element', node.raw.length)
  return node
}

interface State {
  left: number
}

function readElement(bytes: Buffer, start: number, end: number, depth: number, state: State): Asn1 {
  if (depth > MAX_DEPTH) throw new Malformed(`nested deeper than ${MAX_DEPTH}`, start)
  if (--state.left < 0) throw new Malformed(`more than ${MAX_ELEMENTS} elements`, start)
  const { tag, length, at } = readHeader(bytes, start, end)
  if (length !== undefined) {
    const stop = at + length
    if (stop > end) throw new Malformed(`${tagName(tag)} is longer than what holds it`, start)
    const children = isConstructed(tag) ? readChildren(bytes, at, stop, depth, state) : []
    return node(bytes, tag, start, at, stop, stop, children)
  }
  const children: Asn1[] = []
  let next = at
  while (!(bytes[next] === 0 && bytes[next + 1] === 0 && next + 2 <= end)) {
    const child = readElement(bytes, next, end, depth + 1, state)
    children.push(child)
    next += child.raw.length
  }
  return node(bytes, tag, start, at, next, next + 2, children)
}

function readChildren(bytes: Buffer, start: number, end: number, depth: number, state: State) {
  const children: Asn1[] = []
  for (let next = start; next < end;) {
    const child = readElement(bytes, next, end, depth + 1, state)
    children.push(child)
    next += child.raw.length
  }
  return children
}

function node(
  bytes: Buffer,
  tag: number,
  start: number,
  at: number,
  contentEnd: number,
  end: number,
  children: readonly Asn1[],
): Asn1 {
  return {
    tag,
    offset: start,
    raw: bytes.subarray(start, end),
    content: bytes.subarray(at, contentEnd),
    children,
  }
}

function readHeader(bytes: Buffer, start: number, end: number) {
  if (start + 2 > end) throw new Malformed('ends too early', start)
  const tag = bytes[start]!
  if ((tag & 0x1f) === 0x1f) throw new Malformed('multi-byte tag', start)
  if (tag === 0) throw new Malformed('end-of-contents without an open element', start)
  const first = bytes[start + 1]!
  if (first < 0x80) return { tag, length: first, at: start + 2 }
  if (first === 0x80) {
    if (!isConstructed(tag)) throw new Malformed('primitive of indefinite length', start)
    return { tag, length: undefined, at: start + 2 }
  }
  const size = first & 0x7f
  if (size > 6) throw new Malformed('length field too long', start)
  if (start + 2 + size > end) throw new Malformed('ends too early', start)
  return { tag, length: bytes.readUIntBE(start + 2, size), at: start + 2 + size }
}

/** The octets of an OCTET STRING (or of an implicitly tagged one), primitive or in segments. */
export function octets(item: Asn1): Buffer {
  if (!isConstructed(item.tag)) return item.content
  return Buffer.concat(
    item.children.map((child) => {
      if ((child.tag & ~0x20) !== TAG.octetString)
        throw new Malformed('segment is not an octet string', child.offset)
      return octets(child)
    }),
  )
}

/** The same value in definite lengths, octet strings in one piece; order of sets is kept. */
export function definite(item: Asn1): Buffer {
  if (item.tag === TAG.octetStringConstructed) return element(TAG.octetString, octets(item))
  if (!isConstructed(item.tag)) return element(item.tag, item.content)
  return element(item.tag, ...item.children.map(definite))
}

/** Dotted text of an OBJECT IDENTIFIER. */
export function oidText(item: Asn1): string {
  const { content } = expectTag(item, TAG.oid, 'object identifier')
  const arcs: number[] = []
  let arc = 0
  content.forEach((byte, index) => {
    arc = arc * 128 + (byte & 0x7f)
    if (arc > Number.MAX_SAFE_INTEGER / 128)
      throw new Malformed('identifier arc too large', item.offset)
    if ((byte & 0x80) !== 0) {
      if (index === content.length - 1) throw new Malformed('identifier cut off', item.offset)
      return
    }
    arcs.push(arc)
    arc = 0
  })
  const joint = arcs.shift()
  if (joint === undefined) throw new Malformed('empty identifier', item.offset)
  const root = Math.min(2, Math.floor(joint / 40))
  return [root, joint - root * 40, ...arcs].join('.')
}

/** Value of a small INTEGER ≥ 0. */
export function smallInteger(item: Asn1): number {
  const { content } = expectTag(item, TAG.integer, 'integer')
  if (content.length < 1 || content.length > 5 || content[0]! >= 0x80)
    throw new Malformed('integer out of range', item.offset)
  return content.readUIntBE(0, content.length)
}

/** The element itself when its tag is right; throws Malformed naming `what` otherwise. */
export function expectTag(item: Asn1 | undefined, tag: number, what: string, offset = 0): Asn1 {
  if (item === undefined) throw new Malformed(`${what} is missing`, offset)
  if (item.tag !== tag)
    throw new Malformed(
      `${what}: ${tagName(tag)} expected, ${tagName(item.tag)} found`,
      item.offset,
    )
  return item
}

/** Walks the children of a constructed element in order. */
export class Fields {
  readonly #parent: Asn1
  #next = 0

  constructor(parent: Asn1) {
    this.#parent = parent
  }

  /** The next child, which must have `tag`. */
  need(tag: number, what: string): Asn1 {
    const item = expectTag(this.#parent.children[this.#next], tag, what, this.#parent.offset)
    this.#next++
    return item
  }

  /** The next child whatever it is. */
  any(what: string): Asn1 {
    const item = this.#parent.children[this.#next]
    if (item === undefined) throw new Malformed(`${what} is missing`, this.#parent.offset)
    this.#next++
    return item
  }

  /** The next child when it has one of `tags`, else undefined and nothing is taken. */
  maybe(...tags: number[]): Asn1 | undefined {
    const item = this.#parent.children[this.#next]
    if (item === undefined || !tags.includes(item.tag)) return undefined
    this.#next++
    return item
  }
}
