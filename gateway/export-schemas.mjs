// `npm run schemas`: writes the JSON Schemas of the compiled canonical model to where the Odoo addon reads them.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { SCHEMAS, schemaText } from '../dist/edi-maps/canonical/schema.js'

const folder = new URL('../odoo_addon/edi_gateway/schemas/', import.meta.url)
mkdirSync(folder, { recursive: true })
for (const file of readdirSync(folder)) rmSync(new URL(file, folder))
for (const name of Object.keys(SCHEMAS))
  writeFileSync(new URL(`${name}.json`, folder), schemaText(name))
