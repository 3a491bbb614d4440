// EnvelopedData (CBC) and AuthEnvelopedData (GCM), written as a stream: in definite lengths when the length of the
// content is known, else in indefinite ones.
import { type CipherGCM, createCipheriv, randomBytes } from 'node:crypto'
import { contextPrimitive, context, TAG } from '../asn1/tags.js'
import * as der from '../asn1/write.js'
import { type Chunks, coalesce } from '../bytes.js'
import type { Certificate } from '../keys/certificate.js'
import { type Cipher, type CipherName, CIPHERS, encodeCipher, OID } from './algorithms.js'
import { nameCertificate, type NamedBy } from './certificate-name.js'
import { encodeTransport, type KeyTransport, wrapKey } from './key-transport.js'

export interface EncryptOptions {
  recipients: readonly Certificate[]
  cipher: CipherName
  transport: KeyTransport
  /** How recipients are named (default by issuer and serial number, which every product reads). */
  recipientId?: NamedBy
  /** Exact number of content bytes; the encoding is then DER, as some products demand. */
  length?: number
}

/** Encrypts `content` for the recipients. */
export async function* encrypt(
  content: Chunks,
  options: EncryptOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const cipher = CIPHERS[options.cipher]
  const key = randomBytes(cipher.keyBytes)
  const iv = randomBytes(cipher.ivBytes)
  const authenticated = cipher.mode === 'gcm'
  const type = authenticated ? OID.authEnvelopedData : OID.envelopedData
  const byKey = options.recipientId === 'key-id'
  const version = der.integer(byKey && !authenticated ? 2 : 0)
  const recipients = der.setOf(options.recipients.map((to) => recipient(to, key, options)))
  const algorithm = Buffer.concat([der.oid(OID.data), encodeCipher(cipher, iv)])

  const frame =
    options.length === undefined
      ? openFrame(type, version, recipients, algorithm)
      : closedFrame(type, version, recipients, algorithm, cipher, options.length)
  const encryptor = authenticated
    ? createCipheriv(cipher.node as 'aes-256-gcm', key, iv, { authTagLength: 16 })
    : createCipheriv(cipher.node, key, iv)

  yield frame.before
  let size = 0
  for await (const part of coalesce(content)) {
    size += part.length
    yield* frame.segment(encryptor.update(part))
  }
  yield* frame.segment(encryptor.final())
  if (options.length !== undefined && size !== options.length)
    throw new Error(`${options.length} bytes announced, ${size} encrypted`)
  yield frame.after
  if (authenticated) yield der.octetString((encryptor as CipherGCM).getAuthTag())
  yield frame.end
}

function recipient(to: Certificate, key: Buffer, options: EncryptOptions): Buffer {
  const byKey = options.recipientId === 'key-id'
  return der.sequence(
    der.integer(byKey ? 2 : 0),
    nameCertificate(to, options.recipientId ?? 'issuer-serial'),
    encodeTransport(options.transport),
    der.octetString(wrapKey(options.transport, to.publicKey, key)),
  )
}

/** What stands around the ciphertext: `before` it, each `segment` of it, `after` it, and at the `end` behind the tag. */
interface Frame {
  before: Buffer
  segment(bytes: Buffer): Iterable<Buffer>
  after: Buffer
  end: Buffer
}

function openFrame(type: string, version: Buffer, recipients: Buffer, algorithm: Buffer): Frame {
  return {
    before: Buffer.concat([
      der.indefinite(TAG.sequence),
      der.oid(type),
      der.indefinite(context(0)),
      der.indefinite(TAG.sequence),
      version,
      recipients,
      der.indefinite(TAG.sequence),
      algorithm,
      der.indefinite(context(0)),
    ]),
    segment: (bytes) =>
      bytes.length === 0 ? [] : [der.header(TAG.octetString, bytes.length), bytes],
    after: Buffer.concat([der.END, der.END]),
    end: Buffer.concat([der.END, der.END, der.END]),
  }
}

function closedFrame(
  type: string,
  version: Buffer,
  recipients: Buffer,
  algorithm: Buffer,
  cipher: Cipher,
  plainBytes: number,
): Frame {
  const gcm = cipher.mode === 'gcm'
  const cipherBytes = gcm
    ? plainBytes
    : plainBytes + cipher.blockBytes - (plainBytes % cipher.blockBytes)
  const tagBytes = gcm ? 18 : 0
  const content = der.header(contextPrimitive(0), cipherBytes)
  const encryptedBytes = algorithm.length + content.length + cipherBytes
  const encrypted = der.header(TAG.sequence, encryptedBytes)
  const innerBytes =
    version.length + recipients.length + encrypted.length + encryptedBytes + tagBytes
  const inner = der.header(TAG.sequence, innerBytes)
  const explicit = der.header(context(0), inner.length + innerBytes)
  const typeId = der.oid(type)
  const outer = der.header(
    TAG.sequence,
    typeId.length + explicit.length + inner.length + innerBytes,
  )
  return {
    before: Buffer.concat([
      outer,
      typeId,
      explicit,
      inner,
      version,
      recipients,
      encrypted,
      algorithm,
      content,
    ]),
    segment: (bytes) => (bytes.length === 0 ? [] : [bytes]),
    after: Buffer.alloc(0),
    end: Buffer.alloc(0),
  }
}
