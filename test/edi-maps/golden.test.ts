// Walks the golden folders for what holds of every case: written back byte for byte, acknowledged as its file says, the
// same wherever it is cut, a finding wherever it ends. What is read and written through the maps: maps.test.ts.
import { describe, expect, test } from '@jest/globals'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Agreement } from '../../edi-maps/agreement.js'
import type { Issue } from '../../edi-maps/issue.js'
import { dataOf, elementsOf, isFiller } from '../../edi-maps/layout.js'
import { open, tokenizer } from '../../edi-maps/payload.js'
import { PayloadWriter } from '../../edi-maps/payload-writer.js'
import type { Segment } from '../../edi-maps/segment.js'
import type { Transaction } from '../../edi-maps/standard.js'
import { syntaxOf } from '../../edi-maps/syntaxes.js'
import { agreedOn, type Agreed as Reading } from '../../edi-maps/maps.js'
import { translate } from '../../edi-maps/translate.js'

const ROOTS = [
  'test/golden/x12',
  'test/golden/edifact',
  'test/golden/partners',
  'test/golden/payloads',
]
const NUMBERS = { now: '2026-01-02T03:04:05Z', interchange: 1, group: 1, message: 1 }

interface Settings {
  /** File of the agreement of the case. */
  agreement?: string
}

const folders = (root: string): string[] =>
  !existsSync(root)
    ? []
    : readdirSync(root, { withFileTypes: true, recursive: true })
        .filter((entry) => entry.isFile() && entry.name === 'in.edi')
        .map((entry) => entry.parentPath)
        .sort()

const cases = ROOTS.flatMap(folders)
const json = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

function tokens(bytes: Uint8Array, cuts: readonly number[] = []): Segment[] {
  const reader = tokenizer()
  const out: Segment[] = []
  let from = 0
  for (const to of [...cuts, bytes.length]) {
    out.push(...reader.push(bytes.slice(from, to)))
    from = to
  }
  return [...out, ...reader.end()]
}

/** What the agreement of the case says of reading. */
interface Agreed {
  agreedOf(type: string): Reading | undefined
  sender: Agreement['theirRole'] | undefined
}

const kindOf = (byte: number | undefined): string => {
  const text = byte === undefined ? '' : String.fromCharCode(byte)
  return /[A-Za-z0-9]/.test(text) ? 'A' : text
}

/**
 * Where to cut an input: one place of each kind that is not among those `seen`. Places are of one kind when the same
 * stands around them (two bytes on each side; letters and digits are alike) in the same element of the same segment,
 * written with the same service characters. `isWanted` places are there whatever was seen.
 */
function cutsOf(
  bytes: Uint8Array,
  segments: readonly Segment[],
  seen: (segment: Segment) => Set<string>,
  isWanted: (segment: Segment, at: number) => boolean = () => false,
): number[] {
  const cuts: number[] = []
  for (const segment of segments) {
    const { tag, characters, before, offset, end } = segment
    const known = seen(segment)
    const written = JSON.stringify(characters)
    let element = 0
    for (let at = offset - before.length; at < end; at++) {
      if (at > offset && bytes[at - 1] === characters.element.charCodeAt(0)) element++
      const around = [at - 2, at - 1, at, at + 1].map((place) => kindOf(bytes[place]))
      const kind = JSON.stringify([written, tag, tag === '' ? at : element, around])
      if (!known.has(kind) || isWanted(segment, at)) cuts.push(at)
      known.add(kind)
    }
  }
  return cuts
}

/** Cutting into segments knows nothing of sets: what was tried in one case holds in all. */
const cutKinds = new Set<string>()
/** What a set cut off is read as depends on its map: each kind of place is tried once for each set. */
const setKinds = new Map<string, Set<string>>()
/** An input that ends in its headers has no set yet. */
const HEADERS = new Set(['', 'ISA', 'GS', 'ST', 'UNB', 'UNG', 'UNH'])
const headerKinds = new Set<string>()
/** An input may end behind an interchange. */
const TRAILERS = new Set(['IEA', 'UNZ'])

function read(segments: readonly Segment[], { agreedOf, sender }: Agreed) {
  const opened = open(segments)
  const issues: Issue[] = [...opened.issues]
  const found = new Map<Transaction, readonly Issue[]>()
  for (const interchange of opened.interchanges) {
    issues.push(...interchange.issues)
    for (const group of interchange.groups) {
      issues.push(...group.issues)
      for (const transaction of group.transactions) {
        const result = translate(
          transaction,
          { interchange, group },
          agreedOf(transaction.type),
          sender,
        )
        const all = [...transaction.issues, ...result.issues]
        found.set(transaction, all)
        issues.push(...all)
      }
    }
  }
  return { interchanges: opened.interchanges, issues, found }
}

/** Segments by their content and place, whatever blocks they were read in. */
const plain = (segments: readonly Segment[]) =>
  segments.map((s) => JSON.stringify([dataOf(s), s.offset, s.end, s.line, s.before, s.issues]))

const unwrapped = (text: string) => text.replace(/[\r\n]/g, '')

test('there are golden cases', () => expect(cases.length).toBeGreaterThan(0))

describe.each(cases)('%s', (folder) => {
  const bytes = new Uint8Array(readFileSync(join(folder, 'in.edi')))
  const file = (name: string) => join(folder, name)
  const settings = (existsSync(file('case.json')) ? json(file('case.json')) : {}) as Settings
  const agreement =
    settings.agreement === undefined ? undefined : (json(settings.agreement) as Agreement)
  const agreed: Agreed = {
    agreedOf(type) {
      const document = agreement?.documents.find((d) => d.message === type)
      return agreement && document && agreedOn(agreement, document)
    },
    sender: agreement?.theirRole,
  }

  test('is written back byte for byte from its segments and their layout', () => {
    const writer = new PayloadWriter()
    const text = tokens(bytes).map((s) => writer.write(s.standard, dataOf(s), s.layout()))
    expect(Buffer.from(text.join(''), 'latin1').equals(bytes)).toBe(true)
  })

  test('changing one component changes exactly its bytes, whichever it is', () => {
    const writer = new PayloadWriter()
    const before = Buffer.from(bytes).toString('latin1')
    for (const segment of tokens(bytes)) {
      const layout = segment.layout()
      const data = elementsOf(segment)
      const written = writer.write(segment.standard, [segment.tag, ...data], layout)
      // A header also sets how what follows is written.
      if (layout.characters !== undefined) continue
      const start = segment.offset - segment.before.length
      const places = data.flatMap((repetitions, e) =>
        repetitions.flatMap((components, r) => components.map((_, c) => [e, r, c] as const)),
      )
      for (const [e, r, c] of places) {
        const changed = structuredClone(data)
        changed[e]![r]![c] = 'Other'
        const { offset, end } = segment.range(e + 1, c + 1, r + 1)
        const expected = `${before.slice(start, offset)}Other${before.slice(end, segment.end)}`
        const text = writer.write(segment.standard, [segment.tag, ...changed], layout)
        // A wrap inside of the element stays at its column, as near as the new value lets it.
        if (layout.breaks !== undefined && unwrapped(text) === unwrapped(expected)) continue
        if (text !== expected) expect({ written, text }).toEqual({ written, text: expected })
      }
    }
  })

  const acks = readdirSync(folder).filter((name) => /^ack\.\w+\.edi$/.test(name))
  for (const name of acks) {
    test(`${name} is what it is answered with`, () => {
      const type = name.split('.')[1]!
      const { interchanges, found } = read(tokens(bytes), agreed)
      let numbers = NUMBERS
      const written: Buffer[] = []
      for (const interchange of interchanges) {
        const syntax = syntaxOf(interchange.standard)
        if (!syntax.acknowledgements.includes(type)) continue
        const answer = syntax.acknowledge(interchange, {
          type,
          findings: (transaction) => found.get(transaction) ?? [],
          numbers,
        })
        if (answer === undefined) continue
        written.push(Buffer.from(answer.bytes))
        numbers = { ...numbers, interchange: numbers.interchange + 1, group: numbers.group + 1 }
      }
      expect(Buffer.concat(written).toString('latin1')).toBe(readFileSync(file(name), 'latin1'))
    })
  }

  test('has the acknowledgement it must have, unless it is one', () => {
    const { interchanges } = read(tokens(bytes), agreed)
    const needs = interchanges.some((interchange) => {
      const syntax = syntaxOf(interchange.standard)
      const [type = ''] = syntax.acknowledgements
      const answer = syntax.acknowledge(interchange, { type, findings: () => [], numbers: NUMBERS })
      return answer !== undefined
    })
    if (needs) expect(acks.length).toBeGreaterThan(0)
  })

  test('gives the same segments wherever it is cut in two', () => {
    const segments = tokens(bytes)
    const whole = plain(segments)
    for (const cut of cutsOf(bytes, segments, () => cutKinds)) {
      const parts = plain(tokens(bytes, [cut]))
      if (parts.length !== whole.length || parts.some((row, k) => row !== whole[k])) {
        expect({ cut, parts }).toEqual({ cut, parts: whole })
      }
    }
  })

  test('truncated anywhere it gives a finding, never a throw, and not one byte is lost', () => {
    const set = dirname(folder)
    const kinds = setKinds.get(set) ?? new Set()
    setKinds.set(set, kinds)
    const lengths = cutsOf(
      bytes,
      tokens(bytes),
      ({ tag }) => (HEADERS.has(tag) ? headerKinds : kinds),
      ({ offset, before }, at) => at === offset - before.length,
    )
    for (const length of lengths) {
      const segments = tokens(bytes.slice(0, length))
      const { issues } = read(segments, agreed)
      const writer = new PayloadWriter()
      const back = segments.map((s) => writer.write(s.standard, dataOf(s), s.layout())).join('')
      if (back.length !== length)
        expect({ length, back: back.length }).toEqual({ length, back: length })
      const atEdge = TRAILERS.has(segments.findLast((s) => !isFiller(s))?.tag ?? '')
      if (issues.length === 0 && !atEdge)
        expect({ length, issues }).toEqual({ length, issues: 'some' })
    }
  })
})
