// Which standard an input is written in, told by its first bytes.
import { byteText } from './charset.js'
import { edifact } from './edifact/index.js'
import type { Syntax } from './standard.js'
import { x12 } from './x12/index.js'

/** Every standard there is. */
export const SYNTAXES: readonly Syntax[] = [x12, edifact]

/** How many of the first bytes are looked at; a caller has enough with these. */
const DETECT_BYTES = 4096

/** How the header of each standard begins: not in the middle of a word, and followed by a separator. */
const HEADERS: readonly { standard: Syntax['standard']; pattern: RegExp }[] = [
  { standard: 'x12', pattern: /(?<![A-Za-z0-9])ISA[^A-Za-z0-9\s]/ },
  { standard: 'edifact', pattern: /(?<![A-Za-z0-9])(?:UNA[^]{6}\s*UNB|UNB[^A-Za-z0-9\s])/ },
]

/** How a transaction begins that has no interchange around it: its standard can say so. */
const ORPHANS: typeof HEADERS = [
  { standard: 'x12', pattern: /^\s*(?:ST|GS)[^A-Za-z0-9\s]/ },
  { standard: 'edifact', pattern: /^\s*(?:UNA[^]{5,6}\s*)?UN[HG][^A-Za-z0-9\s]/ },
]

/** The standard whose header comes first in the bytes; without a header that of a lone transaction; else undefined. */
export function detect(firstBytes: Uint8Array): Syntax['standard'] | undefined {
  const text = byteText(firstBytes, 0, Math.min(firstBytes.length, DETECT_BYTES))
  const found = HEADERS.map(({ standard, pattern }) => ({ standard, at: text.search(pattern) }))
  const [first] = found.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)
  return first?.standard ?? ORPHANS.find(({ pattern }) => pattern.test(text))?.standard
}

/** The syntax of a standard; undefined for one that is not built in. */
export const syntaxOf = (standard: string | undefined): Syntax | undefined =>
  SYNTAXES.find((syntax) => syntax.standard === standard)
