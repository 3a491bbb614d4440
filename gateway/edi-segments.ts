// EDI to segments for the commands that need no envelope.
import { tokenizer } from '../edi-maps/payload.js'
import type { Segment } from '../edi-maps/segment.js'

/** Segments and fillers in the order of the input. */
export async function* readSegments(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Segment[]> {
  const tokens = tokenizer()
  for await (const chunk of bytes) yield tokens.push(chunk)
  yield tokens.end()
}
