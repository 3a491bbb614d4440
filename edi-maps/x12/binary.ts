// The two segments whose data has a length and may hold any byte: BIN (BIN01 length, BIN02 data) and BDS (BDS01
// filter, BDS02 length, BDS03 data). X12 004010 elements 784 and 785.

import type { Binary } from '../segmenter.js'

/**
 * Reads the length from byte text that begins with the tag. `'more'`: the separator before the data is not in it
 * yet (`isAll`: no more is to be waited for); undefined: there is no length.
 */
export function readBinary(
  text: string,
  element: string,
  isAll: boolean,
): Binary | 'more' | undefined {
  const separators: number[] = []
  const wanted = text.startsWith('BIN') ? 2 : 3
  for (let at = 3; at < text.length && separators.length < wanted; at++) {
    if (text.charAt(at) === element) separators.push(at)
  }
  if (separators.length < wanted) return isAll ? undefined : 'more'
  const [before = 0, last = 0] = separators.slice(-2)
  const digits = text.slice(before + 1, last)
  if (!/^\d{1,15}$/.test(digits)) return undefined
  return { data: last + 1, length: Number(digits), separators }
}
