// An X.509 certificate as the codec needs it: what names it in a CMS structure, its key and its validity. Trust is not
// decided here: a certificate counts because it is pinned for a partner, whoever issued it.
import { createHash, type KeyObject, X509Certificate } from 'node:crypto'
import { Fields, octets, oidText, parse } from '../asn1/tree.js'
import { context, TAG } from '../asn1/tags.js'
import { OID } from '../cms/algorithms.js'
import { Malformed } from '../failure.js'

export interface Certificate {
  readonly der: Buffer
  /** Name of the issuer, encoded as it stands in the certificate. */
  readonly issuer: Buffer
  /** Content octets of the serial number. */
  readonly serial: Buffer
  /** subjectKeyIdentifier extension, or SHA-1 over the public key bits (RFC 5280 §4.2.1.2 method 1). */
  readonly keyId: Buffer
  readonly publicKey: KeyObject
  /** Modulus length in bits. */
  readonly keyBits: number
  readonly notBefore: Date
  readonly notAfter: Date
  /** SHA-256 over the DER, lower-case hex: how people and rows name a certificate. */
  readonly fingerprint: string
  /** Subject in one line, for people. */
  readonly subject: string
}

/** A private key and the certificates it goes by; several during a roll-over. */
export interface Identity {
  readonly certificate: Certificate
  readonly privateKey: KeyObject
}

/** Reads one certificate, PEM or DER. Throws Malformed; only RSA keys are taken. */
export function readCertificate(bytes: Buffer | string): Certificate {
  const x509 = decode(bytes)
  const { publicKey } = x509
  const keyBits = publicKey.asymmetricKeyDetails?.modulusLength
  if (publicKey.asymmetricKeyType !== 'rsa' || keyBits === undefined)
    throw new Malformed(`certificate with a ${publicKey.asymmetricKeyType ?? 'strange'} key`, 0)

  const fields = new Fields(new Fields(parse(x509.raw)).need(TAG.sequence, 'certificate'))
  fields.maybe(context(0))
  const serial = fields.need(TAG.integer, 'serial number').content
  fields.need(TAG.sequence, 'signature algorithm')
  const issuer = fields.need(TAG.sequence, 'issuer').raw
  fields.need(TAG.sequence, 'validity')
  fields.need(TAG.sequence, 'subject')
  const keyInfo = new Fields(fields.need(TAG.sequence, 'public key'))
  keyInfo.need(TAG.sequence, 'key algorithm')
  const keyOctets = keyInfo.need(TAG.bitString, 'key bits').content.subarray(1)
  fields.maybe(0x81, context(1))
  fields.maybe(0x82, context(2))
  const extensions = fields.maybe(context(3))?.children[0]?.children ?? []
  const keyIdExtension = extensions.find(
    (extension) =>
      oidText(new Fields(extension).need(TAG.oid, 'extension')) === OID.subjectKeyIdentifier,
  )
  return {
    der: x509.raw,
    issuer,
    serial,
    keyId:
      keyIdExtension === undefined
        ? createHash('sha1').update(keyOctets).digest()
        : octets(parse(keyIdExtension.children.at(-1)!.content)),
    publicKey,
    keyBits,
    notBefore: new Date(x509.validFrom),
    notAfter: new Date(x509.validTo),
    fingerprint: createHash('sha256').update(x509.raw).digest('hex'),
    subject: x509.subject.replaceAll('\n', ', '),
  }
}

function decode(bytes: Buffer | string): X509Certificate {
  try {
    return new X509Certificate(bytes)
  } catch (error) {
    throw new Malformed(`not a certificate (${(error as Error).message})`, 0)
  }
}
