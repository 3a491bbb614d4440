// An input as a person reads it: every document as a page, and what is wrong in plain words. Nothing here reads or
// writes anything, and what is wrong with a document never keeps the others from being shown.
import type { Agreed } from '../maps.js'
import type { Document } from '../canonical/document.js'
import type { Role } from '../canonical/message.js'
import type { Issue } from '../issue.js'
import { MAPS } from '../maps.js'
import { open } from '../payload.js'
import type { ReadTrace, Unread } from '../read.js'
import type { Segment } from '../segment.js'
import type { Group, Interchange, Transaction } from '../standard.js'
import { asTold, toldOf, usualType } from '../told.js'
import { translate, translateInterchangeAcks } from '../translate.js'
import { documentName } from './document-names.js'
import { documentPage } from './document-page.js'
import { findingNote, type FindingNote } from './finding.js'
import { joined, type Page } from './page.js'
import { shownPart } from './partial.js'
import { sentIn } from './sent.js'

/** One document of the input. */
export interface Section {
  /** What it is, where it has no page: `Order (850), number 0001`. */
  readonly title: string
  /** `refused`: it has an error, so nothing of it is used; its page, if there is one, shows what could be read. */
  readonly state: 'read' | 'refused'
  readonly findings: readonly FindingNote[]
  /** Of a refused document whose acknowledgement says so: who gets that. */
  readonly toldTo?: string
  readonly page?: Page
}

export interface Rendering {
  /** What is wrong with the file around the documents. */
  readonly findings: readonly FindingNote[]
  /** In the order of the input. */
  readonly sections: readonly Section[]
  readonly hasError: boolean
}

export interface RenderOptions {
  readonly agreedOf?: (type: string, version: string) => Agreed | undefined
  /** Role of who sent it. */
  readonly sender?: Role
  /** Whether a document has what its kind has, whatever its texts say: those that cannot be read stand there as sent. */
  readonly isDocument: (value: unknown) => value is Document
}

/** Renders all documents of an input. Findings of severity `info` are not told: nobody has to do anything. */
export function render(segments: readonly Segment[], options: RenderOptions): Rendering {
  const opened = open(segments)
  const [first] = opened.interchanges
  const around = noted(opened.issues, first?.standard ?? 'x12', segments)
  const sections: Section[] = []
  for (const interchange of opened.interchanges) {
    const { standard, groups } = interchange
    const readings = groups.flatMap((group) =>
      group.transactions.map((one) => readingOf(interchange, group, one, options)),
    )
    const found = new Map(readings.map(({ transaction, issues }) => [transaction, issues]))
    const acknowledged = toldOf(interchange, {
      type: usualType(interchange),
      findings: (transaction) => found.get(transaction) ?? [],
    })
    for (const { issues } of [interchange, ...groups])
      around.push(...noted(asTold(issues, acknowledged), standard, segments))
    for (const reading of readings)
      sections.push(sectionOf(interchange, reading, asTold(reading.issues, acknowledged), options))
    for (const document of translateInterchangeAcks(interchange)) {
      const page = documentPage(document, sentIn(interchange), 'read')
      sections.push({ title: page.title, state: 'read', findings: [], page })
    }
  }
  return {
    findings: around,
    sections,
    hasError: [...around, ...sections.flatMap((one) => one.findings)].some(
      ({ severity }) => severity === 'error',
    ),
  }
}

const told = (issues: readonly Issue[]) => issues.filter(({ severity }) => severity !== 'info')

/** Findings of envelopes. */
const noted = (
  issues: readonly Issue[],
  standard: Interchange['standard'],
  segments: readonly Segment[],
) => told(issues).map((issue) => findingNote(issue, { standard, segments }))

interface Reading {
  readonly group: Group
  readonly transaction: Transaction
  readonly document?: Document
  /** All there are on it. */
  readonly issues: readonly Issue[]
  readonly trace: ReadTrace
  readonly unread: readonly Unread[]
}

function readingOf(
  interchange: Interchange,
  group: Group,
  transaction: Transaction,
  { agreedOf, sender }: RenderOptions,
): Reading {
  const { type, version } = transaction
  const unread: Unread[] = []
  const trace: ReadTrace = { steps: [], unread }
  const { document, issues } = translate(
    transaction,
    { interchange, group },
    agreedOf?.(type, version),
    sender,
    trace,
  )
  return {
    ...{ group, transaction, trace, unread },
    ...(document === undefined ? {} : { document }),
    issues: [...transaction.issues, ...issues],
  }
}

/** `all`: the findings as the acknowledgement tells them. */
function sectionOf(
  interchange: Interchange,
  { group, transaction, document, trace, unread }: Reading,
  all: readonly Issue[],
  { isDocument }: RenderOptions,
): Section {
  const { standard } = interchange
  const { type, version, control, segments } = transaction
  const state = document === undefined ? 'refused' : 'read'
  const part = document ?? shownPart(trace.document, unread)
  const sent = sentIn(interchange, group)
  const page = isDocument(part) ? documentPage(part, sent, state) : undefined
  const isTold = all.some(({ severity, ack }) => severity === 'error' && ack !== undefined)
  return {
    title: page?.title ?? joined([documentName(type), control && `number ${control} in the file`]),
    state,
    findings: told(all).map((issue, n, before) => ({
      ...findingNote(issue, {
        ...{ standard, version, segments, trace },
        isRefused: state === 'refused',
      }),
      ...(isConsequence(issue, before.slice(0, n))
        ? { text: `${issue.text} This may follow from the finding above.` }
        : {}),
    })),
    ...(isTold && !isAcknowledgement(type) ? { toldTo: sent.from } : {}),
    ...(page === undefined ? {} : { page: withPurpose(page, state, trace) }),
  }
}

/** Sums differ where one of their parts does. */
const isConsequence = ({ code }: Issue, before: readonly Issue[]): boolean =>
  code === 'amount-mismatch' && before.some((one) => one.code === code)

/** An acknowledgement is never acknowledged. */
const isAcknowledgement = (type: string): boolean =>
  MAPS.some(({ id, kind }) => id === type && kind === 'functionalAck')

/** Of a refused document it may not be known what is to be done with it. */
function withPurpose(page: Page, state: Section['state'], { document }: ReadTrace): Page {
  if (state === 'read' || document?.['function'] !== undefined) return page
  const notice = 'Whether this is new, a change or a cancellation could not be read.'
  return { ...page, notices: [notice, ...page.notices] }
}
