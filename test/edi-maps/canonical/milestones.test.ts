import { describe, expect, test } from '@jest/globals'
import {
  MILESTONES,
  STATUSES,
  meaningOf,
  statusOf,
} from '../../../edi-maps/canonical/milestones.js'
import * as edifact from '../../../edi-maps/edifact/codes.js'
import { APPOINTMENT_STATUS, SHIPMENT_STATUS, STATUS_REASON } from '../../../edi-maps/x12/codes.js'

const ofCode = (code: string, reason?: string) =>
  meaningOf(
    SHIPMENT_STATUS.word(code)!,
    reason === undefined ? undefined : STATUS_REASON.word(reason),
  )

describe('milestones of statuses', () => {
  test('every code of 1650, 1652, 9011 and 4405 has a word with a meaning', () => {
    const { STATUS, STATUS_UNTIL_D97 } = edifact
    for (const list of [SHIPMENT_STATUS, APPOINTMENT_STATUS, STATUS, STATUS_UNTIL_D97]) {
      for (const code of list.codes)
        expect([code, STATUSES[list.word(code)!]]).toEqual([code, expect.anything()])
    }
  })

  test('completed unloading is delivered, departed from the delivery is not', () => {
    expect(ofCode('D1')).toEqual({ milestone: 'delivered', kind: 'actual' })
    expect(ofCode('CD')).toEqual({ milestone: null, kind: 'actual' })
  })

  test('arrived at the pick-up is not picked up', () => {
    expect(ofCode('X3').milestone).toBeNull()
    expect(ofCode('AF').milestone).toBe('picked_up')
  })

  test('an estimate and an appointment are never a milestone', () => {
    for (const code of ['AA', 'AG', 'X2', 'B6', 'C1'])
      expect(ofCode(code)).toEqual({ milestone: null, kind: 'estimated' })
    expect(meaningOf(APPOINTMENT_STATUS.word('AB')!)).toEqual({ milestone: null, kind: 'planned' })
  })

  test('a reason says what a delay is, but never takes back a delivery', () => {
    expect(ofCode('SD').milestone).toBe('delayed')
    expect(ofCode('SD', 'CA').milestone).toBe('customs_hold')
    expect(ofCode('X4', 'C1').milestone).toBe('available_for_pickup')
    expect(ofCode('D1', 'BT').milestone).toBe('delivered')
  })

  test('a milestone told without a status is written as the status that says no more', () => {
    expect(statusOf('in_transit')).toBe('enRoute')
    for (const milestone of MILESTONES.filter((one) => one !== 'prepared'))
      expect(STATUSES[statusOf(milestone)]).toEqual({ milestone, kind: 'actual' })
  })
})
