// Tokenising EDIFACT beside edifact (Parser and Reader) and staedi. `indexed` reads the tag and component 1 of element 1 of
// every segment; `all` makes a string of every component and adds up the lengths.
import edifact from 'edifact'
import { tokenizer } from '../dist/edi-maps/payload.js'
import { interchanges } from './edifact-data.mjs'
import { eachSegment } from './segments.mjs'

const ours = {
  indexed(bytes) {
    let total = 0
    eachSegment(tokenizer(), bytes, (segment) => {
      total += segment.tag.length + segment.component(1, 1).length
    })
    return total
  },
  all(bytes) {
    let total = 0
    eachSegment(tokenizer(), bytes, (segment) => {
      const { tag, elementCount } = segment
      total += tag.length
      for (let k = 1; k <= elementCount; k++)
        for (const value of segment.components(k)) total += value.length
    })
    return total
  },
}

/** Its best way: one string, one call. */
function withParser(bytes, attach) {
  const parser = new edifact.Parser()
  // Only told so it takes what is not ASCII.
  parser.encoding('UNOC')
  const sum = attach(parser)
  parser.write(bytes.toString('latin1'))
  parser.end()
  return sum()
}

const parser = {
  indexed: (bytes) =>
    withParser(bytes, (on) => {
      let total = 0
      let element = 0
      let component = 0
      on.onopensegment = (tag) => {
        total += tag.length
        element = 0
      }
      on.onelement = () => {
        element++
        component = 0
      }
      on.oncomponent = (value) => {
        if (++component === 1 && element === 1) total += value.length
      }
      on.onclosesegment = () => {}
      return () => total
    }),
  all: (bytes) =>
    withParser(bytes, (on) => {
      let total = 0
      on.onopensegment = (tag) => (total += tag.length)
      on.onelement = () => {}
      on.oncomponent = (value) => (total += value.length)
      on.onclosesegment = () => {}
      return () => total
    }),
}

const read = (bytes) => new edifact.Reader().parse(bytes.toString('latin1'))

const reader = {
  indexed(bytes) {
    let total = 0
    for (const { name, elements } of read(bytes)) {
      total += name.length + (elements[0]?.[0]?.length ?? 0)
    }
    return total
  },
  all(bytes) {
    let total = 0
    for (const { name, elements } of read(bytes)) {
      total += name.length
      for (const components of elements) for (const value of components) total += value.length
    }
    return total
  },
}

const goals = {
  indexed: { parser: [3, 8], reader: [15, 50], staedi: [5, 15] },
  all: { parser: [1, 2], reader: [8, 20] },
}

/** edifact.Reader keeps everything and slows down with size, so it is measured on 1 MB. */
export async function jobs(staedi) {
  const small = interchanges(1e6)
  const large = interchanges(10e6)
  const list = []
  for (const [name, goal] of Object.entries(goals)) {
    const peer = (title, run, [must, aim]) => ({ name: title, run, must, aim })
    const others = [peer('edifact.Parser', () => parser[name](large), goal.parser)]
    if (goal.staedi !== undefined && staedi.contestant !== undefined) {
      const [must, aim] = goal.staedi
      others.push({ ...(await staedi.contestant(large, 1)), must, aim })
    }
    list.push(
      {
        title: `EDIFACT ${name}, 1 MB`,
        bytes: small.length,
        ours: { name: 'edi-maps', run: () => ours[name](small) },
        peers: [peer('edifact.Reader', () => reader[name](small), goal.reader)],
      },
      {
        title: `EDIFACT ${name}, 10 MB`,
        bytes: large.length,
        ours: { name: 'edi-maps', run: () => ours[name](large) },
        peers: others,
      },
    )
  }
  return list
}
