// What can only be judged when the whole document is known: counts and totals, amounts that follow from others, values
// that another place may tell too.
import { computedHint } from '../fields/computed.js'
import type { Compare, LoadedComputed } from '../field.js'
import { parsePosition } from '../field.js'
import type { LoadedMap } from '../load.js'
import type { Computing, Node } from '../map.js'
import { makeExtras } from '../path.js'
import type { Position, Segment } from '../segment.js'
import type { Findings, Where } from './findings.js'

/** What is done with a value when all else is read; gives what is kept of it. */
export type LateAct = () => readonly [key: string, text: string] | undefined

/** A value to be compared with the rest of its node, and where it stood. */
interface Check {
  readonly node: Node
  readonly compare: Compare
  readonly where: Where
  readonly positions: readonly Position[]
  readonly value: string
}

/** A computed element as it was sent. */
interface Sent {
  readonly node: Node
  readonly text: string
  readonly segment: Segment
  readonly segmentIndex: number
}

export class Outcome {
  private late: { readonly node: Node; readonly act: LateAct }[] | undefined
  private checks: Check[] | undefined
  /** By the place of the field among those of the map. */
  private readonly computed: Sent[] = []
  private readonly findings: Findings
  private readonly loaded: LoadedMap

  constructor(findings: Findings, loaded: LoadedMap) {
    this.findings = findings
    this.loaded = loaded
  }

  later(node: Node, act: LateAct): void {
    ;(this.late ??= []).push({ node, act })
  }

  /** `value` stands at the last of the positions, in the segment at hand. */
  check(node: Node, compare: Compare, positions: readonly Position[], value: string): void {
    ;(this.checks ??= []).push({ node, compare, where: this.findings.where(), positions, value })
  }

  sent(field: LoadedComputed, node: Node, text: string): void {
    const { segment, segmentIndex } = this.findings
    this.computed[field.index] = { node, text, segment, segmentIndex }
  }

  /** Reads what was put off. */
  finishLate(): void {
    const { standard } = this.loaded.map
    for (const { node, act } of this.late ?? []) {
      const kept = act()
      if (kept !== undefined) makeExtras(node, standard)[kept[0]] = kept[1]
    }
  }

  /** `from` makes what values are computed from. */
  compareComputed(from: () => Computing): void {
    const { loaded, findings } = this
    if (loaded.computed.length === 0) return
    const computing = from()
    for (const field of loaded.computed) {
      const sent = this.computed[field.index]
      const text = sent?.text ?? ''
      if (text === '' && !field.field.usual) continue
      const value = field.field.value(computing)
      const hint = computedHint(field, text, value, computing)
      if (hint === undefined) continue
      makeExtras(sent?.node ?? computing.document, loaded.map.standard)[field.key] = hint
      const isOther = typeof hint !== 'object' || hint === null || 'counts' in hint
      if (!field.field.verified || isOther || sent === undefined) continue
      findings.segment = sent.segment
      findings.segmentIndex = sent.segmentIndex
      const about = `${field.id} says ${text}, counted were ${value ?? 'none'}.`
      const at = parsePosition(field.field.computed)
      findings.tellElement('total-mismatch', about, at, text, value)
    }
  }

  /** Amounts are compared when the whole document is known, and told where they stood. */
  compareChecked(document: Node): void {
    const { findings } = this
    for (const { node, compare, where, positions, value } of this.checks ?? []) {
      const mismatch = compare(node, document)
      if (mismatch === undefined) continue
      findings.goTo(where)
      const { text, expected } = mismatch
      const at = parsePosition(positions[positions.length - 1] ?? 0)
      findings.tellElement('amount-mismatch', text, at, value, expected)
    }
  }
}
