// The values of a Document, found by what an element says. A large document has hundreds of thousands of them, and each of
// its elements asks: nothing here goes through all of them for one.
import type { CodeList } from './code-list.js'
import type { Node } from './map.js'

type Scalar = string | number | boolean

/** A value and where it stands. */
export interface Leaf {
  readonly path: string
  readonly value: Scalar
}

/** An element as it was sent; `list` and `meaning` are what is known of its code, number or date. */
export interface SentElement {
  readonly element: number
  readonly component: number
  readonly text: string
  readonly list?: CodeList
  readonly meaning?: string
}

/** Values that say the same, in their order, as places among all. */
class Alike {
  readonly places: number[] = []
  /** By place in the list: the next one that may not have been told. */
  private readonly nexts: number[] = []

  /** The first one from a place in the list on that was not told; the length of the list when there is none. */
  untold(from: number, isTold: (place: number) => boolean): number {
    const { places, nexts } = this
    const passed: number[] = []
    let at = from
    while (at < places.length && isTold(places[at]!)) {
      passed.push(at)
      at = nexts[at] ?? at + 1
    }
    for (const one of passed) nexts[one] = at
    return at
  }

  /** Where in the list the values from a place on begin. */
  from(place: number): number {
    let [low, high] = [0, this.places.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.places[middle]! < place) low = middle + 1
      else high = middle
    }
    return low
  }
}

export class DocumentValues {
  readonly root: Node
  /** Canonical path of every object. */
  readonly paths = new Map<unknown, string>()
  private readonly leaves: Leaf[] = []
  private readonly placeOf = new Map<string, number>()
  private readonly told = new Set<number>()
  /** Which leaves stand in an object or list, by its path. */
  private readonly spans = new Map<string, readonly [from: number, to: number]>()
  private readonly alike = new Map<string, Alike>()

  constructor(root: Node) {
    this.root = root
    this.note(root, '')
  }

  /** Notes that a value has been told. */
  tell(path: string): void {
    const place = this.placeOf.get(path)
    if (place !== undefined) this.told.add(place)
  }

  /** The first value below a path that the element says, one that was not told yet before others. */
  within(base: string, sent: SentElement): Leaf | undefined {
    const [from, to] = this.spans.get(base) ?? [0, 0]
    let [untold, first] = [to, to]
    for (const alike of this.said(sent)) {
      const begin = alike.from(from)
      first = Math.min(first, alike.places[begin] ?? to)
      untold = Math.min(untold, alike.places[alike.untold(begin, this.isTold)] ?? to)
    }
    return this.leaves[untold < to ? untold : first < to ? first : -1]
  }

  /** The one value of the Document that the element says, if there is just one that was not told. */
  only(sent: SentElement): Leaf | undefined {
    const found = new Set<number>()
    for (const alike of this.said(sent)) {
      const first = alike.untold(0, this.isTold)
      for (const at of [first, alike.untold(first + 1, this.isTold)]) {
        const place = alike.places[at]
        if (place !== undefined) found.add(place)
      }
    }
    const [only, ...others] = found
    return only === undefined || others.length > 0 ? undefined : this.leaves[only]
  }

  private readonly isTold = (place: number): boolean => this.told.has(place)

  private said(sent: SentElement): Alike[] {
    return [...new Set(keysSaid(sent))].flatMap((key) => this.alike.get(key) ?? [])
  }

  private note(value: unknown, path: string): void {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      this.noteLeaf({ path, value })
      return
    }
    if (typeof value !== 'object' || value === null) return
    this.paths.set(value, path)
    const from = this.leaves.length
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'extras' || key === 'source') continue
      const step = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
      this.note(inner, step)
    }
    this.spans.set(path, [from, this.leaves.length])
  }

  private noteLeaf(leaf: Leaf): void {
    const place = this.leaves.push(leaf) - 1
    this.placeOf.set(leaf.path, place)
    for (const key of keysOf(String(leaf.value))) {
      const alike = this.alike.get(key) ?? new Alike()
      this.alike.set(key, alike)
      alike.places.push(place)
    }
  }
}

/** Whether a canonical value is what an element says: its text, number or date, or the word of its code. */
export function says(sent: SentElement, value: unknown): boolean {
  if (typeof value === 'object') return false
  const keys = new Set(keysOf(String(value)))
  return keysSaid(sent).some((key) => keys.has(key))
}

const NUMBER = /^-?\d+(?:[.,]\d+)?$/
const DATE = /^\d{4}-\d{2}-\d{2}/
/** Characters of a date, and of one with time, its fraction and zone at most. */
const DAY = 10
const LONGEST = 35

const textKey = (text: string) => `=${text}`
/** The same for `12.50`, `12,5` and `012.5`. */
const numberKey = (text: string) => {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)0*(\d*)(?:[.,](\d*?)0*)?$/.exec(text) ?? []
  const digits = `${whole}${fraction === '' ? '' : `.${fraction}`}`
  return `#${digits === '' ? '' : sign}${digits}`
}
const dateKey = (text: string) => `@${text}`
const timeKey = (text: string) => `T${text}`

/** By what a canonical text is found: itself, the number it is, its date with or without the time, its time. */
function keysOf(canonical: string): string[] {
  const keys = [textKey(canonical)]
  if (NUMBER.test(canonical)) keys.push(numberKey(canonical))
  if (DATE.test(canonical)) {
    const longest = Math.min(canonical.length, LONGEST)
    for (let end = DAY; end <= longest; end++) keys.push(dateKey(canonical.slice(0, end)))
  }
  for (const [, hours, minutes] of canonical.matchAll(/T(\d\d):(\d\d)/g)) {
    keys.push(timeKey(`${hours}${minutes}`))
  }
  return keys
}

/** By what the values are found that an element may say. */
function keysSaid({ text, list, meaning }: SentElement): string[] {
  const word = list?.word(text)
  const coded = word === undefined ? [] : [textKey(word)]
  if (meaning !== undefined) {
    // Dates and implied decimals are told in their meaning; a code never is the number it looks like.
    const date = meaning.replace(' ', 'T')
    if (DATE.test(date)) return [...coded, dateKey(date)]
    return NUMBER.test(meaning) ? [...coded, numberKey(meaning)] : coded
  }
  return [
    ...coded,
    textKey(text),
    ...(/^\d{4}$/.test(text) ? [timeKey(text)] : []),
    ...(NUMBER.test(text) ? [numberKey(text)] : []),
  ]
}
