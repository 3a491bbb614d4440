// A stored payload as envelopes: bytes stream in, events come out, never more than one set in memory.
import { finding } from '../edi-maps/issue.js'
import type { EnvelopeEvent } from '../edi-maps/standard.js'
import type { Edi } from './edi.js'

/** Reads `chunks` to their end. What is no EDI at all gives one `outside` finding. */
export async function* readEnvelopes(
  edi: Edi,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<EnvelopeEvent> {
  let reader:
    | { segments: ReturnType<Edi['tokenizer']>; envelopes: ReturnType<Edi['envelopeReader']> }
    | undefined
  for await (const chunk of chunks) {
    if (!reader) {
      const standard = edi.detect(chunk)
      if (!standard) break
      reader = { segments: edi.tokenizer(standard), envelopes: edi.envelopeReader(standard) }
    }
    yield* reader.envelopes.push(reader.segments.push(chunk))
  }
  if (!reader) {
    const start = { offset: 0, end: 0, line: 1 }
    const text = 'The payload begins with neither ISA nor UNA or UNB: it is not EDI.'
    yield { kind: 'outside', issue: finding('x12', 'not-edi', start, text) }
    return
  }
  yield* reader.envelopes.push(reader.segments.end())
  yield* reader.envelopes.end()
}
