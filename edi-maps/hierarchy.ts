// What the engine needs to know of loops that nest by numbers (HL in X12): which canonical node each level is, and
// which tree a document has or is to be given. The rules of one message live beside it (shipment-tree.ts).
import type { Node } from './map.js'
import type { IssueCode, Severity } from './issue.js'

/**
 * A level with more than these above it is refused. Goods are packed five or six levels deep; what asks at each level for
 * those above it would take the square of the time where a hostile document nests without end.
 */
export const MOST_LEVELS = 50

/** One level as read or to be written. */
export interface Level {
  /** Level code, e.g. `O`. */
  readonly code: string
  /** Place of the parent in the list of levels, -1 for none. */
  readonly parent: number
  /** The canonical node; for a level no table names, a node that only keeps its segments. */
  readonly node: Node
  /** Id and child code (HL01, HL04) where they are not what their place says. */
  readonly id: string | undefined
  readonly child: string | undefined
}

/** A document as levels. */
export interface Plan {
  readonly levels: readonly Level[]
  /** Name of the tree, e.g. `SOTPI`. */
  readonly tree: string
  /** The document with what the tree made different from it (lines put together, for example). */
  readonly document: Node
}

export type TellPlan = (code: IssueCode, text: string, severity?: Severity) => void

export interface Arrangement {
  /** The level whose node is the document itself. */
  readonly documentLevel: string
  /** By level code: the canonical list its nodes stand in. */
  readonly lists?: Readonly<Record<string, string>>
  /** Makes the node of a level below `levels[parent]` and puts it into the document; undefined when it has none. */
  open(document: Node, code: string, levels: readonly Level[], parent: number): Node | undefined
  /** When all is read: joins the levels into the document, keeps how they stood, and names the tree. */
  close(document: Node, levels: Level[], standard: string): string
  /** The levels to write. `layout` is the agreement's; what it leaves open the document's own layout says. */
  plan(document: Node, layout: Node | undefined, standard: string, tell: TellPlan): Plan
}
