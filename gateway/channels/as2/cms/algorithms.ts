// The algorithms the codec speaks, each with its object identifier (RFC 3370, 5084, 5754) and its name in node:crypto.
// Legacy ones are marked: they are used only where a partner's settings allow them.
import { type Asn1, Fields, octets, oidText, smallInteger } from '../asn1/tree.js'
import { TAG } from '../asn1/tags.js'
import * as der from '../asn1/write.js'
import { Malformed } from '../failure.js'

export const OID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  envelopedData: '1.2.840.113549.1.7.3',
  authEnvelopedData: '1.2.840.113549.1.9.16.1.23',
  compressedData: '1.2.840.113549.1.9.16.1.9',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  rsa: '1.2.840.113549.1.1.1',
  oaep: '1.2.840.113549.1.1.7',
  mgf1: '1.2.840.113549.1.1.8',
  pss: '1.2.840.113549.1.1.10',
  zlib: '1.2.840.113549.1.9.16.3.8',
  subjectKeyIdentifier: '2.5.29.14',
} as const

export type DigestName = 'sha1' | 'sha256' | 'sha384' | 'sha512'

export interface Digest {
  readonly oid: string
  /** Signature algorithm of RSA PKCS#1 v1.5 with this digest. */
  readonly rsaOid: string
  readonly bytes: number
  /** Spelling in `micalg` and Received-Content-MIC (RFC 5751 §3.4.3.2, RFC 4130 for SHA-1). */
  readonly micalg: string
  readonly legacy: boolean
}

export const DIGESTS: Readonly<Record<DigestName, Digest>> = {
  sha1: {
    oid: '1.3.14.3.2.26',
    rsaOid: '1.2.840.113549.1.1.5',
    bytes: 20,
    micalg: 'sha1',
    legacy: true,
  },
  sha256: {
    oid: '2.16.840.1.101.3.4.2.1',
    rsaOid: '1.2.840.113549.1.1.11',
    bytes: 32,
    micalg: 'sha-256',
    legacy: false,
  },
  sha384: {
    oid: '2.16.840.1.101.3.4.2.2',
    rsaOid: '1.2.840.113549.1.1.12',
    bytes: 48,
    micalg: 'sha-384',
    legacy: false,
  },
  sha512: {
    oid: '2.16.840.1.101.3.4.2.3',
    rsaOid: '1.2.840.113549.1.1.13',
    bytes: 64,
    micalg: 'sha-512',
    legacy: false,
  },
}

export const DIGEST_NAMES = Object.keys(DIGESTS) as DigestName[]

export type CipherName =
  'aes128-cbc' | 'aes192-cbc' | 'aes256-cbc' | 'aes128-gcm' | 'aes192-gcm' | 'aes256-gcm' | '3des'

export interface Cipher {
  readonly oid: string
  readonly node: string
  readonly mode: 'cbc' | 'gcm'
  readonly keyBytes: number
  /** Initialization vector, for GCM the nonce (RFC 5084 §3.2 recommends 12). */
  readonly ivBytes: number
  readonly blockBytes: number
  readonly legacy: boolean
}

const aes = (bits: number, mode: 'cbc' | 'gcm', last: number): Cipher => ({
  oid: `2.16.840.1.101.3.4.1.${last}`,
  node: `aes-${bits}-${mode}`,
  mode,
  keyBytes: bits / 8,
  ivBytes: mode === 'cbc' ? 16 : 12,
  blockBytes: 16,
  legacy: false,
})

export const CIPHERS: Readonly<Record<CipherName, Cipher>> = {
  'aes128-cbc': aes(128, 'cbc', 2),
  'aes192-cbc': aes(192, 'cbc', 22),
  'aes256-cbc': aes(256, 'cbc', 42),
  'aes128-gcm': aes(128, 'gcm', 6),
  'aes192-gcm': aes(192, 'gcm', 26),
  'aes256-gcm': aes(256, 'gcm', 46),
  '3des': {
    oid: '1.2.840.113549.3.7',
    node: 'des-ede3-cbc',
    mode: 'cbc',
    keyBytes: 24,
    ivBytes: 8,
    blockBytes: 8,
    legacy: true,
  },
}

/** AlgorithmIdentifier with or without parameters (already encoded). */
export const algorithm = (id: string, ...parameters: Uint8Array[]): Buffer =>
  der.sequence(der.oid(id), ...parameters)

/** An AlgorithmIdentifier taken apart. */
export interface Algorithm {
  readonly oid: string
  readonly parameters: Asn1 | undefined
}

export function readAlgorithm(item: Asn1): Algorithm {
  const fields = new Fields(item)
  const oid = oidText(fields.need(TAG.oid, 'algorithm'))
  return { oid, parameters: item.children[1] }
}

/** The digest with this identifier; SHA-2 may also be named by its RSA signature identifier, as some signers do. */
export function digestOf(oid: string): DigestName | undefined {
  return DIGEST_NAMES.find((name) => DIGESTS[name].oid === oid || DIGESTS[name].rsaOid === oid)
}

export function cipherOf(oid: string): CipherName | undefined {
  return (Object.keys(CIPHERS) as CipherName[]).find((name) => CIPHERS[name].oid === oid)
}

/** Initialization vector (CBC) or nonce and tag length (GCM, RFC 5084 §3.2) of a content encryption algorithm. */
export interface CipherParameters {
  readonly iv: Buffer
  readonly tagBytes: number
}

export function cipherParameters(cipher: Cipher, parameters: Asn1 | undefined): CipherParameters {
  if (parameters === undefined) throw new Malformed('content encryption without parameters', 0)
  if (cipher.mode === 'cbc') {
    const iv = octets(parameters)
    if (iv.length !== cipher.ivBytes)
      throw new Malformed('initialization vector of wrong length', parameters.offset)
    return { iv, tagBytes: 0 }
  }
  const fields = new Fields(parameters)
  const iv = octets(fields.need(TAG.octetString, 'nonce'))
  const length = fields.maybe(TAG.integer)
  const tagBytes = length === undefined ? 12 : smallInteger(length)
  if (iv.length !== cipher.ivBytes) throw new Malformed('nonce of wrong length', parameters.offset)
  if (tagBytes < 12 || tagBytes > 16) throw new Malformed('tag too short', parameters.offset)
  return { iv, tagBytes }
}

export function encodeCipher(cipher: Cipher, iv: Buffer): Buffer {
  const parameters =
    cipher.mode === 'cbc' ? der.octetString(iv) : der.sequence(der.octetString(iv), der.integer(16))
  return algorithm(cipher.oid, parameters)
}
