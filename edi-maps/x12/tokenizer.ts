// What cutting bytes into segments must know of X12: ISA headers, the binary segments BIN and BDS, and no release
// character.
import { isDelimiter, type SpecialTag } from '../scan.js'
import type { Dialect } from '../segmenter.js'
import { readBinary } from './binary.js'
import { HEADER_LIMIT, breakInHeader, readHeader } from './header.js'

const A = 65
const B = 66
const D = 68
const E = 69
const I = 73
const N = 78
const S = 83

const special: SpecialTag = (bytes, at, isSeparator) => {
  const first = bytes[at]
  const second = bytes[at + 1]
  const third = bytes[at + 2]
  const next = bytes[at + 3]!
  if (first === B) {
    const isBinary = (second === I && third === N) || (second === D && third === S)
    return isBinary && isSeparator(next) ? 'binary' : undefined
  }
  if (second === E && third === A && isSeparator(next)) return 'trailer'
  return second === S && third === A && isDelimiter(next) ? 'header' : undefined
}

export const dialect: Dialect = {
  standard: 'x12',
  headerLimit: HEADER_LIMIT,
  isHeader: (bytes, at) =>
    bytes[at] === I && bytes[at + 1] === S && bytes[at + 2] === A && isDelimiter(bytes[at + 3]!),
  readHeader,
  breakInHeader,
  specials: { tags: ['ISA', 'IEA', 'BIN', 'BDS'], of: special },
  whyNone: (text) =>
    /^(?:ST|GS)[^A-Za-z0-9\s]/.test(text)
      ? `The input begins with ${text.slice(0, 2)}: there is no interchange (ISA) around it.`
      : /^ISA[A-Za-z0-9\s]/.test(text)
        ? 'No element separator follows ISA.'
        : undefined,
  readBinary,
}
