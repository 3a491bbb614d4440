// 999 Implementation Acknowledgment ⇄ functionalAck. Structure: X12 005010 (guide 005010X231); there is none before.
import { acknowledgment } from './acknowledgment.js'

export const implementationAcknowledgment = acknowledgment({
  id: '999',
  version: '005010',
  segment: 'IK3',
  element: 'IK4',
  trailer: 'IK5',
  schemes: { transaction: 'x12-618', segment: 'x12-620', element: 'x12-621', segmentCode: 'IK304' },
  hasContexts: true,
})
