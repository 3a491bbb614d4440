// What a finding on a wrong code says would have been right.
import type { CodeList } from './code-list.js'
import { nearest } from './nearest.js'

const NAMED = 3

/** The codes of a complete list: the nearest and the first ones with what they mean, the others in order. */
export function expectedCodes(list: CodeList, value: string): string {
  const codes = [...list.codes].sort()
  const close = nearest(value, codes)
  const first = codes.filter((code) => code !== close)
  if (close !== undefined) first.unshift(close)
  const named = first.slice(0, NAMED).map((code) => `${code} (${list.meaning(code) ?? ''})`)
  const others = first.slice(NAMED)
  return others.length === 0 ? named.join(', ') : `${named.join(', ')}, or ${others.join(', ')}`
}
