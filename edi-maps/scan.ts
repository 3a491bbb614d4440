// The one hot loop of reading: finds every separator of every complete segment in one pass over the bytes. Measured
// against finding segments first (indexOf) and elements on demand: this is as fast for one element of each segment
// and faster for all of them. Ordinary segments are read with SIMD where there is any.
import type { ByteWindow } from './byte-window.js'
import type { SimdScan, SimdSyntax } from './simd-scan.js'

/** What a byte means to the scan; bits. */
const ELEMENT = 1
const TERMINATOR = 2
const BREAK = 4
const BLANK = 8
const RELEASE = 16
const SPECIAL = 32
/** A control character or the separator of repetitions. */
const ODD = 64
const STOPS = ELEMENT | TERMINATOR | BREAK | RELEASE

const CR = 13
const LF = 10

/** How the bytes of one interchange are to be read. All strings are byte text. */
export interface ScanSyntax {
  readonly element: string
  readonly terminator: string
  /** The character after it is data; undefined = there is none. */
  readonly release?: string | undefined
  readonly component: string
  /** '' = there is none. */
  readonly repetition: string
}

/** What the tag at `at` means to the tokenizer, if anything; there are at least four bytes. `isSeparator`: of elements or segments. */
export type SpecialTag = (
  bytes: Uint8Array,
  at: number,
  isSeparator: (byte: number) => boolean,
) => 'header' | 'trailer' | 'binary' | undefined

/** Tags that are not read like others, of three letters. */
export interface SpecialTags {
  readonly tags: readonly string[]
  readonly of: SpecialTag
}

/**
 * Why a scan ended: bytes used up, one segment read as asked, a header, the end of a trailer, binary data, a line
 * break inside a segment, a gap or a segment that is too large.
 */
export type ScanEnd = 'input' | 'one' | 'header' | 'trailer' | 'binary' | 'break' | 'gap' | 'large'

export interface ScanOptions {
  /** Index at which the first segment begins whatever stands before it, and the only one to be read; -1 = none. */
  readonly start: number
  /** Index of a segment that is to be read as any other whatever its tag; -1 = none. */
  readonly plain: number
  /** End at a line break inside a segment, unless one was seen between segments. */
  readonly watch: boolean
  readonly maxGap: number
  readonly maxSegment: number
}

/** Room for the rows of a small input; blocks keep what they have of it without a copy. */
const FEW_MARKS = 4 * 1024

export class Scan {
  /** Rows as `Block` wants them; the first `used` numbers count. */
  marks = new Int32Array(FEW_MARKS)
  used = 0
  /** One past the last complete segment, in the window's bytes. */
  end = 0
  /** Where the scan ended: the segment (or the line break) that stopped it. */
  at = 0
  breaks = 0
  isAscii = true
  hasRelease = false
  /** There may be control characters or separators of repetitions in segments. */
  isOdd = false
  /** Rows of segments that stand after a terminator too many. */
  repeated: number[] = []
  /** Line breaks have been seen between segments. */
  sawBreak = false
  segments = 0
  private readonly specials: SpecialTags
  private readonly simd: SimdScan | undefined
  private readonly classes = new Uint8Array(256)
  private syntax: ScanSyntax | undefined
  private terminator = ''
  /** How SIMD reads; undefined where it cannot. */
  private ordinary: SimdSyntax | undefined
  private readonly isSeparator = (byte: number) =>
    (this.classes[byte]! & (ELEMENT | TERMINATOR)) !== 0

  /** Without `simd` every segment is read byte by byte. */
  constructor(specials: SpecialTags, simd: SimdScan | undefined) {
    this.specials = specials
    this.simd = simd
  }

  /** Sets how the bytes that follow are to be read. */
  use(syntax: ScanSyntax): void {
    const { element, terminator, release, component, repetition } = syntax
    const { classes, syntax: before } = this
    // Most interchanges of an input are written alike.
    const isSame =
      before?.element === element &&
      before.terminator === terminator &&
      before.release === release &&
      before.component === component &&
      before.repetition === repetition
    if (isSame) return
    this.syntax = syntax
    const separators = element + component + repetition
    for (let byte = 0; byte < 256; byte++) {
      const isBlank = byte <= 0x20 && !separators.includes(String.fromCharCode(byte))
      const isOdd = byte < 0x20 || byte === 0x7f
      classes[byte] = (isBlank ? BLANK : 0) | (isOdd ? ODD : 0)
    }
    if (repetition !== '') classes[repetition.charCodeAt(0)]! |= ODD
    classes[CR]! |= BREAK
    classes[LF]! |= BREAK
    for (const tag of this.specials.tags) classes[tag.charCodeAt(0)]! |= SPECIAL
    classes[element.charCodeAt(0)] = ELEMENT
    const last = terminator.charCodeAt(terminator.length - 1)
    classes[last] = (classes[last]! & ~ODD) | TERMINATOR
    if (release !== undefined) classes[release.charCodeAt(0)] = RELEASE
    this.terminator = terminator
    const isOrdinary =
      terminator.length === 1 &&
      !/[\r\n ]/.test(separators + (release ?? '')) &&
      element !== release &&
      !(element + (release ?? '')).includes(terminator)
    this.ordinary = !isOrdinary
      ? undefined
      : {
          element: element.charCodeAt(0),
          terminator: terminator.charCodeAt(0),
          release: release?.charCodeAt(0),
          repetition: repetition === '' ? undefined : repetition.charCodeAt(0),
          tags: this.specials.tags,
        }
  }

  /** Whether the segment the unread bytes begin with may end at or after `from`. */
  hasTerminator({ bytes, head, length }: ByteWindow, from: number): boolean {
    const { classes, terminator } = this
    const last = terminator.charCodeAt(terminator.length - 1)
    const unread = bytes.subarray(0, length)
    for (let at = unread.indexOf(last, from); at >= 0; at = unread.indexOf(last, at + 1)) {
      let releases = 0
      while (at - releases > head && classes[bytes[at - releases - 1]!] === RELEASE) releases++
      if (releases % 2 === 0) return true
    }
    return false
  }

  /** Finds the end of the segment in which `from` lies; `at`: one past it, or where to go on looking. */
  findEnd({ bytes, length }: ByteWindow, from: number): { at: number; isEnd: boolean } {
    const { classes, terminator } = this
    let at = from
    for (; at < length; at++) {
      const kind = classes[bytes[at]!]!
      if (kind === RELEASE) {
        if (at + 1 >= length) return { at, isEnd: false }
        at++
      } else if ((kind & TERMINATOR) !== 0 && matches(bytes, at, terminator)) {
        return { at: at + 1, isEnd: true }
      }
    }
    return { at, isEnd: false }
  }

  /** The rows of the last run, to be kept; the next run writes behind them. */
  takeMarks(): Int32Array {
    const { marks, used } = this
    this.marks = marks.subarray(used)
    return marks.subarray(0, used)
  }

  /** Scans the unread bytes; the window stays as it is. */
  run(window: ByteWindow, options: ScanOptions): ScanEnd {
    const { bytes, head, length, isLast, previous } = window
    const { classes, terminator } = this
    const { start: first, plain, watch, maxGap, maxSegment } = options
    let { marks } = this
    const overhang = terminator.length - 1
    let used = 0
    let any = 0
    let kinds = 0
    let breaks = 0
    let at = head
    this.segments = 0
    this.used = 0
    this.end = head
    this.breaks = 0
    this.isAscii = true
    this.hasRelease = false
    this.isOdd = false
    this.repeated = []
    this.sawBreak = false
    const simd = this.ordinary === undefined || first >= 0 ? undefined : this.simd
    if (this.ordinary !== undefined) simd?.use(this.ordinary)
    for (;;) {
      if (simd !== undefined && at === this.end) {
        this.readOrdinary(simd, window, options)
        at = this.end
        used = this.used
        breaks = this.breaks
        marks = this.marks
      }
      const gap = this.end
      let byte = 0
      if (first >= 0) {
        for (; at < first; at++) {
          any |= bytes[at]!
          if (isLineEnd(bytes[at]!, at > head ? bytes[at - 1] : previous)) breaks++
        }
      } else {
        while (at < length && (classes[(byte = bytes[at]!)]! & BLANK) !== 0) {
          if (isLineEnd(byte, at > head ? bytes[at - 1] : previous)) {
            breaks++
            this.sawBreak = true
          }
          at++
        }
      }
      this.at = at
      if (at - gap > maxGap && first < 0) return 'gap'
      if (at >= length) return 'input'
      let isTrailer = false
      if ((classes[byte]! & SPECIAL) !== 0 && at !== plain) {
        const kind = at + 3 < length ? this.specials.of(bytes, at, this.isSeparator) : undefined
        if (at + 3 >= length && !isLast) return 'input'
        if (kind === 'trailer') isTrailer = true
        else if (kind !== undefined) return kind
      }
      const row = used
      const start = at
      if (row + 4 > marks.length) this.marks = marks = grown(marks, used, 2 * used)
      used += 3
      for (; at < length; at++) {
        byte = bytes[at]!
        any |= byte
        const kind = classes[byte]!
        kinds |= kind
        if ((kind & STOPS) === 0) continue
        if (kind === ELEMENT) {
          marks[used++] = at - head
          if (used === marks.length) this.marks = marks = grown(marks, used, 2 * used)
          continue
        }
        let isEnd = false
        if (kind === RELEASE) {
          this.hasRelease = true
          if (++at >= length) break
          byte = bytes[at]!
          any |= byte
          kinds |= classes[byte]!
          // What it releases may be a line break, and a line break may stand there to wrap the line.
          if ((classes[byte]! & BREAK) === 0) continue
        } else isEnd = (kind & TERMINATOR) !== 0 && matches(bytes, at, terminator)
        if ((classes[byte]! & BREAK) !== 0) {
          if (watch && !isEnd && !this.sawBreak) {
            this.at = at
            return 'break'
          }
          if (isLineEnd(byte, at > head ? bytes[at - 1] : previous)) breaks++
        }
        if (isEnd) break
      }
      if (at >= length) return 'input'
      const stop = at - overhang
      at++
      if (stop === start && used === row + 3 && first < 0) {
        // A terminator with nothing before it belongs to the gap.
        used = row
        if (this.repeated[this.repeated.length - 1] !== row) this.repeated.push(row)
        continue
      }
      if (stop - start > maxSegment) return 'large'
      marks[row] = used - row - 3
      marks[row + 1] = gap - head
      marks[row + 2] = start - head
      marks[used++] = stop - head
      if (used === marks.length) this.marks = marks = grown(marks, used, 2 * used)
      this.used = used
      this.end = at
      this.breaks = breaks
      if (any >= 0x80) this.isAscii = false
      if ((kinds & ODD) !== 0) this.isOdd = true
      this.segments++
      if (isTrailer) return 'trailer'
      if (first >= 0) return 'one'
    }
  }

  /** Has SIMD read from `end` on, up to a segment that is not ordinary or not complete. */
  private readOrdinary(simd: SimdScan, window: ByteWindow, options: ScanOptions): void {
    const { head, length, contents } = window
    const { watch, maxSegment } = options
    let isLoading = !simd.has(contents, this.end)
    for (;;) {
      const from = this.end
      if (isLoading) simd.load(window, from)
      this.end = simd.run(from, head, watch && !this.sawBreak, maxSegment)
      this.append(simd, (length - head) / Math.max(1, this.end - head))
      const isLonger = isLoading && this.end === from
      if (!simd.isShort || isLonger || simd.has(contents, length - 1)) return
      isLoading = true
    }
  }

  /** `ahead`: how many times as many bytes there are as have been read. */
  private append(simd: SimdScan, ahead: number): void {
    const used = this.used + simd.used
    if (used >= this.marks.length) {
      this.marks = grown(this.marks, this.used, Math.ceil(1.1 * used * ahead))
    }
    this.marks.set(simd.rows.subarray(0, simd.used), this.used)
    this.used = used
    this.segments += simd.segments
    this.breaks += simd.breaks
    this.sawBreak ||= simd.sawBreak
    this.hasRelease ||= simd.hasRelease
    this.isAscii &&= simd.isAscii
    this.isOdd ||= simd.isOdd
  }
}

/** The first `used` numbers, in room for `room`: no more than needed, as large arrays are fetched from the system. */
function grown(marks: Int32Array, used: number, room: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(FEW_MARKS, room))
  larger.set(marks.subarray(0, used))
  return larger
}

/** Whether a byte ends a line; of a CR LF the CR does. */
const isLineEnd = (byte: number, before: number | undefined): boolean =>
  byte === CR || (byte === LF && before !== CR)

function matches(bytes: Uint8Array, last: number, terminator: string): boolean {
  const from = last + 1 - terminator.length
  for (let k = 0; k < terminator.length - 1; k++) {
    if (bytes[from + k] !== terminator.charCodeAt(k)) return false
  }
  return true
}

/** A byte that can separate the elements of a header: no letter, digit or white space. */
export function isDelimiter(byte: number): boolean {
  const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
  const isDigit = byte >= 0x30 && byte <= 0x39
  return !isLetter && !isDigit && byte !== 0x20 && !(byte >= 9 && byte <= 13)
}
