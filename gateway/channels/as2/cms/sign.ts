// SignedData written: detached beside its content, or opaque around it (RFC 5652 §5).
import { constants, createHash, type KeyObject, sign as signBytes } from 'node:crypto'
import { context, TAG } from '../asn1/tags.js'
import * as der from '../asn1/write.js'
import { type Chunks, coalesce } from '../bytes.js'
import type { Identity } from '../keys/certificate.js'
import { algorithm, type DigestName, DIGESTS, OID } from './algorithms.js'
import { nameCertificate, type NamedBy } from './certificate-name.js'
import { encodePss } from './rsa-parameters.js'

export interface SignOptions {
  signer: Identity
  digest: DigestName
  /** Signature scheme (default RSA PKCS#1 v1.5). */
  scheme?: 'rsa' | 'pss'
  signingTime: Date
  /** Puts our certificate into the message (default true); partners that pin it do not need it. */
  withCertificate?: boolean
  signerId?: NamedBy
}

/** The detached signature over content with this digest, DER. */
export async function signDetached(contentDigest: Buffer, options: SignOptions): Promise<Buffer> {
  const inner = der.sequence(
    ...head(options),
    der.sequence(der.oid(OID.data)),
    ...(await tail(contentDigest, options)),
  )
  return der.sequence(der.oid(OID.signedData), der.explicit(0, inner))
}

/** The content with its signature around it. */
export async function* signOpaque(
  content: Chunks,
  options: SignOptions,
): AsyncGenerator<Buffer, void, undefined> {
  yield Buffer.concat([
    der.indefinite(TAG.sequence),
    der.oid(OID.signedData),
    der.indefinite(context(0)),
    der.indefinite(TAG.sequence),
    ...head(options),
    der.indefinite(TAG.sequence),
    der.oid(OID.data),
    der.indefinite(context(0)),
    der.indefinite(TAG.octetStringConstructed),
  ])
  const hash = createHash(options.digest)
  for await (const part of coalesce(content)) {
    hash.update(part)
    yield der.header(TAG.octetString, part.length)
    yield part
  }
  yield Buffer.concat([der.END, der.END, der.END])
  yield Buffer.concat([...(await tail(hash.digest(), options)), der.END, der.END, der.END])
}

function head({ digest, signerId }: SignOptions): Buffer[] {
  const version = der.integer(signerId === 'key-id' ? 3 : 1)
  return [version, der.setOf([algorithm(DIGESTS[digest].oid, der.NULL)])]
}

async function tail(contentDigest: Buffer, options: SignOptions): Promise<Buffer[]> {
  const { signer, digest, scheme = 'rsa', signerId = 'issuer-serial' } = options
  const attributes = [
    attribute(OID.contentType, der.oid(OID.data)),
    attribute(OID.signingTime, der.time(options.signingTime)),
    attribute(OID.messageDigest, der.octetString(contentDigest)),
  ]
  const signature = await signAsync(digest, der.setOf(attributes), signer.privateKey, scheme)
  const info = der.sequence(
    der.integer(signerId === 'key-id' ? 3 : 1),
    nameCertificate(signer.certificate, signerId),
    algorithm(DIGESTS[digest].oid, der.NULL),
    der.setOf(attributes, context(0)),
    scheme === 'pss' ? encodePss(digest) : algorithm(OID.rsa, der.NULL),
    der.octetString(signature),
  )
  const certificates =
    options.withCertificate === false ? [] : [der.element(context(0), signer.certificate.der)]
  return [...certificates, der.setOf([info])]
}

const attribute = (id: string, value: Buffer) => der.sequence(der.oid(id), der.setOf([value]))

function signAsync(digest: DigestName, bytes: Buffer, key: KeyObject, scheme: 'rsa' | 'pss') {
  const padding = scheme === 'rsa' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_PSS_PADDING
  const saltLength = DIGESTS[digest].bytes
  return new Promise<Buffer>((resolve, reject) => {
    signBytes(digest, bytes, { key, padding, saltLength }, (error, signature) =>
      error === null ? resolve(signature) : reject(error),
    )
  })
}
