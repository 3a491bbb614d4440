// Every golden document of a set or message with one of its segments told `n` times; every canonical one with one of the
// items of a list told `n` times. So there is a shape for each place a map knows.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const GOLDEN = 'test/golden'

/** The largest sound golden case of each set and message. */
function cases(): { name: string; folder: string }[] {
  return ['x12', 'edifact'].flatMap((standard) =>
    readdirSync(join(GOLDEN, standard))
      .filter((type) => type !== 'wild')
      .flatMap((type) => {
        const folders = readdirSync(join(GOLDEN, standard, type))
          .map((name) => join(GOLDEN, standard, type, name))
          .filter((folder) => existsSync(join(folder, 'canonical.json')))
        const size = (folder: string) => readFileSync(join(folder, 'in.edi')).length
        const [largest] = folders.sort((a, b) => size(b) - size(a))
        return largest === undefined ? [] : [{ name: type, folder: largest }]
      }),
  )
}

/** Segments of a text that breaks lines behind each terminator or not. */
const segmentsOf = (text: string): string[] => text.split(/(?<=[~'])\n?(?=[A-Z])/)

const ENVELOPE = /^(?:UNA|UNB|UNG|UNE|UNZ|ISA|GS|GE|IEA)\b/

export function goldenShapes(): Record<string, (n: number) => string> {
  const shapes: Record<string, (n: number) => string> = {}
  for (const { name, folder } of cases()) {
    const all = segmentsOf(readFileSync(join(folder, 'in.edi'), 'latin1'))
    const seen = new Set<string>()
    for (const [at, segment] of all.entries()) {
      const tag = /^[A-Z0-9]+/.exec(segment)?.[0] ?? ''
      const qualifier = /^[A-Z0-9]+.[A-Z0-9]*/.exec(segment)?.[0] ?? ''
      if (ENVELOPE.test(tag) || seen.has(qualifier)) continue
      seen.add(qualifier)
      shapes[`${name}: ${segment.trim()}`] = (n) =>
        [...all.slice(0, at), ...Array<string>(n).fill(segment), ...all.slice(at + 1)].join('')
    }
  }
  return shapes
}

/** By name: the set it is written as, and the Documents. */
export interface DocumentShape {
  readonly to: string
  readonly text: (n: number) => string
}

type Json = null | string | number | boolean | Json[] | { [key: string]: Json }

const TARGETS: Readonly<Record<string, readonly string[]>> = {
  shipmentNotice: ['x12:856:004010', 'edifact:DESADV:D96A'],
  invoice: ['x12:810:004010', 'edifact:INVOIC:D96A'],
  shipmentStatus: ['x12:214:004010', 'edifact:IFTSTA:D96A'],
  warehouseShippingOrder: ['x12:940:004010', 'edifact:INSDES:D01B'],
  warehouseShippingAdvice: ['x12:945:004010'],
  functionalAck: ['x12:997:004010'],
  applicationAck: ['x12:824:004010', 'edifact:APERAK:D96A'],
}

export function documentShapes(): Record<string, DocumentShape> {
  const shapes: Record<string, DocumentShape> = {}
  for (const { name, folder } of cases()) {
    const documents = JSON.parse(readFileSync(join(folder, 'canonical.json'), 'utf8')) as Json[]
    const [document] = documents
    if (document === undefined || typeof document !== 'object' || document === null) continue
    const { kind } = document as { kind: string }
    for (const to of TARGETS[kind] ?? []) {
      shapes[`${name} as ${to}: Documents`] = {
        to,
        text: (n) => `${JSON.stringify(document)}\n`.repeat(n / 20),
      }
      for (const path of listsIn(document, '')) {
        shapes[`${name} as ${to}: ${path}`] = {
          to,
          text: (n) => JSON.stringify(many(document, path, '', n)),
        }
      }
    }
  }
  return shapes
}

function listsIn(value: Json, path: string): string[] {
  if (Array.isArray(value)) {
    const [first] = value
    return first === undefined ? [] : [path, ...listsIn(first, `${path}[0]`)]
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => listsIn(inner, `${path}.${key}`))
}

/** The value with the first item of the list at a path told `n` times; ids differ. */
function many(value: Json, path: string, at: string, n: number): Json {
  if (Array.isArray(value)) {
    if (at === path)
      return [...value, ...Array.from({ length: n }, (_, i) => numbered(value[0]!, i))]
    return value.map((item, i) => (i === 0 ? many(item, path, `${at}[0]`, n) : item))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, many(inner, path, `${at}.${key}`, n)]),
  )
}

const numbered = (item: Json, i: number): Json =>
  typeof item === 'object' && item !== null && !Array.isArray(item) && 'id' in item
    ? { ...item, id: `${String(item['id'])}-${i}` }
    : item
