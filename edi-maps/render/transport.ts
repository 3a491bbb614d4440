// How the goods travel, as facts.
import type { Transport } from '../canonical/values.js'
import { PAYMENT, SHIPMENT_STATE } from '../x12/codes.js'
import { joined } from './page.js'
import { numberText } from './party.js'
import { label, spoken } from './wording.js'

export function transportFacts(
  transport: Transport | undefined,
): (readonly [string, string | undefined])[] {
  if (transport === undefined) return []
  const { carrier, mode, routing, service, equipment = [], paymentMethod, incoterm } = transport
  const { status } = transport
  return [
    [
      'Carrier',
      joined([
        carrier?.name ?? routing,
        carrier?.name === undefined || routing === carrier.name ? undefined : routing,
        carrier?.scac,
        carrier?.partyId === undefined ? undefined : numberText(carrier.partyId),
      ]),
    ],
    ['Travels by', mode === undefined ? undefined : label(mode)],
    ['Service', service === undefined ? undefined : label(service)],
    [
      'Vehicle',
      joined(
        equipment.map(({ type, initial, number }) =>
          joined(
            [type === undefined ? undefined : label(type), `${initial ?? ''}${number ?? ''}`],
            ' ',
          ),
        ),
      ),
    ],
    ['Seal', joined(equipment.map(({ seal }) => seal))],
    ['State of the shipment', status === undefined ? undefined : spoken(status, SHIPMENT_STATE)],
    ['Freight', paymentMethod === undefined ? undefined : spoken(paymentMethod, PAYMENT)],
    ['Terms of delivery', incoterm],
  ]
}
