// A block is a run of segments read together: its bytes, the same as one string, one table of separator positions, and
// the segments as views into them. It is what keeps reading cheap: an object of two fields per segment, strings only
// when asked for. Bytes are what is looked at, as looking at the characters of a string takes five times as long.
import { asciiText, byteText, plainText, decodeUtf8, decodeValue, type Charset } from './charset.js'
import { COMMON, commonText } from './common-text.js'
import type { Issue, Place } from './issue.js'
import type { SegmentLayout } from './layout.js'
import { escape, unescape } from './release.js'
import type { Position, Segment, ServiceCharacters } from './segment.js'
import { HIGH, KINDS, PRINTED, type SegmentElements, type TextRules } from './segment-elements.js'
import { SHORT, shortText } from './short-text.js'
import { tagKey } from './tag-key.js'

/** Line breaks taken out of a wrapped input: `bytes` stood before the character at `at`. */
export interface LineBreak {
  readonly at: number
  readonly bytes: string
}

/** How the separators inside a segment are to be read; codes are character codes, -1 = there is none. */
export interface BlockSyntax {
  readonly standard: Segment['standard']
  readonly characters: ServiceCharacters
  readonly charset: Charset
  readonly component: number
  readonly repetition: number
  /** The character after it is data. */
  readonly release: number
  /** The block is a header that sets the characters. */
  readonly isHeader?: true
}

const CR = 13
const LF = 10
const NONE: readonly Issue[] = []
/** Texts made by themselves before that of a whole block is: how many, and of what length at most. */
const SINGLES = 32
const LONG = 16

/** Fixed part of a row in `marks`: element count, gap start, tag start; then each separator, then the data's end. */
const COUNT = 0
const GAP = 1
const START = 2
const FIXED = 3

export class Block {
  /** Line wraps taken out. */
  readonly bytes: Uint8Array
  private madeText: string | undefined
  /** Texts that may still be made without it. */
  private singles = SINGLES
  /** Input offset of the first byte. */
  readonly base: number
  /** Line of the first byte, from 1. */
  readonly line: number
  /** Index of the first segment. */
  readonly index: number
  /** How many there are. */
  readonly count: number
  readonly marks: Int32Array
  readonly syntax: BlockSyntax
  readonly isAscii: boolean
  /** The release character as far as it is used in the block, else -1. */
  readonly release: number
  /** Values are what stands there: all is ASCII, nothing released. */
  private readonly isPlain: boolean
  /** Beside separators and line ends there are only characters of ASCII that are printed, and no repetitions. */
  private readonly isClean: boolean
  /** Kinds of characters (as in KINDS) among which are those that make a value another one than what stands there. */
  private readonly unsure: number
  /** Kind of the separator of repetitions; 0 where there is none. */
  private readonly repeating: number
  /** Separators as in `syntax`, whose objects have many shapes. */
  readonly component: number
  readonly repetition: number
  /** Where the component ended that `part` read last. */
  partEnd = 0
  readonly breaks: readonly LineBreak[] | undefined
  private readonly found = new Map<number, Issue[]>()
  private lineMemo: { at: number; line: number }
  /** Parts found last, of elements with very many. */
  private readonly componentMemo = { from: -1, n: 1, at: -1 }
  private readonly repetitionMemo = { from: -1, n: 1, at: -1 }
  private readonly endMemo = { from: -1, end: -1 }
  private readonly countMemo = { from: -1, count: 0 }
  private indexMemo: { row: number; index: number }

  constructor(part: {
    bytes: Uint8Array
    base: number
    line: number
    index: number
    count: number
    marks: Int32Array
    syntax: BlockSyntax
    isAscii: boolean
    hasRelease: boolean
    isOdd: boolean
    breaks?: readonly LineBreak[] | undefined
  }) {
    this.bytes = part.bytes
    this.base = part.base
    this.line = part.line
    this.index = part.index
    this.count = part.count
    this.marks = part.marks
    this.syntax = part.syntax
    this.isAscii = part.isAscii
    this.release = part.hasRelease ? part.syntax.release : -1
    this.isPlain = part.isAscii && this.release < 0
    this.isClean = this.isPlain && !part.isOdd
    this.component = part.syntax.component
    this.repetition = part.syntax.repetition
    this.breaks = part.breaks
    this.repeating = kindOf(this.repetition)
    this.unsure = HIGH | this.repeating | kindOf(this.release)
    this.lineMemo = { at: 0, line: part.line }
    this.indexMemo = { row: 0, index: part.index }
  }

  /** All bytes as text, right where they are ASCII; made when it is first asked for. */
  get text(): string {
    return (this.madeText ??= this.isAscii ? plainText(this.bytes) : asciiText(this.bytes))
  }

  /** Puts the segments of this block into `out` from `at` on; gives where they end. */
  put(out: Segment[], at: number): number {
    const { marks } = this
    for (let row = 0; row < marks.length; row += marks[row]! + FIXED + 1) {
      out[at++] = new BlockSegment(this, row)
    }
    return at
  }

  /** Index of the segment of a row. Remembers the last answer, as questions mostly come in order. */
  indexAt(row: number): number {
    if (this.indexMemo.row > row) this.indexMemo = { row: 0, index: this.index }
    let { row: at, index } = this.indexMemo
    for (; at < row; index++) at += this.marks[at]! + FIXED + 1
    this.indexMemo = { row, index }
    return index
  }

  /** Input offset of the character at `at`, which may be one past the last. */
  offsetAt(at: number): number {
    let offset = this.base + at
    if (this.breaks !== undefined) {
      for (const { at: after, bytes } of this.breaks) if (after <= at) offset += bytes.length
    }
    return offset
  }

  /** Input offset one past the character before `at`: a wrap that follows it is not part of it. */
  endAt(at: number): number {
    return at === 0 ? this.offsetAt(0) : this.offsetAt(at - 1) + 1
  }

  /** Line of the character at `at`. Remembers the last answer, as questions mostly come in order. */
  lineAt(at: number): number {
    if (this.lineMemo.at > at) this.lineMemo = { at: 0, line: this.line }
    let { line } = this.lineMemo
    for (let k = this.lineMemo.at; k < at; k++) {
      const byte = this.bytes[k]
      if (byte === CR || (byte === LF && this.bytes[k - 1] !== CR)) line++
    }
    this.lineMemo = { at, line }
    if (this.breaks !== undefined) for (const { at: after } of this.breaks) if (after <= at) line++
    return line
  }

  /** Text of a value, unescaped. */
  value(from: number, to: number): string {
    if (this.isPlain) return this.ascii(from, to)
    const { bytes, release } = this
    let any = 0
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!
      any |= byte
      if (byte === release) {
        return this.decode(unescape(this.byteText(from, to), this.syntax.characters))
      }
    }
    return any < 0x80 ? this.ascii(from, to) : this.decode(byteText(bytes, from, to))
  }

  /** Text of bytes that are ASCII. */
  private ascii(from: number, to: number): string {
    const { madeText } = this
    return madeText === undefined ? this.single(from, to) : madeText.slice(from, to)
  }

  /** The same while only few are asked for, which is not worth the text of the whole block. */
  private single(from: number, to: number): string {
    const length = to - from
    if (length <= SHORT) return shortText(this.bytes, from, to)
    if (this.singles === 0 || length > LONG) return this.text.slice(from, to)
    this.singles--
    let text = ''
    for (let at = from; at < to; at++) text += String.fromCharCode(this.bytes[at]!)
    return text
  }

  /** Fills in the elements of the segment of a row. */
  elementsInto(row: number, elements: SegmentElements, rules: TextRules): void {
    const { bytes, isClean, marks, text, unsure } = this
    const { texts } = elements
    const count = marks[row]!
    while (texts.length <= count) texts.push('')
    let from = marks[row + FIXED]! + 1
    let given = 0
    let all = 0
    let isDoubtful = 3 * count > rules.length
    for (let n = 1; n <= count; n++) {
      const to = marks[row + FIXED + n]!
      let value = ''
      if (from < to) {
        let kind = 0
        let key = 0
        // The characters of a longer text are not looked at where every one is right.
        const length = to - from
        if (!isClean || length <= COMMON || (rules[3 * n - 3]! & PRINTED) !== 0) {
          for (let at = from; at < to; at++) {
            const byte = bytes[at]!
            kind |= KINDS[byte]!
            key = (key << 8) | byte
          }
        }
        all |= kind
        if ((kind & unsure) !== 0) value = this.value(from, this.find(this.repetition, from, to))
        else if (length <= COMMON) value = commonText(key, text, from, to)
        else value = text.slice(from, to)
        const characters = value.length
        if (characters > 0) {
          given |= 1 << (n - 1)
          const rule = 3 * n - 3
          const isRight =
            (kind & rules[rule]!) === 0 &&
            characters >= rules[rule + 1]! &&
            characters <= rules[rule + 2]!
          if (!isRight) isDoubtful = true
        }
      }
      texts[n] = value
      from = to + 1
    }
    elements.count = count
    elements.given = given
    elements.isDoubtful = isDoubtful
    elements.mayRepeat = (all & this.repeating) !== 0
  }

  /** Byte text of a part. */
  byteText(from: number, to: number): string {
    if (this.isAscii) return this.text.slice(from, to)
    let any = 0
    for (let at = from; at < to; at++) any |= this.bytes[at]!
    return any < 0x80 ? this.text.slice(from, to) : byteText(this.bytes, from, to)
  }

  /** Text of the component that begins at `from` and ends at its separator or at `to`; where it ended is `partEnd`. */
  part(from: number, to: number): string {
    const { bytes, release, component } = this
    let any = 0
    let at = from
    let isReleased = false
    for (; at < to; at++) {
      let byte = bytes[at]!
      if (byte === component) break
      if (byte === release) {
        isReleased = true
        if (++at < to) byte = bytes[at]!
      }
      any |= byte
    }
    const end = at < to ? at : to
    this.partEnd = end
    if (isReleased) return this.decode(unescape(this.byteText(from, end), this.syntax.characters))
    return any < 0x80 ? this.ascii(from, end) : this.decode(byteText(bytes, from, end))
  }

  /**
   * Where the n-th part between separators begins in `[from, to)`; `to` when there are fewer. Remembers the last answer, as
   * questions mostly come in order: an element may have a hundred thousand parts.
   */
  nth(separator: number, from: number, to: number, n: number): number {
    if (n <= 1) return from
    const memo = separator === this.component ? this.componentMemo : this.repetitionMemo
    if (memo.from !== from || memo.n > n) {
      memo.from = from
      memo.n = 1
      memo.at = from
    }
    for (; memo.n < n; memo.n++) {
      const end = this.find(separator, memo.at, to)
      if (end === to) return to
      memo.at = end + 1
    }
    return memo.at
  }

  /** Where the repetition that begins at `from` ends. Remembers the last answer, as `nth` does. */
  repetitionEnd(from: number, to: number): number {
    const memo = this.endMemo
    if (memo.from !== from) {
      memo.end = this.find(this.repetition, from, to)
      memo.from = from
    }
    return memo.end
  }

  /** Repetitions in `[from, to)`. Remembers the last answer: who goes through them asks again and again. */
  repetitions(from: number, to: number): number {
    const memo = this.countMemo
    if (memo.from === from) return memo.count
    let count = 1
    for (let at = this.find(this.repetition, from, to); at < to; count++) {
      at = this.find(this.repetition, at + 1, to)
    }
    memo.from = from
    memo.count = count
    return count
  }

  /** Where a separator stands in `[from, to)`, else `to`. */
  find(separator: number, from: number, to: number): number {
    const { bytes, release } = this
    if (separator < 0) return to
    for (let at = from; at < to; at++) {
      const byte = bytes[at]
      if (byte === separator) return at
      if (byte === release) at++
    }
    return to
  }

  decode(text: string): string {
    return this.isAscii ? text : decodeValue(text, this.syntax.charset)
  }

  /** The gap before the segment of a row. */
  gapPlace(row: number): Place {
    const from = this.marks[row + GAP]!
    return {
      offset: this.offsetAt(from),
      end: this.endAt(this.marks[row + START]!),
      line: this.lineAt(from),
    }
  }

  /** Values that are not in the character set of the block, by row; there are only some where it is UTF-8. */
  undecodable(): { row: number; element: number; component: number; place: Place }[] {
    const found: ReturnType<Block['undecodable']> = []
    const { marks } = this
    for (let row = 0; row < marks.length; row += marks[row]! + FIXED + 1) {
      const segment = new BlockSegment(this, row)
      for (const [element, repetition, component] of segment.layout().latin1 ?? []) {
        const range = segment.range(element, component, repetition)
        found.push({ row, element, component, place: { ...range, line: segment.line } })
      }
    }
    return found
  }

  report(row: number, issue: Issue): void {
    const list = this.found.get(row)
    if (list === undefined) this.found.set(row, [issue])
    else list.push(issue)
  }

  issuesAt(row: number): readonly Issue[] {
    return this.found.size === 0 ? NONE : (this.found.get(row) ?? NONE)
  }
}

/** The segments of blocks, in an array that never grew. */
export function segmentsOf(blocks: readonly Block[]): Segment[] {
  let count = 0
  for (const block of blocks) count += block.count
  const out = new Array<Segment>(count)
  let at = 0
  for (const block of blocks) at = block.put(out, at)
  return out
}

/** Kind of a separator; 0 where there is none. */
const kindOf = (separator: number): number => (separator < 0 ? 0 : KINDS[separator]!)

/** A segment as a view into its block. */
class BlockSegment implements Segment {
  readonly tagKey: number
  private readonly block: Block
  private readonly row: number

  constructor(block: Block, row: number) {
    const { bytes, marks } = block
    this.block = block
    this.row = row
    this.tagKey = tagKey(bytes, marks[row + START]!, marks[row + FIXED]!)
  }

  get number(): number {
    return this.block.indexAt(this.row) + 1
  }

  get elementCount(): number {
    return this.block.marks[this.row + COUNT]!
  }

  get tag(): string {
    const { bytes, marks } = this.block
    const from = marks[this.row + START]!
    const to = marks[this.row + FIXED]!
    return to - from > SHORT ? byteText(bytes, from, to) : shortText(bytes, from, to)
  }

  get offset(): number {
    return this.block.offsetAt(this.block.marks[this.row + START]!)
  }

  get end(): number {
    return this.block.endAt(this.stop)
  }

  get line(): number {
    return this.block.lineAt(this.block.marks[this.row + START]!)
  }

  get before(): string {
    const { block } = this
    const from = block.marks[this.row + GAP]!
    const to = block.marks[this.row + START]!
    let before = ''
    let at = from
    for (const wrap of block.breaks ?? []) {
      if (wrap.at < from || wrap.at > to) continue
      before += block.byteText(at, wrap.at) + wrap.bytes
      at = wrap.at
    }
    return before + block.byteText(at, to)
  }

  get standard(): Segment['standard'] {
    return this.block.syntax.standard
  }

  get characters(): ServiceCharacters {
    return this.block.syntax.characters
  }

  get issues(): readonly Issue[] {
    return this.block.issuesAt(this.row)
  }

  get(at: Position): string {
    if (typeof at !== 'number') {
      const [element, component] = at.split('-')
      if (component !== undefined) return this.component(Number(element), Number(component))
      at = Number(element)
    }
    const { block } = this
    const from = this.from(at)
    return block.value(from, block.find(block.repetition, from, this.to(at)))
  }

  component(element: number, component: number, repetition = 1): string {
    const { block } = this
    const from = this.start(element, repetition)
    const to = block.repetitionEnd(from, this.to(element))
    return block.part(block.nth(block.component, from, to, component), to)
  }

  elementsInto(elements: SegmentElements, rules: TextRules): void {
    this.block.elementsInto(this.row, elements, rules)
  }

  raw(element: number): string {
    const { block } = this
    return block.decode(block.byteText(this.from(element), this.to(element)))
  }

  repetitionCount(element: number): number {
    const from = this.from(element)
    const to = this.to(element)
    return from < to ? this.block.repetitions(from, to) : 0
  }

  components(element: number, repetition = 1): string[] {
    const { block } = this
    const from = this.start(element, repetition)
    const to = block.repetitionEnd(from, this.to(element))
    if (from >= to) return []
    // Arrays of the right size: one that grows takes room for 17.
    const first = block.part(from, to)
    if (block.partEnd >= to) return [first]
    const second = block.part(block.partEnd + 1, to)
    if (block.partEnd >= to) return [first, second]
    const third = block.part(block.partEnd + 1, to)
    const values = [first, second, third]
    while (block.partEnd < to) values.push(block.part(block.partEnd + 1, to))
    return values
  }

  range(element: number, component?: number, repetition?: number): { offset: number; end: number } {
    const { block } = this
    let from = this.start(element, repetition ?? 1)
    let to = this.to(element)
    if (component !== undefined || repetition !== undefined) {
      to = block.repetitionEnd(from, to)
    }
    if (component !== undefined) {
      from = block.nth(block.component, from, to, component)
      to = block.find(block.component, from, to)
    }
    const offset = block.offsetAt(from)
    return { offset, end: from < to ? block.endAt(to) : offset }
  }

  layout(): SegmentLayout {
    const { block } = this
    const { marks, syntax } = block
    const start = marks[this.row + START]!
    const data = marks[this.row + FIXED + this.elementCount]!
    const { before, stop } = this
    const breaks: [number, number, string][] = []
    for (const { at, bytes } of block.breaks ?? []) {
      if (at <= start || at > stop - 1) continue
      const element = this.elementAt(at)
      breaks.push([element, at - (element === 0 ? start : this.from(element)), bytes])
    }
    const latin1: [number, number, number][] = []
    const isMixed = syntax.charset === 'auto' || syntax.charset === 'utf-8'
    if (!block.isAscii && isMixed) {
      for (let element = 1; element <= this.elementCount; element++) {
        if (decodeUtf8(block.byteText(this.from(element), this.to(element))) !== undefined) continue
        this.each(element, (value, repetition, component) => {
          if (decodeUtf8(value) === undefined) latin1.push([element, repetition, component])
        })
      }
    }
    const escaped: [number, number, number, string][] = []
    if (block.release >= 0) {
      for (let element = 1; element <= this.elementCount; element++) {
        this.each(element, (value, repetition, component) => {
          if (value === escape(unescape(value, syntax.characters), syntax.characters)) return
          escaped.push([element, repetition, component, block.decode(value)])
        })
      }
    }
    return {
      ...(before === '' ? {} : { before }),
      ...(breaks.length === 0 ? {} : { breaks }),
      ...(latin1.length === 0 ? {} : { latin1 }),
      ...(escaped.length === 0 ? {} : { escaped }),
      ...(stop === data && data > start ? { unterminated: true } : {}),
      ...(this.issues.some(({ code }) => code === 'interchange-width-wrong')
        ? { irregular: true }
        : {}),
      ...(syntax.isHeader === true ? { characters: syntax.characters } : {}),
    }
  }

  /** Element in whose text, or after whose text, a position lies; 0 = the tag. */
  private elementAt(at: number): number {
    const { marks } = this.block
    let element = 0
    while (element < this.elementCount && marks[this.row + FIXED + element]! < at) element++
    return element
  }

  /** Byte texts of an element's components. */
  private each(
    element: number,
    take: (value: string, repetition: number, component: number) => void,
  ): void {
    const { block } = this
    for (let repetition = 1; repetition <= this.repetitionCount(element); repetition++) {
      let from = this.start(element, repetition)
      const to = block.repetitionEnd(from, this.to(element))
      for (let component = 1; from <= to; component++) {
        const end = block.find(block.component, from, to)
        take(block.byteText(from, end), repetition, component)
        from = end + 1
      }
    }
  }

  /** Where a repetition of an element begins; the end of the element when there are fewer. */
  private start(element: number, repetition: number): number {
    const { block } = this
    return block.nth(block.repetition, this.from(element), this.to(element), repetition)
  }

  /** Where an element begins; past the last element: the end of the data. */
  private from(element: number): number {
    const { marks } = this.block
    const count = marks[this.row]!
    if (element > count || element < 1) return marks[this.row + FIXED + count]!
    return marks[this.row + FIXED + element - 1]! + 1
  }

  private to(element: number): number {
    const { marks } = this.block
    const count = marks[this.row]!
    return marks[this.row + FIXED + (element > count || element < 1 ? count : element)]!
  }

  /** One past the terminator. A missing one can only be the input's last, so the text's end bounds it. */
  private get stop(): number {
    const { bytes, marks, syntax } = this.block
    const count = marks[this.row]!
    const stop = marks[this.row + FIXED + count]!
    if (stop === marks[this.row + START]) return stop
    return Math.min(stop + syntax.characters.segment.length, bytes.length)
  }
}
