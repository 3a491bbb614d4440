// An open loop, or the set itself: where in its body reading stands.
import type { PlaceDemand } from '../agreed.js'
import { NONE, SEVERAL, type LoadedBody } from '../load.js'
import type { Node } from '../map.js'
import { MASKED } from './given.js'

export class Frame {
  readonly body: LoadedBody
  /** Map id of the loop; undefined for the set itself. */
  readonly loop: string | undefined
  /** The node its segments belong to. */
  readonly node: Node
  readonly parent: Frame | undefined
  /** What to do when the loop ends. */
  readonly close: (() => void) | undefined
  /** The slot last met, -1 before the first, and how often in a row. */
  at = -1
  count = 0
  /** Place of the binding that took the first occurrence of this slot, -1 = none, and how many in a row it took. */
  first = -1
  private firsts = 0
  /** The places of all bindings that took one, in order, where another one took one too. */
  private order: number[] | undefined = undefined
  /** Bits of the bindings that took one, as far as they have a bit: not sought for in `order`, which may be long. */
  private taken = 0
  /** How many segments each view has taken, by `LoadedBinding.viewIndex`. */
  private views: number[] | undefined = undefined
  /** How often segments came that an agreement demands something of. */
  met: Map<PlaceDemand, number> | undefined = undefined

  constructor(
    body: LoadedBody,
    node: Node,
    parent: Frame | undefined,
    loop: string | undefined,
    close?: () => void,
  ) {
    this.body = body
    this.loop = loop
    this.node = node
    this.parent = parent
    this.close = close
  }

  /** The slot a tag fits next, or NONE. A full slot gives way to a later one of the same tag. */
  next(tag: number): number {
    const only = this.body.onlyByTag[tag] ?? NONE
    if (only !== SEVERAL) return only >= this.at ? only : NONE
    const places = this.body.byTag[tag]!
    for (let n = 0; n < places.length; n++) {
      const at = places[n]!
      if (at < this.at) continue
      const isFull = at === this.at && this.count >= this.body.slots[at]!.max
      if (isFull && n + 1 < places.length) continue
      return at
    }
    return NONE
  }

  /** Begins a slot. */
  enter(at: number): void {
    this.at = at
    this.count = 0
    this.first = -1
    this.order = undefined
    this.taken = 0
  }

  /** Remembers which binding took the occurrence at hand. */
  note(binding: number): void {
    if (binding < MASKED) this.taken |= 1 << binding
    if (this.first < 0) {
      this.first = binding
      this.firsts = 1
    } else if (this.order !== undefined) this.order.push(binding)
    else if (binding === this.first) this.firsts++
    else this.order = this.firsts === 1 ? [this.first, binding] : [...this.allFirst(), binding]
  }

  /** Whether a binding took an occurrence of this slot. */
  hasTaken(binding: number): boolean {
    if (binding < MASKED) return (this.taken & (1 << binding)) !== 0
    return this.first === binding || this.order?.includes(binding) === true
  }

  /** How many segments a view has taken. */
  joined(view: number): number {
    return this.views === undefined ? 0 : this.views[view]!
  }

  noteJoined(view: number): void {
    this.views ??= this.body.noneJoined.slice()
    this.views[view]!++
  }

  /** The bindings that took the occurrences (there are some), by place, where writing would not give that order. */
  get unusualOrder(): readonly number[] | undefined {
    const { first, order } = this
    const { bindings, hasAlways } = this.body.slots[this.at]!
    if (hasAlways && first === bindings.length) return order ?? this.allFirst()
    return order === undefined || isAscending(order) ? undefined : order
  }

  private allFirst(): number[] {
    return Array.from({ length: this.firsts }, () => this.first)
  }
}

function isAscending(places: readonly number[]): boolean {
  for (let n = 1; n < places.length; n++) if (places[n]! < places[n - 1]!) return false
  return true
}
