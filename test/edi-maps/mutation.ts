// Seeded damage to the golden documents, and what must hold for every damaged one: it is read, validated, acknowledged and
// written again; nothing throws, and what is written is what came, or a finding says why not.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Issue } from '../../edi-maps/issue.js'
import { elementsOf, type SegmentLayout } from '../../edi-maps/layout.js'
import { findMap, ready } from '../../edi-maps/maps.js'
import { open, tokenizer } from '../../edi-maps/payload.js'
import { PayloadWriter } from '../../edi-maps/payload-writer.js'
import type { Segment } from '../../edi-maps/segment.js'
import type { Opened, Transaction } from '../../edi-maps/standard.js'
import { syntaxOf } from '../../edi-maps/syntaxes.js'
import { translate, translateInterchangeAcks } from '../../edi-maps/translate.js'
import { writeTransaction } from '../../edi-maps/write.js'
import { seeded } from '../seeded.js'

const NUMBERS = { now: '2026-01-02T03:04:05Z', interchange: 1, group: 1, message: 1 }
const ROOTS = [
  'test/golden/x12',
  'test/golden/edifact',
  'test/golden/partners',
  'test/golden/payloads',
]

/** Every golden input there is. */
const samples = (): Buffer[] =>
  ROOTS.filter((root) => existsSync(root)).flatMap((root) =>
    readdirSync(root, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && entry.name === 'in.edi')
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => readFileSync(path)),
  )

type Below = (limit: number) => number

/** Bytes that mean something somewhere, or are no text at all: UTF-8 cut short, overlong, a lone continuation. */
const TELLING = [
  '\0',
  '\n',
  '\r\n',
  ' ',
  '~',
  '*',
  '>',
  '^',
  "'",
  '+',
  ':',
  '?',
  '.',
  '\x1c',
  '\x1d',
]
const BROKEN = ['\xc3', '\x80', '\xc0\x80', '\xed\xa0\x80', '\xf5', '\xff', '\xe2\x82', '\xc2\x85']

const latin1 = (text: string) => Buffer.from(text, 'latin1')
const spliced = (bytes: Buffer, from: number, to: number, piece: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, from), piece, bytes.subarray(to)])

/** Where a segment that is picked begins and ends: after a line end or a terminator in use. */
function segmentAt(bytes: Buffer, below: Below): [number, number] {
  const ends = /[~'\x1c\n\x85|!]+/g
  ends.lastIndex = below(bytes.length)
  const text = bytes.toString('latin1')
  if (ends.exec(text) === null) return [0, bytes.length]
  const from = ends.lastIndex
  return [from, ends.exec(text) === null ? bytes.length : ends.lastIndex]
}

const mutations: readonly ((bytes: Buffer, below: Below, others: readonly Buffer[]) => Buffer)[] = [
  function flipBit(bytes, below) {
    bytes[below(bytes.length)]! ^= 1 << below(8)
    return bytes
  },
  function putByte(bytes, below) {
    bytes[below(bytes.length)] = below(256)
    return bytes
  },
  function putTelling(bytes, below) {
    const at = below(bytes.length)
    const piece = latin1(TELLING[below(TELLING.length)]!)
    return spliced(bytes, at, at + below(2), piece)
  },
  function putBroken(bytes, below) {
    const at = below(bytes.length)
    const piece = latin1(BROKEN[below(BROKEN.length)]!)
    return spliced(bytes, at, at + below(3), piece)
  },
  function cutOff(bytes, below) {
    return bytes.subarray(0, below(bytes.length))
  },
  function cutOut(bytes, below) {
    const at = below(bytes.length)
    return spliced(bytes, at, at + 1 + below(60), Buffer.alloc(0))
  },
  function insertOther(bytes, below, others) {
    const other = others[below(others.length)]!
    const from = below(other.length)
    const at = below(bytes.length)
    return spliced(bytes, at, at, other.subarray(from, from + 1 + below(300)))
  },
  function appendOther(bytes, below, others) {
    return Buffer.concat([bytes, others[below(others.length)]!])
  },
  function doubleSegment(bytes, below) {
    const [from, to] = segmentAt(bytes, below)
    return spliced(bytes, to, to, bytes.subarray(from, to))
  },
  function dropSegment(bytes, below) {
    return spliced(bytes, ...segmentAt(bytes, below), Buffer.alloc(0))
  },
  function moveSegment(bytes, below) {
    const [from, to] = segmentAt(bytes, below)
    const segment = Buffer.from(bytes.subarray(from, to))
    const rest = spliced(bytes, from, to, Buffer.alloc(0))
    const at = segmentAt(rest, below)[1]
    return spliced(rest, at, at, segment)
  },
  function exchangeDelimiter(bytes, below) {
    const used = TELLING.filter((text) => text.length === 1 && bytes.includes(text, 0, 'latin1'))
    const from = used[below(used.length)] ?? '*'
    const to = TELLING[below(TELLING.length)]!.charCodeAt(0)
    const start = below(2) === 0 ? 0 : below(bytes.length)
    for (let at = start; at < bytes.length; at++) {
      if (bytes[at] === from.charCodeAt(0)) bytes[at] = to
    }
    return bytes
  },
  function fill(bytes, below) {
    const at = below(bytes.length)
    return bytes.fill(below(256), at, Math.min(at + 1 + below(40), bytes.length))
  },
]

/** One to four random changes. */
function damaged(sample: Buffer, below: Below, others: readonly Buffer[]): Buffer {
  let bytes: Buffer = Buffer.from(sample)
  for (let left = 1 + below(4); left > 0 && bytes.length > 0; left--) {
    bytes = mutations[below(mutations.length)]!(Buffer.from(bytes), below, others)
  }
  return bytes
}

/** Where to cut bytes into chunks: anywhere, a few times. */
const cuts = (length: number, below: Below): number[] =>
  Array.from({ length: below(6) }, () => below(length + 1)).sort((a, b) => a - b)

function tokens(bytes: Uint8Array, at: readonly number[]): Segment[] {
  const reader = tokenizer()
  const out: Segment[] = []
  let from = 0
  for (const to of [...at, bytes.length]) {
    out.push(...reader.push(bytes.subarray(from, to)))
    from = to
  }
  return [...out, ...reader.end()]
}

/** A segment as `edigw segments --layout` prints it. */
const line = (segment: Segment) =>
  JSON.stringify([
    ...[segment.standard, segment.tag, elementsOf(segment), segment.layout()],
    ...[segment.offset, segment.end],
  ])

const ok = (holds: boolean, what: string) => {
  if (!holds) throw new Error(what)
}

/** Reads, validates, acknowledges and writes one input; throws when a rule is broken. Gives how it was found to be. */
function examine(bytes: Buffer, below: Below): { documents: number; issues: number } {
  const segments = tokens(bytes, cuts(bytes.length, below))
  const lines = segments.map(line)
  ok(lines.join() === tokens(bytes, []).map(line).join(), 'chunks make a difference')
  const opened = open(segments)
  const findings = [...opened.issues, ...segments.flatMap(({ issues }) => issues)]
  rewrite(bytes, lines, findings)
  const read = readAll(opened)
  for (const issues of [...read.found.values(), ...opened.interchanges.map((one) => one.issues)]) {
    findings.push(...issues)
  }
  for (const { offset, end, line: at, text } of findings) {
    ok(0 <= offset && offset <= end && end <= bytes.length && at >= 1, `nowhere: ${text}`)
  }
  acknowledge(opened, read.found)
  return { documents: read.documents, issues: findings.length }
}

/** Segments printed and read again give the same bytes. */
function rewrite(bytes: Buffer, lines: readonly string[], findings: Issue[]): void {
  const writer = new PayloadWriter()
  const text = lines.map((json) => {
    const [standard, tag, elements, layout] = JSON.parse(json) as [
      ...[Segment['standard'], string, string[][][], SegmentLayout],
    ]
    return writer.write(standard, [tag, ...elements], layout)
  })
  const isSame = latin1(text.join('')).equals(bytes)
  ok(isSame || writer.issues.length > 0, 'written again it is other bytes, and nothing says why')
  findings.push(...writer.issues.filter(({ end }) => end > 0))
}

function readAll({ interchanges }: Opened) {
  const found = new Map<Transaction, readonly Issue[]>()
  let documents = 0
  for (const interchange of interchanges) {
    translateInterchangeAcks(interchange)
    for (const group of interchange.groups) {
      for (const transaction of group.transactions) {
        const { document, issues } = translate(transaction, { interchange, group })
        found.set(transaction, [...transaction.issues, ...issues])
        if (document === undefined) continue
        documents++
        const map = findMap(interchange.standard, transaction.type, transaction.version)
        writeTransaction(document, ready(map!))
      }
    }
  }
  return { found, documents }
}

/** Every acknowledgement there is, which must be readable itself. */
function acknowledge(
  { interchanges }: Opened,
  found: ReadonlyMap<Transaction, readonly Issue[]>,
): void {
  for (const interchange of interchanges) {
    const syntax = syntaxOf(interchange.standard)
    for (const type of syntax.acknowledgements) {
      const findings = (transaction: Transaction) => found.get(transaction) ?? []
      const answer = syntax.acknowledge(interchange, { type, findings, numbers: NUMBERS })
      if (answer !== undefined) readAll(open(tokens(answer.bytes, [])))
    }
  }
}

export interface Findings {
  documents: number
  /** Inputs with findings, and without. */
  faulty: number
  sound: number
  slowestMs: number
}

/** Examines `count` damaged documents. Throws on the first that breaks a rule, with the document. */
export function fuzz(seed: number, count: number): Findings {
  const all = samples()
  const random = seeded(seed)
  const below: Below = (limit) => Math.floor(random() * limit)
  const findings: Findings = { documents: 0, faulty: 0, sound: 0, slowestMs: 0 }
  for (let number = 0; number < count; number++) {
    const bytes = damaged(all[below(all.length)]!, below, all)
    const start = performance.now()
    try {
      const { documents, issues } = examine(bytes, below)
      findings.documents += documents
      if (issues === 0) findings.sound++
      else findings.faulty++
    } catch (error) {
      const text = `document ${number} of seed ${seed}: ${bytes.toString('base64')}`
      throw new Error(text, { cause: error })
    }
    findings.slowestMs = Math.max(findings.slowestMs, performance.now() - start)
  }
  return findings
}
