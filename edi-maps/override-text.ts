// How the texts of a partner differ from those of a map: codes of his own, padding, case, length, pattern.
import type { OverrideRule } from './agreement.js'
import type { ElementDemand } from './agreed.js'
import type { ElementFacts } from './dictionary.js'
import { nearest } from './nearest.js'

/** Tells what does not hold. */
type Tell = (text: string) => void

/** The pattern a partner's text must have from its first to its last character. */
export function patternOf(text: string | undefined, tell: Tell): ElementDemand['pattern'] {
  if (text === undefined) return undefined
  try {
    return { test: new RegExp(`^(?:${text})$`, 'u'), text }
  } catch (error) {
    tell(`pattern is no regular expression: ${(error as Error).message}`)
    return undefined
  }
}

/** Both directions of `format` and `codes`; none without them. */
export function translation(
  { format, codes }: OverrideRule,
  facts: ElementFacts,
  tell: Tell,
): Pick<ElementDemand, 'toWire' | 'fromWire'> {
  if (format === undefined && codes === undefined) return {}
  const incoming = new Map<string, string>()
  const outgoing = new Map<string, string>()
  for (const [code, word] of Object.entries(codes?.in ?? {})) {
    const meant = codeOf(word, facts, tell)
    if (meant !== undefined) incoming.set(code, meant)
  }
  for (const [word, code] of Object.entries(codes?.out ?? {})) {
    const meant = codeOf(word, facts, tell)
    if (meant !== undefined) outgoing.set(meant, code)
  }
  const { pad, cut, case: letters } = format ?? {}
  return {
    toWire(text) {
      let wire = outgoing.get(text) ?? text
      if (letters !== undefined)
        wire = letters === 'upper' ? wire.toUpperCase() : wire.toLowerCase()
      if (cut !== undefined) wire = wire.slice(0, cut).trimEnd()
      if (pad === undefined) return wire
      return pad.with === ' ' ? wire.padEnd(pad.length) : wire.padStart(pad.length, pad.with)
    },
    fromWire(wire) {
      const text = pad === undefined ? wire : unpadded(wire, pad.with)
      return incoming.get(text) ?? text
    },
  }
}

/** At least one character stays: `0000` is `0`. */
function unpadded(text: string, filler: string): string {
  if (filler === ' ') return text.trimEnd()
  let at = 0
  while (at < text.length - 1 && text[at] === filler) at++
  return text.slice(at)
}

/** The standard's code for a canonical word; a code of the standard is taken as it is. */
function codeOf(word: string, { list, ref }: ElementFacts, tell: Tell): string | undefined {
  if (list === undefined) return word
  const code = list.code(word)
  if (code !== undefined) return code
  if (list.has(word)) return word
  const meant = nearest(
    word,
    list.codes.flatMap((one) => list.word(one) ?? one),
  )
  tell(
    `${word} is neither a word nor a code of ${list.title} (${ref}); nearest: ${meant ?? 'none'}`,
  )
  return undefined
}
