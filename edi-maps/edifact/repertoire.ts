// The characters a syntax identifier (UNB 0001) has, as far as a message is held to them.

import { isLevelA } from './syntax-identifier.js'

/** By character code, those from U+00A0 on all together at 160: 1 where it may stand. */
export type Repertoire = Uint8Array

const BEYOND = 160
const of = (isIn: (char: string) => boolean): Repertoire =>
  Uint8Array.from({ length: BEYOND + 1 }, (_, code) => (isIn(String.fromCharCode(code)) ? 1 : 0))

/** Everything but control characters. */
export const PRINTED = of((char) => char >= ' ' && char !== '\x7f')
/** Of the ISO 8859 sets, which have no characters from 0x80 to 0x9F: what stands there is mostly UTF-8. */
const PARTS_OF_8859 = of((char) => isWithin(char, PRINTED) && !isUpperControl(char))
const LEVELS = new Map([
  ...[...'CDEFGHIJK'].map((letter) => [`UNO${letter}`, PARTS_OF_8859] as const),
  ['UNOA', of(isLevelA)],
  // Level B adds small letters.
  ['UNOB', of((char) => isLevelA(char.toUpperCase()))],
])

/** A control character beyond ASCII. */
export function isUpperControl(char: string): boolean {
  const code = char.charCodeAt(0)
  return code >= 0x80 && code < BEYOND
}

/** Of `UNOA:3`; of a set that has letters of other scripts all that is printed. */
export const repertoireOf = (version: string): Repertoire =>
  LEVELS.get(version.slice(0, 4)) ?? PRINTED

/** Whether all characters of a text are among those. */
export function isWithin(text: string, allowed: Repertoire): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (allowed[code < BEYOND ? code : BEYOND] === 0) return false
  }
  return true
}

/** The first character of a text that is not among those; undefined when there is none. */
export const firstOutside = (text: string, allowed: Repertoire): string | undefined =>
  [...text].find((char) => !isWithin(char, allowed))
