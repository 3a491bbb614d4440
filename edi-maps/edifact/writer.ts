// Segments to bytes. With their layout they come out as they came in; without it in the normal form: no trailing
// separators, service characters in data released, a UNA before the UNB where the standard's own characters are not in use.
import type { Charset } from '../charset.js'
import type { Issue } from '../issue.js'
import { repetitionsOf, type SegmentLayout } from '../layout.js'
import { escape, unescape } from '../release.js'
import type { ElementValue, SegmentData, ServiceCharacters } from '../segment.js'
import type { SegmentWriter, WriterOptions } from '../standard.js'
import { trim, wrap, WriteNotes, type WrittenAt } from '../write-notes.js'
import { charsetOf, FIRST_WITH_REPETITIONS, IDENTIFIER_LENGTH } from './header.js'
import { isLevelA } from './syntax-identifier.js'

/** Level A of ISO 9735 without UNA; syntax version 4 adds the repetition separator. */
export const DEFAULT_CHARACTERS: ServiceCharacters = {
  component: ':',
  element: '+',
  decimal: '.',
  release: '?',
  segment: "'",
  suffix: '\n',
}

export const segmentWriter = (options: WriterOptions = {}): SegmentWriter =>
  new EdifactSegmentWriter(options)

class EdifactSegmentWriter implements SegmentWriter {
  private readonly notes: WriteNotes
  private characters: ServiceCharacters
  private readonly charset: Charset | undefined
  private charsetOfHeader: Charset | undefined
  /** UNOA to be sent: what is no capital becomes one. */
  private isLevelA = false
  private readonly options: WriterOptions

  constructor(options: WriterOptions) {
    this.characters = options.characters ?? DEFAULT_CHARACTERS
    this.charset = options.charset
    this.options = options
    this.notes = new WriteNotes('edifact', options)
  }

  get issues(): readonly Issue[] {
    return this.notes.issues
  }

  /** Byte text of one segment, a UNB with its UNA. A filler is only its layout. */
  write(data: SegmentData, layout?: SegmentLayout): string {
    const [tag, ...elements] = data
    if (tag === '' && elements.length === 0) return layout?.before ?? ''
    this.notes.segmentIndex++
    if (tag === 'UNB') this.useHeader(elements, layout)
    const { element: separator, segment, suffix = '\n' } = this.characters
    const texts = elements.map((value, k) => this.element(tag, k + 1, value, layout))
    const parts = [tag, ...texts]
    if (layout === undefined) {
      const isLine = /[\r\n]$/.test(segment)
      const una = tag === 'UNB' ? announcement(this.characters, textAt(elements[0], 1)) : ''
      return una + trim(parts).join(separator) + segment + (isLine ? '' : suffix)
    }
    wrap(parts, layout.breaks)
    const end = layout.unterminated === true ? '' : segment
    return (layout.before ?? '') + parts.join(separator) + end
  }

  use(characters: ServiceCharacters): void {
    this.characters = characters
  }

  /** A UNB tells the character set of what follows; read from bytes, its layout also tells the service characters. */
  private useHeader([s001]: readonly ElementValue[], layout: SegmentLayout | undefined): void {
    this.notes.segmentIndex = 1
    const identifier = textAt(s001, 1).slice(0, IDENTIFIER_LENGTH)
    this.charsetOfHeader = charsetOf(identifier)
    this.isLevelA = this.options.replaceControls === true && identifier === LEVEL_A
    if (layout?.characters !== undefined) {
      this.characters = layout.characters
      return
    }
    const isRepeating = Number(textAt(s001, 2)) >= FIRST_WITH_REPETITIONS
    const { repetition, ...others } = this.characters
    this.characters = isRepeating ? { ...others, repetition: repetition ?? '*' } : others
  }

  private element(
    tag: string,
    element: number,
    value: ElementValue,
    layout: SegmentLayout | undefined,
  ): string {
    const { component: separator, repetition } = this.characters
    const repetitions = repetitionsOf(value).map((components, r) =>
      components.map((text, c) => this.value(tag, [element, r + 1, c + 1], text, layout)),
    )
    if (repetitions.length > 1 && repetition === undefined) {
      const what = `${tag}${String(element).padStart(2, '0')}`
      const text = `${what} repeats, but there is no repetition separator.`
      this.notes.refuse({ tag, element }, '', text)
    }
    const texts = repetitions.map((parts) =>
      (layout === undefined ? trim(parts) : parts).join(separator),
    )
    return (layout === undefined ? trim(texts) : texts).join(repetition ?? '')
  }

  /** Byte text of a value with its service characters released. */
  private value(
    tag: string,
    at: readonly [element: number, repetition: number, component: number],
    text: string,
    layout: SegmentLayout | undefined,
  ): string {
    const isHere = (place: readonly [number, number, number, ...unknown[]]) =>
      at.every((n, k) => n === place[k])
    const [element, , component] = at
    const place = { tag, element, component }
    const charset = layout?.latin1?.some(isHere)
      ? 'latin1'
      : (this.charset ?? this.charsetOfHeader ?? 'auto')
    const asSent = layout?.escaped?.find(isHere)?.[3]
    if (asSent !== undefined && unescape(asSent, this.characters) === text) {
      return this.notes.encoded(asSent, charset, place)
    }
    const bytes = this.notes.encoded(text, charset, place)
    return escape(this.clean(bytes, place), this.characters)
  }

  /** Takes out what may not stand in a value: separators where nothing can release them, control characters. */
  private clean(text: string, at: WrittenAt): string {
    const { element, component, segment, repetition = '', release } = this.characters
    const { replacement, replaceControls = false } = this.options
    const separators = release === undefined ? [element, component, segment, repetition] : []
    const found = separators.filter((one) => one !== '' && text.includes(one))
    if (found.length > 0 && replacement === undefined) {
      const why = `“${text}” contains ${found.join(' ')}, which separates data and cannot be released.`
      this.notes.refuse(at, text, why)
      return text
    }
    let clean = this.isLevelA ? text.toUpperCase() : text
    for (const separator of found) clean = clean.replaceAll(separator, replacement ?? ' ')
    if (replaceControls && CONTROLS.test(clean)) {
      clean = clean.replace(new RegExp(CONTROLS, 'g'), replacement ?? ' ')
    }
    if (this.isLevelA && !isLevelA(clean)) {
      if (replacement === undefined) {
        this.notes.refuse(at, text, `UNOA cannot write “${text}”.`)
        return clean
      }
      clean = [...clean].map((char) => (isLevelA(char) ? char : replacement)).join('')
    }
    if (clean !== text) this.notes.replaced(at, text, clean)
    return clean
  }
}

const LEVEL_A = 'UNOA'
const CONTROLS = /[\0-\x1f\x7f]/

const textAt = (value: ElementValue | undefined, component: number): string =>
  repetitionsOf(value ?? '')[0]?.[component - 1] ?? ''

/** The UNA: left out only before a UNB of level A that uses the standard's characters. */
function announcement(characters: ServiceCharacters, identifier: string): string {
  const { component, element, decimal = '.', release = ' ', repetition = ' ', segment } = characters
  const una = component + element + decimal + release + repetition + segment
  const { suffix = '\n' } = characters
  return identifier === LEVEL_A && una === USUAL ? '' : `UNA${una}${suffix}`
}

const USUAL = ":+.? '"
