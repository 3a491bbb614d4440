// Lots of a line, told by segments of their own: one with the lot or serial number, one with the expiry date.
import type { ShippedLine } from './canonical/shipment-notice.js'
import type { View } from './map.js'

export interface LotOrSerial {
  /** `LT` or `SE`. */
  kind: string
  value: string
}
export interface Expiry {
  value: string
}
type Lots = NonNullable<ShippedLine['lots']>
/** A line of any kind of document. */
export interface WithLots {
  lots?: Lots
}

/** Each number in a segment of its own: a lot and then its serial numbers. */
export const lotView: View<WithLots, LotOrSerial> = {
  split({ lots = [] }) {
    const items: LotOrSerial[] = []
    for (const [n, { lot, serial }] of lots.entries()) {
      if (lot !== undefined && lot !== lots[n - 1]?.lot) items.push({ kind: 'LT', value: lot })
      if (serial !== undefined) items.push({ kind: 'SE', value: serial })
    }
    return items
  },
  join(owner, { kind, value }) {
    const { lots } = owner
    const last = lots?.[lots.length - 1]
    // The same lot told twice would be told once: it is kept as a reference instead.
    if (kind === 'LT' && last?.lot === value) return false
    if (kind !== 'LT' && last !== undefined && last.serial === undefined) last.serial = value
    else {
      const item: Lots[number] = {}
      if (kind === 'LT') item.lot = value
      else {
        if (last?.lot !== undefined) item.lot = last.lot
        item.serial = value
      }
      if (lots === undefined) owner.lots = [item]
      else lots.push(item)
    }
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
export const expiryView: View<WithLots, Expiry> = {
  split({ lots = [] }) {
    const values = groups(lots).map(([first]) => first!.expiry)
    while (values.length > 1 && values.at(-1) === values.at(-2)) values.pop()
    return values.flatMap((value) => (value === undefined ? [] : { value }))
  },
  join(owner, { value }, nth) {
    const lots = owner.lots ?? []
    if (nth === 0 && lots.length < 2) {
      const [only] = lots
      if (only === undefined) owner.lots = [{ expiry: value }]
      else if (only.expiry === value) return false
      else only.expiry = value
      return true
    }
    const from = groups(lots).slice(nth)
    if (from.length === 0 || from[0]![0]!.expiry === value) return false
    for (const group of from) for (const lot of group) lot.expiry = value
    return true
  },
}
