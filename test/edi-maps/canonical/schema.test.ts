import { expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFileSync, readdirSync } from 'node:fs'
import { SCHEMAS, schemaText } from '../../../edi-maps/canonical/schema.js'

const folder = 'odoo_addon/edi_gateway/schemas'

test('the schemas the Odoo addon carries are those of the canonical model (npm run schemas)', () => {
  const stored = Object.fromEntries(
    readdirSync(folder).map((file) => [file, readFileSync(`${folder}/${file}`, 'utf8')]),
  )
  const exported = Object.fromEntries(
    Object.keys(SCHEMAS).map((name) => [`${name}.json`, schemaText(name)]),
  )
  expect(stored).toEqual(exported)
})

test('every schema compiles in a validator and refuses an empty object', () => {
  for (const name of Object.keys(SCHEMAS)) {
    const validate = new Ajv2020({ allErrors: true }).compile(JSON.parse(schemaText(name)!))
    expect({ name, valid: validate({}) }).toEqual({ name, valid: false })
  }
})

test('the schema of a shipment notice takes the golden pick-and-pack case', () => {
  const validate = new Ajv2020({ allErrors: true }).compile(
    JSON.parse(schemaText('shipmentNotice')!),
  )
  const [document] = JSON.parse(
    readFileSync('test/golden/x12/856/pick-and-pack/canonical.json', 'utf8'),
  )
  expect({ valid: validate(document), errors: validate.errors }).toEqual({
    valid: true,
    errors: null,
  })
})

test('an unknown schema name gives nothing', () => {
  expect(schemaText('toString')).toBeUndefined()
})
