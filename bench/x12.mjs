// X12 tokenising beside node-x12 (parse and stream) and x12-parser. `indexed` reads the tag and element 2 of every
// segment; `all` makes a string of every element and adds up the lengths.
import { Readable } from 'node:stream'
import { X12Parser } from 'node-x12'
import { X12parser } from 'x12-parser'
import { tokenizer } from '../dist/edi-maps/x12/tokenizer.js'
import { compare } from './compare.mjs'
import { interchanges } from './x12-data.mjs'

const CHUNK = 64 * 1024
const ENVELOPE = new Set(['ISA', 'IEA', 'GS', 'GE', 'ST', 'SE'])

function ours(bytes, visit) {
  const reader = tokenizer()
  for (let at = 0; at < bytes.length; at += CHUNK) {
    for (const segment of reader.push(bytes.subarray(at, at + CHUNK))) visit(segment)
  }
  for (const segment of reader.end()) visit(segment)
}

// Peers trim envelope padding and give trailers as separate objects, so only body segments count on every side.
const jobs = {
  indexed: {
    ours(bytes) {
      let total = 0
      ours(bytes, (s) => {
        const { tag } = s
        if (!ENVELOPE.has(tag)) total += tag.length + s.get(2).length
      })
      return total
    },
    element: (tag, get) => (ENVELOPE.has(tag) ? 0 : tag.length + (get(2) ?? '').length),
  },
  all: {
    ours(bytes) {
      let total = 0
      ours(bytes, (s) => {
        const { tag } = s
        if (ENVELOPE.has(tag)) return
        total += tag.length
        for (let k = 1; k <= s.elementCount; k++) total += s.get(k).length
      })
      return total
    },
    element(tag, get, count) {
      if (ENVELOPE.has(tag)) return 0
      let total = tag.length
      for (let k = 1; k <= count; k++) total += (get(k) ?? '').length
      return total
    },
  },
}

const nodeX12Segment = (measure, s) =>
  measure(s.tag, (k) => s.elements[k - 1]?.value, s.elements.length)

function nodeX12Parse(text, measure) {
  let total = 0
  for (const interchange of [new X12Parser(true).parse(text)].flat()) {
    for (const group of interchange.functionalGroups)
      for (const set of group.transactions)
        for (const s of set.segments) total += nodeX12Segment(measure, s)
  }
  return total
}

function nodeX12Stream(bytes, measure) {
  return new Promise((resolve, reject) => {
    let total = 0
    // Strict, it takes the line end before a second ISA for a part of it.
    const parser = new X12Parser()
    parser.on('data', (s) => (total += nodeX12Segment(measure, s)))
    parser.on('end', () => resolve(total))
    parser.on('error', reject)
    chunks(bytes).pipe(parser)
  })
}

function x12Parser(bytes, measure) {
  return new Promise((resolve, reject) => {
    let total = 0
    const parser = new X12parser()
    parser.on('data', (s) => {
      const keys = Object.keys(s).length - 1
      total += measure(s.name, (k) => s[String(k)], keys)
    })
    parser.on('end', () => resolve(total))
    parser.on('error', reject)
    chunks(bytes).pipe(parser)
  })
}

const chunks = (bytes) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK)
    })(),
  )

const small = interchanges(1e6, 350)
const large = interchanges(10e6)
const goals = {
  indexed: { parse: [25, 100], stream: [5, 20], parser: [10, 50] },
  all: { parse: [12, 30], stream: [3, 6], parser: [6, 12] },
}

const results = []
for (const [name, job] of Object.entries(jobs)) {
  const goal = goals[name]
  const peer = (title, run, [must, aim], checksum) => ({ name: title, run, must, aim, checksum })
  results.push(
    ...(await compare({
      title: `X12 ${name}, 1 MB`,
      bytes: small.length,
      ours: { name: 'edi-maps', run: () => job.ours(small) },
      peers: [
        peer(
          'node-x12 parse',
          () => nodeX12Parse(small.toString('latin1'), job.element),
          goal.parse,
        ),
      ],
    })),
    ...(await compare({
      title: `X12 ${name}, 10 MB`,
      bytes: large.length,
      ours: { name: 'edi-maps', run: () => job.ours(large) },
      peers: [
        // Its stream corrupts segments at chunk borders, so its sum cannot be held against ours.
        peer('node-x12 stream', () => nodeX12Stream(large, job.element), goal.stream, false),
        peer('x12-parser stream', () => x12Parser(large, job.element), goal.parser),
      ],
    })),
  )
}
process.exitCode = results.every((row) => row.met) ? 0 : 1
