// Some partners send their interchange in lines of a fixed width (80 columns), broken in the middle of segments.
// Such breaks are no data: this takes them out before the tokenizer sees them, and remembers where they stood.

/** A break taken out: `bytes` stood before the byte at `at`, counted in what is left. */
export interface Wrap {
  readonly at: number
  readonly bytes: string
}

const CR = 13
const LF = 10
/** Widths that are taken for wrapping; records of 4096 are the longest seen. */
const NARROWEST = 40
const WIDEST = 4096

export const isBreak = (byte: number | undefined): boolean => byte === CR || byte === LF

/**
 * Width of the lines if the break at `at`, in column `width` of its line, wraps them, else 0: the next line is as
 * long, or it is the last and shorter. `undefined`: it takes more bytes to say.
 */
export function wrapWidth(
  bytes: Uint8Array,
  at: number,
  width: number,
  length: number,
  isLast: boolean,
): number | undefined {
  if (width < NARROWEST || width > WIDEST) return 0
  const next = bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at + 1
  if (next >= length) return isLast ? 0 : undefined
  const enough = next + width < length
  for (let k = next; k < Math.min(next + width, length); k++) {
    if (!isBreak(bytes[k])) continue
    // A shorter line: only as the last one.
    for (let rest = k; rest < length; rest++) if (!isBreak(bytes[rest])) return 0
    return isLast ? width : undefined
  }
  if (!enough) return isLast ? width : undefined
  return isBreak(bytes[next + width]) ? width : 0
}

/** Takes the breaks at one width out of a stream of bytes. Breaks at other columns stay. */
export class Unwrapper {
  private readonly width: number
  private column: number
  private held = ''

  constructor(width: number, column: number) {
    this.width = width
    this.column = column
  }

  /**
   * Copies `bytes` to `into` from `at` on, without the wraps; `base` is what `into[0]` counts as. Returns where the
   * copy ends. `into` may be the same memory as `bytes` when it is not behind it.
   */
  push(bytes: Uint8Array, into: Uint8Array, at: number, base: number, wraps: Wrap[]): number {
    for (let k = 0; k < bytes.length; k++) {
      const byte = bytes[k]!
      if (this.held === '\r' && byte === LF) {
        this.held = '\r\n'
        continue
      }
      if (this.held !== '') {
        wraps.push({ at: base + at, bytes: this.held })
        this.held = ''
        this.column = 0
      }
      if (isBreak(byte)) {
        if (this.column === this.width) {
          this.held = String.fromCharCode(byte)
          continue
        }
        this.column = 0
      } else this.column++
      into[at++] = byte
    }
    return at
  }

  /** The break held back at the end of the input, `''` when there is none. */
  rest(): string {
    return this.held
  }
}
