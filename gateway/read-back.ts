// Segments to bytes, read again before they are given away: what would not come back as it was given is not written.
import { finding, type Issue } from '../edi-maps/issue.js'
import { dataOf, isFiller, repetitionsOf, type SegmentLayout } from '../edi-maps/layout.js'
import { tokenizer } from '../edi-maps/payload.js'
import type { ElementValue, Segment, SegmentData } from '../edi-maps/segment.js'
import type { SegmentWriter, Syntax } from '../edi-maps/standard.js'
import { syntaxOf } from '../edi-maps/syntaxes.js'
import { trim } from '../edi-maps/write-notes.js'

export interface Given {
  readonly data: SegmentData
  /** Without it the segment is written in the normal form. */
  readonly layout?: SegmentLayout
  /** Where it came from, as people are told: `line 12`. */
  readonly place: string
}

/** One interchange: its bytes, none where a finding is an error. */
export interface Rewritten {
  readonly bytes: Uint8Array
  readonly issues: readonly Issue[]
}

/** Bytes of an interchange that are held until all of it is read back; a larger one ends at the first error. */
const MOST_HELD = 64 * 1024 * 1024

/** Writes segments, interchange by interchange. */
export async function* readBack(given: AsyncIterable<Given>): AsyncGenerator<Rewritten> {
  let interchange: OneInterchange | undefined
  for await (const one of given) {
    const [tag] = one.data
    const standard = HEADERS[tag]
    if (standard !== undefined && (interchange?.endsBefore(standard, one) ?? true)) {
      if (interchange !== undefined) yield interchange.end()
      interchange = new OneInterchange(standard)
    }
    if (interchange !== undefined) {
      interchange.add(one)
      if (interchange.isLarge) yield interchange.take()
    } else if (one.data.length === 1 && tag === '') {
      yield { bytes: Buffer.from(one.layout?.before ?? '', 'latin1'), issues: [] }
    } else {
      const text = `${one.place}: ${tag} stands before the first ${Object.keys(HEADERS).join(' or ')}.`
      yield { bytes: NOTHING, issues: [refused('x12', text, { tag })] }
    }
  }
  if (interchange !== undefined) yield interchange.end()
}

type Standard = Syntax['standard']

const HEADERS: Readonly<Record<string, Standard>> = { ISA: 'x12', UNB: 'edifact' }
const TRAILERS: ReadonlySet<string> = new Set(['IEA', 'UNZ'])
const NOTHING = new Uint8Array(0)

class OneInterchange {
  private readonly standard: Standard
  private readonly writer: SegmentWriter
  private readonly tokens = tokenizer()
  private isClosed = false
  private texts: string[] = []
  private size = 0
  private readonly waiting: Given[] = []
  private readonly issues: Issue[] = []

  constructor(standard: Standard) {
    this.standard = standard
    this.writer = syntaxOf(standard).writer()
  }

  /** Inside an interchange the header of the other standard is one where its layout says so; else a segment like others. */
  endsBefore(standard: Standard, { layout }: Given): boolean {
    return this.isClosed || standard === this.standard || layout?.characters !== undefined
  }

  get isLarge(): boolean {
    return this.size > MOST_HELD
  }

  add(given: Given): void {
    const { data, layout, place } = given
    if (TRAILERS.has(data[0])) this.isClosed = true
    const before = this.writer.issues.length
    const text = this.writer.write(data, layout)
    // Also a character the set has no place for, which is replaced where a Document is written: here nothing is changed.
    for (const issue of this.writer.issues.slice(before))
      this.issues.push({
        ...issue,
        ...{ code: 'value-not-writable', severity: 'error' },
        text: `${place}: ${issue.text}`,
      })
    if (this.issues.length > 0) return
    if (data.length > 1 || data[0] !== '') this.waiting.push(given)
    this.texts.push(text)
    this.size += text.length
    this.compare(this.tokens.push(Buffer.from(text, 'latin1')))
  }

  /** What is right up to here, to be given away at once. */
  take(): Rewritten {
    const bytes = Buffer.from(this.texts.join(''), 'latin1')
    this.texts = []
    this.size = 0
    return { bytes, issues: [] }
  }

  end(): Rewritten {
    const { issues } = this
    if (issues.length === 0) this.compare(this.tokens.end())
    const [lost] = this.waiting
    if (issues.length === 0 && lost !== undefined) this.refuse(lost, 'is not read back.')
    return issues.length > 0 ? { bytes: NOTHING, issues } : this.take()
  }

  /** Holds what was read against what was given first. */
  private compare(read: readonly Segment[]): void {
    for (const segment of read) {
      if (isFiller(segment) || this.issues.length > 0) continue
      const given = this.waiting.shift()
      const written = dataOf(segment)
      if (given === undefined) {
        const text = `${segment.tag} would be read where there is no segment.`
        this.issues.push(refused(this.standard, text, { tag: segment.tag }))
      } else this.compareOne(given, written)
    }
  }

  private compareOne(given: Given, [tag, ...elements]: SegmentData): void {
    const [givenTag, ...values] = given.data
    if (tag !== givenTag) return this.refuse(given, `would be read back as ${tag}.`)
    const count = Math.max(values.length, elements.length)
    for (let n = 0; n < count; n++) {
      const isPadded = tag === 'ISA' && given.layout === undefined
      const sent = plain(values[n] ?? '', isPadded)
      const back = plain(elements[n] ?? '', isPadded)
      if (JSON.stringify(sent) === JSON.stringify(back)) continue
      if (isPadded && n + 1 === CONTROL && Number(shown(sent)) === Number(shown(back))) continue
      if (isPadded && n + 1 === COMPONENT && sent.length === 0) continue
      const at = String(n + 1).padStart(2, '0')
      return this.refuse(
        given,
        `${tag}${at} “${shown(sent)}” would be read back as “${shown(back)}”.`,
        n + 1,
      )
    }
  }

  private refuse({ data: [tag], place }: Given, text: string, element?: number): void {
    const more = { tag, ...(element === undefined ? {} : { element }) }
    const what = element === undefined ? `${tag} ` : ''
    this.issues.push(refused(this.standard, `${place}: ${what}${text}`, more))
  }
}

/** ISA13, which the normal form fills with zeros. */
const CONTROL = 13

/** ISA16, which the normal form gives where it is missing. */
const COMPONENT = 16

/** What of an element is data: not empty components and repetitions at the end, nor the blanks that fill an ISA. */
const plain = (value: ElementValue, isPadded: boolean): string[][] => {
  const repetitions = repetitionsOf(value).map((components) =>
    trim(isPadded ? components.map((text) => text.trim()) : [...components]),
  )
  while (repetitions.at(-1)?.length === 0) repetitions.pop()
  return repetitions
}

const shown = (repetitions: readonly (readonly string[])[]) =>
  repetitions.map((components) => components.join(', ')).join('; ')

const refused = (
  standard: Standard,
  text: string,
  more: { readonly tag: string; readonly element?: number },
): Issue => finding(standard, 'value-not-writable', { offset: 0, end: 0, line: 0 }, text, more)
