// Where one segment of a ship notice is not one canonical item: lots with their serial numbers and expiry dates, and
// orders told by lines.
import type { ShippedLine, ShippedOrder } from '../../canonical/shipment-notice.js'
import { date, text } from '../../elements.js'
import { on, type View } from '../../map.js'
import { extrasOf, makeExtras } from '../../path.js'
import { expiryView, lotView, type Expiry, type LotOrSerial } from '../../lots.js'

const line = on<ShippedLine>()
const lotOrSerial = on<LotOrSerial>()
const expiry = on<Expiry>()

const lineOrderView: View<ShippedLine, ShippedOrder> = {
  keepsExtras: true,
  split(owner) {
    const order = extrasOf(owner, 'x12')?.['lineOrder'] as ShippedOrder | undefined
    return order === undefined ? [] : [order]
  },
  join(owner, order) {
    if (owner.orderIndex !== undefined) return false
    makeExtras(owner, 'x12')['lineOrder'] = order
    return true
  },
}

/** REF LT and SE of an article. */
export const lotsAndSerials = line.view(
  lotView,
  () => ({ kind: '', value: '' }),
  { when: { 1: ['LT', 'SE'] } },
  [lotOrSerial.at(1, 'kind', text), lotOrSerial.at(2, 'value', text)],
)

/** DTM 036 of an article. */
export const expiries = line.view(expiryView, () => ({ value: '' }), { when: { 1: '036' } }, [
  expiry.at(2, 'value', date),
])

/** PRF on the item level, where there is no order level; the tree makes orders of them. */
export const lineOrders = lineOrderView
