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
  /** Which master key sealed it: the one in use, the one before, or (undefined) another. */
  sealedBy(sealed: Uint8Array): 'this' | 'previous' | undefined
}

interface Ring {
  key: Buffer
  id: Buffer
}

const ringOf = (masterKey: Uint8Array): Ring => ({
  key: Buffer.from(hkdfSync('sha256', masterKey, '', 'edigw secrets', 32)),
  id: createHash('sha256').update(masterKey).digest().subarray(0, KEY_ID_BYTES),
})

/**
 * AES-256-GCM with a key derived from the 32-byte master key; the sealed text names the master key by digest. What
 * `previous` sealed opens, too.
 */
export function sealer(masterKey: Uint8Array, previous?: Uint8Array): Sealer {
  const current = ringOf(masterKey)
  const rings = previous === undefined ? [current] : [current, ringOf(previous)]
  const ringFor = (sealed: Uint8Array) =>
    sealed[0] === FORMAT
      ? rings.find(({ id }) => id.equals(sealed.subarray(1, 1 + KEY_ID_BYTES)))
      : undefined
  return {
    seal: (secret, place) => {
      const iv = randomBytes(IV_BYTES)
      const cipher: CipherGCM = createCipheriv('aes-256-gcm', current.key, iv)
      cipher.setAAD(Buffer.from(place))
      const text = Buffer.concat([cipher.update(secret), cipher.final()])
      return Buffer.concat([Buffer.of(FORMAT), current.id, iv, cipher.getAuthTag(), text])
    },
    open: (sealed, place) => {
      const bytes = Buffer.from(sealed)
      const at = 1 + KEY_ID_BYTES
      const ring = ringFor(bytes)
      if (ring === undefined) throw otherMasterKey()
      const decipher = createDecipheriv('aes-256-gcm', ring.key, bytes.subarray(at, at + IV_BYTES))
      decipher.setAAD(Buffer.from(place))
      const text = at + IV_BYTES + TAG_BYTES
      decipher.setAuthTag(bytes.subarray(at + IV_BYTES, text))
      return Buffer.concat([decipher.update(bytes.subarray(text)), decipher.final()])
    },
    sealedBy: (sealed) => {
      const ring = ringFor(sealed)
      return ring === undefined ? undefined : ring === current ? 'this' : 'previous'
    },
  }
}

export const otherMasterKey = () =>
  new EnvironmentError(
    'secrets in this database were sealed with another master key',
    'start with the EDIGW_MASTER_KEY (or the master.key in the data folder) that made them',
  )

const fileOf = (dataFolder: string) => join(dataFolder, 'master.key')

/** Makes the master key of a data folder when it is missing: 32 bytes in `master.key` (base64, mode 0600). */
export async function masterKeyOf(dataFolder: string): Promise<Buffer> {
  const path = fileOf(dataFolder)
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true })
  try {
    await link(draft, path) // whole or not at all, and never over one that is there
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft)
  }
  return (await readMasterKey(dataFolder))!
}

/** The master key of a data folder; undefined when it has none. */
export async function readMasterKey(dataFolder: string): Promise<Buffer | undefined> {
  const path = fileOf(dataFolder)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === 32) return key
  throw new EnvironmentError(
    `${path} holds ${key.length} bytes, a master key has 32`,
    'put back the file that was made with the database',
  )
}
