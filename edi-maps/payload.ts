// A payload as everything above the standards reads it: bytes to segments to envelopes. It may hold interchanges of both
// standards one after another; where the next header stands decides which is read.
import { DialectReader } from './envelope.js'
import { dialect as edifactEnvelope } from './edifact/envelope.js'
import { dialect as edifactSyntax } from './edifact/tokenizer.js'
import type { Segment } from './segment.js'
import { Segmenter } from './segmenter.js'
import type { EnvelopeReader, Opened, Tokenizer, TokenizerOptions } from './standard.js'
import { dialect as x12Envelope } from './x12/envelope.js'
import { dialect as x12Syntax } from './x12/tokenizer.js'

/** Cuts bytes into segments. */
export const tokenizer = (options: TokenizerOptions = {}): Tokenizer =>
  new Segmenter([x12Syntax, edifactSyntax], options)

/** Puts segments into their envelopes. `keep`: interchanges list their groups and groups their transactions. */
export const envelopeReader = ({ keep = false }: { keep?: boolean } = {}): EnvelopeReader =>
  new DialectReader({ x12: x12Envelope, edifact: edifactEnvelope }, keep)

/** The segments and fillers of a whole payload. */
export function segmentsIn(bytes: Uint8Array, options?: TokenizerOptions): Segment[] {
  const tokens = tokenizer(options)
  return [...tokens.push(bytes), ...tokens.end()]
}

/** Reads the envelopes of a whole payload. */
export function open(segments: readonly Segment[]): Opened {
  const reader = envelopeReader({ keep: true })
  const events = [...reader.push(segments), ...reader.end()]
  return {
    interchanges: events.flatMap((e) => (e.kind === 'interchangeEnd' ? [e.interchange] : [])),
    issues: events.flatMap((e) => (e.kind === 'outside' ? [e.issue] : [])),
  }
}
