// Every golden case through its map: the Documents, the findings, and the same segments back.
import { expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { SCHEMAS, schemaText } from '../../edi-maps/canonical/schema.js'
import { detect, syntaxOf } from '../../edi-maps/detect.js'
import type { Document } from '../../edi-maps/canonical/document.js'
import type { Issue } from '../../edi-maps/issue.js'
import { findMap, ready } from '../../edi-maps/maps.js'
import type { Segment, SegmentData } from '../../edi-maps/segment.js'
import { translate, translateInterchangeAcks } from '../../edi-maps/translate.js'
import { writeTransaction } from '../../edi-maps/write.js'

const cases = ['test/golden/x12', 'test/golden/edifact'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('in.edi'))
    .map((path) => join(root, path, '..'))
    .sort(),
)

const ajv = new Ajv2020({ allErrors: true })
const validators = new Map(
  Object.keys(SCHEMAS).map((name) => [name, ajv.compile(JSON.parse(schemaText(name)!))]),
)

interface Reading {
  standard: 'x12' | 'edifact'
  segments: readonly Segment[]
  version: string
  type: string
  document?: Document
  issues: readonly Issue[]
}

function readFile(path: string): { readings: Reading[]; documents: Document[]; issues: Issue[] } {
  const bytes = readFileSync(path)
  const syntax = syntaxOf(detect(bytes)) ?? syntaxOf('x12')!
  const tokens = syntax.tokenizer()
  const { interchanges, issues } = syntax.open([...tokens.push(bytes), ...tokens.end()])
  const readings: Reading[] = []
  const found = [...issues]
  const documents: Document[] = []
  for (const interchange of interchanges) {
    documents.push(...translateInterchangeAcks(interchange))
    found.push(...interchange.issues)
    for (const group of interchange.groups) {
      found.push(...group.issues)
      for (const transaction of group.transactions) {
        const result = translate(transaction, { interchange, group })
        found.push(...transaction.issues, ...result.issues)
        if (result.document !== undefined) documents.push(result.document)
        readings.push({ ...transaction, ...result, standard: syntax.standard })
      }
    }
  }
  return { readings, documents, issues: found }
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const valueAt = (segment: Segment, n: number): unknown => {
  const repetitions = []
  for (let r = 1; r <= segment.repetitionCount(n); r++)
    repetitions.push(segment.components(n, r).join('>'))
  return repetitions.join('^')
}
const written = ([tag, ...elements]: SegmentData): string =>
  [
    tag,
    ...elements.map((element) =>
      typeof element === 'string' ? element : element.map((parts) => parts.join('>')).join('^'),
    ),
  ].join('*')
const sent = (segment: Segment): string =>
  [
    segment.tag,
    ...Array.from({ length: segment.elementCount }, (_, n) => valueAt(segment, n + 1)),
  ].join('*')

test.each(cases)('%s gives its Documents and findings', (folder) => {
  const { documents, issues } = readFile(join(folder, 'in.edi'))
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

test.each(cases)('%s is written as it was read', (folder) => {
  const { readings } = readFile(join(folder, 'in.edi'))
  for (const { standard, document, segments, type, version } of readings) {
    if (document === undefined) continue
    const map = ready(findMap(standard, type, version)!)
    const result = writeTransaction(plain(document) as Document, map)
    expect(result.segments.map(written)).toEqual(segments.slice(1, -1).map(sent))
    expect(result.issues.filter(({ severity }) => severity === 'error')).toEqual([])
  }
})
