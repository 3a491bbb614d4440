// A functional acknowledgement (997, 999, TA1, CONTRL): which documents could be read, and what is wrong with the others.
import type { FunctionalAck } from '../canonical/document.js'
import type { AckContext, AckError, Acknowledged } from '../canonical/functional-ack.js'
import { CODE_LISTS as EDIFACT_LISTS } from '../edifact/codes.js'
import { dictionaryFor } from '../maps.js'
import { elementName, segmentName } from '../names.js'
import { CODE_LISTS as X12_LISTS } from '../x12/codes.js'
import { SETS_OF_GROUP } from '../x12/functional-groups.js'
import { documentName } from './document-names.js'
import { facts, joined, lines, type Content, type Table } from './page.js'
import type { Sent } from './sent.js'
import { capital, counted, lowered } from './wording.js'

type Standard = 'x12' | 'edifact'

export function acknowledgementPage(
  { documentNumber, source, body }: FunctionalAck,
  sent: Sent,
): Content {
  const { acknowledged } = body
  const standard = source?.family === 'edifact' ? 'edifact' : 'x12'
  const { outcome, todo } = outcomeOf(acknowledged)
  const sums = acknowledged.find(({ counts }) => counts !== undefined)?.counts
  return {
    title: `Acknowledgement of ${acknowledged[0]?.level ?? 'group'} ${documentNumber}`,
    lead: `${sent.from} has checked whether what ${sent.to} sent can be read. ${outcome}`,
    ...(todo === undefined ? {} : { todo }),
    facts: facts([
      ['Documents announced', sums?.included.toString()],
      ['Documents that came', sums?.received.toString()],
      ['Documents accepted', sums?.accepted.toString()],
    ]),
    tables: [
      {
        caption: 'What is answered',
        columns: [{ title: 'What' }, { title: 'Control number' }, { title: 'Answer' }],
        rows: acknowledged.map((one) => ({
          depth: one.level === 'transaction' ? 1 : 0,
          cells: [
            lines(nameOf(one), ...detailsOf(one)),
            numberOf(one),
            answerOf(one, acknowledged),
          ],
        })),
      },
      ...acknowledged.map((one) => errorTable(one, standard)),
    ],
  }
}

const ANSWERS: Readonly<Record<Acknowledged['status'], string>> = {
  accepted: 'Accepted',
  acceptedWithErrors: 'Accepted, with errors',
  partiallyAccepted: 'Accepted in part',
  rejected: 'REJECTED',
  received: 'Received, not checked',
}

/** Acceptance of a file or group says nothing of the documents in it: each has its own answer. */
const answerOf = ({ level, status }: Acknowledged, all: readonly Acknowledged[]): string =>
  status === 'accepted' &&
  level !== 'transaction' &&
  all.some((one) => one.level === 'transaction' && one.status !== 'accepted')
    ? 'Could be read; see each document'
    : ANSWERS[status]

function nameOf({ level, transaction, group }: Acknowledged): string {
  if (level === 'transaction') return documentName(transaction?.type ?? '')
  return level === 'group' ? groupName(group?.type) : 'Interchange (the whole file)'
}

/** `Group of documents SH: Shipment notice (856)`. */
function groupName(type: string | undefined): string {
  const [set] = type === undefined ? [] : (SETS_OF_GROUP.get(type) ?? [])
  if (type === undefined) return 'Group of documents'
  return `Group of documents ${type}${set === undefined ? '' : `: ${documentName(set)}`}`
}

/** Release and time of what is answered, as far as they are told. */
function detailsOf({ level, transaction, group, interchange }: Acknowledged): string[] {
  const { date, time } = interchange ?? {}
  return lines(
    level === 'transaction' && transaction?.implementation !== undefined
      ? `Guide ${transaction.implementation}`
      : undefined,
    level === 'group' && group?.version !== undefined ? `Release ${group.version}` : undefined,
    level === 'interchange' && date !== undefined ? `Sent ${joined([date, time], ' ')}` : undefined,
  )
}

/** `shipment notice (856) 0002 in group 50`: how it is found among what was sent. */
function rejectedName(one: Acknowledged): string {
  const name = `${lowered(nameOf(one))} ${numberOf(one)}`
  const { level, group } = one
  return level === 'transaction' && group !== undefined ? `${name} in group ${group.control}` : name
}

const numberOf = ({ level, transaction, group, interchange }: Acknowledged): string =>
  (level === 'transaction' ? transaction : level === 'group' ? group : interchange)?.control ?? ''

/** More that were rejected are found in the table. */
const NAMED = 3

/** What came of it and what is to be done now, by the documents; where none is named, by what holds them. */
function outcomeOf(acknowledged: readonly Acknowledged[]): { outcome: string; todo?: string } {
  const documents = acknowledged.filter(({ level }) => level === 'transaction')
  const told = documents.length > 0 ? documents : acknowledged
  const what = documents.length > 0 ? 'document' : (told[0]?.level ?? 'group')
  const rejected = told.filter(({ status }) => status === 'rejected').length
  const has = (one: Acknowledged['status']) => told.some(({ status }) => status === one)
  // A group or file that is rejected as a whole may name none of its documents.
  const whole = acknowledged.filter(
    ({ level, status }) => level !== 'transaction' && status === 'rejected',
  )
  const refused = rejected > 0 ? told.filter(({ status }) => status === 'rejected') : []
  const names = [...refused, ...whole.filter((one) => !refused.includes(one))]
  if (names.length > 0) {
    const were =
      rejected === 0 || told.length === 1
        ? `The ${names[0]!.level === 'transaction' ? what : names[0]!.level} was`
        : `${rejected} of ${told.length} ${what}s ${rejected === 1 ? 'was' : 'were'}`
    const isPlain = names.length === 1 && names[0]!.level !== 'transaction'
    const listed =
      isPlain || names.length > NAMED ? '' : ` (${joined(names.map(rejectedName), '; ')})`
    return {
      outcome: `${were} REJECTED${listed}: nothing of it is used.`,
      todo: 'Correct it and send it again.',
    }
  }
  if (has('partiallyAccepted'))
    return {
      outcome: 'A part was rejected.',
      todo: 'Find out which documents, correct and send them again.',
    }
  if (has('acceptedWithErrors'))
    return {
      outcome: 'All was accepted, but there are errors.',
      todo: 'They are to be corrected for the next time.',
    }
  if (has('received'))
    return { outcome: 'It arrived; nothing is said yet of whether it can be read.' }
  const all = told.length === 1 ? `The ${what} was` : `All ${counted(told.length, what)} were`
  return { outcome: `${all} accepted.`, todo: 'Nothing is to be done.' }
}

function errorTable(one: Acknowledged, standard: Standard): Table {
  return {
    caption: `What is wrong with ${joined([nameOf(one), numberOf(one)], ' ')}`,
    columns: [
      { title: 'What is wrong' },
      { title: 'Sent was', optional: true },
      { title: 'Segment', optional: true },
      { title: 'Element', optional: true },
    ],
    rows: one.errors.filter(saysMore).map((error) => ({
      cells: [
        lines(
          meaningOf(error, standard),
          ...(error.contexts ?? []).map((context) => contextText(context, standard)),
        ),
        error.value === undefined ? '' : `“${error.value}”`,
        segmentLines(error, standard),
        elementLines(error, standard),
      ],
    })),
  }
}

/** That a segment has errors in its elements says nothing where the elements are told. */
function saysMore(error: AckError, _at: number, all: readonly AckError[]): boolean {
  if (SUMMARIES.has(`${error.scheme} ${error.code}`)) return all.length === 1
  const isSummary =
    error.code === '8' && error.element === undefined && error.contexts === undefined
  return !(
    isSummary &&
    all.some((other) => other.element !== undefined && other.segmentIndex === error.segmentIndex)
  )
}

/** That there are errors in segments, or documents with errors in a group. */
const SUMMARIES: ReadonlySet<string> = new Set(['x12-718 5', 'x12-621 5', 'x12-618 5', 'x12-716 5'])

function meaningOf({ code, scheme }: AckError, standard: Standard): string {
  const lists = standard === 'x12' ? X12_LISTS : EDIFACT_LISTS
  const means = lists.get(scheme.slice(scheme.indexOf('-') + 1))?.meaning(code)
  return means === undefined ? `Error ${code}` : capital(means)
}

type Place = Pick<AckContext, 'tag' | 'segmentIndex' | 'element' | 'component'>

const segmentLines = ({ tag, segmentIndex }: Place, standard: Standard): string[] =>
  lines(
    joined([tag, segmentIndex === undefined ? undefined : `segment ${segmentIndex}`]),
    tag === undefined ? undefined : segmentName(standard, tag),
  )

function elementLines({ tag, element, component }: Place, standard: Standard): string[] {
  if (element === undefined) return []
  const name =
    tag === undefined
      ? undefined
      : elementName(standard, dictionaryFor(standard), tag, element, component)
  return lines(
    joined([`element ${element}`, component === undefined ? undefined : `component ${component}`]),
    name,
  )
}

const contextText = (context: AckContext, standard: Standard): string =>
  joined([
    `Depends on ${context.name}`,
    context.value === undefined ? undefined : `“${context.value}”`,
    ...segmentLines(context, standard),
    ...elementLines(context, standard),
  ])
