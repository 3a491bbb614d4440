// Verification of signatures against pinned certificates. A certificate that came with the message is never looked at:
// what is not pinned for the partner does not exist.
import { constants, verify as verifySignature } from 'node:crypto'
import { As2Failure, Malformed } from '../failure.js'
import type { Certificate } from '../keys/certificate.js'
import { type DigestName, DIGESTS, OID } from './algorithms.js'
import { certificateNamed } from './certificate-name.js'
import { readPss } from './rsa-parameters.js'
import type { Signer } from './signed-data.js'

export interface VerifyOptions {
  /** The partner's certificates that may sign now; windows and exceptions are applied before. */
  pinned: readonly Certificate[]
  allowSha1?: boolean
}

export interface Verified {
  readonly certificate: Certificate
  readonly digest: DigestName
  readonly scheme: 'rsa' | 'pss'
}

/** Smallest modulus accepted anywhere. */
export const MIN_KEY_BITS = 2048

/** The digest a signer of ours-to-check used; undefined when no signer is pinned. For choosing what to hash. */
export function pinnedSigner(
  signers: readonly Signer[],
  pinned: readonly Certificate[],
): { signer: Signer; certificate: Certificate } | undefined {
  for (const signer of signers) {
    const certificate = pinned.find(certificateNamed(signer.identifier))
    if (certificate !== undefined) return { signer, certificate }
  }
  return undefined
}

/**
 * Verifies the signature of the pinned signer over content with the given digest. Throws As2Failure:
 * `authentication-failed` (not pinned, or the signature does not verify), `integrity-check-failed` (the signature
 * verifies, but over other content) or `insufficient-message-security` (digest or key too weak).
 */
export function verify(
  signers: readonly Signer[],
  contentDigest: (digest: DigestName) => Buffer,
  options: VerifyOptions,
): Verified {
  const found = pinnedSigner(signers, options.pinned)
  if (found === undefined)
    throw new As2Failure('authentication-failed', 'signed by a certificate that is not pinned')
  const { signer, certificate } = found
  const { digest } = signer
  if (digest === undefined)
    throw new As2Failure(
      'insufficient-message-security',
      `digest ${signer.digestOid} is not supported`,
    )
  if (DIGESTS[digest].legacy && options.allowSha1 !== true)
    throw new As2Failure('insufficient-message-security', `${digest} is not allowed`)
  if (certificate.keyBits < MIN_KEY_BITS)
    throw new As2Failure('insufficient-message-security', `RSA key of ${certificate.keyBits} bits`)

  const { scheme, saltBytes } = signatureScheme(signer, digest)
  const key =
    scheme === 'rsa'
      ? { key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING }
      : {
          key: certificate.publicKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: saltBytes,
        }
  if (!signer.signedBytes.some((bytes) => verifySignature(digest, bytes, key, signer.signature)))
    throw new As2Failure(
      'authentication-failed',
      `the signature of ${certificate.subject} does not verify`,
    )
  if (!contentDigest(digest).equals(signer.messageDigest))
    throw new As2Failure('integrity-check-failed', 'the content is not the one that was signed')
  return { certificate, digest, scheme }
}

function signatureScheme(signer: Signer, digest: DigestName) {
  const { oid } = signer.signatureAlgorithm
  if (oid === OID.rsa || oid === DIGESTS[digest].rsaOid)
    return { scheme: 'rsa' as const, saltBytes: 0 }
  if (oid !== OID.pss)
    throw new As2Failure(
      'authentication-failed',
      `signature algorithm ${oid} does not fit ${digest}`,
    )
  try {
    const pss = readPss(signer.signatureAlgorithm, digest)
    if (pss.digest === digest) return { scheme: 'pss' as const, saltBytes: pss.saltBytes }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw new As2Failure('authentication-failed', error.message, { cause: error })
  }
  throw new As2Failure('authentication-failed', 'PSS with another digest than the content')
}
