// Parameters of RSAES-OAEP and RSASSA-PSS (RFC 8017 appendix A.2): written as both sides expect, and on reading held to
// what can be meant, never guessed.
import { constants } from 'node:crypto'
import { type Asn1, Fields, smallInteger } from '../asn1/tree.js'
import { context, TAG } from '../asn1/tags.js'
import * as der from '../asn1/write.js'
import { Malformed } from '../failure.js'
import {
  algorithm,
  type Algorithm,
  type DigestName,
  digestOf,
  DIGESTS,
  OID,
  readAlgorithm,
} from './algorithms.js'

const hash = (digest: DigestName) => algorithm(DIGESTS[digest].oid, der.NULL)
const maskedBy = (digest: DigestName) => algorithm(OID.mgf1, hash(digest))

/** RSAES-OAEP with one digest for hash and mask; SHA-1 is the default of the syntax and is left out (DER). */
export function encodeOaep(digest: DigestName): Buffer {
  if (digest === 'sha1') return algorithm(OID.oaep, der.sequence())
  const parameters = der.sequence(der.explicit(0, hash(digest)), der.explicit(1, maskedBy(digest)))
  return algorithm(OID.oaep, parameters)
}

/** RSASSA-PSS with a salt as long as the digest. */
export function encodePss(digest: DigestName): Buffer {
  const salt = der.explicit(2, der.integer(DIGESTS[digest].bytes))
  if (digest === 'sha1') return algorithm(OID.pss, der.sequence())
  return algorithm(
    OID.pss,
    der.sequence(der.explicit(0, hash(digest)), der.explicit(1, maskedBy(digest)), salt),
  )
}

/** Digest of an OAEP key transport. Throws Malformed for two different digests or a label: node:crypto has neither. */
export function readOaep(algorithmId: Algorithm): DigestName {
  const read = readHashAndMask(algorithmId.parameters)
  const label = read.fields?.maybe(context(2))
  if (label !== undefined) {
    const source = readAlgorithm(new Fields(label).need(TAG.sequence, 'label source'))
    if (source.parameters !== undefined && source.parameters.content.length > 0)
      throw new Malformed('OAEP with a label', label.offset)
  }
  return read.digest
}

/**
 * Digest and salt length of a PSS signature. `content` is the digest of what is signed: some products (pyas2-lib) leave
 * the parameters out, which would mean SHA-1, and sign with that digest and a salt of whatever length.
 */
export function readPss(
  algorithmId: Algorithm,
  content: DigestName,
): { digest: DigestName; saltBytes: number } {
  const { parameters } = algorithmId
  const given = parameters?.tag === TAG.sequence && parameters.content.length > 0
  if (!given) return { digest: content, saltBytes: constants.RSA_PSS_SALTLEN_AUTO }
  const { digest, fields } = readHashAndMask(algorithmId.parameters)
  const salt = fields?.maybe(context(2))
  const trailer = fields?.maybe(context(3))
  if (trailer !== undefined && smallInteger(new Fields(trailer).any('trailer field')) !== 1)
    throw new Malformed('PSS with another trailer', trailer.offset)
  return {
    digest,
    saltBytes: salt === undefined ? 20 : smallInteger(new Fields(salt).any('salt length')),
  }
}

function readHashAndMask(parameters: Asn1 | undefined) {
  if (parameters === undefined || parameters.tag !== TAG.sequence)
    return { digest: 'sha1' as const, fields: undefined }
  const fields = new Fields(parameters)
  const digest = known(fields.maybe(context(0)), (item) => readAlgorithm(item).oid)
  const mask = known(fields.maybe(context(1)), (item) => {
    const mgf = readAlgorithm(item)
    if (mgf.oid !== OID.mgf1 || mgf.parameters === undefined)
      throw new Malformed('mask other than MGF1', item.offset)
    return readAlgorithm(mgf.parameters).oid
  })
  if (digest !== mask) throw new Malformed('hash and mask use different digests', parameters.offset)
  return { digest, fields }
}

function known(tagged: Asn1 | undefined, oid: (item: Asn1) => string): DigestName {
  if (tagged === undefined) return 'sha1'
  const name = digestOf(oid(new Fields(tagged).need(TAG.sequence, 'digest')))
  if (name === undefined) throw new Malformed('unknown digest', tagged.offset)
  return name
}
