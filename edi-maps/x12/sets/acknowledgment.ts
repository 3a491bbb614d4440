// 997 and 999 ⇄ functionalAck: the first entry answers the group, the others its transaction sets (there may be none).
// The two differ in names of segments and code lists, and a 999 tells contexts (CTX).
import { answer, newEntry } from '../../acknowledged.js'
import type { FunctionalAck } from '../../canonical/document.js'
import type { AckContext, AckError, Acknowledged } from '../../canonical/functional-ack.js'
import { integer, text, type GroupCodec } from '../../elements.js'
import {
  ANY,
  bind,
  kept,
  keptLoop,
  on,
  type SlotOf,
  type Through,
  type TransactionMap,
} from '../../map.js'
import { GROUP_ANSWER, SET_ANSWER } from '../codes.js'
import { envelopeDate } from '../interchange-ack.js'
import { segmentNotes, type Schemes, type SegmentNote } from './segment-notes.js'

type Counts = NonNullable<Acknowledged['counts']>

const ack = on<FunctionalAck>()
const entry = on<Acknowledged>()
const note = on<SegmentNote>()
const error = on<AckError>()
const context = on<AckContext>()

const groupEntry = ({ body }: FunctionalAck) =>
  body.acknowledged.find(({ level }) => level === 'group')

/** Syntax error codes of a trailer ⇄ the errors of that scheme. */
const codesOf = (scheme: string): Through<Acknowledged, string[]> => ({
  get({ errors }) {
    const own = errors.filter((found) => found.scheme === scheme)
    return own.length === 0 ? undefined : own.map(({ code }) => code)
  },
  set({ errors }, codes) {
    for (const code of codes) errors.push({ code, scheme })
  },
})
const fiveCodes: GroupCodec<string[]> = {
  width: 5,
  decode: (texts) => texts.filter((value) => value !== ''),
  encode: (codes) => [...codes, '', '', '', '', ''].slice(0, 5),
}

const counts: GroupCodec<Counts> = {
  width: 3,
  decode(texts, report) {
    const [included, received, accepted] = texts.map((value) => integer.decode(value, report))
    if (included === undefined || received === undefined || accepted === undefined) {
      return undefined
    }
    return { included, received, accepted }
  },
  encode: ({ included, received, accepted }) => [included, received, accepted].map(String),
}

/** What one of the two sets calls its segments and code lists. */
export interface AcknowledgmentSet {
  readonly id: '997' | '999'
  readonly version: string
  readonly segment: string
  readonly element: string
  readonly trailer: string
  readonly schemes: Schemes
  readonly hasContexts: boolean
}

/** CTX for any node that has `contexts`. */
const contexts = on<{ contexts?: AckContext[] }>().each('contexts', () => ({ name: '' }), {}, [
  context.at('1-1', 'name', text),
  context.at('1-2', 'value', text),
  context.at(2, 'tag', text),
  context.at(3, 'segmentIndex', integer),
  context.at(4, 'loop', text),
  context.at('5-1', 'element', integer),
  context.at('5-2', 'component', integer),
  context.at('5-3', 'repetition', integer),
  context.at('6-1', 'elementRef', text),
])

function noteBody({ element, schemes, hasContexts }: AcknowledgmentSet): SlotOf<SegmentNote>[] {
  const fields = [
    error.at('1-1', 'element', integer),
    error.at('1-2', 'component', integer),
    error.at('1-3', 'repetition', integer),
    error.at(2, 'elementRef', text),
    error.at(3, 'code', text),
    error.at(4, 'value', text),
  ]
  const newError = (): AckError => ({ code: '', scheme: schemes.element })
  if (!hasContexts) {
    return bind<SegmentNote>([kept(element, 99)], {
      [element]: [note.each('elements', newError, {}, fields)],
    })
  }
  return bind<SegmentNote>([kept('CTX', 10), keptLoop(element, ANY, [])], {
    CTX: [contexts],
    [element]: [
      note.each('elements', newError, {}, fields, [{ ...kept('CTX', 10), bindings: [contexts] }]),
    ],
  })
}

function transactionBody(set: AcknowledgmentSet): SlotOf<Acknowledged>[] {
  const { segment, trailer, schemes } = set
  return bind<Acknowledged>([keptLoop(segment, ANY, []), kept(trailer, 1, 'M')], {
    [segment]: [
      entry.view(
        segmentNotes(schemes),
        (): SegmentNote => ({ elements: [] }),
        {},
        [
          note.at(1, 'tag', text),
          note.at(2, 'segmentIndex', integer),
          note.at(3, 'loop', text),
          note.at(4, 'code', text),
        ],
        noteBody(set),
      ),
    ],
    [trailer]: [
      entry.self(
        {},
        entry.spread([1], answer(SET_ANSWER)),
        entry.through([2, 3, 4, 5, 6], 'errors', codesOf(schemes.transaction), fiveCodes),
      ),
    ],
  })
}

/** The map of one set in one release. */
export const acknowledgment = (set: AcknowledgmentSet): TransactionMap => ({
  standard: 'x12',
  id: set.id,
  group: 'FA',
  version: set.version,
  kind: 'functionalAck',
  create: ({ group, interchange }) => ({
    function: 'original',
    documentDate:
      envelopeDate(group.date, group.time) ?? envelopeDate(interchange.date, interchange.time),
    body: { acknowledged: [] },
  }),
  body: bind<FunctionalAck>([kept('AK1', 1, 'M'), keptLoop('AK2', ANY, []), kept('AK9', 1, 'M')], {
    AK1: [
      ack.each('body.acknowledged', newEntry('group'), { only: ({ level }) => level === 'group' }, [
        entry.at(1, 'group.type', text),
        entry.at(2, 'group.control', text),
        entry.at(3, 'group.version', text),
      ]),
    ],
    AK2: [
      ack.each(
        'body.acknowledged',
        newEntry('transaction'),
        { only: ({ level }) => level === 'transaction' },
        [
          entry.at(1, 'transaction.type', text),
          entry.at(2, 'transaction.control', text),
          entry.at(3, 'transaction.implementation', text),
        ],
        transactionBody(set),
      ),
    ],
    AK9: [
      ack.beside(
        groupEntry,
        {},
        entry.spread([1], answer(GROUP_ANSWER)),
        entry.group([2, 3, 4], 'counts', counts),
        entry.through([5, 6, 7, 8, 9], 'errors 716', codesOf('x12-716'), fiveCodes),
      ),
    ],
  }),
  finish(document) {
    const notice = document as unknown as FunctionalAck
    const group = groupEntry(notice)?.group
    if (group === undefined) return
    notice.documentNumber = group.control
    for (const answered of notice.body.acknowledged) {
      if (answered.level === 'transaction') answered.group = { ...group }
    }
  },
})
