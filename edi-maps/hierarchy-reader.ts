// Reading levels that nest by numbers (HL): finds each level's parent, checks numbering and order, and hands the
// tree to the message's arrangement.
import { MOST_LEVELS, type Level } from './hierarchy.js'
import type { IssueCode } from './issue.js'
import type { LoadedBody, LoadedHierarchy, LoadedSlot } from './load.js'
import type { Node } from './map.js'

export type TellLevel = (code: IssueCode, text: string, element: number) => void

export class HierarchyReader {
  readonly slot: LoadedSlot
  /** Of the level opened last: what it is read with, the node it is, and the id of the loop in the map, e.g. `HL-O`. */
  body!: LoadedBody
  node!: Node
  id!: string
  private readonly levels: Level[] = []
  /** How many levels stand above each. */
  private readonly depths: number[] = []
  private readonly hierarchy: LoadedHierarchy
  /** Places by id; made when the first id is not its place's number. */
  private byId: Map<string, number> | undefined

  constructor(slot: LoadedSlot) {
    this.slot = slot
    this.hierarchy = slot.hierarchy!
  }

  /** Takes the opening segment of a level. */
  open(document: Node, elements: readonly string[], tell: TellLevel): void {
    const { levels, hierarchy } = this
    const at = hierarchy.of.elements
    const id = elements[at.id] ?? ''
    const code = elements[at.level] ?? ''
    const child = elements[at.child]
    const parent = this.boundedParent(elements[at.parent] ?? '', tell)
    const isCounted = placeOf(id) === levels.length
    this.number(id, isCounted, tell)
    const known = hierarchy.levels.get(code) ?? hierarchy.levels.get('*')
    const node =
      known === undefined
        ? undefined
        : hierarchy.of.arrangement.open(document, code, levels, parent)
    const level: Level = {
      code,
      parent,
      node: node ?? {},
      id: isCounted ? undefined : id,
      child: child === '' ? undefined : child,
    }
    levels.push(level)
    this.depths.push(parent < 0 ? 0 : this.depths[parent]! + 1)
    this.node = level.node
    if (known !== undefined && node !== undefined) {
      this.body = known.body
      this.id = known.id
      return
    }
    this.body = hierarchy.unknown
    this.id = this.slot.id
    const text = `Level ${code} has no canonical node here; it is kept as it is.`
    tell('code-not-mapped', text, at.level)
  }

  close(document: Node, standard: string): string {
    return this.hierarchy.of.arrangement.close(document, this.levels, standard)
  }

  private number(id: string, isCounted: boolean, tell: TellLevel): void {
    if (isCounted && this.byId === undefined) return
    this.byId ??= new Map(this.levels.map((_, n) => [String(n + 1), n]))
    if (this.byId.has(id)) {
      const text = `${this.slot.tag} ${id} is there twice.`
      tell('hierarchy-number-duplicate', text, this.hierarchy.of.elements.id)
    } else this.byId.set(id, this.levels.length)
  }

  /** The place of the parent; -1 also where it stands too deep itself. */
  private boundedParent(id: string, tell: TellLevel): number {
    const parent = this.parentOf(id, tell)
    if (parent < 0 || this.depths[parent]! < MOST_LEVELS) return parent
    const text = `${this.slot.tag} ${id} has ${MOST_LEVELS} levels above it already.`
    tell('hierarchy-too-deep', text, this.hierarchy.of.elements.parent)
    return -1
  }

  private parentOf(id: string, tell: TellLevel): number {
    const { levels } = this
    const at = this.hierarchy.of.elements.parent
    const last = levels.length - 1
    if (id === '') {
      if (last >= 0 && this.hierarchy.of.manyRoots !== true) {
        tell('hierarchy-parent-unknown', 'Only the first level has no level above it.', at)
      }
      return -1
    }
    const parent = this.byId === undefined ? placeOf(id) : (this.byId.get(id) ?? -1)
    if (parent < 0 || parent > last) {
      const text = `There is no ${this.slot.tag} ${id} before this one.`
      tell('hierarchy-parent-unknown', text, at)
      return -1
    }
    for (let n = last; n >= 0; n = levels[n]!.parent) if (n === parent) return parent
    const text = `${this.slot.tag} ${id} was closed by another level that stands beside it.`
    tell('hierarchy-order-wrong', text, at)
    return parent
  }
}

/** The place from 0 that a number counted from 1 without leading zeros says; -1 for any other text. */
function placeOf(id: string): number {
  let number = 0
  for (let at = 0; at < id.length; at++) {
    const digit = id.charCodeAt(at) - 48
    if (digit < 0 || digit > 9 || (at === 0 && digit === 0)) return -1
    number = number * 10 + digit
  }
  return number - 1
}
