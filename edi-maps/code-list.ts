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
  has(code: string): boolean
  /** What the code means, in our own words. */
  meaning(code: string): string | undefined
  /** All codes, for messages. */
  readonly codes: readonly string[]
}

/** `namespace` marks words made from unknown codes: `x12` gives `x12:QQ`. */
export function codeList(data: CodeListData, namespace: string): CodeList {
  const words = new Map<string, string>()
  const codes = new Map<string, string>()
  const prefix = `${namespace}:`
  for (const [code, { word, out }] of Object.entries(data.codes)) {
    if (word === undefined) continue
    words.set(code, word)
    if (out === true || !codes.has(word)) codes.set(word, code)
  }
  return {
    element: data.element,
    title: data.title,
    closed: data.closed,
    codes: Object.keys(data.codes),
    word(code) {
      const word = words.get(code)
      if (word !== undefined) return word
      return data.closed || code in data.codes ? undefined : prefix + code
    },
    code: (word) =>
      codes.get(word) ?? (word.startsWith(prefix) ? word.slice(prefix.length) : undefined),
    has: (code) => Object.hasOwn(data.codes, code),
    meaning: (code) => (Object.hasOwn(data.codes, code) ? data.codes[code]?.means : undefined),
  }
}
