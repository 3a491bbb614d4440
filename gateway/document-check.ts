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

/** Whether a value has what its kind has, whatever its texts say: what could be read of a document that was refused. */
export function isShownDocument(value: unknown): value is Document {
  const kind = (value as { kind?: unknown } | null | undefined)?.kind
  if (typeof kind !== 'string' || !Object.hasOwn(DOCUMENT_SCHEMAS, kind)) return false
  const known = kind as Kind
  const validate = shapes.get(known) ?? ajv.compile(shapeOf(DOCUMENT_SCHEMAS[known]))
  shapes.set(known, validate)
  return validate(value)
}

const shapes = new Map<Kind, ValidateFunction>()
const TEXT_RULES: ReadonlySet<string> = new Set(['pattern', 'minLength', 'maxLength'])

const shapeOf = (schema: object): object =>
  JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (TEXT_RULES.has(key) ? undefined : value)),
  ) as object
