// Invoices of one standard written in the other and read back: equal where both can say it. What cannot be said stands in
// test/golden/across/invoice.json: values left out, and words for which a document is not written at all.
import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Document } from '../../edi-maps/canonical/document.js'
import { syntaxOf } from '../../edi-maps/syntaxes.js'
import { findMap, ready } from '../../edi-maps/maps.js'
import { writeTransaction } from '../../edi-maps/write.js'
import { readInput } from './reading.js'

const FOLDERS = { x12: 'test/golden/x12/810', edifact: 'test/golden/edifact/INVOIC' } as const
const TARGETS = [
  ['x12', '810', '004010'],
  ['x12', '810', '005010'],
  ['edifact', 'INVOIC', 'D:96A'],
  ['edifact', 'INVOIC', 'D:01B'],
] as const
const NUMBERS = { now: '2026-01-02T03:04:05Z', interchange: 1, group: 1, message: 1 }
const SETTINGS = {
  sender: { interchange: { id: 'EXSUPPLIER', qualifier: 'ZZ' }, group: 'EXSUPPLIER' },
  receiver: { interchange: { id: 'EXRETAIL', qualifier: 'ZZ' }, group: 'EXRETAIL' },
  test: false,
  charset: 'utf-8',
}

/** Paths of canonical values, and errors by which a document is not written. Indices are left out. */
interface Differences {
  readonly leftOut: string[]
  readonly refused: string[]
}
const CANNOT = JSON.parse(readFileSync('test/golden/across/invoice.json', 'utf8')) as Record<
  string,
  Differences
>

type Source = keyof typeof FOLDERS

function documentsOf(source: Source): Document[] {
  return readdirSync(FOLDERS[source])
    .map((name) => join(FOLDERS[source], name, 'canonical.json'))
    .filter((path) => existsSync(path))
    .flatMap((path) => JSON.parse(readFileSync(path, 'utf8')) as Document[])
}

/** What is no business content: where a document came from and what only its own standard says. */
const NO_CONTENT = new Set(['extras', 'source'])
const withoutExtras = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutExtras)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]) =>
      NO_CONTENT.has(key) ? [] : [[key, withoutExtras(part)]],
    ),
  )
}

function values(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value)) {
      values(part, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, found)
    }
  } else found.set(path.slice(1), plainNumber(String(value)))
  return found
}

/** `12.50` and `12.5` are one amount. */
const plainNumber = (text: string) =>
  /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, '') : text
const withoutIndices = (path: string) => path.replaceAll(/\[\d+\]/g, '[]')

/** Writes a document in another standard, reads it back and tells what became of it. */
function differences(
  document: Document,
  [standard, type, version]: (typeof TARGETS)[number],
): Differences {
  const syntax = syntaxOf(standard)
  const { segments, issues } = writeTransaction(document, ready(findMap(standard, type, version)!))
  const refused = issues.filter(({ severity }) => severity === 'error')
  if (refused.length > 0) {
    const rows = refused.map(({ path = '', value = '' }) => `${withoutIndices(path)}: ${value}`)
    return { leftOut: [], refused: rows }
  }
  const { bytes } = syntax.writeInterchange([{ type, version, segments }], SETTINGS, NUMBERS)
  const [back] = readInput(bytes).documents
  const sent = values(document)
  const read = values(withoutExtras(back))
  const paths = [...new Set([...sent.keys(), ...read.keys()])]
  const leftOut = paths.filter((path) => sent.get(path) !== read.get(path)).map(withoutIndices)
  return { leftOut, refused: [] }
}

const sorted = (rows: readonly string[]) => [...new Set(rows)].sort()

describe.each(TARGETS.map((target) => [target.slice(1).join(' '), target] as const))(
  'an invoice written as %s and read back',
  (name, target) => {
    const source: Source = target[0] === 'x12' ? 'edifact' : 'x12'
    test('is the same but for what cannot be said', () => {
      const all = documentsOf(source).map((document) =>
        differences(withoutExtras(document) as Document, target),
      )
      const { leftOut, refused } = CANNOT[name]!
      expect(sorted(all.flatMap((found) => found.leftOut))).toEqual(leftOut)
      // A list may learn a code; then the row here is one too many, which is no fault.
      expect(refused).toEqual(expect.arrayContaining(sorted(all.flatMap((found) => found.refused))))
    })
  },
)
