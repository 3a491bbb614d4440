// Documents that are no partner's but our own, as Odoo makes them: written as X12 and as EDIFACT and read back they are
// the same, but for what a standard has no place for. That is listed, path by path, in cannot.json of each case, so that
// it is neither lost unseen nor gained unnoticed.
import { expect, test } from '@jest/globals'
import { readFileSync, readdirSync } from 'node:fs'
import type { Document } from '../../edi-maps/canonical/document.js'
import { syntaxOf } from '../../edi-maps/syntaxes.js'
import { findMap, mapOfKind, ready } from '../../edi-maps/maps.js'
import { writeTransaction } from '../../edi-maps/write.js'
import { plain, readInput } from './reading.js'

const FOLDER = 'test/golden/across'
const NUMBERS = { now: '2026-01-02T03:04:05Z', interchange: 1, group: 1, message: 1 }
const SETTINGS = {
  sender: { interchange: { qualifier: 'ZZ', id: 'EXSENDER' } },
  receiver: { interchange: { qualifier: 'ZZ', id: 'EXRECEIVER' } },
  test: false,
}

/** By kind: the set, and the message in its directories. */
const TARGETS = {
  warehouseShippingOrder: [
    ['x12', '940', '004010'],
    ['x12', '940', '005010'],
    ['edifact', 'INSDES', 'D:96A'],
    ['edifact', 'INSDES', 'D:01B'],
  ],
  warehouseShippingAdvice: [
    ['x12', '945', '004010'],
    ['x12', '945', '005010'],
    ['edifact', 'DESADV', 'D:96A'],
    ['edifact', 'DESADV', 'D:01B'],
  ],
  shipmentNotice: [
    ['x12', '856', '004010'],
    ['x12', '856', '005010'],
    ['edifact', 'DESADV', 'D:96A'],
    ['edifact', 'DESADV', 'D:01B'],
  ],
} as const

/** What writing tells and what reading back does not give, for one standard. */
interface Cannot {
  readonly told?: readonly string[]
  readonly paths?: readonly string[]
}

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

/** Without what only traces or lays out what was read. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'extras' && key !== 'source')
      .map(([key, inner]) => [key, bare(inner)]),
  )
}

/** Paths at which two values differ. */
function differences(a: unknown, b: unknown, path = ''): string[] {
  if (a === b) return []
  const isNode = (value: unknown) => typeof value === 'object' && value !== null
  if (!isNode(a) || !isNode(b)) return [path]
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])]
  return keys.flatMap((key) =>
    differences(left[key], right[key], path === '' ? key : `${path}.${key}`),
  )
}

const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory())
const cases = folders.flatMap(({ name }) => {
  const document = json(`${FOLDER}/${name}/document.json`) as Document
  const targets = TARGETS[document.kind as keyof typeof TARGETS]
  return targets.map(([standard, id, version]) => ({ name, document, standard, id, version }))
})

test.each(cases)(
  '$name as $standard $id $version says all it can',
  ({ name, document, standard, id, version }) => {
    const map = mapOfKind(findMap(standard, id, version)!, document.kind)!
    const { segments, issues } = writeTransaction(document, ready(map))
    const transaction = {
      type: id,
      version: standard === 'x12' ? version : `${version}:UN`,
      ...(map.group === undefined ? {} : { group: map.group }),
      segments,
    }
    const written = syntaxOf(standard).writeInterchange([transaction], SETTINGS, NUMBERS)
    expect(written.issues).toEqual([])
    const read = readInput(written.bytes, undefined, map.sender)
    expect(read.issues.filter(({ severity }) => severity === 'error')).toEqual([])
    const cannot = json(`${FOLDER}/${name}/cannot.json`) as Record<string, Cannot>
    const found: Cannot = {
      told: issues.map(
        ({ severity, code, tag, text }) => `${severity} ${code} ${tag ?? ''}: ${text}`,
      ),
      paths: differences(document, plain(bare(read.documents[0]))),
    }
    expect(found).toEqual({
      told: [],
      paths: [],
      ...cannot[standard],
      ...cannot[`${standard} ${version}`],
    })
  },
)
