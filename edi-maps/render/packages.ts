// Packages as people count them: by what they are, the inner ones within the outer ones.
import type { Package } from '../canonical/shipment-notice.js'
import { packageUnit } from '../package-types.js'
import { plural, quantityText, unitText } from './number-text.js'
import { joined } from './page.js'

/** `pallet`, `carton`, `inner pack`, `box`: what a package is called in the singular. */
export function packageName({ level, type }: Package): string {
  if (level === 'inner') return 'inner pack'
  return level ?? unitText(packageUnit(type).uom, '1')
}

/** How many there are of each kind: `2 cartons`, `1 pallet, 3 boxes`. */
function kindsText(packages: readonly Package[]): string {
  const kinds = new Map<string, number>()
  for (const one of packages) {
    const name = packageName(one)
    kinds.set(name, (kinds.get(name) ?? 0) + Math.max(1, one.count ?? 1))
  }
  return joined([...kinds].map(([name, count]) => `${count} ${count === 1 ? name : plural(name)}`))
}

/** `1 pallet with 2 cartons`; a text without packages is empty. */
export function packedText(packages: readonly Package[]): string {
  if (packages.length === 0) return ''
  const ids = new Set(packages.map(({ id }) => id))
  const isOuter = ({ parentId }: Package) => parentId === undefined || !ids.has(parentId)
  const outer = packages.filter(isOuter)
  const inner = packages.filter((one) => !isOuter(one))
  // Of a document that is refused packages may stand within one another.
  return joined(
    [kindsText(outer), outer.length === 0 ? kindsText(inner) : packedText(inner)],
    ' with ',
  )
}

/** Whether a count of packages that was stated is that of one of their kinds. */
export const isCounted = (
  stated: Parameters<typeof quantityText>[0],
  packages: readonly Package[],
): boolean =>
  stated === undefined ||
  packedText(packages)
    .split(/, | with /)
    .includes(quantityText(stated))
