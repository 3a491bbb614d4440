// SSH keys: public keys of partners as they send them, fingerprints as people compare them, our own host keys.
import { createHash, createPublicKey, randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ssh2, { type ParsedKey } from 'ssh2'

/** A public key. `blob` is its SSH wire form, `fingerprint` `SHA256:…` as ssh-keygen shows it. */
export interface PublicKey {
  readonly type: string
  readonly blob: Buffer
  readonly fingerprint: string
  readonly comment: string
  readonly parsed: ParsedKey
}

const MIN_RSA_BITS = 2048

/** `SHA256:` and the digest in base64 without padding. */
export function fingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

/**
 * Reads one public key: a line of authorized_keys, or the RFC 4716 form some clients export. Throws RangeError that says
 * what is wrong: no key, a private key, DSA, RSA under 2048 bits.
 */
export function publicKey(text: string): PublicKey {
  if (/PRIVATE KEY/.test(text))
    throw new RangeError('this is a private key; the public one is needed')
  const parsed = ssh2.utils.parseKey(text.trim())
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (key === undefined || key instanceof Error) throw new RangeError('this is no SSH public key')
  if (key.type === 'ssh-dss')
    throw new RangeError('DSA keys are too weak; ed25519 or RSA is needed')
  if (key.type === 'ssh-rsa') {
    const bits = createPublicKey(key.getPublicPEM()).asymmetricKeyDetails?.modulusLength ?? 0
    if (bits < MIN_RSA_BITS)
      throw new RangeError(`an RSA key of ${bits} bits is too weak; ${MIN_RSA_BITS} are needed`)
  }
  const blob = key.getPublicSSH()
  return { type: key.type, blob, fingerprint: fingerprint(blob), comment: key.comment, parsed: key }
}

/**
 * A test of a server's host key against those agreed: fingerprints (`SHA256:…`) or whole public keys. Throws RangeError
 * for a pin that is neither.
 */
export function pinned(pins: readonly string[]): (blob: Buffer) => boolean {
  const allowed = new Set(
    pins.map((pin) =>
      /^SHA256:[A-Za-z0-9+/]{43}=?$/.test(pin) ? pin.replace(/=$/, '') : publicKey(pin).fingerprint,
    ),
  )
  return (blob) => allowed.has(fingerprint(blob))
}

/** A new key pair of ours: the private key in OpenSSH form, the public one as the partner lets it in. */
export function newKeyPair(comment: string): { privateKey: string; line: string } {
  const made = ssh2.utils.generateKeyPairSync('ed25519', { comment })
  return { privateKey: made.private, line: made.public.trim() }
}

/** Kinds of host keys that are made: modern, and one for clients that do not know ed25519. */
const HOST_KEYS = ['ed25519', 'ecdsa'] as const

/** Our host keys in a folder (OpenSSH private keys, mode 0600), made when missing. Processes may start at once. */
export async function hostKeysIn(folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const keys: string[] = []
  for (const kind of HOST_KEYS) {
    const path = join(folder, `ssh_host_${kind}_key`)
    const draft = `${path}.${randomBytes(6).toString('hex')}`
    const made =
      kind === 'ed25519'
        ? ssh2.utils.generateKeyPairSync('ed25519')
        : ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 })
    await writeFile(draft, made.private, { mode: 0o600, flush: true })
    try {
      await link(draft, path) // whole or not at all, and never over one that is there
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      await rm(draft)
    }
    keys.push(await readFile(path, 'utf8'))
  }
  return keys
}

/** Public line and fingerprint of a private key, for partners who pin it or let it in. Throws RangeError. */
export function publicPart(
  privateKey: string,
  passphrase?: string,
): { line: string; fingerprint: string } {
  const parsed = ssh2.utils.parseKey(privateKey, passphrase)
  const key = Array.isArray(parsed) ? parsed[0] : parsed
  if (key === undefined || key instanceof Error || !key.isPrivateKey())
    throw new RangeError('this is no SSH private key, or the passphrase is wrong')
  const blob = key.getPublicSSH()
  return { line: `${key.type} ${blob.toString('base64')}`, fingerprint: fingerprint(blob) }
}
