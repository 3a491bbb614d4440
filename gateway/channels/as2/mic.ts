// The message integrity check: the digest by which a sender knows from the receipt that we have what it sent
// (RFC 4130 §7.3.1). Which bytes it covers is decided where they are read (open.ts) and written (seal.ts).
import { DIGEST_NAMES, type DigestName, DIGESTS } from './cms/algorithms.js'

export interface Mic {
  readonly digest: DigestName
  /** Base64. */
  readonly value: string
}

/** Digest by any of the spellings in use: `sha256`, `SHA-256`, `rsa-sha256`, `sha1`, `SHA-1`. */
export function digestNamed(name: string): DigestName | undefined {
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/^rsa-|[-_]/g, '')
  return DIGEST_NAMES.find((digest) => digest === plain)
}

/** All digests known in a comma-separated list such as `micalg` or `signed-receipt-micalg`, in its order. */
export function digestsNamed(list: string): DigestName[] {
  const names = list.split(',').map(digestNamed)
  return [...new Set(names.filter((name) => name !== undefined))]
}

/**
 * Value of Received-Content-MIC. `spelling` is how the partner wrote the algorithm: some compare the field as text.
 */
export function formatMic(mic: Mic, spelling = DIGESTS[mic.digest].micalg): string {
  return `${mic.value}, ${spelling}`
}

/** Reads Received-Content-MIC; undefined when it is not one. Base64 is compared without its blanks. */
export function parseMic(text: string): Mic | undefined {
  const [, value, name] = /^\s*([A-Za-z0-9+/=\s]+?)\s*,\s*([^,;]+?)\s*$/.exec(text) ?? []
  const digest = name === undefined ? undefined : digestNamed(name)
  return value === undefined || digest === undefined
    ? undefined
    : { digest, value: value.replace(/\s/g, '') }
}

export const sameMic = (a: Mic, b: Mic): boolean => a.digest === b.digest && a.value === b.value
