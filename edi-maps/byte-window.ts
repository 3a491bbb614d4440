// The bytes a tokenizer has not finished with, and where they stood in the input. Knows nothing of any syntax.
import { Block, type BlockSyntax, type LineBreak } from './block.js'
import { byteText } from './charset.js'
import type { Place } from './issue.js'
import { Unwrapper, type Wrap } from './line-wrap.js'

const CR = 13
const LF = 10

/** What is known of a run of bytes: its line breaks (a CR LF is one), and what need not be looked for in it. */
interface Survey {
  readonly segments: number
  readonly breaks: number
  readonly isAscii: boolean
  readonly hasRelease: boolean
  /** There may be control characters or separators of repetitions in segments. */
  readonly isOdd: boolean
}

export class ByteWindow {
  bytes: Uint8Array<ArrayBuffer>
  /** Unread bytes are `bytes[head, length)`. */
  head = 0
  length = 0
  /** Another object whenever bytes have come or moved. */
  contents = {}
  /** No bytes will follow. */
  isLast = false
  /** Byte before `head`, 0 at the start of the input. */
  previous = 0
  /** Position of `bytes[0]` in the input, not counting wraps. */
  private base = 0
  /** Bytes of wraps before `head`. */
  private wrapped = 0
  private line = 1
  private unwrapper: Unwrapper | undefined
  private wraps: Wrap[] = []

  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity)
  }

  append(chunk: Uint8Array): void {
    this.contents = {}
    if (this.head > 0) {
      this.bytes.copyWithin(0, this.head, this.length)
      this.base += this.head
      this.length -= this.head
      this.head = 0
    }
    if (this.length + chunk.length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.bytes.length, this.length + chunk.length))
      larger.set(this.bytes.subarray(0, this.length))
      this.bytes = larger
    }
    if (this.unwrapper === undefined) {
      this.bytes.set(chunk, this.length)
      this.length += chunk.length
    } else {
      this.length = this.unwrapper.push(chunk, this.bytes, this.length, this.base, this.wraps)
    }
  }

  close(): void {
    this.isLast = true
    this.endWraps()
  }

  /** A wrap held back at the end of the input is one. */
  private endWraps(): void {
    const rest = this.unwrapper?.rest() ?? ''
    if (rest !== '') this.wraps.push({ at: this.base + this.length, bytes: rest })
  }

  get isWrapped(): boolean {
    return this.unwrapper !== undefined
  }

  /** Whether there is anything not taken yet. */
  get isEmpty(): boolean {
    return this.head === this.length && this.wraps.length === 0
  }

  /** From `at` on, where column `column` of a line stands, line breaks at column `width` are no data. */
  unwrap(at: number, width: number, column: number): void {
    this.contents = {}
    this.unwrapper = new Unwrapper(width, column)
    const rest = this.bytes.subarray(at, this.length)
    this.length = this.unwrapper.push(rest, this.bytes, at, this.base, this.wraps)
    if (this.isLast) this.endWraps()
  }

  /** Position of `bytes[at]` among the bytes without wraps; what a caller compares over several chunks. */
  position(at: number): number {
    return this.base + at
  }

  /** Byte text of `bytes[from, to)`. */
  text(from: number, to: number): string {
    return byteText(this.bytes, from, Math.min(to, this.length))
  }

  /** The place in the input of `bytes[from, to)`, which are unread. */
  place(from: number, to: number): Place {
    const start = this.offset(from)
    const { breaks } = this.survey(from)
    const wrapsBefore = this.wraps.filter((wrap) => wrap.at <= this.base + from).length
    const end = from < to ? this.offset(to - 1) + 1 : start
    return { offset: start, end, line: this.line + breaks + wrapsBefore }
  }

  /** Input offset of the unread `bytes[at]`. */
  private offset(at: number): number {
    let offset = this.base + at + this.wrapped
    for (const wrap of this.wraps) if (wrap.at <= this.base + at) offset += wrap.bytes.length
    return offset
  }

  /**
   * Makes a block of the unread bytes up to `to` and moves on. `survey`: line breaks in them (a CR LF is
   * one), whether all are ASCII and whether there is a release character, where the caller knows. `isRest`: with the wrap the input ends with.
   */
  take(
    to: number,
    index: number,
    marks: Int32Array,
    syntax: BlockSyntax,
    survey?: Survey,
    isRest = false,
  ): Block {
    const { bytes, head } = this
    const { segments, breaks, isAscii, hasRelease, isOdd } =
      survey ?? this.survey(to, syntax.release)
    const base = this.base + head
    const wraps: LineBreak[] = []
    let removed = 0
    while (this.wraps[0] !== undefined && (this.wraps[0].at < this.base + to || isRest)) {
      const wrap = this.wraps.shift()!
      wraps.push({ at: wrap.at - base, bytes: wrap.bytes })
      removed += wrap.bytes.length
    }
    const afterCr = this.previous === CR && bytes[head] === LF && to > head
    const block = new Block({
      bytes: bytes.slice(head, to),
      base: base + this.wrapped,
      line: afterCr ? this.line - 1 : this.line,
      index,
      count: segments,
      marks,
      syntax,
      isAscii,
      hasRelease,
      isOdd,
      breaks: wraps.length === 0 ? undefined : wraps,
    })
    this.line += breaks + wraps.length
    this.wrapped += removed
    if (to > head) this.previous = bytes[to - 1]!
    this.head = to
    return block
  }

  private survey(to: number, release = -1): Survey {
    let any = 0
    let breaks = 0
    let hasRelease = false
    let { previous } = this
    for (let at = this.head; at < to; at++) {
      const byte = this.bytes[at]!
      any |= byte
      if (byte === release) hasRelease = true
      if (byte === CR || (byte === LF && previous !== CR)) breaks++
      previous = byte
    }
    return { segments: 1, breaks, isAscii: any < 0x80, hasRelease, isOdd: true }
  }
}
