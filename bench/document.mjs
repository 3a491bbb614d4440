// The whole job, 856 bytes to Documents that keep their schema, beside what node-x12 takes to parse the same bytes alone.
import { Ajv } from 'ajv'
import { X12Parser } from 'node-x12'
import { DOCUMENT_SCHEMAS } from '../dist/edi-maps/canonical/document.js'
import { translate } from '../dist/edi-maps/translate.js'
import { x12 } from '../dist/edi-maps/x12/index.js'
import { CHUNK } from './segments.mjs'
import { interchanges } from './x12-data.mjs'

const isShipmentNotice = new Ajv().compile(DOCUMENT_SCHEMAS.shipmentNotice)

/** What both sides count: sets and the segments between their ST and SE. */
const sum = (sets, segments) => `${sets} sets, ${segments} segments`

function ours(bytes) {
  const tokens = x12.tokenizer()
  const envelopes = x12.envelopeReader()
  let sets = 0
  let segments = 0
  const take = (events) => {
    for (const event of events) {
      if (event.kind !== 'transaction') continue
      const { interchange, group, transaction } = event
      const { document, issues } = translate(transaction, { interchange, group })
      if (issues.length > 0 || !isShipmentNotice(document)) continue
      sets++
      segments += transaction.segments.length - 2
    }
  }
  for (let at = 0; at < bytes.length; at += CHUNK) {
    take(envelopes.push(tokens.push(bytes.subarray(at, at + CHUNK))))
  }
  take(envelopes.push(tokens.end()))
  take(envelopes.end())
  return sum(sets, segments)
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
  return [
    {
      title: '856 to validated Documents, 1 MB',
      bytes: bytes.length,
      ours: { name: 'edi-maps', run: () => ours(bytes) },
      peers: [{ name: 'node-x12 parse alone', run: () => nodeX12(bytes), must: 10, aim: 20 }],
    },
  ]
}
