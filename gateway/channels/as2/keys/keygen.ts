// New keys: an RSA pair and a self-signed certificate over it, as trading partners exchange them. The one place that
// needs a certificate library; it is loaded on use, so that the gateway does not carry it.
import { KeyObject, randomBytes, type webcrypto } from 'node:crypto'
import 'reflect-metadata'

export interface KeygenOptions {
  /** Common name, usually the AS2 identifier or the host name. */
  commonName: string
  bits?: 2048 | 3072 | 4096
  notBefore: Date
  /** Validity in days (default 730). */
  days?: number
  /** Encrypts the private key PEM (PKCS #8, AES-256). */
  passphrase?: string
}

export interface GeneratedKey {
  readonly privateKeyPem: string
  readonly certificatePem: string
}

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

/** One key pair for signing and decrypting with its self-signed certificate (SHA-256 with RSA). */
export async function generateKey(options: KeygenOptions): Promise<GeneratedKey> {
  const x509 = await import('@peculiar/x509')
  const parameters = {
    ...RSA,
    publicExponent: Uint8Array.of(1, 0, 1),
    modulusLength: options.bits ?? 2048,
  }
  const keys = (await globalThis.crypto.subtle.generateKey(parameters, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const usages = x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x3f) | 0x40 // positive and never shorter
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial.toString('hex'),
    name: [{ CN: [options.commonName] }],
    notBefore: options.notBefore,
    notAfter: new Date(options.notBefore.getTime() + (options.days ?? 730) * 86_400_000),
    signingAlgorithm: RSA,
    keys,
    extensions: [
      new x509.KeyUsagesExtension(usages, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  const key = KeyObject.from(keys.privateKey)
  const encryption =
    options.passphrase === undefined
      ? {}
      : { cipher: 'aes-256-cbc', passphrase: options.passphrase }
  return {
    privateKeyPem: key.export({ type: 'pkcs8', format: 'pem', ...encryption }) as string,
    certificatePem: `${certificate.toString('pem')}\n`,
  }
}
