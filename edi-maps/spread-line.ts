// A line in several packages, told once in each: every one gets an equal share of the quantity.
import type { Quantity } from './canonical/values.js'
import { share } from './decimal.js'
import type { TellPlan } from './hierarchy.js'

interface SpreadLine {
  packageIds: string[]
  lineNumber?: string
  quantityShipped?: Quantity
}

/**
 * That it is divided is told, as nobody said how much is in each. A quantity that cannot be divided, or a number of pieces
 * that would be broken, is an error, and stays whole in each.
 */
export function spreadLine<L extends SpreadLine>(line: L, tell: TellPlan): L[] {
  const { packageIds, quantityShipped } = line
  const part =
    quantityShipped === undefined ? undefined : shareOf(quantityShipped, packageIds.length)
  if (quantityShipped !== undefined) {
    const { value } = quantityShipped
    const what = `${value} of line ${line.lineNumber ?? ''}`
    const over = `${packageIds.length} packages`
    if (part === undefined) tell('value-not-writable', `${what} cannot be divided over ${over}.`)
    else {
      const text = `${what} stand in ${over} without saying how many in each: ${part} are written for each.`
      tell('value-divided', text)
    }
  }
  return packageIds.map((id) => ({
    ...line,
    packageIds: [id],
    ...(quantityShipped === undefined || part === undefined
      ? {}
      : { quantityShipped: { ...quantityShipped, value: part } }),
  }))
}

/** Pieces stay whole. */
function shareOf({ value, uom }: Quantity, parts: number): string | undefined {
  const part = share(value, parts)
  return PIECES.has(uom) && part?.includes('.') === true && !value.includes('.') ? undefined : part
}
/** UN/ECE Rec 20 and 21 of what is counted. */
const PIECES: ReadonlySet<string> = new Set(['C62', 'EA', 'H87', 'PR', 'SET', 'XCT', 'XBX', 'XPK'])
