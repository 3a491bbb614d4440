// Finds out how an interchange is to be read from its UNA, or from its UNB where there is none: service characters,
// syntax version, character set. ISO 9735 (syntax versions 1 to 4).
import type { Charset } from '../charset.js'
import { isBreak } from '../line-wrap.js'
import { unescape } from '../release.js'
import type { ServiceCharacters } from '../segment.js'
import type { Header } from '../segmenter.js'

/** How far the end of the UNB is looked for. */
export const HEADER_LIMIT = 1024
/** `UNA` and its six characters. */
const UNA_LENGTH = 9

type Fault = Header['faults'][number]

/** What service characters are without a UNA, by the element separator that follows `UNB`. */
const PRINTABLE = { component: ':', release: '?', segment: "'", reserved: '*' } as const
/** Level B of syntax versions 1 to 3: no release character. */
const CONTROLS = { component: '\x1f', release: undefined, segment: '\x1c', reserved: ' ' } as const
const CONTROLS_ELEMENT = '\x1d'
const DECIMAL = '.'
/** From this syntax version on data elements can repeat. */
export const FIRST_WITH_REPETITIONS = 4

/** Character sets by the last letter of UNB S001 0001. UNOA and UNOB should be ASCII, and partners send anything. */
const CHARSETS: Readonly<Record<string, Charset>> = {
  UNOC: 'latin1',
  UNOD: 'iso-8859-2',
  UNOE: 'iso-8859-5',
  UNOF: 'iso-8859-7',
  UNOG: 'iso-8859-3',
  UNOH: 'iso-8859-4',
  UNOI: 'iso-8859-6',
  UNOJ: 'iso-8859-8',
  UNOK: 'iso-8859-9',
  UNOW: 'utf-8',
  UNOY: 'utf-8',
}

const IDENTIFIERS = new Map(Object.entries(CHARSETS).map(([name, charset]) => [charset, name]))

/** What follows the four letters of a syntax identifier is another component, or a separator that was damaged. */
export const IDENTIFIER_LENGTH = 4

/** How values are decoded under a syntax identifier (UNB S001 0001), as far as it says so. */
export const charsetOf = (identifier: string): Charset | undefined => CHARSETS[identifier]

/** The identifier that says a character set: for UTF-8 UNOY, for ASCII UNOB. */
export const identifierOf = (charset: Charset): string | undefined =>
  charset === 'ascii' ? 'UNOB' : charset === 'utf-8' ? 'UNOY' : IDENTIFIERS.get(charset)

/**
 * Reads the header at the start of `text` (byte text from the `U` of UNA or UNB on). `'more'`: it takes more bytes to
 * say; `undefined`: this is no header. `isAll`: there are no more bytes, or as many as the limit.
 */
export function readHeader(text: string, isAll: boolean): Header | 'more' | undefined {
  if (!text.startsWith('UNA')) return readUnb(text, 0, undefined, { faults: [], length: 0 }, isAll)
  for (const length of [UNA_LENGTH, UNA_LENGTH - 1]) {
    let start = length
    while (/\s/.test(text.charAt(start))) start++
    const unb = text.slice(start)
    if (unb.length < S001 && (unb.startsWith('UNB') || 'UNB'.startsWith(unb)) && !isAll) {
      return 'more'
    }
    if (unb.startsWith('UNB') && !(length === UNA_LENGTH && isShort(text, unb))) {
      return readWithUna(text, length, start, isAll)
    }
  }
  return undefined
}

/** Characters of a UNB that tell the syntax version: `UNB+UNOA:4+`. */
const S001 = 12

/** UNB S001 0002; NaN where it is not given. */
const versionOf = (unb: string, component: string): number => {
  const end = unb.indexOf(unb.charAt(3), 4)
  const s001 = end < 0 ? unb.slice(4) : unb.slice(4, end)
  return Number(s001.split(component)[1]?.charAt(0))
}

/** Whether the reserved blank was left out and a line break follows: the terminator stands in its place. */
const isShort = (una: string, unb: string): boolean =>
  isBreak(una.charCodeAt(UNA_LENGTH - 1)) &&
  una.charAt(UNA_LENGTH - 2) !== ' ' &&
  !(versionOf(unb, una.charAt(3)) >= FIRST_WITH_REPETITIONS)

const isAlphanumeric = (character: string): boolean => /^[A-Za-z0-9]?$/.test(character)

/** `length`: of the UNA; one character too few is read as if its reserved blank were left out. */
function readWithUna(
  text: string,
  length: number,
  start: number,
  isAll: boolean,
): Header | 'more' | undefined {
  const [component = '', element = '', decimal = '', release = '', ...rest] = text.slice(3, length)
  const isCut = length < UNA_LENGTH
  const [reserved = '', segment = ''] = isCut ? [' ', ...rest] : rest
  const separators = [component, element, segment, ...(release === ' ' ? [] : [release])]
  const faults: Fault[] = isCut
    ? [{ code: 'interchange-width-wrong', text: 'The UNA segment does not have its nine bytes.' }]
    : []
  const wrong =
    element !== text.charAt(start + 3) || isAlphanumeric(element)
      ? 'element-separator-invalid'
      : isAlphanumeric(segment)
        ? 'segment-terminator-invalid'
        : isAlphanumeric(component) ||
            release > '\x7f' ||
            new Set(separators).size < separators.length
          ? 'component-separator-invalid'
          : undefined
  // Too few characters and wrong ones: text that happens to have these letters.
  if (wrong !== undefined && isCut) return undefined
  if (wrong !== undefined) {
    faults.push({ code: wrong, text: WRONG[wrong] })
    return readUnb(text, start, undefined, { faults, length }, isAll)
  }
  const announced = {
    component,
    element,
    decimal,
    release: release === ' ' ? undefined : release,
    segment,
    reserved,
  }
  return readUnb(text, start, announced, { faults, length }, isAll)
}

const WRONG = {
  'element-separator-invalid':
    'The element separator in the UNA is not the one the UNB has; the UNA is passed over.',
  'segment-terminator-invalid':
    'The segment terminator in the UNA is a letter or digit; the UNA is passed over.',
  'component-separator-invalid':
    'The UNA gives one character two meanings, or one to a letter, a digit or a release that is not ASCII; it is passed over.',
} as const

/** What a UNA says, `reserved` being its repetition separator where the syntax version has one. */
interface Announced {
  readonly component: string
  readonly element: string
  readonly decimal: string
  readonly release: string | undefined
  readonly segment: string
  readonly reserved: string
}

/** The UNB at `start`, whose service characters are those announced or the standard's. */
function readUnb(
  text: string,
  start: number,
  announced: Announced | undefined,
  { faults, length }: Pick<Header, 'faults' | 'length'>,
  isAll: boolean,
): Header | 'more' | undefined {
  if (text.length < start + S001 && !isAll) return 'more'
  const element = text.charAt(start + 3)
  const identifier = text.slice(start + 4, start + 8)
  const isUsual = element === '+' || element === CONTROLS_ELEMENT
  if (announced === undefined && !isUsual) {
    // Text that happens to have these letters has no syntax identifier after them.
    if (!/^[A-Z]{4}[^A-Za-z0-9\s]\d/.test(text.slice(start + 4))) return undefined
  }
  const standard = element === CONTROLS_ELEMENT ? CONTROLS : PRINTABLE
  const stated = text.charAt(start + 8)
  const isStated = /^[A-Z]{4}$/.test(identifier) && !isAlphanumeric(stated) && stated !== element
  const hasNoRelease = element === PRINTABLE.release || (isStated && stated === PRINTABLE.release)
  // Named one by one: a copy of a constant with some of it replaced takes longer than all the rest.
  const said = announced ?? {
    component: isStated ? stated : standard.component,
    element,
    decimal: DECIMAL,
    release: hasNoRelease ? undefined : standard.release,
    segment: standard.segment,
    reserved: standard.reserved,
  }
  if (said.element === said.segment) return undefined
  const { reserved } = said
  const version = versionOf(text.slice(start), said.component)
  const others = [said.component, said.element, said.segment, said.release, ' ']
  const hasRepetitions = version >= FIRST_WITH_REPETITIONS && !others.includes(reserved)
  const ending = endOf(text, start, said, announced === undefined, isAll)
  if (ending === 'more') return 'more'
  const characters: ServiceCharacters = {
    component: said.component,
    element: said.element,
    segment: ending.segment,
    suffix: ending.suffix,
    decimal: said.decimal,
  }
  if (said.release !== undefined) characters.release = said.release
  if (hasRepetitions && !isAlphanumeric(reserved)) characters.repetition = reserved
  const charset = charsetOf(firstValue(text, start + 4, characters).slice(0, IDENTIFIER_LENGTH))
  return {
    characters,
    ...(charset === undefined ? {} : { charset }),
    start,
    faults,
    length,
    isReadable: true,
  }
}

/** The value that begins at `from`: what the writer finds in the segment, so that both name one character set. */
function firstValue(text: string, from: number, characters: ServiceCharacters): string {
  const { element, component, segment, repetition, release } = characters
  const separators = element + component + segment + (repetition ?? '')
  let at = from
  for (; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === release) at++
    else if (separators.includes(character)) break
  }
  return unescape(text.slice(from, at), characters)
}

/** What ends the UNB and what follows that. Without a UNA another terminator than the standard's may be in use. */
function endOf(
  text: string,
  start: number,
  said: Announced,
  isGuess: boolean,
  isAll: boolean,
): Required<Pick<ServiceCharacters, 'segment' | 'suffix'>> | 'more' {
  const { element, component, release } = said
  let end = -1
  for (let at = start + 4; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === release) at++
    else if (character === said.segment) {
      end = at
      break
    } else if (isGuess && character === 'U' && isNext(text, at, element)) {
      let last = at - 1
      while (/\s/.test(text.charAt(last))) last--
      const before = text.charAt(last)
      const isTerminator = !isAlphanumeric(before) && before !== element && before !== component
      end = isTerminator ? last : last + 1
      // Nothing stands between the UNB and these letters: they are in its data.
      if (end < at) break
      end = -1
    }
  }
  if (end < 0) return isAll ? { segment: said.segment, suffix: '' } : 'more'
  if (text.length < end + 3 && !isAll) return 'more'
  const suffix = text.startsWith('\r\n', end + 1)
    ? '\r\n'
    : text.startsWith('\n', end + 1)
      ? '\n'
      : ''
  return { segment: text.charAt(end), suffix }
}

/** Whether the segment after a UNB begins at `at`. */
const isNext = (text: string, at: number, element: string): boolean =>
  text.startsWith('UN', at) &&
  /[^A-Za-z0-9]/.test(text.charAt(at - 1)) &&
  ['UNH', 'UNG', 'UNZ'].some((tag) => text.startsWith(tag + element, at))
