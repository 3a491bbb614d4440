// EnvelopedData (RFC 5652 §6) and AuthEnvelopedData (RFC 5083, AES-GCM by RFC 5084), read as a stream. Every way in which
// decrypting can fail ends in the same failure, after the same work.
import { createDecipheriv, type DecipherGCM } from 'node:crypto'
import { type Asn1, definite, Fields, octets, parse, smallInteger } from '../asn1/tree.js'
import type { BerStream } from '../asn1/stream.js'
import { context, contextPrimitive, TAG } from '../asn1/tags.js'
import * as der from '../asn1/write.js'
import type { ByteSource } from '../bytes.js'
import { As2Failure, Malformed } from '../failure.js'
import type { Certificate, Identity } from '../keys/certificate.js'
import {
  type CipherName,
  cipherOf,
  cipherParameters,
  CIPHERS,
  OID,
  readAlgorithm,
} from './algorithms.js'
import { certificateNamed } from './certificate-name.js'
import { enterContentInfo, leaveContentInfo } from './content-info.js'
import { type KeyTransport, readTransport, unwrapKey } from './key-transport.js'
import { rejectionKey } from './pkcs1.js'

const MAX_RECIPIENTS = 20
const MAX_RECIPIENT_BYTES = 16 * 1024

export interface DecryptOptions {
  /** Our keys, during a roll-over several; only the one a recipient entry names is used. At least one. */
  identities: readonly Identity[]
  allowTripleDes?: boolean
  /** Authenticated attributes found by an earlier pass, see AttributesFirst. */
  attributes?: Buffer
}

export interface Decrypted {
  readonly cipher: CipherName
  readonly transport: KeyTransport
  /** Whose key opened it; undefined when none fits (the content then fails like any wrong key). */
  readonly certificate: Certificate | undefined
  /** Whether the cipher itself proves that the content was not changed. Holds only once `content` has ended. */
  readonly authenticated: boolean
  /**
   * Plaintext, to be kept in quarantine: only when the stream ends without an error was it whole. Throws As2Failure
   * `decryption-failed`, for every cause alike.
   */
  readonly content: AsyncGenerator<Buffer, void, undefined>
}

/** GCM authenticates attributes that stand after the content; reading again with them in `attributes` succeeds. */
export class AttributesFirst extends Error {
  readonly attributes: Buffer

  constructor(attributes: Buffer) {
    super('authenticated attributes follow the content')
    this.attributes = attributes
  }
}

const failed = (detail: string, cause?: unknown) =>
  new As2Failure('decryption-failed', detail, { cause })

/** Reads up to the encrypted content. Throws Malformed, and As2Failure for an algorithm that is not allowed. */
export async function decrypt(source: ByteSource, options: DecryptOptions): Promise<Decrypted> {
  if (options.identities.length === 0) throw failed('no key to decrypt with')
  const { type, ber } = await enterContentInfo(source)
  const authenticated = type === OID.authEnvelopedData
  if (!authenticated && type !== OID.envelopedData)
    throw new Malformed(`enveloped data expected, content type ${type} found`, source.position)

  await ber.enter(TAG.sequence, 'enveloped data')
  smallInteger(parse(await ber.element(16, 'version')))
  if ((await ber.peek()) === context(0)) await ber.element(256 * 1024, 'originator info')
  const wrapped = await readRecipients(ber, options.identities)

  await ber.enter(TAG.sequence, 'encrypted content')
  await ber.element(64, 'content type')
  const algorithm = readAlgorithm(parse(await ber.element(512, 'content encryption algorithm')))
  const cipher = cipherOf(algorithm.oid)
  if (cipher === undefined) throw failed(`cipher ${algorithm.oid} is not supported`)
  if ((CIPHERS[cipher].mode === 'gcm') !== authenticated)
    throw failed(`${cipher} in the wrong kind of envelope`)
  if (CIPHERS[cipher].legacy && options.allowTripleDes !== true)
    throw new As2Failure('insufficient-message-security', `${cipher} is not allowed`)

  const { iv, tagBytes } = cipherParameters(CIPHERS[cipher], algorithm.parameters)
  const keyBytes = CIPHERS[cipher].keyBytes
  const key =
    wrapped === undefined
      ? rejectionKey(options.identities[0]!.privateKey, iv, keyBytes)
      : unwrapKey(wrapped.transport, wrapped.identity.privateKey, wrapped.encrypted, keyBytes)

  return {
    cipher,
    transport: wrapped?.transport ?? 'rsa',
    certificate: wrapped?.identity.certificate,
    authenticated,
    content: authenticated
      ? readAuthenticated(ber, cipher, key, iv, tagBytes, options.attributes)
      : readPlain(ber, cipher, key, iv),
  }
}

interface Wrapped {
  identity: Identity
  transport: KeyTransport
  encrypted: Buffer
}

/** The first entry meant for one of our certificates. Others are not tried: trying tells them apart by time. */
async function readRecipients(
  ber: BerStream,
  identities: readonly Identity[],
): Promise<Wrapped | undefined> {
  await ber.enter(TAG.set, 'recipients')
  let found: Wrapped | undefined
  for (let count = 0; (await ber.peek()) !== undefined; count++) {
    if (count === MAX_RECIPIENTS) throw new Malformed(`more than ${MAX_RECIPIENTS} recipients`, 0)
    const item = parse(await ber.element(MAX_RECIPIENT_BYTES, 'recipient'))
    // Key agreement, passwords and the like carry other tags; they cannot be for an RSA key.
    if (found === undefined && item.tag === TAG.sequence) found = readRecipient(item, identities)
  }
  await ber.leave('recipients')
  return found
}

function readRecipient(item: Asn1, identities: readonly Identity[]): Wrapped | undefined {
  const fields = new Fields(item)
  smallInteger(fields.need(TAG.integer, 'recipient version'))
  const names = certificateNamed(fields.any('recipient identifier'))
  const algorithm = readAlgorithm(fields.need(TAG.sequence, 'key transport'))
  const encrypted = octets(fields.need(TAG.octetString, 'encrypted key'))
  const identity = identities.find(({ certificate }) => names(certificate))
  return identity && { identity, transport: readTransport(algorithm), encrypted }
}

async function* readPlain(ber: BerStream, cipher: CipherName, key: Buffer, iv: Buffer) {
  try {
    const decipher = createDecipheriv(CIPHERS[cipher].node, key, iv)
    for await (const part of ber.octets(contextPrimitive(0), 'encrypted content'))
      yield decipher.update(part)
    await ber.leave('encrypted content')
    if ((await ber.peek()) === context(1)) await ber.element(64 * 1024, 'unprotected attributes')
    await ber.leave('enveloped data')
    await leaveContentInfo(ber)
    yield decipher.final()
  } catch (error) {
    throw failed('the content cannot be decrypted', error)
  }
}

async function* readAuthenticated(
  ber: BerStream,
  cipher: CipherName,
  key: Buffer,
  iv: Buffer,
  tagBytes: number,
  attributes: Buffer | undefined,
) {
  try {
    const decipher = createDecipheriv(CIPHERS[cipher].node as 'aes-256-gcm', key, iv, {
      authTagLength: tagBytes,
    }) as DecipherGCM
    if (attributes !== undefined) decipher.setAAD(attributes)
    for await (const part of ber.octets(contextPrimitive(0), 'encrypted content'))
      yield decipher.update(part)
    await ber.leave('encrypted content')
    if ((await ber.peek()) === context(1)) {
      // Authenticated with the tag of a SET OF, not with the one it is sent under (RFC 5083 §2.2).
      const sent = parse(await ber.element(64 * 1024, 'authenticated attributes'))
      const signed = der.setOf(sent.children.map(definite))
      if (attributes === undefined) throw new AttributesFirst(signed)
    }
    const tag = octets(parse(await ber.element(64, 'authentication tag')))
    if (tag.length !== tagBytes) throw new Malformed('authentication tag of wrong length', 0)
    if ((await ber.peek()) === context(2)) await ber.element(64 * 1024, 'attributes')
    await ber.leave('enveloped data')
    await leaveContentInfo(ber)
    decipher.setAuthTag(tag)
    yield decipher.final()
  } catch (error) {
    if (error instanceof AttributesFirst) throw error
    throw failed('the content cannot be decrypted', error)
  }
}
