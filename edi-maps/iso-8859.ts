// The parts 2 to 9 of ISO 8859: 256 characters each, the first 160 as in ISO 8859-1.
import runs from './iso-8859.json' with { type: 'json' }

export type Iso8859 = keyof typeof runs

/** `[first byte, its code point, how many follow each other]` where a part differs from part 1; -1 = no character. */
const RUNS = runs as unknown as Readonly<Record<Iso8859, readonly (readonly number[])[]>>
const NONE = -1

interface Part {
  /** Code point of each byte. A byte that is no character stays its own code point, so that it is not lost. */
  readonly points: readonly number[]
  readonly bytes: ReadonlyMap<number, number>
}
const parts = new Map<Iso8859, Part>()

function partOf(name: Iso8859): Part {
  const known = parts.get(name)
  if (known !== undefined) return known
  const points = Array.from({ length: 256 }, (_, byte) => byte)
  const isNone = new Set<number>()
  for (const [first = 0, point = 0, count = 0] of RUNS[name]) {
    for (let k = 0; k < count; k++) {
      if (point === NONE) isNone.add(first + k)
      else points[first + k] = point + k
    }
  }
  const bytes = new Map<number, number>()
  for (const [byte, point] of points.entries()) if (!isNone.has(byte)) bytes.set(point, byte)
  const part = { points, bytes }
  parts.set(name, part)
  return part
}

export const isIso8859 = (name: string): name is Iso8859 => Object.hasOwn(RUNS, name)

/** Text of a byte text. */
export function decodeIso8859(text: string, name: Iso8859): string {
  const { points } = partOf(name)
  let out = ''
  for (let at = 0; at < text.length; at++) out += String.fromCharCode(points[text.charCodeAt(at)]!)
  return out
}

/** Byte text of a text; undefined when the part has not all of its characters. */
export function encodeIso8859(value: string, name: Iso8859): string | undefined {
  const { bytes } = partOf(name)
  let out = ''
  for (let at = 0; at < value.length; at++) {
    const byte = bytes.get(value.charCodeAt(at))
    if (byte === undefined) return undefined
    out += String.fromCharCode(byte)
  }
  return out
}
