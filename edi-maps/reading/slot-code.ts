// How the bindings of a slot read a segment, as one function made from text: what the table says stands in it as code, so
// no row of the table is looked at while reading, and the engine sees which calls there are (own-code.ts).
import type { LoadedField, ReadField } from '../field.js'
import type { LoadedBinding, LoadedSlot } from '../load.js'
import type { Node } from '../map.js'
import { fromText } from '../own-code.js'
import type { SegmentElements } from '../segment-elements.js'
import type { Frame } from './frame.js'
import type { Kept } from './kept.js'
import { bitsOf, MASKED } from './given.js'

/** Reads the segment at hand by the first binding that fits it; false when none does. */
export type ReadSlot = (reader: SlotReading, frame: Frame) => boolean

/** What the code of a slot uses. */
export interface SlotReading {
  readonly elements: SegmentElements
  readonly kept: Kept
  /** The node the segment at hand belongs to. */
  node: Node
  /** Keeps what the fields of a binding have left of the segment. */
  keepRest(slot: LoadedSlot, binding: LoadedBinding): void
  /** Puts all that is kept of the segment into its node. */
  putExtras(slot: LoadedSlot, node: Node): void
  openLoop(frame: Frame, binding: LoadedBinding, node: Node, close?: () => void): void
  /** Of reading with a trace: what a binding has read. */
  noteRead(binding: LoadedBinding, node: Node): void
  /** Of reading with a trace: the n-th field of a binding gave no value. */
  noteUnread(binding: LoadedBinding, n: number, node: Node): void
  /** Of reading with a trace: values that could not be read so far. */
  readonly unreadCount: number
}

/** The code of a slot; `isTraced`: it tells the trace what it does. */
export function slotCode(slot: LoadedSlot, isTraced: boolean): ReadSlot {
  const code = new SlotCode(slot, isTraced)
  const make = fromText<(names: readonly unknown[]) => ReadSlot>(code.text())
  return make(code.named)
}

class SlotCode {
  /** What the code has no literal for, by the number in its name. */
  readonly named: unknown[] = []
  private readonly slot: LoadedSlot
  private readonly isTraced: boolean

  constructor(slot: LoadedSlot, isTraced: boolean) {
    this.slot = slot
    this.isTraced = isTraced
  }

  text(): string {
    const { slot, named } = this
    const attempts = slot.bindings.map((binding) => this.attempt(binding))
    return `([${named.map((_, n) => `$${n}`).join(', ')}]) => (reader, frame) => {
      const { elements, kept } = reader
      const { count, given, texts } = elements
      const owner = frame.node
      const hasMore = count > ${MASKED} || elements.mayRepeat ||
        (count > 0 && (given & (1 << (count - 1))) === 0)
      ${attempts.join('\n')}
      return false
    }
    //# sourceURL=slot/${slot.id.replace(/[^\w/-]/g, '_')}`
  }

  private name(value: unknown): string {
    return `$${this.named.push(value) - 1}`
  }

  /** Reads by one binding and returns, or comes to its own end: then it says nothing this binding has a place for. */
  private attempt(binding: LoadedBinding): string {
    const label = `binding${binding.index}`
    const taking =
      binding.view === undefined
        ? this.takeNode(binding, `break ${label}`)
        : this.takeItem(binding, binding.view.of, `break ${label}`)
    return `${label}: {
      if (!(${fits(binding)})) break ${label}
      kept.pending = undefined
      ${taking}
      frame.note(${binding.index})
      ${this.isTraced ? `reader.noteRead(${this.name(binding)}, node)` : ''}
      return true
    }`
  }

  private takeNode(binding: LoadedBinding, leave: string): string {
    const { list, hasComputed, isAlways, isAlternative, needs, id } = binding
    const join = this.join(binding)
    const drop = this.isTraced
      ? `{ if (reader.unreadCount > unreadBefore) { ${join} } ${leave} }`
      : leave
    const canBeNothing = list === undefined && !isAlways && !hasComputed
    return [
      this.node(binding, leave),
      ...(this.isTraced ? ['const unreadBefore = reader.unreadCount'] : []),
      this.fields(binding),
      ...(canBeNothing ? [`if (!isRead) ${drop}`] : []),
      ...needs.map((key) => `if (!${this.name(key.get)}(node)) ${drop}`),
      ...(isAlternative ? [`kept.keep('at', ${JSON.stringify(id)})`] : []),
      this.putExtras(),
      join,
      ...(this.slot.isLoop ? [`reader.openLoop(frame, ${this.name(binding)}, node)`] : []),
    ].join('\n')
  }

  /** Finds or makes the node. */
  private node(
    { index, list, within, beside, create, path }: LoadedBinding,
    leave: string,
  ): string {
    if (list !== undefined) return `const node = ${this.name(create)}()`
    // A binding to a single node takes one occurrence; the next one is another binding's, or kept.
    const once = `if (frame.hasTaken(${index})) ${leave}\n`
    if (within !== undefined) {
      return `${once} const node = ${this.name(path!.get)}(owner) ?? ${this.name(create)}()`
    }
    if (beside === undefined) return `${once} const node = owner`
    return `${once} const node = ${this.name(beside)}(owner)
      if (node === undefined) ${leave}`
  }

  private takeItem(
    binding: LoadedBinding,
    view: NonNullable<LoadedBinding['view']>['of'],
    leave: string,
  ): string {
    const { isLoop } = this.slot
    const { create, viewIndex } = binding
    const joined = `${this.name(view)}.join(owner, node, nth)`
    return [
      `const node = ${this.name(create)}()`,
      this.fields(binding),
      ...(isLoop ? [] : [`if (!isRead) ${leave}`]),
      ...(isLoop || view.keepsExtras === true ? [] : [`if (kept.pending !== undefined) ${leave}`]),
      this.putExtras(),
      `const nth = frame.joined(${viewIndex})`,
      isLoop
        ? `reader.openLoop(frame, ${this.name(binding)}, node, () => { ${joined} })`
        : `if (!${joined}) ${leave}`,
      `frame.noteJoined(${viewIndex})`,
    ].join('\n')
  }

  /** Reads the fields that have an element given, and keeps what they leave. */
  private fields(binding: LoadedBinding): string {
    const reads = binding.fields.map((field, n) => this.field(binding, field, n))
    return `reader.node = node
      let isRead = false
      ${reads.join('\n')}
      if (hasMore || (given & ${~binding.wholly}) !== 0) reader.keepRest(${this.name(this.slot)}, ${this.name(binding)})`
  }

  private field(binding: LoadedBinding, field: LoadedField, n: number): string {
    const read = `${this.name(field.read satisfies ReadField)}(reader, node)`
    if (this.isTraced) {
      return `if (${read}) isRead = true
        else reader.noteUnread(${this.name(binding)}, ${n}, node)`
    }
    const isAsked = field.isAlwaysRead || field.takes.some((element) => element > MASKED)
    return `if (${isAsked ? '' : `(given & ${bitsOf(field.takes)}) !== 0 && `}${read}) isRead = true`
  }

  private putExtras(): string {
    const { agreed } = this.slot
    return agreed === undefined
      ? 'if (kept.pending !== undefined) kept.putInto(node)'
      : `reader.putExtras(${this.name(this.slot)}, node)`
  }

  /** Puts the node into its owner. */
  private join({ list, within, path }: LoadedBinding): string {
    if (within !== undefined) return `${this.name(path!.set)}(owner, node)`
    if (list === undefined) return ''
    return `const items = ${this.name(path!.get)}(owner)
      if (items === undefined) ${this.name(path!.set)}(owner, [node])
      else items.push(node)`
  }
}

/** Whether a segment has the texts a binding is about. */
function fits({ conditions, filled }: LoadedBinding): string {
  const at = (element: number, component: number) =>
    component === 0 ? `texts[${element}]` : `elements.component(${element}, ${component})`
  const isOne = conditions.map(({ element, component, texts }) => {
    const equal = texts.map((text) => `${at(element, component)} === ${JSON.stringify(text)}`)
    return `(${equal.join(' || ')})`
  })
  const isFilled = filled.map(({ element, component }) => `${at(element, component)} !== ''`)
  return ['true', ...isOne, ...isFilled].join(' && ')
}
