// A code list: the codes of one data element and the canonical words they stand for. The data are JSON files beside
// the syntax they belong to (x12/codes/355.json); nothing here knows one of them.

/** A list as it stands in its file. `closed`: it is complete, so any other code is invalid. */
export interface CodeListData {
  readonly element: string
  readonly title: string
  readonly closed: boolean
  /** By code. Without `word` the code is known but has no canonical word; `out` marks the one written for its word. */
  readonly codes: Readonly<
    Record<string, { readonly word?: string; readonly means: string; readonly out?: boolean }>
  >
}

export interface CodeList {
  /** Reference number of the data element, e.g. `355`: the key under which extras keep a code that is not preferred. */
  readonly element: string
  readonly title: string
  readonly closed: boolean
  /** Canonical word of a code. A code of an open list that is not in it gives `<namespace>:<code>`. */
  word(code: string): string | undefined
  /** The code to write for a word; a word that came from an unknown code gives that code back. */
  code(word: string): string | undefined
  /** Whether a code is the one written for its word. */
  isUsual(code: string): boolean
  has(code: string): boolean
  /** What the list says of a code; undefined when it is not in it. */
  coded(code: string): Coded | undefined
  /** What the code means, in our own words. */
  meaning(code: string): string | undefined
  /** All codes, for messages. */
  readonly codes: readonly string[]
}

/** `namespace` marks words made from unknown codes: `x12` gives `x12:QQ`. */
export function codeList(data: CodeListData, namespace: string): CodeList {
  const known = new Map<string, Coded>()
  const codes = new Map<string, string>()
  const prefix = `${namespace}:`
  for (const [code, { word, out }] of Object.entries(data.codes)) {
    if (word !== undefined && (out === true || !codes.has(word))) codes.set(word, code)
  }
  for (const [code, { word, means }] of Object.entries(data.codes)) {
    known.set(code, { word, means, isUsual: word !== undefined && codes.get(word) === code })
  }
  // The same few codes are asked for all the time, most as the same string (common-text.ts).
  const asked = Array.from({ length: ASKED }, () => '')
  const found = Array.from({ length: ASKED }, () => known.get(''))
  const find = (code: string) => {
    const place = (3 * code.charCodeAt(0) + 7 * code.charCodeAt(code.length - 1)) & (ASKED - 1)
    if (asked[place] !== code) {
      asked[place] = code
      found[place] = known.get(code)
    }
    return found[place]
  }
  return {
    element: data.element,
    title: data.title,
    closed: data.closed,
    codes: Object.keys(data.codes),
    word(code) {
      const known = find(code)
      return known !== undefined ? known.word : data.closed ? undefined : prefix + code
    },
    isUsual: (code) => find(code)?.isUsual ?? !data.closed,
    code: (word) =>
      codes.get(word) ?? (word.startsWith(prefix) ? word.slice(prefix.length) : undefined),
    has: (code) => find(code) !== undefined,
    coded: find,
    meaning: (code) => find(code)?.means,
  }
}

const ASKED = 64

/** A code that is in the list. `isUsual`: it is the one written for its word. */
export interface Coded {
  readonly word: string | undefined
  readonly means: string
  readonly isUsual: boolean
}
