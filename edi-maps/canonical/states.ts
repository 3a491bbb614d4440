// The words for states: the same in API, metrics, logs, Odoo fields and pages.
export const INBOUND_STATES = [
  'received',
  'translated',
  'handed_over',
  'applied',
  'rejected',
  'unmatched',
  'quarantined',
  'held',
  'dead',
] as const
export type InboundState = (typeof INBOUND_STATES)[number]

/** What Odoo reports of a message handed over to it. */
export const ODOO_STATES = ['applied', 'waiting', 'error', 'ignored', 'superseded'] as const
export type OdooState = (typeof ODOO_STATES)[number]

/** `accepted`, `accepted_with_errors` and `rejected` are the syntax state told by a 997 or CONTRL. */
export const OUTBOUND_STATES = [
  'queued',
  'sent',
  'transferred',
  'accepted',
  'accepted_with_errors',
  'rejected',
  'held',
  'dead',
  'cancelled',
] as const
export type OutboundState = (typeof OUTBOUND_STATES)[number]

/** Told by an 824, APERAK or business reply, apart from the syntax state. */
export const BUSINESS_STATES = ['none', 'accepted', 'rejected'] as const
export type BusinessState = (typeof BUSINESS_STATES)[number]
