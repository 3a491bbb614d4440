// The release character: what stands after it is data, whatever it would mean otherwise. EDIFACT only (ISO 9735); X12
// has none.
import type { ServiceCharacters } from './segment.js'

/** A value as on the wire to the value; a release character at the end, with nothing to release, stays. */
export function unescape(text: string, { release }: ServiceCharacters): string {
  if (release === undefined) return text
  let found = text.indexOf(release)
  if (found < 0) return text
  let value = ''
  let from = 0
  while (found >= 0 && found < text.length - 1) {
    value += text.slice(from, found)
    from = found + 1
    found = text.indexOf(release, from + 1)
  }
  return value + text.slice(from)
}

/** A value to what is written: every service character in it is released. Without a release character: unchanged. */
export function escape(value: string, characters: ServiceCharacters): string {
  const { element, component, segment, repetition = '', release } = characters
  if (release === undefined) return value
  let text = ''
  for (const char of value) {
    const isService =
      char === release ||
      char === element ||
      char === component ||
      char === segment ||
      char === repetition
    text += isService ? release + char : char
  }
  return text
}
