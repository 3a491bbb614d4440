// A partner who speaks a release of an older day in his own time: what his agreement says of it holds wherever his
// documents are written.
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import type { ShipmentNotice } from '../../edi-maps/canonical/document.js'
import { standardCheck } from '../../gateway/agreement-check.js'
import { translate } from '../../gateway/commands/translate.js'
import { edi } from '../../gateway/edi.js'
import { runCommand } from './run-command.js'

const AGREEMENT = 'docs/examples/guides/older-release-856.json'
const CASE = 'test/golden/partners/older-release-856/times'
const NOW = '2026-03-09T00:00:00Z'

test('the gateway writes it with the map and in the zone of the agreement', () => {
  const checked = standardCheck()(JSON.parse(readFileSync(AGREEMENT, 'utf8')))
  if ('problems' in checked) throw new Error(JSON.stringify(checked.problems))
  const { agreement } = checked
  const document = JSON.parse(readFileSync(`${CASE}/document.json`, 'utf8')) as ShipmentNotice
  const numbers = { now: NOW, interchange: 1, group: 1, message: 1 }
  const { bytes, issues } = edi.write(agreement, agreement.documents[0]!, document, numbers)
  expect(issues).toEqual([])
  expect(Buffer.from(bytes).toString()).toBe(readFileSync(`${CASE}/in.edi`, 'utf8'))
})

test('so does the command', async () => {
  const { code, stdout, stderr } = await runCommand(
    translate,
    [
      `${CASE}/document.json`,
      ...['--to', 'x12:856:004030', '--agreement', AGREEMENT, '--now', NOW],
    ],
    '',
  )
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.toString()).toBe(readFileSync(`${CASE}/in.edi`, 'utf8'))
})
