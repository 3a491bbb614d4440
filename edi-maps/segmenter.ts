// Bytes to segments, for both standards. Each pass over the unread bytes finds every complete segment, cuts a Block
// there and keeps the rest for the next bytes. Outside of an interchange it looks for the next header, of whichever
// standard, and passes over all else. What the standards have of their own is a Dialect.
import { segmentsOf, type Block, type BlockSyntax } from './block.js'
import { ByteWindow } from './byte-window.js'
import type { Charset } from './charset.js'
import { finding, type Issue, type IssueCode, type Place } from './issue.js'
import { isBreak, wrapWidth } from './line-wrap.js'
import { Scan, type SpecialTags } from './scan.js'
import type { Segment, ServiceCharacters } from './segment.js'
import { SimdScan } from './simd-scan.js'
import type { Tokenizer, TokenizerOptions } from './standard.js'

/** What an interchange header says; positions count from its first byte. */
export interface Header {
  readonly characters: ServiceCharacters
  /** How values are decoded where the header says so. */
  readonly charset?: Charset
  /** Where its segment begins: service characters may be announced before it (UNA). */
  readonly start: number
  /** Element separators and end of data where only the header knows them (ISA); else it is read like any segment. */
  readonly cut?: { readonly separators: readonly number[]; readonly stop: number }
  /** What is wrong with it; said of its bytes up to `length`. */
  readonly faults: readonly { readonly code: IssueCode; readonly text: string }[]
  readonly length: number
  /** The interchange can be read. */
  readonly isReadable: boolean
}

/** A segment whose data has a length and may hold any byte; positions count from its tag. */
export interface Binary {
  /** Where the data begins. */
  readonly data: number
  /** Bytes of data. */
  readonly length: number
  /** Element separators before the data. */
  readonly separators: readonly number[]
}

/** What a standard has of its own in cutting bytes into segments. */
export interface Dialect {
  readonly standard: 'x12' | 'edifact'
  /** Bytes a header is looked for in. */
  readonly headerLimit: number
  /** Whether a header may begin at `at`; at least four bytes are there. */
  isHeader(bytes: Uint8Array, at: number): boolean
  /**
   * Reads the header at the start of byte text. `'more'`: it takes more bytes to say; undefined: this is none.
   * `isAll`: there are no more bytes, or as many as the limit.
   */
  readHeader(text: string, isAll: boolean): Header | 'more' | undefined
  /** A line break inside the header at `at`, which only its elements can tell from one after it; -1 = none yet. */
  breakInHeader?(bytes: Uint8Array, at: number, length: number): number
  readonly specials: SpecialTags
  /** Why an input that begins with this text has no interchange, where that can be said in words. */
  whyNone(text: string): string | undefined
  /** Reads a binary segment from its first bytes. `'more'` and `isAll` as of a header; undefined: it has no length. */
  readBinary?(text: string, element: string, isAll: boolean): Binary | 'more' | undefined
}

const SIMD = SimdScan.open()
/** Bytes taken in at once; bounds the size of a block. */
const SLICE = 256 * 1024
/** What is no segment is handed on in pieces of this size. */
const GAP_LIMIT = 64 * 1024
const BINARY_LIMIT = 64
const LEADING_BLANKS = /^(?:\xef\xbb\xbf|[\0\t\n\r\x1a ])*/
/** Characters of garbage that are looked at to say why there is no interchange. */
const REMEMBERED = 64
const BLANKS = /^(?:\xef\xbb\xbf|[\0\t\n\r\x1a ])*$/

export class Segmenter implements Tokenizer {
  private readonly dialects: readonly Dialect[]
  private readonly scans: ReadonlyMap<Dialect, Scan>
  /** Of the interchange being read, or of the one before. */
  private dialect: Dialect
  private readonly charset: Charset | undefined
  private readonly maxSegment: number
  private readonly window = new ByteWindow(SLICE + 4096)
  private scan: Scan
  private index = 0
  /** Unread bytes that were searched already. */
  private seen = 0
  /** Position of a segment that the unread bytes have not the end of and that is no special one; -1 = none. */
  private partial = -1
  /** Findings to be told with the next segment. */
  private notes: Issue[] = []

  /** Of the interchange being read; undefined outside. */
  private syntax: BlockSyntax | undefined
  private hasInterchange = false
  /** Position of a header that is read next; -1 = none. */
  private header = -1
  /** Position of a binary segment whose length is wrong: it is read like any other. */
  private plain = -1
  /** Bytes are passed over up to a position, or up to the first terminator from a position on. */
  private skip: { readonly to: number } | { readonly from: number } | undefined
  /** Where garbage between interchanges began. */
  private garbage: Place | undefined
  /** What the first garbage of the input begins with. */
  private garbageText: string | undefined
  /** Where the line began that the first line break will end; undefined once it is known how lines end. */
  private lineStart: number | undefined = 0

  constructor(dialects: readonly [Dialect, ...Dialect[]], options: TokenizerOptions) {
    const scans = new Map(dialects.map((dialect) => [dialect, new Scan(dialect.specials, SIMD)]))
    this.dialects = dialects
    this.dialect = dialects[0]
    this.scans = scans
    this.scan = scans.get(dialects[0])!
    this.charset = options.charset
    this.maxSegment = options.maxSegmentBytes ?? 16 * 1024 * 1024
  }

  push(bytes: Uint8Array): Segment[] {
    const out: Block[] = []
    for (let at = 0; at < bytes.length; at += SLICE) {
      this.window.append(bytes.subarray(at, at + SLICE))
      this.run(out)
    }
    return segmentsOf(out)
  }

  end(): Segment[] {
    const out: Block[] = []
    this.window.close()
    this.run(out)
    this.finish(out)
    return segmentsOf(out)
  }

  private run(out: Block[]): void {
    let goesOn = true
    while (goesOn) {
      goesOn =
        this.skip !== undefined
          ? this.passOver(out, this.skip)
          : this.syntax === undefined
            ? this.seek(out)
            : this.read(out, this.syntax)
    }
  }

  /** Looks for the next header. True when there may be more to do with the bytes at hand. */
  private seek(out: Block[]): boolean {
    const { window } = this
    for (let at = window.head + this.seen; at < window.length - 3; at++) {
      const dialect = this.headerAt(at)
      if (dialect === undefined) continue
      if (isAlphanumeric(at > window.head ? window.bytes[at - 1]! : window.previous)) continue
      if (!this.findWrap(dialect, at)) return false
      const limit = at + dialect.headerLimit
      const header = dialect.readHeader(window.text(at, limit), this.sees(limit))
      if (header === 'more') {
        this.seen = at - window.head
        return false
      }
      if (header === undefined) continue
      this.open(out, at, dialect, header)
      return true
    }
    this.drain(out, window.length - 3)
    this.seen = Math.max(0, window.length - window.head - 3)
    return false
  }

  /** The standard whose header may begin at `at`. */
  private headerAt(at: number): Dialect | undefined {
    const { bytes } = this.window
    for (const dialect of this.dialects) if (dialect.isHeader(bytes, at)) return dialect
    return undefined
  }

  /** Hands a long gap that reaches up to `to` on in pieces; where they end does not depend on the chunks. */
  private drain(out: Block[], to: number): void {
    const { window } = this
    while (to - window.head > GAP_LIMIT) {
      if (this.syntax === undefined) this.noteGarbage(window.head + GAP_LIMIT)
      this.filler(out, window.head + GAP_LIMIT)
    }
  }

  /** All bytes up to `to` are there, or no more will come. */
  private sees(to: number): boolean {
    return this.window.isLast || to <= this.window.length
  }

  /** Finds out whether lines wrap inside the header at `at`, and unwraps them. False: it takes more bytes. */
  private findWrap(dialect: Dialect, at: number): boolean {
    const { window } = this
    if (window.isWrapped) return true
    const found = dialect.breakInHeader?.(window.bytes, at, window.length) ?? -1
    return found < 0 || this.decideWrap(found, found - this.lineStartBefore(at))
  }

  /** Where the line begins in which the header at `at` stands. */
  private lineStartBefore(at: number): number {
    const { bytes, head, previous } = this.window
    let start = at
    while (start > head && !isBreak(bytes[start - 1])) start--
    if (start > head || isBreak(previous)) return start
    return this.lineStart === undefined ? at : this.lineStart - this.window.position(0)
  }

  /** Decides whether the break at `at`, in that column, wraps a line, and takes wraps out from there on. */
  private decideWrap(at: number, column: number): boolean {
    const { window } = this
    const width = wrapWidth(window.bytes, at, column, window.length, window.isLast)
    if (width === undefined) return false
    this.lineStart = undefined
    if (width === 0) return true
    const text = `Lines are wrapped every ${width} columns; these line breaks are not data.`
    this.note('lines-wrapped', window.place(at, at), text)
    window.unwrap(at, width, width)
    return true
  }

  /** Begins an interchange whose header stands at `at`. */
  private open(out: Block[], at: number, dialect: Dialect, header: Header): void {
    const { window } = this
    this.drain(out, at)
    this.noteGarbage(at)
    this.tellGarbage()
    this.dialect = dialect
    this.scan = this.scans.get(dialect)!
    const start = at + header.start
    const lineStart = this.lineStartBefore(start)
    if (this.hasInterchange && lineStart > window.head) this.lineStart = undefined
    else if (this.lineStart !== undefined) this.lineStart = window.position(lineStart)
    this.hasInterchange = true
    this.seen = 0
    const place = window.place(at, Math.min(at + header.length, window.length))
    for (const { code, text } of header.faults) this.note(code, place, text)
    if (header.isReadable) this.use(header)
    if (header.cut === undefined) this.header = window.position(start)
    else this.emitHeader(out, start - window.head, header.characters, header.cut)
  }

  /** Reads what follows with the service characters of a header. */
  private use({ characters, charset }: Header): void {
    const { element, component, segment, repetition = '', release } = characters
    this.scan.use({ element, terminator: segment, release, component, repetition })
    if (isBreak(segment.charCodeAt(0))) this.lineStart = undefined
    this.syntax = {
      standard: this.dialect.standard,
      characters,
      charset: this.charset ?? charset ?? 'auto',
      component: codeOf(component),
      repetition: codeOf(repetition),
      release: codeOf(release ?? ''),
    }
  }

  /** Hands on a header that is not cut like other segments; `gap`: bytes before it. */
  private emitHeader(
    out: Block[],
    gap: number,
    characters: ServiceCharacters,
    { separators, stop }: NonNullable<Header['cut']>,
  ): void {
    const { window } = this
    const shifted = separators.map((separator) => gap + separator)
    const marks = Int32Array.of(separators.length, 0, gap, ...shifted, gap + stop)
    const end = window.head + gap + stop + characters.segment.length
    this.emit(out, Math.min(end, window.length), marks, {
      ...this.uncut(characters, this.charset),
      isHeader: true,
    })
  }

  /** Reads the segments of an interchange. */
  private read(out: Block[], syntax: BlockSyntax): boolean {
    const { window, scan } = this
    if (this.partial >= 0 && !window.isLast) {
      if (!scan.hasTerminator(window, window.head + this.seen)) return this.wait()
    }
    const base = window.position(0)
    const why = scan.run(window, {
      start: this.header < 0 ? -1 : this.header - base,
      plain: this.plain - base,
      watch: this.lineStart !== undefined,
      maxGap: GAP_LIMIT,
      maxSegment: this.maxSegment,
    })
    const { at } = scan
    if (scan.sawBreak) this.lineStart = undefined
    if (scan.used > 0) this.emitScanned(out, why === 'one' ? { ...syntax, isHeader: true } : syntax)
    switch (why) {
      case 'input':
        this.partial = window.length - at >= 4 ? window.position(at) : -1
        return this.wait()
      case 'one':
        this.header = -1
        return true
      case 'header':
      case 'trailer':
        this.syntax = undefined
        this.seen = 0
        this.partial = -1
        return true
      case 'binary':
        return this.readBinary(out, syntax, at)
      case 'break':
        return this.decideWrap(at, window.position(at) - (this.lineStart ?? 0))
      case 'gap':
        if (scan.repeated.at(-1) === scan.used) {
          this.note('terminator-repeated', window.place(window.head, at), REPEATED)
        }
        this.drain(out, at)
        return true
      case 'large':
        return this.tooLarge(at)
      default:
        return why satisfies never
    }
  }

  /** Remembers that the unread bytes hold no complete segment; passes over one that is too large. */
  private wait(): boolean {
    const { window, partial } = this
    this.seen = window.length - window.head
    const at = partial - window.position(0)
    const isTooLarge = partial >= 0 && window.length - at > this.maxSegment + TERMINATOR_LIMIT
    return isTooLarge ? this.tooLarge(at) : false
  }

  /** Passes over the segment at `at`. */
  private tooLarge(at: number): boolean {
    const { window } = this
    const text = `A segment has more than ${this.maxSegment} bytes; it is passed over.`
    this.note('segment-too-large', window.place(at, at + this.maxSegment), text)
    this.skip = { from: window.position(at) }
    return true
  }

  /** A segment whose data has a length and may hold any byte. */
  private readBinary(out: Block[], syntax: BlockSyntax, at: number): boolean {
    const { window } = this
    const { element, segment } = syntax.characters
    const limit = at + BINARY_LIMIT
    const binary = this.dialect.readBinary?.(window.text(at, limit), element, this.sees(limit))
    if (binary === 'more') return false
    if (binary !== undefined) {
      const stop = at + binary.data + binary.length
      const end = stop + segment.length
      if (binary.length > this.maxSegment) {
        const text = `Binary data of ${binary.length} bytes is too large and passed over.`
        this.note('segment-too-large', window.place(at, at + binary.data), text)
        this.skip = { to: window.position(end) }
        return true
      }
      if (!this.sees(end)) return false
      if (window.text(stop, end) === segment) {
        const gap = at - window.head
        const separators = binary.separators.map((separator) => gap + separator)
        const marks = Int32Array.of(separators.length, 0, gap, ...separators, stop - window.head)
        this.emit(out, end, marks, this.uncut(syntax.characters, 'latin1'))
        return true
      }
    }
    this.note('binary-length-wrong', window.place(at, at + 3), WRONG_LENGTH)
    this.plain = window.position(at)
    return true
  }

  /** Hands on what is passed over, in pieces that do not depend on the chunks. */
  private passOver(out: Block[], skip: NonNullable<Segmenter['skip']>): boolean {
    const { window, scan } = this
    const base = window.position(0)
    let to = window.length
    let isFound = window.isLast
    if ('from' in skip) {
      const { at, isEnd } = scan.findEnd(window, skip.from - base)
      // A terminator of several bytes may have begun.
      if (isEnd) to = at
      else if (!window.isLast) to = at - TERMINATOR_LIMIT
      isFound ||= isEnd
      this.skip = { from: base + at }
    } else if (skip.to - base <= window.length) {
      to = skip.to - base
      isFound = true
    }
    this.drain(out, to)
    if (!isFound) return false
    if (to > window.head) this.filler(out, to)
    this.skip = undefined
    this.header = -1
    return true
  }

  /** What is left at the end of the input. */
  private finish(out: Block[]): void {
    const { window, syntax } = this
    if (syntax !== undefined && window.head < window.length) this.lastSegment(out, syntax)
    this.noteGarbage(window.length)
    if (this.hasInterchange) this.tellGarbage()
    else {
      const text =
        this.garbage === undefined
          ? window.position(window.length) === 0
            ? 'The input is empty.'
            : 'The input holds nothing but blanks.'
          : this.whyNone(this.garbageText ?? '')
      const place = { ...window.place(window.length, window.length), offset: 0, line: 1 }
      this.note('not-edi', place, text)
    }
    if (syntax === undefined) this.drain(out, window.length)
    if (!window.isEmpty || this.notes.length > 0) this.filler(out, window.length, true)
  }

  private whyNone(text: string): string {
    for (const dialect of this.dialects) {
      const why = dialect.whyNone(text)
      if (why !== undefined) return why
    }
    return 'This is not EDI: no ISA and no UNA or UNB begins an interchange.'
  }

  /** A segment the input ends in: blanks after it are not its data. */
  private lastSegment(out: Block[], syntax: BlockSyntax): void {
    const { window } = this
    const text = window.text(window.head, window.length)
    let start = this.header < 0 ? 0 : this.header - window.position(window.head)
    while (start < text.length && isBlank(text.charCodeAt(start))) start++
    let stop = text.length
    while (stop > start && isBlank(text.charCodeAt(stop - 1))) stop--
    if (start === stop) return
    const { element, release } = syntax.characters
    const separators: number[] = []
    for (let at = start; at < stop; at++) {
      if (text.charAt(at) === release) at++
      else if (text.charAt(at) === element) separators.push(at)
    }
    const place = window.place(window.head + start, window.head + stop)
    this.note('segment-unterminated', place, 'The last segment has no terminator.')
    const marks = Int32Array.from([separators.length, 0, start, ...separators, stop])
    const isHeader = this.header < 0 ? {} : { isHeader: true as const }
    this.emit(out, window.head + stop, marks, { ...syntax, ...isHeader })
  }

  private emitScanned(out: Block[], syntax: BlockSyntax): void {
    const { scan } = this
    const marks = scan.takeMarks()
    const block = this.window.take(scan.end, this.index, marks, syntax, scan)
    for (const row of scan.repeated) {
      if (row >= marks.length) break
      const issue = finding(
        this.dialect.standard,
        'terminator-repeated',
        block.gapPlace(row),
        REPEATED,
      )
      block.report(row, issue)
    }
    if (!block.isAscii && syntax.charset === 'utf-8') this.tellUndecodable(block)
    this.hand(block, out)
    this.index += scan.segments
  }

  private tellUndecodable(block: Block): void {
    const text = 'This is not UTF-8, which the interchange says it is; it is read as ISO 8859-1.'
    for (const { row, element, component, place } of block.undecodable()) {
      const more = { element, component, severity: 'warning' } as const
      block.report(row, finding(this.dialect.standard, 'character-invalid', place, text, more))
    }
  }

  private emit(out: Block[], end: number, marks: Int32Array, syntax: BlockSyntax): void {
    this.hand(this.window.take(end, this.index, marks, syntax), out)
    this.index++
  }

  /** Hands bytes on that are no segment. */
  private filler(out: Block[], end: number, isRest = false): void {
    const stop = end - this.window.head
    const marks = Int32Array.of(0, 0, stop, stop)
    const syntax = this.uncut(NO_CHARACTERS, this.charset)
    this.hand(this.window.take(end, this.index, marks, syntax, undefined, isRest), out)
  }

  private hand(block: Block, out: Block[]): void {
    for (const issue of this.notes) block.report(0, issue)
    this.notes = []
    this.seen = 0
    this.partial = -1
    out.push(block)
  }

  /** Of a block whose elements are not cut any further. */
  private uncut(characters: ServiceCharacters, charset: Charset = 'auto'): BlockSyntax {
    const { standard } = this.dialect
    return { standard, characters, charset, component: -1, repetition: -1, release: -1 }
  }

  private note(code: IssueCode, place: Place, text: string): void {
    this.notes.push(finding(this.dialect.standard, code, place, text))
  }

  /** Widens the garbage by the unread bytes up to `to`, unless they are blank. */
  private noteGarbage(to: number): void {
    const { window } = this
    const place = window.place(window.head, to)
    if (this.garbage !== undefined) {
      this.garbage = { ...this.garbage, end: place.end }
      return
    }
    const text = window.text(window.head, to)
    if (BLANKS.test(text)) return
    this.garbage = place
    this.garbageText ??= text.replace(LEADING_BLANKS, '').slice(0, REMEMBERED)
  }

  private tellGarbage(): void {
    if (this.garbage === undefined) return
    this.note('data-outside-interchange', this.garbage, 'These bytes belong to no interchange.')
    this.garbage = undefined
  }
}

/** Bytes of the longest terminator: a UTF-8 character. */
const TERMINATOR_LIMIT = 4
const NO_CHARACTERS: ServiceCharacters = { element: '', component: '', segment: '' }
const REPEATED = 'A segment terminator stands here without a segment.'
const WRONG_LENGTH =
  'No segment terminator stands where the length of the binary data says; it is read up to the next one.'

const codeOf = (character: string): number => (character === '' ? -1 : character.charCodeAt(0))

const isBlank = (code: number): boolean =>
  code === 0x20 || code === 0x1a || code === 0 || (code >= 9 && code <= 13)

const isAlphanumeric = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a)
