// File name patterns: `*` any run of characters, `?` one, `[a-z]` a class, `{edi,x12}` alternatives. Matched without
// backtracking over the whole pattern, so no partner's file name can make it slow.

interface Step {
  readonly any?: true
  readonly test?: (char: string) => boolean
}

/** Alternatives a pattern may expand to. */
const MAX_ALTERNATIVES = 64

/**
 * Makes a test of a file name. Case matters unless `ignoreCase`. Throws RangeError that names the fault of a pattern
 * that cannot be understood.
 */
export function glob(
  pattern: string,
  options: { ignoreCase?: boolean } = {},
): (name: string) => boolean {
  const fold = (text: string) => (options.ignoreCase ? text.toLowerCase() : text)
  const lists = expand(pattern).map((one) => compile(fold(one)))
  return (name) => {
    const chars = [...fold(name)]
    return lists.some((steps) => matches(steps, chars))
  }
}

/** True when any of the patterns matches; an empty list matches nothing. */
export function anyGlob(
  patterns: readonly string[],
  options: { ignoreCase?: boolean } = {},
): (name: string) => boolean {
  const tests = patterns.map((pattern) => glob(pattern, options))
  return (name) => tests.some((test) => test(name))
}

function expand(pattern: string): string[] {
  let done: string[] = ['']
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!
    if (char !== '{') {
      done = done.map((text) => text + char)
      continue
    }
    const end = pattern.indexOf('}', at)
    if (end < 0) throw new RangeError(`"${pattern}": { is not closed`)
    const choices = pattern.slice(at + 1, end).split(',')
    done = done.flatMap((text) => choices.map((choice) => text + choice))
    if (done.length > MAX_ALTERNATIVES) throw new RangeError(`"${pattern}": too many alternatives`)
    at = end
  }
  return done
}

function compile(pattern: string): Step[] {
  const chars = [...pattern]
  const steps: Step[] = []
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!
    if (char === '*') steps.push({ any: true })
    else if (char === '?') steps.push({ test: () => true })
    else if (char === '[') {
      const end = chars.indexOf(']', at + 2)
      if (end < 0) throw new RangeError(`"${pattern}": [ is not closed`)
      steps.push({ test: characterClass(chars.slice(at + 1, end)) })
      at = end
    } else steps.push({ test: (other) => other === char })
  }
  return steps
}

function characterClass(chars: readonly string[]): (char: string) => boolean {
  const negated = chars[0] === '!' || chars[0] === '^'
  const list = negated ? chars.slice(1) : chars
  const ranges: [string, string][] = []
  for (let at = 0; at < list.length; at++) {
    const from = list[at]!
    const to = list[at + 1] === '-' ? list[at + 2] : undefined
    ranges.push([from, to ?? from])
    if (to !== undefined) at += 2
  }
  return (char) => ranges.some(([from, to]) => char >= from && char <= to) !== negated
}

/** The two-pointer match: only the last `*` is ever gone back to, so the time is at most length times length. */
function matches(steps: readonly Step[], chars: readonly string[]): boolean {
  let step = 0
  let at = 0
  let star = -1
  let mark = 0
  while (at < chars.length) {
    const current = steps[step]
    if (current?.any) {
      star = step++
      mark = at
    } else if (current?.test?.(chars[at]!)) {
      step++
      at++
    } else if (star >= 0) {
      step = star + 1
      at = ++mark
    } else return false
  }
  while (steps[step]?.any) step++
  return step === steps.length
}
