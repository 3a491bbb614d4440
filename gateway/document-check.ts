// Whether a value is a canonical Document, by the JSON Schema of its kind.
import { Ajv, type ValidateFunction } from 'ajv'
import { DOCUMENT_SCHEMAS, type Document, type Kind } from '../edi-maps/canonical/document.js'

const ajv = new Ajv({ allErrors: true })
const validators = new Map<Kind, ValidateFunction>()

/** What keeps a value from being a Document, in a few words; undefined when it is one. */
export function documentProblem(value: unknown): string | undefined {
  const kind = (value as { kind?: unknown } | null | undefined)?.kind
  if (typeof kind !== 'string' || !Object.hasOwn(DOCUMENT_SCHEMAS, kind)) return 'has no known kind'
  const known = kind as Kind
  const validate = validators.get(known) ?? ajv.compile(DOCUMENT_SCHEMAS[known])
  validators.set(known, validate)
  if (validate(value)) return undefined
  const [error] = validate.errors ?? []
  return `is no ${kind}: ${error?.instancePath} ${error?.message}`
}

export const isDocument = (value: unknown): value is Document =>
  documentProblem(value) === undefined
