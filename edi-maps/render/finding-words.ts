// Every code of a finding for people who know no EDI: what it is, and who does what about it.
import type { Issue, IssueCode } from '../issue.js'

/** A few words, and a sentence. */
type FindingWords = readonly [what: string, todo: string]

const SENDER = 'The sender has to correct it and send it again.'
const SENDER_LATER = 'It was read all the same; the sender should correct it for the next time.'
const NOTHING = 'Nothing is to be done: it was read all the same.'
/** Of a warning beside an error. */
const NOT_WHY = 'It is not why the document is refused, but should be corrected with the rest.'
const CUT = 'Something may be missing. The sender has to send the file again.'
const AGREE = 'Agree with the sender whether such documents are to be exchanged.'
const AGREED = 'It was read all the same; compare what was agreed with the sender.'
const OURS = 'It is ours to correct, in the document or in the agreement.'

/** What is done about what was read all the same: of an error, for which nothing of the document is used, it is not so. */
const READ: ReadonlySet<string> = new Set([
  SENDER_LATER,
  NOTHING,
  AGREED,
  `${SENDER_LATER} Nothing was cut.`,
])

/** What a finding is called, and who does what about it; `isRefused`: an error beside it refuses the document. */
export function findingWords(
  { code, severity }: Pick<Issue, 'code' | 'severity'>,
  isRefused = false,
): FindingWords {
  const [what, todo] = FINDING_WORDS[code]
  if (severity === 'error') return [what, READ.has(todo) ? SENDER : todo]
  if (isRefused && (READ.has(todo) || todo === SENDER)) return [what, NOT_WHY]
  return [what, todo === SENDER ? SENDER_LATER : todo]
}

const FINDING_WORDS: Readonly<Record<IssueCode, FindingWords>> = {
  'interchange-control-mismatch': ['The beginning and the end do not belong together', CUT],
  'interchange-standard-unsupported': ['Unknown standard of the envelope', NOTHING],
  'interchange-controls-version-unsupported': ['Unknown version of the envelope', NOTHING],
  'segment-terminator-invalid': ['The segments of the file cannot be told apart', SENDER],
  'sender-qualifier-invalid': ['The sender is not named rightly', SENDER],
  'sender-id-invalid': ['The sender is not named rightly', SENDER_LATER],
  'receiver-qualifier-invalid': ['The receiver is not named rightly', SENDER],
  'receiver-id-invalid': ['The receiver is not named rightly', SENDER_LATER],
  'authorization-qualifier-invalid': ['The authorisation is not filled in rightly', SENDER],
  'authorization-invalid': ['The authorisation is missing', SENDER],
  'security-qualifier-invalid': ['The password field is not filled in rightly', SENDER],
  'security-invalid': ['The password is missing', SENDER],
  'interchange-date-invalid': ['The date of sending is no date', SENDER],
  'interchange-time-invalid': ['The time of sending is no time', SENDER],
  'interchange-control-number-invalid': ['The number of the file is missing or wrong', SENDER],
  'acknowledgement-requested-invalid': ['It is not clear whether an answer is wanted', NOTHING],
  'test-indicator-invalid': ['It is not clear whether it is a test', 'Ask the sender.'],
  'group-count-mismatch': ['The number of groups is not what the file says', CUT],
  'control-structure-invalid': ['The envelope of the file is out of order', SENDER],
  'interchange-cut-off': ['The file ends too early', CUT],
  'interchange-content-invalid': ['The file holds what does not belong there', SENDER],
  'interchange-empty': ['There is nothing in the file', SENDER],
  'groups-and-messages-mixed': ['The envelope of the file is out of order', SENDER],
  'interchange-duplicate': ['The file was sent before', 'Find out whether it was meant twice.'],
  'element-separator-invalid': ['The values of the file cannot be told apart', SENDER],
  'component-separator-invalid': ['The values of the file cannot be told apart', SENDER],
  'interchange-width-wrong': ['The first segment has not the length it must have', SENDER_LATER],
  'not-edi': ['This is no EDI file', 'Find out what it is; perhaps it was named wrongly.'],
  'data-outside-interchange': ['There is text outside of the documents', NOTHING],
  'segment-unterminated': ['The last segment is not ended', NOTHING],
  'terminator-repeated': ['A segment is empty', NOTHING],
  'lines-wrapped': ['The lines are broken at a fixed width', NOTHING],
  'cross-check-different': ['A second reader understands something else', 'Have it looked into.'],
  'cross-check-impossible': ['A second reader could not be asked', NOTHING],
  'no-agreement': [
    'Nothing is agreed with this sender',
    'Set up an agreement, then read it again.',
  ],

  'group-unsupported': ['Documents of a kind that is not taken', AGREE],
  'group-version-unsupported': ['A release of the standard that is not taken', AGREE],
  'group-trailer-missing': ['A group of documents has no end', CUT],
  'group-control-mismatch': ['The beginning and the end of a group do not belong together', CUT],
  'transaction-count-mismatch': ['The number of documents is not what the file says', CUT],
  'group-control-number-invalid': ['The number of a group is missing or wrong', SENDER],
  'group-date-invalid': ['The date of a group is no date', NOTHING],
  'group-duplicate': ['The group was sent before', 'Find out whether it was meant twice.'],

  'transaction-unsupported': ['This kind of document cannot be read here', AGREE],
  'transaction-trailer-missing': ['The document has no end', CUT],
  'transaction-control-mismatch': ['The beginning and the end do not belong together', CUT],
  'segment-count-mismatch': ['The number of segments is not what the document says', CUT],
  'transaction-type-invalid': ['The document does not say what it is', SENDER],
  'transaction-control-number-invalid': ['The number of the document is missing or wrong', SENDER],
  'transaction-not-in-group': ['The document stands among documents of another kind', NOTHING],
  'release-read-as-another': ['An unusual release of the standard', NOTHING],
  'transaction-duplicate': ['The document is in the file twice', 'Find out which of them holds.'],

  'segment-unknown': ['A segment nobody knows', SENDER],
  'segment-unexpected': ['A segment that may not stand here', SENDER],
  'segment-missing': ['Something is missing that must be there', SENDER],
  'loop-repeats-too-often': ['A part comes too often', SENDER],
  'segment-repeats-too-often': ['A segment comes too often', SENDER_LATER],
  'segment-not-in-set': ['A segment that does not belong into such a document', SENDER],
  'segment-out-of-order': ['A segment in the wrong order', SENDER],
  'segment-not-agreed': ['A segment that was not agreed', AGREED],
  'segment-empty': ['A segment without any value', SENDER_LATER],
  'segment-too-large': ['A segment that is far too long', SENDER],
  'binary-length-wrong': ['A part that has not the length it says', SENDER],

  'element-missing': ['A value is missing that must be there', SENDER],
  'element-conditional-missing': ['A value is missing that another one needs', SENDER_LATER],
  'too-many-elements': ['Too many values in a segment', SENDER],
  'element-too-short': ['A value is too short', SENDER_LATER],
  'element-too-long': ['A value is too long', `${SENDER_LATER} Nothing was cut.`],
  'character-invalid': ['A character that may not be used', SENDER],
  'number-invalid': ['Not a number', SENDER],
  'code-invalid': ['A code that is not in its list', SENDER_LATER],
  'date-invalid': ['Not a date', SENDER],
  'time-invalid': ['Not a time of day', SENDER],
  'element-excluded': ['Two values that exclude each other', SENDER],
  'element-not-agreed': ['A value that was not agreed', AGREED],
  'value-not-agreed': ['Not the value that was agreed', AGREED],
  'too-many-repetitions': ['A value is repeated too often', SENDER],
  'too-many-components': ['A value has too many parts', SENDER],
  'hierarchy-parent-unknown': ['It is said to be packed in something that is not there', SENDER],
  'hierarchy-number-duplicate': ['Two packages or levels have the same number', SENDER],
  'hierarchy-order-wrong': ['Packages or levels in an unusual order', SENDER_LATER],
  'hierarchy-too-deep': ['Too many packages or levels within one another', SENDER],
  'total-mismatch': [
    'A count is not what was counted',
    'Look whether something is missing; some senders count in another way.',
  ],
  'amount-mismatch': [
    'Amounts do not add up',
    'Look at it before it is booked or paid, and ask the sender: the amounts were taken over as sent.',
  ],
  'check-digit-wrong': [
    'A number with a wrong check digit',
    'It may be mistyped: a scanner will refuse it. Ask the sender.',
  ],
  'code-not-mapped': [
    'A code without a meaning here',
    'It is kept as it came; agree what it means.',
  ],
  'value-not-writable': ['A value that cannot be sent', OURS],
  'level-left-out': ['A level that cannot be sent', OURS],
  'value-left-out': ['A value that cannot be sent', 'The rest is sent.'],
  'value-cut': ['A text that was shortened', 'The rest is sent.'],
  'value-divided': [
    'A quantity that was divided over packages',
    'Say how many are in each package, where that is known.',
  ],
  'character-replaced': ['A character that was replaced', 'The rest is sent.'],
}
