// Reading one transaction: its segments are walked along a loaded map, their structure is checked, and a Document is filled.
// What has no canonical place goes to the extras of the node it belongs to, with its place, so that write.ts gives
// the same segments again. Never throws for what a partner sent. How it is done stands in reading/.
import type { LoadedBinding, LoadedMap } from './load.js'
import type { Node } from './map.js'
import { Reader } from './reading/reader.js'
import type { Group, Interchange, ReadResult, Transaction } from './standard.js'

/** The envelope a transaction came in: its control numbers and dates go into the Document. */
export interface ReadEnvelope {
  readonly interchange: Interchange
  readonly group: Group
}

/**
 * Reads one transaction. A finding of severity error (here or in the transaction's own findings) means the set is
 * to be rejected: then there is no document, only its part. `issues` are those found here, in order of the segments.
 */
export function readTransaction(
  transaction: Transaction,
  envelope: ReadEnvelope,
  loaded: LoadedMap,
  trace?: ReadTrace,
): ReadResult {
  return new Reader(transaction, envelope, loaded, trace).read()
}

/** What reading did with each segment, for explaining it; filled while reading. */
export interface ReadTrace {
  readonly steps: ReadStep[]
  /** Also of a transaction that is rejected, as far as it was read. */
  document?: Node
  /** Values that could not be read; of them there is nothing in the document. */
  readonly unread?: Unread[]
}

/** A text no value could be made of, and where in the document that would stand. */
export interface Unread {
  readonly node: Node
  /** Path from the node. */
  readonly path: string
  readonly text: string
  /** The text is readable, but another one is missing without which it is no value, e.g. the unit. */
  readonly isIncomplete: boolean
}

interface ReadStep {
  /** From 1 = ST or UNH. */
  readonly segmentIndex: number
  /** Node id in the map, as overrides name it. */
  readonly id: string
  /** What the segment is about. */
  readonly node: Node
  /** Undefined: the segment is kept as it is. */
  readonly binding?: LoadedBinding
}
