// Reading ordinary segments with SIMD: simd-scan.wat as the scan sees it. What it leaves, and everything where there is
// no SIMD, scan.ts reads byte by byte, to the same rows.
import type { ByteWindow } from './byte-window.js'
import { bytesOf } from './charset.js'
import { SIMD_SCAN_WASM } from './simd-scan-wasm.js'

/** Most bytes that are loaded at once, and blanks after them. */
const PIECE = 32 * 1024
const PADDING = 16
/** Where rows begin in the module's memory. */
const ROWS = 64 * 1024

/** Bytes by their code. `tags`: three letters each, at most four; segments that are left to the scan. */
export interface SimdSyntax {
  readonly element: number
  readonly terminator: number
  readonly release: number | undefined
  readonly repetition: number | undefined
  readonly tags: readonly string[]
}

/** What simd-scan.wat exports. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly isShort: Global
  readonly used: Global
  readonly segments: Global
  readonly breaks: Global
  readonly sawBreak: Global
  readonly hasRelease: Global
  readonly high: Global
  readonly odd: Global
  use(element: number, terminator: number, release: number, repetition: number, ...tags: Four): void
  run(
    at: number,
    length: number,
    base: number,
    previous: number,
    watch: number,
    maxSegment: number,
  ): number
}
type Global = { readonly value: number }
type Four = [number, number, number, number]

/** As far as it is used: a project without the types of a platform has none of this global either. */
declare const WebAssembly:
  | {
      validate(bytes: Uint8Array): boolean
      readonly Module: new (bytes: Uint8Array) => object
      readonly Instance: new (module: object) => { readonly exports: Exports }
    }
  | undefined
declare function atob(base64: string): string

/** One for all tokenizers of a thread: what it holds counts only up to the next `use`. */
export class SimdScan {
  /** Rows as `Block` wants them; the first `used` numbers count. */
  readonly rows: Int32Array
  private readonly module: Exports
  private readonly input: Uint8Array
  /** The bytes loaded are `[from, to)` of the caller's. */
  private from = 0
  private to = 0
  /** The byte before them. */
  private previous = 0
  /** What they are bytes of. */
  private contents: object | undefined

  private constructor(module: Exports) {
    this.module = module
    this.input = new Uint8Array(module.memory.buffer, 0, PIECE + PADDING)
    this.rows = new Int32Array(module.memory.buffer, ROWS)
  }

  /** Undefined where there is no WebAssembly, or none with SIMD. */
  static open(): SimdScan | undefined {
    const bytes = bytesOf(atob(SIMD_SCAN_WASM))
    if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return undefined
    return new SimdScan(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports)
  }

  /** Sets how to read. */
  use({ element, terminator, release = terminator, repetition = 0, tags }: SimdSyntax): void {
    const [first = 0, second = first, third = first, fourth = first] = tags.map(codeOf)
    this.module.use(element, terminator, release, repetition, first, second, third, fourth)
  }

  /** Whether the byte at `at` of these contents is loaded. */
  has(contents: object, at: number): boolean {
    return contents === this.contents && at >= this.from && at < this.to
  }

  /** Loads the bytes from `from` on, a PIECE of them or all up to `length`. */
  load({ contents, bytes, head, length, previous: before }: ByteWindow, from: number): void {
    const to = Math.min(from + PIECE, length)
    const previous = from > head ? bytes[from - 1]! : before
    this.input.set(bytes.subarray(from, to))
    this.input.fill(0x20, to - from, to - from + PADDING)
    this.contents = contents
    this.from = from
    this.to = to
    this.previous = previous
  }

  /**
   * Reads from `at`, where a segment begins or the gap before it; gives where the last complete one ends. Positions in
   * rows count from `head`. `watch`: leave at a line break inside a segment unless one stood between segments.
   */
  run(at: number, head: number, watch: boolean, maxSegment: number): number {
    const { module, from, to, previous } = this
    const base = from - head
    return from + module.run(at - from, to - from, base, previous, watch ? 1 : 0, maxSegment)
  }

  /** Of the last run, as all that follows: numbers in rows. */
  get used(): number {
    return this.module.used.value
  }

  get segments(): number {
    return this.module.segments.value
  }

  /** Line breaks up to the end of the last segment. */
  get breaks(): number {
    return this.module.breaks.value
  }

  get sawBreak(): boolean {
    return this.module.sawBreak.value === 1
  }

  get hasRelease(): boolean {
    return this.module.hasRelease.value === 1
  }

  get isAscii(): boolean {
    return this.module.high.value === 0
  }

  /** There may be control characters or separators of repetitions in segments. */
  get isOdd(): boolean {
    return this.module.odd.value === 1
  }

  /** It ended for want of bytes. */
  get isShort(): boolean {
    return this.module.isShort.value === 1
  }
}

/** Three letters as the module compares them. */
const codeOf = (tag: string): number =>
  tag.charCodeAt(0) | (tag.charCodeAt(1) << 8) | (tag.charCodeAt(2) << 16)
