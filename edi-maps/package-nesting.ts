// How deep packages of a Document to be written stand within one another.
import type { Package } from './canonical/shipment-notice.js'
import { MOST_LEVELS, type TellPlan } from './hierarchy.js'

/** Whether packages nest deeper than levels may, or in a circle; then that is told, and they cannot be written. */
export function tellNestedWithoutEnd(packages: readonly Package[], tell: TellPlan): boolean {
  const byId = new Map(packages.map((one) => [one.id, one]))
  const outer = (one: Package | undefined) =>
    one?.parentId === undefined ? undefined : byId.get(one.parentId)
  for (const one of packages) {
    let above = outer(one)
    for (let n = 1; above !== undefined && n < MOST_LEVELS; n++) above = outer(above)
    if (above === undefined) continue
    const text = `Package ${one.sscc ?? one.id} stands in ${MOST_LEVELS} packages around one another, or in itself.`
    tell('value-not-writable', text)
    return true
  }
  return false
}
