// Shipments of a status message with the sender's counter (LX01, CNI 1490), which the place in the list says too.
import type { ShipmentStatus } from './canonical/document.js'
import type { StatusShipment } from './canonical/shipment-status.js'
import type { View } from './map.js'
import { cameAt, noteAt } from './places.js'

/** `counter` is the map id of the counter: a shipment that came without one remembers it in `extras.<standard>.at`. */
export const countedShipments = (
  standard: 'x12' | 'edifact',
  counter: string,
): View<ShipmentStatus, StatusShipment> => ({
  keepsExtras: true,
  split: ({ body }) =>
    body.shipments.map((shipment, n) =>
      cameAt(shipment, standard, counter)
        ? shipment
        : { ...shipment, number: shipment.number ?? n + 1 },
    ),
  join({ body }, shipment, nth) {
    if (shipment.number === undefined) noteAt(shipment, standard, counter)
    else if (shipment.number === nth + 1) delete shipment.number
    body.shipments.push(shipment)
    return true
  },
})
