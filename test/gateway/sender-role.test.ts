// A DESADV says another thing when a warehouse sends it: the roles of the agreement decide, in both directions.
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { Document } from '../../edi-maps/canonical/document.js'
import type { GatewayAgreement } from '../../gateway/agreement.js'
import { translate } from '../../gateway/commands/translate.js'
import { edi } from '../../gateway/edi.js'
import { runCommand } from './run-command.js'

const CASE = 'test/golden/edifact/DESADV/warehouse-short'
const AGREEMENT = 'docs/examples/example-warehouse.json'
const IN = readFileSync(`${CASE}/in.edi`)
const agreement = JSON.parse(readFileSync(AGREEMENT, 'utf8')) as GatewayAgreement
const [advice] = JSON.parse(readFileSync(`${CASE}/canonical.json`, 'utf8')) as Document[]
const DESADV = { direction: 'out', message: 'DESADV', version: 'D:01B:UN:EAN007' } as const
const NUMBERS = { now: '2026-01-02T03:04:05Z', interchange: 1, group: 1, message: 1 }

test("a warehouse's DESADV is read as an advice, anybody else's as a notice", async () => {
  const kindOf = async (args: string[]) => {
    const { stdout } = await runCommand(translate, ['-', ...args], IN)
    return (JSON.parse(stdout.toString()) as Document).kind
  }
  expect(await kindOf(['--agreement', AGREEMENT])).toBe('warehouseShippingAdvice')
  expect(await kindOf([])).toBe('shipmentNotice')
})

test('the gateway knows by the role of the sender what a DESADV is', () => {
  expect(edi.kindOf('edifact', 'DESADV', 'warehouse')).toBe('warehouseShippingAdvice')
  expect(edi.kindOf('edifact', 'DESADV', 'supplier')).toBe('shipmentNotice')
  expect(edi.kindOf('edifact', 'INSDES', 'warehouse')).toBe('warehouseShippingOrder')
})

test('as a warehouse we send the same segments we would read', () => {
  const ours: GatewayAgreement = { ...agreement, ourRole: 'warehouse', theirRole: 'depositor' }
  const { bytes, issues } = edi.write(ours, DESADV, advice!, NUMBERS)
  expect(issues).toEqual([])
  const body = (text: string) =>
    text
      .replaceAll('\n', '')
      .replace(/^.*?(BGM\+)/, '$1')
      .replace(/UNT\+.*$/, '')
  expect(body(Buffer.from(bytes).toString('latin1'))).toBe(body(IN.toString('latin1')))
})
