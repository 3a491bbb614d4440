// Documents as text, of what an acknowledgement accepts: an error in a trailer refuses all of its group or interchange, so
// the Documents of an interchange are held until it has ended.
import type { Document } from '../edi-maps/canonical/document.js'
import type { Issue } from '../edi-maps/issue.js'
import { HeldText } from './held-text.js'
import type { Translated } from './translate-edi.js'

/** Text of accepted Documents (UTF-8), findings as they are made, and how many Documents were not accepted. */
export type Accepted =
  | { readonly text: Uint8Array }
  | { readonly issues: readonly Issue[] }
  | { readonly refused: number }

/** `asText`: a Document as it is to be written. */
export async function* acceptedDocuments(
  translated: AsyncIterable<Translated>,
  asText: (document: Document) => string,
  held = new HeldText(),
): AsyncGenerator<Accepted> {
  // Of the open interchange, and where in it the open group begins.
  let count = 0
  let group = { at: 0, count: 0 }
  let refused = 0
  try {
    for await (const item of translated) {
      if ('document' in item) {
        await held.add(asText(item.document))
        count++
        continue
      }
      yield { issues: item.issues }
      if (!('ended' in item)) continue
      if (!item.isAccepted) {
        const from = item.ended === 'group' ? group : { at: 0, count: 0 }
        await held.cut(from.at)
        refused += count - from.count
        count = from.count
      }
      if (item.ended === 'interchange') {
        for await (const text of held.take()) yield { text }
        count = 0
      }
      group = { at: held.size, count }
    }
  } finally {
    await held.close()
  }
  if (refused > 0) yield { refused }
}
