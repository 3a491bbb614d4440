// Views of shipment statuses: shipments by their counter (LX), and references (L11) that have both kind and number.
import type { ShipmentStatus } from '../../canonical/document.js'
import type { Reference } from '../../canonical/values.js'
import type { StatusShipment } from '../../canonical/shipment-status.js'
import type { View } from '../../map.js'

/** The counter is said by the place in the list; one that is not is kept in `number`. */
export const shipments: View<ShipmentStatus, StatusShipment> = {
  keepsExtras: true,
  split: ({ body }) =>
    body.shipments.map((shipment, n) => ({ ...shipment, number: shipment.number ?? n + 1 })),
  join({ body }, shipment, nth) {
    if (shipment.number === nth + 1) delete shipment.number
    body.shipments.push(shipment)
    return true
  },
}

/** An L11 may be a text alone; that is no reference. */
export const qualifiedReferences: View<{ references?: Reference[] }, Reference> = {
  keepsExtras: true,
  split: ({ references = [] }) => references,
  join(owner, reference) {
    if (reference.type === '' || reference.value === '') return false
    const list = (owner.references ??= [])
    list.push(reference)
    return true
  },
}
