// The JSON Schemas of everything that crosses a border: for Odoo, for other programs and for agreements in files.
import type { TSchema } from '@sinclair/typebox'
import { Agreement } from '../agreement.js'
import { DOCUMENT_SCHEMAS } from './document.js'
import { Message } from './message.js'

/** Schemas by name: `message`, `agreement` and every canonical kind. */
export const SCHEMAS: Readonly<Record<string, TSchema>> = {
  message: Message,
  agreement: Agreement,
  ...DOCUMENT_SCHEMAS,
}

/** The JSON Schema (draft 2020-12) of one name as text, with a final line break; unknown names give undefined. */
export function schemaText(name: string): string | undefined {
  const schema = Object.hasOwn(SCHEMAS, name) ? SCHEMAS[name] : undefined
  if (schema === undefined) return undefined
  const head = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:edi-gateway:${name}:1`,
    title: name,
  }
  return JSON.stringify({ ...head, ...schema }, null, 2) + '\n'
}
