// Rows that channels write in the flow's transactions, for many payloads at once.
import type { Within } from '../channels/channel.js'
import type { Tx } from './db.js'

/** Calls each verb once, with all of its rows in the order given. */
export async function writeWithin(tx: Tx, list: readonly Within[]): Promise<void> {
  const byVerb = new Map<Within['write'], unknown[]>()
  for (const { row, write } of list) {
    const rows = byVerb.get(write) ?? []
    rows.push(row)
    byVerb.set(write, rows)
  }
  for (const [write, rows] of byVerb) await write(tx, rows)
}
