// What has no canonical place: it is kept in the extras of the node that its segment belongs to, so that writing gives the
// same segment again.
import {
  componentCountKey,
  repetitionKey,
  type LoadedBinding,
  type LoadedParts,
  type LoadedSlot,
} from '../load.js'
import type { Dictionary } from '../dictionary.js'
import type { Node } from '../map.js'
import { makeExtras } from '../path.js'
import type { SegmentElements } from '../segment-elements.js'

/** Elements that are as the agreement has them; without canonical place there is nothing to keep of them. */
export type Constants = ReadonlySet<number>

export class Kept {
  /** Of the segment at hand, by key; undefined: nothing yet. */
  pending: Node | undefined = undefined
  private readonly elements: SegmentElements
  private readonly dictionary: Dictionary
  private readonly standard: string

  constructor(elements: SegmentElements, dictionary: Dictionary, standard: string) {
    this.elements = elements
    this.dictionary = dictionary
    this.standard = standard
  }

  keep(key: string, value: unknown): void {
    const pending = (this.pending ??= {})
    if (key === 'at') pending['at'] = [...((pending['at'] as string[] | undefined) ?? []), value]
    else pending[key] = value
  }

  /** Puts what is pending into a node's extras. */
  putInto(node: Node): void {
    const { pending } = this
    if (pending === undefined) return
    const extras = makeExtras(node, this.standard)
    const before = extras['at']
    Object.assign(extras, pending)
    if (Array.isArray(before) && Array.isArray(pending['at'])) {
      extras['at'] = [...before, ...pending['at']]
    }
  }

  /** Keeps what the fields of a binding have left of the segment. */
  keepRest(binding: LoadedBinding, constants: Constants | undefined): void {
    const { count, texts, mayRepeat, segment } = this.elements
    const { taken, parts } = binding
    for (let n = 1; n <= count; n++) {
      if (taken[n] !== true) {
        if (texts[n] !== '' && constants?.has(n) !== true)
          this.keep(keyOf(binding, n), this.elementValue(n))
        continue
      }
      const divided = parts[n]
      if (divided !== undefined) this.keepComponents(binding, n, divided)
      if (mayRepeat && segment.repetitionCount(n) > 1) this.keepRepetitions(binding, n)
    }
    // An empty last element is nothing but its separator; kept, so that it is written again.
    if (texts[count] === '') this.keep(keyOf(binding, count), '')
  }

  /** Components of an element that no field is about, and their number where the last is empty. */
  private keepComponents(binding: LoadedBinding, n: number, { taken, keys }: LoadedParts): void {
    const components = this.elements.components(n)
    const { length } = components
    for (let c = 1; c <= length; c++) {
      const text = components[c - 1]!
      if (text !== '' && taken[c] !== true) this.keep(keys[c] ?? `${keys[1]}.${c}`, text)
    }
    if (components[length - 1] === '') {
      this.keep(componentCountKey(keyOf(binding, n)), String(length))
    }
  }

  /** Fields read the first repetition of an element; the others are kept. */
  private keepRepetitions(binding: LoadedBinding, n: number): void {
    const { segment } = this.elements
    const others: string[][] = []
    for (let r = 2; r <= segment.repetitionCount(n); r++) others.push(segment.components(n, r))
    this.keep(repetitionKey(keyOf(binding, n)), others)
  }

  /** An element as it is kept: text, or lists of components where the standard divides it or it is repeated. */
  private elementValue(n: number): unknown {
    const { elements } = this
    const { segment } = elements
    const isRepeated = elements.mayRepeat && segment.repetitionCount(n) > 1
    if (!isRepeated && !this.dictionary.isComposite(segment.tag, n)) return elements.texts[n]
    const repetitions: string[][] = []
    for (let r = 1; r <= segment.repetitionCount(n); r++) {
      repetitions.push(r === 1 ? [...elements.components(n)] : segment.components(n, r))
    }
    return repetitions.length === 1 && repetitions[0]!.length === 1
      ? repetitions[0]![0]
      : repetitions
  }

  /** Keeps a whole segment. */
  keepSegment(node: Node, slot: LoadedSlot): void {
    const { elements } = this
    const { segment } = elements
    // What is kept whole is kept as the partner wrote it.
    if (slot.agreed !== undefined) elements.read(segment)
    const values: unknown[] = [slot.id, segment.tag]
    for (let n = 1; n <= elements.count; n++) {
      values.push(elements.texts[n] === '' ? '' : this.elementValue(n))
    }
    const extras = makeExtras(node, this.standard)
    const list = (extras['segments'] ??= []) as unknown[]
    list.push(values)
  }
}

/** Beyond every segment of the standard an element only has its number; the dictionary has told it is too many. */
const keyOf = (binding: LoadedBinding, n: number) => binding.keys[n] ?? `${binding.id}.${n}`
