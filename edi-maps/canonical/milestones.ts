// Milestones of a shipment: the closed list. Whatever a carrier's or standard's code says, a shipment knows only these.

/** In the order a shipment usually passes them, then what goes wrong; the last is about money, not movement. */
export const MILESTONES = [
  'prepared',
  'booked',
  'label_generated',
  'manifested',
  'picked_up',
  'in_transit',
  'at_hub',
  'customs_hold',
  'customs_cleared',
  'delayed',
  'out_for_delivery',
  'delivery_attempted',
  'available_for_pickup',
  'delivered',
  'exception',
  'damaged',
  'lost',
  'return_initiated',
  'returned',
  'cancelled',
  'freight_charge_confirmed',
] as const
export type Milestone = (typeof MILESTONES)[number]

/** Whether something has happened, is expected, or was agreed. Only what has happened moves a shipment. */
export const STATUS_KINDS = ['actual', 'estimated', 'planned'] as const
