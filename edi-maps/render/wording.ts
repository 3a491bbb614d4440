// Canonical words as people read them: `requestedShip` → `requested ship`. Codes for which no word is known stay visible.
import type { CodeList } from '../code-list.js'

/** Where taking the word apart would not be understood. */
const PHRASES: Readonly<Record<string, string>> = {
  billOfLading: 'bill of lading',
  depositor: 'owner of the goods',
  gst: 'GST',
  hibc: 'HIBC',
  internalVendor: "buyer's number for the supplier",
  isbn: 'ISBN',
  markFor: 'goods are for',
  ndc: 'NDC',
  proNumber: 'PRO number',
  purchaseOrder: 'order',
  remitTo: 'pay to',
  scac: 'SCAC',
  shipFrom: 'shipped from',
  sku: 'SKU',
  vat: 'VAT',
  vatNumber: 'VAT number',
}

/** In small letters, to stand within a sentence. `x12:QQ` → `code QQ`. */
export function phrase(word: string): string {
  const [, code] = /^[a-z0-9-]+:(.*)$/s.exec(word) ?? []
  if (code !== undefined) return `code ${code}`
  if (Object.hasOwn(PHRASES, word)) return PHRASES[word]!
  return word
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Of a text that stands alone, within a sentence. */
export const lowered = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** To stand alone. */
export const label = (word: string): string => capital(phrase(word))

/** What the code lists say a word means, to stand within a sentence; a word of none of them is taken apart. */
export function meant(word: string, ...lists: readonly CodeList[]): string {
  for (const list of lists) {
    const code = list.code(word)
    const means = code === undefined ? undefined : list.meaning(code)
    if (means !== undefined) return means
  }
  return phrase(word)
}

/** The same, to stand alone. */
export const spoken = (word: string, ...lists: readonly CodeList[]): string =>
  capital(meant(word, ...lists))

/** `1 carton`, `3 cartons`. */
export const counted = (count: number, one: string, several = `${one}s`): string =>
  `${count} ${count === 1 ? one : several}`
