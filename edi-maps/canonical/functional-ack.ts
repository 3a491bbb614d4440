// Functional acknowledgement (TA1, 997, 999, CONTRL): what the receiver's syntax check said of what we sent.
import { Type, type Static } from '@sinclair/typebox'
import { Extras, object, words } from './values.js'

const text = () => Type.String({ minLength: 1 })

/** One reported error; `code` is of the list the level implies (I18, 716, 718, 720, 723 or 0085). */
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
  extras: Type.Optional(Extras),
})

/** The answer to one interchange, group or transaction, found by the control numbers it names. */
export const Acknowledged = object({
  level: words(['interchange', 'group', 'transaction'] as const),
  group: Type.Optional(object({ type: Type.Optional(text()), control: text() })),
  interchange: Type.Optional(
    object({ control: text(), date: Type.Optional(text()), time: Type.Optional(text()) }),
  ),
  transaction: Type.Optional(object({ type: text(), control: text() })),
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

export type AckError = Static<typeof AckError>
export type Acknowledged = Static<typeof Acknowledged>
export type FunctionalAckBody = Static<typeof FunctionalAckBody>
