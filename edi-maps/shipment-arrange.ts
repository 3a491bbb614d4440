// Making the levels of a tree from orders, packages and lines. Each line stands in a chain (its order, the packages
// around it, itself); sorted by the tree's levels and put together where they begin alike, the chains are the tree.
// What a tree cannot say is told, never dropped in silence.
import type {
  Package,
  ShippedLine,
  ShippedOrder,
  ShipmentNoticeBody,
} from './canonical/shipment-notice.js'
import { sum } from './decimal.js'
import type { Level, Plan, TellPlan } from './hierarchy.js'
import type { Node } from './map.js'
import { makeExtras } from './path.js'
import { spreadLine } from './spread-line.js'

/** Level code of a package; one that says no level is a pallet when others stand on it, else a carton. */
export function levelCode({ level }: Package, hasChildren: boolean): string {
  if (level === undefined) return hasChildren ? 'T' : 'P'
  return level === 'pallet' ? 'T' : level === 'carton' ? 'P' : 'Q'
}

/** The name of a tree as read: every level code once, outer before inner; undefined when that order is not one. */
export function treeOf(levels: readonly Level[]): string | undefined {
  const codes: string[] = []
  let before: Level | undefined
  for (let n = 0; n < levels.length; n++) {
    const level = levels[n]!
    const { code, parent } = level
    // Most levels stand beside one of their kind.
    if (before?.code === code && before.parent === parent) continue
    before = level
    const outer = parent < 0 ? -1 : placeIn(codes, levels[parent]!.code)
    const at = placeIn(codes, code)
    if (at >= 0 && at <= outer) return undefined
    if (at < 0) {
      for (let k = codes.length; k > outer + 1; k--) codes[k] = codes[k - 1]!
      codes[outer + 1] = code
    }
  }
  return codes.every((code) => KNOWN.has(code)) ? codes.join('') : undefined
}

/** `indexOf` by hand: there are four codes or so, and each level of a set is asked for. */
function placeIn(codes: readonly string[], code: string): number {
  for (let n = 0; n < codes.length; n++) if (codes[n] === code) return n
  return -1
}

const PACKAGES = new Set(['T', 'P', 'Q'])
const KNOWN = new Set(['S', 'O', 'T', 'P', 'Q', 'I'])

/**
 * The levels of `tree` for a document. `isConverted`: the document came in another tree, so that lines told once per
 * carton may be put together. The given document is not changed; the plan's is a copy where the tree needs one.
 */
export function arrange(
  document: Node,
  tree: string,
  standard: string,
  isConverted: boolean,
  tell: TellPlan,
): Plan {
  const codes = [...tree]
  for (const code of codes) {
    if (!KNOWN.has(code))
      tell('value-not-writable', `${code} is no level of a tree; ${tree} is none.`)
  }
  let body = document['body'] as ShipmentNoticeBody
  body = withoutPackages(body, codes, tell)
  const inner = codes.slice(codes.indexOf('I') + 1)
  const hasInner = inner.some((code) => PACKAGES.has(code))
  if (!hasInner) body = splitLines(body, tell)
  if (isConverted) body = joinLines(body, hasInner, tell)
  if (!codes.includes('O')) body = ordersIntoLines(body, standard, tell)
  const changed = body === document['body'] ? document : { ...document, body }
  return { levels: new Tree(changed, body, codes, tell).levels(), tree, document: changed }
}

/** Packages of a level the tree does not have are left out; what they hold moves to the unit around them. */
function withoutPackages(
  body: ShipmentNoticeBody,
  codes: readonly string[],
  tell: TellPlan,
): ShipmentNoticeBody {
  const parents = new Set(body.packages.map(({ parentId }) => parentId))
  const isLeftOut = (pack: Package) => !codes.includes(levelCode(pack, parents.has(pack.id)))
  const leftOut = new Map(body.packages.filter(isLeftOut).map((pack) => [pack.id, pack]))
  if (leftOut.size === 0) return body
  const text = `${leftOut.size} packages stand on a level that tree ${codes.join('')} does not have; their marks are not written.`
  tell('level-left-out', text, 'warning')
  const outer = (id: string | undefined): string | undefined => {
    const pack = id === undefined ? undefined : leftOut.get(id)
    return pack === undefined ? id : outer(pack.parentId)
  }
  return {
    ...body,
    packages: body.packages
      .filter(({ id }) => !leftOut.has(id))
      .map(({ parentId, ...pack }) => {
        const id = outer(parentId)
        return id === undefined ? pack : { ...pack, parentId: id }
      }),
    lines: body.lines.map((line) => {
      const ids = line.packageIds.map((id) => outer(id)).filter((id) => id !== undefined)
      return { ...line, packageIds: [...new Set(ids)] }
    }),
  }
}

/** A line spread evenly over several packages becomes one line in each. */
function splitLines(body: ShipmentNoticeBody, tell: TellPlan): ShipmentNoticeBody {
  if (body.lines.every(({ packageIds }) => packageIds.length <= 1)) return body
  const lines = body.lines.flatMap((line) =>
    line.packageIds.length <= 1 ? [line] : spreadLine(line, tell),
  )
  return { ...body, lines }
}

/** Lines that differ only in their quantity (and, where packages stand inside lines, in these) become one line. */
function joinLines(
  body: ShipmentNoticeBody,
  hasInner: boolean,
  tell: TellPlan,
): ShipmentNoticeBody {
  const joined = new Map<string, ShippedLine[]>()
  for (const line of body.lines) {
    const { packageIds, quantityShipped, ...rest } = line
    const key = JSON.stringify([rest, quantityShipped?.uom, hasInner ? [] : packageIds])
    const same = joined.get(key)
    if (same === undefined) joined.set(key, [line])
    else same.push(line)
  }
  if (joined.size === body.lines.length) return body
  const lines = [...joined.values()].map((same) => {
    const [first] = same as [ShippedLine]
    if (same.length === 1) return first
    const shipped = same.map(({ quantityShipped }) => quantityShipped?.value ?? '0')
    if (hasInner && new Set(shipped).size > 1) {
      const text = `Line ${first.lineNumber ?? ''} has different quantities in its packages; this tree tells only their sum.`
      tell('level-left-out', text, 'warning')
    }
    return {
      ...first,
      packageIds: [...new Set(same.flatMap(({ packageIds }) => packageIds))],
      ...(first.quantityShipped === undefined
        ? {}
        : { quantityShipped: { ...first.quantityShipped, value: sum(shipped) } }),
    }
  })
  return { ...body, lines }
}

/** In a tree without order level each line tells its order; what else is said of the order has no place. */
function ordersIntoLines(
  body: ShipmentNoticeBody,
  standard: string,
  tell: TellPlan,
): ShipmentNoticeBody {
  if (body.orders.length === 0) return body
  if (body.orders.some(hasMore)) {
    const text =
      'References, parties, dates and totals of orders have no place in a tree without orders.'
    tell('level-left-out', text, 'warning')
  }
  const lines = body.lines.map((line) => {
    const order = line.orderIndex === undefined ? undefined : body.orders[line.orderIndex]
    if (order === undefined) return line
    const copy = { ...line, extras: { ...line.extras } }
    copy.extras[standard] = { ...(copy.extras[standard] as Node | undefined) }
    makeExtras(copy, standard)['lineOrder'] = order
    return copy
  })
  return { ...body, lines }
}

const hasMore = ({ references, parties, dates, packages, grossWeight }: ShippedOrder) =>
  references.length > 0 ||
  parties.length > 0 ||
  dates !== undefined ||
  packages !== undefined ||
  grossWeight !== undefined

interface Branch {
  readonly code: string
  readonly node: Node
  readonly children: Branch[]
  readonly byNode: Map<Node, Branch>
}

class Tree {
  private readonly document: Node
  private readonly body: ShipmentNoticeBody
  private readonly codes: readonly string[]
  private readonly tell: TellPlan
  private readonly packages: ReadonlyMap<string, Package>
  private readonly parents: ReadonlySet<string | undefined>
  /** Packages that other packages stand on or lines lie in. */
  private readonly holdsSomething: ReadonlySet<string | undefined>
  /** Packages that have a place in the tree. */
  private readonly places = new Set<Node>()
  private readonly root: Branch

  constructor(document: Node, body: ShipmentNoticeBody, codes: readonly string[], tell: TellPlan) {
    this.document = document
    this.body = body
    this.codes = codes
    this.tell = tell
    this.packages = new Map(body.packages.map((pack) => [pack.id, pack]))
    this.parents = new Set(body.packages.map(({ parentId }) => parentId))
    this.holdsSomething = new Set([
      ...this.parents,
      ...body.lines.flatMap(({ packageIds }) => packageIds),
    ])
    this.root = branch('S', document)
  }

  levels(): Level[] {
    const { body, codes } = this
    const item = codes.indexOf('I')
    const isOuter = (code: string) => item < 0 || codes.indexOf(code) < item
    if (codes[1] === 'O') for (const order of body.orders) this.insert([['O', order]])
    for (const pack of body.packages) {
      const code = this.codeOf(pack)
      if (isOuter(code) && this.standsByItself(pack, code)) {
        this.insert(this.chain(this.around(pack), pack.orderIndex))
      }
    }
    for (const line of body.lines) this.insertLine(line, isOuter)
    if (codes.includes('O')) {
      const known = new Set(body.lines.map(({ orderIndex }) => orderIndex))
      for (const pack of body.packages) known.add(pack.orderIndex)
      for (const [n, order] of body.orders.entries()) {
        if (!known.has(n)) this.insert([['O', order]])
      }
    }
    for (const pack of body.packages) {
      if (this.places.has(pack)) continue
      const text = `Package ${pack.sscc ?? pack.id} holds no article; tree ${codes.join('')} has no place for it.`
      this.tell('value-not-writable', text)
    }
    const levels: Level[] = []
    flatten(this.root, -1, levels)
    return levels
  }

  private insertLine(line: ShippedLine, isOuter: (code: string) => boolean): void {
    const units = line.packageIds.flatMap((id) => this.packages.get(id) ?? [])
    const outer = units.flatMap((pack) => this.around(pack)).filter(([code]) => isOuter(code))
    const around = [...new Map(outer.map((entry) => [entry[1], entry])).values()]
    this.insert(this.chain([...around, ['I', line]], line.orderIndex))
    for (const pack of units) {
      const inner = this.around(pack).filter(([code]) => !isOuter(code))
      if (inner.length > 0) {
        this.insert(this.chain([...around, ['I', line], ...inner], line.orderIndex))
      }
    }
  }

  /** A package inside an order level that belongs to no single order is placed by what it holds. */
  private standsByItself({ orderIndex, id }: Package, code: string): boolean {
    const { codes } = this
    const isInside = codes.includes('O') && codes.indexOf('O') < codes.indexOf(code)
    return orderIndex !== undefined || !isInside || !this.holdsSomething.has(id)
  }

  private codeOf(pack: Package): string {
    return levelCode(pack, this.parents.has(pack.id))
  }

  /** A package with the units around it, outermost first. */
  private around(pack: Package): [string, Node][] {
    const chain: [string, Node][] = []
    const seen = new Set<Package>()
    for (let at: Package | undefined = pack; at !== undefined && !seen.has(at);) {
      seen.add(at)
      chain.unshift([this.codeOf(at), at])
      at = at.parentId === undefined ? undefined : this.packages.get(at.parentId)
    }
    return chain
  }

  /** The nodes of a chain with their order, sorted as the tree nests them. An order only stands around what is in it. */
  private chain(nodes: [string, Node][], orderIndex: number | undefined): [string, Node][] {
    const { codes } = this
    const order = orderIndex === undefined ? undefined : this.body.orders[orderIndex]
    const isInOrder = nodes.some(([code]) => codes.indexOf(code) > codes.indexOf('O'))
    const all: [string, Node][] =
      order === undefined || !codes.includes('O') || !isInOrder ? nodes : [['O', order], ...nodes]
    return all.sort(([a], [b]) => codes.indexOf(a) - codes.indexOf(b))
  }

  private noteTwice(code: string, node: Node): void {
    if (!PACKAGES.has(code)) return
    if (this.places.has(node)) {
      const { sscc, id } = node as unknown as Package
      const text = `Package ${sscc ?? id} holds goods of several orders or articles; tree ${this.codes.join('')} cannot say that.`
      this.tell('value-not-writable', text)
    }
    this.places.add(node)
  }

  private insert(chain: readonly [string, Node][]): void {
    let at = this.root
    for (const [code, node] of chain) {
      let next = at.byNode.get(node)
      if (next === undefined) {
        next = branch(code, node)
        at.children.push(next)
        at.byNode.set(node, next)
        this.noteTwice(code, node)
      }
      at = next
    }
  }
}

const branch = (code: string, node: Node): Branch => ({
  code,
  node,
  children: [],
  byNode: new Map(),
})

function flatten(from: Branch, parent: number, levels: Level[]): void {
  const at =
    levels.push({ code: from.code, parent, node: from.node, id: undefined, child: undefined }) - 1
  for (const child of from.children) flatten(child, at, levels)
}
