// Segments to bytes. With their layout they come out as they came in; without it in the normal form: no trailing
// separators, ISA at its fixed widths, one suffix after each terminator.
import type { Charset } from '../charset.js'
import type { Issue } from '../issue.js'
import { repetitionsOf, type SegmentLayout } from '../layout.js'
import type { ElementValue, SegmentData, ServiceCharacters } from '../segment.js'
import type { SegmentWriter, WriterOptions } from '../standard.js'
import { trim, wrap, WriteNotes, type WrittenAt } from '../write-notes.js'
import { ISA_WIDTHS } from './header.js'

const DEFAULT_CHARACTERS: ServiceCharacters = {
  element: '*',
  component: '>',
  segment: '~',
  suffix: '\n',
}

/** ISA13 counts from 0. */
const CONTROL = 12
const CONTROLS = /[\0-\x1f\x7f]/
export const segmentWriter = (options: WriterOptions = {}): SegmentWriter =>
  new X12SegmentWriter(options)

class X12SegmentWriter implements SegmentWriter {
  private readonly notes: WriteNotes
  private characters: ServiceCharacters
  private readonly charset: Charset
  private readonly options: WriterOptions

  constructor(options: WriterOptions) {
    this.characters = options.characters ?? DEFAULT_CHARACTERS
    this.charset = options.charset ?? 'auto'
    this.options = options
    this.notes = new WriteNotes('x12', options)
  }

  get issues(): readonly Issue[] {
    return this.notes.issues
  }

  /** Byte text of one segment. A filler is only its layout. */
  write(data: SegmentData, layout?: SegmentLayout): string {
    const [tag, ...elements] = data
    if (tag === '' && elements.length === 0) return layout?.before ?? ''
    this.notes.segmentIndex++
    if (tag === 'ISA') this.useHeader(elements, layout)
    const { element: separator, segment, suffix = '\n' } = this.characters
    const latin1 = new Set(layout?.latin1?.map((at) => at.join()))
    const isNormal = layout === undefined
    const texts = elements.map((value, k) => this.element(tag, k + 1, value, latin1, isNormal))
    if (isNormal) {
      if (tag === 'ISA') this.pad(texts)
      else if (!BINARY.has(tag)) trim(texts)
      const isLine = /[\r\n]$/.test(segment)
      return [tag, ...texts].join(separator) + segment + (isLine ? '' : suffix)
    }
    if (tag === 'ISA') this.checkWidths(texts, layout)
    const parts = [tag, ...texts]
    wrap(parts, layout.breaks)
    const end = layout.unterminated === true ? '' : segment
    return (layout.before ?? '') + parts.join(separator) + end
  }

  /** Sets the service characters of what follows; an ISA without layout still sets those it names itself. */
  use(characters: ServiceCharacters): void {
    this.characters = characters
  }

  /** An ISA sets the service characters of what follows. */
  private useHeader(elements: readonly ElementValue[], layout: SegmentLayout | undefined): void {
    this.notes.segmentIndex = 1
    if (layout?.characters !== undefined) {
      this.characters = layout.characters
      return
    }
    const text = (element: number) => repetitionsOf(elements[element - 1] ?? '')[0]?.[0] ?? ''
    const { repetition, ...others } = this.characters
    const isSeparator = text(12) >= '00402' && /^[^A-Za-z0-9\s]$/.test(text(11))
    const component = text(16).trim() || others.component
    this.characters = {
      ...others,
      component,
      ...(isSeparator
        ? { repetition: text(11) }
        : repetition !== undefined && text(11) === ''
          ? { repetition }
          : {}),
      ...(others.segment === component ? { segment: '\n' } : {}),
    }
  }

  /** An ISA that came in its widths is written in them. */
  private checkWidths(texts: readonly string[], { irregular, unterminated }: SegmentLayout): void {
    if (irregular === true || unterminated === true) return
    for (const [k, width] of ISA_WIDTHS.entries()) {
      const text = texts[k] ?? ''
      if (text.length === width) continue
      const why = `ISA${pad2(k + 1)} “${text}” has ${text.length} of its ${width} characters.`
      this.notes.refuse({ tag: 'ISA', element: k + 1 }, text, why)
    }
  }

  /** Brings the elements of an ISA to their widths. */
  private pad(texts: string[]): void {
    for (const [k, width] of ISA_WIDTHS.entries()) {
      const text = (texts[k] ?? '').trim()
      if (text.length > width) {
        const long = `ISA${pad2(k + 1)} “${text}” has more than ${width} characters.`
        this.notes.refuse({ tag: 'ISA', element: k + 1 }, text, long)
      }
      const filled = k === CONTROL ? text.padStart(width, '0') : text.padEnd(width)
      texts[k] = filled.slice(0, width)
    }
    texts[ISA_WIDTHS.length - 1] = this.characters.component
  }

  private element(
    tag: string,
    element: number,
    value: ElementValue,
    latin1: Set<string>,
    isNormal: boolean,
  ): string {
    const { component, repetition = '' } = this.characters
    const repetitions = repetitionsOf(value).map((components, r) =>
      components.map((text, c) => {
        const charset = latin1.has([element, r + 1, c + 1].join()) ? 'latin1' : this.charset
        const at = { tag, element }
        if (tag === 'ISA') return this.notes.encoded(text, charset, at)
        if (BINARY.has(tag) && element === BINARY.get(tag))
          return this.notes.encoded(text, 'latin1', at)
        return this.checked(this.notes.encoded(text, charset, { ...at, component: c + 1 }), at)
      }),
    )
    if (repetitions.length > 1 && repetition === '') {
      const text = `${tag}${pad2(element)} repeats, but there is no repetition separator.`
      this.notes.refuse({ tag, element }, '', text)
    }
    if (!isNormal) return repetitions.map((parts) => parts.join(component)).join(repetition)
    const texts = repetitions.map((parts) => trim(parts).join(component))
    return trim(texts).join(repetition)
  }

  /** A value must not contain what separates values. */
  private checked(text: string, at: WrittenAt): string {
    const { element: separator, component, repetition, segment } = this.characters
    const { replacement, replaceControls = false } = this.options
    const found = [separator, component, repetition ?? '', segment].filter(
      (delimiter) => delimiter !== '' && text.includes(delimiter),
    )
    const hasControls = replaceControls && CONTROLS.test(text)
    if (found.length === 0 && !hasControls) return text
    if (found.length > 0 && replacement === undefined) {
      this.notes.refuse(at, text, `“${text}” contains ${found.join(' ')}, which separates data.`)
      return text
    }
    let clean = text
    for (const delimiter of found) clean = clean.replaceAll(delimiter, replacement ?? ' ')
    if (replaceControls) clean = clean.replace(new RegExp(CONTROLS, 'g'), replacement ?? ' ')
    this.notes.replaced(at, text, clean)
    return clean
  }
}

/** Segments with binary data, and the element it is in. */
const BINARY: ReadonlyMap<string, number> = new Map([
  ['BIN', 2],
  ['BDS', 3],
])

const pad2 = (element: number): string => String(element).padStart(2, '0')
