// Secrets in the database are sealed with the gateway's master key, which is not in the database.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
  type CipherGCM,
} from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EnvironmentError } from '../environment-error.js'

const FORMAT = 1
const KEY_ID_BYTES = 4
const IV_BYTES = 12
const TAG_BYTES = 16

/** Seals and opens small secrets. `place` names the row a secret belongs to; it opens nowhere else. */
export interface Sealer {
  seal(secret: Uint8Array, place: string): Buffer
  /** Throws EnvironmentError when another master key sealed it, Error when it was altered or moved. */
  open(sealed: Uint8Array, place: string): Buffer
}

/** AES-256-GCM with a key derived from the 32-byte master key; the sealed text names the master key by digest. */
export function sealer(masterKey: Uint8Array): Sealer {
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'edigw secrets', 32))
  const keyId = createHash('sha256').update(masterKey).digest().subarray(0, KEY_ID_BYTES)
  return {
    seal: (secret, place) => {
      const iv = randomBytes(IV_BYTES)
      const cipher: CipherGCM = createCipheriv('aes-256-gcm', key, iv)
      cipher.setAAD(Buffer.from(place))
      const text = Buffer.concat([cipher.update(secret), cipher.final()])
      return Buffer.concat([Buffer.of(FORMAT), keyId, iv, cipher.getAuthTag(), text])
    },
    open: (sealed, place) => {
      const bytes = Buffer.from(sealed)
      const at = 1 + KEY_ID_BYTES
      if (bytes[0] !== FORMAT || !bytes.subarray(1, at).equals(keyId)) {
        throw new EnvironmentError(
          'secrets in this database were sealed with another master key',
          'start with the EDIGW_MASTER_KEY (or the master.key in the data folder) that made them',
        )
      }
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(at, at + IV_BYTES))
      decipher.setAAD(Buffer.from(place))
      const text = at + IV_BYTES + TAG_BYTES
      decipher.setAuthTag(bytes.subarray(at + IV_BYTES, text))
      return Buffer.concat([decipher.update(bytes.subarray(text)), decipher.final()])
    },
  }
}

/** The master key of a data folder: 32 bytes in `master.key` (base64, mode 0600), made when missing. */
export async function masterKeyOf(dataFolder: string): Promise<Buffer> {
  const path = join(dataFolder, 'master.key')
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true })
  try {
    await link(draft, path) // whole or not at all, and never over one that is there
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft)
  }
  const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64')
  if (key.length === 32) return key
  throw new EnvironmentError(
    `${path} holds ${key.length} bytes, a master key has 32`,
    'put back the file that was made with the database',
  )
}
