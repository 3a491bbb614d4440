// What an agreement demands of a set on top of the standard: the partner's texts are translated, and checked. Nothing
// here is asked of segments that no agreement says anything of.
import { complaint, matches, type ElementDemand, type PlaceDemand, type TextAt } from '../agreed.js'
import type { IssueCode } from '../issue.js'
import type { LoadedSlot } from '../load.js'
import type { Node } from '../map.js'
import { makeExtras } from '../path.js'
import type { SegmentElements } from '../segment-elements.js'
import type { Findings, Where } from './findings.js'
import type { Frame } from './frame.js'

const CODE_FINDINGS: ReadonlySet<IssueCode> = new Set([
  'code-invalid',
  'element-too-short',
  'element-too-long',
])
const MISSING: ReadonlySet<IssueCode> = new Set(['element-missing'])

export class Agreed {
  /** Elements of the segment at hand that are as the agreement has them: there is nothing to keep of them. */
  private isConstant: Set<number> | undefined
  /** Texts of the segment at hand that would not be written again, by the id of the demand. */
  private sentTexts: Record<string, string> | undefined
  /** Where the findings on the segment at hand begin. */
  private from = 0
  /** Demands that can only be judged when the whole document is known. */
  private readonly open: {
    readonly demand: PlaceDemand
    readonly tag: string
    readonly where: Where
  }[] = []
  private readonly elements: SegmentElements
  private readonly findings: Findings
  private readonly document: Node
  private readonly textAt: TextAt

  constructor(elements: SegmentElements, findings: Findings, document: Node) {
    this.elements = elements
    this.findings = findings
    this.document = document
    this.textAt = (element, component) => elements.at(element, component)
  }

  get constants(): ReadonlySet<number> | undefined {
    return this.isConstant
  }

  /**
   * Translates the partner's texts and checks them; false when the segment is to be passed over. `from`: where the
   * findings on it begin.
   */
  agree(frame: Frame, { agreed, isLoop }: LoadedSlot, from: number): boolean {
    this.from = from
    this.isConstant = undefined
    this.sentTexts = undefined
    const { drops, places, elements } = agreed!
    for (const demand of elements) if (this.holds(demand)) this.agreeElement(demand)
    if (drops.some((where) => matches(where, this.textAt))) {
      this.findings.issues.length = from
      return false
    }
    for (const demand of places) {
      if (this.holds(demand)) this.agreePlace(frame, demand, isLoop)
    }
    return true
  }

  private holds({ where, holds }: PlaceDemand | ElementDemand): boolean {
    return matches(where, this.textAt) && holds?.(this.document) !== false
  }

  private agreePlace(frame: Frame, demand: PlaceDemand, isLoop: boolean): void {
    const { findings } = this
    const met = (frame.met ??= new Map())
    const count = (met.get(demand) ?? 0) + 1
    met.set(demand, count)
    const { name, use, max } = demand
    if (use === 'unused') {
      findings.tell('segment-not-agreed', `The agreement has no ${name} here.`)
    } else if (max !== undefined && count === max + 1) {
      const text = `The agreement allows ${name} ${max} times here.`
      findings.tell(isLoop ? 'loop-repeats-too-often' : 'segment-repeats-too-often', text)
    }
  }

  private agreeElement(demand: ElementDemand): void {
    const { elements, findings, from } = this
    const { element, component, use, known, fromWire, toWire, constant } = demand
    const sent = elements.at(element, component)
    if (known?.has(sent) === true) findings.lift(from, demand, CODE_FINDINGS)
    const isDropped = demand.isDropped === true
    if ((use === 'optional' || isDropped) && sent === '') findings.lift(from, demand, MISSING)
    if (isDropped) {
      elements.replace(element, component, '')
      return
    }
    const wrong = complaint(demand, sent)
    if (wrong?.code === 'element-missing') findings.lift(from, demand, MISSING)
    if (wrong !== undefined) {
      findings.tellElement(wrong.code, wrong.text, demand, sent, wrong.expected)
    }
    if (sent === '') return
    if (use === 'unused') {
      findings.tellElement('element-not-agreed', 'The agreement has no value here.', demand, sent)
    }
    if (constant !== undefined && sent !== constant) {
      const text = `The agreement has ${constant} here.`
      findings.tellElement('value-not-agreed', text, demand, sent, constant)
    }
    if (constant === sent && component === 0) (this.isConstant ??= new Set()).add(element)
    const text = fromWire === undefined ? sent : fromWire(sent)
    if (text !== sent) elements.replace(element, component, text)
    const again = toWire === undefined ? text : toWire(text)
    if (again !== sent) (this.sentTexts ??= {})[demand.id] = sent
  }

  /** Puts the texts that would not be written again into a node's extras. */
  putInto(node: Node, standard: string): void {
    if (this.sentTexts === undefined) return
    const extras = makeExtras(node, standard)
    extras['sent'] = { ...(extras['sent'] as Node | undefined), ...this.sentTexts }
  }

  /** Asks at the end of a slot for what the agreement requires there. */
  askRequired(frame: Frame, { agreed, tag }: LoadedSlot): void {
    const { findings } = this
    for (const demand of agreed!.places) {
      if (demand.use !== 'required' || (frame.met?.get(demand) ?? 0) > 0) continue
      findings.loop = frame.loop
      if (demand.holds === undefined) this.tellRequired(demand, tag)
      else this.open.push({ demand, tag, where: findings.where() })
    }
  }

  /** To be called when the whole document is known. */
  judge(): void {
    for (const { demand, tag, where } of this.open) {
      if (demand.holds?.(this.document) !== true) continue
      this.findings.goTo(where)
      this.tellRequired(demand, tag)
    }
  }

  private tellRequired({ name }: PlaceDemand, tag: string): void {
    this.findings.tell('segment-missing', `The agreement requires ${name} here.`, { tag })
  }
}
