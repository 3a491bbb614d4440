// Tokenising X12 beside node-x12 (parse and stream), x12-parser and staedi. `indexed` reads the tag and element 2 of every
// segment; `all` makes a string of every element and adds up the lengths. Peers trim envelope padding and give
// trailers as separate objects, so only body segments count on every side.
import { Readable } from 'node:stream'
import { X12Parser } from 'node-x12'
import { X12parser } from 'x12-parser'
import { tokenizer } from '../dist/edi-maps/payload.js'
import { CHUNK, eachSegment } from './segments.mjs'
import { interchanges } from './x12-data.mjs'

const ENVELOPE = new Set(['ISA', 'IEA', 'GS', 'GE', 'ST', 'SE'])
const NAMED = 2

const measures = {
  indexed: (tag, get) => (ENVELOPE.has(tag) ? 0 : tag.length + (get(NAMED) ?? '').length),
  all(tag, get, count) {
    if (ENVELOPE.has(tag)) return 0
    let total = tag.length
    for (let k = 1; k <= count; k++) total += (get(k) ?? '').length
    return total
  },
}

const ours = {
  indexed(bytes) {
    let total = 0
    eachSegment(tokenizer(), bytes, (segment) => {
      const { tag } = segment
      if (!ENVELOPE.has(tag)) total += tag.length + segment.get(NAMED).length
    })
    return total
  },
  all(bytes) {
    let total = 0
    eachSegment(tokenizer(), bytes, (segment) => {
      const { tag, elementCount } = segment
      if (ENVELOPE.has(tag)) return
      total += tag.length
      for (let k = 1; k <= elementCount; k++) total += segment.get(k).length
    })
    return total
  },
}

function nodeX12Parse(bytes, measure) {
  let total = 0
  for (const interchange of [new X12Parser(true).parse(bytes.toString('latin1'))].flat()) {
    for (const group of interchange.functionalGroups)
      for (const set of group.transactions)
        for (const segment of set.segments) total += nodeX12Segment(measure, segment)
  }
  return total
}

const nodeX12Segment = (measure, { tag, elements }) =>
  measure(tag, (k) => elements[k - 1]?.value, elements.length)

/** What `of` adds up over the segments a stream parser gives. */
function streamed(parser, bytes, of) {
  return new Promise((resolve, reject) => {
    let total = 0
    parser.on('data', (segment) => (total += of(segment)))
    parser.on('end', () => resolve(total))
    parser.on('error', reject)
    chunks(bytes).pipe(parser)
  })
}

// Strict, it takes the line end before a second ISA for a part of it.
const nodeX12Stream = (bytes, measure) =>
  streamed(new X12Parser(), bytes, (segment) => nodeX12Segment(measure, segment))

const x12Parser = (bytes, measure) =>
  streamed(new X12parser(), bytes, (segment) =>
    measure(segment.name, (k) => segment[String(k)], Object.keys(segment).length - 1),
  )

const chunks = (bytes) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK)
    })(),
  )

const goals = {
  indexed: { parse: [25, 100], stream: [5, 20], parser: [10, 50], staedi: [5, 15] },
  all: { parse: [12, 30], stream: [3, 6], parser: [6, 12] },
}

/** node-x12 parse keeps everything, so it is measured on 1 MB. */
export async function jobs(staedi) {
  const small = interchanges(1e6, 350)
  const large = interchanges(10e6)
  const list = []
  for (const [name, goal] of Object.entries(goals)) {
    const measure = measures[name]
    const peer = (title, run, [must, aim], checksum) => ({ name: title, run, must, aim, checksum })
    const others = [
      // Its stream corrupts segments at chunk borders, so its sum cannot be held against ours.
      peer('node-x12 stream', () => nodeX12Stream(large, measure), goal.stream, false),
      peer('x12-parser stream', () => x12Parser(large, measure), goal.parser),
    ]
    if (goal.staedi !== undefined && staedi.contestant !== undefined) {
      const [must, aim] = goal.staedi
      others.push({ ...(await staedi.contestant(large, NAMED, 'body')), must, aim })
    }
    list.push(
      {
        title: `X12 ${name}, 1 MB`,
        bytes: small.length,
        ours: { name: 'edi-maps', run: () => ours[name](small) },
        peers: [peer('node-x12 parse', () => nodeX12Parse(small, measure), goal.parse)],
      },
      {
        title: `X12 ${name}, 10 MB`,
        bytes: large.length,
        ours: { name: 'edi-maps', run: () => ours[name](large) },
        peers: others,
      },
    )
  }
  return list
}
