// 997 Functional Acknowledgment ⇄ functionalAck: the first entry answers the group, the others its transaction sets
// (a 997 may answer the group alone). Structure: X12 004010 and 005010.
import { answer, newEntry } from '../../acknowledged.js'
import type { FunctionalAck } from '../../canonical/document.js'
import type { AckError, Acknowledged } from '../../canonical/functional-ack.js'
import { integer, text, type GroupCodec } from '../../elements.js'
import { ANY, bind, kept, keptLoop, on, type Through, type TransactionMap } from '../../map.js'
import { GROUP_ANSWER, SET_ANSWER } from '../codes.js'
import { envelopeDate } from '../interchange-ack.js'
import { segmentNotes, type SegmentNote } from './segment-notes.js'

type Counts = NonNullable<Acknowledged['counts']>

const ack = on<FunctionalAck>()
const entry = on<Acknowledged>()
const note = on<SegmentNote>()
const error = on<AckError>()

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

/** The map of one release. */
export const functionalAcknowledgment = (release: '004010' | '005010'): TransactionMap => ({
  standard: 'x12',
  id: '997',
  group: 'FA',
  version: release,
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
      ]),
    ],
    AK2: [
      ack.each(
        'body.acknowledged',
        newEntry('transaction'),
        { only: ({ level }) => level === 'transaction' },
        [entry.at(1, 'transaction.type', text), entry.at(2, 'transaction.control', text)],
        bind<Acknowledged>([keptLoop('AK3', ANY, []), kept('AK5', 1, 'M')], {
          AK3: [
            entry.view(
              segmentNotes,
              (): SegmentNote => ({ elements: [] }),
              {},
              [
                note.at(1, 'tag', text),
                note.at(2, 'segmentIndex', integer),
                note.at(3, 'loop', text),
                note.at(4, 'code', text),
              ],
              bind<SegmentNote>([kept('AK4', 99)], {
                AK4: [
                  note.each('elements', () => ({ code: '', scheme: 'x12-723' }), {}, [
                    error.at('1-1', 'element', integer),
                    error.at('1-2', 'component', integer),
                    error.at('1-3', 'repetition', integer),
                    error.at(2, 'elementRef', text),
                    error.at(3, 'code', text),
                    error.at(4, 'value', text),
                  ]),
                ],
              }),
            ),
          ],
          AK5: [
            entry.self(
              {},
              entry.spread([1], answer(SET_ANSWER)),
              entry.through([2, 3, 4, 5, 6], 'errors 718', codesOf('x12-718'), fiveCodes),
            ),
          ],
        }),
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
