// What an interchange says, segment by segment: the meaning of each segment, element and code in our own words, where
// it stands in the map, and what the map made of it. For people who look at EDI; nothing here changes anything.
import { append } from './append.js'
import type { Kind } from './canonical/document.js'
import type { Role } from './canonical/message.js'
import type { Dictionary } from './dictionary.js'
import type { Issue } from './issue.js'
import { isFiller } from './layout.js'
import type { LoadedBinding } from './load.js'
import type { Node } from './map.js'
import { DocumentValues, type SentElement } from './document-values.js'
import { becameOf, type Became } from './explained-value.js'
import { dateMeaning, elementWords, envelopeWords, type ElementWords } from './element-text.js'
import { dictionaryFor, findMap, type Agreed } from './maps.js'
import { envelopeName, segmentName } from './names.js'
import { open } from './payload.js'
import type { ReadTrace } from './read.js'
import type { Segment } from './segment.js'
import { segmentAt } from './segment-at.js'
import type { Group, Interchange, Transaction } from './standard.js'
import { asTold, toldOf, usualType } from './told.js'
import { translate } from './translate.js'

/** One element or component. */
export interface ExplainedElement extends ElementWords {
  /** `02`, or of a component `04-1`; a later repetition ends with `#2`. */
  readonly at: string
  readonly text: string
  /** Canonical path of the value it became, or is a part of. */
  readonly path?: string
  /** That value as JSON. */
  readonly value?: unknown
}

export interface ExplainedSegment {
  /** Number of the segment in the input, from 1. */
  readonly i: number
  readonly tag: string
  readonly name?: string
  readonly line: number
  readonly offset: number
  readonly end: number
  /** Node id in the map, by which overrides name it. */
  readonly id?: string
  /** What of the Document it is about. */
  readonly path?: string
  /** The map has no canonical place for it: it is kept as it is. */
  readonly isKept?: true
  /** For the first segment of a document: what the document is. */
  readonly document?: { readonly type: string; readonly version: string; readonly says: string }
  /** The document it is in. */
  readonly of?: DocumentName
  readonly elements: readonly ExplainedElement[]
  readonly issues: readonly Issue[]
}

/** By which a document is found: its kind, release and control number in the file, and its own number. */
interface DocumentName {
  readonly type: string
  readonly version: string
  readonly control: string
  readonly documentNumber?: string
}

/** What an agreement says of the input. */
export interface ExplainOptions {
  readonly agreedOf?: (type: string, version: string) => Agreed | undefined
  /** Role of who sent it. */
  readonly sender?: Role
  /** Called with the byte up to which the input is read, again and again. */
  readonly readUpTo?: (byte: number) => void
}

export interface Explained {
  /** In the order of the input; each is made when it is asked for, as all together are a hundred times the input. */
  readonly segments: Iterable<ExplainedSegment>
  /** Findings that stand in no segment. */
  readonly issues: readonly Issue[]
  readonly hasError: boolean
}

/** Explains all segments of an input, in their order. */
export function explain(segments: readonly Segment[], agreed: ExplainOptions = {}): Explained {
  const opened = open(segments)
  const issues: Issue[] = [...opened.issues]
  const places = new Map<Segment, Explaining>()
  for (const interchange of opened.interchanges) {
    const found = new Map<Transaction, readonly Issue[]>()
    for (const group of interchange.groups)
      for (const transaction of group.transactions) {
        found.set(transaction, explainTransaction(interchange, group, transaction, agreed, places))
        agreed.readUpTo?.(transaction.segments.at(-1)?.end ?? 0)
      }
    const around = [interchange, ...interchange.groups].flatMap((one) => one.issues)
    const told = toldOf(interchange, {
      type: usualType(interchange),
      findings: (transaction) => found.get(transaction) ?? [],
    })
    append(issues, asTold([...around, ...[...found.values()].flat()], told))
  }
  const shown = segments.filter((segment) => !isFiller(segment))
  const { found, others } = placed(issues, shown)
  return {
    segments: explainedOf(shown, places, found),
    issues: others,
    hasError: issues.some(({ severity }) => severity === 'error'),
  }
}

/** Findings by the segment in whose bytes they are. */
function placed(issues: readonly Issue[], segments: readonly Segment[]) {
  const found = new Map<Segment, Issue[]>()
  const others: Issue[] = []
  for (const issue of issues) {
    const at = segmentAt(segments, issue.offset)
    const before = at === undefined ? others : found.get(at)
    if (before !== undefined) before.push(issue)
    else if (at !== undefined) found.set(at, [issue])
  }
  return { found, others }
}

/** The values of one document at a time are held. */
function* explainedOf(
  segments: readonly Segment[],
  places: ReadonlyMap<Segment, Explaining>,
  found: ReadonlyMap<Segment, readonly Issue[]>,
): Generator<ExplainedSegment> {
  let values: DocumentValues | undefined
  for (const segment of segments) {
    const known = places.get(segment)
    const { root } = known ?? {}
    if (root !== undefined && root !== values?.root) values = new DocumentValues(root)
    const explaining = root === undefined || values === undefined ? known : { ...known, values }
    yield { ...one(segment, explaining), issues: found.get(segment) ?? [] }
  }
}

/** What each kind of document is for. */
const KINDS: Readonly<Record<Kind, string>> = {
  shipmentNotice: 'Shipment notice: what was sent, in which packages, for which orders',
  invoice: 'Invoice: what is to be paid, for which goods',
  shipmentStatus: 'Shipment status: what happened to a shipment on its way',
  warehouseShippingOrder: 'Warehouse shipping order: the warehouse is to send these goods',
  warehouseShippingAdvice: 'Warehouse shipping advice: the warehouse has sent these goods',
  functionalAck: 'Acknowledgement: what arrived was readable or not',
  applicationAck: 'Application advice: what was sent is accepted or not, by its content',
}

type Standard = Segment['standard']

/** What is known of a segment besides its texts. */
interface Explaining {
  readonly dictionary?: Dictionary | undefined
  readonly id?: string
  readonly node?: Node
  readonly binding?: LoadedBinding
  /** The Document, as far as it was read. */
  readonly root?: Node
  readonly values?: DocumentValues
  readonly document?: ExplainedSegment['document']
  readonly of?: DocumentName
}

function explainTransaction(
  interchange: Interchange,
  group: Group,
  transaction: Transaction,
  { agreedOf, sender }: ExplainOptions,
  places: Map<Segment, Explaining>,
): Issue[] {
  const { standard } = interchange
  const { type, version, segments } = transaction
  const agreed = agreedOf?.(type, version)
  const map = findMap(standard, type, agreed?.map ?? version, sender)
  const dictionary = dictionaryFor(standard, map?.version ?? version)
  const trace: ReadTrace = { steps: [] }
  const { issues } = translate(transaction, { interchange, group }, agreed, sender, trace)
  const root = trace.document
  const says =
    map === undefined ? 'There is no map for it: only the segments are explained' : KINDS[map.kind]
  const number = trace.document?.['documentNumber']
  const of: DocumentName = {
    ...{ type, version, control: transaction.control },
    ...(typeof number === 'string' ? { documentNumber: number } : {}),
  }
  for (const [n, segment] of segments.entries()) {
    places.set(segment, {
      dictionary,
      of,
      ...(n === 0 ? { document: { type, version, says } } : {}),
    })
  }
  for (const { segmentIndex, ...step } of trace.steps) {
    places.set(segments[segmentIndex - 1]!, {
      ...{ dictionary, of },
      ...step,
      ...(root === undefined ? {} : { root }),
    })
  }
  return [...transaction.issues, ...issues]
}

function one(segment: Segment, known: Explaining | undefined): Omit<ExplainedSegment, 'issues'> {
  const { standard, tag, number, line, offset, end } = segment
  const dictionary = known?.dictionary ?? dictionaryFor(standard)
  const name = segmentName(standard, tag)
  const path = known?.node === undefined ? undefined : known.values?.paths.get(known.node)
  return {
    i: number,
    tag,
    ...(name === undefined ? {} : { name }),
    line,
    offset,
    end,
    ...(known?.id === undefined ? {} : { id: known.id }),
    ...(path === undefined || path === '' ? {} : { path }),
    ...(known?.id !== undefined && known.binding === undefined && !isLevel(known.id)
      ? { isKept: true as const }
      : {}),
    ...(known?.document === undefined ? {} : { document: known.document }),
    ...(known?.of === undefined ? {} : { of: known.of }),
    elements: elementsOf(segment, dictionary, known),
  }
}

/** Levels are not kept: their tree is what the document's lists are made of. */
const isLevel = (id: string) => /(?:^|\/)(?:HL|CPS)(?:-[^/]+)?$/.test(id)

function elementsOf(
  segment: Segment,
  dictionary: Dictionary,
  known: Explaining | undefined,
): ExplainedElement[] {
  const { standard, tag } = segment
  const explained: ExplainedElement[] = []
  for (let n = 1; n <= segment.elementCount; n++) {
    const envelope = envelopeName(standard, tag, n)
    const isComposite = envelope === undefined && dictionary.isComposite(tag, n)
    const at = String(n).padStart(2, '0')
    if (envelope !== undefined || segment.repetitionCount(n) === 0) {
      const text = segment.raw(n).trim()
      if (text === '') continue
      explained.push({ at, text, ...envelopeWords(standard, tag, n, text) })
      continue
    }
    const count = segment.repetitionCount(n)
    for (let r = 1; r <= count; r++) {
      const times = r === 1 ? '' : `#${r}`
      const parts = segment.components(n, r)
      for (const [c, text] of parts.entries()) {
        if (text === '') continue
        const component = isComposite || c > 0 ? c + 1 : 0
        const place = component === 0 ? at : `${at}-${component}`
        const words = wordsOf(standard, dictionary, [tag, n, component], parts)
        const list = dictionary.facts(tag, n, component)?.list
        explained.push({
          at: place + times,
          text,
          ...words,
          ...becameIn(known, {
            ...{ element: n, component, text },
            ...(list === undefined ? {} : { list }),
            ...(words.meaning === undefined ? {} : { meaning: words.meaning }),
          }),
        })
      }
    }
  }
  return explained
}

/** Composites of a date with what date it is and how it is written. */
const DATES: ReadonlySet<string> = new Set(['DTM'])

/** The words of an element; of a date of EDIFACT by the form told beside it. */
function wordsOf(
  standard: Standard,
  dictionary: Dictionary,
  place: readonly [tag: string, element: number, component: number],
  parts: readonly string[],
): ElementWords {
  const [tag, , component] = place
  const text = parts[Math.max(0, component - 1)] ?? ''
  const words = elementWords(standard, dictionary, place, text)
  if (standard !== 'edifact' || !DATES.has(tag) || component !== 2) return words
  const meaning = dateMeaning(text, parts[2])
  return meaning === undefined ? words : { ...words, meaning }
}

/** What the element became, where the map has read its segment. */
function becameIn(known: Explaining | undefined, sent: SentElement): Became {
  const { values, binding, node } = known ?? {}
  return values === undefined || binding === undefined || node === undefined
    ? {}
    : becameOf(values, { binding, node }, sent)
}
