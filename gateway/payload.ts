// A stored payload as envelopes: bytes stream in, events come out, never more than one set in memory.
import type { EnvelopeEvent } from '../edi-maps/standard.js'
import type { Edi } from './edi.js'

/** Reads `chunks` to their end. What is no EDI at all is read as X12, which says so in an `outside` finding. */
export async function* readEnvelopes(
  edi: Edi,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<EnvelopeEvent> {
  const open = (first: Uint8Array) => {
    const standard = edi.detect(first) ?? 'x12'
    return { segments: edi.tokenizer(standard), envelopes: edi.envelopeReader(standard) }
  }
  let reader: ReturnType<typeof open> | undefined
  for await (const chunk of chunks) {
    reader ??= open(chunk)
    yield* reader.envelopes.push(reader.segments.push(chunk))
  }
  reader ??= open(new Uint8Array(0))
  yield* reader.envelopes.push(reader.segments.end())
  yield* reader.envelopes.end()
}
