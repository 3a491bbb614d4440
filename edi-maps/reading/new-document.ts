// What a Document says before anything of its transaction is read. Objects are made key by key, not by spreading: one
// that was spread has a shape of its own, which slows down all who look at it.
import type { LoadedMap } from '../load.js'
import type { Node } from '../map.js'
import type { ReadEnvelope } from '../read.js'
import type { Transaction } from '../standard.js'

export function newDocument(
  transaction: Transaction,
  envelope: ReadEnvelope,
  { map }: LoadedMap,
): Node {
  const document: Node = {
    kind: map.kind,
    version: 1,
    function: undefined,
    documentNumber: undefined,
    documentDate: undefined,
    source: sourceOf(transaction, envelope),
    parties: [],
    references: [],
    dates: [],
    notes: [],
    body: undefined,
  }
  const own = map.create(envelope)
  for (const key of Object.keys(own)) document[key] = own[key]
  return document
}

function sourceOf(transaction: Transaction, envelope: ReadEnvelope): Node {
  const { version, type, association } = transaction
  const source: Node = { family: envelope.interchange.standard }
  if (version !== '') source['release'] = version
  source['messageType'] = type
  if (association !== undefined) source['association'] = association
  // An interchange without a number is rejected, and says nothing.
  if (envelope.interchange.control !== '') source['control'] = controlOf(transaction, envelope)
  return source
}

/** The numbers a Document came with. */
function controlOf({ control: message }: Transaction, { interchange, group }: ReadEnvelope): Node {
  return group.control === undefined
    ? { interchange: interchange.control, message }
    : { interchange: interchange.control, group: group.control, message }
}
