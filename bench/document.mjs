// The whole job, 856 bytes to validated Documents, beside what node-x12 takes to parse the same bytes alone. Validated
// means everything the product checks of the EDI: structure, mandatory and conditional elements, lengths, types, codes,
// dates, repeats, loops, counts, control numbers, totals, check digits. That Documents keep their JSON Schema is a
// property of the maps, which nothing checks anew for each set at work; so Ajv proves it here of every Document of
// the same input before the clock runs, and the bench fails when one does not.
import { Ajv } from 'ajv'
import { X12Parser } from 'node-x12'
import { DOCUMENT_SCHEMAS } from '../dist/edi-maps/canonical/document.js'
import { envelopeReader, tokenizer } from '../dist/edi-maps/payload.js'
import { translate } from '../dist/edi-maps/translate.js'
import { CHUNK } from './segments.mjs'
import { interchanges } from './x12-data.mjs'

/** What both sides count: sets and the segments between their ST and SE. */
const sum = (sets, segments) => `${sets} sets, ${segments} segments`

/** Reads every set and calls `visit` with its Document where nothing was found wrong with it. */
function eachDocument(bytes, visit) {
  const tokens = tokenizer()
  const envelopes = envelopeReader()
  const take = (events) => {
    for (const event of events) {
      if (event.kind !== 'transaction') continue
      const { interchange, group, transaction } = event
      const { document, issues } = translate(transaction, { interchange, group })
      if (document !== undefined && issues.length === 0) visit(document, transaction)
    }
  }
  for (let at = 0; at < bytes.length; at += CHUNK) {
    take(envelopes.push(tokens.push(bytes.subarray(at, at + CHUNK))))
  }
  take(envelopes.push(tokens.end()))
  take(envelopes.end())
}

function ours(bytes) {
  let sets = 0
  let segments = 0
  eachDocument(bytes, (_, transaction) => {
    sets++
    segments += transaction.segments.length - 2
  })
  return sum(sets, segments)
}

/** Throws when a Document does not keep its schema. */
function prove(bytes) {
  const isShipmentNotice = new Ajv().compile(DOCUMENT_SCHEMAS.shipmentNotice)
  eachDocument(bytes, (document) => {
    if (isShipmentNotice(document)) return
    const [first] = isShipmentNotice.errors
    const { documentNumber } = document
    throw new Error(
      `${documentNumber} does not keep its schema: ${first.instancePath} ${first.message}`,
    )
  })
}

function nodeX12(bytes) {
  let sets = 0
  let segments = 0
  for (const interchange of [new X12Parser(true).parse(bytes.toString('latin1'))].flat()) {
    for (const group of interchange.functionalGroups) {
      for (const set of group.transactions) {
        sets++
        segments += set.segments.length
      }
    }
  }
  return sum(sets, segments)
}

export async function jobs() {
  const bytes = interchanges(1e6, 350)
  prove(bytes)
  return [
    {
      title: '856 to validated Documents, 1 MB',
      bytes: bytes.length,
      ours: { name: 'edi-maps', run: () => ours(bytes) },
      peers: [{ name: 'node-x12 parse alone', run: () => nodeX12(bytes), must: 10, aim: 20 }],
    },
  ]
}
