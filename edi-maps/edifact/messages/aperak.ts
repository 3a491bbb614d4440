// APERAK application error and acknowledgement ⇄ applicationAck with one answer. D.96A and D.01B.
import type { ApplicationAnswer, ApplicationError } from '../../canonical/application-ack.js'
import type { ApplicationAck } from '../../canonical/document.js'
import type { Reference } from '../../canonical/values.js'
import { code, text, type GroupCodec } from '../../elements.js'
import { bind, on, type SlotOf, type Through, type TransactionMap, type View } from '../../map.js'
import { extrasOf } from '../../path.js'
import { cameAt, forgetPlace, noteAt } from '../../places.js'
import { APPLICATION_ERROR } from '../../x12/codes.js'
import { REFERENCE, RESPONSE } from '../codes.js'
import { groupOf, structureOf } from '../structure.js'
import { fixed } from './fixed.js'
import { createDocument, messageDate, numberAndPurpose } from './header.js'
import { partyGroup } from './party.js'
import { REFERENCE_DATE, dates, freeText, notes, references, told, withDate } from './references.js'

type Release = 'D:96A' | 'D:01B'
type Status = ApplicationAnswer['status']

const ack = on<ApplicationAck>()
const answer = on<ApplicationAnswer>()
const error = on<ApplicationError>()
const reference = on<Reference>()

const theAnswer = ({ body }: ApplicationAck): ApplicationAnswer | undefined => body.answers[0]

/** 1001 of D.01B; D.96A has no codes for it. */
const KINDS: Readonly<Record<string, Status>> = { '312': 'accepted', '313': 'rejected' }
const ERROR_AND_ACKNOWLEDGEMENT = '305'

/** Neither 1001 nor 4343 says how it was taken: errors do. */
const BY_ERRORS = 'BGM'

/** Several answers are several messages: no code says them. */
const SEVERAL = 'several answers'

/** An answer that says nothing itself is read from its errors, and written without a word of its own. */
const outcome: Through<ApplicationAck, Status | typeof SEVERAL> = {
  get({ body: { answers } }) {
    const [only, ...more] = answers
    if (only === undefined || cameAt(only, 'edifact', BY_ERRORS)) return undefined
    return more.length > 0 ? SEVERAL : only.status
  },
  set({ body: { answers } }, status) {
    const [only] = answers
    if (only === undefined || status === SEVERAL) return
    only.status = status
    forgetPlace(only, 'edifact', BY_ERRORS)
  },
}

/** 1225: the document is not accepted. */
const NOT_ACCEPTED = '27'

const outcomeCodes = (release: Release): GroupCodec<Status | typeof SEVERAL> => ({
  width: 2,
  refs: ['1001', RESPONSE.element],
  decode([kind = '', response = '']) {
    return (RESPONSE.has(response) ? RESPONSE.word(response) : KINDS[kind]) as Status | undefined
  },
  encode(status, [keptKind]) {
    const response = RESPONSE.code(status)
    if (release === 'D:96A') return response === undefined ? undefined : [keptKind ?? '', response]
    const [kind = ERROR_AND_ACKNOWLEDGEMENT] =
      Object.entries(KINDS).find(([, meant]) => meant === status) ?? []
    return response === undefined ? undefined : [kind, response]
  },
})

/** What the message is about comes first, more references after it. */
const moreReferences: View<ApplicationAck, Reference> = {
  keepsExtras: true,
  split: (document) => theAnswer(document)?.references ?? [],
  join(document, found) {
    theAnswer(document)?.references.push(found)
    return true
  },
}

const errors: View<ApplicationAck, ApplicationError> = {
  keepsExtras: true,
  split: (document) => theAnswer(document)?.errors ?? [],
  join(document, found) {
    theAnswer(document)?.errors.push(found)
    return true
  },
}

/** 1131: the code is one of X12 647. Without it 9321 is the partner's own. */
const X12_LIST = APPLICATION_ERROR.element
const OWN = 'edifact:'

const errorCode: GroupCodec<string> = {
  width: 2,
  decode([value = '', list = '']) {
    if (value === '') return undefined
    return list === X12_LIST ? APPLICATION_ERROR.word(value) : OWN + value
  },
  encode(word) {
    if (word.startsWith(OWN)) return [word.slice(OWN.length), '']
    const value = APPLICATION_ERROR.code(word)
    return value === undefined ? undefined : [value, X12_LIST]
  },
}

const answerDate = (structure: readonly SlotOf<unknown>[]) =>
  bind<ApplicationAnswer>(structure, {
    DTM: [
      answer.self(
        { when: { '1-1': REFERENCE_DATE } },
        answer.group(['1-2', '1-3'], 'reference.date', told),
      ),
    ],
  })

const errorBody = (structure: readonly SlotOf<unknown>[]) =>
  bind<ApplicationError>(structure, {
    FTX: [
      error.self(
        {},
        fixed(1, 'AAO', ({ text }) => text !== undefined),
        error.group(['4-1', '4-2', '4-3', '4-4', '4-5'], 'text', freeText),
      ),
    ],
    RFF: [references(groupOf(structure, 'RFF'))],
  })

const inAnswers = (keys: readonly string[]) => keys.map((key) => `body.answers[].${key}`)

/** The map of one directory. */
export function applicationError(release: Release): TransactionMap {
  const structure = structureOf('APERAK', release)
  return {
    standard: 'edifact',
    id: 'APERAK',
    version: release,
    kind: 'applicationAck',
    create: (envelope) => {
      const first: ApplicationAnswer = {
        level: 'document',
        status: 'received',
        references: [],
        errors: [],
      }
      noteAt(first, 'edifact', BY_ERRORS)
      return createDocument(envelope, { answers: [first] })
    },
    leavesOut: [
      'references',
      'parties[].contacts[].phone',
      'parties[].contacts[].email',
      'parties[].contacts[].fax',
      'parties[].references',
      ...inAnswers([
        'reference.description',
        'references[].description',
        'errors[].references[].description',
        'errors[].references[].date',
      ]),
      ...inAnswers(['messageType', 'messageVersion', 'sender', 'receiver', 'sentAt', 'control']),
      ...inAnswers(['dates']),
      ...inAnswers(
        [
          ...['tag', 'segmentIndex', 'element', 'component', 'repetition', 'elementRef'],
          ...['value', 'newValue', 'notes'],
        ].map((key) => `errors[].${key}`),
      ),
    ],
    body: bind<ApplicationAck>(structure, {
      BGM: [
        ack.self(
          {},
          ack.through(['1-1', 4], 'body.answers', outcome, outcomeCodes(release)),
          ...numberAndPurpose([NOT_ACCEPTED]),
        ),
      ],
      DTM: [messageDate, dates],
      FTX: [notes],
      RFF: [
        ack.beside(
          theAnswer,
          { body: answerDate(groupOf(structure, 'RFF')) },
          answer.at('1-1', 'reference.type', code(REFERENCE)),
          answer.at('1-2', 'reference.value', text),
        ),
        ack.view(
          moreReferences,
          (): Reference => ({ type: '', value: '' }),
          {},
          [reference.at('1-1', 'type', code(REFERENCE)), reference.at('1-2', 'value', text)],
          withDate(groupOf(structure, 'RFF')),
        ),
      ],
      NAD: [partyGroup(groupOf(structure, 'NAD'))],
      ERC: [
        ack.view(
          errors,
          (): ApplicationError => ({ code: '' }),
          {},
          [error.group(['1-1', '1-2'], 'code', errorCode)],
          errorBody(groupOf(structure, 'ERC')),
        ),
      ],
    }),
    finish(document) {
      const [only] = (document as unknown as ApplicationAck).body.answers
      if (only === undefined || !cameAt(only, 'edifact', BY_ERRORS)) return
      const isRefused = extrasOf(document, 'edifact')?.['1225'] === NOT_ACCEPTED
      only.status = isRefused || only.errors.length > 0 ? 'rejected' : 'accepted'
    },
  }
}
