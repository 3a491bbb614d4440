// Passwords as slow hashes: scrypt (RFC 7914) with its cost in the text, so that it can be raised later.
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** N = 2^15, r = 8, p = 1: about 32 MiB and 60 ms. */
const COST = { log2: 15, r: 8, p: 1 }
const BYTES = 32
const MAX_MEMORY = 128 * 1024 * 1024

/** `scrypt$15$8$1$<salt>$<hash>`, both in base64url. The password is normalised to NFC. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const { log2, r, p } = COST
  const hash = await derive(password, salt, log2, r, p)
  return ['scrypt', log2, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$')
}

/**
 * Whether `password` is the one hashed, in the same time for every password. Without a hash (unknown user, no password
 * set) it works as long and is false, so the time tells nobody which users exist.
 */
export async function verifyPassword(
  password: string,
  hashed: string | undefined,
): Promise<boolean> {
  const [scheme, log2, r, p, salt, hash] = (hashed ?? NOBODY).split('$')
  if (scheme !== 'scrypt' || salt === undefined || hash === undefined)
    throw new Error('a stored password hash is not one of ours')
  const wanted = Buffer.from(hash, 'base64url')
  const given = await derive(
    password,
    Buffer.from(salt, 'base64url'),
    Number(log2),
    Number(r),
    Number(p),
  )
  return wanted.length === given.length && timingSafeEqual(given, wanted) && hashed !== undefined
}

/** A hash that no password has. */
const NOBODY = ['scrypt', COST.log2, COST.r, COST.p, 'AAAAAAAAAAAAAAAAAAAAAA', 'A'.repeat(43)].join(
  '$',
)

function derive(
  password: string,
  salt: Buffer,
  log2: number,
  r: number,
  p: number,
): Promise<Buffer> {
  return new Promise((resolve, reject) =>
    scrypt(
      password.normalize('NFC'),
      salt,
      BYTES,
      { N: 2 ** log2, r, p, maxmem: MAX_MEMORY },
      (error, key) => (error ? reject(error) : resolve(key)),
    ),
  )
}
