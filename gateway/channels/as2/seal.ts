// A message to send, built as a stream: payloads to MIME, compressed, signed, encrypted as the partner wants it. The MIC
// that the receipt must repeat is known once the body has been read to its end.
import { createHash, randomBytes } from 'node:crypto'
import { type Chunks, chunksOf, tap } from './bytes.js'
import { type CipherName, CIPHERS, type DigestName, DIGESTS } from './cms/algorithms.js'
import { compress } from './cms/compressed-data.js'
import { encrypt, type EncryptOptions } from './cms/encrypt.js'
import { signDetached, signOpaque, type SignOptions } from './cms/sign.js'
import type { Mic } from './mic.js'
import { headerBlock } from './mime/headers.js'
import { parameter } from './mime/parameters.js'
import { base64Lines } from './mime/transfer.js'

export interface OutPayload {
  content: Chunks
  /** Media type, e.g. `application/edi-x12`. */
  contentType: string
  fileName?: string
}

export interface SealOptions {
  /** Compresses before (default of most products) or after signing. */
  compress?: 'before-signing' | 'after-signing'
  sign?: SignOptions & { form?: 'detached' | 'opaque' }
  encrypt?: Omit<EncryptOptions, 'length'>
  /** Digest of the MIC when the message is not signed. */
  micDigest?: DigestName
  /**
   * Puts everything before the encryption aside to learn its length, so that the encryption is DER in definite lengths;
   * absent, it is written in indefinite ones.
   */
  stage?(chunks: Chunks): Promise<{ size: number; chunks: Chunks }>
}

/** MIME headers and body. `mic()` may be called once the body has been read. */
export interface Sealed {
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Chunks
  mic(): Mic
}

interface Entity {
  headers: [string, string][]
  body: Chunks
}

/** Builds the message around one payload, or several as attachments (RFC 6362: multipart/related, the first is the root). */
export function seal(payloads: readonly OutPayload[], options: SealOptions): Sealed {
  const { sign, encrypt: encryption, micDigest = 'sha256' } = options
  let digest: Buffer | undefined
  const learn = (value: Buffer) => (digest = value)
  let entity = content(payloads)
  if (sign === undefined)
    entity = digested(
      entity,
      micDigest,
      encryption !== undefined || options.compress !== undefined,
      learn,
    )
  if (options.compress === 'before-signing') entity = compressed(entity)
  if (sign !== undefined)
    entity = sign.form === 'opaque' ? opaque(entity, sign, learn) : detached(entity, sign, learn)
  if (options.compress === 'after-signing') entity = compressed(entity)
  if (encryption !== undefined) entity = encrypted(entity, encryption, options.stage)
  return {
    ...entity,
    mic() {
      if (digest === undefined) throw new Error('the body has not been read')
      return { digest: sign?.digest ?? micDigest, value: digest.toString('base64') }
    },
  }
}

/** Signs an entity that is in memory, as receipts are. */
export async function signEntity(
  headers: readonly (readonly [string, string])[],
  body: Buffer,
  options: SignOptions,
): Promise<Entity> {
  return detached(
    { headers: headers.map(([name, value]) => [name, value]), body: chunksOf(body) },
    options,
    () => {},
  )
}

/** A boundary that no content can hold by chance. */
export const newBoundary = (): string => `=_${randomBytes(18).toString('base64url')}`

function content(payloads: readonly OutPayload[]): Entity {
  const [first, ...more] = payloads.map(leaf)
  if (first === undefined) throw new Error('a message needs a payload')
  if (more.length === 0) return first
  const boundary = newBoundary()
  const root = payloads[0]!.contentType
  return {
    headers: [
      [
        'Content-Type',
        `multipart/related${parameter('boundary', boundary)}${parameter('type', root)}`,
      ],
    ],
    body: (async function* () {
      for (const part of [first, ...more]) {
        yield Buffer.from(`--${boundary}\r\n`)
        yield* serialized(part)
        yield Buffer.from('\r\n')
      }
      yield Buffer.from(`--${boundary}--\r\n`)
    })(),
  }
}

function leaf({ content: body, contentType, fileName }: OutPayload): Entity {
  const named = fileName === undefined ? '' : parameter('filename', fileName)
  return {
    headers: [
      ['Content-Type', contentType],
      ['Content-Transfer-Encoding', 'binary'],
      ...(named === ''
        ? []
        : ([['Content-Disposition', `attachment${named}`]] as [string, string][])),
    ],
    body,
  }
}

async function* serialized({ headers, body }: Entity): AsyncGenerator<Uint8Array, void, undefined> {
  yield headerBlock(headers)
  yield* body
}

/** An unsigned entity whose MIC covers its header too when a layer protects it, else its content alone. */
function digested(
  entity: Entity,
  name: DigestName,
  withHeaders: boolean,
  learn: (digest: Buffer) => void,
): Entity {
  const hash = createHash(name)
  if (withHeaders) hash.update(headerBlock(entity.headers))
  return { headers: entity.headers, body: hashed(entity.body, hash, learn) }
}

async function* hashed(
  chunks: Chunks,
  hash: ReturnType<typeof createHash>,
  learn: (digest: Buffer) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* tap(chunks, (bytes) => hash.update(bytes))
  learn(hash.digest())
}

const cmsHeaders = (smimeType: string, name: string): [string, string][] => [
  ['Content-Type', `application/pkcs7-mime; smime-type=${smimeType}; name=${name}`],
  ['Content-Transfer-Encoding', 'binary'],
  ['Content-Disposition', `attachment; filename=${name}`],
]

const compressed = (entity: Entity): Entity => ({
  headers: cmsHeaders('compressed-data', 'smime.p7z'),
  body: compress(serialized(entity)),
})

function opaque(entity: Entity, options: SignOptions, learn: (digest: Buffer) => void): Entity {
  const chunks = hashed(serialized(entity), createHash(options.digest), learn)
  return { headers: cmsHeaders('signed-data', 'smime.p7m'), body: signOpaque(chunks, options) }
}

function detached(entity: Entity, options: SignOptions, learn: (digest: Buffer) => void): Entity {
  const boundary = newBoundary()
  const protocol = parameter('protocol', 'application/pkcs7-signature')
  const micalg = parameter('micalg', DIGESTS[options.digest].micalg)
  return {
    headers: [
      ['Content-Type', `multipart/signed${protocol}${micalg}${parameter('boundary', boundary)}`],
    ],
    body: (async function* () {
      let digest: Buffer = Buffer.alloc(0)
      yield Buffer.from(`--${boundary}\r\n`)
      yield* hashed(serialized(entity), createHash(options.digest), (value) => {
        digest = value
        learn(value)
      })
      yield Buffer.from(`\r\n--${boundary}\r\n`)
      // In base64: readers of S/MIME mail that some partners use take nothing else for a signature.
      yield headerBlock([
        ['Content-Type', 'application/pkcs7-signature; name=smime.p7s'],
        ['Content-Transfer-Encoding', 'base64'],
        ['Content-Disposition', 'attachment; filename=smime.p7s'],
      ])
      yield Buffer.from(`${base64Lines(await signDetached(digest, options))}--${boundary}--\r\n`)
    })(),
  }
}

function encrypted(
  entity: Entity,
  options: Omit<EncryptOptions, 'length'>,
  stage: SealOptions['stage'],
): Entity {
  const chunks = serialized(entity)
  return {
    headers: cmsHeaders(smimeTypeOf(options.cipher), 'smime.p7m'),
    body: (async function* () {
      if (stage === undefined) return yield* encrypt(chunks, options)
      const staged = await stage(chunks)
      return yield* encrypt(staged.chunks, { ...options, length: staged.size })
    })(),
  }
}

const smimeTypeOf = (cipher: CipherName) =>
  CIPHERS[cipher].mode === 'gcm' ? 'authEnveloped-data' : 'enveloped-data'
