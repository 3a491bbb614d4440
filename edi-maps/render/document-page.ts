// The page of a Document of any kind: what its kind has of its own, and what all have: parties, numbers, dates, notes.
import type { Document } from '../canonical/document.js'
import { alsoSentTable } from './also-sent.js'
import { extrasOf } from '../path.js'
import { answerPage } from './application-ack.js'
import { dateFact, noteText, referenceFact } from './article.js'
import { dateText } from './date-text.js'
import { acknowledgementPage } from './functional-ack.js'
import { glossaryOf } from './glossary.js'
import { invoicePage } from './invoice.js'
import { withinLimits } from './most-shown.js'
import { packingList } from './packing-list.js'
import { facts, joined, type Content, type Page } from './page.js'
import { partyBlock } from './party.js'
import type { Sent } from './sent.js'
import { statusPage } from './shipment-status.js'
import { shippingAdvice } from './shipping-advice.js'
import { shippingOrder } from './shipping-order.js'
import { capital } from './wording.js'

export function documentPage(document: Document, sent: Sent, state: 'read' | 'refused'): Page {
  const { documentDate, references, dates, parties, notes } = document
  const content = contentOf(document, sent)
  const page = withinLimits({
    ...content,
    lead: leadOf(document, content, state, sent),
    notices: noticesOf(document, sent),
    facts: [
      ...facts([[dateLabel(document), dateText(documentDate)]]),
      ...content.facts,
      ...references.map(referenceFact),
      ...dates.map(dateFact),
    ],
    parties: parties.map(partyBlock).filter(({ lines }) => lines.length > 0),
    tables: [
      ...content.tables,
      // Of a refused document the findings tell what is kept in it.
      ...(state === 'read' ? [alsoSentTable(document)] : []),
    ].filter(({ rows }) => rows.length > 0),
    notes: notes.map(noteText),
    source: sourceText(document),
  })
  return { ...page, glossary: glossaryOf(page) }
}

function leadOf(
  { kind, function: purpose }: Document,
  content: Content,
  state: 'read' | 'refused',
  { isTest, isInformation }: Sent,
): string {
  const { lead, todo } = content
  if (state === 'refused') {
    const told = `As far as it could be read: ${lead}`
    return `${told} Do not use this ${NAMES[kind]}; wait for the corrected one.`
  }
  if (purpose === 'cancel') {
    const isShown = content.tables.some(({ rows }) => rows.length > 0)
    return isShown
      ? 'This no longer holds; what it was about stands below.'
      : 'This no longer holds.'
  }
  const isToBeDone = !isTest && !isInformation && !NOT_DONE.has(purpose)
  return capital(joined([lead, isToBeDone ? todo : undefined], ' '))
}

/** Documents without a date of their own have that of the envelope: when the file was made. */
function dateLabel({ kind, source, extras }: Document): string {
  const at = extrasOf({ extras }, source?.family ?? '')?.['at']
  const came = Array.isArray(at) ? at : []
  const isOfEnvelope =
    source?.family === 'edifact'
      ? came.includes('UNB') || kind === 'functionalAck'
      : OF_ENVELOPE.has(kind) && !came.includes('B1008')
  return isOfEnvelope ? 'File made' : 'Date'
}

const OF_ENVELOPE: ReadonlySet<Document['kind']> = new Set([
  'warehouseShippingOrder',
  'warehouseShippingAdvice',
  'shipmentStatus',
  'functionalAck',
])

/** Purposes for which nothing is done, or not again. */
const NOT_DONE: ReadonlySet<string> = new Set(['copy', 'duplicate'])

/** What a page is called by who has it in hand. */
const NAMES: Readonly<Record<Document['kind'], string>> = {
  shipmentNotice: 'list',
  invoice: 'invoice',
  shipmentStatus: 'report',
  warehouseShippingOrder: 'order',
  warehouseShippingAdvice: 'report',
  functionalAck: 'answer',
  applicationAck: 'answer',
}

function contentOf(document: Document, sent: Sent): Content {
  switch (document.kind) {
    case 'shipmentNotice':
      return packingList(document, sent)
    case 'invoice':
      return invoicePage(document, sent)
    case 'shipmentStatus':
      return statusPage(document, sent)
    case 'warehouseShippingOrder':
      return shippingOrder(document, sent)
    case 'warehouseShippingAdvice':
      return shippingAdvice(document, sent)
    case 'functionalAck':
      return acknowledgementPage(document, sent)
    case 'applicationAck':
      return answerPage(document, sent)
    default:
      return document satisfies never
  }
}

const PURPOSES: Readonly<Record<Document['function'], string | undefined>> = {
  original: undefined,
  change:
    'This CHANGES what was sent before under the same number: only what is listed here changes, the rest stays.',
  replace: 'This REPLACES what was sent before under the same number as a whole.',
  cancel: 'This CANCELS what was sent before under the same number.',
  confirmation: 'This only confirms what was agreed before.',
  copy: 'This is a copy for information: nothing is to be done.',
  duplicate: 'This was sent before; it is sent again, not a second time to be done.',
}

function noticesOf(document: Document, { isTest, isInformation }: Sent): string[] {
  const purpose = PURPOSES[document.function]
  return [
    ...(purpose === undefined ? [] : [purpose]),
    ...(isTest ? ['TEST: it was sent as a test, nothing is to be done.'] : []),
    ...(isInformation ? ['It was sent for information only: nothing is to be done.'] : []),
  ]
}

/** `X12 856 004010, interchange 000000101, group 101, document 0001`. */
function sourceText({ source }: Document): string {
  const { family, messageType, release, association, control } = source ?? {}
  return joined([
    joined(
      [
        family === 'x12' ? 'X12' : family === 'edifact' ? 'EDIFACT' : family,
        messageType,
        release,
        association,
      ],
      ' ',
    ),
    control && `interchange ${control.interchange}`,
    control?.group && `group ${control.group}`,
    control && `document ${control.message}`,
  ])
}
