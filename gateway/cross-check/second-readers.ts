// The packages node-x12 and edifact as readers that share no code with ours. Both give segments in one shape.
import Parser from 'edifact/parser.js'
import { X12Parser, type X12Segment } from 'node-x12'

/** Tag, then the text of each element; components of an EDIFACT element in an array. */
export type PlainSegment = readonly [tag: string, ...elements: (string | readonly string[])[]]

/** Reads byte text (one character a byte); `strict` also checks counts and control numbers. Throws what the package throws. */
export function readWithNodeX12(text: string, strict: boolean): PlainSegment[] {
  const interchange = new X12Parser(strict).parse(text)
  if (!('functionalGroups' in interchange)) throw new Error('it found several interchanges')
  const plain = ({ tag, elements }: X12Segment): PlainSegment => [
    tag,
    ...elements.map(({ value }) => value ?? ''),
  ]
  return [
    interchange.header,
    ...interchange.functionalGroups.flatMap((group) => [
      group.header,
      ...group.transactions.flatMap(({ header, segments, trailer }) => [
        header,
        ...segments,
        trailer,
      ]),
      group.trailer,
    ]),
    interchange.trailer,
  ].map(plain)
}

/** Reads byte text. `charset` is UNB 0001. The service string advice is no segment. */
export function readWithEdifact(text: string, charset: string): PlainSegment[] {
  const found: [string, ...string[][]][] = []
  const parser = new Parser()
  parser.encoding(charset)
  parser.onopensegment = (tag) => found.push([tag])
  parser.onelement = () => found.at(-1)!.push([])
  parser.oncomponent = (data) => (found.at(-1)!.at(-1) as string[]).push(data)
  parser.onclosesegment = () => undefined
  parser.write(text)
  parser.end()
  return found
}
