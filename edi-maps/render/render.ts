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
import { MOST_DOCUMENTS, MOST_FINDINGS } from './most-shown.js'
import { joined, type Page } from './page.js'
import { shownPart } from './partial.js'
import { sentIn } from './sent.js'
import { Subjects } from './subject.js'

/** One document of the input. */
export interface Section {
  /** What it is, where it has no page: `Order (850), number 0001`. */
  readonly title: string
  /** `refused`: it has an error, so nothing of it is used; its page, if there is one, shows what could be read. */
  readonly state: 'read' | 'refused'
  /** Not more than a page has room for. */
  readonly findings: readonly FindingNote[]
  /** All there are. */
  readonly counts: FindingCounts
  /** Of a refused document whose acknowledgement says so: who gets that. */
  readonly toldTo?: string
  readonly page?: Page
}

export interface FindingCounts {
  readonly errors: number
  readonly warnings: number
}

export interface Rendering {
  /** What is wrong with the file around the documents, as far as there is room. */
  readonly findings: readonly FindingNote[]
  readonly counts: FindingCounts
  /** In the order of the input. */
  readonly sections: readonly Section[]
  /** Documents after these, which are not shown, and how many of them have errors. */
  readonly others: { readonly count: number; readonly refused: number }
  readonly hasError: boolean
}

export interface RenderOptions {
  readonly agreedOf?: (type: string, version: string) => Agreed | undefined
  /** Role of who sent it. */
  readonly sender?: Role
  /** Whether a document has what its kind has, whatever its texts say: those that cannot be read stand there as sent. */
  readonly isDocument: (value: unknown) => value is Document
  /** Called with the byte up to which the input is read, again and again. */
  readonly readUpTo?: (byte: number) => void
}

/** Renders all documents of an input. Findings of severity `info` are not told: nobody has to do anything. */
export function render(segments: readonly Segment[], options: RenderOptions): Rendering {
  const opened = open(segments)
  const [first] = opened.interchanges
  const around = new Notes(first?.standard ?? 'x12', segments)
  around.add(opened.issues)
  const sections: Section[] = []
  const others = { count: 0, refused: 0 }
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
      around.add(asTold(issues, acknowledged), standard)
    for (const reading of readings) {
      if (sections.length < MOST_DOCUMENTS) {
        const issues = asTold(reading.issues, acknowledged)
        sections.push(sectionOf(interchange, reading, issues, options))
      } else {
        others.count++
        if (reading.document === undefined) others.refused++
      }
    }
    for (const document of translateInterchangeAcks(interchange)) {
      if (sections.length >= MOST_DOCUMENTS) {
        others.count++
        continue
      }
      const page = documentPage(document, sentIn(interchange), 'read')
      const counts = countsOf([])
      sections.push({ title: page.title, state: 'read', findings: [], counts, page })
    }
  }
  return {
    findings: around.notes(),
    counts: around.counts(),
    sections,
    others,
    hasError:
      around.counts().errors + others.refused > 0 ||
      sections.some(({ counts }) => counts.errors > 0),
  }
}

const told = (issues: readonly Issue[]) => issues.filter(({ severity }) => severity !== 'info')

const countsOf = (issues: readonly Issue[]): FindingCounts => {
  const errors = issues.filter(({ severity }) => severity === 'error').length
  return { errors, warnings: issues.length - errors }
}

/** As many as there is room for, in their order: errors before others. */
function shownOf(issues: readonly Issue[]): readonly Issue[] {
  if (issues.length <= MOST_FINDINGS) return issues
  const errors = issues.filter(({ severity }) => severity === 'error')
  const others = issues.filter(({ severity }) => severity !== 'error')
  const shown = new Set([...errors, ...others].slice(0, MOST_FINDINGS))
  return issues.filter((issue) => shown.has(issue))
}

/** Findings of envelopes. */
class Notes {
  private readonly standards = new Map<Issue, Interchange['standard']>()
  private readonly standard: Interchange['standard']
  private readonly segments: readonly Segment[]

  constructor(standard: Interchange['standard'], segments: readonly Segment[]) {
    this.standard = standard
    this.segments = segments
  }

  add(issues: readonly Issue[], standard = this.standard): void {
    for (const issue of told(issues)) this.standards.set(issue, standard)
  }

  counts(): FindingCounts {
    return countsOf([...this.standards.keys()])
  }

  notes(): FindingNote[] {
    const { segments, standard, standards } = this
    return shownOf([...standards.keys()]).map((issue) =>
      findingNote(issue, { standard: standards.get(issue) ?? standard, segments }),
    )
  }
}

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
  { agreedOf, sender, readUpTo }: RenderOptions,
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
  readUpTo?.(transaction.segments.at(-1)?.end ?? 0)
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
  const toTell = told(all)
  const read = toTell.length === 0 ? undefined : trace.document
  const subjects = read === undefined ? {} : { subjects: new Subjects(read) }
  return {
    title: page?.title ?? joined([documentName(type), control && `number ${control} in the file`]),
    state,
    findings: shownOf(toTell).map((issue, n, shown) => ({
      ...findingNote(issue, {
        ...{ standard, version, segments, trace, ...subjects },
        isRefused: state === 'refused',
      }),
      ...(isConsequence(issue, shown.slice(0, n))
        ? { text: `${issue.text} This may follow from the finding above.` }
        : {}),
    })),
    counts: countsOf(toTell),
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
