// 824 Application Advice ⇄ applicationAck: each OTI answers one document or a part of one, with its errors (TED).
// Structure: X12 004010 and 005010.
import type { ApplicationAnswer, ApplicationError } from '../../canonical/application-ack.js'
import type { ApplicationAck } from '../../canonical/document.js'
import type { Note } from '../../canonical/values.js'
import { code, dateTime, integer, text, type Codec, type GroupCodec } from '../../elements.js'
import { ANY, bind, kept, keptLoop, on, type TransactionMap } from '../../map.js'
import { APPLICATION_ANSWER, APPLICATION_ERROR, NOTE_TOPIC, PURPOSE, REFERENCE } from '../codes.js'
import { dates, moment } from './dates.js'
import { partyLoop, references } from './party.js'

type Release = '004010' | '005010'
type Outcome = Pick<ApplicationAnswer, 'level' | 'status'>

const ack = on<ApplicationAck>()
const answer = on<ApplicationAnswer>()
const error = on<ApplicationError>()
const note = on<Note>()

/** 353: answers another document, which only an answer can say. It is an original all the same. */
const RESPONSE = '11'
const purposes = code<ApplicationAck['function']>(PURPOSE)
const purpose: Codec<ApplicationAck['function']> = {
  ...purposes,
  decode: (value, report) => (value === RESPONSE ? 'original' : purposes.decode(value, report)),
}

/** 110 says in one code what is answered and how. */
const outcome: GroupCodec<Partial<Outcome>> = {
  width: 1,
  refs: ['110'],
  decode([value = '']) {
    const [level, status] = (APPLICATION_ANSWER.word(value) ?? '').split('/')
    if (status === undefined) return undefined
    return { level, status } as Outcome
  },
  encode({ level = '', status = '' }) {
    const written = APPLICATION_ANSWER.code(`${level}/${status}`)
    return written === undefined ? undefined : [written]
  },
}

/** 647: another reason, which the text tells. */
const OTHER = '024'

/** Errors that have no code here are told in words: the partner needs to know that there is one. */
const errorCode: GroupCodec<string> = {
  width: 1,
  refs: ['647'],
  decode: ([value = '']) => APPLICATION_ERROR.word(value),
  encode(word, _kept, report) {
    const written = APPLICATION_ERROR.code(word)
    if (written === undefined) {
      const told = `${word} has no code in 647; ${OTHER} is written, another reason.`
      report('code-not-mapped', { text: told, value: word })
    }
    return [written ?? OTHER]
  },
}

/** At most `length` characters of a message meant for people; the rest is cut off at a word. */
const message = (length: number): GroupCodec<string> => ({
  width: 1,
  decode([value = ''], report) {
    return text.decode(value, report)
  },
  encode(value, _kept, report) {
    if (value.length <= length) return [value]
    const cut = value.slice(0, length + 1)
    const end = cut.lastIndexOf(' ')
    report('value-cut', { text: `The message is cut off after ${length} characters.`, value })
    return [cut.slice(0, end > 0 ? end : length)]
  },
})

const ERROR_PLACE = {
  '004010': [error.at(5, 'element', integer), error.at(6, 'elementRef', text)],
  '005010': [
    error.at('5-1', 'element', integer),
    error.at('5-2', 'component', integer),
    error.at('5-3', 'repetition', integer),
    error.at('6-1', 'elementRef', text),
  ],
} as const

const errors = (release: Release) =>
  answer.each(
    'errors',
    () => ({ code: '' }),
    {},
    [
      error.group([1], 'code', errorCode),
      error.group([2], 'text', message(60)),
      error.at(3, 'tag', text),
      error.at(4, 'segmentIndex', integer),
      ...ERROR_PLACE[release],
      error.at(7, 'value', text),
      error.at(8, 'newValue', text),
    ],
    bind<ApplicationError>(
      [...(release === '005010' ? [kept('CTX', 10)] : []), kept('NTE', 100), kept('RED', 100)],
      {
        NTE: [
          error.each('notes', () => ({ text: '' }), {}, [
            note.at(1, 'topic', code(NOTE_TOPIC)),
            note.group([2], 'text', message(80)),
          ]),
        ],
      },
    ),
  )

const answers = (release: Release) =>
  ack.each(
    'body.answers',
    (): ApplicationAnswer => ({
      level: 'document',
      status: 'received',
      references: [],
      errors: [],
    }),
    {},
    [
      answer.spread([1], outcome),
      answer.at(2, 'reference.type', code(REFERENCE)),
      answer.at(3, 'reference.value', text),
      answer.at(4, 'sender', text),
      answer.at(5, 'receiver', text),
      answer.group([6, 7], 'sentAt', dateTime()),
      answer.at(8, 'control.group', text),
      answer.at(9, 'control.message', text),
      answer.at(10, 'messageType', text),
      answer.at(11, 'messageVersion', text),
    ],
    bind<ApplicationAnswer>(
      [
        kept('REF', 12),
        kept('DTM', 2),
        kept('PER', 3),
        kept('AMT', ANY),
        kept('QTY', ANY),
        kept('NM1', 9),
        keptLoop('TED', ANY, []),
        keptLoop('LM', ANY, [{ ...keptLoop('LQ', 100, [kept('RED', 100)]), usage: 'M' }]),
      ],
      { REF: [references], DTM: [dates], TED: [errors(release)] },
    ),
  )

/** The map of one release. */
export const applicationAdvice = (release: Release): TransactionMap => ({
  standard: 'x12',
  id: '824',
  group: 'AG',
  version: release,
  kind: 'applicationAck',
  create: () => ({ body: { answers: [] } }),
  leavesOut: [
    'references',
    'dates',
    'notes',
    'parties[].references[].date',
    'body.answers[].reference.description',
    'body.answers[].reference.date',
    'body.answers[].references[].date',
    'body.answers[].dates[].tz',
    'body.answers[].control.interchange',
    'body.answers[].errors[].references',
    ...(release === '004010'
      ? ['body.answers[].errors[].component', 'body.answers[].errors[].repetition']
      : []),
  ],
  body: bind<ApplicationAck>(
    [kept('BGN', 1, 'M'), keptLoop('N1', ANY, []), { ...keptLoop('OTI', ANY, []), usage: 'M' }],
    {
      BGN: [
        ack.self(
          {},
          ack.at(1, 'function', purpose, { required: true }),
          ack.at(2, 'documentNumber', text, { required: true }),
          ack.group([3, 4, 5], 'documentDate', moment, { required: true }),
        ),
      ],
      N1: [partyLoop([kept('N2', 2), kept('N3', 2), kept('N4'), kept('REF', 12), kept('PER', 3)])],
      OTI: [answers(release)],
    },
  ),
})
