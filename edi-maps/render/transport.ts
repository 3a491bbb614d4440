// How the goods travel, as facts.
import type { Transport } from '../canonical/values.js'
import { PAYMENT } from '../x12/codes.js'
import { joined } from './page.js'
import { label, spoken } from './wording.js'

export function transportFacts(
  transport: Transport | undefined,
): (readonly [string, string | undefined])[] {
  if (transport === undefined) return []
  const { carrier, mode, routing, service, equipment = [], paymentMethod, incoterm } = transport
  return [
    ['Carrier', joined([carrier?.name ?? routing, carrier?.scac])],
    ['Travels by', mode === undefined ? undefined : label(mode)],
    ['Service', service === undefined ? undefined : label(service)],
    [
      'Vehicle',
      joined(
        equipment.map(({ type, initial, number }) =>
          joined([type === undefined ? undefined : label(type), initial, number], ' '),
        ),
      ),
    ],
    ['Seal', joined(equipment.map(({ seal }) => seal))],
    ['Freight', paymentMethod === undefined ? undefined : spoken(paymentMethod, PAYMENT)],
    ['Terms of delivery', incoterm],
  ]
}
