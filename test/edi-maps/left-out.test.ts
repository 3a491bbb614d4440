// Nothing a document can say is dropped without a word: every value of the canonical model is set in a document, which
// is written in every set and message of its kind. Each either changes what is written or is told.
import { expect, test } from '@jest/globals'
import { DOCUMENT_SCHEMAS, type Document } from '../../edi-maps/canonical/document.js'
import { MAPS, ready } from '../../edi-maps/maps.js'
import type { TransactionMap } from '../../edi-maps/map.js'
import { writeTransaction } from '../../edi-maps/write.js'
import { plain } from './reading.js'

/** As much of a JSON Schema as the canonical model uses. */
interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
}

/** What came from a source and is not asked to be written again. */
const TRACES = new Set(['extras', 'source', 'sourceUom'])

/** Values by the end of their path: words there are codes for, and numbers that go together. */
const SAMPLES: readonly (readonly [end: RegExp, value: unknown])[] = [
  [/eight\.uom$/, 'KGM'],
  [/weights\[\]\.uom$/, 'KGM'],
  [/olume\.uom$/, 'MTQ'],
  [/dimensions\.\w+\.uom$/, 'CMT'],
  [/(uom|basisUom)$/, 'C62'],
  [/dates\[\]\.type$/, 'deliveryRequested'],
  [/references\[\]\.type$/, 'billOfLading'],
  [/(ids|partyId)(\[\])?\.scheme$/, 'gln'],
  [/(ids|partyId)(\[\])?\.value$/, '4012345000009'],
  [/roductIds\[\]\.scheme$/, 'gtin'],
  [/role$/, 'shipTo'],
  [/country$/, 'US'],
  [/topic$/, 'delivery'],
  [/scac$/, 'EXMP'],
  [/transport\.mode$/, 'road'],
  [/currency$/, 'USD'],
  [/packages\[\]\.id$/, 'P1'],
  [/packageIds\[\]$/, 'P1'],
  [/packages\[\]\.type\.code$/, 'CT'],
  [/packages\[\]\.type\.scheme$/, 'rec21'],
  [/marks\[\]\.scheme$/, 'shippingMark'],
  [/[a-z]*tax(es)?\[\]\.type$/, 'vat'],
  [/direction$/, 'allowance'],
  [/body\.type$/, 'invoice'],
]

function sample(schema: Schema, path: string): unknown {
  const known = SAMPLES.find(([end]) => end.test(path))
  if (known !== undefined) return known[1]
  if (schema.const !== undefined) return schema.const
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.type === 'integer') return 0
  const { pattern = '' } = schema
  if (pattern.includes('T')) return '2026-01-02T03:04'
  if (pattern.includes('{4}')) return '2026-01-02'
  if (pattern.includes('{18}')) return '006141410000000111'
  if (pattern !== '') return '12'
  return 'EX1'
}

/** A document with what is required and the optional values and items of lists at the paths asked for. */
function build(schema: Schema, isAsked: (path: string) => boolean, path = ''): unknown {
  if (schema.items !== undefined)
    return isAsked(`${path}[]`) ? [build(schema.items, isAsked, `${path}[]`)] : []
  if (schema.properties === undefined) return sample(schema, path)
  const entries = Object.entries(schema.properties)
    .map(([key, one]) => [key, one, path === '' ? key : `${path}.${key}`] as const)
    .filter(([key, , at]) => !TRACES.has(key) && (schema.required?.includes(key) || isAsked(at)))
  return Object.fromEntries(entries.map(([key, one, at]) => [key, build(one, isAsked, at)]))
}

/** Whether an object may say nothing at all. */
const isEmpty = ({ properties, required = [] }: Schema) =>
  properties !== undefined && required.every((key) => properties[key]?.items !== undefined)

/** Paths of all optional values and items of lists. */
function paths(schema: Schema, path = ''): string[] {
  if (schema.items !== undefined)
    return [...(isEmpty(schema.items) ? [] : [`${path}[]`]), ...paths(schema.items, `${path}[]`)]
  return Object.entries(schema.properties ?? {}).flatMap(([key, one]) => {
    if (TRACES.has(key)) return []
    const at = path === '' ? key : `${path}.${key}`
    const isNone = schema.required?.includes(key) || one.items !== undefined || isEmpty(one)
    return [...(isNone ? [] : [at]), ...paths(one, at)]
  })
}

/** What no document of the kind is without. */
const ALWAYS =
  /^body\.(orders|packages|lines|shipments|answers)(\[\])?$|^body\.lines\[\]\.(packageIds|orderIndex|quantityShipped|productIds)(\[\])?$|^body.orders\[\].orderNumber$/

const schemaOf = ({ kind }: TransactionMap) => plain(DOCUMENT_SCHEMAS[kind]) as Schema

type Written = Pick<ReturnType<typeof writeTransaction>, 'segments' | 'issues'>
const writer = (map: TransactionMap) => {
  const schema = schemaOf(map)
  return (isAsked: (path: string) => boolean): Written =>
    writeTransaction(build(schema, isAsked) as Document, ready(map))
}

/** A list stands in a document when an item of it is asked for. */
const isOf = (at: string, path: string) => at === path || `${at}[]` === path

const withoutIndices = (path: string) => path.replaceAll(/\[\d*\]/g, '')
const isTold = ({ issues }: Written, path: string) =>
  issues.some(
    ({ code, path: told = '' }) =>
      code === 'value-left-out' &&
      `${withoutIndices(path)}.`.startsWith(`${withoutIndices(told)}.`),
  )

const isSilent = (path: string, withIt: Written, without: Written) =>
  !isTold(withIt, path) && JSON.stringify(plain(withIt)) === JSON.stringify(plain(without))

/** Parents of a path. */
const isAbove = (at: string, path: string) =>
  path !== at && (path.startsWith(`${at}.`) || path.startsWith(`${at}[`))

/** Values that are not written beside others, or only with others, by standard, set, version and kind. */
const OTHERWISE: readonly (readonly [kind: RegExp, path: RegExp])[] = [
  // A carrier is told by one number: that of his SCAC goes first.
  [/./, /carrier\.partyId$/],
  // A place is told by one code.
  [/ IFTSTA /, /location\.unlocode$/],
  // How packages nest shows where there are several.
  [/./, /^body\.packages\[\]\.(parentId|orderIndex)$/],
  // Material is the second half of X12's code of a package, and no other list has it.
  [/^x12 856/, /^body\.packages\[\]\.type\.material$/],
  // Told of the package as a whole: its marks, references or dates.
  [/DESADV/, /^body\.packages\[\]\.(marks\[\]\.to|references\[\]\.\w+|dates\[\]\.tz)$/],
  // What was ordered instead stands in the line of a substitute only.
  [/ 945 /, /^body\.lines\[\]\.orderedProductIds\[\]$/],
  // A unit of a price, of no quantity.
  [/ 810 /, /unitPrice\.basisUom$/],
  // The date of an order without number.
  [/ INVOIC /, /^body\.order\.orderDate$/],
  // A package is marked by one of its numbers.
  [/ 214 /, /^body\.shipments\[\]\.packages\[\]\.mark(\.to)?$/],
]

/** Paths whose values are neither written nor told: in a document of nothing else, or in one of everything. */
function silent(map: TransactionMap, name: string): string[] {
  const isOtherwise = (path: string) =>
    OTHERWISE.some(([kind, end]) => kind.test(name) && end.test(path))
  const write = writer(map)
  const all = write(() => true)
  return paths(schemaOf(map))
    .filter((path) => !ALWAYS.test(path) && !isOtherwise(path))
    .filter((path) => {
      const without = write((at) => ALWAYS.test(at) || isAbove(at, path))
      const alone = write((at) => isOf(at, path) || ALWAYS.test(at) || isAbove(at, path))
      return (
        isSilent(path, alone, without) ||
        isSilent(
          path,
          all,
          write((at) => !isOf(at, path)),
        )
      )
    })
}

/** Acknowledgements are written from what was received, not from documents of others. */
const cases = MAPS.filter(({ kind }) => kind !== 'functionalAck').map(
  (map) => [`${map.standard} ${map.id} ${map.version} ${map.kind}`, map] as const,
)

test.each(cases)('%s leaves nothing out without a word', (name, map) => {
  expect(silent(map, name)).toEqual([])
})
