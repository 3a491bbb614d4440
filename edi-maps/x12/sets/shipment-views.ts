// Where one segment of a ship notice is not one canonical item: lots with their serial numbers and expiry dates, and
// orders told by lines.
import type { ShippedLine, ShippedOrder } from '../../canonical/shipment-notice.js'
import { date, text } from '../../elements.js'
import { on, type View } from '../../map.js'
import { extrasOf, makeExtras } from '../../path.js'

interface LotOrSerial {
  kind: string
  value: string
}
interface Expiry {
  value: string
}
type Lots = NonNullable<ShippedLine['lots']>

const line = on<ShippedLine>()
const lotOrSerial = on<LotOrSerial>()
const expiry = on<Expiry>()

const lotView: View<ShippedLine, LotOrSerial> = {
  split({ lots = [] }) {
    const items: LotOrSerial[] = []
    for (const [n, { lot, serial }] of lots.entries()) {
      if (lot !== undefined && lot !== lots[n - 1]?.lot) items.push({ kind: 'LT', value: lot })
      if (serial !== undefined) items.push({ kind: 'SE', value: serial })
    }
    return items
  },
  join(owner, { kind, value }) {
    const lots = (owner.lots ??= [])
    const last = lots.at(-1)
    if (kind === 'LT') {
      // The same lot told twice would be told once: it is kept as a reference instead.
      if (last?.lot === value) return false
      lots.push({ lot: value })
    } else if (last !== undefined && last.serial === undefined) last.serial = value
    else lots.push({ ...(last?.lot === undefined ? {} : { lot: last.lot }), serial: value })
    return true
  },
}

/** Lots that follow each other with one lot number are one group: serial numbers of that lot. */
function groups(lots: Lots): Lots[] {
  const found: Lots[] = []
  for (const lot of lots) {
    const group = found.at(-1)
    if (group !== undefined && lot.lot !== undefined && lot.lot === group[0]!.lot) group.push(lot)
    else if (group !== undefined && lot.lot === undefined && group[0]!.lot === undefined)
      group.push(lot)
    else found.push([lot])
  }
  return found
}

/** The n-th date is the n-th lot's and, as the last one, that of all lots after it. */
const expiryView: View<ShippedLine, Expiry> = {
  split({ lots = [] }) {
    const values = groups(lots).map(([first]) => first!.expiry)
    while (values.length > 1 && values.at(-1) === values.at(-2)) values.pop()
    return values.flatMap((value) => (value === undefined ? [] : { value }))
  },
  join(owner, { value }, nth) {
    if (nth === 0 && (owner.lots ?? []).length === 0) {
      owner.lots = [{ expiry: value }]
      return true
    }
    const from = groups(owner.lots ?? []).slice(nth)
    if (from.length === 0 || from[0]![0]!.expiry === value) return false
    for (const lot of from.flat()) lot.expiry = value
    return true
  },
}

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
