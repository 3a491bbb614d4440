// How CMS names a certificate: by issuer and serial number or by subject key identifier (RFC 5652 §5.3, §6.2.1).
import { type Asn1, Fields, octets } from '../asn1/tree.js'
import { context, contextPrimitive, TAG } from '../asn1/tags.js'
import * as der from '../asn1/write.js'
import { Malformed } from '../failure.js'
import type { Certificate } from '../keys/certificate.js'

export type NamedBy = 'issuer-serial' | 'key-id'

/** Whether a certificate is the one that the identifier names. Throws Malformed for another kind of identifier. */
export function certificateNamed(identifier: Asn1): (certificate: Certificate) => boolean {
  if (identifier.tag === TAG.sequence) {
    const fields = new Fields(identifier)
    const issuer = fields.need(TAG.sequence, 'issuer').raw
    const serial = fields.need(TAG.integer, 'serial number').content
    return (certificate) => certificate.issuer.equals(issuer) && certificate.serial.equals(serial)
  }
  if (identifier.tag !== contextPrimitive(0) && identifier.tag !== context(0))
    throw new Malformed('unknown kind of identifier', identifier.offset)
  const keyId = octets(identifier)
  return (certificate) => certificate.keyId.equals(keyId)
}

export function nameCertificate(certificate: Certificate, by: NamedBy): Buffer {
  return by === 'key-id'
    ? der.element(contextPrimitive(0), certificate.keyId)
    : der.sequence(certificate.issuer, der.integer(certificate.serial))
}
