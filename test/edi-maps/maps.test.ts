// Every golden case through its map: the Documents, the findings, and the same segments back.
import { expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Agreement } from '../../edi-maps/agreement.js'
import type { Role } from '../../edi-maps/canonical/message.js'
import { SCHEMAS, schemaText } from '../../edi-maps/canonical/schema.js'
import { plain, readInput, rewritten } from './reading.js'

const cases = ['test/golden/x12', 'test/golden/edifact', 'test/golden/payloads'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('in.edi'))
    .map((path) => join(root, path, '..'))
    .sort(),
)

const ajv = new Ajv2020({ allErrors: true })
const validators = new Map(
  Object.keys(SCHEMAS).map((name) => [name, ajv.compile(JSON.parse(schemaText(name)!))]),
)

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

/** The role of who sends a case's messages, as its agreement says. */
function senderOf(folder: string): Role | undefined {
  const file = join(folder, 'case.json')
  if (!existsSync(file)) return undefined
  const { agreement } = json(file) as { agreement?: string }
  return agreement === undefined ? undefined : (json(agreement) as Agreement).theirRole
}
const readCase = (folder: string, isTraced = false) =>
  readInput(readFileSync(join(folder, 'in.edi')), undefined, senderOf(folder), isTraced)

test.each(cases)('%s gives its Documents and findings', (folder) => {
  const { documents, issues } = readCase(folder)
  const canonical = join(folder, 'canonical.json')
  const expected = join(folder, 'issues.json')
  if (existsSync(canonical)) {
    expect(plain(documents)).toEqual(JSON.parse(readFileSync(canonical, 'utf8')))
    for (const document of documents) {
      const validate = validators.get(document.kind)!
      validate(plain(document))
      expect(validate.errors).toBeNull()
    }
  }
  expect(plain(issues)).toEqual(
    existsSync(expected) ? JSON.parse(readFileSync(expected, 'utf8')) : [],
  )
})

test.each(cases)('%s is explained by what is read of it', (folder) => {
  const { documents, issues } = readCase(folder, true)
  const usual = readCase(folder)
  expect(plain(issues)).toEqual(plain(usual.issues))
  expect(plain(documents)).toEqual(plain(usual.documents))
})

test.each(cases)('%s is written as it was read', (folder) => {
  for (const reading of readCase(folder).readings) {
    if (reading.document === undefined) continue
    const { sent, written, issues } = rewritten(reading)
    expect(written).toEqual(sent)
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([])
  }
})
