// 997 Functional Acknowledgment ⇄ functionalAck. Structure: X12 004010 and 005010.
import type { TransactionMap } from '../../map.js'
import { acknowledgment } from './acknowledgment.js'

/** The map of one release. */
export const functionalAcknowledgment = (release: '004010' | '005010'): TransactionMap =>
  acknowledgment({
    id: '997',
    version: release,
    segment: 'AK3',
    element: 'AK4',
    trailer: 'AK5',
    schemes: {
      transaction: 'x12-718',
      segment: 'x12-720',
      element: 'x12-723',
      segmentCode: 'AK304',
    },
    hasContexts: false,
  })
