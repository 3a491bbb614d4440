// Overrides: what an agreement changes of a map. Applied once when the map is loaded; the result is a table like any
// other, so that reading and writing stay two directions of one thing. docs/configuration.md describes the keys.
import type { Override, OverrideRule } from './agreement.js'
import type { Holds, PlaceDemand } from './agreed.js'
import { canonicalPath } from './canonical-path.js'
import type { Dictionary } from './dictionary.js'
import { elementId } from './load.js'
import type { Field, Slot, TransactionMap } from './map.js'
import { nearest } from './nearest.js'
import {
  Places,
  bindingNamed,
  copySlots,
  dropAt,
  type DraftBinding,
  type DraftPlace,
  type DraftSlot,
  type Target,
} from './override-draft.js'
import {
  both,
  choosing,
  closePairs,
  codecOf,
  covers,
  isAt,
  not,
  otherQualifiers,
  pathBetween,
  place,
  positionOf,
  reach,
} from './override-fields.js'
import { patternOf, translation } from './override-text.js'

/** What is wrong with a rule: its node id, the key in it, and one sentence. */
export interface OverrideProblem {
  readonly id: string
  readonly key?: string
  readonly text: string
}

/** An override that does not fit its map; nothing of it is used. */
export class OverrideError extends Error {
  override readonly name = 'OverrideError'
  readonly problems: readonly OverrideProblem[]

  constructor(map: TransactionMap, problems: readonly OverrideProblem[]) {
    const lines = problems.map(({ id, key, text }) =>
      key === undefined ? `${id}: ${text}` : `${id}, ${key}: ${text}`,
    )
    super(`the override of ${map.id} ${map.version} does not hold: ${lines.join('; ')}`)
    this.problems = problems
  }
}

/**
 * The table with an override in it. `ids` are the node ids of the map as it is, for the nearest name. Throws
 * OverrideError with everything that does not hold.
 */
export function applyOverride(
  map: TransactionMap,
  override: Override,
  dictionary: Dictionary,
  ids: ReadonlySet<string>,
): TransactionMap {
  const body = copySlots(map.body)
  const overriding = new Overriding(map, body, dictionary, ids)
  // What names a qualifier comes after what does not, so that the particular rule has the last word.
  const rules = Object.entries(override).sort(([a], [b]) => names(a) - names(b))
  for (const [id, rule] of rules) overriding.apply(id, rule)
  if (overriding.problems.length > 0) throw new OverrideError(map, overriding.problems)
  return { ...map, body: body as Slot[] }
}

const names = (id: string) => id.split('-').length

const ELEMENT_KEYS = ['constant', 'from', 'move', 'format', 'codes'] as const

class Overriding {
  readonly problems: OverrideProblem[] = []
  private readonly places: Places
  private readonly dictionary: Dictionary
  private readonly ids: ReadonlySet<string>

  constructor(
    map: TransactionMap,
    body: DraftSlot[],
    dictionary: Dictionary,
    ids: ReadonlySet<string>,
  ) {
    this.places = new Places(map, body, dictionary)
    this.dictionary = dictionary
    this.ids = ids
  }

  apply(id: string, rule: OverrideRule): void {
    const targets = this.find(id)
    const holds = this.condition(id, 'when', rule.when)
    for (const target of targets ?? []) {
      if (target.element === 0) this.applyToSegment(id, rule, target, holds)
      else this.applyToElement(id, rule, target, holds)
    }
  }

  private problem(id: string, key: string | undefined, text: string): void {
    if (this.problems.some((one) => one.id === id && one.key === key && one.text === text)) return
    this.problems.push({ id, ...(key === undefined ? {} : { key }), text })
  }

  private find(id: string, at = id, key?: string): Target[] | undefined {
    const found = this.places.find(id)
    if (typeof found !== 'string' && found.length > 0) return found
    const meant = nearest(id, this.ids)
    const why = typeof found === 'string' ? found : `there is no node ${id}`
    this.problem(at, key, meant === undefined ? why : `${why}; nearest: ${meant}`)
    return undefined
  }

  /** `{<canonical path>: value}` as a question to a document. */
  private condition(
    id: string,
    key: string,
    when: Readonly<Record<string, string>> | undefined,
  ): Holds | undefined {
    if (when === undefined) return undefined
    const asked = Object.entries(when).flatMap(([path, value]) => {
      const found = path.startsWith('.')
        ? 'a condition is about the document: leave out the point'
        : canonicalPath(path, this.places.document, undefined)
      if (typeof found !== 'string') return { found, value }
      this.problem(id, key, found)
      return []
    })
    return (document) =>
      asked.every(({ found, value }) => {
        const is = found.get(document)
        return is !== undefined && String(is) === value
      })
  }

  private applyToSegment(
    id: string,
    rule: OverrideRule,
    target: Target,
    holds: Holds | undefined,
  ): void {
    for (const key of ELEMENT_KEYS) {
      if (rule[key] !== undefined) {
        this.problem(
          id,
          key,
          `is for an element; ${id} is a segment. Name one, as ${elementId(id, 1)}`,
        )
      }
    }
    const { slot, name } = target
    const { use, max, drop } = rule
    const place = placeOf(slot)
    if (drop === true) {
      if (slot.hierarchy !== undefined) this.problem(id, 'drop', 'a level cannot be dropped')
      else if (holds !== undefined)
        this.problem(id, 'drop', 'a segment is dropped always; leave out when')
      else dropAt(slot, place, this.places.where(target))
      return
    }
    const where = this.places.where(target)
    const own = place.places.filter((one) => one.id === id && one.holds === holds)
    if (use !== undefined) {
      place.places = place.places.filter(
        (one) => !(one.use !== undefined && sameWhere(one.where, where) && holds === undefined),
      )
    }
    if (use === 'optional' && name === undefined && holds === undefined) slot.usage = 'O'
    const isWhole = name === undefined && holds === undefined
    if (max !== undefined && isWhole && slot.hierarchy === undefined) slot.max = max
    const demand: PlaceDemand = {
      ...own[0],
      id,
      name: name === undefined ? slot.tag : `${slot.tag} with ${qualifierText(where)}`,
      where,
      ...(use === 'required' || use === 'unused' ? { use } : {}),
      ...(max === undefined || (isWhole && slot.hierarchy === undefined) ? {} : { max }),
      ...(holds === undefined ? {} : { holds }),
    }
    if (demand.use !== undefined || demand.max !== undefined) place.places.push(demand)
  }

  private applyToElement(
    id: string,
    rule: OverrideRule,
    target: Target,
    holds: Holds | undefined,
  ): void {
    if (!this.agrees(id, rule, target)) return
    const { use, max, drop, move, constant, from, format, codes } = rule
    if (from !== undefined) this.take(id, target, from, holds)
    if (move !== undefined) this.move(id, target, move)
    if (constant !== undefined && holds === undefined) this.fix(target, constant)
    if ((drop === true || use === 'unused') && holds === undefined) closePairs(this.places, target)
    const facts = this.dictionary.facts(target.slot.tag, target.element, target.component)!
    const wire = translation(rule, facts, (text) => this.problem(id, 'codes', text))
    const pattern = patternOf(format?.pattern, (text) => this.problem(id, 'format', text))
    const coding = {
      where: this.places.where(target),
      component: target.component,
      ...wire,
      ...(codes?.in === undefined ? {} : { known: new Set(Object.keys(codes.in)) }),
      ...(holds === undefined ? {} : { holds }),
    }
    const place = placeOf(target.slot)
    place.elements.push({
      ...coding,
      id,
      element: target.element,
      ...(use === undefined ? (move === undefined ? {} : { use: 'optional' }) : { use }),
      ...(max === undefined ? {} : { max }),
      ...(drop === undefined ? {} : { isDropped: drop }),
      ...(constant === undefined ? {} : { constant }),
      ...(pattern === undefined ? {} : { pattern }),
      ...(format?.cut === undefined ? {} : { cut: format.cut }),
    })
    // Codes of a qualifier in a row of pairs are those of all of them.
    const others = codes === undefined ? [] : otherQualifiers(this.places, target)
    for (const element of others)
      place.elements.push({ ...coding, id: `${id}+${element}`, element })
    place.elements.sort((a, b) => a.element - b.element || a.component - b.component)
  }

  /** Whether the keys of a rule go together and with what the map needs. */
  private agrees(id: string, rule: OverrideRule, target: Target): boolean {
    const { use, drop, move, constant, from } = rule
    const before = this.problems.length
    if (constant !== undefined && from !== undefined) {
      this.problem(id, 'from', 'an element is a constant or from a value, not both')
    }
    if (move !== undefined && (constant ?? from) !== undefined) {
      this.problem(id, 'move', 'what is moved away has no constant and no from')
    }
    if (drop === true && Object.keys(rule).some((key) => key !== 'drop' && key !== 'when')) {
      this.problem(id, 'drop', 'what is dropped has no other rule')
    }
    if (drop === true || use !== undefined) {
      const isNeeded = this.places
        .bindings(target)
        .some(({ fields }) =>
          fields.some(
            (field) => 'codec' in field && field.required === true && covers(field, target),
          ),
        )
      if (isNeeded && (drop === true || use !== 'required')) {
        const key = drop === true ? 'drop' : 'use'
        this.problem(id, key, 'the document cannot be without this value')
      }
    }
    return this.problems.length === before
  }

  /** The binding in which an element of a target gets a field: the named one, the one without name, or a new one. */
  private bindingFor(
    id: string,
    key: string,
    { slot, name, ...target }: Target,
  ): DraftBinding | undefined {
    if (slot.hierarchy !== undefined) {
      this.problem(id, key, 'the numbers and codes of a level are made, not mapped')
      return undefined
    }
    const isLoop = slot.body !== undefined || slot.bindings.some(({ body }) => body !== undefined)
    if (name === undefined) {
      const own = slot.bindings.find(({ when }) => when === undefined)
      if (own !== undefined) return own
      const named = slot.bindings.map((one) => one.name ?? Object.values(one.when ?? {})[0])
      if (named.length > 0) {
        this.problem(
          id,
          key,
          `say which ${slot.tag}: ${named.map((one) => `${slot.tag}-${String(one)}`).join(', ')}`,
        )
        return undefined
      }
    } else {
      const own = bindingNamed(slot, name)
      if (own !== undefined) return own
      if (isLoop) {
        const part = this.places.bindingFor(slot, name)
        if (typeof part !== 'string') return part
        this.problem(id, key, part)
        return undefined
      }
    }
    const [where] = this.places.where({ slot, name, ...target })
    const made: DraftBinding = {
      fields: [],
      ...(where === undefined
        ? {}
        : { when: { [positionOf(where)]: where.texts[0]! }, name: where.texts[0]! }),
    }
    slot.bindings.unshift(made)
    return made
  }

  /** `from`: the element says the value at a canonical path. */
  private take(id: string, target: Target, path: string, holds: Holds | undefined): void {
    const binding = this.bindingFor(id, 'from', target)
    if (binding === undefined) return
    const node = this.places.nodeOf(binding, target.slot, target.owner)
    const value = canonicalPath(path, this.places.document, node.schema)
    if (typeof value === 'string') {
      this.problem(id, 'from', value)
      return
    }
    const facts = this.dictionary.facts(target.slot.tag, target.element, target.component)!
    const codec = codecOf(facts, value.leaf.type === 'integer' || value.leaf.type === 'number')
    if (codec === undefined) {
      this.problem(id, 'from', `an element of type ${facts.type} cannot say a canonical value`)
      return
    }
    place(binding, target, holds, {
      positions: [positionOf(target)],
      path: value.isOfDocument ? path : path.slice(1),
      through: { get: (from) => value.get(from), set: (to, v) => value.set(to, v) },
      codec,
      late: true,
      ...(value.isOfDocument ? { ofDocument: true } : {}),
    })
  }

  /** `move`: the value stands at another element. */
  private move(id: string, source: Target, move: NonNullable<OverrideRule['move']>): void {
    const holds = this.condition(id, 'move', move.when)
    const from = this.places
      .bindings(source)
      .find(({ fields }) => fields.some((one) => 'codec' in one && covers(one, source)))
    const field = from?.fields.find((one): one is Field => 'codec' in one && covers(one, source))
    if (from === undefined || field === undefined) {
      this.problem(id, 'move', 'the map has no value here that could be moved')
      return
    }
    const targets = this.find(move.to, id, 'move') ?? []
    const sourceNode = this.places.nodeOf(from, source.slot, source.owner)
    for (const target of targets) {
      if (target.element === 0) {
        this.problem(
          id,
          'move',
          `${move.to} is a segment; name an element, as ${elementId(move.to, 2)}`,
        )
        return
      }
      const isSame = target.slot === source.slot && target.name === source.name
      const binding: DraftBinding | undefined = isSame ? from : this.bindingFor(id, 'move', target)
      if (binding === undefined) return
      const at = field.positions.findIndex((position) => isAt(position, source))
      if (field.positions.length > 1 && binding !== from) {
        this.problem(
          id,
          'move',
          `the value stands in ${field.positions.length} elements; it can only move within its segment`,
        )
        return
      }
      const node = this.places.nodeOf(binding, target.slot, target.owner)
      const through = reach(
        field,
        binding === from ? '' : pathBetween(sourceNode.key, node.key),
        from,
      )
      if (through === undefined) {
        this.problem(
          id,
          'move',
          `${move.to} is about another part of the document (${node.key}, not ${sourceNode.key})`,
        )
        return
      }
      const positions = field.positions.map((position, n) =>
        n === at ? positionOf(target) : position,
      )
      from.fields = from.fields.flatMap((one) =>
        one !== field
          ? one
          : holds === undefined
            ? []
            : { ...field, holds: both(field.holds, not(holds)) },
      )
      place(binding, target, undefined, {
        ...field,
        ...through,
        positions,
        ...(holds === undefined ? {} : { holds: both(field.holds, holds) }),
      })
    }
  }

  /** `constant`: which item of a list stands here, and no element is computed that is constant. */
  private fix(target: Target, constant: string): void {
    const { slot, name, element } = target
    if (name !== undefined && bindingNamed(slot, name) === undefined && isLoop(slot)) {
      this.places.bindingFor(slot, name)
    }
    for (const binding of this.places.bindings(target)) {
      binding.fields = binding.fields.flatMap((field) => {
        if ('computed' in field) return field.computed === element ? [] : field
        if ('pairs' in field) {
          const { from, to } = field.pairs
          const isQualifier = element >= from && element <= to && (element - from) % 2 === 0
          return isQualifier ? { ...field, fixed: { ...field.fixed, [element]: constant } } : field
        }
        const at = field.positions.findIndex((position) => isAt(position, target))
        if (at < 0 || !('width' in field.codec)) return field
        return { ...field, codec: choosing(field.codec, at, constant) }
      })
    }
  }
}

const isLoop = (slot: DraftSlot) =>
  slot.body !== undefined || slot.bindings.some(({ body }) => body !== undefined)

const placeOf = (slot: DraftSlot): DraftPlace =>
  (slot.agreed ??= { drops: [], places: [], elements: [] })

const sameWhere = (a: PlaceDemand['where'], b: PlaceDemand['where']) =>
  JSON.stringify(a) === JSON.stringify(b)

const qualifierText = (where: PlaceDemand['where']) =>
  where
    .map(({ element, component, texts }) => {
      const at = String(element).padStart(2, '0') + (component === 0 ? '' : `-${component}`)
      return `${at} = ${texts.join(' or ')}`
    })
    .join(' and ')
