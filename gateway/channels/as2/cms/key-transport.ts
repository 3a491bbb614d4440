// Content-encryption keys on their way to a recipient: RSA PKCS#1 v1.5 and RSAES-OAEP (RFC 3370 §4.2.1, RFC 3560).
import { constants, type KeyObject, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto'
import * as der from '../asn1/write.js'
import { Malformed } from '../failure.js'
import type { Identity } from '../keys/certificate.js'
import { algorithm, type Algorithm, type DigestName, OID } from './algorithms.js'
import { rejectionKey, unwrapPkcs1 } from './pkcs1.js'
import { encodeOaep, readOaep } from './rsa-parameters.js'

export type KeyTransport = 'rsa' | 'oaep-sha1' | 'oaep-sha256' | 'oaep-sha384' | 'oaep-sha512'

/** AlgorithmIdentifier of a transport. */
export function encodeTransport(transport: KeyTransport): Buffer {
  const digest = oaepDigest(transport)
  return digest === undefined ? algorithm(OID.rsa, der.NULL) : encodeOaep(digest)
}

export function wrapKey(transport: KeyTransport, publicKey: KeyObject, key: Buffer): Buffer {
  const digest = oaepDigest(transport)
  return digest === undefined
    ? publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key)
    : publicEncrypt(
        { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: digest },
        key,
      )
}

export function readTransport(algorithmId: Algorithm): KeyTransport {
  if (algorithmId.oid === OID.rsa) return 'rsa'
  if (algorithmId.oid !== OID.oaep)
    throw new Malformed(`key transport ${algorithmId.oid} is not supported`, 0)
  return `oaep-${readOaep(algorithmId)}`
}

/** The content-encryption key; one that decrypts nothing when the wrapping is wrong (see pkcs1.ts). */
export function unwrapKey(
  transport: KeyTransport,
  privateKey: KeyObject,
  encrypted: Buffer,
  keyBytes: number,
): Buffer {
  const digest = oaepDigest(transport)
  if (digest === undefined) return unwrapPkcs1(privateKey, encrypted, keyBytes)
  const padding = constants.RSA_PKCS1_OAEP_PADDING
  try {
    const key = privateDecrypt({ key: privateKey, padding, oaepHash: digest }, encrypted)
    if (key.length === keyBytes) return key
  } catch {
    // OAEP hides why it failed; going on with a useless key makes the failure look like every other one.
  }
  return rejectionKey(privateKey, encrypted, keyBytes)
}

/**
 * Proves at start that this private key opens what its certificate closes, on this build of Node, by every transport
 * partners use: Node 20 refuses one of them through its ordinary call, and later ones treat it their own way.
 */
export function proveTransport({ certificate, privateKey }: Identity): void {
  for (const transport of ['rsa', 'oaep-sha1', 'oaep-sha256'] as const) {
    const key = randomBytes(32)
    const wrapped = wrapKey(transport, certificate.publicKey, key)
    if (!unwrapKey(transport, privateKey, wrapped, key.length).equals(key))
      throw new Error(
        `the private key does not open what is encrypted for ${certificate.subject} (${transport})`,
      )
  }
}

function oaepDigest(transport: KeyTransport): DigestName | undefined {
  return transport === 'rsa' ? undefined : (transport.slice('oaep-'.length) as DigestName)
}
