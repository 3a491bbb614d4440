// What cutting bytes into segments must know of EDIFACT. A UNA is no segment: it stands in the gap before its UNB, and
// what it says in the service characters.
import { isDelimiter, type SpecialTag } from '../scan.js'
import type { Dialect } from '../segmenter.js'
import { HEADER_LIMIT, readHeader } from './header.js'

const U = 85
const N = 78
const A = 65
const B = 66
const Z = 90

const isHeader = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === U &&
  bytes[at + 1] === N &&
  (bytes[at + 2] === A || (bytes[at + 2] === B && !isWord(bytes[at + 3]!)))

/** A UNA may announce any character, a UNB is followed by none of a word. */
const isWord = (byte: number): boolean => !isDelimiter(byte) && byte > 0x20

const special: SpecialTag = (bytes, at, isSeparator) => {
  if (bytes[at + 1] !== N) return undefined
  const third = bytes[at + 2]
  const next = bytes[at + 3]!
  if (third === Z && isSeparator(next)) return 'trailer'
  if (third === A) return isWord(next) ? undefined : 'header'
  return third === B && (isSeparator(next) || isDelimiter(next)) ? 'header' : undefined
}

/** A message or group without UNB, with or without UNA. */
const ORPHAN = /^(?:UNA[^]{5,6}\s*)?(UN[HG])[^A-Za-z0-9\s]/

export const dialect: Dialect = {
  standard: 'edifact',
  headerLimit: HEADER_LIMIT,
  isHeader,
  readHeader,
  specials: { tags: ['UNA', 'UNB', 'UNZ'], of: special },
  whyNone: (text) => {
    const [, tag] = ORPHAN.exec(text) ?? []
    return tag === undefined
      ? undefined
      : `The input begins with ${tag}: there is no interchange (UNB) around it.`
  },
}
