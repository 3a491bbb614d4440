// Keys and certificates for tests, made by the function behind `edigw as2 keygen`.
import { createPrivateKey } from 'node:crypto'
import {
  type Identity,
  readCertificate,
} from '../../../../gateway/channels/as2/keys/certificate.js'
import { generateKey, type KeygenOptions } from '../../../../gateway/channels/as2/keys/keygen.js'

export interface TestIdentity extends Identity {
  readonly privateKeyPem: string
  readonly certificatePem: string
}

/** A new identity, valid for two years from 2026. */
export async function identity(
  commonName: string,
  options: Partial<KeygenOptions> = {},
): Promise<TestIdentity> {
  const notBefore = new Date('2026-01-01T00:00:00Z')
  const pems = await generateKey({ commonName, notBefore, ...options })
  return {
    ...pems,
    certificate: readCertificate(pems.certificatePem),
    privateKey: createPrivateKey(pems.privateKeyPem),
  }
}
