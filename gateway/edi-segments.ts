// EDI to segments for the commands that need no envelope: the standard is told by the first bytes.
import { detect, syntaxOf, SYNTAXES } from '../edi-maps/detect.js'
import type { Segment } from '../edi-maps/segment.js'
import type { Syntax, Tokenizer } from '../edi-maps/standard.js'

/** The syntax of an input by its first bytes; what is no EDI is read as the first one, which says so. */
export const syntaxFor = (firstBytes: Uint8Array): Syntax =>
  syntaxOf(detect(firstBytes)) ?? SYNTAXES[0]!

/** Segments and fillers in the order of the input, with the syntax they are written in. */
export async function* readSegments(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ syntax: Syntax; segments: Segment[] }> {
  let syntax = SYNTAXES[0]!
  let tokens: Tokenizer | undefined
  for await (const chunk of bytes) {
    if (tokens === undefined) {
      syntax = syntaxFor(chunk)
      tokens = syntax.tokenizer()
    }
    yield { syntax, segments: tokens.push(chunk) }
  }
  yield { syntax, segments: (tokens ?? syntax.tokenizer()).end() }
}
