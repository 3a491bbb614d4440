// A payload as envelopes: bytes stream in, events come out, never more than one set in memory.
import { envelopeReader, tokenizer } from '../edi-maps/payload.js'
import type { EnvelopeEvent } from '../edi-maps/standard.js'

/** Reads `chunks` to their end. What is no EDI at all gives an `outside` finding that says so. `keep` as of a reader. */
export async function* readEnvelopes(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: { keep?: boolean } = {},
): AsyncGenerator<EnvelopeEvent> {
  const segments = tokenizer()
  const envelopes = envelopeReader(options)
  for await (const chunk of chunks) yield* envelopes.push(segments.push(chunk))
  yield* envelopes.push(segments.end())
  yield* envelopes.end()
}
