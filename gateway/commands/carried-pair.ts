// Interchange ids on the command line.
import type { CarriedPair } from '../agreement.js'
import { UsageError } from '../command.js'

/** `ZZ:EXSUPPLIER>ZZ:EXRETAIL`; `*` for any; without `:` any qualifier. Throws UsageError. */
export function pairOf(text: string): CarriedPair {
  const side = (one: string) => {
    const at = one.indexOf(':')
    return at < 0 ? { id: one } : { qualifier: one.slice(0, at), id: one.slice(at + 1) }
  }
  const [sender, receiver, ...more] = text.split('>')
  if (!sender || !receiver || more.length > 0)
    throw new UsageError(`--carries ${text} is not SENDER>RECEIVER`)
  return { sender: side(sender), receiver: side(receiver) }
}
