// SignedData (RFC 5652 §5) taken apart: the signers of a detached signature that fits in memory, or of an opaque one
// whose content streams by first.
import { type Asn1, definite, Fields, octets, oidText, parse, smallInteger } from '../asn1/tree.js'
import type { BerStream } from '../asn1/stream.js'
import { context, TAG } from '../asn1/tags.js'
import * as der from '../asn1/write.js'
import { type ByteSource, type Chunks } from '../bytes.js'
import { Malformed } from '../failure.js'
import { type Algorithm, type DigestName, digestOf, OID, readAlgorithm } from './algorithms.js'
import { enterContentInfo, leaveContentInfo } from './content-info.js'

const MAX_SIGNERS = 8
const MAX_PART_BYTES = 64 * 1024

/** One SignerInfo. */
export interface Signer {
  /** SignerIdentifier: issuer and serial number, or [0] subject key identifier. */
  readonly identifier: Asn1
  readonly digestOid: string
  readonly digest: DigestName | undefined
  readonly signatureAlgorithm: Algorithm
  readonly signature: Buffer
  /** What was signed: the signed attributes as a DER SET OF, in the order sent and, where that differs, sorted. */
  readonly signedBytes: readonly Buffer[]
  /** The messageDigest attribute. */
  readonly messageDigest: Buffer
}

/** Reads the signers of a detached signature (`smime.p7s`). Throws Malformed; a content inside is refused. */
export function readDetached(bytes: Buffer): Signer[] {
  const info = new Fields(parse(bytes))
  expectSigned(oidText(info.need(TAG.oid, 'content type')))
  const fields = new Fields(
    new Fields(info.need(context(0), 'content')).need(TAG.sequence, 'signed data'),
  )
  smallInteger(fields.need(TAG.integer, 'version'))
  fields.need(TAG.set, 'digest algorithms')
  const content = fields.need(TAG.sequence, 'encapsulated content')
  if (content.children.length > 1)
    throw new Malformed('content inside a detached signature', content.offset)
  fields.maybe(context(0))
  fields.maybe(context(1))
  return readSigners(fields.need(TAG.set, 'signer infos'))
}

/** An opaque signed message; `signers` may be called once `content` has been read to its end. */
export interface OpaqueSigned {
  readonly digests: readonly DigestName[]
  readonly content: Chunks
  signers(): Promise<Signer[]>
}

/** Reads an opaque signed message up to its content. */
export async function readOpaque(source: ByteSource): Promise<OpaqueSigned> {
  const { type, ber } = await enterContentInfo(source)
  expectSigned(type)
  await ber.enter(TAG.sequence, 'signed data')
  smallInteger(parse(await ber.element(16, 'version')))
  const algorithms = parse(await ber.element(4096, 'digest algorithms'))
  const digests = algorithms.children.map((item) => digestOf(readAlgorithm(item).oid))
  await ber.enter(TAG.sequence, 'encapsulated content')
  await ber.element(64, 'content type')
  await ber.enter(context(0), 'content')
  return {
    digests: [...new Set(digests.filter((name) => name !== undefined))],
    content: ber.octets(TAG.octetString, 'content'),
    signers: () => readTail(ber),
  }
}

async function readTail(ber: BerStream): Promise<Signer[]> {
  await ber.leave('content')
  await ber.leave('encapsulated content')
  for (const tag of [context(0), context(1)])
    if ((await ber.peek()) === tag) await ber.element(MAX_PART_BYTES, 'certificates')
  const signers = readSigners(parse(await ber.element(MAX_PART_BYTES, 'signer infos')))
  await ber.leave('signed data')
  await leaveContentInfo(ber)
  return signers
}

function expectSigned(type: string): void {
  if (type !== OID.signedData)
    throw new Malformed(`signed data expected, content type ${type} found`, 0)
}

function readSigners(set: Asn1): Signer[] {
  if (set.children.length === 0) throw new Malformed('no signer', set.offset)
  if (set.children.length > MAX_SIGNERS)
    throw new Malformed(`more than ${MAX_SIGNERS} signers`, set.offset)
  return set.children.map(readSigner)
}

function readSigner(item: Asn1): Signer {
  const fields = new Fields(item)
  smallInteger(fields.need(TAG.integer, 'signer version'))
  const identifier = fields.any('signer identifier')
  const digestOid = readAlgorithm(fields.need(TAG.sequence, 'digest algorithm')).oid
  // Without signed attributes a signature could be passed off as one over other content (RFC 8933 §1).
  const attributes = fields.need(context(0), 'signed attributes')
  const signatureAlgorithm = readAlgorithm(fields.need(TAG.sequence, 'signature algorithm'))
  const signature = octets(fields.need(TAG.octetString, 'signature'))

  const contentType = attribute(attributes, OID.contentType)
  if (oidText(contentType) !== OID.data)
    throw new Malformed('signed content is not plain data', contentType.offset)
  return {
    identifier,
    digestOid,
    digest: digestOf(digestOid),
    signatureAlgorithm,
    signature,
    signedBytes: attributeEncodings(attributes),
    messageDigest: octets(attribute(attributes, OID.messageDigest)),
  }
}

/** The one value of an attribute that must be there exactly once. */
function attribute(attributes: Asn1, id: string): Asn1 {
  const found = attributes.children.filter(
    (item) => oidText(new Fields(item).need(TAG.oid, 'attribute')) === id,
  )
  const values = found[0] && new Fields(found[0])
  values?.need(TAG.oid, 'attribute')
  const value = values?.need(TAG.set, 'attribute values').children ?? []
  if (found.length !== 1 || value.length !== 1)
    throw new Malformed(`attribute ${id} must stand once with one value`, attributes.offset)
  return value[0]!
}

// Signers hash a DER SET OF (RFC 5652 §5.4), but some keep their own order in it.
function attributeEncodings(attributes: Asn1): Buffer[] {
  const items = attributes.children.map(definite)
  const sent = der.element(TAG.set, ...items)
  const sorted = der.setOf(items)
  return sent.equals(sorted) ? [sorted] : [sorted, sent]
}
