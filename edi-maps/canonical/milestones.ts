// Milestones of a shipment: the closed list, and which milestone each status word stands for. Code lists (X12 1650,
// 1652; EDIFACT 9011, 4405) give status words, carriers give milestones; the shipment knows milestones only.

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
type StatusKind = (typeof STATUS_KINDS)[number]

export interface StatusMeaning {
  /** Null: history only, it never moves the shipment. */
  readonly milestone: Milestone | null
  readonly kind: StatusKind
}

const actual = (milestone: Milestone | null): StatusMeaning => ({ milestone, kind: 'actual' })
const ESTIMATED: StatusMeaning = { milestone: null, kind: 'estimated' }
const PLANNED: StatusMeaning = { milestone: null, kind: 'planned' }

/**
 * Every status word there is. The first word of a milestone is the one written for a milestone told without a status.
 * Departed is not delivered, arrived at the pick-up is not picked up, and a trailer at the consignee's door is still
 * out for delivery.
 */
export const STATUSES: Readonly<Record<string, StatusMeaning>> = {
  booked: actual('booked'),
  pickupAwaited: actual('booked'),
  preInformed: actual('label_generated'),
  manifested: actual('manifested'),
  readyForTransport: actual('manifested'),
  arrivedAtPickup: actual(null),
  arrivedAtPickupDock: actual(null),
  loading: actual(null),
  loadingClosed: actual(null),
  pickedUp: actual('picked_up'),
  loadedAtPickup: actual('picked_up'),
  receivedByCarrier: actual('picked_up'),
  enRoute: actual('in_transit'),
  loaded: actual('in_transit'),
  despatched: actual('in_transit'),
  departed: actual('in_transit'),
  receivedFromPriorCarrier: actual('in_transit'),
  pickedUpByConnectingCarrier: actual('in_transit'),
  handedOver: actual('in_transit'),
  railDeparted: actual('in_transit'),
  gateOut: actual('in_transit'),
  crossedBorder: actual('in_transit'),
  atCustoms: actual('in_transit'),
  reconsigned: actual('in_transit'),
  diverted: actual('in_transit'),
  tenderedForDelivery: actual('in_transit'),
  arrivedAtTerminal: actual('at_hub'),
  railArrived: actual('at_hub'),
  gateIn: actual('at_hub'),
  atPort: actual('at_hub'),
  unloaded: actual('at_hub'),
  transhipped: actual('at_hub'),
  stored: actual('at_hub'),
  availableForDelivery: actual('at_hub'),
  customsHold: actual('customs_hold'),
  customsRefused: actual('customs_hold'),
  customsClearing: actual('customs_hold'),
  awaitingImportRelease: actual('customs_hold'),
  customsCleared: actual('customs_cleared'),
  importCleared: actual('customs_cleared'),
  exportCleared: actual('customs_cleared'),
  released: actual('customs_cleared'),
  delayed: actual('delayed'),
  departureDelayed: actual('delayed'),
  delayedAtOrigin: actual('delayed'),
  transitDelayed: actual('delayed'),
  deliveryPostponed: actual('delayed'),
  deliveryDelayedByWeather: actual('delayed'),
  outForDelivery: actual('out_for_delivery'),
  arrivedAtDelivery: actual('out_for_delivery'),
  arrivedAtDeliveryDock: actual('out_for_delivery'),
  trailerSpotted: actual('out_for_delivery'),
  deliveryAttempted: actual('delivery_attempted'),
  deliveryNotCompleted: actual('delivery_attempted'),
  notDelivered: actual('delivery_attempted'),
  refused: actual('delivery_attempted'),
  refusedToRearrange: actual('delivery_attempted'),
  noticeLeft: actual('delivery_attempted'),
  noNoticeLeft: actual('delivery_attempted'),
  consigneeClosed: actual('delivery_attempted'),
  consigneeAbsent: actual('delivery_attempted'),
  availableForPickup: actual('available_for_pickup'),
  delivered: actual('delivered'),
  deliveryCompleted: actual('delivered'),
  departedDelivery: actual(null),
  receiptAcknowledged: actual(null),
  exception: actual('exception'),
  pickupFailed: actual('exception'),
  notCollected: actual('exception'),
  stopped: actual('exception'),
  damaged: actual('damaged'),
  lost: actual('lost'),
  missing: actual('lost'),
  plundered: actual('lost'),
  returning: actual('return_initiated'),
  refusedReturning: actual('return_initiated'),
  returnedByRecipient: actual('return_initiated'),
  returned: actual('returned'),
  returnedAsInstructed: actual('returned'),
  cancelled: actual('cancelled'),
  freightPaid: actual('freight_charge_confirmed'),
  begun: actual(null),
  pickupEstimated: ESTIMATED,
  deliveryEstimated: ESTIMATED,
  arrivalEstimated: ESTIMATED,
  terminalArrivalEstimated: ESTIMATED,
  terminalDepartureEstimated: ESTIMATED,
  deliveryAppointmentEstimated: ESTIMATED,
  pickupAppointment: PLANNED,
  pickupAppointmentSecured: PLANNED,
  pickupNotBefore: PLANNED,
  pickupNotAfter: PLANNED,
  deliveryAppointment: PLANNED,
  deliveryAppointmentSecured: PLANNED,
  deliveryNotBefore: PLANNED,
  deliveryNotAfter: PLANNED,
}

/** Reasons that say more than a delay, by reason word. */
const REASON_MILESTONES: Readonly<Record<string, Milestone>> = {
  customsDocuments: 'customs_hold',
  brokerUnknown: 'customs_hold',
  borderClearance: 'customs_hold',
  customs: 'customs_hold',
  refusedByCustomer: 'delivery_attempted',
  returnedToShipper: 'return_initiated',
  waitingForPickup: 'available_for_pickup',
}

/** Milestones a reason may make more precise; a delivery stays a delivery whatever is said about it. */
const VAGUE: ReadonlySet<Milestone | null> = new Set([
  'delayed',
  'exception',
  'in_transit',
  'at_hub',
])

/** What a status with its reason means. A status that is none of the list means nothing for the shipment. */
export function meaningOf(status: string, reason?: string): StatusMeaning {
  const meaning = Object.hasOwn(STATUSES, status) ? STATUSES[status]! : actual(null)
  const better = reason === undefined ? undefined : REASON_MILESTONES[reason]
  return better !== undefined && VAGUE.has(meaning.milestone)
    ? { milestone: better, kind: meaning.kind }
    : meaning
}

/** The status word that says no more than a milestone. */
export const statusOf = (milestone: Milestone): string =>
  Object.entries(STATUSES).find(([, meaning]) => meaning.milestone === milestone)?.[0] ?? milestone
