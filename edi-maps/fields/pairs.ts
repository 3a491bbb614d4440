// Pairs of qualifier and value ⇄ list of `{scheme, value}`.
import type { ProductId } from '../canonical/values.js'
import { checkProductId, codeFor, keepCode } from '../elements.js'
import { reportUnsayable, type FieldNames, type LoadedField } from '../field.js'
import type { PairsField } from '../map.js'
import { accessor } from '../path.js'

/** Empty pairs between others are kept as empty. */
export function loadPairs(
  field: PairsField,
  names: FieldNames,
  keyAt: (n: number) => string,
): LoadedField {
  const { from, to } = field.pairs
  const { fixed = {}, closedFrom = Infinity, list } = field
  const path = accessor(field.path)
  const takes: number[] = []
  for (let n = from; n <= to; n++) takes.push(n)
  const positions = takes.map((_, n) => takes.slice(n))
  return {
    id: names.id,
    takes,
    isAlwaysRead: false,
    writesKept: false,
    unreadable: 'code-invalid',
    read(reading, node) {
      const { texts, count } = reading.elements
      const last = Math.min(to, count)
      if (last < from) return false
      const before = path.get(node) as ProductId[]
      // Not grown from nothing: an empty list takes room for 17 with its first item.
      const items = before.length > 0 ? before : new Array<ProductId>((last - from + 2) >> 1)
      let length = before.length
      for (let n = from; n <= last; n += 2) {
        const qualifier = texts[n]!
        const value = texts[n + 1] ?? ''
        reading.positions = positions[n - from]!
        const scheme = qualifier === '' ? undefined : list.word(qualifier)
        if (scheme === undefined || value === '') {
          // Only what stands between filled elements says something; what follows the last one is not there.
          if (qualifier !== '' || n < count) reading.keep(keyAt(n), qualifier)
          if (value !== '') reading.keep(keyAt(n + 1), value)
          continue
        }
        const item: ProductId = { scheme, value }
        if (!list.isUsual(qualifier)) keepCode(item, names.standard, list, scheme, qualifier)
        checkProductId(item, reading.report)
        items[length++] = item
      }
      if (length === before.length) return false
      if (items.length > length) items.length = length
      if (items !== before) path.set(node, items)
      return true
    },
    write(writing, node, extras) {
      const items = (path.get(node) as readonly ProductId[] | undefined) ?? []
      const isFree = (n: number) => fixed[n] === undefined && extras?.[keyAt(n)] === undefined
      const fixedPlaces = new Map(Object.entries(fixed).map(([n, code]) => [code, Number(n)]))
      let n = from
      for (const item of items) {
        const qualifier = codeFor(item, names.standard, list, item.scheme)
        const own = qualifier === undefined ? undefined : fixedPlaces.get(qualifier)
        if (own !== undefined) fixedPlaces.delete(qualifier!)
        else while (n <= to && !isFree(n)) n += 2
        const at = own ?? n
        writing.positions = [at, at + 1]
        if (at > to || qualifier === undefined || (own === undefined && n >= closedFrom)) {
          if (closedFrom > to) reportUnsayable(writing, item)
          continue
        }
        checkProductId(item, writing.report)
        writing.elements[at] = qualifier
        writing.elements[at + 1] = item.value
        if (own === undefined) n += 2
      }
      return items.length > 0
    },
  }
}
