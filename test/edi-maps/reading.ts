// Reading of a whole input with the maps, and what of its segments is compared with those written from its Documents.
import { append } from '../../edi-maps/append.js'
import type { Role } from '../../edi-maps/canonical/message.js'
import type { Document } from '../../edi-maps/canonical/document.js'
import type { Issue } from '../../edi-maps/issue.js'
import { findMap, mapOfKind, ready, type Agreed } from '../../edi-maps/maps.js'
import { open, segmentsIn } from '../../edi-maps/payload.js'
import type { Segment, SegmentData } from '../../edi-maps/segment.js'
import type { Interchange, Transaction } from '../../edi-maps/standard.js'
import { translate, translateInterchangeAcks } from '../../edi-maps/translate.js'
import { writeTransaction } from '../../edi-maps/write.js'

/** One transaction and what it was read into; `issues` are all that were found on it. */
export interface Reading {
  readonly standard: 'x12' | 'edifact'
  readonly transaction: Transaction
  readonly document?: Document
  readonly issues: readonly Issue[]
}

export interface InputReading {
  readonly segments: readonly Segment[]
  readonly interchanges: readonly Interchange[]
  readonly readings: readonly Reading[]
  readonly documents: readonly Document[]
  /** In the order in which the command line tells them: of the envelope first. */
  readonly issues: readonly Issue[]
}

/** Reads an input. `isTraced`: as for explaining it. */
export function readInput(
  bytes: Uint8Array,
  agreedOf: (type: string) => Agreed | undefined = () => undefined,
  sender?: Role,
  isTraced = false,
): InputReading {
  const segments = segmentsIn(bytes)
  const opened = open(segments)
  const readings: Reading[] = []
  const issues: Issue[] = [...opened.issues]
  const documents: Document[] = []
  for (const interchange of opened.interchanges) {
    documents.push(...translateInterchangeAcks(interchange))
    append(issues, interchange.issues)
    for (const group of interchange.groups) {
      append(issues, group.issues)
      for (const transaction of group.transactions) {
        const result = translate(
          transaction,
          { interchange, group },
          agreedOf(transaction.type),
          sender,
          isTraced ? { steps: [], unread: [] } : undefined,
        )
        const found = [...transaction.issues, ...result.issues]
        append(issues, found)
        if (result.document !== undefined) documents.push(result.document)
        const { standard } = interchange
        readings.push({ standard, transaction, ...result, issues: found })
      }
    }
  }
  return { segments, interchanges: opened.interchanges, readings, documents, issues }
}

/** A value as JSON keeps it. */
export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

const line = (tag: string, elements: readonly (readonly (readonly string[])[])[]): string =>
  [tag, ...elements.map((element) => element.map((parts) => parts.join('>')).join('^'))].join('*')

export const written = ([tag, ...elements]: SegmentData): string =>
  line(
    tag,
    elements.map((element) => (typeof element === 'string' ? [[element]] : element)),
  )

const sent = (segment: Segment): string =>
  line(
    segment.tag,
    Array.from({ length: segment.elementCount }, (_, n) =>
      Array.from({ length: segment.repetitionCount(n + 1) }, (_, r) =>
        segment.components(n + 1, r + 1),
      ),
    ),
  )

/** The segments of a transaction as they came and as its Document is written, with what writing finds. */
export function rewritten(
  { standard, transaction, document }: Reading,
  agreed?: Agreed,
): {
  readonly sent: readonly string[]
  readonly written: readonly string[]
  readonly issues: readonly Issue[]
} {
  const release = agreed?.map ?? transaction.version
  const found = findMap(standard, transaction.type, release)!
  const map = mapOfKind(found, document?.kind ?? found.kind)!
  const result = writeTransaction(plain(document) as Document, ready(map, agreed))
  return {
    sent: transaction.segments.slice(1, -1).map(sent),
    written: result.segments.map(written),
    issues: result.issues,
  }
}
