// An application acknowledgement (824, APERAK): what the receiver says of documents by their content.
import type { ApplicationAck } from '../canonical/document.js'
import type { ApplicationAnswer, ApplicationError } from '../canonical/application-ack.js'
import { APPLICATION_ERROR } from '../x12/codes.js'
import { dateFact, noteText, referenceText } from './article.js'
import { dateText } from './date-text.js'
import { documentName } from './document-names.js'
import { joined, lines, type Content, type Table } from './page.js'
import { nameOf } from './party.js'
import type { Sent } from './sent.js'
import { counted, label, phrase, spoken } from './wording.js'

export function answerPage({ documentNumber, parties, body }: ApplicationAck, sent: Sent): Content {
  const from = nameOf(parties, 'sender', 'buyer', 'customer') ?? sent.from
  const to = nameOf(parties, 'receiver', 'supplier') ?? sent.to
  return {
    title: `Answer ${documentNumber}`,
    lead: `${from} has checked the content of what ${to} sent. ${outcomeOf(body.answers)}`,
    facts: [],
    tables: [
      {
        caption: 'What is answered',
        columns: [{ title: 'What' }, { title: 'Answer' }],
        rows: body.answers.map((answer) => ({
          cells: [answeredLines(answer), ANSWERS[answer.status]],
        })),
      },
      ...body.answers.map(reasonTable),
    ],
  }
}

const ANSWERS: Readonly<Record<ApplicationAnswer['status'], string>> = {
  accepted: 'Accepted',
  acceptedWithChanges: 'Accepted, with changes',
  acceptedWithErrors: 'Accepted, with errors',
  partiallyAccepted: 'Accepted in part',
  rejected: 'REJECTED',
  received: 'Received',
}

function outcomeOf(answers: readonly ApplicationAnswer[]): string {
  const rejected = answers.filter(({ status }) => status === 'rejected')
  if (rejected.length > 0) {
    const names = joined(rejected.map(({ reference, level }) => reference?.value ?? level))
    return `Rejected: ${names}. It was readable, but is not used; the reasons stand below.`
  }
  const differing = answers.filter(({ status }) => status !== 'accepted' && status !== 'received')
  return differing.length === 0
    ? 'All was accepted. Nothing is to be done.'
    : `${counted(differing.length, 'document')} not as it was sent: the reasons stand below.`
}

function answeredLines(answer: ApplicationAnswer): string[] {
  const { level, reference, messageType, control, sentAt, references, dates = [] } = answer
  return lines(
    reference === undefined ? label(level) : referenceText(reference),
    messageType === undefined ? undefined : documentName(messageType),
    joined(
      [
        sentAt === undefined ? undefined : `sent ${dateText(sentAt)}`,
        answer.sender && `by ${answer.sender}`,
        answer.receiver && `to ${answer.receiver}`,
      ],
      ' ',
    ),
    joined([
      control?.interchange && `interchange ${control.interchange}`,
      control?.group && `group ${control.group}`,
      control?.message && `document ${control.message}`,
    ]),
    ...references.map(referenceText),
    ...dates.map((date) => dateFact(date).join(': ')),
  )
}

const reasonTable = ({ reference, level, errors }: ApplicationAnswer): Table => ({
  caption: `Why: ${reference === undefined ? level : referenceText(reference)}`,
  columns: [
    { title: 'What is wrong' },
    { title: 'Sent was', optional: true },
    { title: 'Right would be', optional: true },
    { title: 'Where in it', optional: true },
  ],
  rows: errors.map((error) => {
    const { tag, segmentIndex, element, value = '', newValue = '' } = error
    return {
      cells: [
        reasonLines(error),
        value,
        newValue,
        joined([
          segmentIndex === undefined ? undefined : `segment no. ${segmentIndex}`,
          tag,
          element === undefined || element === 0 ? undefined : `element no. ${element}`,
        ]),
      ],
    }
  }),
})

function reasonLines({ code, text, references = [], notes = [] }: ApplicationError): string[] {
  const reason = spoken(code, APPLICATION_ERROR)
  const isOwn = code.includes(':')
  return lines(
    text === undefined ? reason : isOwn ? `${text} (${phrase(code)})` : text,
    text === undefined || isOwn ? undefined : reason,
    ...references.map(referenceText),
    ...notes.map(noteText),
  )
}
