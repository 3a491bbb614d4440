// RSA PKCS#1 v1.5 key transport, which most AS2 products use by default. Node refuses to decrypt it where its OpenSSL
// has no implicit rejection (CVE-2023-46809), so the padding is taken off here: without branches on secret bytes, and
// with implicit rejection, so that a wrong padding gives a key like any other and cannot be told from a right one.
import { constants, createHash, createHmac, type KeyObject, privateDecrypt } from 'node:crypto'

/**
 * The key of `keyBytes` bytes in `encrypted`; for a wrong padding or length another key, the same one each time for
 * the same bytes (as OpenSSL 3.2 does it): repeating a message tells an attacker nothing. Never throws for its input.
 */
export function unwrapPkcs1(privateKey: KeyObject, encrypted: Buffer, keyBytes: number): Buffer {
  const substitute = rejectionKey(privateKey, encrypted, keyBytes)
  const modulusBytes = (privateKey.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  let block: Buffer
  try {
    block = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encrypted)
  } catch {
    // The number is not below the modulus, or of another length: visible to anyone, so no secret is told.
    return substitute
  }
  return unpad(block, modulusBytes, keyBytes, substitute)
}

/** EME-PKCS1-v1_5 (RFC 8017 §7.2.2) for a message of known length: 00 02 nonzero… 00 key. */
function unpad(block: Buffer, modulusBytes: number, keyBytes: number, substitute: Buffer): Buffer {
  const separator = modulusBytes - keyBytes - 1
  let wrong = block.length ^ modulusBytes
  wrong |= block[0]! | (block[1]! ^ 2) | block[separator]!
  for (let index = 2; index < separator; index++) wrong |= isZero(block[index]!)
  // All ones when anything was wrong, else zero.
  const mask = -(((wrong | -wrong) >>> 31) & 1)
  const key = Buffer.alloc(keyBytes)
  for (let index = 0; index < keyBytes; index++) {
    const good = block[separator + 1 + index]!
    key[index] = (good & ~mask) | (substitute[index]! & mask)
  }
  return key
}

/** 1 for 0, 0 for 1…255. */
const isZero = (byte: number): number => ((byte - 1) >>> 31) & 1

const secrets = new WeakMap<KeyObject, Buffer>()

/** What a rejected message is "decrypted" with: secret, and a function of the private key and the bytes alone. */
export function rejectionKey(privateKey: KeyObject, encrypted: Buffer, keyBytes: number): Buffer {
  let secret = secrets.get(privateKey)
  if (secret === undefined) {
    const { d } = privateKey.export({ format: 'jwk' })
    secret = createHash('sha256').update(`implicit rejection ${d}`).digest()
    secrets.set(privateKey, secret)
  }
  return createHmac('sha256', secret).update(encrypted).digest().subarray(0, keyBytes)
}
