// Documents from a text: one JSON object a line, or one JSON value. What is wrong is told with its line.
import type { Document } from '../edi-maps/canonical/document.js'
import { UsageError } from './command.js'
import { documentProblem, isDocument } from './document-check.js'
import { jsonErrorPlace } from './json-place.js'

/** A value and what it is called in the input: `Document 2`, or `the Document in line 2`. */
interface Placed {
  readonly value: unknown
  readonly place: string
  /** From 1; of one JSON object a line. */
  readonly line?: number
}

/** A Document as it stands in the input. */
export interface PlacedDocument extends Pick<Placed, 'place' | 'line'> {
  readonly document: Document
}

/**
 * Documents of a text: one JSON object a line, or one JSON value (a Document or a list). Checked by their schemas. A
 * UsageError when there is none, or one is not as its schema says.
 */
export function readDocuments(text: string, path: string): PlacedDocument[] {
  const values = parse(text, path)
  if (values.length === 0) throw new UsageError(`${path} has no Documents: the list is empty`)
  return values.map(({ value, ...placed }) => {
    if (isDocument(value)) return { ...placed, document: value }
    throw new UsageError(`${path}: ${placed.place} ${documentProblem(value)}`)
  })
}

function parse(text: string, path: string): Placed[] {
  if (text.trim() === '') throw new UsageError(`${path} has no Documents: it is empty`)
  try {
    const value = JSON.parse(text) as unknown
    const values = Array.isArray(value) ? (value as unknown[]) : [value]
    return values.map((one, n) => ({ value: one, place: `Document ${n + 1}` }))
  } catch (error) {
    const lines = text.split('\n')
    if (!lines.some(isObjectLine)) throw noDocuments(path, text, error)
    return linesOf(lines, path)
  }
}

/** A value in one line makes the text lines of JSON; the others must be some then. */
function isObjectLine(line: string): boolean {
  if (!/^\{.*\}\s*$/.test(line)) return false
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}

function linesOf(lines: readonly string[], path: string): Placed[] {
  return lines.flatMap((line, n) => {
    if (line.trim() === '') return []
    try {
      const value = JSON.parse(line) as unknown
      return [{ value, place: `the Document in line ${n + 1}`, line: n + 1 }]
    } catch (error) {
      throw noDocuments(path, line, error, n)
    }
  })
}

/** `before`: lines that stand before the text. */
function noDocuments(path: string, text: string, cause: unknown, before = 0): UsageError {
  const why = (cause as Error).message.replace(/ in JSON at position \d+.*$/, '')
  const place = jsonErrorPlace(text, before)
  return new UsageError(`${path} has no Documents: it is no JSON, ${place}: ${why}`, { cause })
}
