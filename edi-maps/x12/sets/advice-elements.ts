// Elements of a 945's W12: quantities with their one unit, and the article shipped with, where it took another's
// place, the article ordered.
import type { ProductId } from '../../canonical/values.js'
import type { WarehouseAdviceLine } from '../../canonical/warehouse-shipping-advice.js'
import { difference, equal } from '../../decimal.js'
import { quantity, type GroupCodec } from '../../elements.js'
import type { Through } from '../../map.js'
import { UNIT } from '../codes.js'
import { articles, articleTexts } from './warehouse-elements.js'

type Line = WarehouseAdviceLine

/** Rec 20 `ZZ`: W1205 may be left out, then nobody but the partners know the unit. */
const NO_UNIT = 'ZZ'
const KEYS = ['quantityOrdered', 'quantityShipped', 'difference'] as const

/** W1202, 03, 04 and their unit 05. A difference that is not ordered less shipped is told; its sign is the sender's. */
export const lineQuantities: GroupCodec<Partial<Line>> = {
  width: 4,
  decode(texts, report) {
    const unit = texts[3] === '' ? NO_UNIT : texts[3]!
    const found: Partial<Line> = {}
    for (const [n, key] of KEYS.entries()) {
      const value = texts[n] === '' ? undefined : plain.decode([texts[n]!, unit], report)
      if (value !== undefined) found[key] = value
    }
    const { quantityOrdered, quantityShipped, difference: stated } = found
    if (quantityOrdered !== undefined && quantityShipped !== undefined && stated !== undefined) {
      const counted = difference(quantityOrdered.value, quantityShipped.value)
      if (!equal(magnitude(counted), magnitude(stated.value))) {
        const text = `W1204 says ${stated.value}; ordered less shipped is ${counted}.`
        report('total-mismatch', { text, value: texts[2]!, expected: counted, at: 2 })
      }
    }
    return Object.keys(found).length === 0 ? undefined : found
  },
  encode(line, kept, report) {
    const texts = ['', '', '', '']
    for (const [n, key] of KEYS.entries()) {
      const value = line[key]
      if (value === undefined) continue
      const written = plain.encode(value, kept, report)
      // One unit stands for all.
      if (written === undefined || (texts[3] !== '' && texts[3] !== written[1])) return undefined
      texts[n] = written[0]!
      texts[3] = written[1]!
    }
    return texts
  },
}
const plain = quantity(UNIT)
const magnitude = (value: string) => value.replace(/^-/, '')

interface Articles {
  shipped: ProductId[]
  /** W1216 to 18: the article ordered where another was shipped, otherwise more numbers of the same. */
  other: ProductId[]
}

/** W1206, 07/08; 16, 17/18; 21/22. */
export const itemArticles: GroupCodec<Articles> = {
  width: 8,
  decode([upc = '', q1 = '', v1 = '', upc2 = '', q2 = '', v2 = '', q3 = '', v3 = ''], report) {
    const shipped = articles([upc, q1, v1, q3, v3], report)
    const other = articles([upc2, q2, v2], report)
    return shipped.length + other.length === 0 ? undefined : { shipped, other }
  },
  encode({ shipped, other }, _kept, report) {
    const own = articleTexts(shipped, 2, report)
    const others = articleTexts(other, 1, report)
    if (own === undefined || others === undefined) return undefined
    const [upc = '', q1 = '', v1 = '', q3 = '', v3 = ''] = own
    return [upc, q1, v1, ...others, q3, v3]
  },
}

const SUBSTITUTED = 'substituted'

/** The status says what W1216 to 18 mean, so it is read before them. */
export const articlesShipped: Through<Line, Articles> = {
  get({ status, productIds, orderedProductIds = [] }) {
    if (productIds.length + orderedProductIds.length === 0) return undefined
    if (status === SUBSTITUTED) return { shipped: productIds, other: orderedProductIds }
    return spread(productIds)
  },
  set(line, { shipped, other }) {
    if (line.status !== SUBSTITUTED) {
      line.productIds = inOrder(shipped, other)
      return
    }
    line.productIds = shipped
    if (other.length > 0) line.orderedProductIds = other
  },
}

const isCase = ({ scheme }: ProductId) => scheme === 'upcCase'

/** The second case number and the second pair stand in the second place. */
function spread(ids: readonly ProductId[]): Articles {
  const cases = ids.filter(isCase)
  const pairs = ids.filter((id) => !isCase(id))
  const [second] = pairs.slice(1)
  return {
    shipped: [...cases.slice(0, 1), ...pairs.filter((id) => id !== second)],
    other: [...cases.slice(1), ...(second === undefined ? [] : [second])],
  }
}

function inOrder(shipped: readonly ProductId[], other: readonly ProductId[]): ProductId[] {
  const pairs = shipped.filter((id) => !isCase(id))
  return [
    ...shipped.filter(isCase),
    ...other.filter(isCase),
    ...pairs.slice(0, 1),
    ...other.filter((id) => !isCase(id)),
    ...pairs.slice(1),
  ]
}
