// What an application acknowledgement (824, APERAK) says of something we sent: which message it means, and whether
// the partner takes it. Pure; finding the message is store/business-answers.ts.
import type { ApplicationAnswer, ApplicationError } from '../edi-maps/canonical/application-ack.js'
import { referenceKey } from './keys.js'
import type { BusinessAnswer } from './store/business-answers.js'
import type { PlainIssue } from './store/messages.js'

/** Reference kinds that name an envelope or message, not a document. */
const NAMES_A_MESSAGE: ReadonlySet<string> = new Set(['previousMessage', 'transactionReference'])

/**
 * A part that is not taken is a rejection a person must look at; that a part is taken says nothing of the rest. With
 * `received` nothing is decided yet.
 */
function verdictOf({ level, status }: ApplicationAnswer): BusinessAnswer['verdict'] {
  if (status === 'rejected' || status === 'partiallyAccepted') return 'rejected'
  if (status === 'received') return undefined
  return level === 'document' || level === 'group' ? 'accepted' : undefined
}

function issueOf(error: ApplicationError): PlainIssue {
  const { code, text, tag, segmentIndex, element, component, value, newValue, notes = [] } = error
  const part = (name: string, of: string | number | undefined) =>
    of === undefined ? [] : [`${name}${of}`]
  const path = [
    ...part('segment ', segmentIndex),
    ...part('', tag),
    ...part('element ', element),
    ...part('component ', component),
  ]
  const told = [
    ...part('', text ?? `error ${code}`),
    ...part('value ', value),
    ...part('right is ', newValue),
    ...notes.map((note) => note.text),
  ]
  return { code, path: path.join(', '), text: told.join('; ') }
}

export function businessAnswer(answer: ApplicationAnswer): BusinessAnswer {
  const { control, messageType, reference, errors } = answer
  const verdict = verdictOf(answer)
  const key = reference === undefined ? undefined : referenceKey(reference)
  return {
    ...(control === undefined ? {} : { control }),
    ...(messageType === undefined ? {} : { messageType }),
    ...(reference === undefined ? {} : { number: reference.value }),
    ...(key === undefined ? {} : { key }),
    namesMessage: reference !== undefined && NAMES_A_MESSAGE.has(reference.type),
    ...(verdict === undefined ? {} : { verdict }),
    issues: errors.map(issueOf),
  }
}
