// What an interchange says, segment by segment: the meaning of each segment, element and code in our own words, where
// it stands in the map, and what the map made of it. For people who look at EDI; nothing here changes anything.
import type { Kind } from './canonical/document.js'
import type { Role } from './canonical/message.js'
import type { Dictionary } from './dictionary.js'
import { parsePosition } from './field.js'
import type { Issue } from './issue.js'
import { isFiller } from './layout.js'
import type { LoadedBinding } from './load.js'
import type { Node } from './map.js'
import { elementWords, type ElementWords } from './element-text.js'
import { dictionaryFor, findMap, type Agreed } from './maps.js'
import { envelopeName, segmentName } from './names.js'
import { accessor } from './path.js'
import type { ReadTrace } from './read.js'
import type { Segment } from './segment.js'
import type { Group, Interchange, Syntax, Transaction } from './standard.js'
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
  readonly elements: readonly ExplainedElement[]
  readonly issues: readonly Issue[]
}

/** What an agreement says of the input. */
export interface ExplainOptions {
  readonly agreedOf?: (type: string, version: string) => Agreed | undefined
  /** Role of who sent it. */
  readonly sender?: Role
}

export interface Explained {
  readonly segments: readonly ExplainedSegment[]
  /** Findings that stand in no segment. */
  readonly issues: readonly Issue[]
}

/** Explains all segments of an input, in their order. */
export function explain(
  syntax: Syntax,
  segments: readonly Segment[],
  agreed: ExplainOptions = {},
): Explained {
  const opened = syntax.open(segments)
  const issues: Issue[] = [...opened.issues]
  const places = new Map<Segment, Explaining>()
  for (const interchange of opened.interchanges) {
    issues.push(...interchange.issues)
    for (const group of interchange.groups) {
      issues.push(...group.issues)
      for (const transaction of group.transactions) {
        issues.push(...explainTransaction(interchange, group, transaction, agreed, places))
      }
    }
  }
  const { standard } = syntax
  const explained = segments
    .filter((segment) => !isFiller(segment))
    .map((segment) => one(segment, standard, places.get(segment), dictionaryFor(standard)))
  return withIssues(explained, issues)
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

type Standard = Syntax['standard']

/** What is known of a segment besides its texts. */
interface Explaining {
  readonly dictionary: Dictionary | undefined
  readonly id?: string
  readonly node?: Node
  readonly binding?: LoadedBinding
  readonly paths?: ReadonlyMap<unknown, string>
  readonly root?: Node
  readonly document?: ExplainedSegment['document']
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
  const paths = new Map<unknown, string>()
  if (trace.document !== undefined) notePaths(trace.document, '', paths)
  const says =
    map === undefined ? 'There is no map for it: only the segments are explained' : KINDS[map.kind]
  for (const [n, segment] of segments.entries()) {
    places.set(segment, {
      dictionary,
      ...(n === 0 ? { document: { type, version, says } } : {}),
    })
  }
  for (const { segmentIndex, ...step } of trace.steps) {
    const root = trace.document ?? {}
    places.set(segments[segmentIndex - 1]!, { dictionary, ...step, paths, root })
  }
  return [...transaction.issues, ...issues]
}

/** Canonical path of every object of a document. */
function notePaths(value: unknown, path: string, paths: Map<unknown, string>): void {
  if (typeof value !== 'object' || value === null) return
  paths.set(value, path)
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'extras') continue
    const step = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    notePaths(inner, step, paths)
  }
}

function one(
  segment: Segment,
  standard: Standard,
  known: Explaining | undefined,
  anyRelease: Dictionary,
): ExplainedSegment {
  const { tag, number, line, offset, end } = segment
  const dictionary = known?.dictionary ?? anyRelease
  const name = segmentName(standard, tag)
  const path = known?.node === undefined ? undefined : known.paths?.get(known.node)
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
    elements: elementsOf(segment, standard, dictionary, known),
    issues: [],
  }
}

/** Levels are not kept: their tree is what the document's lists are made of. */
const isLevel = (id: string) => /(?:^|\/)(?:HL|CPS)(?:-[^/]+)?$/.test(id)

function elementsOf(
  segment: Segment,
  standard: Standard,
  dictionary: Dictionary,
  known: Explaining | undefined,
): ExplainedElement[] {
  const { tag } = segment
  const explained: ExplainedElement[] = []
  for (let n = 1; n <= segment.elementCount; n++) {
    const envelope = envelopeName(standard, tag, n)
    const isComposite = envelope === undefined && dictionary.isComposite(tag, n)
    const at = String(n).padStart(2, '0')
    if (envelope !== undefined || segment.repetitionCount(n) === 0) {
      const text = segment.raw(n).trim()
      if (text === '') continue
      explained.push({ at, text, ...(envelope === undefined ? {} : { name: envelope }) })
      continue
    }
    for (let r = 1; r <= segment.repetitionCount(n); r++) {
      const times = r === 1 ? '' : `#${r}`
      for (const [c, text] of segment.components(n, r).entries()) {
        if (text === '') continue
        const component = isComposite || c > 0 ? c + 1 : 0
        const place = component === 0 ? at : `${at}-${component}`
        explained.push({
          at: place + times,
          text,
          ...elementWords(standard, dictionary, [tag, n, component], text),
          ...(r === 1 ? canonicalOf(known, n, component) : {}),
        })
      }
    }
  }
  return explained
}

/** The value a field of the map made of an element, where that is part of the document. */
function canonicalOf(
  known: Explaining | undefined,
  element: number,
  component: number,
): Pick<ExplainedElement, 'path' | 'value'> {
  const { binding, node, paths, root } = known ?? {}
  if (binding === undefined || node === undefined || paths === undefined) return {}
  for (const field of binding.of.fields) {
    if ('computed' in field) continue
    const isHere =
      'pairs' in field
        ? element >= field.pairs.from && element <= field.pairs.to
        : field.positions.some((position) => {
            const at = parsePosition(position)
            return at.element === element && (at.component || 1) === (component || 1)
          })
    if (!isHere) continue
    const isOfDocument = 'codec' in field && field.ofDocument === true
    const base = isOfDocument ? '' : paths.get(node)
    if (base === undefined) return {}
    const through = 'through' in field ? field.through : undefined
    const value = (through ?? accessor(field.path)).get(isOfDocument ? root! : node)
    // A fixed element has its text for a path: it is no value of the Document.
    if (value === undefined || field.path === '' || value === field.path) return {}
    const path = base === '' ? field.path : `${base}.${field.path}`
    if (!('pairs' in field)) return { path, value }
    const at = Math.floor((element - field.pairs.from) / 2)
    const item = Array.isArray(value) ? (value[at] as unknown) : undefined
    return item === undefined ? {} : { path: `${path}[${at}]`, value: item }
  }
  return {}
}

/** Findings go to the segment in whose bytes they are. */
function withIssues(segments: readonly ExplainedSegment[], issues: readonly Issue[]): Explained {
  const found = segments.map((): Issue[] => [])
  const others: Issue[] = []
  for (const issue of issues) {
    const at = segments.findIndex(({ offset, end }) => issue.offset >= offset && issue.offset < end)
    if (at < 0) others.push(issue)
    else found[at]!.push(issue)
  }
  return {
    segments: segments.map((segment, n) => ({ ...segment, issues: found[n]! })),
    issues: others,
  }
}
