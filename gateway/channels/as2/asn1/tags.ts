// Identifier octets of the ASN.1 types the codec reads and writes (X.690 §8.1.2), one byte each; multi-byte tags do
// not occur in CMS and are refused.

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  octetStringConstructed: 0x24,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const

/** Context-specific tag `[n]`, constructed (explicit, or an implicit SEQUENCE or SET). */
export const context = (n: number): number => 0xa0 | n

/** Context-specific tag `[n]`, primitive (implicit OCTET STRING, INTEGER …). */
export const contextPrimitive = (n: number): number => 0x80 | n

export const isConstructed = (tag: number): boolean => (tag & 0x20) !== 0

/** Tag as text for a message: `SEQUENCE`, `[0]`. */
export function tagName(tag: number): string {
  if ((tag & 0xc0) === 0x80) return `[${tag & 0x1f}]`
  const known = Object.entries(TAG).find(([, value]) => value === tag)
  return known === undefined ? `tag 0x${tag.toString(16).padStart(2, '0')}` : known[0].toUpperCase()
}
