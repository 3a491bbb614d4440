// A DESADV says another thing when a warehouse sends it: the roles of the agreement decide, in both directions.
import { expect, test } from '@jest/globals'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Document } from '../../edi-maps/canonical/document.js'
import type { GatewayAgreement } from '../../gateway/agreement.js'
import { ack } from '../../gateway/commands/ack.js'
import { translate } from '../../gateway/commands/translate.js'
import { validate } from '../../gateway/commands/validate.js'
import { edi } from '../../gateway/edi.js'
import { temporaryFolder } from './process.js'
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

test('validate and ack read it with the map of that role, too', async () => {
  const file = join(temporaryFolder(), 'agreement.json')
  // Only an advice has this path; in the map of a notice the override would not hold.
  const override = { BGM02: { from: 'body.orderNumber' } }
  const documents = agreement.documents.map((one) =>
    one.message === 'DESADV' ? { ...one, override } : one,
  )
  writeFileSync(file, JSON.stringify({ ...agreement, documents }))
  for (const command of [validate, ack]) {
    const { code, stderr } = await runCommand(command, ['-', '--agreement', file], IN)
    expect([code, stderr]).toEqual([0, ''])
  }
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
