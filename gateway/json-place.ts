// Where a text stops being JSON. JSON.parse tells the place of some errors only, and never the line.

const SPACE = /[ \t\r\n]*/y
const SCALAR =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/**
 * `line 3 column 7`, both from 1, of the first character that cannot stand there. The text is no JSON; `lines` stand
 * before it.
 */
export function jsonErrorPlace(text: string, lines = 0): string {
  const before = text.slice(0, errorOffset(text)).split('\n')
  return `line ${lines + before.length} column ${(before.at(-1)?.length ?? 0) + 1}`
}

function errorOffset(text: string): number {
  let at = 0
  const skip = (pattern: RegExp) => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    at += found?.[0].length ?? 0
    return found !== null
  }
  const take = (character: string) => {
    skip(SPACE)
    if (text[at] !== character) return false
    at++
    return true
  }
  const key = () => {
    skip(SPACE)
    return text[at] === '"' && skip(SCALAR) && take(':')
  }
  /** How the lists and objects end that are open. A list of our own: the stack is too short for what nests deeply. */
  const open: string[] = []
  for (;;) {
    if (open.at(-1) === '}' && !key()) return at
    const end = take('[') ? ']' : take('{') ? '}' : undefined
    if (end === undefined && !skip(SCALAR)) return at
    if (end !== undefined && !take(end)) {
      open.push(end)
      continue
    }
    // A value has ended, and perhaps what it stands in.
    while (open.length > 0 && !take(',')) if (!take(open.pop()!)) return at
    if (open.length > 0) continue
    skip(SPACE)
    return at
  }
}
