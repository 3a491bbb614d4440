// Reading of test inputs into segments, and what of them is compared.
import type { Segment } from '../../edi-maps/segment.js'
import type { Tokenizer, TokenizerOptions } from '../../edi-maps/standard.js'

/** Bytes of a text with one character per byte. */
export const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'))

/** Reads an input that is pushed in pieces, cut before the bytes at `cuts`. */
export const reader =
  (tokenizer: (options?: TokenizerOptions) => Tokenizer) =>
  (input: string | Uint8Array, cuts: number[] = [], options?: TokenizerOptions): Segment[] => {
    const bytes = typeof input === 'string' ? latin1(input) : input
    const reader = tokenizer(options)
    const segments: Segment[] = []
    let from = 0
    for (const to of [...cuts, bytes.length]) {
      segments.push(...reader.push(bytes.slice(from, to)))
      from = to
    }
    return [...segments, ...reader.end()]
  }

export const tags = (segments: Segment[]): string[] => segments.map((segment) => segment.tag)

export const codes = (segments: Segment[]): string[] =>
  segments.flatMap((s) => s.issues.map((i) => i.code))

/** Everything a segment says. */
export function plain(segments: Segment[]): unknown[] {
  return segments.map((s) => ({
    tag: s.tag,
    number: s.number,
    offset: s.offset,
    end: s.end,
    line: s.line,
    before: s.before,
    characters: s.characters,
    elements: Array.from({ length: s.elementCount }, (_, e) =>
      Array.from({ length: s.repetitionCount(e + 1) }, (_, r) => s.components(e + 1, r + 1)),
    ),
    layout: s.layout(),
    issues: s.issues,
  }))
}
