// AES-256-GCM for payloads and their keys. `about` is bound to the bytes: they open under the same words only.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

const NONCE_BYTES = 12
const TAG_BYTES = 16
export const KEY_BYTES = 32

/** Ciphertext and tag, 16 bytes longer than `plain`. A nonce must never come twice with one key. */
export function encrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  plain: Uint8Array,
  about: Uint8Array,
): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(about)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** What `encrypt` was given. Throws when anything of it is not as it was. */
export function decrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  about: Uint8Array,
): Buffer {
  const end = sealed.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(about)
  decipher.setAuthTag(sealed.subarray(end))
  const plain = decipher.update(sealed.subarray(0, end))
  decipher.final() // GCM holds nothing back: this only checks the tag
  return plain
}

/** Encrypts under a random nonce, which stands before the ciphertext. */
export function wrap(key: Uint8Array, plain: Uint8Array, about: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  return Buffer.concat([nonce, encrypt(key, nonce, plain, Buffer.from(about))])
}

/** What `wrap` was given. Throws when anything of it is not as it was. */
export function unwrap(key: Uint8Array, wrapped: Uint8Array, about: string): Buffer {
  const nonce = wrapped.subarray(0, NONCE_BYTES)
  return decrypt(key, nonce, wrapped.subarray(NONCE_BYTES), Buffer.from(about))
}

/** The nonce of part `n` under a key that encrypts one payload only. */
export function partNonce(n: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUInt32BE(n, NONCE_BYTES - 4)
  return nonce
}
