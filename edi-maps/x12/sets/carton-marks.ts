// MAN in the LX loops of a 945: one segment may mark a package with its SSCC and its tracking number, several segments
// may mark one package or several.
import type { Package } from '../../canonical/shipment-notice.js'
import type { WarehouseAdviceLine } from '../../canonical/warehouse-shipping-advice.js'
import { code, sscc, text } from '../../elements.js'
import { on, type Through, type View } from '../../map.js'
import { cameAt, noteAt } from '../../places.js'
import { MARK } from '../codes.js'
import type { LineGroup } from './line-groups.js'
import { trackingPair } from './shipment-elements.js'

type Group = LineGroup<WarehouseAdviceLine>
type Mark = NonNullable<Package['marks']>[number]
interface Tracking {
  value: string
}

const group = on<Group>()
const pack = on<Package>()
const mark = on<Mark>()
const tracking = on<Tracking>()

/** A tracking number in a segment of its own, though the package has an SSCC too. */
const OWN_SEGMENT = 'LX/MAN-CP.02'

const newPackage = (): Package => ({ id: '' })

const ssccView: View<Group, Package> = {
  keepsExtras: true,
  split: ({ packages }) => packages.filter((one) => one.sscc !== undefined),
  join({ packages }, one) {
    if (one.sscc === undefined) return false
    packages.push(one)
    return true
  },
}

const besideSscc: Through<Package, string> = {
  get: (one) => (cameAt(one, 'x12', OWN_SEGMENT) ? undefined : one.trackingNumber),
  set(one, number) {
    one.trackingNumber = number
  },
}

const trackingView: View<Group, Tracking> = {
  split: ({ packages }) =>
    packages.flatMap((one) =>
      one.trackingNumber !== undefined &&
      (one.sscc === undefined || cameAt(one, 'x12', OWN_SEGMENT))
        ? { value: one.trackingNumber }
        : [],
    ),
  join({ packages }, { value }) {
    const last = packages.at(-1)
    if (last === undefined || last.trackingNumber !== undefined) {
      packages.push({ ...newPackage(), trackingNumber: value })
      return true
    }
    last.trackingNumber = value
    if (last.sscc !== undefined) noteAt(last, 'x12', OWN_SEGMENT)
    return true
  },
}

const markView: View<Group, Mark> = {
  keepsExtras: true,
  split: ({ packages }) => packages.flatMap(({ marks = [] }) => marks),
  join({ packages }, found) {
    if (packages.length === 0) packages.push(newPackage())
    ;(packages.at(-1)!.marks ??= []).push(found)
    return true
  },
}

export const cartonMarks = [
  group.view(ssccView, newPackage, { when: { 1: ['GM', 'AA'] } }, [
    pack.group([1, 2], 'sscc', sscc(MARK, 'GM')),
    pack.through([4, 5], 'trackingNumber', besideSscc, trackingPair),
  ]),
  group.view(trackingView, () => ({ value: '' }), { when: { 1: 'CP' } }, [
    tracking.at(2, 'value', text),
  ]),
  group.view(markView, () => ({ scheme: '', value: '' }), {}, [
    mark.at(1, 'scheme', code(MARK)),
    mark.at(2, 'value', text),
    mark.at(3, 'to', text),
  ]),
]
