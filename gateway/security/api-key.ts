// API keys: `edigw_<key id>_<secret>`. Only a digest is stored: 256 random bits cannot be guessed, so no slow hash is needed.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const FORM = /^edigw_([A-Za-z0-9-]{1,64})_([A-Za-z0-9_-]{10,128})$/

export interface NewApiKey {
  /** Key id, looked up in our own set. */
  kid: string
  /** The whole key; shown once, never stored. */
  key: string
  /** SHA-256 of the whole key, 32 bytes. */
  hash: Buffer
}

const digest = (key: string) => createHash('sha256').update(key).digest()

/** A new key whose id begins with the client's name, so that a person recognises it. */
export function newApiKey(client: string): NewApiKey {
  const kid = `${client.replace(/[^A-Za-z0-9-]/g, '-').slice(0, 40)}-${randomBytes(4).toString('hex')}`
  const key = `edigw_${kid}_${randomBytes(32).toString('base64url')}`
  return { kid, key, hash: digest(key) }
}

/** The key id inside a presented credential; undefined when it has not the form of an API key. */
export const apiKeyId = (presented: string) => FORM.exec(presented)?.[1]

/** Compares in constant time. */
export const isApiKey = (presented: string, hash: Uint8Array) =>
  timingSafeEqual(digest(presented), hash)
