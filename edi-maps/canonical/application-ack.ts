// Application acknowledgement (824, APERAK): what the receiver's business check said of documents whose syntax was
// already accepted. Unknown articles, wrong prices, a shipment notice that is not wanted.
import { Type, type Static } from '@sinclair/typebox'
import { DateEntry, Extras, Iso, Note, Reference, object, words } from './values.js'

const text = () => Type.String({ minLength: 1 })
const extras = { extras: Type.Optional(Extras) }

/**
 * One error. `code` is a word of X12 647 or, where there is none, `<standard>:<code>`; EDIFACT 9321 codes are the
 * partners' own. The place is that in the answered document, counted as acknowledgements count (ST/UNH = 1).
 */
export const ApplicationError = object({
  code: text(),
  text: Type.Optional(text()),
  tag: Type.Optional(text()),
  segmentIndex: Type.Optional(Type.Integer({ minimum: 1 })),
  element: Type.Optional(Type.Integer({ minimum: 0 })),
  component: Type.Optional(Type.Integer({ minimum: 1 })),
  repetition: Type.Optional(Type.Integer({ minimum: 1 })),
  elementRef: Type.Optional(text()),
  value: Type.Optional(text()),
  newValue: Type.Optional(text()),
  references: Type.Optional(Type.Array(Reference)),
  notes: Type.Optional(Type.Array(Note)),
  ...extras,
})

/**
 * The answer to one document, or to a part of one. `reference` is the business number answered, `control` the control
 * numbers of the envelope the answered document came in; either finds it.
 */
export const ApplicationAnswer = object({
  level: words(['group', 'document', 'batch', 'item'] as const),
  status: words([
    'accepted',
    'acceptedWithChanges',
    'acceptedWithErrors',
    'partiallyAccepted',
    'rejected',
    'received',
  ] as const),
  reference: Type.Optional(Reference),
  messageType: Type.Optional(text()),
  messageVersion: Type.Optional(text()),
  sender: Type.Optional(text()),
  receiver: Type.Optional(text()),
  sentAt: Type.Optional(Iso),
  control: Type.Optional(
    object({
      interchange: Type.Optional(text()),
      group: Type.Optional(text()),
      message: Type.Optional(text()),
    }),
  ),
  references: Type.Array(Reference),
  dates: Type.Optional(Type.Array(DateEntry)),
  errors: Type.Array(ApplicationError),
  ...extras,
})

export const ApplicationAckBody = object({ answers: Type.Array(ApplicationAnswer) })

export type ApplicationError = Static<typeof ApplicationError>
export type ApplicationAnswer = Static<typeof ApplicationAnswer>
