// Who sent a document to whom, as the envelope says it: for documents that do not name them.
import type { Group, Interchange } from '../standard.js'

export interface Sent {
  readonly from: string
  readonly to: string
  readonly isTest: boolean
  /** Never to be acted upon (ISA15 = I). */
  readonly isInformation: boolean
}

export const sentIn = (interchange: Interchange, group?: Group): Sent => ({
  from: group?.sender || interchange.sender.id || 'the sender',
  to: group?.receiver || interchange.receiver.id || 'the receiver',
  isTest: interchange.test,
  isInformation: interchange.informationOnly,
})
