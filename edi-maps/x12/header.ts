// Finds an ISA header in bytes and discovers its delimiters from where they stand, not from where they should
// stand: partners squeeze or stretch the fixed widths. X12 00401 ISA; ISA11 as repetition separator from 00402.
import { utf8Length } from '../charset.js'
import { isBreak } from '../line-wrap.js'
import type { ServiceCharacters } from '../segment.js'
import type { Header } from '../segmenter.js'

const SEPARATORS = 16
/** Characters of each element of an ISA. */
export const ISA_WIDTHS = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1]
/** Where its separators stand, and behind the last element its terminator. */
const FIXED = ISA_WIDTHS.reduce<number[]>((at, width) => [...at, at.at(-1)! + 1 + width], [3])
/** How far the 16th separator is looked for: three times the right place. */
export const HEADER_LIMIT = 320
/** Bytes after the 16th separator needed to tell what ends the segment. */
const LOOKAHEAD = 16

type Fault = Header['faults'][number]
const WIDTH_WRONG: Fault = {
  code: 'interchange-width-wrong',
  text: 'The elements of the ISA segment do not have their fixed widths.',
}
const CUT_OFF: Fault = {
  code: 'segment-unterminated',
  text: 'The input ends within the ISA segment.',
}
const BROKEN = {
  'element-separator-invalid': 'The byte after ISA cannot be an element separator.',
  'component-separator-invalid': 'ISA16 cannot be a component separator.',
  'segment-terminator-invalid':
    'What follows ISA16 cannot be a segment terminator; an ISA element may be missing.',
} as const

const isAlphanumeric = (text: string, at: number): boolean => /^[A-Za-z0-9]$/.test(text.charAt(at))

/** A line break among the elements of the ISA at `at`; -1 = none up to `length` or its last element. */
export function breakInHeader(bytes: Uint8Array, at: number, length: number): number {
  const to = Math.min(at + HEADER_LIMIT, length)
  let separators = 0
  for (let k = at; k < to && separators < SEPARATORS; k++) {
    if (bytes[k] === bytes[at + 3]) separators++
    if (isBreak(bytes[k])) return k
  }
  return -1
}

/**
 * Reads the header at the start of `text` (byte text from the `I` on). `'more'`: it takes more bytes to say;
 * `undefined`: this is no ISA segment. `isLast`: there are no more bytes; a header cut off then has as many
 * separators as there are, and no terminator.
 */
export function readHeader(text: string, isLast: boolean): Header | 'more' | undefined {
  const element = text.charAt(3)
  const separators: number[] = []
  const limit = Math.min(text.length, HEADER_LIMIT)
  for (let at = 3; at < limit && separators.length < SEPARATORS; at++) {
    if (text.charAt(at) === element) separators.push(at)
  }
  if (separators.length < SEPARATORS) {
    if (text.length >= HEADER_LIMIT) return undefined
    if (!isLast) return 'more'
    // ISA01 always has two characters; anything else is text that happens to have these letters.
    if (text.length > 6 && text.charAt(6) !== element) return undefined
    return {
      characters: { element, component: '', segment: '', suffix: '' },
      start: 0,
      cut: { separators, stop: text.length },
      faults: [CUT_OFF],
      length: text.length,
      isReadable: false,
    }
  }
  const last = separators[SEPARATORS - 1]!
  if (text.length < last + 2 + LOOKAHEAD && !isLast) return 'more'
  if (isBreak(text.charCodeAt(last + 2)) && !isLast && text.length < HEADER_LIMIT) {
    if (lineEnd(text, last + 2) === undefined) return 'more'
  }
  const { component, stop, segment } = ending(text, last + 1, element)
  const repetition = text.slice(separators[10]! + 1, separators[11])
  const version = text.slice(separators[11]! + 1, separators[12])
  const characters: ServiceCharacters = {
    element,
    component,
    segment,
    ...(version >= '00402' && /^[^A-Za-z0-9\s]$/.test(repetition) && repetition !== element
      ? { repetition }
      : {}),
    suffix: suffix(text, stop + segment.length),
  }
  const faults: Fault[] = []
  if ([...separators, stop].some((at, k) => at !== FIXED[k])) faults.push(WIDTH_WRONG)
  if (segment === '') faults.push(CUT_OFF)
  const broken = segment === '' ? undefined : brokenBy(text, characters)
  if (broken !== undefined) faults.push({ code: broken, text: BROKEN[broken] })
  return {
    characters,
    start: 0,
    cut: { separators, stop },
    faults,
    length: stop + segment.length,
    isReadable: broken === undefined && segment !== '',
  }
}

/** ISA16 and the terminator, from what stands between the 16th separator and the next segment. */
function ending(
  text: string,
  at: number,
  element: string,
): { component: string; stop: number; segment: string } {
  const nextAt = (from: number): boolean =>
    ['GS', 'TA1', 'IEA', 'ISB', 'ISE'].some((tag) => text.startsWith(tag + element, from))
  // ISA16 left out: the terminator follows the separator and the group follows at once.
  if (nextAt(at + 1)) return { component: '', stop: at, segment: text.charAt(at) }
  // The same, with a line break after the terminator: then the next line ends like this one.
  const end = lineEnd(text, at + 1)
  if (
    isBreak(text.charCodeAt(at + 1)) &&
    end !== undefined &&
    text.charAt(end - 1) === text.charAt(at)
  ) {
    return { component: '', stop: at, segment: text.charAt(at) }
  }
  let stop = Math.min(at + 1, text.length)
  // Blanks before the terminator are part of ISA16 as sent, unless the blank is the terminator.
  for (let k = stop; text.charAt(k) === ' ' && k < at + LOOKAHEAD; k++) {
    const tail = text.slice(k + 1, k + 4)
    if (/^[^\sA-Za-z0-9](\s|[A-Z])/.test(tail) && !nextAt(k + 1)) stop = k + 1
  }
  const length = utf8Length(text, stop)
  return {
    component: text.charAt(at),
    stop,
    segment: text.slice(stop, stop + (length > 1 ? length : 1)),
  }
}

/** Where the line ends that follows the break at `at`. */
function lineEnd(text: string, at: number): number | undefined {
  const start = text.startsWith('\r\n', at) ? at + 2 : at + 1
  for (let k = start; k < text.length; k++) if (isBreak(text.charCodeAt(k))) return k
  return undefined
}

function suffix(text: string, at: number): '' | '\n' | '\r\n' {
  return text.startsWith('\r\n', at) ? '\r\n' : text.startsWith('\n', at) ? '\n' : ''
}

function brokenBy(
  text: string,
  { element, component, segment }: ServiceCharacters,
): keyof typeof BROKEN | undefined {
  if (utf8Length(text, 3) > 1) return 'element-separator-invalid'
  if (segment === element || isAlphanumeric(segment, 0)) return 'segment-terminator-invalid'
  if (component === element || component === segment || isAlphanumeric(component, 0)) {
    return 'component-separator-invalid'
  }
  return undefined
}
