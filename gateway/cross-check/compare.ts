// Whether a second reader sees in the same bytes what ours sees.
import { segmentsIn } from '../../edi-maps/payload.js'
import type { Segment } from '../../edi-maps/segment.js'
import { limitOf, MAX_BYTES } from './limits.js'
import { readWithEdifact, readWithNodeX12, type PlainSegment } from './second-readers.js'

export interface Question {
  readonly standard: 'x12' | 'edifact'
  readonly bytes: Uint8Array
  /** Bytes of our own making: counts and control numbers must please the second reader too. */
  readonly strict: boolean
}

export type CrossCheck =
  | { readonly result: 'same' }
  | {
      readonly result: 'different'
      /** Place of the first difference. */
      readonly offset: number
      readonly end: number
      readonly line: number
      readonly tag: string
      /** What differs, for people. */
      readonly text: string
    }
  | { readonly result: 'not comparable'; readonly text: string }

/** Reads whole documents; pure, and as slow and hungry as the second reader is: call it in a thread. */
export function compare({ standard, bytes, strict }: Question): CrossCheck {
  const segments = bytes.length > MAX_BYTES ? [] : tokenize(bytes)
  const limit = limitOf({ standard, size: bytes.length, segments })
  if (limit !== undefined) return { result: 'not comparable', text: limit }
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  let theirs: PlainSegment[]
  try {
    theirs =
      standard === 'x12'
        ? readWithNodeX12(text, strict)
        : readWithEdifact(text, charsetOf(segments))
  } catch (error) {
    return different(segments[0]!, `the second reader refuses it: ${(error as Error).message}`)
  }
  return firstDifference(segments, theirs)
}

function tokenize(bytes: Uint8Array): Segment[] {
  const found = segmentsIn(bytes, { charset: 'latin1' })
  return found.filter(({ tag, before }) => tag !== '' || /[^\r\n]/.test(before))
}

const charsetOf = (segments: readonly Segment[]) =>
  segments.find(({ tag }) => tag === 'UNB')?.get('1-1') ?? 'UNOA'

const different = ({ offset, end, line, tag }: Segment, text: string): CrossCheck => ({
  ...{ offset, end, line, tag, text },
  result: 'different',
})

function firstDifference(
  segments: readonly Segment[],
  theirs: readonly PlainSegment[],
): CrossCheck {
  for (const [n, ours] of segments.entries()) {
    const other = theirs[n]
    if (other === undefined)
      return different(ours, `the second reader ends before ${ours.tag}, after ${n} segments`)
    const [tag, ...elements] = other
    if (tag !== ours.tag)
      return different(ours, `the second reader sees ${JSON.stringify(tag)} here, not ${ours.tag}`)
    const count = Math.max(elements.length, ours.elementCount)
    for (let element = 1; element <= count; element++) {
      const [mine, its] = [valueOf(ours, element), textOf(elements[element - 1])]
      if (mine !== its && !isSameNumber(ours.tag, element, mine, its)) {
        const values = `${JSON.stringify(its)} where this one sees ${JSON.stringify(mine)}`
        const name = `${tag}${String(element).padStart(2, '0')}`
        return different(ours, `the second reader sees in ${name} ${values}`)
      }
    }
  }
  const last = segments.at(-1)!
  return theirs.length > segments.length
    ? different(last, `the second reader sees ${theirs.length - segments.length} segments more`)
    : { result: 'same' }
}

/** An EDIFACT element as its components, X12's as it stands: node-x12 parts neither components nor repetitions. */
const valueOf = (segment: Segment, element: number) =>
  segment.characters.release === undefined
    ? segment.raw(element)
    : trimmed(segment.components(element))

const textOf = (value: string | readonly string[] | undefined) =>
  value === undefined ? '' : typeof value === 'string' ? value : trimmed(value)

/** Empty components at the end say nothing. */
function trimmed(components: readonly string[]): string {
  const filled = components.findLastIndex((one) => one !== '')
  return JSON.stringify(components.slice(0, filled + 1)).replace('[]', '')
}

/** node-x12 reads the interchange control number as a number. */
const isSameNumber = (tag: string, element: number, a: string, b: string) =>
  ((tag === 'ISA' && element === 13) || (tag === 'IEA' && element === 2)) && Number(a) === Number(b)
