// How messages begin: BGM with their kind, number and purpose, and DTM 137 with their date.
import type { DocumentFunction } from '../../canonical/document.js'
import { codeElement, text, type GroupCodec } from '../../elements.js'
import { on, type BindingOf, type FieldOf, type Node, type Through } from '../../map.js'
import { cameAt, forgetPlace, noteAt } from '../../places.js'
import type { ReadEnvelope } from '../../read.js'
import { PURPOSE } from '../codes.js'
import { moment } from '../elements.js'
import { envelopeDate } from '../envelope-date.js'
import { fixed } from './fixed.js'
import type { Static } from '@sinclair/typebox'

export interface Header {
  function: Static<typeof DocumentFunction>
  documentNumber: string
  documentDate: string
}
const header = on<Header>()

/** What a message may leave out, and the mark in `extras.edifact.at` of a document whose message did. */
const ENVELOPE_DATE = 'UNB'
const NO_PURPOSE = 'BGM'

/** A value the document has from elsewhere until the message says it. */
const assumed = <K extends keyof Header>(key: K, mark: string): Through<Header, Header[K]> => ({
  get: (document) => (cameAt(document, 'edifact', mark) ? undefined : document[key]),
  set(document, value) {
    document[key] = value
    forgetPlace(document, 'edifact', mark)
  },
})

const purposes = codeElement<Header['function']>(PURPOSE)

/** `answers`: purposes that only an answer can have; it is an original all the same. */
const purpose = (answers: readonly string[]): GroupCodec<Header['function']> => ({
  ...purposes,
  decode: (texts, report) =>
    answers.includes(texts[0] ?? '') ? 'original' : purposes.decode(texts, report),
  encode: (told, kept, report) =>
    told === 'original' && answers.includes(kept[0] ?? '')
      ? [kept[0]!]
      : purposes.encode(told, kept, report),
})

/** Number and purpose of BGM. */
export const numberAndPurpose = (answers: readonly string[] = []): readonly FieldOf<Header>[] => [
  header.at('2-1', 'documentNumber', text, { required: true }),
  header.through([3], 'function', assumed('function', NO_PURPOSE), purpose(answers), {
    required: 'ifSent',
  }),
]

/** BGM; `kind` is 1001 as it is written, any other is kept. `agency` is its 3055, for codes GS1 has added. */
export const beginning = (kind: string, agency?: string): BindingOf<Header> =>
  beginningWith(fixed('1-1', kind), ...(agency === undefined ? [] : [fixed<Header>('1-3', agency)]))

/** BGM of a message whose documents are of several kinds; `kind` are the fields that say which. */
export const beginningWith = <T extends Header>(...kind: readonly FieldOf<T>[]): BindingOf<T> =>
  on<T>().self({}, ...kind, ...numberAndPurpose())

/** DTM 137. */
export const messageDate: BindingOf<Header> = header.self(
  { when: { '1-1': '137' } },
  header.through(['1-2', '1-3'], 'documentDate', assumed('documentDate', ENVELOPE_DATE), moment),
)

/** What a document begins with: an original of the interchange's date, until BGM and DTM 137 say otherwise. */
export function createDocument({ interchange }: ReadEnvelope, body: Node): Node {
  const document: Node = {
    function: 'original',
    documentDate: envelopeDate(interchange.date, interchange.time),
    body,
  }
  noteAt(document, 'edifact', NO_PURPOSE)
  noteAt(document, 'edifact', ENVELOPE_DATE)
  return document
}
