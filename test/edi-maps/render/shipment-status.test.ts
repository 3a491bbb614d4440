import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { ShipmentStatus } from '../../../edi-maps/canonical/document.js'
import { statusPage } from '../../../edi-maps/render/shipment-status.js'

const sent = { from: 'Example Freight Lines', to: 'us', isTest: false, isInformation: false }

/** The page of a golden case with other events on its first shipment. */
function page(folder: string, status: string, reason?: string): string {
  const [document] = JSON.parse(
    readFileSync(`test/golden/${folder}/canonical.json`, 'utf8'),
  ) as ShipmentStatus[]
  const [shipment] = document!.body.shipments
  const told = reason === undefined ? {} : { reason }
  shipment!.events = [{ kind: 'actual', milestone: null, status, ...told }]
  return JSON.stringify(statusPage(document!, sent))
}

test('a status is said as the list of its standard and release says it', () => {
  for (const folder of ['edifact/IFTSTA/delivered-d96a', 'edifact/IFTSTA/release-d01b']) {
    expect(page(folder, 'delivered')).toContain('Delivered')
    expect(page(folder, 'delivered')).not.toContain('nloading at the delivery')
    expect(page(folder, 'pickedUp')).toContain('Collected')
  }
  expect(page('x12/214/delivered', 'delivered')).toContain('Unloading at the delivery is complete')
  expect(page('x12/214/delivered', 'pickedUp')).toContain('Carrier left the pick-up')
})

test('a status or reason only another list has is said by that one', () => {
  expect(page('edifact/IFTSTA/release-d01b', 'arrivedAtPickupDock')).toContain(
    'Arrived at the loading dock of the pick-up',
  )
})
