// Functional acknowledgement (TA1, 997, 999, CONTRL): what the receiver's syntax check said of what we sent.
import { Type, type Static } from '@sinclair/typebox'
import { Extras, object, words } from './values.js'

const text = () => Type.String({ minLength: 1 })

/** What an error has to do with (CTX of a 999): a name, its value, and a place in the acknowledged set. */
export const AckContext = object({
  name: text(),
  value: Type.Optional(text()),
  tag: Type.Optional(text()),
  segmentIndex: Type.Optional(Type.Integer({ minimum: 1 })),
  loop: Type.Optional(text()),
  element: Type.Optional(Type.Integer({ minimum: 1 })),
  component: Type.Optional(Type.Integer({ minimum: 1 })),
  repetition: Type.Optional(Type.Integer({ minimum: 1 })),
  elementRef: Type.Optional(text()),
  extras: Type.Optional(Extras),
})

/** One reported error; `code` is of the list `scheme` names (x12-I18, x12-716, …, x12-618, x12-620, x12-621, un-0085). */
export const AckError = object({
  code: text(),
  scheme: text(),
  tag: Type.Optional(text()),
  segmentIndex: Type.Optional(Type.Integer({ minimum: 1 })),
  loop: Type.Optional(text()),
  element: Type.Optional(Type.Integer({ minimum: 1 })),
  component: Type.Optional(Type.Integer({ minimum: 1 })),
  repetition: Type.Optional(Type.Integer({ minimum: 1 })),
  elementRef: Type.Optional(text()),
  value: Type.Optional(text()),
  contexts: Type.Optional(Type.Array(AckContext)),
  extras: Type.Optional(Extras),
})

/** The answer to one interchange, group or transaction, found by the control numbers it names. */
export const Acknowledged = object({
  level: words(['interchange', 'group', 'transaction'] as const),
  group: Type.Optional(
    object({ type: Type.Optional(text()), control: text(), version: Type.Optional(text()) }),
  ),
  interchange: Type.Optional(
    object({ control: text(), date: Type.Optional(text()), time: Type.Optional(text()) }),
  ),
  transaction: Type.Optional(
    object({ type: text(), control: text(), implementation: Type.Optional(text()) }),
  ),
  status: words([
    'accepted',
    'acceptedWithErrors',
    'partiallyAccepted',
    'rejected',
    'received',
  ] as const),
  /** The status code as sent (AK501, AK901, TA104, UCI 0083), where `status` alone does not tell it. */
  statusCode: Type.Optional(text()),
  counts: Type.Optional(
    object({
      included: Type.Integer({ minimum: 0 }),
      received: Type.Integer({ minimum: 0 }),
      accepted: Type.Integer({ minimum: 0 }),
    }),
  ),
  errors: Type.Array(AckError),
  extras: Type.Optional(Extras),
})

export const FunctionalAckBody = object({ acknowledged: Type.Array(Acknowledged) })

export type AckContext = Static<typeof AckContext>
export type AckError = Static<typeof AckError>
export type Acknowledged = Static<typeof Acknowledged>
export type FunctionalAckBody = Static<typeof FunctionalAckBody>
