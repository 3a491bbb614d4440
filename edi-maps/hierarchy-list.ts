// Levels as an explicit list in `extras.layout.hl`, for trees that name and data do not give back: numbers that are
// not counted, levels out of order, levels without canonical node.
import type { ShipmentNoticeBody } from './canonical/shipment-notice.js'
import type { Level } from './hierarchy.js'
import type { Node } from './map.js'

/** Lists a level's node stands in; the place is said only where it is not the next one. */
const LISTS: Readonly<Record<string, (body: ShipmentNoticeBody) => readonly Node[]>> = {
  O: (body) => body.orders,
  T: (body) => body.packages,
  P: (body) => body.packages,
  Q: (body) => body.packages,
  I: (body) => body.lines,
  E: (body) => body.transport?.equipment ?? [],
}

/** Per level: code, place of its parent from 1, id and child code as sent, `of`: place in its list, `node`: if it has none. */
export function toList(levels: readonly Level[], document: Node, body: ShipmentNoticeBody): Node[] {
  const next = new Map<readonly Node[], number>()
  const places = new Map<Node, number>()
  for (const nodes of [body.orders, body.packages, body.lines, body.transport?.equipment ?? []]) {
    for (const [n, one] of nodes.entries()) places.set(one, n)
  }
  return levels.map(({ code, parent, node, id, child }) => {
    const list = LISTS[code]?.(body)
    const at = list === undefined ? -1 : (places.get(node) ?? -1)
    const expected = list === undefined ? -1 : (next.get(list) ?? 0)
    if (list !== undefined && at >= 0) next.set(list, at + 1)
    return {
      level: code,
      ...(parent < 0 ? {} : { parent: parent + 1 }),
      ...(id === undefined ? {} : { id }),
      ...(child === undefined ? {} : { child }),
      ...(at === expected ? {} : { of: at }),
      ...(at < 0 && node !== document ? { node } : {}),
    }
  })
}

/** The levels of a list; undefined when the document no longer has the nodes it names, or others besides. */
export function fromList(
  list: unknown,
  document: Node,
  body: ShipmentNoticeBody,
): Level[] | undefined {
  if (!Array.isArray(list)) return undefined
  const next = new Map<readonly Node[], number>()
  const used = new Set<Node>()
  const levels: Level[] = []
  for (const entry of list as readonly Node[]) {
    const code = String(entry['level'])
    const nodes = LISTS[code]?.(body)
    let node: Node | undefined
    if (entry['node'] !== undefined) node = entry['node'] as Node
    else if (nodes === undefined) node = code === 'S' ? document : {}
    else {
      const at = typeof entry['of'] === 'number' ? entry['of'] : (next.get(nodes) ?? 0)
      next.set(nodes, at + 1)
      node = nodes[at]
    }
    if (node === undefined) return undefined
    used.add(node)
    levels.push({
      code,
      parent: typeof entry['parent'] === 'number' ? entry['parent'] - 1 : -1,
      node,
      id: typeof entry['id'] === 'string' ? entry['id'] : undefined,
      child: typeof entry['child'] === 'string' ? entry['child'] : undefined,
    })
  }
  const all: readonly Node[] = [...body.orders, ...body.packages, ...body.lines]
  return all.every((node) => used.has(node)) ? levels : undefined
}
