// Message: a Document on its way, as the gateway and Odoo exchange it.
import { Type, type Static } from '@sinclair/typebox'
import { Document } from './document.js'
import { Iso, object, words } from './values.js'

/** The parts two partners can play towards each other. */
export const Role = words(['customer', 'supplier', 'depositor', 'warehouse', 'carrier'] as const)
export type Role = Static<typeof Role>

/**
 * `id` is a UUID v7 that stays through corrections, `revision` counts them from 1; `partner` is the agreement's
 * partner code; `test` is true when agreement and interchange both say test.
 */
export const Message = object({
  id: Type.String({
    pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
  }),
  revision: Type.Integer({ minimum: 1 }),
  correlationId: Type.String({ minLength: 1, maxLength: 128 }),
  direction: words(['in', 'out'] as const),
  partner: Type.String({ minLength: 1 }),
  ourRole: Role,
  theirRole: Role,
  company: Type.Optional(Type.String({ minLength: 1 })),
  test: Type.Boolean(),
  receivedAt: Type.Optional(Iso),
  document: Document,
})
export type Message = Static<typeof Message>
