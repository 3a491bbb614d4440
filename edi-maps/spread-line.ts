// A line in several packages, told once in each: every one gets an equal share of the quantity.
import type { Quantity } from './canonical/values.js'
import { share } from './decimal.js'
import type { TellPlan } from './hierarchy.js'

interface SpreadLine {
  packageIds: string[]
  lineNumber?: string
  quantityShipped?: Quantity
}

/** A quantity that cannot be divided is told, and stays whole in each. */
export function spreadLine<L extends SpreadLine>(line: L, tell: TellPlan): L[] {
  const { packageIds, quantityShipped } = line
  const part =
    quantityShipped === undefined ? undefined : share(quantityShipped.value, packageIds.length)
  if (quantityShipped !== undefined && part === undefined) {
    const text = `${quantityShipped.value} of line ${line.lineNumber ?? ''} cannot be divided over ${packageIds.length} packages.`
    tell('value-not-writable', text)
  }
  return packageIds.map((id) => ({
    ...line,
    packageIds: [id],
    ...(quantityShipped === undefined || part === undefined
      ? {}
      : { quantityShipped: { ...quantityShipped, value: part } }),
  }))
}
