// CONTRL ⇄ functionalAck: an entry for the interchange, one for each group and message it names. Service messages of
// syntax versions 1 to 3 (D:3) and 4 (4:1).
import { answer, newEntry } from '../../acknowledged.js'
import type { FunctionalAck } from '../../canonical/document.js'
import type { AckError, Acknowledged } from '../../canonical/functional-ack.js'
import { integer, text, type Codec, type GroupCodec } from '../../elements.js'
import {
  bind,
  on,
  type BindingOf,
  type SlotOf,
  type Through,
  type TransactionMap,
  type View,
} from '../../map.js'
import { ANSWER } from '../codes.js'
import { envelopeDate } from '../envelope-date.js'
import { groupOf, structureOf } from '../structure.js'
import { SCHEME, segmentNotes, type SegmentNote } from './segment-notes.js'

const ack = on<FunctionalAck>()
const entry = on<Acknowledged>()
const note = on<SegmentNote>()
const error = on<AckError>()
const grouped = on<GroupAnswer>()

/** The answer to a group with the answers to its messages. */
type GroupAnswer = Acknowledged & { messages: Acknowledged[] }

const groupAnswers: View<FunctionalAck, GroupAnswer> = {
  keepsExtras: true,
  split: ({ body }) =>
    body.acknowledged
      .filter(({ level }) => level === 'group')
      .map((group) => ({
        ...group,
        messages: body.acknowledged.filter(
          (one) => one.level === 'transaction' && one.group?.control === group.group?.control,
        ),
      })),
  join({ body }, { messages, ...group }) {
    body.acknowledged.push(group)
    for (const message of messages) {
      body.acknowledged.push(
        group.group === undefined ? message : { ...message, group: group.group },
      )
    }
    return true
  },
}

/** The one error a level has of its own: not about a segment of a message. */
const ownError: Through<Acknowledged, AckError> = {
  get: ({ errors }) =>
    errors.find(({ segmentIndex, scheme }) => segmentIndex === undefined && scheme === SCHEME),
  set({ errors }, own) {
    errors.push(own)
  },
}

/** 0098: the tag is 1, element n is n + 1. */
const position: Codec<number> = {
  decode: (value) => (/^\d{1,3}$/.test(value) && Number(value) > 1 ? Number(value) - 1 : undefined),
  encode: (value) => String(value + 1),
}

/** 0085, 0013 and S011 ⇄ an error. */
const errorCode: GroupCodec<AckError> = {
  width: 4,
  decode([code = '', tag = '', at = '', component = ''], report) {
    if (code === '') return undefined
    const element = at === '' ? undefined : position.decode(at, report)
    const part = component === '' ? undefined : integer.decode(component, report)
    return {
      code,
      scheme: SCHEME,
      ...(tag === '' ? {} : { tag }),
      ...(element === undefined ? {} : { element }),
      ...(element === undefined || part === undefined ? {} : { component: part }),
    }
  },
  encode: ({ code, tag = '', element, component }) => [
    code,
    tag,
    element === undefined ? '' : (position.encode(element) ?? ''),
    component === undefined ? '' : String(component),
  ],
}

/** Action and error at elements n … n + 3 of UCI, UCF and UCM. */
const verdict = (n: number) => [
  entry.spread([n], answer(ANSWER)),
  entry.through([n + 1, n + 2, `${n + 3}-1`, `${n + 3}-2`], 'error 0085', ownError, errorCode),
]

/** Answers to messages, on the first level or in a group; `structure` is that of the loop UCM opens. */
function messageFields(structure: readonly SlotOf<unknown>[]) {
  const fields = [
    entry.at(1, 'transaction.control', text),
    entry.at('2-1', 'transaction.type', text),
    ...verdict(3),
  ]
  const notes: BindingOf<Acknowledged> = entry.view(
    segmentNotes,
    (): SegmentNote => ({ elements: [] }),
    {},
    [note.at(1, 'segmentIndex', integer), note.at(2, 'code', text)],
    bind<SegmentNote>(groupOf(structure, 'UCS'), {
      UCD: [
        note.each('elements', () => ({ code: '', scheme: SCHEME }), {}, [
          error.at(1, 'code', text),
          error.at('2-1', 'element', position),
          error.at('2-2', 'component', integer),
          error.at('2-3', 'repetition', integer),
        ]),
      ],
    }),
  )
  return { fields, body: bind<Acknowledged>(structure, { UCS: [notes] }) }
}

/** The map of one service directory. */
export function contrl(version: 'D:3' | '4:1'): TransactionMap {
  const structure = structureOf('CONTRL', version)
  const plain = messageFields(groupOf(structure, 'UCM'))
  const inGroup = messageFields(groupOf(structure, 'UCF', 'UCM'))
  return {
    standard: 'edifact',
    id: 'CONTRL',
    version,
    kind: 'functionalAck',
    create: ({ interchange }) => ({
      function: 'original',
      documentDate: envelopeDate(interchange.date, interchange.time),
      body: { acknowledged: [] },
    }),
    body: bind<FunctionalAck>(structure, {
      UCI: [
        ack.each(
          'body.acknowledged',
          newEntry('interchange'),
          { only: ({ level }) => level === 'interchange' },
          [entry.at(1, 'interchange.control', text), ...verdict(4)],
        ),
      ],
      UCM: [
        ack.each(
          'body.acknowledged',
          newEntry('transaction'),
          { only: ({ level, group }) => level === 'transaction' && group === undefined },
          plain.fields,
          plain.body,
        ),
      ],
      UCF: [
        ack.view(
          groupAnswers,
          (): GroupAnswer => ({ ...newEntry('group')(), messages: [] }),
          {},
          [grouped.at(1, 'group.control', text), ...verdict(4)],
          bind<GroupAnswer>(groupOf(structure, 'UCF'), {
            UCM: [
              grouped.each('messages', newEntry('transaction'), {}, inGroup.fields, inGroup.body),
            ],
          }),
        ),
      ],
    }),
    finish(document) {
      const { acknowledged } = (document as unknown as FunctionalAck).body
      const [first] = acknowledged
      if (first?.interchange === undefined) return
      const { control } = first.interchange
      document['documentNumber'] = control
      for (const answered of acknowledged.slice(1)) answered.interchange = { control }
    },
  }
}
