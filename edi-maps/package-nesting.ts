// What must hold of the packages of a Document that its lines can be written: they end somewhere, and are there.
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

/** Whether lines name packages that the document has not; then that is told: they would be written nowhere. */
export function tellUnknownPackages(
  packages: readonly Package[],
  lines: readonly { readonly packageIds: readonly string[]; readonly lineNumber?: string }[],
  tell: TellPlan,
): boolean {
  const known = new Set(packages.map(({ id }) => id))
  let isTold = false
  for (const [n, { packageIds, lineNumber = String(n + 1) }] of lines.entries()) {
    const missing = packageIds.find((id) => !known.has(id))
    if (missing === undefined) continue
    const text = `Line ${lineNumber} stands in package ${missing}, which the document has not.`
    tell('value-not-writable', text)
    isTold = true
  }
  return isTold
}
